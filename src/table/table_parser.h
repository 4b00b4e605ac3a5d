// TableParser: fills a Table's index from its bytes. Used by Table alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/table.h"

namespace treesmith {

class TableParser {
 public:
  TableParser(std::string bytes, std::string name);
  // REQUIRES: called once
  Result<Table> Run();

 private:
  Status ParseDelimited();
  Status ParseHeader(std::string_view header);
  Status AddRow(size_t begin, std::string_view record);
  Status ParseJson();
  [[nodiscard]] Error At(size_t offset, const std::string& cause) const;

  Table table_;
  std::string name_;
  std::vector<std::string_view> cells_;
};

}  // namespace treesmith
