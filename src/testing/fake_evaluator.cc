#include "testing/fake_evaluator.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"

namespace treesmith {
namespace {

// Uniform in [0, 1), a function of the text.
double UnitInterval(const std::string& text) {
  return static_cast<double>(HashBytes(text).high >> 11) * 0x1.0p-53;
}

double Mean(const UnitPredictions& predictions) {
  double sum = 0;
  for (const std::string& text : predictions) sum += std::stod(text);
  return sum / static_cast<double>(predictions.size());
}

}  // namespace

Result<UnitResult> FakeEvaluator::RunUnit(const UnitJob& job,
                                          std::stop_token stop) {
  if (options_.on_unit) options_.on_unit(job, stop);
  if (stop.stop_requested()) return Error{ErrorKind::kCancelled, "stopped"};
  UnitResult result;
  result.execution.wall = options_.wall;
  result.execution.output = "ran unit " + std::to_string(job.unit) + "\n";
  if (UnitInterval("bug" + job.script.code) < options_.buggy_share) {
    result.execution.outcome = {OutcomeKind::kCrash, "ValueError: scripted"};
    result.execution.exit_code = 1;
    return result;
  }
  const double value = UnitInterval(job.script.code + std::to_string(job.unit));
  result.value = value;
  result.predictions = std::to_string(value);
  return result;
}

Result<ScoreResult> FakeEvaluator::Score(const ScoreJob& job,
                                         std::stop_token stop) {
  if (stop.stop_requested()) return Error{ErrorKind::kCancelled, "stopped"};
  ScoreResult result;
  const double value = Mean(job.own);
  result.score.value = MetricValue(value, direction());
  result.score.standard_error = 0.01;
  for (const std::string& text : job.own) {
    result.score.unit_values.push_back(std::stod(text));
  }
  if (!job.parent.empty()) {
    result.score.over_parent = PairedGain{Mean(job.parent) - value, 0.01};
  }
  if (!job.best.empty()) {
    result.score.over_best = PairedGain{Mean(job.best) - value, 0.01};
  }
  result.diagnosis = "mean of " + std::to_string(job.own.size()) + " units";
  return result;
}

Result<RaceResult> FakeEvaluator::Race(const RaceJob& job,
                                       std::stop_token stop) {
  if (stop.stop_requested()) return Error{ErrorKind::kCancelled, "stopped"};
  RaceResult result;
  const double own = Mean(job.own);
  result.probability = own < Mean(job.rival) ? 0.5 : 0.001;
  result.stop = own > Mean(job.rival) + 0.4;
  result.score.value = MetricValue(own, direction());
  return result;
}

Result<RefitResult> FakeEvaluator::Refit(const RefitJob& job,
                                         std::stop_token stop) {
  if (options_.on_refit) options_.on_refit(job, stop);
  if (stop.stop_requested()) return Error{ErrorKind::kCancelled, "stopped"};
  RefitResult result;
  result.submission = "submission of " + job.script.code;
  result.predictions = std::to_string(UnitInterval(job.script.code));
  return result;
}

Result<Choice> FakeEvaluator::Choose(std::span<const Finalist> finalists,
                                     SelectRule, uint64_t, std::stop_token) {
  CHECK(!finalists.empty());
  std::vector<const Finalist*> sorted;
  for (const Finalist& finalist : finalists) sorted.push_back(&finalist);
  std::ranges::stable_sort(sorted, [](const auto* a, const auto* b) {
    return a->value.BetterThan(b->value);
  });
  Choice choice;
  choice.best = sorted.front()->node;
  sorted.resize(std::min(sorted.size(), options_.answer_members));
  for (const Finalist* finalist : sorted) {
    choice.members.push_back({finalist->node, 1});
  }
  choice.score = sorted.front()->value.value();
  choice.why = "the best single score";
  choice.honest_score = options_.promised;
  if (options_.promised) choice.honest_error = 0.01;
  return choice;
}

Result<Check> FakeEvaluator::Canary(const CanaryJob& job,
                                    std::stop_token stop) {
  if (stop.stop_requested()) return Error{ErrorKind::kCancelled, "stopped"};
  const bool leaks =
      UnitInterval("leak" + job.script.code) < options_.leaky_share;
  return Check{"canary", leaks ? CheckVerdict::kLeak : CheckVerdict::kClear,
               "scripted"};
}

Result<BlendResult> FakeEvaluator::Blend(const BlendJob& job, std::stop_token) {
  CHECK(job.test.size() == job.choice.members.size());
  BlendResult result;
  for (const std::string& text : job.test) result.submission += text + "\n";
  return result;
}

}  // namespace treesmith
