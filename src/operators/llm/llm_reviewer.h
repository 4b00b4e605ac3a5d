// LlmReviewer: a model's word on a finished script, where rules have none.
//
// Rules decide what a script did and the host scores it; a model is asked only
// for the cause of a failure that its traceback does not tell, or, in reported
// mode, for a metric that was printed but not in the agreed form. So most steps
// cost one call, not two.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "model/ids.h"
#include "model/outcome.h"
#include "model/usage.h"
#include "operators/llm/llm_coder.h"

namespace treesmith {

struct ReviewQuestion {
  StepId step;
  Outcome outcome;
  std::string plan;
  std::string code;
  std::string output;
  // Reported mode: the script ended well and the rules found no metric.
  bool metric_wanted = false;
};

struct Review {
  // One or two sentences; empty: the model had nothing to add.
  std::string finding;
  // Reported mode only: what the script printed as its score. Integers count,
  // non-finite numbers do not, and only a number that stands in the output is
  // believed. The direction is the task's, never the model's.
  std::optional<double> metric;
  Usage usage;
};

class LlmReviewer {
 public:
  explicit LlmReviewer(LlmParts parts) : parts_(parts) {}

  // Whether a model can add something to what the rules said (operators/
  // review.h). Cheap, pure.
  [[nodiscard]] static bool Wanted(const ReviewQuestion& question);

  // Blocks for one call. An answer that cannot be read is an empty Review, so
  // that no node is lost for it; an Error is the client's.
  Result<Review> Ask(const ReviewQuestion& question, std::stop_token stop);

 private:
  LlmParts parts_;
};

}  // namespace treesmith
