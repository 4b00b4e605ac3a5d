// CutFolds and SampleTrainRows: the drawing of rows (fold_plan.h).
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "base/rng.h"
#include "table/cut_dates.h"
#include "table/fold_plan.h"
#include "table/hidden_order.h"
#include "table/split_rule.h"

namespace treesmith {
namespace {

// Folds and repeats by rows (design 5.3).
constexpr int64_t kFiveFoldRows = 50'000;
constexpr int64_t kThreeFoldRows = 500'000;
constexpr int64_t kTwoRepeatRows = 10'000;
constexpr int64_t kThreeRepeatRows = 3'000;
constexpr int64_t kRankedRows = 20'000;
// A single hold-out is one of so many parts.
constexpr int kHoldOutParts = 5;
// More classes than this do not steer the dealing of groups.
constexpr size_t kMostGroupClasses = 50;

using Folds = std::vector<int8_t>;
using Rows = std::vector<int32_t>;

Rows LabelledRows(const Target& target) {
  Rows rows;
  for (int64_t row = 0; row < target.rows(); ++row) {
    if (target.Labelled(row)) rows.push_back(static_cast<int32_t>(row));
  }
  return rows;
}

int AutoFolds(int64_t labelled) {
  if (labelled <= kFiveFoldRows) return 5;
  return labelled <= kThreeFoldRows ? 3 : 1;
}

int AutoRepeats(int64_t labelled) {
  if (labelled < kThreeRepeatRows) return 3;
  return labelled < kTwoRepeatRows ? 2 : 1;
}

// Several targets order rows by the first, then the next.
bool TargetLess(const Target& target, int32_t a, int32_t b) {
  for (int column = 0; column < target.columns(); ++column) {
    const double left = target.At(a, column);
    const double right = target.At(b, column);
    if (left != right) return left < right;
  }
  return false;
}

// Deals `order` out to `parts`: neighbours in it go to unlike parts.
void Deal(const Rows& order, int parts, Rng& rng, Folds& folds) {
  std::vector<int8_t> hand(static_cast<size_t>(parts));
  std::iota(hand.begin(), hand.end(), int8_t{0});
  for (size_t i = 0; i < order.size(); ++i) {
    const size_t at = i % hand.size();
    if (at == 0) rng.Shuffle(std::span(hand));
    folds[static_cast<size_t>(order[i])] = hand[at];
  }
}

Folds DealRows(Rows order, const Target& target, bool by_target, int parts,
               Rng& rng) {
  Folds folds(static_cast<size_t>(target.rows()), FoldPlan::kAlwaysTrain);
  rng.Shuffle(std::span(order));
  if (by_target) {
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return TargetLess(target, a, b);
    });
  }
  Deal(order, parts, rng, folds);
  return folds;
}

// Numbers the distinct values of a column from 0, by first appearance. A
// missing value is a group of its own for each row.
std::vector<int32_t> NumberGroups(const Table& table, int column,
                                  char separator, int32_t& count) {
  std::unordered_map<std::string, int32_t> known;
  std::vector<int32_t> groups;
  groups.reserve(static_cast<size_t>(table.rows()));
  std::string scratch;
  count = 0;
  for (int64_t row = 0; row < table.rows(); ++row) {
    const auto text = table.Text(row, column, scratch);
    if (IsMissingWord(text)) {
      groups.push_back(count++);
      continue;
    }
    const auto [place, is_new] = known.emplace(GroupOf(text, separator), count);
    if (is_new) ++count;
    groups.push_back(place->second);
  }
  return groups;
}

// Labelled rows of each group by class: what dealing groups looks at.
struct GroupCounts {
  int64_t rows = 0;
  std::map<int, int64_t> by_class;
};

std::vector<GroupCounts> CountGroups(const Rows& labelled, const Target& target,
                                     const std::vector<int32_t>& group_of,
                                     int32_t groups) {
  const bool classes = target.columns() == 1 && !target.classes.empty() &&
                       target.classes.size() <= kMostGroupClasses;
  std::vector<GroupCounts> counts(static_cast<size_t>(groups));
  for (const int32_t row : labelled) {
    GroupCounts& group =
        counts[static_cast<size_t>(group_of[static_cast<size_t>(row)])];
    ++group.rows;
    ++group.by_class[classes ? static_cast<int>(target.At(row, 0)) : 0];
  }
  return counts;
}

// Large groups first, each to the part that it leaves most even: the sum over
// classes of squared shares grows least there.
std::vector<int8_t> DealGroups(const std::vector<GroupCounts>& counts,
                               int parts, Rng& rng) {
  std::map<int, double> totals;
  for (const GroupCounts& group : counts) {
    for (const auto& [label, rows] : group.by_class) {
      totals[label] += static_cast<double>(rows);
    }
  }
  std::vector<int32_t> order(counts.size());
  std::iota(order.begin(), order.end(), 0);
  rng.Shuffle(std::span(order));
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return counts[static_cast<size_t>(a)].rows >
           counts[static_cast<size_t>(b)].rows;
  });
  std::vector<std::map<int, double>> filled(static_cast<size_t>(parts));
  std::vector<int8_t> part_of(counts.size(), FoldPlan::kAlwaysTrain);
  for (const int32_t at : order) {
    const GroupCounts& group = counts[static_cast<size_t>(at)];
    if (group.rows == 0) continue;
    double least = std::numeric_limits<double>::infinity();
    size_t best = 0;
    for (size_t part = 0; part < filled.size(); ++part) {
      double cost = 0;
      for (const auto& [label, rows] : group.by_class) {
        const double share = static_cast<double>(rows) / totals[label];
        const double before = filled[part][label] / totals[label];
        cost += share * (2 * before + share);
      }
      if (cost < least) {
        least = cost;
        best = part;
      }
    }
    part_of[static_cast<size_t>(at)] = static_cast<int8_t>(best);
    for (const auto& [label, rows] : group.by_class) {
      filled[best][label] += static_cast<double>(rows);
    }
  }
  return part_of;
}

// Parts beyond the first are no folds of a single hold-out.
void KeepHoldOut(Folds& folds) {
  for (int8_t& fold : folds) {
    if (fold > 0) fold = FoldPlan::kAlwaysTrain;
  }
}

class Cutter {
 public:
  Cutter(const Task& task, const TaskTables& tables, const Target& target,
         uint64_t seed)
      : task_(task),
        tables_(tables),
        target_(target),
        seed_(seed),
        labelled_(LabelledRows(target)) {}

  Result<FoldPlan> Run() {
    TRY_ASSIGN(rule_, ChooseSplit(task_, tables_, target_));
    const auto count = static_cast<int64_t>(labelled_.size());
    if (count < 2) {
      return BadInput("cut folds: train has " + std::to_string(count) +
                      " rows with a label");
    }
    plan_.kind = rule_.kind;
    plan_.column = rule_.column;
    plan_.reason = rule_.reason;
    plan_.rows = target_.rows();
    plan_.folds = task_.folds > 0 ? task_.folds : AutoFolds(count);
    plan_.repeats = AutoRepeats(count);
    if (plan_.folds > count || plan_.folds > 100) {
      return BadInput("cut folds: " + std::to_string(plan_.folds) +
                      " folds of " + std::to_string(count) +
                      " rows with a label, 100 folds at most");
    }
    switch (rule_.kind) {
      case SplitKind::kRandom:
      case SplitKind::kStratified:
        CutRows();
        break;
      case SplitKind::kGroup:
        TRY(CutGroups());
        break;
      case SplitKind::kTime:
        TRY(CutTime());
        break;
      case SplitKind::kBlocks:
        TRY(CutBlocks());
        break;
    }
    plan_.order = ChooseHiddenOrder(task_, tables_, target_, plan_);
    plan_.order_seed = seed_;
    return std::move(plan_);
  }

 private:
  [[nodiscard]] int parts() const {
    return plan_.folds == 1 ? kHoldOutParts : plan_.folds;
  }
  [[nodiscard]] int column() const {
    return *tables_.train.FindColumn(rule_.column);
  }
  void AddRepeat(Folds folds) {
    if (plan_.folds == 1) KeepHoldOut(folds);
    plan_.hidden_in.push_back(std::move(folds));
  }
  [[nodiscard]] Rng RepeatRng(int repeat) const {
    return {seed_, static_cast<uint64_t>(repeat), "folds"};
  }

  void CutRows() {
    const auto count = static_cast<int64_t>(labelled_.size());
    const bool ranked = rule_.kind == SplitKind::kRandom &&
                        target_.classes.empty() && count < kRankedRows;
    if (ranked) plan_.reason += "; each fold has targets of every size";
    for (int repeat = 0; repeat < plan_.repeats; ++repeat) {
      Rng rng = RepeatRng(repeat);
      AddRepeat(DealRows(
          labelled_, target_, ranked || rule_.kind == SplitKind::kStratified,
          static_cast<int>(std::min<int64_t>(parts(), count)), rng));
    }
  }

  Status CutGroups() {
    int32_t groups = 0;
    plan_.bootstrap_unit =
        NumberGroups(tables_.train, column(), rule_.separator, groups);
    plan_.bootstrap = BootstrapUnit::kGroup;
    const auto counts =
        CountGroups(labelled_, target_, plan_.bootstrap_unit, groups);
    const auto used = static_cast<int>(
        std::count_if(counts.begin(), counts.end(),
                      [](const GroupCounts& group) { return group.rows > 0; }));
    if (used < 2) {
      return BadInput("cut folds by group: " + rule_.column +
                      " has one value only");
    }
    // Leaving out one group each time is the same in every repeat.
    if (used <= plan_.folds) plan_.repeats = 1;
    plan_.folds = std::min(plan_.folds, used);
    for (int repeat = 0; repeat < plan_.repeats; ++repeat) {
      Rng rng = RepeatRng(repeat);
      const auto part_of = DealGroups(counts, std::min(parts(), used), rng);
      Folds folds(static_cast<size_t>(plan_.rows), FoldPlan::kAlwaysTrain);
      for (const int32_t row : labelled_) {
        const auto at = static_cast<size_t>(row);
        folds[at] = part_of[static_cast<size_t>(plan_.bootstrap_unit[at])];
      }
      AddRepeat(std::move(folds));
    }
    return {};
  }

  Status CutTime() {
    const DatedRows rows(tables_, target_, rule_.column);
    TRY_ASSIGN(TimeBlocks blocks, rows.NewestBlocks(task_.folds));
    plan_.folds = blocks.count;
    plan_.repeats = 1;
    plan_.hidden_in = std::move(blocks.fold_of);
    if (plan_.overlapping()) {
      plan_.reason += "; two periods that overlap, since no second one fits";
    }
    NumberDays(rows);
    return {};
  }

  Status CutBlocks() {
    const DatedRows rows(tables_, target_, rule_.column);
    const auto pieces = rows.Pieces(parts());
    if (pieces.size() < 2) {
      return BadInput("cut folds by blocks: " + rule_.column +
                      " has one run of days only");
    }
    const auto count = static_cast<int>(pieces.size());
    plan_.folds = std::min(plan_.folds, count);
    for (int repeat = 0; repeat < plan_.repeats; ++repeat) {
      Rng rng = RepeatRng(repeat);
      Rows order(pieces.size());
      std::iota(order.begin(), order.end(), 0);
      // Pieces in order of time: neighbours go to unlike folds, so that each
      // fold has some of every season.
      Folds part_of(pieces.size());
      Deal(order, std::min(parts(), count), rng, part_of);
      std::unordered_map<int64_t, int8_t> fold_of_day;
      for (size_t i = 0; i < pieces.size(); ++i) {
        for (const int64_t day : pieces[i]) fold_of_day[day] = part_of[i];
      }
      Folds folds(static_cast<size_t>(plan_.rows), FoldPlan::kAlwaysTrain);
      for (const int32_t row : labelled_) {
        const auto day = rows.Day(row);
        if (day) folds[static_cast<size_t>(row)] = fold_of_day.at(*day);
      }
      AddRepeat(std::move(folds));
    }
    NumberDays(rows);
    return {};
  }

  void NumberDays(const DatedRows& rows) {
    plan_.bootstrap_unit = rows.NumberDays(plan_.hidden_in.front());
    if (!plan_.bootstrap_unit.empty()) plan_.bootstrap = BootstrapUnit::kDay;
  }

  const Task& task_;
  const TaskTables& tables_;
  const Target& target_;
  uint64_t seed_;
  Rows labelled_;
  SplitRule rule_;
  FoldPlan plan_;
};

// Whole units (groups, or runs of seven days) up to the share asked for.
std::vector<uint8_t> SampleUnits(const FoldPlan& plan, double fraction,
                                 Rng& rng) {
  constexpr int32_t kRunDays = 7;
  const int32_t width = plan.bootstrap == BootstrapUnit::kDay ? kRunDays : 1;
  std::map<int32_t, int64_t> sizes;
  for (const int32_t unit : plan.bootstrap_unit) ++sizes[unit / width];
  std::vector<int32_t> order;
  order.reserve(sizes.size());
  for (const auto& [unit, size] : sizes) order.push_back(unit);
  rng.Shuffle(std::span(order));
  std::unordered_map<int32_t, bool> chosen;
  double left = fraction * static_cast<double>(plan.rows);
  for (const int32_t unit : order) {
    if (left <= 0) break;
    chosen[unit] = true;
    left -= static_cast<double>(sizes[unit]);
  }
  std::vector<uint8_t> flags;
  flags.reserve(plan.bootstrap_unit.size());
  for (const int32_t unit : plan.bootstrap_unit) {
    flags.push_back(chosen.contains(unit / width) ? 1 : 0);
  }
  return flags;
}

}  // namespace

Result<FoldPlan> CutFolds(const Task& task, const TaskTables& tables,
                          const Target& target, uint64_t seed) {
  return Cutter(task, tables, target, seed).Run();
}

std::vector<uint8_t> SampleTrainRows(const FoldPlan& plan, const Target& target,
                                     double fraction, uint64_t seed) {
  const auto count = static_cast<size_t>(plan.rows);
  if (fraction >= 1) return std::vector<uint8_t>(count, 1);
  Rng rng(seed, 0, "train-sample");
  if (plan.bootstrap != BootstrapUnit::kRow) {
    return SampleUnits(plan, fraction, rng);
  }
  Rows order(count);
  std::iota(order.begin(), order.end(), 0);
  rng.Shuffle(std::span(order));
  // Rows without a label stand first, equal among themselves.
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    const bool left = target.Labelled(a);
    const bool right = target.Labelled(b);
    if (left != right) return right;
    return left && TargetLess(target, a, b);
  });
  std::vector<uint8_t> flags(count, 0);
  for (size_t i = 0; i < count; ++i) {
    const double before = std::floor(static_cast<double>(i) * fraction);
    const double after = std::floor(static_cast<double>(i + 1) * fraction);
    if (after > before) flags[static_cast<size_t>(order[i])] = 1;
  }
  return flags;
}

}  // namespace treesmith
