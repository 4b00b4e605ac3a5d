#include "search/ensemble.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <utility>

#include "base/check.h"
#include "search/ensemble_fit.h"
#include "search/ensemble_judge.h"
#include "search/selection.h"
#include "search/shortlist.h"

namespace treesmith {
namespace {

constexpr size_t kStackRows = 5000;
// Weights settle long before this many rows; more would only take time.
constexpr size_t kFitRows = 4000;
constexpr double kCopyCorrelation = 0.9998;
constexpr double kTiedErrors = 0.25;
constexpr int kNoPart = -1;

struct Member {
  size_t candidate = 0;
  Judged judged;
  std::vector<float> spaced;
};

double GainOf(const EnsembleInput& input, double value) {
  return input.metric.direction() == Direction::kMaximize ? value : -value;
}

// The folds; a single one in halves of whole units.
std::vector<int> PartsOf(const EnsembleInput& input) {
  const size_t rows = input.rows.truth.rows();
  std::vector<int> parts(input.rows.folds.begin(), input.rows.folds.end());
  const bool several = std::ranges::any_of(
      parts, [&](int part) { return part != parts.front(); });
  if (several) return parts;
  parts.resize(rows);
  for (size_t row = 0; row < rows; ++row) {
    const uint32_t unit = input.rows.units.empty() ? static_cast<uint32_t>(row)
                                                   : input.rows.units[row];
    parts[row] = input.plan.BlockOf(unit) % 2;
  }
  return parts;
}

class Blender {
 public:
  Blender(const EnsembleInput& input, FitTarget target,
          std::vector<Member> members, Rng& rng)
      : input_(input),
        target_(std::move(target)),
        members_(std::move(members)),
        parts_(PartsOf(input)),
        rng_(rng) {}

  // Weights of all members, fitted without the rows of `part`.
  [[nodiscard]] Weights Fit(EnsembleKind kind, int part) {
    auto at = parts_data_.find(part);
    if (at == parts_data_.end()) {
      at = parts_data_.emplace(part, PartWithout(part)).first;
    }
    const Weights fitted = FitKind(kind, at->second.rows);
    Weights weights(members_.size(), 0.0);
    for (size_t i = 0; i < fitted.size(); ++i) {
      weights[at->second.members[i]] = fitted[i];
    }
    return weights;
  }

  // Each part blended by weights that were fitted without it.
  [[nodiscard]] Result<Judged> Nested(EnsembleKind kind) {
    std::vector<float> nested(members_.front().spaced.size());
    const auto columns = static_cast<size_t>(input_.columns);
    const int count = 1 + *std::ranges::max_element(parts_);
    for (int part = 0; part < count; ++part) {
      const std::vector<float> blend = Blend(Fit(kind, part));
      for (size_t i = 0; i < nested.size(); ++i) {
        if (parts_[i / columns] == part) nested[i] = blend[i];
      }
    }
    return Judge(input_, std::move(nested));
  }

  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  [[nodiscard]] BlendSpace space() const { return target_.space; }

  // The best by all rows, in the order of the input.
  [[nodiscard]] std::vector<Member> Leading() const {
    std::vector<size_t> places = Leaders(kNoPart);
    std::ranges::sort(places);
    std::vector<Member> leading;
    leading.reserve(places.size());
    for (const size_t place : places) leading.push_back(members_[place]);
    return leading;
  }

  // How many members a blend may have.
  [[nodiscard]] size_t ListLength() const { return Blendable(kNoPart).size(); }

 private:
  // The members among which to choose without the rows of `part`: the list,
  // too, is made without them, or the nested score would know who does well
  // there.
  [[nodiscard]] std::vector<size_t> Leaders(int part) const {
    std::vector<Entrant> entrants;
    entrants.reserve(members_.size());
    for (const Member& member : members_) {
      entrants.push_back({input_.candidates[member.candidate].family,
                          {GainWithout(member, part), Direction::kMaximize}});
    }
    return ShortList(entrants);
  }

  struct PartData {
    std::vector<size_t> members;
    FitRows rows;
  };

  [[nodiscard]] Weights FitKind(EnsembleKind kind, const FitRows& rows) {
    switch (kind) {
      case EnsembleKind::kSingle:
        return BestAlone(rows);
      case EnsembleKind::kMean:
        return FamilyMean(rows);
      case EnsembleKind::kGreedy:
        return GreedyBags(rows, rng_);
      case EnsembleKind::kStack:
        return RidgeStack(rows);
    }
    return BestAlone(rows);
  }

  // The leaders without near-copies of a better one.
  [[nodiscard]] std::vector<size_t> Blendable(int part) const {
    std::vector<size_t> kept;
    for (const size_t i : Leaders(part)) {
      const bool copy = std::ranges::any_of(kept, [&](size_t other) {
        return Likeness(members_[i].spaced, members_[other].spaced) >
               kCopyCorrelation;
      });
      if (!copy) kept.push_back(i);
    }
    return kept;
  }

  [[nodiscard]] const std::string& FamilyOf(size_t member) const {
    return input_.candidates[members_[member].candidate].family;
  }

  [[nodiscard]] std::vector<float> Blend(const Weights& weights) const {
    std::vector<std::span<const float>> spaced;
    spaced.reserve(members_.size());
    for (const Member& member : members_) spaced.emplace_back(member.spaced);
    return BlendInSpace(target_.space, spaced, weights);
  }

  // A member's gain on the rows outside `part`.
  [[nodiscard]] double GainWithout(const Member& member, int part) const {
    const FoldedScore& score = member.judged.score;
    if (part == kNoPart) return GainOf(input_, score.value);
    // A script that scores is asked for each fold once, not for each part.
    const bool by_fold = input_.metric.pooling() == Pooling::kPerFold ||
                         input_.metric.external() != nullptr;
    if (by_fold && score.fold_values.size() > 1) {
      double sum = 0;
      for (size_t fold = 0; fold < score.fold_values.size(); ++fold) {
        const double value = score.fold_values[fold];
        if (static_cast<int>(fold) == part || std::isnan(value)) continue;
        sum += GainOf(input_, value);
      }
      return sum;
    }
    std::vector<double> weights(parts_.size());
    for (size_t i = 0; i < weights.size(); ++i) weights[i] = parts_[i] != part;
    const Result<double> value = input_.metric.EvaluateTrusted(
        input_.rows.truth, member.judged.View(), weights);
    return value.ok() ? GainOf(input_, *value) : GainOf(input_, score.value);
  }

  [[nodiscard]] std::vector<size_t> RowIndexes(int part) const {
    std::vector<size_t> rows;
    for (size_t row = 0; row < parts_.size(); ++row) {
      if (parts_[row] != part) rows.push_back(row);
    }
    if (rows.size() <= kFitRows) return rows;
    // Spread evenly: time order and folds are all represented.
    std::vector<size_t> spread(kFitRows);
    for (size_t i = 0; i < kFitRows; ++i) {
      spread[i] = rows[i * rows.size() / kFitRows];
    }
    return spread;
  }

  [[nodiscard]] PartData PartWithout(int part) {
    const std::vector<size_t> indexes = RowIndexes(part);
    const std::vector<size_t> list = Blendable(part);
    FitRows rows = {.space = target_.space,
                    .columns = input_.columns,
                    .loss = target_.loss,
                    .truth = {},
                    .members = {},
                    .gains = {},
                    .families = {}};
    rows.truth.columns = target_.truth.columns;
    rows.truth.classes = target_.truth.classes;
    const auto truth_columns = static_cast<size_t>(target_.truth.columns);
    for (const size_t row : indexes) {
      const auto* from = target_.truth.values.data() + row * truth_columns;
      rows.truth.values.insert(rows.truth.values.end(), from,
                               from + truth_columns);
    }
    const auto columns = static_cast<size_t>(input_.columns);
    for (const size_t at : list) {
      const Member& member = members_[at];
      std::vector<float>& values = rows.members.emplace_back();
      for (const size_t row : indexes) {
        const float* from = member.spaced.data() + row * columns;
        values.insert(values.end(), from, from + columns);
      }
      rows.gains.push_back(GainWithout(member, part));
      rows.families.push_back(FamilyOf(at));
    }
    return {list, std::move(rows)};
  }

  const EnsembleInput& input_;
  FitTarget target_;
  std::vector<Member> members_;
  std::vector<int> parts_;
  std::map<int, PartData> parts_data_;
  Rng& rng_;
};

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
                          const std::vector<Member>& members) {
  std::vector<Single> singles;
  for (const Member& member : members) {
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
                                      const std::vector<Member>& members) {
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
std::optional<BbcEstimate> WorthOf(const EnsembleInput& input,
                                   std::span<const EnsembleKind> kinds,
                                   Blender& everyone) {
  const Result<std::vector<Way>> ways = TryWays(input, kinds, everyone);
  if (!ways.ok()) return std::nullopt;
  std::vector<PredictionView> views;
  views.reserve(ways->size());
  for (const Way& way : *ways) views.push_back(way.nested.judged.View());
  const Result<BbcEstimate> worth =
      EstimateSelection(input.metric, input.rows, views, input.plan);
  return worth.ok() ? std::optional(*worth) : std::nullopt;
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

Result<std::vector<Member>> JudgeAll(const EnsembleInput& input,
                                     BlendSpace space) {
  std::vector<Member> members;
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
  TRY_ASSIGN(std::vector<Member> members, JudgeAll(input, target.space));
  Blender everyone(input, target, std::move(members), rng);
  Blender leaders(input, target, everyone.Leading(), rng);
  const std::vector<EnsembleKind> kinds = KindsFor(input, leaders);
  TRY_ASSIGN(Ensemble ensemble, AnswerAmong(input, kinds, leaders));
  ensemble.worth = WorthOf(input, kinds, everyone);
  return ensemble;
}

}  // namespace treesmith
