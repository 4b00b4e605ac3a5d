// The changing end of a prompt: parents, memory, and where the search stands.
//
// Pure functions of an Assignment, bounded whatever the size of the tree.
#pragma once

#include <optional>
#include <string>

#include "operators/coder.h"
#include "operators/llm/llm_options.h"
#include "operators/llm/prompt_facts.h"
#include "operators/llm/prompt_library.h"

namespace treesmith {

// The names of the templates of a step ("aira/improve").
PromptValues StepValues(const Assignment& assignment, const PromptFacts& facts,
                        const LlmOptions& options);

// The names of the template `measured`: what a clock measured and what scripts
// printed, kept apart because it differs between two equal runs.
PromptValues MeasuredValues(const Assignment& assignment,
                            const PromptFacts& facts,
                            const LlmOptions& options);

// The gain below which a difference means nothing: the median standard error of
// the newest paired comparisons. Absent before the first one.
std::optional<double> NoiseLevel(const NodeSnapshot& nodes);

}  // namespace treesmith
