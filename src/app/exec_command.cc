#include "app/exec_command.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/exit_code.h"
#include "base/channel.h"
#include "base/file.h"
#include "base/guarded.h"
#include "ui/screen.h"

namespace treesmith {
namespace {

using Json = nlohmann::ordered_json;
using Run = Result<ExecutionResult>;

std::string OutcomeText(const ExecutionResult& result) {
  if (result.outcome.scored()) return "ok";
  return std::string(OutcomeName(result.outcome.kind));
}

double Seconds(std::chrono::milliseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json ToJson(const ExecutionResult& result) {
  return {{"outcome", OutcomeText(result)},
          {"exit_code", result.exit_code},
          {"signal", result.signal},
          {"seconds", Seconds(result.wall)},
          {"output_tail", result.output},
          {"detail", result.outcome.detail},
          {"cpu_seconds", Seconds(result.cpu)},
          {"peak_memory_bytes", result.peak_memory_bytes}};
}

// "crash: KeyError: 'hour' (0.31 s, 45 MiB)".
std::string EndLine(const ExecutionResult& result) {
  std::string line = OutcomeText(result);
  if (!result.outcome.detail.empty()) {
    line += ": " + Harmless(result.outcome.detail);
  }
  char figures[64];
  std::snprintf(figures, sizeof figures, " (%.2f s, %.0f MiB)",
                Seconds(result.wall),
                static_cast<double>(result.peak_memory_bytes) / (1 << 20));
  return line + figures;
}

int Fail(const Error& error, std::ostream& err) {
  err << "error: " << error.message << "\n";
  if (!error.hint.empty()) err << "hint: " << error.hint << "\n";
  return ExitCodeOf(error);
}

int ShowOne(const ExecutionResult& result, const ExecOptions& options,
            std::ostream& out, std::ostream& err) {
  if (options.json) {
    out << Dump(ToJson(result)) << "\n";
    return 0;
  }
  out << result.output;
  if (!result.output.empty() && !result.output.ends_with('\n')) out << "\n";
  out.flush();
  err << EndLine(result) << "\n";
  return 0;
}

// The value below which `part` of the sorted values lie (nearest rank).
double Quantile(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<size_t>(std::lround(part * last))];
}

struct Tally {
  std::vector<double> seconds;
  int ok = 0;
  std::optional<Error> error;
};

void ShowSummary(Tally tally, double wall, bool json, std::ostream& out) {
  std::ranges::sort(tally.seconds);
  const double median = Quantile(tally.seconds, 0.5);
  const double p90 = Quantile(tally.seconds, 0.9);
  const double throughput =
      wall > 0 ? static_cast<double>(tally.seconds.size()) / wall : 0;
  if (json) {
    out << Dump(Json{{"event", "summary"},
                     {"runs", tally.seconds.size()},
                     {"ok", tally.ok},
                     {"wall", wall},
                     {"seconds", {{"median", median}, {"p90", p90}}},
                     {"throughput", throughput}})
        << "\n";
    return;
  }
  char line[160];
  std::snprintf(line, sizeof line,
                "%zu runs, %d ok, %.2f s; a run: median %.3f s, p90 %.3f s; "
                "%.2f runs a second",
                tally.seconds.size(), tally.ok, wall, median, p90, throughput);
  out << line << "\n";
}

// Runs the job `repeat` times on `workers` threads; the runs come back as they
// end.
class Repeater {
 public:
  Repeater(Sandbox& sandbox, const Job& job, const ExecOptions& options,
           const std::stop_token& stop)
      : left_(options.repeat) {
    const int workers = std::min(options.workers, options.repeat);
    for (int i = 0; i < workers; ++i) {
      threads_.emplace_back([this, &sandbox, &job, stop] {
        while (!stop.stop_requested() && TakeOne()) {
          done_.Send(sandbox.Run(job, stop));
        }
        done_.Send(std::nullopt);
      });
    }
  }

  // Nothing: all threads have ended.
  std::optional<Run> Next() {
    while (ended_ < threads_.size()) {
      // Workers always answer, stopped or not.
      auto run = done_.Receive({});
      if (run && *run) return std::move(*run);
      ++ended_;
    }
    return std::nullopt;
  }

 private:
  bool TakeOne() {
    auto left = left_.Lock();
    return (*left)-- > 0;
  }

  Guarded<int> left_;
  Channel<std::optional<Run>> done_;
  size_t ended_ = 0;
  std::vector<std::jthread> threads_;
};

int RepeatExec(Sandbox& sandbox, const Job& job, const ExecOptions& options,
               const std::stop_token& stop, std::ostream& out,
               std::ostream& err) {
  const auto start = std::chrono::steady_clock::now();
  Tally tally;
  Repeater repeater(sandbox, job, options, stop);
  while (auto run = repeater.Next()) {
    if (!run->ok()) {
      tally.error = run->error();
      continue;
    }
    const ExecutionResult& result = **run;
    tally.seconds.push_back(Seconds(result.wall));
    if (result.outcome.scored()) ++tally.ok;
    out << (options.json ? Dump(ToJson(result)) : EndLine(result)) << "\n";
    out.flush();
  }
  const std::chrono::duration<double> wall =
      std::chrono::steady_clock::now() - start;
  if (tally.error) return Fail(*tally.error, err);
  ShowSummary(std::move(tally), wall.count(), options.json, out);
  return stop.stop_requested() ? kExitInterrupted : kExitDone;
}

}  // namespace

int RunExec(Sandbox& sandbox, const ExecOptions& options,
            const std::stop_token& stop, std::ostream& out, std::ostream& err) {
  auto code = ReadFile(options.script);
  if (!code.ok()) return Fail(BadInput(code.error().message), err);
  Job job;
  job.script.code = *std::move(code);
  job.inputs = options.inputs;
  job.limits = options.limits;
  if (options.repeat > 1) {
    return RepeatExec(sandbox, job, options, stop, out, err);
  }
  const Run run = sandbox.Run(job, stop);
  if (!run.ok()) return Fail(run.error(), err);
  const int shown = ShowOne(*run, options, out, err);
  return stop.stop_requested() ? kExitInterrupted : shown;
}

}  // namespace treesmith
