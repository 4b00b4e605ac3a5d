#include "table/submission_checker.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace treesmith {
namespace {

constexpr char kKeySeparator = '\x1f';
// How far a row's probabilities may sum from one.
constexpr double kSumTolerance = 0.05;
constexpr size_t kMostShown = 8;

std::string Quoted(std::string_view text) {
  return '"' + std::string(text.substr(0, 40)) + '"';
}

std::string Shown(std::string key) {
  std::replace(key.begin(), key.end(), kKeySeparator, ' ');
  return key;
}

std::string Rows(int64_t count, const char* one, const char* many) {
  return count == 1 ? std::string("1 row ") + one
                    : std::to_string(count) + " rows " + many;
}

}  // namespace

std::string ListWords(const std::vector<std::string>& words) {
  std::string list;
  for (size_t i = 0; i < std::min(words.size(), kMostShown); ++i) {
    list += (i > 0 ? ", " : "") + words[i];
  }
  return words.size() > kMostShown
             ? list + " and " + std::to_string(words.size() - kMostShown) +
                   " more"
             : list;
}

void SubmissionChecker::Faults::Add(size_t at, std::string_view text) {
  if (count++ > 0) return;
  value = text;
  row = at;
}

bool SubmissionChecker::Open() {
  std::error_code code;
  if (!std::filesystem::exists(path_, code)) {
    return Problem(Name() + " was not written");
  }
  auto table = ReadWritten(path_, expected_);
  if (!table.ok()) return Problem(table.error().message);
  table_ = *std::move(table);
  return true;
}

bool SubmissionChecker::MatchRows() {
  if (table_->rows() == 0) return Problem(Name() + " has no rows");
  for (const std::string& name : spec_.rows.id_columns) {
    if (const auto column = table_->FindColumn(name)) {
      ids_.push_back(*column);
    } else if (spec_.rows.unique) {
      return Problem("column " + Quoted(name) + " is missing; " + Name() +
                     " has " + ListWords(table_->columns()));
    }
  }
  return spec_.rows.unique ? MatchByKey() : MatchByPosition();
}

std::vector<int> SubmissionChecker::FindColumns(
    const std::vector<std::string>& names) {
  std::vector<int> columns;
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    const auto column = table_->FindColumn(name);
    if (column) columns.push_back(*column);
    if (!column) missing.push_back(Quoted(name));
  }
  if (!missing.empty()) {
    Problem((missing.size() == 1 ? "column " : "columns ") +
            ListWords(missing) + (missing.size() == 1 ? " is" : " are") +
            " missing; " + Name() + " has " + ListWords(table_->columns()));
    columns.clear();
  }
  return columns;
}

std::vector<int> SubmissionChecker::Others() const {
  std::vector<int> others;
  for (int at = 0; at < static_cast<int>(table_->columns().size()); ++at) {
    if (std::find(ids_.begin(), ids_.end(), at) == ids_.end()) {
      others.push_back(at);
    }
  }
  return others;
}

void SubmissionChecker::ReadColumn(int column, size_t at, Predictions& out,
                                   const ReadCell& read,
                                   const std::string& wanted) {
  Faults gaps;
  Faults infinite;
  Faults wrong;
  std::string scratch;
  const auto width = static_cast<size_t>(out.columns);
  for (size_t row = 0; row < row_of_.size(); ++row) {
    const auto text = table_->Text(row_of_[row], column, scratch);
    const double value = read(text);
    const auto stored = static_cast<float>(value);
    if (std::isnan(value)) {
      (IsMissingWord(text) ? gaps : wrong).Add(row, text);
    } else if (!std::isfinite(stored)) {
      infinite.Add(row, text);
    }
    out.values[row * width + at] = stored;
  }
  const std::string name =
      Quoted(table_->columns()[static_cast<size_t>(column)]);
  Report(gaps, "missing or NaN in column " + name);
  Report(infinite, "infinite in column " + name);
  Report(wrong, "not " + wanted + " in column " + name);
}

Predictions SubmissionChecker::Blank(PredictionKind kind,
                                     size_t columns) const {
  Predictions out{kind, static_cast<int>(columns), {}};
  out.values.resize(row_of_.size() * columns);
  return out;
}

void SubmissionChecker::Normalise(Predictions& out) {
  const auto width = static_cast<size_t>(out.columns);
  Faults far;
  int64_t scaled = 0;
  for (size_t row = 0; row < row_of_.size(); ++row) {
    const std::span<float> cells(&out.values[row * width], width);
    const double sum = std::accumulate(cells.begin(), cells.end(), 0.0);
    if (!(std::abs(sum - 1) <= kSumTolerance)) {
      far.Add(row, std::to_string(sum));
      continue;
    }
    scaled += std::abs(sum - 1) > kProbabilityRounding ? 1 : 0;
    for (float& cell : cells) cell = static_cast<float>(cell / sum);
  }
  if (far.count > 0) {
    Problem("the probabilities of " + Share(far.count) +
            " rows do not sum to one, first " + IdOf(far.row) + " with " +
            far.value);
  }
  if (scaled > 0) {
    Remark("the probabilities of " + Share(scaled) +
           " rows were scaled to sum to one");
  }
}

void SubmissionChecker::RemarkConstant(const Predictions& out) {
  const auto width = static_cast<size_t>(out.columns);
  if (out.values.size() <= width) return;
  for (size_t i = width; i < out.values.size(); ++i) {
    if (out.values[i] != out.values[i - width]) return;
  }
  Remark("all rows have the same prediction");
}

void SubmissionChecker::RemarkHardLabels(const Predictions& out) {
  const auto is_label = [](float value) { return value == 0 || value == 1; };
  if (std::all_of(out.values.begin(), out.values.end(), is_label)) {
    Remark("all values are 0 or 1: labels where probabilities are needed");
  }
}

void SubmissionChecker::RemarkExtraColumns() {
  if (table_->columns().size() > spec_.columns.size()) {
    Remark("has columns that are not asked for");
  }
}

bool SubmissionChecker::Problem(std::string text) {
  checked_.problems.push_back(std::move(text));
  return false;
}

void SubmissionChecker::Remark(std::string text) {
  checked_.remarks.push_back(std::move(text));
}

CheckedSubmission SubmissionChecker::Finish(Predictions predictions) && {
  if (checked_.problems.empty()) {
    RemarkConstant(predictions);
    checked_.predictions = std::move(predictions);
  }
  return std::move(checked_);
}

std::string SubmissionChecker::Share(int64_t count) const {
  return std::to_string(count) + " of " +
         std::to_string(spec_.rows.keys.size());
}

std::string SubmissionChecker::IdOf(size_t row) const {
  return spec_.rows.unique ? "id " + Shown(spec_.rows.keys[row])
                           : "row " + std::to_string(row + 1);
}

void SubmissionChecker::Report(const Faults& faults, const std::string& what) {
  if (faults.count == 0) return;
  const bool shows = !IsMissingWord(faults.value);
  Problem(Share(faults.count) + " values are " + what + ", first " +
          (shows ? Quoted(faults.value) + " of " : "") + IdOf(faults.row));
}

std::string SubmissionChecker::KeyAt(int64_t row, std::string& scratch) const {
  std::string key;
  for (const int column : ids_) {
    if (column != ids_.front()) key += kKeySeparator;
    key += CanonicalValue(table_->Text(row, column, scratch));
  }
  return key;
}

bool SubmissionChecker::MatchByKey() {
  const auto& keys = spec_.rows.keys;
  std::unordered_map<std::string_view, size_t> place;
  place.reserve(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) place.emplace(keys[i], i);
  row_of_.assign(keys.size(), -1);
  Faults unknown;
  Faults twice;
  std::string scratch;
  for (int64_t row = 0; row < table_->rows(); ++row) {
    const std::string key = KeyAt(row, scratch);
    const auto found = place.find(key);
    if (found == place.end()) {
      unknown.Add(0, key);
    } else if (row_of_[found->second] >= 0) {
      twice.Add(found->second, key);
    } else {
      row_of_[found->second] = row;
    }
  }
  const auto missing = std::count(row_of_.begin(), row_of_.end(), -1);
  if (missing > 0) {
    const auto first = static_cast<size_t>(
        std::find(row_of_.begin(), row_of_.end(), -1) - row_of_.begin());
    Problem(Share(missing) + " rows are missing, first id " +
            Shown(keys[first]));
  }
  if (unknown.count > 0) {
    Problem(Rows(unknown.count, "has", "have") +
            " an id that test does not have, first " + Shown(unknown.value));
  }
  if (twice.count > 0) {
    Problem(Rows(twice.count, "repeats", "repeat") + " an id, first " +
            Shown(twice.value));
  }
  return checked_.problems.empty();
}

bool SubmissionChecker::MatchByPosition() {
  const auto expected = static_cast<int64_t>(spec_.rows.keys.size());
  if (table_->rows() != expected) {
    return Problem(Name() + " has " + std::to_string(table_->rows()) +
                   " rows, test has " + std::to_string(expected) +
                   "; rows are matched by position");
  }
  row_of_.resize(spec_.rows.keys.size());
  std::iota(row_of_.begin(), row_of_.end(), 0);
  if (ids_.empty() || ids_.size() != spec_.rows.id_columns.size()) {
    return true;
  }
  std::string scratch;
  for (int64_t row = 0; row < expected; ++row) {
    const auto& wanted = spec_.rows.keys[static_cast<size_t>(row)];
    const std::string key = KeyAt(row, scratch);
    if (key != wanted) {
      return Problem("row " + std::to_string(row + 1) + " has id " +
                     Shown(key) + " where test has " + Shown(wanted) +
                     "; ids repeat, so rows must keep test's order");
    }
  }
  return true;
}

}  // namespace treesmith
