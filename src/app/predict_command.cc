#include "app/predict_command.h"

#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "app/exit_code.h"
#include "app/interrupt.h"
#include "app/out_file.h"
#include "app/run_task.h"
#include "base/file.h"
#include "engine/run_reader.h"
#include "engine/worker_pool.h"
#include "evaluation/hidden_evaluator.h"
#include "table/new_rows.h"

namespace treesmith {
namespace {

// What the run chose; of a run that has not ended, its best node.
Result<Choice> ChoiceOf(const RunRecord& record, const std::string& act) {
  TRY_ASSIGN(const Answer answer, record.answer());
  if (answer.choice) return *answer.choice;
  const std::optional<NodeId> best = record.state->tree().best();
  if (!best) {
    return BadInput(act + ": the run has no valid solution",
                    "treesmith show " + record.folder.string() +
                        " tells what became of its scripts");
  }
  Choice choice;
  choice.members = {{*best, 1}};
  choice.best = *best;
  return choice;
}

// The task with the new rows in the place of its test.
Result<std::unique_ptr<HiddenTask>> OpenWith(const Task& task,
                                             const RunRecord& record,
                                             const std::string& file) {
  TRY_ASSIGN(const Table rows, Table::Read(file));
  const FoldsCut* folds = FoldsOf(record);
  TRY_ASSIGN(auto hidden, OpenHiddenTask(task, record.config.seed,
                                         folds ? folds->plan : ""));
  for (const std::string& line : TextAmongNumbers(hidden->tables.train, rows)) {
    std::fprintf(stderr, "warning: %s: %s\n", file.c_str(), line.c_str());
  }
  TRY_ASSIGN(hidden->tables, WithNewRows(task, std::move(hidden->tables),
                                         hidden->target, rows, file));
  return hidden;
}

Result<RefitJob> JobOf(const RunRecord& record, NodeId id) {
  const Node& node = record.state->tree().at(id);
  RefitJob job;
  TRY_ASSIGN(job.script.code, record.store->ReadBlob(node.script));
  for (const Hash128 hash : node.predictions) {
    TRY_ASSIGN(std::string bytes, record.store->ReadBlob(hash));
    job.own.push_back(std::move(bytes));
  }
  if (record.state->plan()) job.train_share = record.state->plan()->refit_share;
  job.wall_limit = record.config.script_timeout;
  return job;
}

// Every member's predictions of the new rows, in the members' order.
Result<BlendJob> RunMembers(HiddenEvaluator& evaluator, const Choice& choice,
                            const RunRecord& record, int workers,
                            std::stop_token stop) {
  BlendJob blend;
  blend.choice = choice;
  blend.test.resize(choice.members.size());
  Channel<Arrival> arrivals;
  WorkerPool pool(workers, arrivals);
  for (const Member& member : choice.members) {
    TRY_ASSIGN(RefitJob job, JobOf(record, member.node));
    blend.hidden.push_back(job.own);
    pool.Start([&evaluator, node = member.node,
                job = std::move(job)](std::stop_token cancelled) {
      return RefitArrived{node, job.train_share,
                          evaluator.Refit(job, cancelled)};
    });
  }
  for (size_t done = 0; done < choice.members.size(); ++done) {
    std::optional<Arrival> arrival = arrivals.Receive(stop);
    if (!arrival) return Error{ErrorKind::kCancelled, "interrupted"};
    auto& refit = std::get<RefitArrived>(*arrival);
    if (!refit.result.ok()) return std::move(refit.result).error();
    const std::string name = "node " + std::to_string(refit.node.value);
    const ExecutionResult& execution = refit.result->execution;
    if (!execution.outcome.scored()) {
      std::fprintf(stderr, "%s\n", execution.output.c_str());
      return Failed("predict with " + name + ": " +
                    std::string(OutcomeName(execution.outcome.kind)) + ": " +
                    execution.outcome.detail);
    }
    if (!refit.result->doubt.empty()) {
      std::fprintf(stderr, "warning: %s: %s\n", name.c_str(),
                   refit.result->doubt.c_str());
    }
    for (size_t i = 0; i < choice.members.size(); ++i) {
      if (choice.members[i].node != refit.node) continue;
      blend.test[i] = std::move(refit.result->predictions);
    }
  }
  return blend;
}

Status WriteOut(const std::string& out, const std::string& text) {
  if (!out.empty()) return WriteFile(out, text);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return {};
}

Result<int> Predict(const PredictOptions& options, std::stop_token stop) {
  const std::string act = "predict with " + options.run;
  TRY(CheckOutFile(options.out));
  TRY_ASSIGN(const RunRecord record, ReadRun(options.run));
  TRY_ASSIGN(const Choice choice, ChoiceOf(record, act));
  TRY_ASSIGN(const Task task, TaskOfRun(record, options.task, act));
  TRY_ASSIGN(const auto hidden, OpenWith(task, record, options.rows));
  TRY_ASSIGN(const Runner runner, MakeRunner(options.runner));
  const int64_t memory = record.config.memory_bytes > 0
                             ? record.config.memory_bytes
                             : task.memory_bytes;
  const Shape shape =
      ShapeOf(hidden->tables.train.rows(), record.config.workers, memory);
  HiddenOptions limits;
  limits.seed = record.config.seed;
  limits.limits.threads =
      record.config.threads > 0 ? record.config.threads : shape.threads;
  limits.limits.memory_bytes = shape.memory_bytes;
  TRY_ASSIGN(const auto evaluator,
             HiddenEvaluator::Make(*hidden, *runner.sandbox, limits, stop));
  std::fprintf(stderr, "fitting %zu %s on %lld rows of train\n",
               choice.members.size(),
               choice.members.size() == 1 ? "script" : "scripts",
               static_cast<long long>(hidden->tables.train.rows()));
  if (choice.members.size() > 1 && choice.space == BlendSpace::kRank) {
    std::fprintf(stderr,
                 "note: %s looks at order only: values are places among these "
                 "rows\n",
                 record.config.metric.c_str());
  }
  TRY_ASSIGN(const BlendJob job,
             RunMembers(*evaluator, choice, record, shape.workers, stop));
  TRY_ASSIGN(const BlendResult blend, evaluator->Blend(job, stop));
  TRY(WriteOut(options.out, blend.submission));
  return kExitDone;
}

}  // namespace

int RunPredict(const PredictOptions& options) {
  const Interrupt interrupt;
  const Result<int> code = Predict(options, interrupt.token());
  return code.ok() ? *code : PrintError(code.error());
}

}  // namespace treesmith
