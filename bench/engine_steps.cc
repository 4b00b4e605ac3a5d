// What a step of the engine itself costs, at the start and at 100,000 nodes;
// what resuming takes; and memory. Scripted coder, fake evaluator, real log.
//
//   engine_steps [NODES]     (default 100000)
#include <sys/resource.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/file.h"
#include "testing/run_harness.h"

namespace treesmith {
namespace {

using SteadyClock = std::chrono::steady_clock;

double Milliseconds(SteadyClock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

// Keeps when each node was added.
class StepTimes : public Observer {
 public:
  void OnEvent(const Event& event, const RunView&) override {
    if (std::holds_alternative<NodeAdded>(event.body)) {
      times_.push_back(SteadyClock::now());
    }
  }
  void OnTick(const RunView&) override {}

  // Median milliseconds between nodes among `count` of them from `first` on.
  double Median(size_t first, size_t count) const {
    std::vector<double> gaps;
    for (size_t i = first + 1; i < first + count && i < times_.size(); ++i) {
      gaps.push_back(Milliseconds(times_[i] - times_[i - 1]));
    }
    if (gaps.empty()) return 0;
    const auto middle =
        gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
    std::ranges::nth_element(gaps, middle);
    return *middle;
  }
  size_t size() const { return times_.size(); }

 private:
  std::vector<SteadyClock::time_point> times_;
};

HarnessOptions OptionsFor(const std::filesystem::path& database, int64_t steps,
                          Observer* observer) {
  HarnessOptions options;
  options.database = database;
  options.config.budget.steps = steps;
  options.config.seed = 1;
  if (observer != nullptr) options.observers = {observer};
  return options;
}

int Fail(const Error& error) {
  std::fprintf(stderr, "error: %s\n", error.message.c_str());
  return 1;
}

void PrintMachine() {
  utsname name{};
  ::uname(&name);
  std::printf("machine: %s %s, %u cores\n", name.sysname, name.release,
              std::thread::hardware_concurrency());
}

int Measure(int64_t nodes) {
  const auto folder = TemporaryFolder::Make("engine_steps");
  if (!folder.ok()) return Fail(folder.error());
  PrintMachine();
  StepTimes times;
  const auto database = folder->path() / "run.db";
  const auto begin = SteadyClock::now();
  const auto finished = RunHarness(OptionsFor(database, nodes, &times)).Run();
  if (!finished.ok()) return Fail(finished.error());
  const double total = Milliseconds(SteadyClock::now() - begin);
  std::printf("%lld steps in %.1f s\n", static_cast<long long>(nodes),
              total / 1000);
  for (const size_t at : {size_t{10}, size_t{1'000}, size_t{10'000},
                          times.size() > 1'000 ? times.size() - 1'000 : 0}) {
    if (at + 100 > times.size()) continue;
    std::printf(
        "step at node %7zu: median %.3f ms  (aideml: 30 ms at 10, "
        "258 ms at 1,000)\n",
        at, times.Median(at, 1'000));
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory %.0f MB, log %.0f MB\n",
              static_cast<double>(usage.ru_maxrss) / 1024,
              static_cast<double>(std::filesystem::file_size(database)) / 1e6);
  const auto ten = folder->path() / "ten.db";
  const auto made = RunHarness(OptionsFor(ten, 10'000, nullptr)).Run();
  if (!made.ok()) return Fail(made.error());
  const auto resume = SteadyClock::now();
  const auto same = RunHarness(OptionsFor(ten, 10'000, nullptr)).Run();
  if (!same.ok()) return Fail(same.error());
  std::printf("resume of 10,000 nodes: %.0f ms\n",
              Milliseconds(SteadyClock::now() - resume));
  return 0;
}

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) {
  return treesmith::Measure(argc > 1 ? std::atoll(argv[1]) : 100'000);
}
