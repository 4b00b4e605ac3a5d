#include "evaluation/evaluator.h"

#include "base/check.h"

namespace treesmith {

const Finalist& BestOf(std::span<const Finalist> finalists) {
  CHECK(!finalists.empty());
  const Finalist* best = finalists.data();
  for (const Finalist& finalist : finalists) {
    if (finalist.value.BetterThan(best->value)) best = &finalist;
  }
  return *best;
}

Result<Check> Evaluator::Canary(const CanaryJob&, std::stop_token) {
  CHECK(has_canary());
  return Check{"canary", CheckVerdict::kSkipped, "there is no such check"};
}

Result<std::string> Evaluator::Portray(const Choice&,
                                       const std::vector<UnitPredictions>&,
                                       std::stop_token) {
  return std::string();
}

}  // namespace treesmith
