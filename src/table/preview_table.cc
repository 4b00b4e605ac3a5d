#include "table/preview_table.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "table/byte_source.h"
#include "table/csv_scan.h"
#include "table/table.h"

namespace treesmith {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kChunkBytes = size_t{256} << 10;  // stays in the L2 cache
// A longer record is counted and not looked into.
constexpr size_t kMaxRecordBytes = size_t{4} << 20;
constexpr size_t kMaxColumns = 20'000;
constexpr size_t kMaxNotes = 5;

std::string FoldExtension(const std::filesystem::path& path) {
  std::string extension = FoldName(path.extension().string());
  if (extension == ".gz") {
    extension = FoldName(path.stem().extension().string());
  }
  return extension;
}

// Of a .gz by its last four bytes, the size modulo 2^32 (RFC 1952): good enough
// for a guess.
int64_t UnpackedSize(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto size =
      static_cast<int64_t>(std::filesystem::file_size(path, ignored));
  if (FoldName(path.extension().string()) != ".gz" || size < 18) return size;
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4> tail{};
  file.seekg(size - 4);
  file.read(tail.data(), tail.size());
  int64_t unpacked = 0;
  for (size_t i = 0; i < tail.size(); ++i) {
    unpacked |= static_cast<int64_t>(static_cast<unsigned char>(tail[i]))
                << (8 * i);
  }
  return std::max(unpacked, size);
}

// Hands out records spread evenly over a text that comes in chunks, keeping at
// most one of them.
class EvenSample {
 public:
  using Take = std::function<void(std::string_view record, int64_t index)>;
  explicit EvenSample(Take take) : take_(std::move(take)) {}

  // From now on one record every so many bytes; 0: all.
  void set_step(int64_t step) { step_ = step; }

  // `ends`: where records end in the chunk.
  void Feed(std::string_view chunk, const std::vector<size_t>& ends) {
    size_t begin = 0;
    for (const size_t end : ends) {
      if (start_ >= wanted_) HandOut(chunk.substr(begin, end - begin));
      begin = end;
      start_ = base_ + static_cast<int64_t>(end);
      ++index_;
    }
    if (start_ >= wanted_) Keep(chunk.substr(begin));
    base_ += static_cast<int64_t>(chunk.size());
  }
  // The last record may end with the file.
  void Finish() {
    if (!carry_.empty() || too_long_) HandOut({});
  }
  [[nodiscard]] int64_t long_records() const { return long_records_; }

 private:
  void HandOut(std::string_view piece) {
    if (!carry_.empty() || too_long_) {
      Keep(piece);
      piece = carry_;
    }
    if (too_long_ || piece.size() > kMaxRecordBytes) {
      ++long_records_;
    } else {
      take_(piece, index_);
    }
    wanted_ = step_ == 0 ? 0 : std::max(wanted_ + step_, start_ + 1);
    carry_.clear();
    too_long_ = false;
  }
  void Keep(std::string_view piece) {
    too_long_ = too_long_ || carry_.size() + piece.size() > kMaxRecordBytes;
    if (too_long_) {
      carry_.clear();
    } else {
      carry_.append(piece);
    }
  }

  Take take_;
  int64_t step_ = 0;
  int64_t base_ = 0;    // offset of the chunk
  int64_t start_ = 0;   // offset of the record
  int64_t wanted_ = 0;  // offset from which one is wanted
  int64_t index_ = 0;   // of the record, from 0
  std::string carry_;   // the record's beginning, from earlier chunks
  bool too_long_ = false;
  int64_t long_records_ = 0;
};

// Where the objects of a JSON array, or of JSON lines, end.
class JsonScanner {
 public:
  void FindEnds(std::string_view chunk, std::vector<size_t>& ends) {
    for (size_t at = 0; at < chunk.size(); ++at) {
      const char c = chunk[at];
      if (in_string_) {
        in_string_ = escaped_ || c != '"';
        escaped_ = !escaped_ && c == '\\';
      } else if (c == '"') {
        in_string_ = true;
      } else if (c == '{' || c == '[') {
        if (depth_ == 0 && c == '[') outer_ = 1;
        ++depth_;
      } else if ((c == '}' || c == ']') && depth_ > 0) {
        --depth_;
        if (c == '}' && depth_ == outer_) {
          ++objects_;
          ends.push_back(at + 1);
        }
      }
    }
  }
  [[nodiscard]] int64_t objects() const { return objects_; }
  [[nodiscard]] bool open() const { return in_string_ || depth_ > 0; }

 private:
  bool in_string_ = false;
  bool escaped_ = false;
  int depth_ = 0;
  int outer_ = 0;
  int64_t objects_ = 0;
};

// Turns the sampled records of one file into its columns' summaries.
class TableReader {
 public:
  TableReader(std::filesystem::path path, int64_t sample_rows)
      : path_(std::move(path)),
        sample_rows_(sample_rows),
        json_(IsJson(path_)),
        sample_([this](std::string_view record, int64_t index) {
          json_ ? TakeObject(record, index) : TakeRow(record, index);
        }) {}

  TablePreview Read() {
    Result<ByteSource> source = ByteSource::Open(path_);
    if (!source.ok()) {
      Note(source.error().message);
      return std::move(preview_);
    }
    std::vector<char> buffer(kChunkBytes);
    bool first = true;
    while (true) {
      const Result<size_t> count = source->Read(buffer);
      if (!count.ok()) {
        Note(count.error().message + "; what comes before is shown");
        break;
      }
      if (*count == 0) break;
      std::string_view chunk(buffer.data(), *count);
      if (std::exchange(first, false) && !Begin(chunk)) {
        return std::move(preview_);
      }
      Feed(chunk);
    }
    if (first) {
      Note("empty");
    } else {
      Finish();
    }
    return std::move(preview_);
  }

 private:
  static bool IsJson(const std::filesystem::path& path) {
    return FoldExtension(path).starts_with(".json") ||
           FoldExtension(path) == ".ndjson";
  }

  // Looks at the first chunk, and takes a byte order mark off it.
  bool Begin(std::string_view& chunk) {
    if (chunk.starts_with(kByteOrderMark)) {
      chunk.remove_prefix(kByteOrderMark.size());
    }
    if (chunk.starts_with("\xff\xfe") || chunk.starts_with("\xfe\xff")) {
      Note("UTF-16 text: convert it to UTF-8 to use it");
      return false;
    }
    if (chunk.find('\0') != std::string_view::npos) {
      Note("not text: it has NUL bytes");
      return false;
    }
    delimiter_ = FoldExtension(path_) == ".tsv"
                     ? '\t'
                     : GuessDelimiter(chunk.substr(0, chunk.find('\n')));
    scanner_ = RecordScanner(delimiter_);
    return true;
  }

  void Feed(std::string_view chunk) {
    ends_.clear();
    json_ ? objects_.FindEnds(chunk, ends_) : scanner_.FindEnds(chunk, ends_);
    if (!fed_) SetStep(chunk);
    fed_ = true;
    sample_.Feed(chunk, ends_);
  }

  void SetStep(std::string_view chunk) {
    const int64_t size = UnpackedSize(path_);
    std::vector<std::string_view> cells;
    SplitCells(chunk.substr(0, ends_.empty() ? 0 : ends_[0]), delimiter_,
               cells);
    const int64_t width =
        json_ ? 20 : std::max<int64_t>(static_cast<int64_t>(cells.size()), 1);
    const int64_t wanted =
        std::max<int64_t>(std::min(sample_rows_, kMaxSampledCells / width), 1);
    const double rows = static_cast<double>(size) /
                        static_cast<double>(chunk.size()) *
                        static_cast<double>(ends_.size());
    // A tenth of slack: a file that is little larger is read whole.
    if (rows > 1.1 * static_cast<double>(wanted)) {
      sample_.set_step(std::max<int64_t>(size / wanted, 1));
    }
  }

  void TakeRow(std::string_view record, int64_t index) {
    record = StripLineEnd(record);
    if (record.empty()) return;
    SplitCells(record, delimiter_, cells_);
    if (preview_.columns.empty()) {
      TakeHeader();
      return;
    }
    ++preview_.sampled_rows;
    if (cells_.size() != preview_.columns.size()) {
      Note("record " + Grouped(index + 1) + " has " +
           Grouped(static_cast<int64_t>(cells_.size())) +
           " cells, the header " +
           Grouped(static_cast<int64_t>(preview_.columns.size())));
    }
    const size_t count = std::min(cells_.size(), preview_.columns.size());
    for (size_t i = 0; i < count; ++i) {
      preview_.columns[i].Add(CellText(cells_[i], scratch_));
    }
  }

  void TakeHeader() {
    bool numbers = true;
    std::set<std::string> names;
    for (const std::string_view cell : cells_) {
      if (preview_.columns.size() == kMaxColumns) {
        Note("more than " + Grouped(kMaxColumns) + " columns");
        break;
      }
      const std::string name(CellText(cell, scratch_));
      numbers = numbers && ParseNumber(name).has_value();
      if (!names.insert(name).second) {
        Note("two columns are named " + OneLine(name, 60));
      }
      preview_.columns.emplace_back(name);
    }
    if (numbers) Note("the first line is numbers: is the header missing?");
  }

  void TakeObject(std::string_view record, int64_t index) {
    // What separates it from the one before.
    const size_t begin = record.find('{');
    if (begin == std::string_view::npos) return;
    const Json object = Json::parse(record.substr(begin), nullptr, false);
    if (!object.is_object()) {
      Note("object " + Grouped(index + 1) + " is no valid JSON");
      return;
    }
    std::vector<bool> seen(preview_.columns.size());
    for (const auto& [key, value] : object.items()) {
      const size_t column = JsonColumn(key);
      if (column == kMaxColumns) continue;
      if (column < seen.size()) seen[column] = true;
      const std::string text =
          value.is_string() ? value.get<std::string>()
          : value.is_null()
              ? std::string()
              : value.dump(-1, ' ', false, Json::error_handler_t::replace);
      preview_.columns[column].Add(text);
    }
    for (size_t i = 0; i < seen.size(); ++i) {
      if (!seen[i]) preview_.columns[i].Add("");
    }
    ++preview_.sampled_rows;
  }

  // The column of a key; a new one lacked in all objects before.
  size_t JsonColumn(const std::string& key) {
    const auto [at, added] =
        json_columns_.try_emplace(key, preview_.columns.size());
    if (!added) return at->second;
    if (preview_.columns.size() >= kMaxColumns) {
      return at->second = kMaxColumns;
    }
    ColumnSummary& column = preview_.columns.emplace_back(key);
    for (int64_t i = 0; i < preview_.sampled_rows; ++i) column.Add("");
    return at->second;
  }

  void Finish() {
    sample_.Finish();
    if (json_) {
      preview_.rows = objects_.objects();
      if (objects_.open()) Note("the JSON ends in the middle of a value");
      if (preview_.rows == 0) Note("no JSON objects");
    } else {
      preview_.rows = std::max<int64_t>(scanner_.records() - 1, 0);
      if (scanner_.in_quotes()) Note("a quote is opened and never closed");
    }
    if (sample_.long_records() > 0) {
      Note("a record is longer than 4 MiB: is a quote left open?");
    }
  }

  void Note(std::string text) {
    if (preview_.notes.size() < kMaxNotes) {
      preview_.notes.push_back(std::move(text));
    }
  }

  std::filesystem::path path_;
  int64_t sample_rows_;
  bool json_;
  bool fed_ = false;
  char delimiter_ = ',';
  EvenSample sample_;
  RecordScanner scanner_{','};
  JsonScanner objects_;
  std::vector<size_t> ends_;
  std::vector<std::string_view> cells_;
  std::string scratch_;
  std::map<std::string, size_t> json_columns_;
  TablePreview preview_;
};

}  // namespace

bool IsTableName(const std::filesystem::path& path) {
  static constexpr std::array<std::string_view, 5> kNames = {
      ".csv", ".tsv", ".json", ".jsonl", ".ndjson"};
  return std::ranges::find(kNames, FoldExtension(path)) != kNames.end();
}

TablePreview PreviewTable(const std::filesystem::path& path,
                          int64_t sample_rows) {
  return TableReader(path, sample_rows).Read();
}

}  // namespace treesmith
