#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "app/exec_command.h"
#include "app/exit_code.h"
#include "app/folder_commands.h"
#include "app/predict_command.h"
#include "app/run_command.h"
#include "app/run_files_command.h"
#include "app/task_commands.h"
#include "app/units.h"

namespace treesmith {
namespace {

// CLI11 hands option texts to these, so that a bad one is refused with the
// usage exit code before anything runs.
std::function<std::string(const std::string&)> Duration(
    std::function<void(std::chrono::milliseconds)> take) {
  return [take = std::move(take)](const std::string& text) -> std::string {
    const auto value = ParseDuration(text);
    if (!value.ok()) return value.error().message;
    take(*value);
    return "";
  };
}
std::function<std::string(const std::string&)> Bytes(
    std::function<void(int64_t)> take) {
  return [take = std::move(take)](const std::string& text) -> std::string {
    const auto value = ParseBytes(text);
    if (!value.ok()) return value.error().message;
    take(*value);
    return "";
  };
}

// Less than an interpreter with the usual packages needs to start.
constexpr int64_t kLeastMemoryBytes = int64_t{64} << 20;

std::function<std::string(const std::string&)> Memory(
    std::function<void(int64_t)> take) {
  return [take = std::move(take)](const std::string& text) -> std::string {
    const auto value = ParseBytes(text);
    if (!value.ok()) return value.error().message;
    if (*value < kLeastMemoryBytes) {
      return text + " is less than the 64MiB that a script needs to start";
    }
    take(*value);
    return "";
  };
}

// Digits and nothing else: CLI11 wraps a minus sign and clamps what is too
// large.
template <typename Number>
std::function<std::string(const std::string&)> Whole(
    Number least, Number most, std::function<void(Number)> take) {
  return [least, most,
          take = std::move(take)](const std::string& text) -> std::string {
    Number value = 0;
    const char* end = text.data() + text.size();
    const auto [after, code] = std::from_chars(text.data(), end, value);
    if (code != std::errc() || after != end || value < least || value > most) {
      return text + " is no whole number from " + std::to_string(least) +
             " to " + std::to_string(most);
    }
    take(value);
    return "";
  };
}
std::function<std::string(const std::string&)> Seed(uint64_t& seed) {
  return Whole<uint64_t>(0, std::numeric_limits<uint64_t>::max(),
                         [&seed](uint64_t value) { seed = value; });
}
// Of what is counted up to a budget: sums of it must not overflow.
std::function<std::string(const std::string&)> Count(
    std::optional<int64_t>& count) {
  constexpr int64_t kMost = 1'000'000'000'000;
  return Whole<int64_t>(1, kMost, [&count](int64_t value) { count = value; });
}
std::function<std::string(const std::string&)> Folds(
    std::optional<int>& folds) {
  const auto number =
      Whole<int>(1, 100, [&folds](int value) { folds = value; });
  return [number, &folds](const std::string& text) -> std::string {
    if (text != "auto") return number(text);
    folds = 0;
    return "";
  };
}

std::string IsFinite(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const bool whole = !text.empty() && *end == '\0';
  return whole && std::isfinite(value) ? "" : text + " is no finite number";
}

// An option whose text is read by one of the above.
void AddParsed(CLI::App* command, const std::string& name,
               const std::string& help,
               const std::function<std::string(const std::string&)>& parse) {
  command->add_option_function<std::string>(
      name,
      [name, parse](const std::string& text) {
        const std::string problem = parse(text);
        if (!problem.empty()) throw CLI::ValidationError(name, problem);
      },
      help);
}

void AddOverrides(CLI::App* command, TaskOverrides& overrides) {
  command->add_option("--goal", overrides.goal, "what is to be predicted");
  command->add_option("--train", overrides.train, "the training file");
  command->add_option("--test", overrides.test, "the file to predict");
  command->add_option("--sample-submission", overrides.sample_submission,
                      "the sample of a submission");
  command->add_option("--target", overrides.target,
                      "column (or columns) to predict");
  command->add_option("--id", overrides.id, "column that names a row");
  command->add_option("--metric,--eval", overrides.metric,
                      "how submissions are scored: rmse, auc ..., or a "
                      "script of the folder such as metric.py");
  command->add_option("--direction", overrides.direction,
                      "of such a script: minimize or maximize");
  command
      ->add_option("--needs", overrides.needs,
                   "of such a script: value, label, probability or order")
      ->check(CLI::IsMember({"value", "label", "probability", "order"}));
  command->add_option("--split", overrides.split,
                      "auto, random, stratified, group:COL, time:COL or "
                      "blocks:COL");
  AddParsed(command, "--folds", "auto or a number; 1 is one hold-out",
            Folds(overrides.folds));
  command->add_option("--evaluation", overrides.mode,
                      "hidden: the host scores on rows that no script sees; "
                      "reported: a script's own word counts");
}

void AddPython(CLI::App* command, RunnerOptions& runner) {
  command->add_option("--python", runner.python,
                      "interpreter or environment for scripts");
}

void AddRunner(CLI::App* command, RunnerOptions& runner) {
  AddPython(command, runner);
  command
      ->add_option("--sandbox", runner.sandbox,
                   "bubblewrap, or none: scripts may do what you may")
      ->check(CLI::IsMember({"bubblewrap", "none"}));
}

void AddBudget(CLI::App* command, BudgetLimits& budget) {
  AddParsed(command, "--steps", "scripts to try", Count(budget.steps));
  AddParsed(command, "--time", "wall time of the whole run, such as 10m",
            Duration([&budget](auto time) { budget.time = time; }));
  command
      ->add_option("--target-score", budget.target_score,
                   "end when a script scores as well as this")
      ->check(IsFinite, "FINITE");
  AddParsed(command, "--patience", "end after this many steps without a gain",
            Count(budget.patience));
  AddParsed(command, "--max-disk", "end when the run folder is larger",
            Bytes([&budget](int64_t bytes) { budget.disk_bytes = bytes; }));
  AddParsed(command, "--max-tokens",
            "tokens that a model may take, in and out; never passed",
            Count(budget.tokens));
  command
      ->add_option("--max-cost", budget.cost_usd,
                   "US dollars that a model may cost; never passed")
      ->check(CLI::PositiveNumber)
      ->check(IsFinite, "FINITE");
}

void AddModels(CLI::App* command, ModelOptions& models) {
  command->add_option("--config", models.config,
                      "file of your [models.NAME] tables");
  command->add_option("--model-for", models.by_purpose,
                      "another model for draft, improve, debug, crossover, "
                      "review or report, as review=provider:MODEL");
  command
      ->add_option("--operators", models.operators,
                   "words in which a model is asked: aide or aira")
      ->check(CLI::IsMember({"aide", "aira"}));
  command->add_option("--memory-scope", models.memory,
                      "earlier nodes that a model is told of: none, all-good, "
                      "siblings, ancestors or digest; improve=digest for one "
                      "operator");
  command->add_option("--prompts", models.prompts,
                      "folder of prompts that replace the program's own");
  command
      ->add_option("--warm-start", models.warm_start,
                   "who writes the first draft: builtin, or none but the model")
      ->check(CLI::IsMember({"builtin", "none"}));
  command->add_option("--record", models.record,
                      "keep every question and answer in this file");
  command->add_option("--replay", models.replay,
                      "answer from this file; no model is asked");
  command->add_option("--cache", models.cache,
                      "folder of answers: a question that was answered before "
                      "is not asked again");
  command
      ->add_option("--requests", models.requests,
                   "questions to a model at once; 0: by the workers")
      ->check(CLI::Range(0, 1024));
}

using Chosen = std::function<int()>;

void AddRun(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("run", "search for a solution");
  auto options = std::make_shared<RunOptions>();
  command->add_option("task,--data", options->task, "the task's folder");
  AddOverrides(command, options->overrides);
  AddRunner(command, options->runner);
  AddBudget(command, options->budget);
  command->add_option("--coder", options->coder,
                      "who writes the scripts: builtin, provider:MODEL, or a "
                      "name of [models.NAME]");
  AddModels(command, options->models);
  command->add_option("--hint", options->hint,
                      "what a model should consider, in your words");
  command->add_option("--policy", options->policy,
                      "auto, aide, best-of-n or linear");
  command->add_option("--preset", options->preset,
                      "settings of a published system");
  command->add_option("--set", options->settings,
                      "a policy's parameter, key=value");
  command
      ->add_option("--start", options->start,
                   "your own scripts as the first nodes")
      ->check(CLI::ExistingFile);
  command->add_option("--select", options->select,
                      "how the answer is chosen: ensemble, max or one-se");
  command
      ->add_option("--workers", options->workers,
                   "scripts at once; 0: by the size of the data")
      ->check(CLI::Range(0, 1024));
  AddParsed(command, "--seed", "seed of everything random",
            Seed(options->seed));
  command->add_option("--out", options->out, "where run folders are made");
  AddParsed(command, "--script-timeout", "limit of one script run",
            Duration([options](auto t) { options->script_timeout = t; }));
  AddParsed(command, "--memory", "memory of one script, such as 4GiB",
            Memory([options](int64_t b) { options->memory_bytes = b; }));
  command->add_flag("--json", options->json, "one JSON object a line");
  command->callback(
      [options, &chosen] { chosen = [options] { return RunRun(*options); }; });
}

void AddResume(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("resume", "go on with a run where it stopped");
  auto options = std::make_shared<ResumeOptions>();
  command->add_option("run", options->run, "the run's folder")->required();
  command->add_option("--task", options->task,
                      "where the task's folder is now");
  AddBudget(command, options->budget);
  AddRunner(command, options->runner);
  command->add_flag("--json", options->json, "one JSON object a line");
  command->callback([options, &chosen] {
    chosen = [options] { return RunResume(*options); };
  });
}

void AddShow(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("show", "the tree of a run, or a node");
  auto options = std::make_shared<ShowOptions>();
  command->add_option("run", options->run, "the run's folder")->required();
  command->add_option("node", options->node, "one node, whole");
  CLI::Option* json =
      command->add_flag("--json", options->json, "as one JSON object");
  CLI::Option* canonical =
      command
          ->add_flag("--canonical", options->canonical,
                     "the log without what differs between equal runs")
          ->excludes(json);
  command->add_flag("--cost", options->cost, "what calls to models took")
      ->excludes(json)
      ->excludes(canonical);
  command->callback(
      [options, &chosen] { chosen = [options] { return RunShow(*options); }; });
}

void AddReport(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("report", "write a run's report.html again");
  auto options = std::make_shared<ReportOptions>();
  command->add_option("run", options->run, "the run's folder")->required();
  command->add_option("--out", options->out, "another file");
  command->callback([options, &chosen] {
    chosen = [options] { return RunReport(*options); };
  });
}

void AddPredict(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("predict", "new rows by what a run has chosen");
  auto options = std::make_shared<PredictOptions>();
  command->add_option("run", options->run, "the run's folder")->required();
  command
      ->add_option("rows", options->rows,
                   "a table with the columns of the task's test")
      ->required();
  command->add_option("-o,--out", options->out,
                      "the file to write; without it, stdout");
  command->add_option("--task", options->task,
                      "where the task's folder is now");
  AddRunner(command, options->runner);
  command->callback([options, &chosen] {
    chosen = [options] { return RunPredict(*options); };
  });
}

void AddEvaluate(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("evaluate", "hidden score of one script");
  auto options = std::make_shared<EvaluateOptions>();
  command->add_option("task", options->task, "the task's folder")->required();
  command->add_option("script", options->script, "the script")->required();
  AddOverrides(command, options->overrides);
  AddRunner(command, options->runner);
  AddParsed(command, "--seed", "seed of the folds", Seed(options->seed));
  command->add_option("--workers", options->workers, "folds at once")
      ->check(CLI::Range(0, 1024));
  AddParsed(command, "--memory", "memory of one script",
            Memory([options](int64_t b) { options->memory_bytes = b; }));
  command->add_flag("--json", options->json, "as one JSON object");
  command->callback([options, &chosen] {
    chosen = [options] { return RunEvaluate(*options); };
  });
}

void AddGrade(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("grade", "check a submission, and score it");
  auto options = std::make_shared<GradeOptions>();
  command->add_option("task", options->task, "the task's folder")->required();
  command->add_option("file", options->submission, "the submission")
      ->required();
  command->add_option("--answers", options->answers,
                      "a file with the true values of the test");
  command->add_option("--leaderboard", options->leaderboard,
                      "a file with the score of each team: medals by "
                      "mle-bench's rules, and the share of teams exceeded");
  AddRunner(command, options->runner);
  AddOverrides(command, options->overrides);
  command->add_flag("--json", options->json, "as one JSON object");
  command->callback([options, &chosen] {
    chosen = [options] { return RunGrade(*options); };
  });
}

void AddInit(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "init", "write a folder's task.toml, and say why it reads so");
  auto options = std::make_shared<InitOptions>();
  command->add_option("folder", options->folder, "the data folder");
  AddOverrides(command, options->overrides);
  command->add_flag("--dry-run", options->dry_run,
                    "print it and write no task.toml");
  command->add_flag("--json", options->json, "as one JSON object");
  command->callback(
      [options, &chosen] { chosen = [options] { return RunInit(*options); }; });
}

void AddPreview(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("preview", "what the files of a folder hold");
  auto options = std::make_shared<PreviewCommandOptions>();
  command->add_option("path", options->path, "a folder or a file");
  command
      ->add_option("--max-bytes", options->max_bytes,
                   "the longest text; it says less to fit")
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", options->json, "as one JSON object");
  command->callback([options, &chosen] {
    chosen = [options] { return RunPreview(*options); };
  });
}

void AddExport(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("export", "write a run as files for other tools");
  auto options = std::make_shared<ExportOptions>();
  command->add_option("run", options->run, "the run's folder")->required();
  command->add_flag("--scripts", options->parts.scripts,
                    "the script of each node");
  command->add_flag("--csv", options->parts.csv, "a table of the nodes");
  command->add_flag("--journal", options->parts.journal,
                    "journal.json as aideml writes it");
  command->add_flag("--submission", options->parts.submission,
                    "the chosen submission");
  command->add_option("--out", options->out,
                      "a new folder; else export/ in the run's folder");
  command->add_flag("--json", options->json, "as one JSON object");
  command->callback([options, &chosen] {
    chosen = [options] { return RunExport(*options); };
  });
}

void AddDoctor(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "doctor", "what is there, what is missing, what follows");
  auto options = std::make_shared<DoctorOptions>();
  AddPython(command, options->runner);
  command->add_flag("--json", options->json, "as one JSON object");
  command->add_option("--model", options->model,
                      "ask this model some small questions: what works?");
  command->add_option("--config", options->config,
                      "file of your [models.NAME] tables");
  command->callback([options, &chosen] {
    chosen = [options] { return RunDoctor(*options); };
  });
}

void AddExec(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("exec", "run a script in the sandbox");
  auto options = std::make_shared<ExecOptions>();
  auto runner = std::make_shared<RunnerOptions>();
  command->add_option("script", options->script, "the script")->required();
  command->add_option("--input", options->inputs, "folder shown as input/");
  AddRunner(command, *runner);
  AddParsed(command, "--timeout", "wall time of one run",
            Duration([options](auto t) { options->limits.wall = t; }));
  AddParsed(command, "--memory", "memory of one run",
            Memory([options](int64_t b) { options->limits.memory_bytes = b; }));
  command->add_option("--repeat", options->repeat, "runs")
      ->check(CLI::PositiveNumber);
  command->add_option("--workers", options->workers, "runs at once")
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", options->json, "one JSON object a line");
  command->callback([options, runner, &chosen] {
    chosen = [options, runner] { return RunExecIn(*runner, *options); };
  });
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv) {
  CLI::App app("Machine-learning engineering by tree search over scripts.",
               "treesmith");
  app.set_version_flag("--version", std::string(TREESMITH_VERSION));
  app.require_subcommand(1);
  Chosen chosen;
  AddInit(app, chosen);
  AddPreview(app, chosen);
  AddRun(app, chosen);
  AddResume(app, chosen);
  AddShow(app, chosen);
  AddReport(app, chosen);
  AddExport(app, chosen);
  AddPredict(app, chosen);
  AddEvaluate(app, chosen);
  AddGrade(app, chosen);
  AddExec(app, chosen);
  AddDoctor(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    const auto commands = app.get_subcommands();
    const std::string name =
        commands.empty() ? "" : " " + commands.front()->get_name();
    return PrintError(
        BadInput(std::string("read command line: ") + error.what(),
                 "treesmith" + name + " --help lists what there is"));
  }
  return chosen ? chosen() : kExitUsage;
}

}  // namespace treesmith
