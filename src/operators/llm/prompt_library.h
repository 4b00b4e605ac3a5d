// PromptLibrary: the prompts, as mustache templates in files.
//
// The program holds those of prompts/ in the repository; a user's folder
// replaces files by name. Every name that a template uses is checked when it is
// loaded, so a mistyped {{name}} is one clear error and never an empty gap in a
// prompt. Immutable once loaded: any thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace treesmith {

// A name's text. {{#name}} ... {{/name}} stands where the text is not empty.
using PromptValues = std::map<std::string, std::string, std::less<>>;

class PromptLibrary {
 public:
  // The program's own.
  static PromptLibrary Builtin();

  // The program's own with the files of `folder` in their places:
  // "system.mustache", "aira/draft.mustache" ... BadInput: the folder cannot be
  // read, holds a file of no known name, or a template is malformed, uses a
  // name that it is not given (nearest names offered), or lacks one that it
  // must tell.
  static Result<PromptLibrary> Load(const std::filesystem::path& folder);

  // REQUIRES: `name` is a template ("aira/draft") and `values` holds every name
  // that it may use (prompt_names.h).
  [[nodiscard]] std::string Render(std::string_view name,
                                   const PromptValues& values) const;

 private:
  // Every name that is used is known, and every one that is needed is used.
  [[nodiscard]] Status Check(std::string_view name) const;

  std::map<std::string, std::string, std::less<>> templates_;
};

}  // namespace treesmith
