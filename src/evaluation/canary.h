// The canary: a script refitted on shuffled labels must score like chance.
//
// One that does not has its score from elsewhere than the labels it is given:
// hidden ones reach it, or the answer is written into it. Two fits at most: on
// shuffled labels, and where that scores well, on their mirror (large for
// small, another class for each). A script that learns may hit the direction by
// luck once; it then misses it in the mirror. A script that hardly needs labels
// (a ratio, a formula) scores well on both: it is no leak as long as it knows
// no more than the inputs tell anyone who learns from true labels. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "model/check.h"
#include "score/metric.h"
#include "table/predictions.h"
#include "table/target.h"

namespace treesmith {

// By train row: the row whose labels (and all else that only train has) it is
// given. Rows outside `rows` and rows without a label keep their own.
using Donors = std::vector<int32_t>;

Donors ShuffledLabels(const Target& target, const std::vector<int32_t>& rows,
                      Rng& rng);
// For each row a donor of the opposite label: by rank for numbers, of the next
// class for classes, by the first target.
Donors MirroredLabels(const Target& target, const std::vector<int32_t>& rows,
                      const Donors& shuffled, Rng& rng);

// What predictions know of the truth: how much better they score on it than on
// the same truth in other orders, and how much those scores vary.
struct Information {
  double score = 0;
  double chance = 0;
  double gain = 0;   // of score over chance, positive is better
  double noise = 0;  // standard deviation over the orders
};
// Predictions in the metric's terms. BadInput: they are impossible for it.
Result<Information> InformationIn(const Metric& metric, const Truth& truth,
                                  PredictionView predictions, Rng& rng);

// The gain is more than chance.
bool Knows(const Information& information);

// Whether a fit on labels that say nothing knows as much as it may not.
bool KnowsTooMuch(const Information& own, const Information& canary);

// Labels and predictions as one number a row, of the first target: the number;
// where each class has its column, or labels are predicted, whether it is the
// class that most of `rows` have, and how probable that is.
class OneNumber {
 public:
  // Borrows both. `rows`: with labels.
  OneNumber(const Target& target, const Predictions& predictions,
            const std::vector<int32_t>& rows);

  [[nodiscard]] float Label(int32_t row) const;
  // `place`: of the row among the predictions.
  [[nodiscard]] float Prediction(size_t place) const;

 private:
  const Target& target_;
  const Predictions& predictions_;
  std::optional<int> class_;
};

// How much `predictions` know of what `told`, the expectation of somebody who
// has learnt, leaves open of the truth: 0 to 1, the squared partial correlation
// of ranks. 0 where hardly anything is left open. REQUIRES: of equal sizes
double KnownBeyond(std::span<const float> truth,
                   std::span<const float> predictions,
                   std::span<const float> told);

// The verdict on a node: `own` of its true fit, `canaries` of one or two fits,
// in order. Two that know too much are of a script that hardly needs labels;
// `beyond`, the last one's KnownBeyond what the inputs tell, decides whether
// that is a leak.
Check JudgeCanary(const Information& own,
                  const std::vector<Information>& canaries, double beyond = 0);

}  // namespace treesmith
