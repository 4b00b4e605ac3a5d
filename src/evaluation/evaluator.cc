#include "evaluation/evaluator.h"

#include "base/check.h"

namespace treesmith {

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
