// What columns and rows of a profile say together: twins, sums, places, groups,
// time. Each reads the columns it needs and fills its part of the profile.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "table/profile.h"
#include "table/profile_data.h"

namespace treesmith {

// The features of each sampled row in one number a row, a column at a time.
class RowHashes {
 public:
  explicit RowHashes(size_t rows) : hashes_(rows, 0) {}
  void Add(const DataColumn& column);
  // `target` tells unlike labels.
  [[nodiscard]] TwinProfile Twins(size_t train_rows,
                                  const DataColumn& target) const;

 private:
  std::vector<uint64_t> hashes_;
};

// Numeric columns that add up to another: pairs, or all that only train has.
class SumFinder {
 public:
  // Keeps a few hundred values of the column, of train.
  void Add(const DataColumn& column, size_t train_rows);
  [[nodiscard]] std::vector<SumProfile> Find(
      const std::vector<std::string>& train_only) const;

 private:
  struct Numbers {
    std::string name;
    std::vector<double> values;
  };
  void FindPairs(std::vector<SumProfile>& sums) const;
  void FindTogether(const std::vector<std::string>& parts,
                    std::vector<SumProfile>& sums) const;
  [[nodiscard]] size_t ProbeRow() const;
  [[nodiscard]] bool Varied(size_t k) const;
  [[nodiscard]] bool AddsUp(const std::vector<size_t>& parts,
                            size_t whole) const;

  std::vector<Numbers> columns_;
};

// By name and range: "pickup_latitude" with "pickup_longitude".
std::vector<CoordinatePair> FindCoordinates(
    const std::vector<ColumnProfile>& columns);

// Appends the column where it names groups: rows repeat and test's values are
// new. An id also by its beginnings, and without a test.
void AddGroups(const DataColumn& column, size_t train_rows, bool is_id,
               std::vector<GroupProfile>& groups);
// Likeliest first: new in test, then many rows in groups, then many groups.
void SortGroups(std::vector<GroupProfile>& groups);

// Of a date column against the test. `column.dates` must hold.
TimeProfile ProfileTime(const DataColumn& column, size_t train_rows);
// What FindSeries looks in.
struct SeriesRows {
  // The date column's codes, by row; train's rows come first.
  const std::vector<int32_t>& date_of_row;
  size_t train_rows = 0;
  // Of train's rows, how many of the file's there are: the others were not
  // read.
  double share = 1;
};
// Finds those of `columns` (at most three) that, with the date, name each train
// row once. Those from `first_number` on are integers of many values, which may
// also be measured: what they name must have a row on most dates.
void FindSeries(const std::vector<DataColumn>& columns, size_t first_number,
                const SeriesRows& rows, TimeProfile& time);

}  // namespace treesmith
