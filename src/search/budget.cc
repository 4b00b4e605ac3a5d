#include "search/budget.h"

#include <algorithm>

namespace treesmith {
namespace {

// So many duplicates in a row say that the coder repeats itself.
constexpr size_t kFruitless = 40;

class TargetRule : public StopRule {
 public:
  explicit TargetRule(double target) : target_(target) {}
  [[nodiscard]] std::optional<std::string> Why(
      const Progress& progress) const override {
    const std::optional<NodeId> best = progress.tree.best();
    if (!best) return std::nullopt;
    const MetricValue target(target_, progress.tree.direction());
    const MetricValue& value = progress.tree.at(*best).score->value;
    if (!value.present() || target.BetterThan(value)) return std::nullopt;
    return "target reached";
  }

 private:
  const double target_;
};

class StepsRule : public StopRule {
 public:
  explicit StepsRule(int64_t steps) : steps_(steps) {}
  [[nodiscard]] std::optional<std::string> Why(
      const Progress& progress) const override {
    if (progress.steps_proposed < steps_) return std::nullopt;
    return "steps";
  }

 private:
  const int64_t steps_;
};

class TimeRule : public StopRule {
 public:
  explicit TimeRule(std::chrono::milliseconds time) : time_(time) {}
  [[nodiscard]] std::optional<std::string> Why(
      const Progress& progress) const override {
    if (progress.elapsed + progress.reserve < time_) return std::nullopt;
    return "time";
  }

 private:
  const std::chrono::milliseconds time_;
};

class PatienceRule : public StopRule {
 public:
  explicit PatienceRule(int64_t steps) : steps_(steps) {}
  // Without a best node there is no gain to wait for: first a solution.
  [[nodiscard]] std::optional<std::string> Why(
      const Progress& progress) const override {
    const std::optional<NodeId> best = progress.tree.best();
    if (!best) return std::nullopt;
    const auto size = static_cast<int64_t>(progress.tree.size());
    if (size - 1 - best->value < steps_) return std::nullopt;
    return "no gain in " + std::to_string(steps_) + " steps";
  }

 private:
  const int64_t steps_;
};

class FruitlessRule : public StopRule {
 public:
  [[nodiscard]] std::optional<std::string> Why(
      const Progress& progress) const override {
    const size_t size = progress.tree.size();
    if (size < kFruitless) return std::nullopt;
    for (size_t i = size - kFruitless; i < size; ++i) {
      const Node& node = progress.tree.at(NodeId{static_cast<int64_t>(i)});
      if (node.outcome.kind != OutcomeKind::kDuplicate) return std::nullopt;
    }
    return "nothing new to try";
  }
};

}  // namespace

Budget::Budget(const StopLimits& limits) {
  // First what one is glad of.
  if (limits.target_score) {
    rules_.push_back(std::make_unique<TargetRule>(*limits.target_score));
  }
  if (limits.steps) {
    rules_.push_back(std::make_unique<StepsRule>(*limits.steps));
  }
  if (limits.time) rules_.push_back(std::make_unique<TimeRule>(*limits.time));
  if (limits.patience) {
    rules_.push_back(std::make_unique<PatienceRule>(*limits.patience));
  }
  rules_.push_back(std::make_unique<FruitlessRule>());
}

std::optional<std::string> Budget::Why(const Progress& progress) const {
  for (const auto& rule : rules_) {
    if (auto why = rule->Why(progress)) return why;
  }
  return std::nullopt;
}

}  // namespace treesmith
