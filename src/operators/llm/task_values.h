// The constant front of every prompt: what of a task and its machine is told.
#pragma once

#include "operators/llm/prompt_facts.h"
#include "operators/llm/prompt_library.h"

namespace treesmith {

// Of a description; longer ones lose their end.
inline constexpr size_t kGoalBytes = 16'000;

// The names of the template `task`. Equal for equal facts, so that the text is
// the same for every call of a run. Bounded whatever the task holds.
PromptValues TaskValues(const PromptFacts& facts);

// The same in a fifth of the room, for models with a small context.
PromptValues LeanTaskValues(const PromptFacts& facts);

// "Lower is better."
std::string BetterText(Direction direction);

}  // namespace treesmith
