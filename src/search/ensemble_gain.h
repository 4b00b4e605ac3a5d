// BlendGain: what a blend is worth, asked thousands of times on the same rows.
//
// The metric itself, without a second look at values that were judged possible
// before, and two shortcuts to the same number for those asked most: log loss
// and the area under the curve of ranks. For search/ensemble_fit.cc alone; one
// thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "search/ensemble_fit.h"

namespace treesmith {

// Log loss of several classes sees of each row the probability of the true one
// alone: the same losses from two classes, of which all rows are the second.
// Nothing where the loss is another.
std::optional<FitRows> OnTrueClasses(const FitRows& rows);

class BlendGain {
 public:
  // Borrows the rows.
  explicit BlendGain(const FitRows& rows);

  // More is better; the lowest number where there is no score. `blend` is of
  // all rows, out of the blend's space; probabilities are put into [0, 1].
  double operator()(std::span<float> blend);

 private:
  enum class Way { kMetric, kLogLoss, kAreaOfRanks };
  static Way WayOf(const FitRows& rows);

  [[nodiscard]] double LogLikelihood(std::span<const float> blend) const;
  double AreaOfRanks(std::span<const float> blend);

  const FitRows& rows_;
  Way way_;
  // Of AreaOfRanks: ranks and classes, as they stand and sorted.
  std::vector<uint32_t> keys_;
  std::vector<uint32_t> sorted_;
};

}  // namespace treesmith
