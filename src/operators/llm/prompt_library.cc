#include "operators/llm/prompt_library.h"

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "operators/llm/embedded_prompts.h"
#include "operators/llm/prompt_names.h"
#include "search/parameters.h"

namespace treesmith {
namespace {

namespace mustache = kainjow::mustache;

constexpr std::string_view kEnding = ".mustache";

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

std::string Nearest(std::string_view name, const std::set<std::string>& known) {
  const std::vector<std::string_view> all(known.begin(), known.end());
  return Joined(NearestNames(name, all));
}

// The names of the template files below `folder`.
Result<std::vector<std::string>> FilesOf(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  const auto options = std::filesystem::directory_options::none;
  std::filesystem::recursive_directory_iterator files(folder, options, error);
  const std::filesystem::recursive_directory_iterator end;
  while (!error && files != end) {
    if (files->is_regular_file(error)) {
      names.push_back(files->path().lexically_relative(folder).string());
    }
    files.increment(error);
  }
  if (error) {
    return BadInput("read prompts " + folder.string() + ": " + error.message());
  }
  std::ranges::sort(names);
  return names;
}

// Follows parts; notes the names that are used and the first complaint.
class TagChecker {
 public:
  TagChecker(const std::map<std::string, std::string, std::less<>>& templates,
             const PromptRow& row)
      : templates_(templates), row_(row) {}

  Status Visit(std::string_view name, bool part) {
    const std::string& text = templates_.find(name)->second;
    const mustache::mustache parsed(text);
    const std::string act = "read prompt " + std::string(name) + ": ";
    if (!parsed.is_valid()) return BadInput(act + parsed.error_message());
    for (const PromptTag& tag : FindPromptTags(text)) {
      TRY(VisitTag(tag, act + "line " + std::to_string(tag.line) + ": ", part));
    }
    return {};
  }
  [[nodiscard]] bool Uses(std::string_view name) const {
    return used_.contains(name);
  }

 private:
  Status VisitTag(const PromptTag& tag, const std::string& act, bool part) {
    if (tag.kind == PromptTag::Kind::kDelimiter) {
      return BadInput(act + "tags other than {{ }} are not taken");
    }
    if (tag.kind == PromptTag::Kind::kPart) {
      if (part) return BadInput(act + "a part cannot include another one");
      const bool known =
          tag.name.starts_with(kPartsFolder) && templates_.contains(tag.name);
      if (!known) {
        return BadInput(act + "no part is called '" + std::string(tag.name) +
                        "'");
      }
      return Visit(tag.name, true);
    }
    if (std::ranges::find(row_.names, tag.name) != row_.names.end()) {
      used_.emplace(tag.name);
      return {};
    }
    const std::set<std::string> names(row_.names.begin(), row_.names.end());
    return BadInput(act + "unknown name '" + std::string(tag.name) + "'",
                    names.empty()
                        ? "this prompt is given no names"
                        : "the nearest names are " + Nearest(tag.name, names));
  }

  const std::map<std::string, std::string, std::less<>>& templates_;
  const PromptRow& row_;
  std::set<std::string, std::less<>> used_;
};

}  // namespace

PromptLibrary PromptLibrary::Builtin() {
  PromptLibrary library;
  for (const EmbeddedPrompt& prompt : EmbeddedPrompts()) {
    library.templates_.emplace(prompt.name, prompt.text);
  }
  return library;
}

Result<PromptLibrary> PromptLibrary::Load(const std::filesystem::path& folder) {
  PromptLibrary library = Builtin();
  TRY_ASSIGN(const std::vector<std::string> files, FilesOf(folder));
  std::set<std::string> known;
  for (const auto& [name, text] : library.templates_) {
    known.insert(name + std::string(kEnding));
  }
  for (const std::string& file : files) {
    if (!known.contains(file)) {
      return BadInput("read prompts " + folder.string() +
                          ": no prompt is called '" + file + "'",
                      "the nearest names are " + Nearest(file, known));
    }
    TRY_ASSIGN(std::string text, ReadFile(folder / file));
    const std::string name = file.substr(0, file.size() - kEnding.size());
    library.templates_[name] = std::move(text);
  }
  for (const PromptRow& row : PromptRows()) {
    const Status status = library.Check(row.name);
    if (!status.ok()) return status.error().Wrap(folder.string());
  }
  return library;
}

Status PromptLibrary::Check(std::string_view name) const {
  const PromptRow* row = FindPromptRow(name);
  CHECK(row != nullptr);
  TagChecker checker(templates_, *row);
  TRY(checker.Visit(name, false));
  for (const std::string_view needed : row->needed) {
    if (!checker.Uses(needed)) {
      return BadInput("read prompt " + std::string(name) + ": it lacks {{" +
                      std::string(needed) + "}}, which it must tell");
    }
  }
  return {};
}

std::string PromptLibrary::Render(std::string_view name,
                                  const PromptValues& values) const {
  const PromptRow* row = FindPromptRow(name);
  CHECK(row != nullptr);
  mustache::data data;
  for (const std::string_view known : row->names) {
    const auto value = values.find(known);
    CHECK(value != values.end());
    // An empty text would count as true.
    data.set(std::string(known), value->second.empty()
                                     ? mustache::data(false)
                                     : mustache::data(value->second));
  }
  for (const auto& [part, text] : templates_) {
    if (part.starts_with(kPartsFolder)) data.set(part, text);
  }
  mustache::mustache parsed(templates_.find(name)->second);
  parsed.set_custom_escape([](const std::string& text) { return text; });
  return parsed.render(data);
}

}  // namespace treesmith
