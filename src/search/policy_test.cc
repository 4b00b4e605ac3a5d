// What holds for every policy of the registry.
#include "search/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "search/registry.h"
#include "testing/tree_builder.h"

namespace treesmith {
namespace {

// A coder that cannot do everything, but whose answers never change.
bool Fussy(Operator op, const std::vector<NodeId>& parents) {
  if (op == Operator::kDraft) return true;
  int64_t sum = static_cast<int64_t>(op);
  for (const NodeId id : parents) sum += id.value;
  return sum % 5 != 0;
}

PolicySettings Settings(const PolicyRow& row) {
  return {.parameters = row.defaults, .draft_count = 4, .accepts = &Fussy};
}

// Ends a proposal in one of the ways a step may end.
Node Outcome(const TreeBuilder& build, const Proposal& proposal, Rng& rng) {
  static const std::vector<std::string> families = {"linear", "trees", "knn"};
  const std::string family =
      proposal.parents.empty()
          ? families[rng.Below(families.size())]
          : build.tree().at(proposal.parents.front()).family;
  Node node =
      build.Scored(rng.Uniform(), proposal.op, proposal.parents, family);
  node.nominal_cost = static_cast<double>(rng.Below(4));
  switch (rng.Below(8)) {
    case 0:
    case 1:
      node.outcome = {OutcomeKind::kCrash, "ValueError"};
      node.score.reset();
      break;
    case 2:
      node.outcome = {OutcomeKind::kDuplicate, "equal to node 0"};
      node.score.reset();
      break;
    case 3:
      node.score->partial = true;
      break;
    default:
      break;
  }
  return node;
}

// What is wrong with it; empty: nothing.
std::string Fault(const Proposal& proposal, const Tree& tree) {
  const size_t wanted = proposal.op == Operator::kDraft       ? 0
                        : proposal.op == Operator::kCrossover ? 2
                                                              : 1;
  if (proposal.parents.size() != wanted) return "wrong number of parents";
  for (const NodeId id : proposal.parents) {
    if (id.index() >= tree.size()) return "no such parent";
    const Node& node = tree.at(id);
    if ((proposal.op == Operator::kDebug) != node.buggy()) {
      return "a parent of the wrong kind";
    }
  }
  if (wanted == 2 && proposal.parents[0] == proposal.parents[1]) {
    return "crossed with itself";
  }
  if (!Fussy(proposal.op, proposal.parents)) return "not what the coder can";
  if (proposal.why.empty()) return "no reason";
  return "";
}

bool Same(const std::optional<Proposal>& a, const std::optional<Proposal>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->op == b->op && a->parents == b->parents && a->why == b->why;
}

class EveryPolicyTest : public ::testing::TestWithParam<const PolicyRow*> {};

// Grows a tree by the policy's own proposals with several in flight, and asks
// a fresh policy at every step.
void CheckRun(const PolicyRow& row, uint64_t seed, size_t steps,
              size_t workers) {
  TreeBuilder build(seed % 2 == 0 ? Direction::kMinimize
                                  : Direction::kMaximize);
  Rng world(seed);
  const auto policy = row.make(Settings(row));
  std::vector<Proposal> flying;
  for (size_t step = 0; step < steps; ++step) {
    Rng rng(seed, step, "policy");
    Rng again = rng;
    const auto proposal = policy->Next(build.tree(), rng, Milliseconds(step));
    const auto fresh =
        row.make(Settings(row))->Next(build.tree(), again, Milliseconds(step));
    RC_ASSERT(Same(proposal, fresh));
    if (proposal) {
      RC_ASSERT(Fault(*proposal, build.tree()) == "");
      build.tree().StartProposal(*proposal);
      flying.push_back(*proposal);
    }
    if (flying.empty()) {
      // Nothing is left: for good, as long as the tree stays.
      RC_ASSERT(!proposal);
      return;
    }
    if (flying.size() < workers && proposal) continue;
    const size_t ended = world.Below(flying.size());
    build.tree().EndProposal(flying[ended]);
    build.Add(Outcome(build, flying[ended], world));
    flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(ended));
  }
}

TEST_P(EveryPolicyTest, AFreshPolicyOnTheSameTreeProposesTheSame) {
  EXPECT_TRUE(rc::check("a policy is a value derived from the tree", [] {
    const PolicyRow& row = *GetParam();
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    const auto workers = *rc::gen::inRange<size_t>(1, 6);
    CheckRun(row, seed, 60, workers);
  }));
}

TEST_P(EveryPolicyTest, BeginsWithADraft) {
  const Tree tree(Direction::kMinimize);
  Rng rng(1);
  const auto proposal =
      GetParam()->make(Settings(*GetParam()))->Next(tree, rng, Milliseconds(0));
  ASSERT_TRUE(proposal.has_value());
  EXPECT_EQ(proposal->op, Operator::kDraft);
}

TEST_P(EveryPolicyTest, BearsItsNameInTheRegistry) {
  EXPECT_EQ(GetParam()->make(Settings(*GetParam()))->name(), GetParam()->name);
  EXPECT_EQ(*FindPolicy(GetParam()->name), GetParam());
}

// Nothing that is said to be a parameter is without effect on the sequence of
// proposals.
TEST_P(EveryPolicyTest, EveryKeyChangesWhatIsProposed) {
  const PolicyRow& row = *GetParam();
  const auto sequence = [&](const SearchParameters& parameters) {
    std::string all;
    TreeBuilder build;
    Rng world(3);
    const auto policy = row.make({.parameters = parameters, .draft_count = 4});
    for (size_t step = 0; step < 300; ++step) {
      Rng rng(1, step, "policy");
      const auto proposal = policy->Next(build.tree(), rng, Milliseconds(0));
      if (!proposal) break;
      all += std::string(OperatorName(proposal->op)) + " ";
      for (const NodeId id : proposal->parents) {
        all += std::to_string(id.value) + " ";
      }
      build.Add(Outcome(build, *proposal, world));
    }
    return all;
  };
  SearchParameters base = row.defaults;
  // Without repairs their depth would not show.
  if (base.debug_prob == 0) base.debug_prob = 0.5;
  const std::string usual = sequence(base);
  for (const std::string_view key : row.keys) {
    SearchParameters parameters = base;
    ASSERT_TRUE(
        SetParameter(std::string(key) + "=1", row.keys, parameters).ok());
    EXPECT_NE(sequence(parameters), usual) << key;
  }
}

std::vector<const PolicyRow*> Rows() {
  std::vector<const PolicyRow*> rows;
  for (const PolicyRow& row : Policies()) rows.push_back(&row);
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryPolicyTest, ::testing::ValuesIn(Rows()),
                         [](const auto& row) {
                           std::string name(row.param->name);
                           std::erase(name, '-');
                           return name;
                         });

TEST(RegistryTest, AnUnknownNameIsBadInputAndListsWhatThereIs) {
  const Error error = FindPolicy("aira-mcts").error();
  EXPECT_EQ(error.kind, ErrorKind::kBadInput);
  EXPECT_EQ(error.hint, "there are auto, aide, best-of-n, linear");
  EXPECT_EQ(FindPreset("x").error().hint,
            "there are aide, aide-mlebench, best-of-n, linear");
}

TEST(RegistryTest, EveryPresetNamesAPolicyAndOnlyParametersThatItReads) {
  for (const Preset& preset : Presets()) {
    const Result<const PolicyRow*> row = FindPolicy(preset.policy);
    ASSERT_TRUE(row.ok()) << preset.name;
    for (const ParameterKey& key : ParameterKeys()) {
      if (std::ranges::find((*row)->keys, key.name) != (*row)->keys.end()) {
        continue;
      }
      std::visit(
          [&](auto member) {
            EXPECT_EQ(preset.parameters.*member, (*row)->defaults.*member)
                << preset.name << " " << key.name;
          },
          key.member);
    }
  }
}

TEST(RegistryTest, A30_TheAidePresetsHaveThePublishedSettings) {
  const Preset& aide = **FindPreset("aide");
  EXPECT_EQ(aide.parameters,
            (SearchParameters{
                .num_drafts = 5, .debug_prob = 0.5, .max_debug_depth = 3}));
  EXPECT_EQ(aide.steps, 20);
  const Preset& mlebench = **FindPreset("aide-mlebench");
  EXPECT_EQ(mlebench.parameters,
            (SearchParameters{
                .num_drafts = 5, .debug_prob = 1, .max_debug_depth = 20}));
  EXPECT_EQ(mlebench.steps, 500);
  EXPECT_EQ(mlebench.time, std::chrono::hours(24));
}

}  // namespace
}  // namespace treesmith
