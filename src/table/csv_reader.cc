#include "table/csv_reader.h"

#include <algorithm>
#include <utility>

namespace treesmith {
namespace {

constexpr size_t kChunk = size_t{1} << 20;
constexpr size_t kLongestRecord = size_t{64} << 20;

}  // namespace

CsvReader::CsvReader(ByteSource source, std::string name)
    : source_(std::move(source)), name_(std::move(name)) {}

Result<CsvReader> CsvReader::Open(const std::filesystem::path& path) {
  TRY_ASSIGN(ByteSource source, ByteSource::Open(path));
  return CsvReader(std::move(source), path.filename().string());
}

Status CsvReader::Fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  ends_.clear();
  next_end_ = 0;
  const size_t old_size = buffer_.size();
  if (old_size > kLongestRecord) {
    return BadInput("read " + name_ + ": line " + std::to_string(line_) +
                    " starts a record of more than 64 MiB");
  }
  buffer_.resize(old_size + kChunk);
  TRY_ASSIGN(const size_t got,
             source_.Read(std::span(buffer_).subspan(old_size)));
  buffer_.resize(old_size + got);
  at_end_ = got == 0;
  size_t from = old_size;
  if (!started_ && got > 0) {
    started_ = true;
    if (buffer_.starts_with(kByteOrderMark)) begin_ = kByteOrderMark.size();
    from = begin_;
    const std::string_view text = std::string_view(buffer_).substr(begin_);
    delimiter_ = UnpackedName(name_).ends_with(".tsv")
                     ? '\t'
                     : GuessDelimiter(text.substr(0, text.find('\n')));
    scanner_ = RecordScanner(delimiter_);
  }
  scanner_.FindEnds(std::string_view(buffer_).substr(from), ends_);
  for (size_t& end : ends_) end += from;
  return {};
}

Result<bool> CsvReader::Next(CsvRecord& record) {
  for (;;) {
    while (next_end_ == ends_.size() && !at_end_) TRY(Fill());
    size_t end = buffer_.size();
    if (next_end_ < ends_.size()) {
      end = ends_[next_end_++];
    } else if (begin_ == end) {
      return false;
    } else if (scanner_.in_quotes()) {
      return BadInput("read " + name_ + ": line " + std::to_string(line_) +
                      " opens a quote that never ends");
    }
    const auto whole = std::string_view(buffer_).substr(begin_, end - begin_);
    begin_ = end;
    record.line = line_;
    line_ += std::count(whole.begin(), whole.end(), '\n');
    record.bytes = StripLineEnd(whole);
    if (record.bytes.empty()) continue;
    SplitCells(record.bytes, delimiter_, record.cells);
    return true;
  }
}

}  // namespace treesmith
