#include "evaluation/scorer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "evaluation/diagnosis.h"
#include "evaluation/label_decision.h"
#include "search/ensemble_blend.h"
#include "search/racing.h"

namespace treesmith {
namespace {

BootstrapPlan DrawsFor(const FoldPlan& plan, uint64_t seed) {
  Rng rng(seed, 0, "bootstrap");
  auto units = static_cast<uint32_t>(std::max<int64_t>(plan.rows, 1));
  if (!plan.bootstrap_unit.empty()) {
    units = static_cast<uint32_t>(
        *std::ranges::max_element(plan.bootstrap_unit) + 1);
  }
  return BootstrapPlan(units, rng);
}

}  // namespace

Scorer::Scorer(Metric metric, const Target& target, const FoldPlan& plan,
               uint64_t seed)
    : metric_(metric),
      target_(target),
      plan_(plan),
      bootstrap_(DrawsFor(plan, seed)) {}

HiddenStack Scorer::Stack(int repeat, int folds) const {
  HiddenStack stack;
  for (int fold = 0; fold < folds; ++fold) {
    for (const int32_t row : plan_.HiddenRows(repeat * plan_.folds + fold)) {
      stack.rows.push_back(row);
      stack.folds.push_back(fold);
      stack.units.push_back(
          plan_.bootstrap_unit.empty()
              ? static_cast<uint32_t>(row)
              : static_cast<uint32_t>(
                    plan_.bootstrap_unit[static_cast<size_t>(row)]));
    }
  }
  stack.truth = TruthOf(target_, stack.rows);
  return stack;
}

Result<std::vector<float>> Scorer::InMetricTerms(
    const std::vector<Predictions>& units, int repeat, int folds) const {
  CHECK(units.size() >= static_cast<size_t>((repeat + 1) * plan_.folds) ||
        (repeat == 0 && units.size() >= static_cast<size_t>(folds)));
  std::vector<float> values;
  const Predictions& first = units.front();
  for (int fold = 0; fold < folds; ++fold) {
    const Predictions& unit =
        units[static_cast<size_t>(repeat * plan_.folds + fold)];
    if (unit.kind != first.kind || unit.columns != first.columns) {
      return BadInput("score predictions: folds differ in kind");
    }
    values.insert(values.end(), unit.values.begin(), unit.values.end());
  }
  if (!NeedsDecision(metric_, first.kind)) return values;
  const HiddenStack stack = Stack(repeat, folds);
  return DecideAcrossFolds(metric_, target_, stack.View(), first.kind,
                           {values, first.columns});
}

int Scorer::TermColumns(const Predictions& predictions) const {
  return NeedsDecision(metric_, predictions.kind) ? target_.columns()
                                                  : predictions.columns;
}

Result<Scorer::Rung> Scorer::ScoreRung(const std::vector<Predictions>& units,
                                       int repeat, int folds) const {
  const HiddenStack stack = Stack(repeat, folds);
  TRY_ASSIGN(const std::vector<float> terms,
             InMetricTerms(units, repeat, folds));
  const PredictionView view{terms, TermColumns(units.front())};
  TRY_ASSIGN(FoldedScore score, ScoreFolds(metric_, stack.View(), view));
  Rung rung;
  rung.value = score.value;
  rung.fold_values = std::move(score.fold_values);
  TRY_ASSIGN(rung.replicates,
             Replicates(metric_, stack.View(), view, bootstrap_));
  return rung;
}

Result<double> Scorer::UnitValue(int unit,
                                 const Predictions& predictions) const {
  const Truth truth = TruthOf(target_, plan_.HiddenRows(unit));
  std::vector<float> terms = predictions.values;
  if (NeedsDecision(metric_, predictions.kind)) {
    terms = DecidePlainly(target_, predictions);
  }
  return metric_.Evaluate(truth, {terms, TermColumns(predictions)});
}

// Rungs of every repeat that is whole.
Result<std::vector<Scorer::Rung>> Scorer::WholeRepeats(
    const UnitPredictions& blobs) const {
  TRY_ASSIGN(const std::vector<Predictions> units, DecodeUnits(blobs));
  std::vector<Rung> rungs;
  const auto folds = static_cast<size_t>(plan_.folds);
  for (size_t repeat = 0; (repeat + 1) * folds <= units.size(); ++repeat) {
    TRY_ASSIGN(Rung rung,
               ScoreRung(units, static_cast<int>(repeat), plan_.folds));
    rungs.push_back(std::move(rung));
  }
  return rungs;
}

PairedGain Scorer::Gain(const std::vector<Rung>& own,
                        const std::vector<Rung>& other) const {
  const size_t repeats = std::min(own.size(), other.size());
  // The mean over repeats, draw by draw: the draws are of train rows, the same
  // in every repeat.
  const auto mean = [&](const std::vector<Rung>& rungs) {
    Rung sum;
    sum.replicates.resize(rungs.front().replicates.size());
    for (size_t r = 0; r < repeats; ++r) {
      sum.value += rungs[r].value / static_cast<double>(repeats);
      for (size_t i = 0; i < sum.replicates.size(); ++i) {
        sum.replicates[i] +=
            rungs[r].replicates[i] / static_cast<double>(repeats);
      }
    }
    return sum;
  };
  const Rung a = mean(own);
  const Rung b = mean(other);
  return GainBetween(metric_.direction(), a.value, a.replicates, b.value,
                     b.replicates);
}

Result<Scorer::Rung> Scorer::ScoreMean(
    const std::vector<const UnitPredictions*>& nodes) const {
  const HiddenStack stack = Stack(0, plan_.folds);
  std::vector<Predictions> stacked;
  for (const UnitPredictions* node : nodes) {
    TRY_ASSIGN(const std::vector<Predictions> units, DecodeUnits(*node));
    stacked.push_back(Stacked(units, plan_.folds));
    const Predictions& first = stacked.front();
    const Predictions& last = stacked.back();
    if (last.kind != first.kind || last.columns != first.columns) {
      return BadInput("average predictions: nodes differ in kind");
    }
  }
  const Predictions& first = stacked.front();
  // What labels are decided from is averaged as it is.
  const bool decide = NeedsDecision(metric_, first.kind);
  const BlendSpace space = decide ? BlendSpace::kPlain : BlendSpaceOf(metric_);
  std::vector<std::vector<float>> spaced;
  spaced.reserve(stacked.size());
  for (const Predictions& member : stacked) {
    spaced.push_back(
        ToBlendSpace(space, {member.values, member.columns}, stack.folds));
  }
  const std::vector<std::span<const float>> views(spaced.begin(), spaced.end());
  std::vector<float> mean =
      BlendInSpace(space, views, std::vector<double>(views.size(), 1));
  if (decide) {
    TRY_ASSIGN(mean, DecideAcrossFolds(metric_, target_, stack.View(),
                                       first.kind, {mean, first.columns}));
  }
  const PredictionView view{mean, TermColumns(first)};
  TRY_ASSIGN(const FoldedScore score, ScoreFolds(metric_, stack.View(), view));
  Rung rung;
  rung.value = score.value;
  TRY_ASSIGN(rung.replicates,
             Replicates(metric_, stack.View(), view, bootstrap_));
  return rung;
}

Result<std::optional<PairedGain>> Scorer::EnsembleGain(
    const ScoreJob& job) const {
  // A metric of the task's own takes its time for each set of predictions.
  if (job.others.empty() || metric_.external() != nullptr)
    return {std::nullopt};
  TRY_ASSIGN(const Predictions own, DecodePredictions(job.own.front()));
  if (own.kind == PredictionKind::kLabel) return {std::nullopt};
  std::vector<const UnitPredictions*> members;
  for (const UnitPredictions& other : job.others) {
    TRY_ASSIGN(const Predictions first, DecodePredictions(other.front()));
    const bool alike = first.kind == own.kind && first.columns == own.columns;
    if (alike) members.push_back(&other);
  }
  if (members.empty()) return {std::nullopt};
  std::vector<const UnitPredictions*> with = members;
  with.push_back(&job.own);
  std::vector<const UnitPredictions*> without = members;
  if (!job.same_family.empty()) without.push_back(&job.same_family);
  Result<Rung> after = ScoreMean(with);
  Result<Rung> before = ScoreMean(without);
  // A mean that cannot be scored says nothing against the node.
  if (!after.ok() || !before.ok()) return {std::nullopt};
  return {GainBetween(metric_.direction(), after->value, after->replicates,
                      before->value, before->replicates)};
}

Result<ScoreResult> Scorer::Score(const ScoreJob& job,
                                  const ErrorMap* map) const {
  TRY_ASSIGN(const std::vector<Rung> own, WholeRepeats(job.own));
  CHECK(!own.empty());
  ScoreResult result;
  NodeScore& score = result.score;
  score.value = metric_.Value(own.front().value);
  score.standard_error = StandardError(own.front().replicates);
  for (const Rung& rung : own) {
    score.unit_values.insert(score.unit_values.end(), rung.fold_values.begin(),
                             rung.fold_values.end());
  }
  if (!job.parent.empty()) {
    TRY_ASSIGN(const std::vector<Rung> parent, WholeRepeats(job.parent));
    if (!parent.empty()) score.over_parent = Gain(own, parent);
  }
  if (!job.best.empty()) {
    TRY_ASSIGN(const std::vector<Rung> best, WholeRepeats(job.best));
    if (!best.empty()) score.over_best = Gain(own, best);
  }
  TRY_ASSIGN(score.over_ensemble, EnsembleGain(job));
  TRY_ASSIGN(result.diagnosis, Diagnose(*this, job, score, map));
  return result;
}

Result<RaceResult> Scorer::Race(const RaceJob& job) const {
  TRY_ASSIGN(const std::vector<Predictions> own, DecodeUnits(job.own));
  TRY_ASSIGN(const std::vector<Predictions> rival, DecodeUnits(job.rival));
  const auto folds = static_cast<int>(own.size());
  CHECK(rival.size() >= static_cast<size_t>(plan_.folds));
  TRY_ASSIGN(const Rung mine, ScoreRung(own, 0, folds));
  TRY_ASSIGN(const Rung theirs, ScoreRung(rival, 0, folds));
  TRY_ASSIGN(const Rung whole, ScoreRung(rival, 0, plan_.folds));
  const PairedGain gain =
      GainBetween(metric_.direction(), mine.value, mine.replicates,
                  theirs.value, theirs.replicates);
  RaceState state;
  state.gain = gain;
  state.folds_done = folds;
  state.folds = plan_.folds;
  // How much the rival's own folds differ stands for the usual spread: one
  // fold alone says little where folds differ much.
  state.usual_spread = StandardError(whole.fold_values);
  state.complete_nodes = job.complete_nodes;
  state.best_of_family = job.best_of_family;
  const RaceVerdict verdict = JudgeRace(state);
  RaceResult result;
  result.probability = verdict.chance;
  result.stop = verdict.stop;
  result.score.value = PartialScore(metric_.Value(whole.value), gain);
  result.score.standard_error = gain.standard_error;
  result.score.unit_values = mine.fold_values;
  result.score.partial = true;
  return result;
}

Predictions Stacked(const std::vector<Predictions>& units, int folds) {
  Predictions all = units.front();
  for (int fold = 1; fold < folds; ++fold) {
    const auto& values = units[static_cast<size_t>(fold)].values;
    all.values.insert(all.values.end(), values.begin(), values.end());
  }
  return all;
}

Result<std::vector<Predictions>> DecodeUnits(const UnitPredictions& blobs) {
  std::vector<Predictions> units;
  units.reserve(blobs.size());
  for (const std::string& blob : blobs) {
    TRY_ASSIGN(Predictions predictions, DecodePredictions(blob));
    units.push_back(std::move(predictions));
  }
  return units;
}

}  // namespace treesmith
