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
#include "search/selection.h"

namespace treesmith {
namespace {

constexpr size_t kMaxMembers = 50;
constexpr size_t kStackRows = 5000;
// Weights settle long before this many rows; more would only take time.
constexpr size_t kFitRows = 6000;
constexpr double kCopyCorrelation = 0.9998;
constexpr double kTiedErrors = 0.25;
constexpr int kNoPart = -1;

// Predictions in the metric's form, with what they scored.
struct Judged {
  std::vector<float> values;
  FoldedScore score;
  std::vector<double> draws;
  std::optional<Decision> decision = {};
};

struct Member {
  size_t candidate = 0;
  Judged judged;
  std::vector<float> spaced;
};

bool Decides(const EnsembleInput& input) {
  if (!input.class_values.empty()) return true;
  return input.metric.needs() == Needs::kLabel && !input.labels_only;
}

Result<Judged> Judge(const EnsembleInput& input, std::vector<float> predicted) {
  Judged judged;
  int columns = input.columns;
  if (Decides(input)) {
    TRY_ASSIGN(
        Decided decided,
        DecideByFold(input.metric, input.rows.truth, {predicted, columns},
                     input.rows.folds, input.class_values));
    judged.values = std::move(decided.values);
    judged.decision = std::move(decided.decision);
    columns = 1;
  } else {
    judged.values = std::move(predicted);
  }
  const PredictionView view = {judged.values, columns};
  TRY_ASSIGN(judged.score, ScoreFolds(input.metric, input.rows, view));
  TRY_ASSIGN(judged.draws,
             Replicates(input.metric, input.rows, view, input.plan));
  return judged;
}

double GainOf(const EnsembleInput& input, double value) {
  return input.metric.direction() == Direction::kMaximize ? value : -value;
}

// What weights are fitted to. Of labels: the squared error of probabilities
// (or scores), since a blend has to be good before it is cut; of scores in no
// unit: their order.
struct FitTarget {
  BlendSpace space;
  Metric loss;
  Truth truth;
};

bool OutsideUnit(const EnsembleInput& input) {
  return std::ranges::any_of(
      input.candidates, [](const EnsembleCandidate& candidate) {
        return std::ranges::any_of(candidate.predictions,
                                   [](float v) { return v < 0 || v > 1; });
      });
}

Truth OneHot(const EnsembleInput& input) {
  Truth truth;
  truth.columns = input.columns;
  for (const double value : input.rows.truth.values) {
    for (int c = 0; c < input.columns; ++c) {
      const double own = input.class_values.empty()
                             ? c
                             : input.class_values[static_cast<size_t>(c)];
      truth.values.push_back(value == own ? 1 : 0);
    }
  }
  return truth;
}

FitTarget TargetOf(const EnsembleInput& input) {
  const Metric squared = *FindMetric("mse");
  if (!Decides(input)) {
    const Metric& metric = input.metric;
    // Weights take thousands of scores, too many to ask a script for.
    if (metric.external() == nullptr) {
      return {BlendSpaceOf(metric), metric, input.rows.truth};
    }
    const bool classes = metric.needs() == Needs::kProbability;
    return {BlendSpaceOf(metric), classes ? *FindMetric("log_loss") : squared,
            input.rows.truth};
  }
  if (input.columns > 1) return {BlendSpace::kPlain, squared, OneHot(input)};
  if (input.rows.truth.classes == 2 && OutsideUnit(input)) {
    return {BlendSpace::kRank, *FindMetric("auc"), input.rows.truth};
  }
  Truth indexes = input.rows.truth;
  indexes.classes = 0;
  return {BlendSpace::kPlain, squared, std::move(indexes)};
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

  // How many members a blend may have.
  [[nodiscard]] size_t ListLength() { return Shortlist(kNoPart).size(); }

 private:
  // What is fitted without a part: the list of members, too, is made without
  // it, or the nested score would know who does well on it.
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

  // The best of each family, then the rest, both by score; near-copies of a
  // better one left out.
  [[nodiscard]] std::vector<size_t> Shortlist(int part) {
    std::vector<double> gains;
    std::vector<size_t> order;
    gains.reserve(members_.size());
    for (const Member& member : members_) {
      order.push_back(gains.size());
      gains.push_back(GainWithout(member, part));
    }
    std::ranges::stable_sort(order, std::greater<>(),
                             [&](size_t i) { return gains[i]; });
    std::set<std::string> families;
    std::ranges::stable_partition(
        order, [&](size_t i) { return families.insert(FamilyOf(i)).second; });
    std::vector<size_t> kept;
    for (const size_t i : order) {
      if (kept.size() == kMaxMembers) break;
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
    const bool by_fold = input_.metric.pooling() == Pooling::kPerFold;
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
    const int columns = Decides(input_) ? 1 : input_.columns;
    const Result<double> value = input_.metric.Evaluate(
        input_.rows.truth, {member.judged.values, columns}, weights);
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
    const std::vector<size_t> list = Shortlist(part);
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
  Judged judged;
};

PairedGain GainOver(const EnsembleInput& input, const Judged& own,
                    const Judged& other) {
  return GainBetween(input.metric.direction(), own.score.value, own.draws,
                     other.score.value, other.draws);
}

// The plain mean, unless a fitted blend is better by more than can be chance.
size_t ChooseBlend(const EnsembleInput& input, const std::vector<Way>& ways) {
  size_t chosen = 1;  // after the single node
  for (size_t i = 2; i < ways.size(); ++i) {
    const PairedGain over_mean =
        GainOver(input, ways[i].judged, ways[1].judged);
    if (over_mean.mean <= kTiedErrors * over_mean.standard_error) continue;
    const PairedGain over_chosen =
        GainOver(input, ways[i].judged, ways[chosen].judged);
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
            Number(ways[i].judged.score.value);
  }
  return text;
}

size_t BestSingle(const EnsembleInput& input,
                  const std::vector<Member>& members) {
  std::vector<SelectionCandidate> singles;
  singles.reserve(members.size());
  for (const Member& member : members) {
    singles.push_back({member.judged.score.value, member.judged.draws,
                       input.candidates[member.candidate].cost});
  }
  return SelectSingle(SelectRule::kEnsemble, input.metric.direction(), singles);
}

Ensemble SingleAnswer(const Member& member, std::string why) {
  Ensemble ensemble;
  ensemble.members = {{member.candidate, 1}};
  ensemble.score = member.judged.score;
  ensemble.replicates = member.judged.draws;
  ensemble.nested = member.judged.values;
  ensemble.decision = member.judged.decision;
  ensemble.best_single = member.candidate;
  ensemble.why = std::move(why);
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

Result<std::vector<Way>> TryWays(const EnsembleInput& input, Blender& blender) {
  std::vector<EnsembleKind> kinds = {EnsembleKind::kSingle, EnsembleKind::kMean,
                                     EnsembleKind::kGreedy};
  if (input.rows.truth.rows() >= kStackRows) {
    kinds.push_back(EnsembleKind::kStack);
  }
  std::vector<Way> ways;
  for (const EnsembleKind kind : kinds) {
    TRY_ASSIGN(Judged judged, blender.Nested(kind));
    ways.push_back({kind, std::move(judged)});
  }
  return ways;
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
  std::vector<Member> members;
  for (size_t i = 0; i < input.candidates.size(); ++i) {
    const std::span<const float> predictions = input.candidates[i].predictions;
    TRY_ASSIGN(Judged judged,
               Judge(input, {predictions.begin(), predictions.end()}));
    members.push_back({i, std::move(judged),
                       ToBlendSpace(target.space, {predictions, input.columns},
                                    input.rows.folds)});
  }
  const size_t best = BestSingle(input, members);
  Member single = members[best];
  if (input.labels_only) {
    return SingleAnswer(single, "single: labels cannot be blended");
  }
  Blender blender(input, target, std::move(members), rng);
  if (blender.ListLength() == 1) {
    return SingleAnswer(single, "single: all finalists predict the same");
  }
  TRY_ASSIGN(const std::vector<Way> ways, TryWays(input, blender));
  const Way& way = ways[ChooseBlend(input, ways)];
  const PairedGain gain = GainOver(input, way.judged, ways.front().judged);
  if (gain.mean < 0) {
    return SingleAnswer(single, Explain(ways, EnsembleKind::kSingle));
  }
  Ensemble ensemble;
  ensemble.kind = way.kind;
  ensemble.space = target.space;
  ensemble.members =
      MembersOf(blender.Fit(way.kind, kNoPart), blender.members());
  ensemble.score = way.judged.score;
  ensemble.replicates = way.judged.draws;
  ensemble.nested = way.judged.values;
  ensemble.decision = way.judged.decision;
  ensemble.best_single = single.candidate;
  ensemble.over_single = GainOver(input, way.judged, single.judged);
  ensemble.why = Explain(ways, way.kind);
  return ensemble;
}

}  // namespace treesmith
