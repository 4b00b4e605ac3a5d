// DiagnosisHints: what the host's diagnosis of a node says about changes of it.
#pragma once

#include <string>
#include <string_view>

#include "operators/builtin/facts.h"

namespace treesmith {

struct DiagnosisHints {
  // Of the fifth of rows with the largest and the smallest target: the share of
  // the mean error that is bias, -1 (all too low) to 1 (all too high).
  double bias_high = 0;
  double bias_low = 0;
  // Spread of the scores of folds over their mean: groups or times differ.
  double fold_spread = 0;
  // The diagnosis speaks of unseen values, or of error that grows with time.
  bool unseen = false;
  bool time = false;
  // It names a column of this role.
  bool category = false;
  bool number = false;

  // To be added to the expected gain of changes with this label.
  [[nodiscard]] double Bonus(std::string_view label) const;
};

DiagnosisHints ReadDiagnosis(const TaskFacts& facts,
                             const std::string& diagnosis);

}  // namespace treesmith
