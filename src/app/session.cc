#include "app/session.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>

#include "app/user_config.h"
#include "evaluation/reported_evaluator.h"
#include "evaluation/seals.h"
#include "operators/builtin/builtin_coder.h"
#include "operators/warm_start.h"
#include "score/metric.h"
#include "search/registry.h"
#include "table/preview.h"
#include "table/profile_maker.h"

namespace treesmith {
namespace {

// Below this a second script gains more than a second thread: starting up takes
// 2.5 s of one core, and a draft of LightGBM on 48,000 rows 6 s more (both
// measured); of that follows, unmeasured, that two scripts at once end about
// 1.3 times as many.
constexpr int64_t kSmallRows = 100'000;
constexpr int64_t kSpareBytes = int64_t{1} << 30;

int Cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

int64_t PhysicalBytes() {
  return static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) *
         ::sysconf(_SC_PAGESIZE);
}

std::string EnvironmentVariable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<std::unique_ptr<Policy>> MakePolicy(const RunConfig& config,
                                           Session& session) {
  TRY_ASSIGN(const PolicyRow* row, FindPolicy(config.policy));
  PolicySettings settings;
  settings.parameters = row->defaults;
  if (!config.preset.empty()) {
    TRY_ASSIGN(const Preset* preset, FindPreset(config.preset));
    settings.parameters = preset->parameters;
  }
  for (const std::string& setting : config.settings) {
    TRY(SetParameter(setting, row->keys, settings.parameters));
  }
  settings.draft_count = session.coder->draft_count();
  settings.given_drafts = static_cast<int>(config.start_scripts.size());
  settings.accepts = [&session](Operator op,
                                const std::vector<NodeId>& parents) {
    return session.tree == nullptr ||
           session.coder->Accepts(op, parents, session.tree->Nodes());
  };
  return row->make(std::move(settings));
}

// Workers and threads; what a script may use.
Limits DecideShape(const Task& task, int64_t rows, RunConfig& config) {
  const int64_t memory =
      config.memory_bytes > 0 ? config.memory_bytes : task.memory_bytes;
  const Shape shape = ShapeOf(rows, config.workers, memory);
  if (config.ask_slots == 0) {
    // Where the number of workers is ours to choose, the next question goes out
    // while scripts run. One each is asked for when runs are to be repeatable.
    config.ask_slots = config.workers == 0 ? shape.workers + 1 : shape.workers;
  }
  config.workers = shape.workers;
  if (config.threads == 0) config.threads = shape.threads;
  Limits limits;
  limits.threads = config.threads;
  limits.memory_bytes = shape.memory_bytes;
  return limits;
}

// What a prompt tells of the machine and the data beside what the task tells.
Status CompleteFacts(const Limits& limits, const RunConfig& config,
                     const std::vector<std::string>& files,
                     const Session& session, PromptFacts& facts) {
  facts.python_version = session.runner.python.version;
  facts.packages = session.runner.python.packages;
  facts.threads = limits.threads;
  facts.memory_bytes = limits.memory_bytes;
  facts.hint = config.hint;
  if (config.coder == kBuiltinCoder) return {};
  PreviewOptions preview;
  preview.only = files;
  // The profile tells how test differs; in reported mode there is none.
  preview.count_repeats = facts.profile.train_rows > 0;
  TRY_ASSIGN(facts.preview, Preview(facts.task.folder, preview));
  return {};
}

// Whether a profile is there and all names in it are those of the data: bytes
// that are no UTF-8 have been replaced.
bool IsWhole(const std::string& profile) {
  constexpr std::string_view kReplaced = "\xEF\xBF\xBD";
  return !profile.empty() && profile.find(kReplaced) == std::string::npos;
}

// Between what may take long where a table is large.
Status Heed(const std::stop_token& stop, const Task& task) {
  if (!stop.stop_requested()) return {};
  return Error{ErrorKind::kCancelled,
               "open " + task.folder.string() + ": stopped"};
}

// The data is profiled while the folds are cut: the profile takes half of the
// time of a start.
Result<PromptFacts> OpenHidden(const Task& task,
                               std::future<Result<Runner>> runner,
                               Before& before, std::stop_token stop,
                               RunConfig& config, Session& session) {
  std::future<Result<Profile>> profile = std::async(
      std::launch::async, [&task, &before, tables = before.tables]() mutable {
        if (IsWhole(before.profile)) return DecodeProfile(before.profile);
        return tables ? MakeProfile(task, *std::move(tables))
                      : MakeProfile(task);
      });
  Result<std::unique_ptr<HiddenTask>> hidden =
      OpenHiddenTask(task, config.seed, before.plan, std::move(before.tables));
  TRY_ASSIGN(session.runner, runner.get());
  TRY_ASSIGN(session.task, std::move(hidden));
  TRY(Heed(stop, task));
  HiddenOptions options;
  options.seed = config.seed;
  options.limits = DecideShape(task, session.task->tables.train.rows(), config);
  TRY_ASSIGN(std::unique_ptr<HiddenEvaluator> evaluator,
             HiddenEvaluator::Make(*session.task, *session.runner.sandbox,
                                   options, stop));
  TRY_ASSIGN(session.profile, profile.get());
  TRY(Heed(stop, task));
  PromptFacts facts = MakePromptFacts(
      task, session.profile, evaluator->scorer().metric(), session.task->plan);
  session.seal = SealEvaluator(*session.task, evaluator->scorer());
  session.evaluator = std::move(evaluator);
  // Scripts see these and no other files of the folder.
  std::vector<std::string> files = task.extra;
  for (const std::string* name :
       {&task.train, &task.test, &task.sample_submission}) {
    if (!name->empty()) files.push_back(*name);
  }
  TRY(CompleteFacts(options.limits, config, files, session, facts));
  return facts;
}

Result<PromptFacts> OpenReported(const Task& task,
                                 std::future<Result<Runner>> runner,
                                 RunConfig& config, Session& session) {
  if (task.mode != EvaluationMode::kReported) {
    return BadInput("run in mode command: there is no such search yet",
                    "--evaluation hidden or reported");
  }
  if (config.coder == kBuiltinCoder) {
    return BadInput(
        "run in reported mode: the builtin coder's scripts do not score "
        "themselves",
        "name a model: --coder provider:MODEL, or use --evaluation hidden");
  }
  TRY_ASSIGN(session.runner, runner.get());
  // Without a table there is no telling how large the data is: one script has
  // the whole machine, as scripts of AIDE have.
  const Limits limits =
      DecideShape(task, std::numeric_limits<int64_t>::max(), config);
  TRY_ASSIGN(session.evaluator,
             ReportedEvaluator::Make(task, *session.runner.sandbox, limits));
  PromptFacts facts;
  facts.task = task;
  facts.metric = task.metric.empty() ? "as the task says" : task.metric;
  if (const Result<Metric> metric = FindMetric(task.metric); metric.ok()) {
    facts.metric = metric->short_name();
    facts.formula = metric->formula();
    facts.needs = metric->needs();
  }
  facts.direction = session.evaluator->direction();
  TRY(CompleteFacts(limits, config, {}, session, facts));
  return facts;
}

Status MakeCoder(const Task& task, const Before& before,
                 const Environment& environment, PromptFacts facts,
                 const RunConfig& config, Session& session) {
  const bool builtin = config.coder == kBuiltinCoder;
  // In reported mode the builtin's scripts are of no use.
  const bool warm = config.models.warm_start && session.task != nullptr;
  std::unique_ptr<Coder> first;
  if (builtin || warm) first = MakeBuiltinCoder(task, session.profile);
  if (builtin) {
    session.coder = std::move(first);
    return {};
  }
  TRY_ASSIGN(session.models,
             Models::Open(config, environment, std::move(facts), before.asked));
  session.coder = session.models->MakeCoder();
  if (warm) {
    const StepId step{static_cast<int64_t>(config.start_scripts.size())};
    session.coder = std::make_unique<WarmStart>(std::move(first), step,
                                                std::move(session.coder));
  }
  return {};
}

}  // namespace

Result<PythonEnvironment> FindEnvironment(const RunnerOptions& options) {
  return FindPython(
      {options.python, EnvironmentVariable("TREESMITH_PYTHON"), ProgramPath()});
}

Result<Runner> MakeRunner(const RunnerOptions& options) {
  TRY_ASSIGN(Runner runner, OpenRunner(options));
  if (options.sandbox == "none") std::fprintf(stderr, "%s\n", kNoSandboxNotice);
  return runner;
}

Result<Runner> OpenRunner(const RunnerOptions& options) {
  Runner runner;
  TRY_ASSIGN(runner.python, FindEnvironment(options));
  SandboxOptions sandbox;
  sandbox.python = runner.python;
  const std::string kind =
      options.sandbox.empty() ? kDefaultSandbox : options.sandbox;
  if (kind == "none") {
    TRY_ASSIGN(runner.sandbox, MakePlainSandbox(std::move(sandbox)));
  } else if (kind == kDefaultSandbox) {
    TRY_ASSIGN(runner.sandbox, MakeBubblewrapSandbox(std::move(sandbox)));
  } else {
    return BadInput("choose sandbox '" + kind + "': unknown",
                    "--sandbox bubblewrap or --sandbox none");
  }
  return runner;
}

std::future<Result<Runner>> StartRunner(const RunnerOptions& options) {
  return std::async(std::launch::async, OpenRunner, options);
}

Shape ShapeOf(int64_t train_rows, int workers, int64_t memory_bytes) {
  Shape shape;
  const int cores = Cores();
  shape.workers = workers;
  if (workers == 0) shape.workers = train_rows < kSmallRows ? cores : 1;
  shape.threads = std::max(1, cores / shape.workers);
  shape.memory_bytes = memory_bytes;
  if (memory_bytes == 0) {
    shape.memory_bytes = std::max(
        int64_t{256} << 20, (PhysicalBytes() - kSpareBytes) / shape.workers);
  }
  return shape;
}

Result<std::unique_ptr<Session>> OpenSession(const Task& task,
                                             std::future<Result<Runner>> runner,
                                             Before before, RunConfig& config,
                                             std::stop_token stop) {
  const Environment environment = ProcessEnvironment();
  if (config.coder != kBuiltinCoder) TRY(CheckModels(config, environment));
  auto session = std::make_unique<Session>();
  config.task_name = task.name;
  PromptFacts facts;
  if (task.mode == EvaluationMode::kHidden) {
    TRY_ASSIGN(facts, OpenHidden(task, std::move(runner), before,
                                 std::move(stop), config, *session));
  } else {
    TRY_ASSIGN(facts, OpenReported(task, std::move(runner), config, *session));
  }
  config.metric = facts.metric;
  config.direction = session->evaluator->direction();
  config.units = session->evaluator->units();
  TRY(MakeCoder(task, before, environment, std::move(facts), config, *session));
  TRY_ASSIGN(session->policy, MakePolicy(config, *session));
  return session;
}

}  // namespace treesmith
