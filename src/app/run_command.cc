#include "app/run_command.h"

#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/exit_code.h"
#include "app/interrupt.h"
#include "app/json_lines.h"
#include "app/run_task.h"
#include "app/user_config.h"
#include "base/file.h"
#include "engine/artifacts.h"
#include "engine/run_reader.h"
#include "evaluation/leak_check.h"
#include "evaluation/seals.h"
#include "search/registry.h"
#include "store/run_folder.h"
#include "store/run_lock.h"
#include "table/infer.h"
#include "ui/report.h"
#include "ui/run_facts.h"
#include "ui/terminal.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::chrono::milliseconds kDefaultTime{600'000};

// Everything of one run but its engine.
struct Live {
  fs::path folder;
  std::optional<RunLock> lock;
  std::unique_ptr<RunStore> store;
  std::unique_ptr<Session> session;
  RunConfig config;
  Task task;
  std::vector<FileSeal> files;  // as they were at the start
  bool json = false;
  std::chrono::steady_clock::time_point begun =
      std::chrono::steady_clock::now();
};

std::string Versions(const Session& session) {
  Json packages = Json::object();
  for (const PythonPackage& package : session.runner.python.packages) {
    packages[package.name] = package.version;
  }
  return Json{{"treesmith", TREESMITH_VERSION},
              {"python", session.runner.python.version},
              {"packages", packages}}
      .dump();
}

Result<SelectRule> ParseSelect(const std::string& name) {
  if (name == "ensemble") return SelectRule::kEnsemble;
  if (name == "max") return SelectRule::kMax;
  if (name == "one-se") return SelectRule::kOneStandardError;
  return BadInput("choose selection '" + name + "': unknown",
                  "--select ensemble, max or one-se");
}

// Options that only a model heeds.
Status RefuseModelOptions(const RunOptions& options) {
  const ModelOptions& models = options.models;
  const std::pair<const char*, bool> given[] = {
      {"--model-for", !models.by_purpose.empty()},
      {"--operators", !models.operators.empty()},
      {"--memory-scope", !models.memory.empty()},
      {"--prompts", !models.prompts.empty()},
      {"--warm-start", !models.warm_start.empty()},
      {"--record", !models.record.empty()},
      {"--replay", !models.replay.empty()},
      {"--cache", !models.cache.empty()},
      {"--requests", models.requests > 0},
      {"--hint", !options.hint.empty()},
      {"--max-tokens", options.budget.tokens.has_value()},
      {"--max-cost", options.budget.cost_usd.has_value()}};
  for (const auto& [name, there] : given) {
    if (!there) continue;
    return BadInput(
        std::string("use ") + name + ": the builtin coder asks no model",
        "name a model: --coder provider:MODEL");
  }
  return {};
}

Status CheckTapes(const ModelSettings& models) {
  if (!models.record.empty() && !models.replay.empty()) {
    return BadInput("use --record and --replay together: a replay asks nobody");
  }
  if (!models.cache.empty() &&
      !(models.record.empty() && models.replay.empty())) {
    return BadInput(
        "use --cache with --record or --replay: a recording would lack what "
        "the cache answers",
        "leave one of them out");
  }
  std::error_code ignored;
  if (!models.record.empty() && fs::exists(models.record, ignored)) {
    return BadInput(
        "record to " + models.record + ": the file is there already",
        "name a new one; a resumed run goes on with its own");
  }
  if (!models.cache.empty() && fs::exists(models.cache, ignored) &&
      !fs::is_directory(models.cache, ignored)) {
    return BadInput("keep answers in " + models.cache + ": it is no folder");
  }
  return {};
}

Result<ModelSettings> ModelsOf(const RunOptions& options,
                               const Preset* preset) {
  const ModelOptions& given = options.models;
  ModelSettings models;
  TRY_ASSIGN(models.tables, ReadUserConfig(given.config, ProcessEnvironment()));
  for (const std::string& text : given.by_purpose) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return BadInput("choose a model for '" + text + "': no model is named",
                      "--model-for review=provider:MODEL");
    }
    models.by_purpose[text.substr(0, equals)] = text.substr(equals + 1);
  }
  // A preset is a published system: its own words, and nobody's help.
  const bool published = preset != nullptr && !preset->operators.empty();
  if (published) models.operators = preset->operators;
  if (!given.operators.empty()) models.operators = given.operators;
  models.memory = given.memory;
  models.warm_start =
      given.warm_start.empty() ? !published : given.warm_start == "builtin";
  const auto absolute = [](const std::string& path) {
    return path.empty() ? path : fs::absolute(path).string();
  };
  models.prompts = absolute(given.prompts);
  models.record = absolute(given.record);
  models.replay = absolute(given.replay);
  models.cache = absolute(given.cache);
  TRY(CheckTapes(models));
  return models;
}

Result<RunConfig> ConfigOf(const RunOptions& options, const Task& task) {
  RunConfig config;
  config.task_folder = task.folder.string();
  const Preset* published = nullptr;
  if (!options.preset.empty()) {
    TRY_ASSIGN(published, FindPreset(options.preset));
  }
  if (options.coder.empty() || options.coder == kBuiltinCoder) {
    TRY(RefuseModelOptions(options));
  } else {
    config.coder = options.coder;
    config.ask_slots = options.models.requests;
    TRY_ASSIGN(config.models, ModelsOf(options, published));
  }
  config.policy = options.policy.empty() ? "auto" : options.policy;
  config.hint = options.hint;
  config.budget = options.budget;
  config.script_timeout = task.script_timeout;
  if (published != nullptr) {
    if (options.policy.empty()) config.policy = std::string(published->policy);
    config.preset = options.preset;
    if (!config.budget.steps && !config.budget.time) {
      config.budget.steps = published->steps;
      config.budget.time = published->time;
    }
    if (published->script_timeout) {
      config.script_timeout = *published->script_timeout;
    }
  }
  config.settings = options.settings;
  config.task_text = TaskFileText(task);
  config.goal = task.goal;
  if (!config.budget.steps && !config.budget.time) {
    config.budget.time = kDefaultTime;
  }
  for (const std::string& file : options.start) {
    TRY_ASSIGN(std::string code, ReadFile(file));
    config.start_scripts.emplace_back(fs::path(file).filename().string(),
                                      std::move(code));
  }
  TRY_ASSIGN(config.select, ParseSelect(options.select));
  if (task.mode == EvaluationMode::kReported) config.select = SelectRule::kMax;
  if (options.script_timeout) config.script_timeout = *options.script_timeout;
  config.seed = options.seed;
  config.workers = options.workers;
  config.memory_bytes = options.memory_bytes;
  config.sandbox =
      options.runner.sandbox.empty() ? kDefaultSandbox : options.runner.sandbox;
  return config;
}

std::string Notice(const RunConfig& config) {
  return config.sandbox == "none" ? kNoSandboxNotice : "";
}

// What to do where no script could be chosen.
std::string AdviceWithoutAnswer(const RunOutcome& outcome, const Tree& tree) {
  const NodeSnapshot snapshot = tree.Nodes();
  const size_t nodes = snapshot.size();
  size_t late = 0;
  for (size_t i = 0; i < nodes; ++i) {
    late += snapshot[i].outcome.kind == OutcomeKind::kTimeout ? 1 : 0;
  }
  if (outcome.reason == "time" && late == nodes) {
    return nodes == 0 ? "no script ended in that time: allow more with --time"
           : nodes == 1
               ? "the script ran out of time: allow more with --time"
               : "all " + std::to_string(nodes) +
                     " scripts ran out of time: allow more with --time";
  }
  if (nodes == 0) return {};
  return "why the first failed: treesmith show " + outcome.folder + " 0";
}

void PrintResult(const RunOutcome& outcome, const Answer& answer,
                 const RunState& state) {
  if (!answer.choice) {
    std::printf("No valid solution was found (%s).\n", outcome.reason.c_str());
  } else {
    const Choice& choice = *answer.choice;
    std::printf("%s\n  score       %s (error %.2g): %s\n",
                ("Done: " + outcome.reason).c_str(),
                FormatScore({choice.score, state.tree().direction()}).c_str(),
                choice.standard_error, choice.why.c_str());
    if (const std::string promise = FormatPromise(choice); !promise.empty()) {
      std::printf("  promised    %s on new rows\n", promise.c_str());
    }
  }
  const auto line = [](const std::string& name, const std::string& path) {
    if (!path.empty()) std::printf("  %-11s %s\n", name.c_str(), path.c_str());
  };
  if (!answer.choice) {
    line("advice", AdviceWithoutAnswer(outcome, state.tree()));
  } else {
    for (const Checked& concern : ConcernsOf(state, *answer.choice)) {
      line(concern.check.alarm() ? "ALARM" : "not checked", CheckText(concern));
    }
  }
  const bool blend = answer.choice && answer.choice->members.size() > 1;
  line(blend ? "best script" : "script", outcome.script);
  if (blend) {
    line("blend of " + std::to_string(answer.choice->members.size()),
         EnsembleOf(outcome.folder).string());
  }
  line("submission", outcome.submission);
  line("report", outcome.report);
  line("run", outcome.folder);
  if (outcome.reason == "interrupted") {
    line("to go on", "treesmith resume " + outcome.folder);
  }
}

RunOutcome OutcomeOf(const Live& live, const std::string& reason,
                     std::chrono::milliseconds elapsed) {
  const auto path = [](const fs::path& file) {
    std::error_code ignored;
    return fs::exists(file, ignored) ? file.string() : std::string();
  };
  RunOutcome outcome;
  outcome.reason = reason;
  outcome.folder = live.folder.string();
  outcome.submission = path(SubmissionOf(live.folder));
  outcome.script = path(BestScriptOf(live.folder));
  outcome.report = path(ReportOf(live.folder));
  outcome.seconds = static_cast<double>(elapsed.count()) / 1000;
  return outcome;
}

// Says what came of it and leaves the files. The log is complete by now.
Result<int> Conclude(const Live& live, const RunState& state, RunStore& store,
                     const Finished& finished) {
  TRY_ASSIGN(const Answer answer, DecodeAnswer(finished.answer));
  TRY(WriteArtifacts(state, store, &answer, live.folder));
  TRY_ASSIGN(const RunRecord record, ReadRun(live.folder));
  TRY(WriteReport(record, ReportOf(live.folder)));
  const RunOutcome outcome = OutcomeOf(live, finished.reason, state.elapsed());
  if (live.json) {
    std::printf("%s\n", FinishedLine(outcome, answer, state).c_str());
  } else {
    PrintResult(outcome, answer, state);
  }
  if (finished.reason == "interrupted") return kExitInterrupted;
  return answer.choice ? kExitDone : kExitNoSolution;
}

// An event that this process begins with, and the blob that it names.
struct Opening {
  EventBody body;
  std::string blob = {};
};

// What the folds alone give away, where there are any.
void AddRunChecks(const Session& session, std::vector<Opening>& opening) {
  if (session.task == nullptr) return;
  const HiddenTask& task = *session.task;
  opening.emplace_back(Checked{
      {}, TwinsAcrossFolds(task.task, task.tables, task.target, task.plan)});
  auto ids =
      IdsTell(task.plan, task.task, task.tables,
              session.profile.id_order_signal, session.profile.ids_interleave);
  if (ids) opening.emplace_back(Checked{{}, *std::move(ids)});
}

// Scripts may have seen other files than those that the run began with.
Status CheckFilesAgain(const Live& live, Engine& engine) {
  Seals then{live.files, {}};
  Seals now = then;
  Result<std::vector<FileSeal>> files = SealFiles(live.task);
  std::string broken;
  if (files.ok()) {
    now.files = *std::move(files);
    broken = BrokenSeals(then, now);
  } else {
    broken = files.error().message;
  }
  if (broken.empty()) return {};
  return engine.Append(Checked{
      {},
      {"data", CheckVerdict::kSuspect,
       "the task's files were changed while the run went on: " + broken}});
}

// Searches and finishes.
Result<int> Drive(Live& live, std::vector<Opening> opening,
                  std::stop_token interrupt) {
  TerminalOptions look;
  look.title = live.config.task_name + " (" + live.config.metric + ")";
  look.notice = Notice(live.config);
  look.has_cost = live.session->models != nullptr;
  Terminal terminal(stderr, look);
  JsonLines json(stdout);
  ArtifactWriter artifacts(*live.store, live.folder);
  SnapshotKeeper snapshots(*live.store);
  std::vector<Observer*> observers = {&artifacts, &terminal, &snapshots};
  if (live.store->exclusive()) {
    std::fprintf(stderr,
                 "%s lies on a network file system: until the run has ended, "
                 "show and report read a copy that is some seconds old\n",
                 live.folder.c_str());
  }
  if (live.json) observers.push_back(&json);
  Session& session = *live.session;
  EngineParts parts{*live.store,     *session.coder, *session.evaluator,
                    *session.policy, session.clock,  observers};
  if (session.models != nullptr) {
    parts.ledger = &session.models->ledger();
    parts.review = session.models->MakeReview();
    parts.report = [models = session.models.get()](
                       const ReportQuestion& question, std::stop_token stop) {
      return models->WriteReport(question, std::move(stop));
    };
  }
  parts.prepared = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - live.begun);
  Engine engine(live.config, std::move(parts));
  TRY(engine.Restore());
  session.tree = &engine.state().tree();
  for (Opening& event : opening) {
    std::vector<Blob> blobs;
    if (!event.blob.empty()) {
      blobs.push_back({HashBytes(event.blob), event.blob});
    }
    TRY(engine.Append(std::move(event.body), std::move(blobs)));
  }
  TRY_ASSIGN(const std::string reason, engine.Search(interrupt));
  TRY(CheckFilesAgain(live, engine));
  TRY_ASSIGN(const Finished finished, engine.Finish(reason, interrupt));
  terminal.Close();
  if (live.store->exclusive()) TRY(live.store->WriteSnapshot());
  return Conclude(live, engine.state(), *live.store, finished);
}

// The hidden split, where there is one, and what the data is like.
void AddFolds(const Session& session, std::vector<Opening>& opening) {
  if (session.task == nullptr) return;
  std::string profile = EncodeProfile(session.profile);
  FoldsCut folds{EncodeFoldPlan(session.task->plan), HashBytes(profile)};
  opening.push_back({std::move(folds), std::move(profile)});
}

// Ends that are nobody's wish, and after which more of the same can be had.
bool MayGoOn(const std::string& reason) {
  return reason == "interrupted" || reason == "quota" ||
         reason == "model unreachable";
}

Result<int> Start(const RunOptions& options, std::stop_token interrupt) {
  std::future<Result<Runner>> runner = StartRunner(options.runner);
  Live live;
  Inference inference;
  TRY_ASSIGN(const Task task,
             LoadTask(options.task, options.overrides, &inference));
  for (const InferenceReason& reason : inference.reasons) {
    std::fprintf(stderr, "%s\n", reason.Line().c_str());
  }
  TRY_ASSIGN(RunConfig config, ConfigOf(options, task));
  live.json = options.json;
  if (options.coder.empty()) {
    if (const auto hint = KeyHint(ProcessEnvironment())) {
      std::fprintf(stderr, "hint: %s\n", hint->c_str());
    }
  }
  TRY_ASSIGN(live.session, OpenSession(task, std::move(runner),
                                       {.tables = std::move(inference.tables)},
                                       config, interrupt));
  live.config = std::move(config);
  TRY_ASSIGN(live.folder, MakeNextRunFolder(options.out, task.name));
  TRY_ASSIGN(live.lock, RunLock::Acquire(live.folder));
  TRY_ASSIGN(RunStore store, RunStore::Create(DatabaseOf(live.folder)));
  live.store = std::make_unique<RunStore>(std::move(store));
  TRY_ASSIGN(const Hash128 digest, DigestTask(task));
  TRY_ASSIGN(std::vector<FileSeal> files, SealFiles(task));
  const Seals seals{std::move(files), live.session->seal};
  std::vector<Opening> opening;
  opening.emplace_back(RunStarted{EncodeConfig(live.config), live.config.seed,
                                  digest, Versions(*live.session),
                                  EncodeSeals(seals)});
  AddFolds(*live.session, opening);
  AddRunChecks(*live.session, opening);
  live.task = task;
  live.files = seals.files;
  return Drive(live, std::move(opening), interrupt);
}

// The limits of before, each replaced where a new one is given.
BudgetLimits Merged(BudgetLimits before, const BudgetLimits& given) {
  if (given.steps) before.steps = given.steps;
  if (given.time) before.time = given.time;
  if (given.target_score) before.target_score = given.target_score;
  if (given.patience) before.patience = given.patience;
  if (given.tokens) before.tokens = given.tokens;
  if (given.cost_usd) before.cost_usd = given.cost_usd;
  if (given.disk_bytes) before.disk_bytes = given.disk_bytes;
  return before;
}

// A budget is the whole run's: one that is spent already would end it at once,
// and go down in the log as its limit.
Status CheckBudget(const ResumeOptions& options, const RunState& state) {
  const int64_t steps = state.next_step().value;
  const BudgetLimits& given = options.budget;
  const std::string act = "resume " + options.run + ": ";
  const std::string hint = "limits count from the beginning of the run";
  if (given.steps && *given.steps < steps) {
    return BadInput(act + std::to_string(steps) + " steps were made, --steps " +
                        std::to_string(*given.steps) + " are fewer",
                    hint);
  }
  if (given.time && *given.time < state.elapsed()) {
    return BadInput(act + FormatDuration(state.elapsed()) +
                        " have passed, --time " + FormatDuration(*given.time) +
                        " is less",
                    hint);
  }
  return {};
}

// A run goes on only with the scoring that it began with.
Status CheckEvaluator(const RunRecord& record, const Session& session,
                      const std::string& run) {
  const auto& started = std::get<RunStarted>(record.events.front().body);
  if (started.seals.empty()) return {};
  TRY_ASSIGN(const Seals then, DecodeSeals(started.seals));
  Seals now = then;
  now.evaluator = session.seal;
  const std::string broken = BrokenSeals(then, now);
  if (broken.empty()) return {};
  return BadInput(
      "resume " + run + ": " + broken,
      "resume it with the treesmith that began it, or begin a new run");
}

Result<int> GoOn(const ResumeOptions& options, std::stop_token interrupt) {
  Live live;
  live.json = options.json;
  live.folder = options.run;
  std::error_code ignored;
  if (fs::exists(DatabaseOf(live.folder), ignored)) {
    // Before it is read: another process may still be writing.
    TRY_ASSIGN(live.lock, RunLock::Acquire(live.folder));
  }
  TRY_ASSIGN(const RunRecord record, ReadRun(live.folder));
  live.config = record.config;
  BudgetLimits budget = record.config.budget;
  if (record.state->budget()) {
    TRY_ASSIGN(budget, DecodeBudget(*record.state->budget()));
  }
  if (live.config.coder == kBuiltinCoder &&
      (options.budget.tokens || options.budget.cost_usd)) {
    return BadInput("limit what models take: the run asks none",
                    "--steps and --time limit it");
  }
  const BudgetLimits wanted = Merged(budget, options.budget);
  const bool changed = EncodeBudget(wanted) != EncodeBudget(budget);
  TRY(CheckBudget(options, *record.state));
  const auto& finished = record.state->finished();
  if (finished && !MayGoOn(finished->reason) && !changed) {
    std::fprintf(stderr,
                 "the run is over (%s), its files are made again; to go on "
                 "give it more budget: --steps, --time, --max-tokens or "
                 "--max-cost, all counted from its beginning\n",
                 finished->reason.c_str());
    return Conclude(live, *record.state, *record.store, *finished);
  }
  TRY_ASSIGN(const Task task,
             TaskOfRun(record, options.task, "resume " + options.run));
  const FoldsCut* folds = FoldsOf(record);
  Before before;
  if (folds != nullptr) before.plan = folds->plan;
  TRY_ASSIGN(before.profile, ProfileOf(record));
  before.asked = AskedIn(record.events);
  RunnerOptions runner = options.runner;
  if (runner.sandbox.empty()) runner.sandbox = record.sandbox;
  if (runner.sandbox == "none") live.config.sandbox = "none";
  TRY_ASSIGN(live.session, OpenSession(task, StartRunner(runner), before,
                                       live.config, interrupt));
  TRY(CheckEvaluator(record, *live.session, options.run));
  TRY_ASSIGN(RunStore store, RunStore::Open(DatabaseOf(live.folder),
                                            RunStore::Mode::kReadWrite));
  live.store = std::make_unique<RunStore>(std::move(store));
  std::vector<Opening> opening;
  opening.emplace_back(Resumed{Versions(*live.session), runner.sandbox});
  if (folds == nullptr) AddFolds(*live.session, opening);
  if (record.state->check({}, "twins") == nullptr) {
    AddRunChecks(*live.session, opening);
  }
  live.task = task;
  TRY_ASSIGN(live.files, SealFiles(task));
  if (changed) opening.emplace_back(BudgetChanged{EncodeBudget(wanted)});
  return Drive(live, std::move(opening), interrupt);
}

int Report(const Result<int>& code) {
  return code.ok() ? *code : PrintError(code.error());
}

}  // namespace

int RunRun(const RunOptions& options) {
  const Interrupt interrupt;
  return Report(Start(options, interrupt.token()));
}

int RunResume(const ResumeOptions& options) {
  const Interrupt interrupt;
  return Report(GoOn(options, interrupt.token()));
}

}  // namespace treesmith
