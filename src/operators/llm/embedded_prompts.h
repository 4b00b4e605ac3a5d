// The files of prompts/, put into the program by cmake/EmbedPrompts.cmake.
#pragma once

#include <span>
#include <string_view>

namespace treesmith {

struct EmbeddedPrompt {
  std::string_view name;  // "aira/draft"
  std::string_view text;
};
std::span<const EmbeddedPrompt> EmbeddedPrompts();

}  // namespace treesmith
