// Predictions: what a script said about some rows, in those rows' order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace treesmith {

enum class PredictionKind {
  kValue,        // a number for each target
  kLabel,        // the index of a class for each target
  kProbability,  // P(class 1) for each binary target; a probability for each
                 // class of one target with more than two
  kScore,  // any real number for each target (before cutting), or for each
           // class (ranked lists)
};

struct Predictions {
  PredictionKind kind = PredictionKind::kValue;
  int columns = 1;
  // Row-major, finite.
  std::vector<float> values;

  [[nodiscard]] int64_t rows() const {
    return columns > 0 ? static_cast<int64_t>(values.size()) / columns : 0;
  }
  bool operator==(const Predictions&) const = default;
};

// Bytes for a blob: float32, columns apart, compressed. Any thread.
std::string EncodePredictions(const Predictions& predictions);
Result<Predictions> DecodePredictions(std::string_view bytes);

}  // namespace treesmith
