// Tables that scripts wrote, read within bounds.
//
// The host reads them into its own memory, outside any sandbox, so a file must
// not be able to make it larger than an honest one would: packed data is not
// unpacked, and size, rows and columns are looked at before anything is
// indexed.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "table/table.h"

namespace treesmith {

// What an honest file holds.
struct ExpectedTable {
  int64_t rows = 0;
  int64_t columns = 0;

  // More bytes than such a file can need.
  [[nodiscard]] int64_t most_bytes() const;
};

// BadInput, beside what Table::Parse refuses: gzip data; more than most_bytes;
// more than twice the rows or the columns that are expected, and some.
Result<Table> ReadWritten(const std::filesystem::path& path,
                          const ExpectedTable& expected);

}  // namespace treesmith
