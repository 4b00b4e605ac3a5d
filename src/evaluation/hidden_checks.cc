// HiddenEvaluator's checks: is a score what it seems?
#include <utility>

#include "evaluation/hidden_evaluator.h"
#include "evaluation/label_decision.h"
#include "evaluation/told_by_inputs.h"

namespace treesmith {
namespace {

// One fold says enough: a leak is no matter of noise.
constexpr int kCanaryUnit = 0;
// Hidden rows that are compared with what the inputs tell.
constexpr size_t kMostAsked = 4000;

}  // namespace

// Made when the first script is scored, not while a user waits for it to start.
const ErrorMap& HiddenEvaluator::Errors() {
  std::call_once(map_made_, [this] {
    map_.emplace(task_.task, task_.tables, task_.plan);
  });
  return *map_;
}

Result<ScoreResult> HiddenEvaluator::Score(const ScoreJob& job,
                                           std::stop_token stop) {
  TRY_ASSIGN(ScoreResult result, Heeding(std::move(stop), [&] {
               return scorer_.Score(job, &Errors());
             }));
  if (!result.score.value.present()) return result;
  TRY_ASSIGN(const std::vector<Predictions> units, DecodeUnits(job.own));
  const Predictions stacked = Stacked(units, task_.plan.folds);
  if (auto copied = inputs_.Copied(stacked)) {
    result.checks.push_back(*std::move(copied));
  }
  auto perfect = Perfect(scorer_.metric(), result.score.value.value(), chance_,
                         static_cast<size_t>(stacked.rows()));
  if (perfect) result.checks.push_back(*std::move(perfect));
  return result;
}

Result<Information> HiddenEvaluator::Know(int unit,
                                          const Predictions& predictions,
                                          Rng& rng,
                                          std::stop_token stop) const {
  const Truth truth = TruthOf(task_.target, task_.plan.HiddenRows(unit));
  std::vector<float> terms = predictions.values;
  if (NeedsDecision(scorer_.metric(), predictions.kind)) {
    terms = DecidePlainly(task_.target, predictions);
  }
  return Heeding(std::move(stop), [&] {
    return InformationIn(scorer_.metric(), truth,
                         {terms, scorer_.TermColumns(predictions)}, rng);
  });
}

double HiddenEvaluator::BeyondInputs(int unit, const Predictions& predictions,
                                     Rng& rng) const {
  const Target& target = task_.target;
  std::vector<int32_t> learnt = task_.plan.TrainRows(unit);
  std::erase_if(learnt, [&](int32_t row) { return !target.Labelled(row); });
  const OneNumber number(target, predictions, learnt);
  std::vector<float> values;
  values.reserve(learnt.size());
  for (const int32_t row : learnt) values.push_back(number.Label(row));

  const std::vector<int32_t> hidden = task_.plan.HiddenRows(unit);
  const size_t count = std::min(hidden.size(), kMostAsked);
  std::vector<int32_t> asked;
  std::vector<float> truth;
  std::vector<float> predicted;
  for (size_t i = 0; i < count; ++i) {
    const size_t place = i * hidden.size() / count;
    asked.push_back(hidden[place]);
    truth.push_back(number.Label(hidden[place]));
    predicted.push_back(number.Prediction(place));
  }
  return KnownBeyond(
      truth, predicted,
      ToldByInputs(task_.tables, target, learnt, values, asked, rng));
}

Result<Check> HiddenEvaluator::Canary(const CanaryJob& job,
                                      std::stop_token stop) {
  Check skipped{"canary", CheckVerdict::kSkipped, ""};
  Rng rng(job.seed);
  TRY_ASSIGN(const std::vector<Predictions> units, DecodeUnits(job.own));
  Result<Information> own = Know(kCanaryUnit, units.at(kCanaryUnit), rng, stop);
  if (!own.ok()) {
    if (own.error().kind != ErrorKind::kBadInput) return own.error();
    skipped.text = "not refitted on shuffled labels: " + own.error().message;
    return skipped;
  }
  std::vector<Information> canaries;
  double beyond = 0;
  if (!Knows(*own)) return JudgeCanary(*own, canaries);
  const std::vector<int32_t> rows = task_.plan.TrainRows(kCanaryUnit);
  std::vector<uint8_t> sample;
  if (job.train_share < 1) {
    sample = SampleTrainRows(task_.plan, task_.target, job.train_share,
                             options_.seed);
  }
  Donors donors = ShuffledLabels(task_.target, rows, rng);
  while (canaries.size() < 2) {
    TRY_ASSIGN(const TemporaryFolder view, TemporaryFolder::Make("views"));
    TRY(WriteView(task_.task, task_.tables, task_.target, task_.plan,
                  kCanaryUnit, view.path(), sample, donors));
    TRY_ASSIGN(Answer answer, Ask(job.script, view.path(), job.wall_limit,
                                  specs_.at(kCanaryUnit), stop));
    Result<Information> canary =
        answer.predictions ? Know(kCanaryUnit, *answer.predictions, rng, stop)
                           : BadInput(answer.execution.outcome.detail);
    if (!canary.ok()) {
      if (canary.error().kind != ErrorKind::kBadInput) return canary.error();
      skipped.text =
          "it fails on shuffled labels, so it could not be checked: " +
          canary.error().message;
      return skipped;
    }
    canaries.push_back(*canary);
    if (!KnowsTooMuch(*own, *canary)) break;
    if (canaries.size() == 2) {
      beyond = BeyondInputs(kCanaryUnit, *answer.predictions, rng);
    }
    donors = MirroredLabels(task_.target, rows, donors, rng);
  }
  return JudgeCanary(*own, canaries, beyond);
}

}  // namespace treesmith
