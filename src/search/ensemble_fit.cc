#include "search/ensemble_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "search/ensemble_gain.h"

namespace treesmith {
namespace {

constexpr int kBags = 8;
constexpr size_t kMaxSteps = 15;
// So few members are all in every bag.
constexpr size_t kWholeBag = 4;
// A bag stops after this many picks that did not help.
constexpr size_t kPatience = 3;
// Ridge, as a share of the mean diagonal: enough to settle near-copies.
constexpr double kRidge = 0.01;
constexpr int kStackRounds = 200;
// A weight below this share of the largest changes nothing that can be seen.
constexpr double kMinShare = 0.03;

size_t BestMember(const FitRows& rows, std::span<const size_t> among) {
  return *std::ranges::max_element(
      among, {}, [&](size_t member) { return rows.gains[member]; });
}

std::vector<size_t> AllMembers(const FitRows& rows) {
  std::vector<size_t> all(rows.members.size());
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

// One forward selection with replacement.
class Greedy {
 public:
  Greedy(const FitRows& rows, std::vector<size_t> bag)
      : rows_(rows),
        bag_(std::move(bag)),
        sum_(rows.members.front().size(), 0.0F),
        trial_(sum_.size()),
        gain_(rows) {}

  // The picks up to the best blend.
  std::vector<size_t> Run() {
    std::vector<size_t> picks = {BestMember(rows_, bag_)};
    Add(picks.front());
    double best = GainWith(picks.front(), 2);
    size_t best_length = 1;
    while (picks.size() < kMaxSteps && picks.size() - best_length < kPatience) {
      const auto [member, gain] = BestNext(picks.size() + 1);
      picks.push_back(member);
      Add(member);
      if (gain <= best) continue;
      best = gain;
      best_length = picks.size();
    }
    picks.resize(best_length);
    return picks;
  }

 private:
  struct Next {
    size_t member;
    double gain;
  };

  void Add(size_t member) {
    const std::vector<float>& values = rows_.members[member];
    for (size_t i = 0; i < sum_.size(); ++i) sum_[i] += values[i];
  }

  // Of the sum and one more member, `count` in all.
  double GainWith(size_t member, size_t count) {
    const std::vector<float>& values = rows_.members[member];
    const float scale = 1.0F / static_cast<float>(count);
    for (size_t i = 0; i < sum_.size(); ++i) {
      trial_[i] = (sum_[i] + values[i]) * scale;
    }
    FromBlendSpace(rows_.space, trial_);
    return gain_(trial_);
  }

  Next BestNext(size_t count) {
    Next best = {bag_.front(), -std::numeric_limits<double>::max()};
    for (const size_t member : bag_) {
      const double gain = GainWith(member, count);
      if (gain > best.gain) best = {member, gain};
    }
    return best;
  }

  const FitRows& rows_;
  std::vector<size_t> bag_;
  std::vector<float> sum_;
  std::vector<float> trial_;
  BlendGain gain_;
};

std::vector<size_t> RandomHalf(const FitRows& rows, Rng& rng) {
  std::vector<size_t> bag = AllMembers(rows);
  if (bag.size() <= kWholeBag) return bag;
  rng.Shuffle(std::span(bag));
  bag.resize((bag.size() + 1) / 2);
  std::ranges::sort(bag);
  return bag;
}

// The truth as the blend's space has it, one number a prediction.
std::vector<double> TargetInSpace(const FitRows& rows) {
  std::vector<double> target;
  const size_t count = rows.truth.rows();
  const bool one_hot = rows.columns != rows.truth.columns;
  for (size_t row = 0; row < count; ++row) {
    for (int c = 0; c < rows.columns; ++c) {
      const auto columns = static_cast<size_t>(rows.truth.columns);
      const double truth =
          rows.truth
              .values[row * columns + (one_hot ? 0 : static_cast<size_t>(c))];
      double value = one_hot ? (truth == c ? 1 : 0) : truth;
      if (rows.space == BlendSpace::kLog1p) value = std::log1p(value);
      if (rows.space == BlendSpace::kLog) value = std::log(value);
      target.push_back(value);
    }
  }
  return target;
}

// Normal equations of the centred members.
struct Normal {
  std::vector<std::vector<double>> gram;
  std::vector<double> moment;
};

std::vector<double> Centred(std::span<const float> values) {
  std::vector<double> centred(values.begin(), values.end());
  const double mean = std::accumulate(centred.begin(), centred.end(), 0.0) /
                      static_cast<double>(centred.size());
  for (double& value : centred) value -= mean;
  return centred;
}

Normal NormalEquations(const FitRows& rows) {
  const std::vector<double> target = TargetInSpace(rows);
  std::vector<std::vector<double>> centred;
  centred.reserve(rows.members.size());
  for (const auto& member : rows.members) centred.push_back(Centred(member));
  const size_t m = centred.size();
  Normal normal = {std::vector<std::vector<double>>(m, Weights(m)),
                   std::vector<double>(m)};
  for (size_t a = 0; a < m; ++a) {
    for (size_t b = 0; b <= a; ++b) {
      const double product = std::inner_product(
          centred[a].begin(), centred[a].end(), centred[b].begin(), 0.0);
      normal.gram[a][b] = normal.gram[b][a] = product;
    }
    normal.moment[a] = std::inner_product(centred[a].begin(), centred[a].end(),
                                          target.begin(), 0.0);
  }
  return normal;
}

// Adding up to 1, without what is not worth a refit.
Weights Normalised(Weights weights, const FitRows& rows) {
  const double largest = std::ranges::max(weights);
  for (double& weight : weights) {
    if (weight < kMinShare * largest) weight = 0;
  }
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(total > 0)) return BestAlone(rows);
  for (double& weight : weights) weight /= total;
  return weights;
}

}  // namespace

Weights BestAlone(const FitRows& rows) {
  Weights weights(rows.members.size(), 0.0);
  weights[BestMember(rows, AllMembers(rows))] = 1;
  return weights;
}

Weights FamilyMean(const FitRows& rows) {
  std::map<std::string, size_t> best;
  for (size_t m = 0; m < rows.members.size(); ++m) {
    const auto [at, added] = best.emplace(rows.families[m], m);
    if (!added && rows.gains[m] > rows.gains[at->second]) at->second = m;
  }
  Weights weights(rows.members.size(), 0.0);
  for (const auto& [family, member] : best) {
    weights[member] = 1 / static_cast<double>(best.size());
  }
  return weights;
}

Weights GreedyBags(const FitRows& all, Rng& rng) {
  const std::optional<FitRows> true_classes = OnTrueClasses(all);
  const FitRows& rows = true_classes ? *true_classes : all;
  Weights weights(rows.members.size(), 0.0);
  const int bags = rows.members.size() <= kWholeBag ? 1 : kBags;
  for (int bag = 0; bag < bags; ++bag) {
    const std::vector<size_t> picks = Greedy(rows, RandomHalf(rows, rng)).Run();
    for (const size_t member : picks) {
      weights[member] += 1 / static_cast<double>(picks.size());
    }
  }
  return Normalised(std::move(weights), rows);
}

Weights RidgeStack(const FitRows& rows) {
  Normal normal = NormalEquations(rows);
  const size_t m = normal.moment.size();
  double diagonal = 0;
  for (size_t a = 0; a < m; ++a) diagonal += normal.gram[a][a];
  const double ridge = kRidge * diagonal / static_cast<double>(m);
  const double equal = 1 / static_cast<double>(m);
  Weights weights(m, equal);
  for (int round = 0; round < kStackRounds; ++round) {
    double moved = 0;
    for (size_t a = 0; a < m; ++a) {
      double slope = normal.moment[a] + ridge * equal;
      for (size_t b = 0; b < m; ++b) {
        if (b != a) slope -= normal.gram[a][b] * weights[b];
      }
      const double below = normal.gram[a][a] + ridge;
      const double next = below > 0 ? std::max(0.0, slope / below) : 0;
      moved = std::max(moved, std::abs(next - weights[a]));
      weights[a] = next;
    }
    if (moved < 1e-6) break;
  }
  return Normalised(std::move(weights), rows);
}

}  // namespace treesmith
