// Preview: a data folder in a page of text, for people and for prompts.
//
// The tree of files, then each table: rows, columns, what every column holds.
// Never more than `max_bytes`: where a folder is too large to be told in full,
// columns lose their details, then are told by kind, then files by shape alone;
// a line is never cut. A malformed file is described. Same files, same text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/preview_table.h"

namespace treesmith {

struct PreviewOptions {
  size_t max_bytes = 6000;
  int64_t sample_rows = 200'000;  // of each table
  // Names (as below the folder) that are told first and last to be shortened;
  // empty: train, test and sample, by their names.
  std::vector<std::string> first;
  // Only these files; empty: all but hidden ones.
  std::vector<std::string> only;
  // Of later tables, columns that the first has too, with about as many gaps
  // and no more values, are only counted, but for dates: for readers that are
  // told of shifts between train and test in another way.
  bool count_repeats = false;
};

// BadInput: `path` is no folder and no file (a file is previewed alone). Any
// thread; reads every table once, so it may take a second per gigabyte.
Result<std::string> Preview(const std::filesystem::path& path,
                            const PreviewOptions& options = {});

// A table of the folder, by its name there.
struct NamedPreview {
  std::string name;
  TablePreview table;
};

// The tables that Preview tells of, as data, in its order; `max_bytes` is not
// looked at. Errors and threads as above.
Result<std::vector<NamedPreview>> PreviewTables(
    const std::filesystem::path& path, const PreviewOptions& options = {});

}  // namespace treesmith
