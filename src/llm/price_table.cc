#include "llm/price_table.h"

#include <algorithm>
#include <cctype>

namespace treesmith {
namespace {

struct Row {
  std::string_view model;
  Prices prices;  // input, cached, cache write, output
};

// Standard tier, prompts below 200,000 tokens.
constexpr Row kRows[] = {
    {"gpt-4o", {2.5, 1.25, 2.5, 10}},
    {"gpt-4o-mini", {0.15, 0.075, 0.15, 0.6}},
    {"gpt-4.1", {2, 0.5, 2, 8}},
    {"gpt-4.1-mini", {0.4, 0.1, 0.4, 1.6}},
    {"gpt-4.1-nano", {0.1, 0.025, 0.1, 0.4}},
    {"o3", {2, 0.5, 2, 8}},
    {"o4-mini", {1.1, 0.275, 1.1, 4.4}},
    {"gpt-5", {1.25, 0.125, 1.25, 10}},
    {"gpt-5-mini", {0.25, 0.025, 0.25, 2}},
    {"gpt-5-nano", {0.05, 0.005, 0.05, 0.4}},
    {"gpt-5-codex", {1.25, 0.125, 1.25, 10}},
    {"gpt-5.1", {1.25, 0.125, 1.25, 10}},
    {"gpt-5.1-codex", {1.25, 0.125, 1.25, 10}},
    {"gpt-5.1-codex-max", {1.25, 0.125, 1.25, 10}},
    {"gpt-5.1-codex-mini", {0.25, 0.025, 0.25, 2}},
    {"gpt-5.2", {1.75, 0.175, 1.75, 14}},
    {"gpt-5.2-codex", {1.75, 0.175, 1.75, 14}},
    {"gpt-5.3-codex", {1.75, 0.175, 1.75, 14}},
    {"gpt-5.4", {2.5, 0.25, 2.5, 15}},
    {"gpt-5.4-mini", {0.75, 0.075, 0.75, 4.5}},
    {"gpt-5.4-nano", {0.2, 0.02, 0.2, 1.25}},
    {"gpt-5.5", {5, 0.5, 5, 30}},
    {"claude-haiku-4-5", {1, 0.1, 1.25, 5}},
    {"claude-sonnet-4", {3, 0.3, 3.75, 15}},
    {"claude-sonnet-4-5", {3, 0.3, 3.75, 15}},
    {"claude-sonnet-4-6", {3, 0.3, 3.75, 15}},
    {"claude-opus-4", {15, 1.5, 18.75, 75}},
    {"claude-opus-4-1", {15, 1.5, 18.75, 75}},
    {"claude-opus-4-5", {5, 0.5, 6.25, 25}},
    {"claude-opus-4-6", {5, 0.5, 6.25, 25}},
    {"claude-opus-4-7", {5, 0.5, 6.25, 25}},
    {"claude-opus-4-8", {5, 0.5, 6.25, 25}},
    {"claude-opus-5", {5, 0.5, 6.25, 25}},
    {"gemini-2.5-flash", {0.3, 0.03, 0.3, 2.5}},
    {"gemini-2.5-flash-lite", {0.1, 0.01, 0.1, 0.4}},
    {"gemini-2.5-pro", {1.25, 0.125, 1.25, 10}},
    {"gemini-3-flash-preview", {0.5, 0.05, 0.5, 3}},
    {"gemini-3-pro-preview", {2, 0.2, 2, 12}},
    {"gemini-3.1-pro-preview", {2, 0.2, 2, 12}},
};

bool IsDigits(std::string_view text) {
  return std::ranges::all_of(
      text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Without "-20250929", "-2025-08-07" or "-latest" at the end.
std::string_view WithoutDate(std::string_view model) {
  constexpr size_t kPlain = 9;
  constexpr size_t kDashed = 11;
  constexpr std::string_view kLatest = "-latest";
  if (model.ends_with(kLatest)) {
    model.remove_suffix(kLatest.size());
    return model;
  }
  if (model.size() > kPlain) {
    const std::string_view tail = model.substr(model.size() - kPlain);
    if (tail[0] == '-' && IsDigits(tail.substr(1))) {
      return model.substr(0, model.size() - kPlain);
    }
  }
  if (model.size() > kDashed) {
    const std::string_view tail = model.substr(model.size() - kDashed);
    if (tail[0] == '-' && tail[5] == '-' && tail[8] == '-' &&
        IsDigits(tail.substr(1, 4)) && IsDigits(tail.substr(6, 2)) &&
        IsDigits(tail.substr(9))) {
      return model.substr(0, model.size() - kDashed);
    }
  }
  return model;
}

}  // namespace

std::string_view PriceTableDate() { return "2026-08-10"; }

std::optional<Prices> FindPrices(std::string_view model) {
  const size_t slash = model.rfind('/');
  if (slash != std::string_view::npos) model.remove_prefix(slash + 1);
  const std::string_view name = WithoutDate(model);
  const auto* found = std::ranges::find(kRows, name, &Row::model);
  if (found == std::end(kRows)) return std::nullopt;
  return found->prices;
}

}  // namespace treesmith
