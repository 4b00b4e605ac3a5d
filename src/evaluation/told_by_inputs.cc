#include "evaluation/told_by_inputs.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "score/order.h"
#include "table/value.h"

namespace treesmith {
namespace {

// Enough to learn what single columns and products of two tell.
constexpr size_t kMostLearnt = 4000;
constexpr int kTrees = 40;
constexpr size_t kFewestSplit = 6;
constexpr int kDeepest = 20;
// Random cuts of which a split takes the best.
constexpr size_t kFewestCuts = 16;
constexpr size_t kMostCuts = 64;

// The cells of one column as numbers that can be ordered: numbers where most
// cells are some, else places in the order of texts; gaps come first.
std::vector<float> Ordered(const Table& table, int column,
                           std::span<const int32_t> rows) {
  std::vector<std::string> texts;
  std::vector<std::optional<double>> numbers;
  size_t parsed = 0;
  for (const int32_t row : rows) {
    texts.push_back(table.Text(row, column));
    numbers.push_back(ParseNumber(texts.back()));
    if (numbers.back()) ++parsed;
  }
  std::vector<float> ordered;
  ordered.reserve(rows.size());
  if (2 * parsed > rows.size()) {
    for (const std::optional<double>& number : numbers) {
      ordered.push_back(static_cast<float>(
          number.value_or(-std::numeric_limits<double>::infinity())));
    }
    return ordered;
  }
  std::vector<std::string> sorted = texts;
  std::ranges::sort(sorted);
  for (const std::string& text : texts) {
    ordered.push_back(static_cast<float>(
        std::ranges::lower_bound(sorted, text) - sorted.begin()));
  }
  return ordered;
}

// Trees that are grown over the rows to learn from and those asked at once; a
// leaf adds its mean to each row asked that falls into it.
class Trees {
 public:
  // `columns`: a number for each row, for those with a value first.
  Trees(std::vector<std::vector<double>> columns, std::vector<double> values,
        Rng& rng)
      : columns_(std::move(columns)),
        values_(std::move(values)),
        sums_(columns_.empty() ? 0 : columns_.front().size()),
        rng_(rng) {}

  void Grow() {
    std::vector<uint32_t> rows(sums_.size());
    std::iota(rows.begin(), rows.end(), 0U);
    const std::span<uint32_t> all(rows);
    Split(all.first(values_.size()), all.subspan(values_.size()), 0);
  }

  // Of the rows asked, in order.
  [[nodiscard]] std::vector<float> Sums() const {
    return {sums_.begin() + static_cast<std::ptrdiff_t>(values_.size()),
            sums_.end()};
  }

 private:
  struct Cut {
    size_t column = 0;
    double below = 0;
    double gain = 0;
  };

  void Split(std::span<uint32_t> learnt, std::span<uint32_t> asked, int depth) {
    if (asked.empty()) return;
    const Cut cut = learnt.size() < kFewestSplit || depth >= kDeepest
                        ? Cut{}
                        : BestCut(learnt);
    if (cut.gain <= 0) {
      const double mean = Sum(learnt) / static_cast<double>(learnt.size());
      for (const uint32_t row : asked) sums_[row] += mean;
      return;
    }
    const auto halve = [&](std::span<uint32_t> rows) {
      const auto above = std::ranges::partition(rows, [&](uint32_t row) {
        return columns_[cut.column][row] < cut.below;
      });
      return static_cast<size_t>(above.begin() - rows.begin());
    };
    const size_t at = halve(learnt);
    const size_t asked_at = halve(asked);
    Split(learnt.first(at), asked.first(asked_at), depth + 1);
    Split(learnt.subspan(at), asked.subspan(asked_at), depth + 1);
  }

  [[nodiscard]] double Sum(std::span<const uint32_t> rows) const {
    double sum = 0;
    for (const uint32_t row : rows) sum += values_[row];
    return sum;
  }

  Cut BestCut(std::span<const uint32_t> rows) {
    const double total = Sum(rows);
    const auto count = static_cast<double>(rows.size());
    Cut best;
    const size_t cuts = std::clamp(columns_.size(), kFewestCuts, kMostCuts);
    for (size_t i = 0; i < cuts; ++i) {
      Cut cut = {rng_.Below(columns_.size()), 0, 0};
      const std::vector<double>& column = columns_[cut.column];
      // Between two rows at random: dense where the rows are.
      cut.below = (column[rows[rng_.Below(rows.size())]] +
                   column[rows[rng_.Below(rows.size())]]) /
                  2;
      double below = 0;
      double sum = 0;
      for (const uint32_t row : rows) {
        if (column[row] >= cut.below) continue;
        below += 1;
        sum += values_[row];
      }
      if (below == 0) continue;
      const double rest = total - sum;
      cut.gain = sum * sum / below + rest * rest / (count - below) -
                 total * total / count;
      if (cut.gain > best.gain) best = cut;
    }
    return best;
  }

  std::vector<std::vector<double>> columns_;
  std::vector<double> values_;
  std::vector<double> sums_;
  Rng& rng_;
};

}  // namespace

std::vector<int> InputsOf(const TaskTables& tables, const Target& target) {
  std::vector<int> inputs;
  const auto& names = tables.train.columns();
  for (size_t i = 0; i < names.size(); ++i) {
    if (HasName(target.names, names[i])) continue;
    if (tables.test && !tables.test->FindColumn(names[i])) continue;
    inputs.push_back(static_cast<int>(i));
  }
  return inputs;
}

std::vector<float> ToldByInputs(const TaskTables& tables, const Target& target,
                                std::span<const int32_t> learnt,
                                std::span<const float> value,
                                std::span<const int32_t> asked, Rng& rng) {
  CHECK(value.size() == learnt.size());
  const std::vector<int> inputs = InputsOf(tables, target);
  if (inputs.empty() || learnt.empty()) {
    return std::vector<float>(asked.size(), 0.0F);
  }
  std::vector<int32_t> rows;
  std::vector<float> values;
  const size_t count = std::min(learnt.size(), kMostLearnt);
  for (size_t i = 0; i < count; ++i) {
    const size_t at = i * learnt.size() / count;
    rows.push_back(learnt[at]);
    values.push_back(value[at]);
  }
  rows.insert(rows.end(), asked.begin(), asked.end());
  std::vector<std::vector<double>> columns;
  columns.reserve(inputs.size());
  for (const int input : inputs) {
    columns.push_back(UnitRanks(Ordered(tables.train, input, rows)));
  }
  Trees trees(std::move(columns), UnitRanks(values), rng);
  for (int tree = 0; tree < kTrees; ++tree) trees.Grow();
  return trees.Sums();
}

}  // namespace treesmith
