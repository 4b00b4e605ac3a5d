#include "app/task_commands.h"

#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "app/exit_code.h"
#include "app/interrupt.h"
#include "app/print_json.h"
#include "app/user_config.h"
#include "base/file.h"
#include "engine/worker_pool.h"
#include "evaluation/grade.h"
#include "llm/model_registry.h"
#include "llm/probe.h"
#include "table/infer.h"
#include "table/task_metric.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

using Json = nlohmann::ordered_json;

// Runs all units of the first rung, `workers` at once; in the units' order.
Result<std::vector<UnitResult>> RunUnits(HiddenEvaluator& evaluator,
                                         const Script& script,
                                         std::chrono::milliseconds limit,
                                         int workers, std::stop_token stop) {
  Channel<Arrival> arrivals;
  WorkerPool pool(workers, arrivals);
  const int units = evaluator.first_rung_units();
  for (int unit = 0; unit < units; ++unit) {
    pool.Start([&evaluator,
                job = UnitJob{script, unit, limit}](std::stop_token cancelled) {
      return UnitArrived{{}, job.unit, evaluator.RunUnit(job, cancelled)};
    });
  }
  std::vector<UnitResult> results(static_cast<size_t>(units));
  for (int done = 0; done < units; ++done) {
    std::optional<Arrival> arrival = arrivals.Receive(stop);
    if (!arrival) return Error{ErrorKind::kCancelled, "interrupted"};
    auto& unit = std::get<UnitArrived>(*arrival);
    if (!unit.result.ok()) return std::move(unit.result).error();
    results[static_cast<size_t>(unit.unit)] = *std::move(unit.result);
  }
  return results;
}

int PrintFailure(const EvaluateOptions& options, const UnitResult& unit,
                 size_t fold) {
  const Outcome& outcome = unit.execution.outcome;
  if (options.json) {
    PrintJson(Json{{"outcome", OutcomeName(outcome.kind)},
                   {"detail", outcome.detail},
                   {"fold", fold},
                   {"score", nullptr},
                   {"output_tail", unit.execution.output}});
  } else {
    std::fprintf(stderr, "%s\n", unit.execution.output.c_str());
    std::printf("fold %zu: %s: %s\n", fold + 1,
                std::string(OutcomeName(outcome.kind)).c_str(),
                outcome.detail.c_str());
  }
  return kExitNoSolution;
}

Result<int> Evaluate(const EvaluateOptions& options, std::stop_token stop) {
  Inference inference;
  TRY_ASSIGN(const Task task,
             LoadTask(options.task, options.overrides, &inference));
  for (const InferenceReason& reason : inference.reasons) {
    std::fprintf(stderr, "%s\n", reason.Line().c_str());
  }
  Script script;
  Result<std::string> code = ReadFile(options.script);
  if (!code.ok()) return BadInput(code.error().message);
  script.code = *std::move(code);
  TRY_ASSIGN(const Runner runner, MakeRunner(options.runner));
  TRY_ASSIGN(const auto hidden, OpenHiddenTask(task, options.seed, "",
                                               std::move(inference.tables)));
  const Shape shape = ShapeOf(hidden->tables.train.rows(), options.workers,
                              options.memory_bytes);
  HiddenOptions limits;
  limits.seed = options.seed;
  limits.limits.threads = shape.threads;
  limits.limits.memory_bytes = shape.memory_bytes;
  TRY_ASSIGN(const auto evaluator,
             HiddenEvaluator::Make(*hidden, *runner.sandbox, limits, stop));
  TRY_ASSIGN(const auto units, RunUnits(*evaluator, script, task.script_timeout,
                                        shape.workers, stop));
  ScoreJob job;
  for (size_t i = 0; i < units.size(); ++i) {
    if (!units[i].value) return PrintFailure(options, units[i], i);
    job.own.push_back(units[i].predictions);
    job.seconds += units[i].execution.wall;
  }
  job.limit = task.script_timeout;
  TRY_ASSIGN(const ScoreResult result, evaluator->Score(job, stop));
  const NodeScore& score = result.score;
  const Metric& metric = evaluator->scorer().metric();
  if (options.json) {
    PrintJson(
        Json{{"outcome", "scored"},
             {"metric", metric.short_name()},
             {"direction", DirectionName(metric.direction())},
             {"score", score.value.value()},
             {"standard_error", score.standard_error},
             {"folds", score.unit_values},
             {"split", hidden->plan.reason},
             {"seconds", static_cast<double>(job.seconds.count()) / 1000}});
  } else {
    std::printf("%s %s (error %.2g)\nsplit: %s\n%s",
                metric.short_name().c_str(), FormatScore(score.value).c_str(),
                score.standard_error, hidden->plan.reason.c_str(),
                result.diagnosis.c_str());
  }
  return kExitDone;
}

// The names are those of mle-bench's report.
Json StandingJson(const Standing& standing) {
  return {{"score", standing.score},
          {"teams", standing.teams},
          {"rank", standing.rank},
          {"exceeds_percent", standing.exceeds_percent},
          {"medal", standing.medal == Medal::kNone
                        ? Json(nullptr)
                        : Json(MedalName(standing.medal))},
          {"any_medal", standing.medal != Medal::kNone},
          {"gold_medal", standing.medal == Medal::kGold},
          {"silver_medal", standing.medal == Medal::kSilver},
          {"bronze_medal", standing.medal == Medal::kBronze},
          {"above_median", standing.above_median},
          {"gold_threshold", standing.gold_threshold},
          {"silver_threshold", standing.silver_threshold},
          {"bronze_threshold", standing.bronze_threshold},
          {"median_threshold", standing.median}};
}

void PrintStanding(const Standing& standing) {
  std::printf("\n%-10s %12s\n", "", "score");
  const auto row = [](const char* name, double score) {
    std::printf("%-10s %12.5f\n", name, score);
  };
  row("gold", standing.gold_threshold);
  row("silver", standing.silver_threshold);
  row("bronze", standing.bronze_threshold);
  row("median", standing.median);
  row("this file", standing.score);
  std::printf(
      "\nmedal      %s\nrank       %lld of %lld\nexceeds    %.1f %% "
      "of humans%s\n",
      std::string(MedalName(standing.medal)).c_str(),
      static_cast<long long>(standing.rank),
      static_cast<long long>(standing.teams), standing.exceeds_percent,
      standing.above_median ? ", above the median" : "");
}

Result<int> GradeFile(const GradeOptions& options) {
  TRY_ASSIGN(const Task task, LoadTask(options.task, options.overrides));
  TRY_ASSIGN(const Metric metric, MetricOf(task));
  Runner runner;
  if (task.metric == "custom" && !options.answers.empty()) {
    TRY_ASSIGN(runner, MakeRunner(options.runner));
  }
  TRY_ASSIGN(const Grade grade,
             GradeSubmission(task, options.submission, options.answers,
                             options.leaderboard, runner.sandbox.get()));
  if (options.json) {
    PrintJson(
        Json{{"valid", grade.valid()},
             {"score", grade.score ? Json(*grade.score) : Json(nullptr)},
             {"metric", metric.short_name()},
             {"direction", DirectionName(metric.direction())},
             {"problems", grade.problems},
             {"remarks", grade.remarks},
             {"leaderboard",
              grade.standing ? StandingJson(*grade.standing) : Json(nullptr)}});
  } else {
    for (const std::string& line : grade.problems) {
      std::printf("invalid: %s\n", line.c_str());
    }
    for (const std::string& line : grade.remarks) {
      std::printf("note: %s\n", line.c_str());
    }
    if (grade.valid()) std::printf("the submission is valid\n");
    if (grade.score) {
      std::printf("%s %.6g\n", metric.short_name().c_str(), *grade.score);
    }
    if (grade.standing) PrintStanding(*grade.standing);
  }
  return grade.valid() ? kExitDone : kExitNoSolution;
}

Result<int> Examine(const DoctorOptions& options) {
  SandboxOptions sandbox;
  TRY_ASSIGN(sandbox.python, FindEnvironment(options.runner));
  const std::vector<SandboxCheck> checks = CheckSandbox(sandbox);
  bool ok = true;
  Json list = Json::array();
  if (!options.json) {
    std::printf("ok      python %s (%s), %zu packages\n",
                sandbox.python.version.c_str(),
                sandbox.python.executable.c_str(),
                sandbox.python.packages.size());
  }
  for (const SandboxCheck& check : checks) {
    ok &= check.ok;
    list.push_back({{"name", check.name},
                    {"ok", check.ok},
                    {"detail", check.detail},
                    {"hint", check.hint}});
    if (options.json) continue;
    std::printf("%-7s %s: %s\n", check.ok ? "ok" : "LACKING",
                check.name.c_str(), check.detail.c_str());
    if (!check.hint.empty()) std::printf("        %s\n", check.hint.c_str());
  }
  if (options.json) {
    PrintJson(Json{{"ok", ok},
                   {"python",
                    {{"version", sandbox.python.version},
                     {"path", sandbox.python.executable.string()}}},
                   {"checks", list}});
  }
  return ok ? kExitDone : kExitEnvironment;
}

Result<int> ExamineModel(const DoctorOptions& options, std::stop_token stop) {
  const Environment environment = ProcessEnvironment();
  TRY_ASSIGN(const ModelTables tables,
             ReadUserConfig(options.config, environment));
  TRY_ASSIGN(const ModelConfig model,
             ResolveModel(options.model, tables, environment));
  const auto transport = MakeCurlTransport();
  SystemClock clock;
  const std::vector<ProbeLine> lines =
      Probe(model, *transport, clock, std::move(stop));
  Json list = Json::array();
  for (const ProbeLine& line : lines) {
    list.push_back(
        {{"name", line.what}, {"ok", line.works}, {"detail", line.detail}});
    if (options.json) continue;
    std::printf("%-7s %s: %s\n", line.works ? "ok" : "no", line.what.c_str(),
                line.detail.c_str());
  }
  const bool answers = lines.front().works;
  if (options.json) {
    PrintJson(Json{{"ok", answers}, {"model", model.label}, {"checks", list}});
  }
  return answers ? kExitDone : kExitEnvironment;
}

int CodeOf(const Result<int>& code) {
  return code.ok() ? *code : PrintError(code.error());
}

}  // namespace

int RunEvaluate(const EvaluateOptions& options) {
  const Interrupt interrupt;
  return CodeOf(Evaluate(options, interrupt.token()));
}

int RunGrade(const GradeOptions& options) { return CodeOf(GradeFile(options)); }

int RunExecIn(const RunnerOptions& options, const ExecOptions& exec) {
  const Interrupt interrupt;
  const Result<Runner> runner = MakeRunner(options);
  if (!runner.ok()) return PrintError(runner.error());
  return RunExec(*runner->sandbox, exec, interrupt.token(), std::cout,
                 std::cerr);
}

int RunDoctor(const DoctorOptions& options) {
  if (options.model.empty()) return CodeOf(Examine(options));
  const Interrupt interrupt;
  return CodeOf(ExamineModel(options, interrupt.token()));
}

}  // namespace treesmith
