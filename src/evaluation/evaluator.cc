#include "evaluation/evaluator.h"

#include "base/check.h"

namespace treesmith {

Result<Check> Evaluator::Canary(const CanaryJob&, std::stop_token) {
  CHECK(has_canary());
  return Check{"canary", CheckVerdict::kSkipped, "there is no such check"};
}

}  // namespace treesmith
