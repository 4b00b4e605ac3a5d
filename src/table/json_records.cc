#include "table/json_records.h"

#include <map>
#include <nlohmann/json.hpp>

#include "table/csv_scan.h"

namespace treesmith {
namespace {

class Finder {
 public:
  Finder(std::string_view text, JsonRecords& records)
      : text_(text), records_(records) {}

  std::string Run() {
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    SkipSpace();
    const bool array = Take('[');
    SkipSpace();
    while (at_ < text_.size() && text_[at_] != ']') {
      if (!Record()) return cause_;
      SkipSpace();
      if (Take(',')) SkipSpace();
    }
    if (array && !Take(']')) return "ends inside the array";
    SkipSpace();
    return at_ == text_.size() ? "" : "has text after the records";
  }
  [[nodiscard]] size_t at() const { return at_; }

 private:
  void SkipSpace() {
    const size_t next = text_.find_first_not_of(" \t\r\n", at_);
    at_ = next == std::string_view::npos ? text_.size() : next;
  }
  bool Take(char byte) {
    if (at_ >= text_.size() || text_[at_] != byte) return false;
    ++at_;
    return true;
  }
  bool Fail(std::string cause) {
    cause_ = std::move(cause);
    return false;
  }

  bool Record() {
    JsonSpan row{at_, 0};
    if (!Take('{')) return Fail("has something else than an object");
    SkipSpace();
    while (!Take('}')) {
      if (!Member()) return false;
      SkipSpace();
      if (Take(',')) SkipSpace();
    }
    row.end = at_;
    records_.rows.push_back(row);
    return true;
  }

  bool Member() {
    const size_t key_begin = at_;
    if (at_ >= text_.size() || text_[at_] != '"') {
      return Fail("has an object without a key in quotes");
    }
    if (!SkipString()) return false;
    const std::string_view raw = text_.substr(key_begin, at_ - key_begin);
    SkipSpace();
    if (!Take(':')) return Fail("has a key without a value");
    SkipSpace();
    const size_t begin = at_;
    if (!SkipValue()) return false;
    records_.members.push_back(
        {records_.rows.size(), KeyIndex(raw), {begin, at_}});
    return true;
  }

  size_t KeyIndex(std::string_view raw) {
    std::string scratch;
    std::string key(JsonText(raw, scratch));
    const auto [place, is_new] =
        key_index_.emplace(std::move(key), records_.keys.size());
    if (is_new) records_.keys.push_back(place->first);
    return place->second;
  }

  bool SkipString() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return true;
      }
    }
    at_ = text_.size();
    return Fail("ends inside a string");
  }

  // Objects and arrays by counting brackets, others up to what may follow.
  bool SkipValue() {
    int depth = 0;
    const size_t begin = at_;
    do {
      if (at_ >= text_.size()) return Fail("ends inside a value");
      const char byte = text_[at_];
      if (byte == '"') {
        if (!SkipString()) return false;
      } else if (byte == '{' || byte == '[') {
        ++depth;
        ++at_;
      } else if (depth > 0 && (byte == '}' || byte == ']')) {
        --depth;
        ++at_;
      } else if (depth > 0) {
        ++at_;
      } else {
        at_ = std::min(text_.find_first_of(",}] \t\r\n", at_), text_.size());
      }
    } while (depth > 0);
    return at_ > begin || Fail("has a key without a value");
  }

  std::string_view text_;
  JsonRecords& records_;
  size_t at_ = 0;
  std::string cause_;
  std::map<std::string, size_t, std::less<>> key_index_;
};

}  // namespace

std::string FindJsonRecords(std::string_view text, JsonRecords& records,
                            size_t& where) {
  Finder finder(text, records);
  std::string cause = finder.Run();
  where = std::min(finder.at(), text.size());
  return cause;
}

std::string_view JsonText(std::string_view raw, std::string& scratch) {
  if (raw == "null") return {};
  if (raw.size() < 2 || raw.front() != '"') return raw;
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return inside;
  const auto value = nlohmann::json::parse(raw, nullptr, false);
  if (!value.is_string()) return inside;
  scratch = value.get<std::string>();
  return scratch;
}

std::string QuoteJson(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false,
                                   nlohmann::json::error_handler_t::replace);
}

}  // namespace treesmith
