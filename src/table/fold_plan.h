// FoldPlan: which train rows a script is scored on, and what it may learn from.
//
// Cut once a run and stored; the same for every node. A unit is one fold of one
// repeat; units are numbered repeat by repeat, folds of a time split newest
// first. Rows without a label are never hidden. A plan is a plain value; all
// functions are pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/task.h"
#include "table/target.h"
#include "table/task_file.h"

namespace treesmith {

enum class SplitKind { kRandom, kStratified, kGroup, kTime, kBlocks };
std::string_view SplitKindName(SplitKind kind);

// What scores are resampled by.
enum class BootstrapUnit { kRow, kGroup, kDay };

// In what order scripts are shown hidden rows. In a train that is sorted by its
// target the place of a row would tell its label.
enum class HiddenOrder {
  kTrain,         // as they stand in train
  kDrawn,         // by chance
  kDrawnInGroups  // groups by chance, each whole and as it stands in train
};

struct FoldPlan {
  SplitKind kind = SplitKind::kRandom;
  // The group or time column; empty otherwise.
  std::string column;
  // Why this split, one line for people.
  std::string reason;
  int folds = 1;
  int repeats = 1;
  int64_t rows = 0;

  // In no hidden set; trained on in every unit.
  static constexpr int8_t kAlwaysTrain = -1;
  // In no unit at all (time: a row without label among the hidden blocks).
  static constexpr int8_t kUnused = -2;
  // Of each repeat and row, the fold that hides it. Under kTime, a unit trains
  // on kAlwaysTrain and on folds of a higher number, which are older. Folds
  // that overlap (kTime, one repeat) have an entry each, in which theirs is
  // number 0.
  std::vector<std::vector<int8_t>> hidden_in;

  BootstrapUnit bootstrap = BootstrapUnit::kRow;
  // Number of the group or day of each row, from 0; empty for kRow.
  std::vector<int32_t> bootstrap_unit;

  // Plans of older logs have kTrain. kDrawnInGroups needs bootstrap_unit.
  HiddenOrder order = HiddenOrder::kTrain;
  uint64_t order_seed = 0;

  [[nodiscard]] int units() const { return folds * repeats; }
  [[nodiscard]] bool overlapping() const {
    return repeats == 1 && hidden_in.size() > 1;
  }
  // Of a repeat, the folds that hide no row twice: of those that overlap the
  // newest.
  [[nodiscard]] int distinct_folds() const { return overlapping() ? 1 : folds; }
  // Rows of train as `order` has it: so scripts are shown them, and so their
  // predictions are stored. REQUIRES: unit < units()
  [[nodiscard]] std::vector<int32_t> HiddenRows(int unit) const;
  // Ascending.
  [[nodiscard]] std::vector<int32_t> TrainRows(int unit) const;
  [[nodiscard]] bool Hides(int unit, int64_t row) const;
  [[nodiscard]] bool TrainsOn(int unit, int64_t row) const;

  bool operator==(const FoldPlan&) const = default;

 private:
  // Where the unit's fold stands in hidden_in, and its number there.
  struct Place {
    size_t entry = 0;
    int fold = 0;
  };
  [[nodiscard]] Place PlaceOf(int unit) const;
};

// Cuts the folds that the task asks for, "auto" by design 5.3. The same seed
// gives the same plan on every machine. BadInput: a column that is not there or
// holds no dates, fewer labelled rows (groups, days) than folds.
Result<FoldPlan> CutFolds(const Task& task, const TaskTables& tables,
                          const Target& target, uint64_t seed);

// A fixed sample of train rows for searching (design 5.5): a flag a row. Whole
// groups under kGroup, runs of whole days under kTime and kBlocks, otherwise
// rows, of every class alike where `target` has classes. Hidden rows are
// unaffected: a unit then trains on TrainRows that are flagged.
std::vector<uint8_t> SampleTrainRows(const FoldPlan& plan, const Target& target,
                                     double fraction, uint64_t seed);

// One JSON object, and back; half a million rows take some hundred kB.
std::string EncodeFoldPlan(const FoldPlan& plan);
Result<FoldPlan> DecodeFoldPlan(std::string_view json);

}  // namespace treesmith
