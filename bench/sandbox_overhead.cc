// What the sandbox adds to print(1): the median of 50 runs in it against plain
// Python, taken in turn in the same minute. Target: at most 10 ms.
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "base/subprocess.h"
#include "sandbox/sandbox.h"

namespace treesmith {
namespace {

constexpr int kRuns = 50;
constexpr int kWarmUps = 5;

using Milliseconds = std::chrono::duration<double, std::milli>;

template <typename Function>
double MillisecondsOf(const Function& function) {
  const auto start = std::chrono::steady_clock::now();
  function();
  return Milliseconds(std::chrono::steady_clock::now() - start).count();
}

struct Sample {
  const char* name;
  std::vector<double> times;

  void Print() {
    std::sort(times.begin(), times.end());
    std::printf("%-28s median %6.2f ms   p10 %6.2f   p90 %6.2f\n", name,
                times[times.size() / 2], times[times.size() / 10],
                times[times.size() * 9 / 10]);
  }
  [[nodiscard]] double Median() const { return times[times.size() / 2]; }
};

int Fail(const Error& error) {
  std::fprintf(stderr, "error: %s\n", error.message.c_str());
  return 3;
}

int Main() {
  const auto python = FindPython({.program = ProgramPath().parent_path()});
  if (!python.ok()) return Fail(python.error());
  auto sandbox = MakeBubblewrapSandbox({.python = *python});
  if (!sandbox.ok()) return Fail(sandbox.error());
  auto plain = MakePlainSandbox({.python = *python});
  if (!plain.ok()) return Fail(plain.error());
  Job job;
  job.script.code = "print(1)\n";

  Sample bare{"plain Python", {}};
  Sample boxed{"in the sandbox", {}};
  Sample unboxed{"--sandbox none", {}};
  for (int i = -kWarmUps; i < kRuns; ++i) {
    bool fine = true;
    const double bare_time = MillisecondsOf([&] {
      // As the sandbox starts it: no variables but one, a script's worth.
      const auto output =
          RunCommand({python->executable.string(), "-c", "print(1)"},
                     {"PYTHONDONTWRITEBYTECODE=1"}, std::chrono::seconds(20));
      fine = fine && output.ok() && output->output == "1\n";
    });
    const double boxed_time = MillisecondsOf([&] {
      const auto result = (*sandbox)->Run(job, {});
      fine = fine && result.ok() && result->output == "1\n";
    });
    const double unboxed_time = MillisecondsOf([&] {
      const auto result = (*plain)->Run(job, {});
      fine = fine && result.ok() && result->output == "1\n";
    });
    if (!fine) return Fail(Failed("run print(1): it did not print 1"));
    if (i < 0) continue;
    bare.times.push_back(bare_time);
    boxed.times.push_back(boxed_time);
    unboxed.times.push_back(unboxed_time);
  }
  utsname system{};
  uname(&system);
  std::printf("%s %s, %u processors, Python %s at %s\n", system.sysname,
              system.release, std::thread::hardware_concurrency(),
              python->version.c_str(), python->executable.c_str());
  bare.Print();
  boxed.Print();
  unboxed.Print();
  std::printf("the sandbox adds %.2f ms (target: at most 10)\n",
              boxed.Median() - bare.Median());
  return 0;
}

}  // namespace
}  // namespace treesmith

int main() { return treesmith::Main(); }
