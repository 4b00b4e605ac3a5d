// What a policy's choice costs at 10 and at 100,000 nodes.
//
//   policy_steps [NODES]     (default 100000)
#include <sys/utsname.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "search/registry.h"
#include "testing/tree_builder.h"

namespace treesmith {
namespace {

using SteadyClock = std::chrono::steady_clock;

// One node in four fails; scores creep up; twelve families.
Node Outcome(const TreeBuilder& build, const Proposal& proposal, Rng& rng) {
  std::string family = "family " + std::to_string(rng.Below(12));
  double value = 0.5;
  if (!proposal.parents.empty()) {
    const Node& parent = build.tree().at(proposal.parents.front());
    family = parent.family;
    if (parent.score) value = parent.score->value.value();
  }
  Node node = build.Scored(value + 0.01 * (rng.Uniform() - 0.4), proposal.op,
                           proposal.parents, family);
  if (rng.Below(4) == 0) {
    node.outcome = {OutcomeKind::kCrash, "ValueError"};
    node.score.reset();
  }
  return node;
}

void Measure(const PolicyRow& row, size_t nodes) {
  TreeBuilder build;
  Rng world(1);
  const auto policy = row.make({.parameters = row.defaults, .draft_count = 12});
  SteadyClock::duration spent{};
  std::printf("  %-10s", std::string(row.name).c_str());
  size_t from = 0;
  for (size_t step = 0; step < nodes; ++step) {
    Rng rng(1, step, "policy");
    const auto start = SteadyClock::now();
    const auto proposal =
        policy->Next(build.tree(), rng, std::chrono::milliseconds(0));
    spent += SteadyClock::now() - start;
    build.Add(Outcome(build, *proposal, world));
    if (step + 1 == 1'000 || step + 1 == nodes) {
      std::printf("  to node %6zu: %6.2f us", step + 1,
                  std::chrono::duration<double, std::micro>(spent).count() /
                      static_cast<double>(step + 1 - from));
      spent = {};
    }
    // The last tenth is reported, not the mean of all.
    if (step + 1 == nodes - nodes / 10) {
      spent = {};
      from = step + 1;
    }
  }
  std::printf("\n");
}

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) {
  const int nodes = argc > 1 ? std::atoi(argv[1]) : 100'000;
  if (nodes < 2'000) {
    std::fprintf(stderr, "usage: policy_steps [NODES, 2000 or more]\n");
    return 2;
  }
  utsname machine{};
  ::uname(&machine);
  std::printf(
      "machine: %s %s, %u processors\none choice, mean of the nodes "
      "before:\n",
      machine.sysname, machine.release, std::thread::hardware_concurrency());
  for (const treesmith::PolicyRow& row : treesmith::Policies()) {
    treesmith::Measure(row, static_cast<size_t>(nodes));
  }
  return 0;
}
