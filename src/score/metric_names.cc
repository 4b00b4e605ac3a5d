#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "score/metric.h"
#include "score/metric_row.h"

namespace treesmith {
namespace {

// The words of a text: lower case, split at everything else than letters and
// digits. "Area under the ROC-curve" and "area_under_the_roc_curve" are equal.
std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  bool open = false;
  for (const char raw : text) {
    const auto c = static_cast<unsigned char>(raw);
    if (std::isalnum(c) == 0) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
    words.back() += static_cast<char>(std::tolower(c));
  }
  return words;
}

std::string Joined(std::span<const std::string> words) {
  std::string joined;
  for (const std::string& word : words) joined += word;
  return joined;
}

template <typename Visit>
void ForEachName(const MetricRow& row, Visit visit) {
  visit(row.name);
  visit(row.short_name);
  std::string_view rest = row.aliases;
  while (!rest.empty()) {
    const size_t bar = std::min(rest.find('|'), rest.size());
    visit(rest.substr(0, bar));
    rest.remove_prefix(std::min(bar + 1, rest.size()));
  }
}

struct Spelling {
  std::string key;  // lower case letters and digits alone
  const MetricRow* row;
};

std::vector<Spelling> AllSpellings() {
  std::vector<Spelling> spellings;
  for (const MetricRow& row : MetricTable()) {
    ForEachName(row, [&](std::string_view name) {
      spellings.push_back({Joined(Words(name)), &row});
    });
  }
  return spellings;
}

const MetricRow* RowNamed(const std::string& key) {
  for (const Spelling& spelling : AllSpellings()) {
    if (spelling.key == key) return spelling.row;
  }
  return nullptr;
}

// scikit-learn's decorations: "neg_" before a loss, "_score" after a score.
const MetricRow* RowNamedWithDecorations(std::string key) {
  if (const MetricRow* row = RowNamed(key)) return row;
  if (key.starts_with("neg")) key.erase(0, 3);
  if (key.ends_with("score")) key.erase(key.size() - 5);
  if (key.ends_with("metric")) key.erase(key.size() - 6);
  return RowNamed(key);
}

bool TakesParameter(const MetricRow& row) {
  return row.default_parameter > 0 && row.default_parameter != 1;
}

// k of rankings: a whole number; a quantile: inside (0, 1); beta: positive.
bool ParameterFits(const MetricRow& row, double parameter) {
  if (!std::isfinite(parameter) || parameter <= 0) return false;
  if (row.short_name == "pinball") return parameter < 1;
  if (row.short_name == "f_beta") return true;
  return parameter == std::floor(parameter) && parameter <= 1e6;
}

std::optional<double> ParseNumber(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  double value = 0;
  const auto [end, code] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// f2 and f0.5 are f_beta with its beta as people write it.
std::optional<double> BetaOfShortForm(std::string_view name) {
  if (name.size() < 2 || (name[0] != 'f' && name[0] != 'F')) return {};
  std::string_view number = name.substr(1);
  for (const std::string_view suffix : {"_score", " score", "-score"}) {
    if (number.ends_with(suffix)) number.remove_suffix(suffix.size());
  }
  return ParseNumber(number);
}

std::optional<Metric> FindPlain(std::string_view name) {
  const MetricRow* row = RowNamedWithDecorations(Joined(Words(name)));
  if (row != nullptr) return Metric(row, row->default_parameter);
  const std::optional<double> beta = BetaOfShortForm(name);
  if (!beta || *beta <= 0) return std::nullopt;
  return Metric(RowNamed("fbeta"), *beta);
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

// The number after a ranking's name in prose: "MAP@3", "NDCG at 10".
std::optional<double> NumberAfter(const MetricRow& row,
                                  std::span<const std::string> words) {
  if (!TakesParameter(row)) return std::nullopt;
  for (size_t i = 0; i < std::min<size_t>(words.size(), 2); ++i) {
    const std::optional<double> number = ParseNumber(words[i]);
    if (number && ParameterFits(row, *number)) return number;
    if (words[i] != "at" && words[i] != "k") return std::nullopt;
  }
  return std::nullopt;
}

// "RMSE ... between the logarithm of the predicted and the logarithm of the
// observed value": the words after "rmse" put the target's logarithm in it.
bool SpeaksOfLogarithms(std::span<const std::string> after) {
  constexpr size_t kNearby = 6;
  constexpr std::string_view kLogs[] = {"log", "logs", "logarithm",
                                        "logarithms"};
  constexpr std::string_view kBetween[] = {"the", "natural", "their"};
  bool joined = false;  // only small words since "between"
  for (const std::string& word : after.first(std::min(kNearby, after.size()))) {
    if (joined && std::ranges::find(kLogs, word) != std::end(kLogs)) {
      return true;
    }
    const bool small = std::ranges::find(kBetween, word) != std::end(kBetween);
    joined =
        word == "between" || word == "of" || word == "on" || (joined && small);
  }
  return false;
}

}  // namespace

Result<Metric> FindMetric(std::string_view name) {
  const size_t at = name.find('@');
  const std::optional<Metric> metric = FindPlain(name.substr(0, at));
  if (!metric) {
    std::string hint;
    for (const std::string& near : NearestMetricNames(name)) {
      hint += (hint.empty() ? "did you mean " : ", ") + near;
    }
    return BadInput("find metric " + std::string(name) + ": no such metric",
                    hint + "?");
  }
  if (at == std::string_view::npos) return *metric;
  const std::optional<double> parameter = ParseNumber(name.substr(at + 1));
  const MetricRow& row = metric->row();
  if (!parameter || !TakesParameter(row) || !ParameterFits(row, *parameter)) {
    return BadInput("find metric " + std::string(name) + ": \"" +
                    std::string(name.substr(at + 1)) +
                    "\" is no parameter of " + std::string(row.short_name));
  }
  return Metric(&row, *parameter);
}

std::optional<Metric> FindMetricInText(std::string_view text) {
  // Short forms in prose are also plain words ("map", "f_beta" aside); "map"
  // must be followed by its k.
  const std::vector<std::string> words = Words(text);
  std::optional<Metric> found;
  size_t found_length = 0;
  for (const MetricRow& row : MetricTable()) {
    ForEachName(row, [&](std::string_view name) {
      const std::vector<std::string> phrase = Words(name);
      const size_t length = Joined(phrase).size();
      if (length <= found_length) return;
      const auto at =
          std::search(words.begin(), words.end(), phrase.begin(), phrase.end());
      if (at == words.end()) return;
      const auto after =
          static_cast<size_t>(at - words.begin()) + phrase.size();
      const std::optional<double> number =
          NumberAfter(row, std::span(words).subspan(after));
      if (name == "map" && !number) return;
      const bool of_logs = row.short_name == "rmse" &&
                           SpeaksOfLogarithms(std::span(words).subspan(after));
      found = of_logs ? Metric(RowNamed("rmselog"), 0)
                      : Metric(&row, number.value_or(row.default_parameter));
      found_length = length;
    });
  }
  return found;
}

std::vector<Metric> AllMetrics() {
  std::vector<Metric> metrics;
  for (const MetricRow& row : MetricTable()) {
    metrics.emplace_back(&row, row.default_parameter);
  }
  return metrics;
}

std::vector<std::string> NearestMetricNames(std::string_view name) {
  const std::string key = Joined(Words(name));
  std::vector<Spelling> spellings = AllSpellings();
  std::ranges::stable_sort(spellings, {}, [&](const Spelling& spelling) {
    return EditDistance(key, spelling.key);
  });
  std::vector<std::string> nearest;
  for (const Spelling& spelling : spellings) {
    const std::string short_name(spelling.row->short_name);
    if (std::ranges::find(nearest, short_name) != nearest.end()) continue;
    nearest.push_back(short_name);
    if (nearest.size() == 3) break;
  }
  return nearest;
}

}  // namespace treesmith
