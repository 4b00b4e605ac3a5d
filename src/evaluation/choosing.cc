// HiddenEvaluator's end of a run: which node or blend is the answer.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "evaluation/blend_program.h"
#include "evaluation/hidden_evaluator.h"
#include "evaluation/label_decision.h"
#include "evaluation/portrait.h"
#include "search/ensemble.h"
#include "search/ensemble_blend.h"
#include "search/shortlist.h"

namespace treesmith {
namespace {

// The members' predictions, each in the choice's space, as one; a single
// member's stay as they are.
void BlendMembers(const Choice& choice,
                  const std::vector<std::vector<float>>& in_space,
                  Predictions& last) {
  if (in_space.size() < 2) return;
  std::vector<double> weights;
  weights.reserve(choice.members.size());
  for (const Member& member : choice.members) weights.push_back(member.weight);
  const std::vector<std::span<const float>> spans(in_space.begin(),
                                                  in_space.end());
  last.values = BlendInSpace(choice.space, spans, weights);
}

}  // namespace

// A finalist with all that choosing looks at, on the first rung.
struct HiddenEvaluator::Contender {
  const Finalist* finalist = nullptr;
  std::vector<Predictions> units;
};

// Those whose predictions are of the best one's kind: others cannot be blended
// with it, and are worse alone.
Result<std::vector<HiddenEvaluator::Contender>> HiddenEvaluator::Contenders(
    std::span<const Finalist> finalists) const {
  TRY_ASSIGN(const std::vector<Predictions> best,
             DecodeUnits(BestOf(finalists).predictions));
  std::vector<Contender> contenders;
  for (const Finalist& finalist : finalists) {
    TRY_ASSIGN(std::vector<Predictions> units,
               DecodeUnits(finalist.predictions));
    const Predictions& first = units.front();
    if (first.kind != best.front().kind ||
        first.columns != best.front().columns) {
      continue;
    }
    units.resize(static_cast<size_t>(task_.plan.folds));
    contenders.push_back({&finalist, std::move(units)});
  }
  return contenders;
}

Result<Choice> HiddenEvaluator::Choose(std::span<const Finalist> finalists,
                                       SelectRule rule, uint64_t seed,
                                       std::stop_token stop) {
  CHECK(!finalists.empty());
  TRY_ASSIGN(const std::vector<Contender> contenders, Contenders(finalists));
  const HiddenStack stack = scorer_.Stack(0, task_.plan.folds);
  return Heeding(std::move(stop), [&] {
    return rule == SelectRule::kEnsemble
               ? ChooseBlend(contenders, stack, seed)
               : ChooseSingle(contenders, stack, rule);
  });
}

// No score is nested here: only the best by all folds take part.
Result<Choice> HiddenEvaluator::ChooseSingle(
    const std::vector<Contender>& contenders, const HiddenStack& stack,
    SelectRule rule) const {
  std::vector<Entrant> entrants;
  entrants.reserve(contenders.size());
  for (const Contender& contender : contenders) {
    entrants.push_back({contender.finalist->family, contender.finalist->value});
  }
  const std::vector<size_t> list = ShortList(entrants);
  std::vector<std::vector<double>> replicates;
  for (const size_t at : list) {
    const std::vector<Predictions>& units = contenders[at].units;
    TRY_ASSIGN(const std::vector<float> terms,
               scorer_.InMetricTerms(units, 0, task_.plan.folds));
    TRY_ASSIGN(replicates.emplace_back(),
               Replicates(scorer_.metric(), stack.View(),
                          {terms, scorer_.TermColumns(units.front())},
                          scorer_.bootstrap()));
  }
  std::vector<SelectionCandidate> candidates;
  for (size_t i = 0; i < list.size(); ++i) {
    const Finalist& finalist = *contenders[list[i]].finalist;
    candidates.push_back(
        {finalist.value.value(), replicates[i], finalist.cost});
  }
  const size_t chosen = SelectSingle(rule, direction(), candidates);
  Choice choice;
  choice.best = contenders[list[chosen]].finalist->node;
  choice.members = {{choice.best, 1}};
  choice.score = candidates[chosen].value;
  choice.standard_error = StandardError(replicates[chosen]);
  choice.why = rule == SelectRule::kMax
                   ? "the best single score"
                   : "the cheapest within one error of the best score";
  return choice;
}

Result<Choice> HiddenEvaluator::ChooseBlend(
    const std::vector<Contender>& contenders, const HiddenStack& stack,
    uint64_t seed) const {
  EnsembleInput input{scorer_.metric(), stack.View(), scorer_.bootstrap()};
  const Predictions& first = contenders.front().units.front();
  input.columns = first.columns;
  input.labels_only = first.kind == PredictionKind::kLabel;
  std::vector<Predictions> stacked;
  stacked.reserve(contenders.size());
  for (const Contender& contender : contenders) {
    stacked.push_back(Stacked(contender.units, task_.plan.folds));
    input.candidates.push_back(
        {stacked.back().values, contender.finalist->family,
         contender.finalist->cost, contender.finalist->exists_without});
  }
  Rng rng(seed, 0, "ensemble");
  TRY_ASSIGN(const Ensemble ensemble, ChooseEnsemble(input, rng));
  Choice choice;
  choice.best = contenders[ensemble.best_single].finalist->node;
  for (const EnsembleMember& member : ensemble.members) {
    choice.members.push_back(
        {contenders[member.candidate].finalist->node, member.weight});
  }
  choice.space = ensemble.space;
  choice.score = ensemble.score.value;
  choice.standard_error = StandardError(ensemble.replicates);
  choice.why = ensemble.why;
  if (ensemble.worth) {
    choice.honest_score = ensemble.worth->value;
    choice.honest_error = ensemble.worth->standard_error;
  }
  return choice;
}

Result<Predictions> HiddenEvaluator::BlendHidden(
    const Choice& choice, const std::vector<UnitPredictions>& hidden,
    const HiddenStack& stack) const {
  std::vector<std::vector<float>> members;
  Predictions all;
  for (const UnitPredictions& member : hidden) {
    TRY_ASSIGN(const std::vector<Predictions> units, DecodeUnits(member));
    all = Stacked(units, task_.plan.folds);
    members.push_back(
        ToBlendSpace(choice.space, {all.values, all.columns}, stack.folds));
  }
  BlendMembers(choice, members, all);
  return all;
}

Result<std::string> HiddenEvaluator::Portray(
    const Choice& choice, const std::vector<UnitPredictions>& hidden,
    std::stop_token stop) {
  const HiddenStack stack = scorer_.Stack(0, task_.plan.folds);
  TRY_ASSIGN(const Predictions all, BlendHidden(choice, hidden, stack));
  std::vector<float> labels;
  if (NeedsDecision(scorer_.metric(), all.kind)) {
    TRY_ASSIGN(labels, Heeding(std::move(stop), [&] {
                 return DecideAcrossFolds(scorer_.metric(), task_.target,
                                          stack.View(), all.kind,
                                          {all.values, all.columns});
               }));
  } else if (all.kind == PredictionKind::kLabel) {
    labels = all.values;
  }
  return EncodePortrait(
      PortraitOf(scorer_.metric(), task_.target, stack.truth, all, labels));
}

Result<BlendResult> HiddenEvaluator::Blend(const BlendJob& job,
                                           std::stop_token stop) {
  const Choice& choice = job.choice;
  const HiddenStack stack = scorer_.Stack(0, task_.plan.folds);
  TRY_ASSIGN(const Predictions all, BlendHidden(choice, job.hidden, stack));
  std::vector<std::vector<float>> tests;
  Predictions test;
  for (const std::string& member : job.test) {
    TRY_ASSIGN(test, DecodePredictions(member));
    tests.push_back(
        ToBlendSpace(choice.space, {test.values, test.columns}, {}));
  }
  BlendMembers(choice, tests, test);
  BlendProgramInput input{.task = task_.task,
                          .tables = task_.tables,
                          .target = task_.target,
                          .spec = *test_spec_,
                          .metric = scorer_.metric(),
                          .members = choice.members,
                          .kind = test.kind,
                          .columns = test.columns,
                          .space = choice.space,
                          .threads = options_.limits.threads,
                          .why = choice.why};
  TRY_ASSIGN(const DecidedTest decided, Heeding(std::move(stop), [&] {
               return Decided(all, std::move(test));
             }));
  input.decision = decided.decision;
  BlendResult result;
  result.submission = SubmissionText(decided.predictions, task_.task,
                                     task_.tables, task_.target);
  if (tests.size() > 1 && input.kind != PredictionKind::kLabel) {
    result.program = BlendProgram(input);
  }
  return result;
}

}  // namespace treesmith
