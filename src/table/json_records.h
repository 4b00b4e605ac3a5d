// Records of a JSON file by their places in its text.
//
// Reads an array of objects, or objects one after another. Only what is needed
// to find members is checked: a value's own text is passed on as it stands.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace treesmith {

struct JsonSpan {
  size_t begin = 0;
  size_t end = 0;
};

struct JsonMember {
  size_t row = 0;
  size_t key = 0;  // index in JsonRecords::keys
  JsonSpan value;
};

struct JsonRecords {
  std::vector<JsonSpan> rows;
  // In order of first appearance.
  std::vector<std::string> keys;
  std::vector<JsonMember> members;
};

// Empty when all is well; else what is wrong at `where`.
std::string FindJsonRecords(std::string_view text, JsonRecords& records,
                            size_t& where);

// What a JSON value says as a cell: the text of a string, nothing for null, the
// value's own text otherwise. Borrows from `raw` or from `scratch`.
std::string_view JsonText(std::string_view raw, std::string& scratch);

// `text` as a JSON string, bytes that are not UTF-8 replaced.
std::string QuoteJson(std::string_view text);

}  // namespace treesmith
