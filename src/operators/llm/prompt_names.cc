#include "operators/llm/prompt_names.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"

namespace treesmith {
namespace {

using Name = std::string_view;

constexpr auto kTask = std::to_array<Name>(
    {"goal", "metric", "formula", "better", "target", "files", "id", "hint",
     "preview", "profile", "hidden", "reported", "split", "runs", "labels",
     "evaluate", "python", "packages", "hardware"});
constexpr auto kTaskNeeds =
    std::to_array<Name>({"goal", "metric", "better", "target", "files"});

constexpr auto kStep =
    std::to_array<Name>({"memory", "cue", "parent", "code", "diagnosis",
                         "other_parent", "other_code", "other_diagnosis",
                         "noise", "ensemble", "in_flight", "refused"});
// A model that is not told why it is asked once more says the same again.
constexpr auto kDraftNeeds = std::to_array<Name>({"refused"});
constexpr auto kImproveNeeds = std::to_array<Name>({"code", "refused"});
constexpr auto kCrossoverNeeds =
    std::to_array<Name>({"code", "other_code", "refused"});
constexpr auto kMeasured = std::to_array<Name>(
    {"failure", "warning", "output", "other_output", "budget"});
constexpr auto kMeasuredNeeds = std::to_array<Name>({"failure", "output"});

constexpr auto kAgain = std::to_array<Name>({"reason", "advice"});
constexpr auto kAgainNeeds = std::to_array<Name>({"reason"});
constexpr auto kReview =
    std::to_array<Name>({"metric_wanted", "metric", "goal", "plan", "code"});
constexpr auto kReport = std::to_array<Name>(
    {"goal", "metric", "better", "answer", "counts", "memory", "code"});
constexpr auto kReportNeeds = std::to_array<Name>({"answer", "memory"});

constexpr auto kRows = std::to_array<PromptRow>({
    {"system", {}, {}},
    {"task", kTask, kTaskNeeds},
    {"aide/draft", kStep, kDraftNeeds},
    {"aide/improve", kStep, kImproveNeeds},
    {"aide/debug", kStep, kImproveNeeds},
    {"aide/crossover", kStep, kCrossoverNeeds},
    {"aira/draft", kStep, kDraftNeeds},
    {"aira/improve", kStep, kImproveNeeds},
    {"aira/debug", kStep, kImproveNeeds},
    {"aira/crossover", kStep, kCrossoverNeeds},
    {"measured", kMeasured, kMeasuredNeeds},
    {"again", kAgain, kAgainNeeds},
    {"review", kReview, {}},
    {"report", kReport, kReportNeeds},
});

}  // namespace

std::span<const PromptRow> PromptRows() { return kRows; }

const PromptRow* FindPromptRow(std::string_view name) {
  const auto* const row = std::ranges::find(kRows, name, &PromptRow::name);
  return row == kRows.end() ? nullptr : row;
}

std::vector<PromptTag> FindPromptTags(std::string_view text) {
  std::vector<PromptTag> tags;
  int line = 1;
  size_t counted = 0;  // lines of what stands before it
  size_t at = 0;
  while (true) {
    const size_t open = text.find("{{", at);
    if (open == std::string_view::npos) return tags;
    const size_t close = text.find("}}", open);
    if (close == std::string_view::npos) return tags;
    line += static_cast<int>(
        std::ranges::count(text.substr(counted, open - counted), '\n'));
    counted = open;
    std::string_view inner = Trimmed(text.substr(open + 2, close - open - 2));
    at = close;
    if (inner.empty()) continue;
    PromptTag tag{PromptTag::Kind::kName, inner, line};
    const char sign = inner.front();
    if (sign == '!') continue;
    if (sign == '#' || sign == '^') tag.kind = PromptTag::Kind::kOpen;
    if (sign == '/') tag.kind = PromptTag::Kind::kClose;
    if (sign == '>') tag.kind = PromptTag::Kind::kPart;
    if (sign == '=') tag.kind = PromptTag::Kind::kDelimiter;
    const bool bare = tag.kind == PromptTag::Kind::kName;
    if (!bare || sign == '&' || sign == '{') {
      tag.name = Trimmed(inner.substr(1));
    }
    tags.push_back(tag);
  }
}

}  // namespace treesmith
