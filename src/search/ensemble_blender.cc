#include "search/ensemble_blender.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "search/shortlist.h"

namespace treesmith {
namespace {

// Weights settle long before this many rows; more would only take time.
constexpr size_t kFitRows = 4000;
constexpr double kCopyCorrelation = 0.9998;

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

// The better half, and one more. One hidden period that is seen twice tells of
// the rows, not of the level that a period may have: two nodes that miss it,
// one above and one below, would cancel out by weights that hold for no other.
void KeepBetterHalf(std::vector<Entrant>& entrants,
                    std::vector<size_t>& places) {
  std::vector<size_t> order(entrants.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    return entrants[a].value.BetterThan(entrants[b].value);
  });
  order.resize(std::min(order.size(), order.size() / 2 + 1));
  std::ranges::sort(order);
  std::vector<Entrant> better;
  std::vector<size_t> kept;
  for (const size_t i : order) {
    better.push_back(entrants[i]);
    kept.push_back(places[i]);
  }
  entrants = std::move(better);
  places = std::move(kept);
}

}  // namespace

Blender::Blender(const EnsembleInput& input, FitTarget target,
                 std::span<const BlendMember> members, Rng& rng,
                 Listing listing)
    : input_(input),
      target_(std::move(target)),
      members_(members),
      parts_(PartsOf(input)),
      several_(InSeveralFolds(input.rows)),
      rng_(rng),
      listing_(listing) {}

Weights Blender::Fit(EnsembleKind kind, int part) {
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

Result<Judged> Blender::Nested(EnsembleKind kind) {
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

std::vector<BlendMember> Blender::Leading() const {
  std::vector<size_t> places = Leaders(kNoPart);
  std::ranges::sort(places);
  std::vector<BlendMember> leading;
  leading.reserve(places.size());
  for (const size_t place : places) leading.push_back(members_[place]);
  return leading;
}

std::vector<size_t> Blender::Leaders(int part) const {
  std::vector<Entrant> entrants;
  std::vector<size_t> places = Existing(part);
  entrants.reserve(places.size());
  for (const size_t place : places) {
    const BlendMember& member = members_[place];
    entrants.push_back({input_.candidates[member.candidate].family,
                        {GainWithout(member, part), Direction::kMaximize}});
  }
  if (!several_.empty()) KeepBetterHalf(entrants, places);
  std::vector<size_t> list = ShortList(entrants);
  for (size_t& at : list) at = places[at];
  return list;
}

std::vector<size_t> Blender::Existing(int part) const {
  std::vector<size_t> all(members_.size());
  std::iota(all.begin(), all.end(), size_t{0});
  if (listing_ == Listing::kEverybody || part == kNoPart) return all;
  std::vector<size_t> existing;
  std::ranges::copy_if(all, std::back_inserter(existing), [&](size_t i) {
    const std::vector<uint8_t>& exists =
        input_.candidates[members_[i].candidate].exists_without;
    return exists.empty() || exists[static_cast<size_t>(part)] != 0;
  });
  return existing.empty() ? all : existing;
}

Weights Blender::FitKind(EnsembleKind kind, const FitRows& rows) {
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

std::vector<size_t> Blender::Blendable(int part) const {
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

const std::string& Blender::FamilyOf(size_t member) const {
  return input_.candidates[members_[member].candidate].family;
}

std::vector<float> Blender::Blend(const Weights& weights) const {
  std::vector<std::span<const float>> spaced;
  spaced.reserve(members_.size());
  for (const BlendMember& member : members_) spaced.emplace_back(member.spaced);
  return BlendInSpace(target_.space, spaced, weights);
}

double Blender::GainWithout(const BlendMember& member, int part) const {
  const FoldedScore& score = member.judged.score;
  if (part == kNoPart) return GainOf(input_, score.value);
  // A script that scores is asked for each fold once, not for each part.
  const bool by_fold = input_.metric.pooling() == Pooling::kPerFold ||
                       input_.metric.external() != nullptr;
  const bool apart = several_.empty() || score.fold_values.size() > 2;
  if (by_fold && apart && score.fold_values.size() > 1) {
    double sum = 0;
    for (size_t fold = 0; fold < score.fold_values.size(); ++fold) {
      const double value = score.fold_values[fold];
      if (static_cast<int>(fold) == part || std::isnan(value)) continue;
      sum += GainOf(input_, value);
    }
    return sum;
  }
  std::vector<double> weights(parts_.size());
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = Teaches(i, part);
  const Result<double> value = input_.metric.EvaluateTrusted(
      input_.rows.truth, member.judged.View(), weights);
  return value.ok() ? GainOf(input_, *value) : GainOf(input_, score.value);
}

bool Blender::Teaches(size_t row, int part) const {
  if (part == kNoPart) return true;
  return parts_[row] != part && (several_.empty() || several_[row] == 0);
}

std::vector<size_t> Blender::RowIndexes(int part) const {
  std::vector<size_t> rows;
  for (size_t row = 0; row < parts_.size(); ++row) {
    if (Teaches(row, part)) rows.push_back(row);
  }
  if (rows.size() <= kFitRows) return rows;
  // Spread evenly: time order and folds are all represented.
  std::vector<size_t> spread(kFitRows);
  for (size_t i = 0; i < kFitRows; ++i) {
    spread[i] = rows[i * rows.size() / kFitRows];
  }
  return spread;
}

Blender::PartData Blender::PartWithout(int part) {
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
    const BlendMember& member = members_[at];
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

}  // namespace treesmith
