// The names of our enumerations, one table each: what is stored and shown.
#include <array>
#include <utility>

#include "base/check.h"
#include "model/check.h"
#include "model/metric_value.h"
#include "model/operator.h"
#include "model/outcome.h"

namespace treesmith {
namespace {

template <typename T>
using Row = std::pair<T, std::string_view>;

constexpr std::array<Row<Direction>, 2> kDirections = {
    {{Direction::kMinimize, "minimize"}, {Direction::kMaximize, "maximize"}}};

constexpr std::array<Row<Operator>, 4> kOperators = {
    {{Operator::kDraft, "draft"},
     {Operator::kImprove, "improve"},
     {Operator::kDebug, "debug"},
     {Operator::kCrossover, "crossover"}}};

constexpr std::array<Row<OutcomeKind>, 11> kOutcomes = {
    {{OutcomeKind::kScored, "scored"},
     {OutcomeKind::kCrash, "crash"},
     {OutcomeKind::kTimeout, "timeout"},
     {OutcomeKind::kMemory, "memory"},
     {OutcomeKind::kProcesses, "processes"},
     {OutcomeKind::kOutput, "output"},
     {OutcomeKind::kDisk, "disk"},
     {OutcomeKind::kKilled, "killed"},
     {OutcomeKind::kNoSubmission, "no-submission"},
     {OutcomeKind::kBadSubmission, "bad-submission"},
     {OutcomeKind::kDuplicate, "duplicate"}}};

constexpr std::array<Row<CheckVerdict>, 4> kVerdicts = {
    {{CheckVerdict::kClear, "clear"},
     {CheckVerdict::kSkipped, "skipped"},
     {CheckVerdict::kSuspect, "suspect"},
     {CheckVerdict::kLeak, "leak"}}};

template <typename Table, typename T>
std::string_view NameIn(const Table& table, T value) {
  for (const auto& [key, name] : table) {
    if (key == value) return name;
  }
  CheckFailed("a value of the enumeration", __FILE__, __LINE__);
}

template <typename T, size_t kSize>
std::optional<T> ParseIn(const std::array<Row<T>, kSize>& table,
                         std::string_view name) {
  for (const auto& [key, known] : table) {
    if (known == name) return key;
  }
  return std::nullopt;
}

}  // namespace

std::string_view DirectionName(Direction direction) {
  return NameIn(kDirections, direction);
}
std::optional<Direction> ParseDirection(std::string_view name) {
  return ParseIn(kDirections, name);
}
std::string_view OperatorName(Operator op) { return NameIn(kOperators, op); }
std::optional<Operator> ParseOperator(std::string_view name) {
  return ParseIn(kOperators, name);
}
std::string_view OutcomeName(OutcomeKind kind) {
  return NameIn(kOutcomes, kind);
}
std::optional<OutcomeKind> ParseOutcome(std::string_view name) {
  return ParseIn(kOutcomes, name);
}
std::string_view VerdictName(CheckVerdict verdict) {
  return NameIn(kVerdicts, verdict);
}
std::optional<CheckVerdict> ParseVerdict(std::string_view name) {
  return ParseIn(kVerdicts, name);
}

}  // namespace treesmith
