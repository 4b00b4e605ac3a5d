// TablePreview: one data file read once, in memory that does not depend on its
// size.
//
// Rows and quoting are exact. Statistics come from rows spread evenly over the
// file: all of them, or about `sample_rows` (fewer for very wide tables: at
// most kMaxSampledCells cells). What is wrong with a file is a note, never a
// failure: a preview describes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "table/preview_column.h"

namespace treesmith {

inline constexpr int64_t kMaxSampledCells = 8'000'000;

struct TablePreview {
  int64_t rows = 0;  // header and blank lines not counted
  int64_t sampled_rows = 0;
  std::vector<ColumnSummary> columns;
  // "row 17 has 5 cells, the header 4": at most a handful of lines.
  std::vector<std::string> notes;
};

// By the name: delimited text, or records in JSON. Any thread.
TablePreview PreviewTable(const std::filesystem::path& path,
                          int64_t sample_rows);

// True for the names that PreviewTable reads: .csv .tsv .json .jsonl .ndjson,
// each also with .gz.
bool IsTableName(const std::filesystem::path& path);

}  // namespace treesmith
