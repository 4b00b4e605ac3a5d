#include "evaluation/reported_evaluator.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <set>
#include <utility>

#include "base/check.h"
#include "evaluation/reported_metric.h"
#include "table/written_table.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

// Where no sample says how many rows there are.
constexpr ExpectedTable kUnknownSize{.rows = 1'000'000, .columns = 1};
constexpr int64_t kMostMetricBytes = 64 << 10;
constexpr char kDefaultSample[] = "sample_submission.csv";

// What is kept of a unit: a line with the metric, empty without one, then the
// submission.
std::string EncodeUnit(std::optional<double> value,
                       const std::string& submission) {
  char text[40] = "";
  if (value) std::snprintf(text, sizeof text, "%.17g", *value);
  return std::string(text) + "\n" + submission;
}

std::optional<double> ValueOf(const std::string& unit) {
  double value = 0;
  const char* end = unit.data() + unit.find('\n');
  const auto read = std::from_chars(unit.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

std::string SubmissionOf(const std::string& unit) {
  return unit.substr(unit.find('\n') + 1);
}

// task.toml is the host's, and a run's folder may lie in the task's.
bool IsShown(const fs::directory_entry& entry) {
  std::error_code ignored;
  const std::string name = entry.path().filename().string();
  return !name.starts_with('.') && name != "task.toml" && name != "runs" &&
         !fs::exists(entry.path() / "run.db", ignored);
}

Result<TemporaryFolder> LinkInputs(const fs::path& folder) {
  TRY_ASSIGN(TemporaryFolder inputs, TemporaryFolder::Make("input"));
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    if (!IsShown(entry)) continue;
    const fs::path target = fs::absolute(entry.path());
    fs::create_symlink(target, inputs.path() / entry.path().filename(), code);
    if (code) return ErrnoError("link", target.string(), code.value());
  }
  if (code) return ErrnoError("read", folder.string(), code.value());
  return inputs;
}

std::multiset<std::string> FirstColumn(const Table& table) {
  std::multiset<std::string> ids;
  for (int64_t row = 0; row < table.rows(); ++row) {
    ids.insert(table.Text(row, 0));
  }
  return ids;
}

}  // namespace

Result<std::unique_ptr<ReportedEvaluator>> ReportedEvaluator::Make(
    const Task& task, Sandbox& sandbox, const Limits& limits) {
  TRY_ASSIGN(const Direction direction, ReportedDirection(task));
  TRY_ASSIGN(TemporaryFolder inputs, LinkInputs(task.folder));
  std::unique_ptr<ReportedEvaluator> evaluator(new ReportedEvaluator(
      task, sandbox, limits, direction, std::move(inputs)));
  std::string sample = task.sample_submission;
  std::error_code ignored;
  if (sample.empty() && fs::exists(task.folder / kDefaultSample, ignored)) {
    sample = kDefaultSample;
  }
  if (!sample.empty()) {
    TRY_ASSIGN(evaluator->sample_, Table::Read(task.folder / sample));
  }
  evaluator->submits_ = !sample.empty() || !task.test.empty();
  return evaluator;
}

ExpectedTable ReportedEvaluator::Expected() const {
  if (!sample_) return kUnknownSize;
  return {sample_->rows(), static_cast<int64_t>(sample_->columns().size())};
}

std::string ReportedEvaluator::Problem(const fs::path& file) const {
  Result<Table> table = ReadWritten(file, Expected());
  if (!table.ok()) return table.error().message;
  if (table->rows() == 0) return "the submission has no rows";
  if (!sample_) return "";
  if (table->columns() != sample_->columns()) {
    return "the submission's columns are not those of the sample submission";
  }
  if (table->rows() != sample_->rows()) {
    return "the submission has " + std::to_string(table->rows()) +
           " rows, the sample submission " + std::to_string(sample_->rows());
  }
  if (FirstColumn(*table) != FirstColumn(*sample_)) {
    return "the submission's first column does not hold the ids of the sample "
           "submission";
  }
  return "";
}

Result<UnitResult> ReportedEvaluator::RunUnit(const UnitJob& job,
                                              std::stop_token stop) {
  TRY_ASSIGN(const TemporaryFolder outbox, TemporaryFolder::Make("outbox"));
  Job run;
  run.script = job.script;
  run.inputs = inputs_.path();
  run.wanted = {{"submission.csv", Expected().most_bytes()},
                {"metric.json", kMostMetricBytes}};
  run.outbox = outbox.path();
  run.limits = limits_;
  run.limits.wall = job.wall_limit;
  UnitResult result;
  TRY_ASSIGN(result.execution, sandbox_.Run(run, stop));
  if (stop.stop_requested()) return Error{ErrorKind::kCancelled, "stopped"};
  Outcome& outcome = result.execution.outcome;
  if (!outcome.scored()) return result;
  const auto read = [&](const char* name) {
    Result<std::string> content = ReadFile(outbox.path() / name);
    return content.ok() ? *std::move(content) : std::string();
  };
  const std::string submission = read("submission.csv");
  if (submits_ && submission.empty()) {
    const std::string refusal = WhyNotTaken(result.execution, "submission.csv");
    outcome = {OutcomeKind::kNoSubmission,
               "working/submission.csv was not written"};
    if (!refusal.empty()) outcome = {OutcomeKind::kBadSubmission, refusal};
    return result;
  }
  const std::string problem =
      submits_ ? Problem(outbox.path() / "submission.csv") : "";
  if (!problem.empty()) {
    outcome = {OutcomeKind::kBadSubmission, problem};
    return result;
  }
  const auto metric =
      FindReportedMetric(read("metric.json"), result.execution.output);
  if (metric && !metric->value) {
    outcome = {OutcomeKind::kBadSubmission,
               "the metric is no finite number: " + metric->text};
    return result;
  }
  if (metric) result.value = metric->value;
  result.predictions = EncodeUnit(result.value, submission);
  return result;
}

Result<ScoreResult> ReportedEvaluator::Score(const ScoreJob& job,
                                             std::stop_token /*stop*/) {
  ScoreResult result;
  std::optional<double> value = ValueOf(job.own.front());
  if (!value) value = job.reported;
  if (!value) return result;
  result.score.value = MetricValue(*value, direction_);
  result.score.unit_values = {*value};
  char text[200];
  std::snprintf(text, sizeof text,
                "The script reports %.6g (%s). It took %.1f s of %.0f s.\n",
                *value,
                direction_ == Direction::kMinimize ? "lower is better"
                                                   : "higher is better",
                static_cast<double>(job.seconds.count()) / 1000,
                static_cast<double>(job.limit.count()) / 1000);
  result.diagnosis = text;
  return result;
}

Result<RaceResult> ReportedEvaluator::Race(const RaceJob&, std::stop_token) {
  CHECK(false);
  return RaceResult{};
}

Result<RefitResult> ReportedEvaluator::Refit(const RefitJob& job,
                                             std::stop_token /*stop*/) {
  RefitResult result;
  result.submission = SubmissionOf(job.own.front());
  result.predictions = result.submission;
  return result;
}

Result<Choice> ReportedEvaluator::Choose(std::span<const Finalist> finalists,
                                         SelectRule /*rule*/, uint64_t /*seed*/,
                                         std::stop_token /*stop*/) {
  CHECK(!finalists.empty());
  const Finalist* best = finalists.data();
  for (const Finalist& finalist : finalists) {
    const bool better = finalist.value.BetterThan(best->value);
    const bool equal = !best->value.BetterThan(finalist.value);
    // Ties keep the earliest node.
    if (better || (equal && finalist.node < best->node)) best = &finalist;
  }
  Choice choice;
  choice.best = best->node;
  choice.members = {{best->node, 1}};
  choice.score = best->value.value();
  choice.why = "the best metric that a script reported of itself";
  return choice;
}

Result<BlendResult> ReportedEvaluator::Blend(const BlendJob& job,
                                             std::stop_token /*stop*/) {
  CHECK(job.test.size() == 1);
  return BlendResult{job.test.front(), ""};
}

}  // namespace treesmith
