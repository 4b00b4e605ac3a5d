// Which prompts there are, and what each of them is given to tell.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace treesmith {

struct PromptRow {
  std::string_view name;  // file below the folder, without ".mustache"
  // What {{names}} it may use.
  std::span<const std::string_view> names;
  // Those without which an answer cannot be of use.
  std::span<const std::string_view> needed;
};

// Every template but parts.
std::span<const PromptRow> PromptRows();
// Null: there is no such template.
const PromptRow* FindPromptRow(std::string_view name);

// {{> parts/NAME}}: included by others, with the names of those.
inline constexpr std::string_view kPartsFolder = "parts/";

// A tag of a template: {{name}}, {{#name}}, {{^name}}, {{/name}}, {{> name}}.
struct PromptTag {
  enum class Kind { kName, kOpen, kClose, kPart, kDelimiter } kind;
  std::string_view name;
  int line = 1;
};
// In order; comments are left out. A tag without an end is left out too: the
// renderer refuses it.
std::vector<PromptTag> FindPromptTags(std::string_view text);

}  // namespace treesmith
