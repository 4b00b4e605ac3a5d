// Budget: when a search has had enough, and the word for why.
//
// A chain of small rules, asked in order; the first that holds gives the
// reason. Pure: rules read what Progress holds and no clock, so a resumed run
// stops where the undisturbed one would have. "Enough" means: propose no more;
// whether work in flight is waited for is the engine's business.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/tree.h"

namespace treesmith {

// Absent: no such bound.
struct StopLimits {
  std::optional<int64_t> steps = {};
  std::optional<std::chrono::milliseconds> time = {};
  std::optional<double> target_score = {};
  // Nodes since the best one.
  std::optional<int64_t> patience = {};
};

struct Progress {
  const Tree& tree;
  int64_t steps_proposed = 0;
  // Of the last event.
  std::chrono::milliseconds elapsed{0};
  // What the end will take: selection, refits, report (design 5.5).
  std::chrono::milliseconds reserve{0};
};

class StopRule {
 public:
  virtual ~StopRule() = default;
  // Why to stop; nothing while it does not apply.
  [[nodiscard]] virtual std::optional<std::string> Why(
      const Progress& progress) const = 0;
};

class Budget {
 public:
  explicit Budget(const StopLimits& limits);

  // "target reached", "steps", "time", "no gain in 30 steps", or "nothing new
  // to try" (always on: the last 40 nodes were duplicates).
  [[nodiscard]] std::optional<std::string> Why(const Progress& progress) const;

 private:
  std::vector<std::unique_ptr<StopRule>> rules_;
};

}  // namespace treesmith
