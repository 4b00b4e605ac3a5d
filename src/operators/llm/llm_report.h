// The text of a run's report, written by a model: one call at the end.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "model/tree.h"
#include "model/usage.h"
#include "operators/llm/llm_coder.h"

namespace treesmith {

struct ReportQuestion {
  NodeSnapshot nodes;
  std::optional<NodeId> best = std::nullopt;
  std::string best_code = {};
  // One or two sentences on what was chosen (Choice::why).
  std::string answer = {};
};

struct ReportText {
  std::string markdown;
  Usage usage;
};

// Blocks for one call; bounded whatever the tree's size (A18). An Error is the
// client's, or kFailed for an empty answer.
Result<ReportText> WriteReportText(const LlmParts& parts,
                                   const ReportQuestion& question,
                                   std::stop_token stop);

}  // namespace treesmith
