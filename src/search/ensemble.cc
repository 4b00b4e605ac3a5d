#include "search/ensemble.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "base/check.h"
#include "search/ensemble_blender.h"
#include "search/ensemble_judge.h"
#include "search/selection.h"

namespace treesmith {
namespace {

constexpr size_t kStackRows = 5000;
constexpr double kTiedErrors = 0.25;

struct Way {
  EnsembleKind kind;
  Drawn nested;
};

PairedGain GainOver(const EnsembleInput& input, const Drawn& own,
                    const Drawn& other) {
  return GainBetween(input.metric.direction(), own.judged.score.value,
                     own.draws, other.judged.score.value, other.draws);
}

// The plain mean, unless a fitted blend is better by more than can be chance.
size_t ChooseBlend(const EnsembleInput& input, const std::vector<Way>& ways) {
  size_t chosen = 1;  // after the single node
  for (size_t i = 2; i < ways.size(); ++i) {
    const PairedGain over_mean =
        GainOver(input, ways[i].nested, ways[1].nested);
    if (over_mean.mean <= kTiedErrors * over_mean.standard_error) continue;
    const PairedGain over_chosen =
        GainOver(input, ways[i].nested, ways[chosen].nested);
    if (over_chosen.mean > 0) chosen = i;
  }
  return chosen;
}

std::string Number(double value) {
  std::array<char, 32> text = {};
  std::snprintf(text.data(), text.size(), "%.5g", value);
  return text.data();
}

std::string Explain(const std::vector<Way>& ways, EnsembleKind chosen) {
  std::string text = std::string(EnsembleKindName(chosen)) + " of nested";
  for (size_t i = 0; i < ways.size(); ++i) {
    text += (i == 0 ? " " : ", ") +
            std::string(EnsembleKindName(ways[i].kind)) + " " +
            Number(ways[i].nested.judged.score.value);
  }
  return text;
}

// The best member, drawn; the cheaper one where tied.
struct Single {
  size_t candidate = 0;
  Drawn drawn;
};

Result<Single> BestSingle(const EnsembleInput& input,
                          std::span<const BlendMember> members) {
  std::vector<Single> singles;
  for (const BlendMember& member : members) {
    TRY_ASSIGN(Drawn drawn, Draw(input, member.judged));
    singles.push_back({member.candidate, std::move(drawn)});
  }
  std::vector<SelectionCandidate> candidates;
  candidates.reserve(singles.size());
  for (const Single& single : singles) {
    candidates.push_back({single.drawn.judged.score.value, single.drawn.draws,
                          input.candidates[single.candidate].cost});
  }
  return std::move(singles[SelectSingle(SelectRule::kEnsemble,
                                        input.metric.direction(), candidates)]);
}

// The answer but for who is in it.
Ensemble AnswerOf(const Drawn& drawn, std::string why) {
  Ensemble ensemble;
  ensemble.score = drawn.judged.score;
  ensemble.replicates = drawn.draws;
  ensemble.decision = drawn.judged.decision;
  ensemble.why = std::move(why);
  return ensemble;
}

Ensemble SingleAnswer(const Single& single, std::string why) {
  Ensemble ensemble = AnswerOf(single.drawn, std::move(why));
  ensemble.members = {{single.candidate, 1}};
  ensemble.best_single = single.candidate;
  return ensemble;
}

std::vector<EnsembleMember> MembersOf(const Weights& weights,
                                      std::span<const BlendMember> members) {
  std::vector<EnsembleMember> result;
  for (size_t m = 0; m < weights.size(); ++m) {
    if (weights[m] > 0) result.push_back({members[m].candidate, weights[m]});
  }
  std::ranges::stable_sort(result, std::greater<>(), &EnsembleMember::weight);
  return result;
}

// The single node first.
Result<std::vector<Way>> TryWays(const EnsembleInput& input,
                                 std::span<const EnsembleKind> kinds,
                                 Blender& blender) {
  std::vector<Way> ways;
  for (const EnsembleKind kind : kinds) {
    TRY_ASSIGN(Judged judged, blender.Nested(kind));
    TRY_ASSIGN(Drawn nested, Draw(input, std::move(judged)));
    ways.push_back({kind, std::move(nested)});
  }
  return ways;
}

std::vector<EnsembleKind> KindsFor(const EnsembleInput& input,
                                   const Blender& blender) {
  std::vector<EnsembleKind> kinds = {EnsembleKind::kSingle};
  if (input.labels_only || blender.ListLength() == 1) return kinds;
  kinds.push_back(EnsembleKind::kMean);
  kinds.push_back(EnsembleKind::kGreedy);
  if (input.rows.truth.rows() >= kStackRows) {
    kinds.push_back(EnsembleKind::kStack);
  }
  return kinds;
}

// What choosing among the ways is worth. Here each part is blended from a list
// that was made without it, as the answer's was made without the rows to come.
std::optional<BbcEstimate> WorthAmong(const EnsembleInput& input,
                                      std::span<const EnsembleKind> kinds,
                                      Blender blender) {
  const Result<std::vector<Way>> ways = TryWays(input, kinds, blender);
  if (!ways.ok()) return std::nullopt;
  std::vector<PredictionView> views;
  views.reserve(ways->size());
  for (const Way& way : *ways) views.push_back(way.nested.judged.View());
  const Result<BbcEstimate> worth =
      EstimateSelection(input.metric, input.rows, views, input.plan);
  return worth.ok() ? std::optional(*worth) : std::nullopt;
}

// The lower of two promises where some would not exist without a fold. A list
// of those who would knows nothing of the fold, but it is not the answer's:
// made of less inbred nodes it may even be better.
std::optional<BbcEstimate> WorthOf(const EnsembleInput& input,
                                   const FitTarget& target,
                                   std::span<const BlendMember> members,
                                   std::span<const EnsembleKind> kinds,
                                   Rng& rng) {
  std::optional<BbcEstimate> worth =
      WorthAmong(input, kinds, Blender(input, target, members, rng));
  const bool several = std::ranges::any_of(
      input.rows.folds, [&](int f) { return f != input.rows.folds.front(); });
  const bool all_exist = std::ranges::all_of(
      input.candidates, [](const EnsembleCandidate& candidate) {
        return std::ranges::all_of(candidate.exists_without,
                                   [](uint8_t exists) { return exists != 0; });
      });
  if (!worth || !several || all_exist) return worth;
  const std::optional<BbcEstimate> existing =
      WorthAmong(input, kinds,
                 Blender(input, target, members, rng, Listing::kWhoWouldExist));
  if (existing && input.metric.Value(worth->value)
                      .BetterThan(input.metric.Value(existing->value))) {
    worth = existing;
  }
  return worth;
}

// The answer from among the leaders, all that it is compared on nested but for
// their list.
Result<Ensemble> AnswerAmong(const EnsembleInput& input,
                             std::span<const EnsembleKind> kinds,
                             Blender& leaders) {
  TRY_ASSIGN(const Single single, BestSingle(input, leaders.members()));
  if (kinds.size() == 1) {
    if (input.candidates.size() == 1) {
      return SingleAnswer(single, "single: no other script was scored");
    }
    return SingleAnswer(single, input.labels_only
                                    ? "single: labels cannot be blended"
                                    : "single: all finalists predict the same");
  }
  TRY_ASSIGN(const std::vector<Way> ways, TryWays(input, kinds, leaders));
  const Way& way = ways[ChooseBlend(input, ways)];
  const PairedGain gain = GainOver(input, way.nested, ways.front().nested);
  if (gain.mean < 0) {
    return SingleAnswer(single, Explain(ways, EnsembleKind::kSingle));
  }
  Ensemble ensemble = AnswerOf(way.nested, Explain(ways, way.kind));
  ensemble.kind = way.kind;
  ensemble.space = leaders.space();
  ensemble.members =
      MembersOf(leaders.Fit(way.kind, kNoPart), leaders.members());
  ensemble.best_single = single.candidate;
  ensemble.over_single = GainOver(input, way.nested, single.drawn);
  return ensemble;
}

Result<std::vector<BlendMember>> JudgeAll(const EnsembleInput& input,
                                          BlendSpace space) {
  std::vector<BlendMember> members;
  for (size_t i = 0; i < input.candidates.size(); ++i) {
    const std::span<const float> predictions = input.candidates[i].predictions;
    TRY_ASSIGN(Judged judged,
               Judge(input, {predictions.begin(), predictions.end()}));
    members.push_back(
        {i, std::move(judged),
         ToBlendSpace(space, {predictions, input.columns}, input.rows.folds)});
  }
  return members;
}

}  // namespace

std::string_view EnsembleKindName(EnsembleKind kind) {
  switch (kind) {
    case EnsembleKind::kSingle:
      return "single";
    case EnsembleKind::kMean:
      return "plain mean";
    case EnsembleKind::kGreedy:
      return "greedy";
    case EnsembleKind::kStack:
      return "stack";
  }
  return "";
}

Result<Ensemble> ChooseEnsemble(const EnsembleInput& input, Rng& rng) {
  CHECK(!input.candidates.empty());
  const FitTarget target = TargetOf(input);
  TRY_ASSIGN(const std::vector<BlendMember> members,
             JudgeAll(input, target.space));
  const std::vector<BlendMember> leading =
      Blender(input, target, members, rng).Leading();
  Blender leaders(input, target, leading, rng);
  const std::vector<EnsembleKind> kinds = KindsFor(input, leaders);
  TRY_ASSIGN(Ensemble ensemble, AnswerAmong(input, kinds, leaders));
  ensemble.worth = WorthOf(input, target, members, kinds, rng);
  return ensemble;
}

}  // namespace treesmith
