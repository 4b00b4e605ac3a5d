#include "evaluation/canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace treesmith {
namespace {

constexpr int kOrders = 20;
// A gain below this many of its deviations is chance.
constexpr double kClearly = 4;
// A canary that keeps less than this share of the gain is innocent: few free
// choices (a model of one feature) make large scores by luck.
constexpr double kKept = 0.5;

std::vector<int32_t> LabelledOf(const Target& target,
                                const std::vector<int32_t>& rows) {
  std::vector<int32_t> labelled;
  labelled.reserve(rows.size());
  std::ranges::copy_if(rows, std::back_inserter(labelled),
                       [&](int32_t row) { return target.Labelled(row); });
  return labelled;
}

Donors Unchanged(const Target& target) {
  Donors donors(static_cast<size_t>(target.rows()));
  std::iota(donors.begin(), donors.end(), 0);
  return donors;
}

int ClassAt(const Target& target, int32_t row) {
  return static_cast<int>(target.At(row, 0));
}

// The rows of each class, in the order of the classes that there are.
std::vector<std::vector<int32_t>> RowsByClass(const Target& target,
                                              const std::vector<int32_t>& rows,
                                              std::vector<size_t>& place_of) {
  std::vector<std::vector<int32_t>> by_class(target.classes.size());
  for (const int32_t row : rows) {
    by_class[static_cast<size_t>(ClassAt(target, row))].push_back(row);
  }
  place_of.assign(by_class.size(), 0);
  std::vector<std::vector<int32_t>> present;
  for (size_t k = 0; k < by_class.size(); ++k) {
    place_of[k] = present.size();
    if (!by_class[k].empty()) present.push_back(std::move(by_class[k]));
  }
  return present;
}

}  // namespace

Donors ShuffledLabels(const Target& target, const std::vector<int32_t>& rows,
                      Rng& rng) {
  const std::vector<int32_t> labelled = LabelledOf(target, rows);
  std::vector<int32_t> mixed = labelled;
  rng.Shuffle(std::span(mixed));
  Donors donors = Unchanged(target);
  for (size_t i = 0; i < labelled.size(); ++i) {
    donors[static_cast<size_t>(labelled[i])] = mixed[i];
  }
  return donors;
}

Donors MirroredLabels(const Target& target, const std::vector<int32_t>& rows,
                      const Donors& shuffled, Rng& rng) {
  const std::vector<int32_t> labelled = LabelledOf(target, rows);
  Donors donors = shuffled;
  if (!target.classes.empty()) {
    std::vector<size_t> place_of;
    const auto present = RowsByClass(target, labelled, place_of);
    for (const int32_t row : labelled) {
      int32_t& donor = donors[static_cast<size_t>(row)];
      const auto given = static_cast<size_t>(ClassAt(target, donor));
      const auto& other = present[(place_of[given] + 1) % present.size()];
      donor = other[rng.Below(other.size())];
    }
    return donors;
  }
  std::vector<int32_t> sorted = labelled;
  std::ranges::stable_sort(sorted, [&](int32_t a, int32_t b) {
    return target.At(a, 0) < target.At(b, 0);
  });
  Donors opposite = Unchanged(target);
  for (size_t i = 0; i < sorted.size(); ++i) {
    opposite[static_cast<size_t>(sorted[i])] = sorted[sorted.size() - 1 - i];
  }
  for (const int32_t row : labelled) {
    int32_t& donor = donors[static_cast<size_t>(row)];
    donor = opposite[static_cast<size_t>(donor)];
  }
  return donors;
}

Result<Information> InformationIn(const Metric& metric, const Truth& truth,
                                  PredictionView predictions, Rng& rng) {
  Information information;
  TRY_ASSIGN(information.score, metric.Evaluate(truth, predictions));
  const auto width = static_cast<size_t>(truth.columns);
  std::vector<size_t> order(truth.rows());
  std::iota(order.begin(), order.end(), size_t{0});
  Truth mixed = truth;
  std::vector<double> scores;
  for (int i = 0; i < kOrders; ++i) {
    rng.Shuffle(std::span(order));
    for (size_t row = 0; row < order.size(); ++row) {
      std::copy_n(
          truth.values.begin() +
              static_cast<std::ptrdiff_t>(order[row] * width),
          width,
          mixed.values.begin() + static_cast<std::ptrdiff_t>(row * width));
    }
    TRY_ASSIGN(const double score, metric.Evaluate(mixed, predictions));
    scores.push_back(score);
    information.chance += score / kOrders;
  }
  for (const double score : scores) {
    information.noise += (score - information.chance) *
                         (score - information.chance) / (kOrders - 1);
  }
  information.noise = std::sqrt(information.noise);
  information.gain = information.score - information.chance;
  if (metric.direction() == Direction::kMinimize) {
    information.gain = -information.gain;
  }
  return information;
}

bool Knows(const Information& information) {
  return information.gain > kClearly * information.noise;
}

bool KnowsTooMuch(const Information& own, const Information& canary) {
  return Knows(canary) && canary.gain > kKept * own.gain;
}

Check JudgeCanary(const Information& own,
                  const std::vector<Information>& canaries) {
  Check check{"canary", CheckVerdict::kClear, ""};
  if (!Knows(own)) {
    check.text =
        "its own fit scores little better than chance: there is "
        "nothing that could leak";
    return check;
  }
  const Information& last = canaries.back();
  if (canaries.size() < 2 || !KnowsTooMuch(own, last)) {
    check.text = fmt::format(
        "refitted on shuffled labels it scores {:.5g}, like chance ({:.5g} on "
        "the true ones)",
        last.score, own.score);
    return check;
  }
  check.verdict = CheckVerdict::kLeak;
  check.text = fmt::format(
      "refitted on shuffled labels it still scores {:.5g} ({:.5g} on the true "
      "ones, chance is {:.5g}): it does not learn what it predicts, so hidden "
      "labels reach it or the answer is written into it",
      last.score, own.score, last.chance);
  return check;
}

}  // namespace treesmith
