// SubmissionText: predictions as the file that is handed in (submission.h).
#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"
#include "table/csv_scan.h"
#include "table/submission.h"

namespace treesmith {
namespace {

// The list length where the sample shows none.
constexpr size_t kUsualListLength = 3;

std::string NumberText(float number) {
  std::array<char, 64> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return {buffer.data(), end.ptr};
}

class Renderer {
 public:
  Renderer(const Predictions& predictions, const Task& task,
           const TaskTables& tables, const Target& target)
      : predictions_(predictions),
        tables_(tables),
        target_(target),
        spec_(SpecOf(task, tables, target, {})),
        list_length_(LabelListLength(tables, spec_.predicted.front())) {}

  std::string Run() const {
    std::string out;
    for (size_t i = 0; i < spec_.columns.size(); ++i) {
      out += (i > 0 ? "," : "") + QuoteCell(spec_.columns[i], ',');
    }
    out += '\n';
    for (int64_t row = 0; row < predictions_.rows(); ++row) {
      for (size_t i = 0; i < spec_.columns.size(); ++i) {
        if (i > 0) out += ',';
        out += QuoteCell(Cell(row, spec_.columns[i]), ',');
      }
      out += '\n';
    }
    return out;
  }

 private:
  [[nodiscard]] std::string Cell(int64_t row, const std::string& column) const {
    const auto found =
        std::find(spec_.predicted.begin(), spec_.predicted.end(), column);
    if (found != spec_.predicted.end()) {
      return Predicted(row,
                       static_cast<size_t>(found - spec_.predicted.begin()));
    }
    if (tables_.test) {
      if (const auto at = tables_.test->FindColumn(column)) {
        return tables_.test->Text(row, *at);
      }
    }
    if (tables_.sample && row < tables_.sample->rows()) {
      return tables_.sample->Text(row, *tables_.sample->FindColumn(column));
    }
    return std::to_string(row);
  }

  [[nodiscard]] std::string Predicted(int64_t row, size_t column) const {
    const auto width = static_cast<size_t>(predictions_.columns);
    const float* cells = &predictions_.values[static_cast<size_t>(row) * width];
    switch (target_.kind) {
      case SubmissionKind::kLabel:
        return target_.classes[static_cast<size_t>(cells[column])];
      case SubmissionKind::kLabelList:
        return BestOf(cells);
      case SubmissionKind::kClassColumns:
        if (width == 1 && target_.classes.size() == 2) {
          return NumberText(column == 1 ? cells[0] : 1 - cells[0]);
        }
        return NumberText(cells[column]);
      case SubmissionKind::kValue:
      case SubmissionKind::kProbability:
        return NumberText(cells[column]);
    }
    return {};
  }

  [[nodiscard]] std::string BestOf(const float* scores) const {
    std::vector<size_t> order(target_.classes.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return scores[a] > scores[b]; });
    std::string list;
    for (size_t i = 0; i < std::min(list_length_, order.size()); ++i) {
      list += (i > 0 ? " " : "") + target_.classes[order[i]];
    }
    return list;
  }

  const Predictions& predictions_;
  const TaskTables& tables_;
  const Target& target_;
  SubmissionSpec spec_;
  size_t list_length_;
};

}  // namespace

size_t LabelListLength(const TaskTables& tables, const std::string& column) {
  const auto at =
      tables.sample ? tables.sample->FindColumn(column) : std::optional<int>();
  if (!at || tables.sample->rows() == 0) return kUsualListLength;
  const std::string text = tables.sample->Text(0, *at);
  return static_cast<size_t>(std::count(text.begin(), text.end(), ' ')) + 1;
}

std::string SubmissionText(const Predictions& predictions, const Task& task,
                           const TaskTables& tables, const Target& target) {
  return Renderer(predictions, task, tables, target).Run();
}

}  // namespace treesmith
