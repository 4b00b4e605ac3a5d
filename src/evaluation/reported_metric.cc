#include "evaluation/reported_metric.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "score/metric.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kWord = "metric";
constexpr size_t kLongestNumber = 64;

ReportedMetric ReadNumber(std::string_view text) {
  const std::string word(text.substr(0, kLongestNumber));
  char* end = nullptr;
  const double value = std::strtod(word.c_str(), &end);
  ReportedMetric metric{std::nullopt, word};
  if (end != word.c_str() && std::isfinite(value)) metric.value = value;
  return metric;
}

// Whether the text is one number, as Python prints it, and nothing else.
bool IsNumber(std::string_view text) {
  if (text.empty()) return false;
  const std::string word(text);
  char* end = nullptr;
  std::strtod(word.c_str(), &end);
  return *end == '\0' && end != word.c_str();
}

// "Validation metric: 0.5": the word, a colon or an equals sign, one number.
std::optional<ReportedMetric> OfLine(std::string_view line) {
  const size_t word = Lowered(line).rfind(kWord);
  if (word == std::string::npos) return std::nullopt;
  std::string_view rest = Trimmed(line.substr(word + kWord.size()));
  if (!rest.starts_with(':') && !rest.starts_with('=')) return std::nullopt;
  rest = Trimmed(rest.substr(1));
  if (!IsNumber(rest)) return std::nullopt;
  return ReadNumber(rest);
}

std::optional<ReportedMetric> OfJson(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const Json* value = &json;
  if (json.is_object()) {
    const auto found = json.find("metric");
    if (found == json.end()) return std::nullopt;
    value = &*found;
  }
  if (value->is_number()) return ReadNumber(value->dump());
  if (value->is_string()) return ReadNumber(value->get<std::string>());
  // Python writes NaN, which is no JSON.
  if (json.is_discarded() && !text.empty()) {
    return ReportedMetric{std::nullopt, "no number in metric.json"};
  }
  return std::nullopt;
}

bool Says(const std::string& text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    return text.find(word) != std::string::npos;
  });
}

// A direction that the words tell, unless they tell both.
std::optional<Direction> ByWords(const std::string& text) {
  constexpr auto kLess = std::to_array<std::string_view>(
      {"minimi", "lower is better", "smaller is better", "error", "loss",
       "rmse", "rmsle", "mae", "mape", "deviance"});
  constexpr auto kMore = std::to_array<std::string_view>(
      {"maximi", "higher is better", "larger is better", "accuracy", "auc",
       "f1", "precision", "recall", "kappa", "correlation",
       "dice coefficient"});
  const bool less = Says(text, kLess);
  const bool more = Says(text, kMore);
  if (less == more) return std::nullopt;
  return less ? Direction::kMinimize : Direction::kMaximize;
}

}  // namespace

std::optional<ReportedMetric> FindReportedMetric(std::string_view json,
                                                 std::string_view output) {
  if (auto metric = OfJson(json)) return metric;
  while (!output.empty()) {
    const size_t line = output.rfind('\n');
    const size_t begin = line == std::string_view::npos ? 0 : line + 1;
    if (auto metric = OfLine(output.substr(begin))) return metric;
    output = output.substr(0, begin == 0 ? 0 : begin - 1);
  }
  return std::nullopt;
}

Result<Direction> ReportedDirection(const Task& task) {
  if (task.direction) return *task.direction;
  const Result<Metric> known = FindMetric(task.metric);
  if (known.ok()) return known->direction();
  for (const std::string& text : {task.metric, task.goal}) {
    if (const auto direction = ByWords(Lowered(text))) return *direction;
  }
  return BadInput("read metric '" + task.metric +
                      "': nothing tells whether lower or higher is better",
                  "state direction = \"minimize\" or \"maximize\" under "
                  "[metric] in task.toml");
}

}  // namespace treesmith
