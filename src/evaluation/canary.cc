#include "evaluation/canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "base/check.h"
#include "score/order.h"
#include "table/profile_stats.h"

namespace treesmith {
namespace {

constexpr int kOrders = 20;
// A gain below this many of its deviations is chance.
constexpr double kClearly = 4;
// A canary that keeps less than this share of the gain is innocent: few free
// choices (a model of one feature) make large scores by luck.
constexpr double kKept = 0.5;
// Of what the inputs leave open. Who has the answer knows all of it; an honest
// formula knows what the host's plain model of the inputs has missed, and never
// the noise.
constexpr double kKnowsAnswers = 0.75;
constexpr double kKnowsMuch = 0.4;
// Left open of the truth, as a share: of less nothing can be said.
constexpr double kLeftOpen = 0.02;

// 0 where one of them does not vary.
double Likeness(std::span<const double> a, std::span<const double> b) {
  const double correlation = Correlation(a, b);
  return std::isnan(correlation) ? 0 : correlation;
}

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

OneNumber::OneNumber(const Target& target, const Predictions& predictions,
                     const std::vector<int32_t>& rows)
    : target_(target), predictions_(predictions) {
  const bool labels = predictions.kind == PredictionKind::kLabel;
  if (target.classes.empty() ||
      (!labels && predictions.columns == target.columns())) {
    return;
  }
  std::vector<size_t> count(target.classes.size(), 0);
  for (const int32_t row : rows) {
    ++count[static_cast<size_t>(ClassAt(target, row))];
  }
  class_ = static_cast<int>(std::ranges::max_element(count) - count.begin());
}

float OneNumber::Label(int32_t row) const {
  if (class_) return ClassAt(target_, row) == *class_ ? 1.0F : 0.0F;
  return static_cast<float>(target_.At(row, 0));
}

float OneNumber::Prediction(size_t place) const {
  const float* row = predictions_.values.data() +
                     place * static_cast<size_t>(predictions_.columns);
  if (!class_) return row[0];
  if (predictions_.kind != PredictionKind::kLabel) return row[*class_];
  return row[0] == static_cast<float>(*class_) ? 1.0F : 0.0F;
}

double KnownBeyond(std::span<const float> truth,
                   std::span<const float> predictions,
                   std::span<const float> told) {
  CHECK(truth.size() == predictions.size() && truth.size() == told.size());
  const std::vector<double> y = UnitRanks(truth);
  const std::vector<double> p = UnitRanks(predictions);
  const std::vector<double> t = UnitRanks(told);
  const double yt = Likeness(y, t);
  const double pt = Likeness(p, t);
  const double open = (1 - yt * yt) * (1 - pt * pt);
  if (1 - yt * yt < kLeftOpen || open <= 0) return 0;
  const double known = std::max(0.0, Likeness(y, p) - yt * pt);
  return std::min(1.0, known * known / open);
}

Check JudgeCanary(const Information& own,
                  const std::vector<Information>& canaries, double beyond) {
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
  const std::string still = fmt::format(
      "refitted on shuffled labels it still scores {:.5g} ({:.5g} on the true "
      "ones, chance is {:.5g}): it ",
      last.score, own.score, last.chance);
  if (beyond < kKnowsMuch) {
    check.text = still +
                 "hardly needs the labels, and knows no more than the inputs "
                 "tell";
    return check;
  }
  const std::string share = fmt::format(
      "{:.0f} % of what a plain model of the inputs leaves open", 100 * beyond);
  if (beyond < kKnowsAnswers) {
    check.verdict = CheckVerdict::kSuspect;
    check.text = still + "hardly needs the labels, yet knows " + share +
                 ": a rule that somebody thought out, or answers";
    return check;
  }
  check.verdict = CheckVerdict::kLeak;
  check.text = still + "does not learn what it predicts, and knows " + share +
               ", so hidden labels reach it or the answer is written into it";
  return check;
}

}  // namespace treesmith
