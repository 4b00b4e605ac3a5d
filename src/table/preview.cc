#include "table/preview.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "table/archive.h"
#include "table/infer_files.h"
#include "table/preview_table.h"
#include "table/table.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFiles = 20'000;
constexpr size_t kMaxTables = 30;     // read; the others are only listed
constexpr size_t kListedOfAKind = 8;  // files of one ending in one folder
constexpr size_t kNamesOfAKind = 6;   // columns named of a kind
// Shares of gaps that differ by no more are about the same.
constexpr double kAlikeGaps = 0.05;

struct FileEntry {
  std::string name;  // below the folder
  int64_t size = 0;
};

// What is said of a table, from most to least.
enum class Level { kFull, kShort, kKinds, kShape };
constexpr std::array<Level, 4> kLevels = {Level::kFull, Level::kShort,
                                          Level::kKinds, Level::kShape};

struct TableText {
  std::string name;
  std::array<std::string, kLevels.size()> text;
  size_t level = 0;
};

std::string SizeText(int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1000 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return ShortNumber(
             unit == 0
                 ? value
                 : static_cast<double>(static_cast<int64_t>(value * 10)) / 10) +
         " " + kUnits[unit];
}

// Hidden files, runs and what cannot be read are left out; links are not
// followed.
std::vector<FileEntry> ListFiles(const fs::path& folder) {
  std::vector<FileEntry> files;
  std::error_code error;
  fs::recursive_directory_iterator at(
      folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    // Runs of this very task lie below it.
    if (name.starts_with('.') || name == "runs") {
      at.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    if (!at->is_regular_file(ignored)) continue;
    files.push_back({at->path().lexically_relative(folder).string(),
                     static_cast<int64_t>(at->file_size(ignored))});
    if (files.size() == kMaxFiles) break;
  }
  std::ranges::sort(files, {}, &FileEntry::name);
  return files;
}

// One line a file; many of one ending in one folder are one line.
std::vector<std::string> FileLines(const fs::path& folder,
                                   const std::vector<FileEntry>& files) {
  std::map<std::pair<std::string, std::string>, std::vector<const FileEntry*>>
      kinds;
  for (const FileEntry& file : files) {
    const fs::path path(file.name);
    kinds[{path.parent_path().string(), path.extension().string()}].push_back(
        &file);
  }
  std::vector<std::string> lines;
  for (const auto& [kind, members] : kinds) {
    if (members.size() > kListedOfAKind) {
      int64_t total = 0;
      for (const FileEntry* file : members) total += file->size;
      lines.push_back("  " +
                      OneLine(kind.first.empty() ? "." : kind.first, 80) +
                      "/*" + OneLine(kind.second, 20) + ": " +
                      Grouped(static_cast<int64_t>(members.size())) +
                      " files, " + SizeText(total));
      continue;
    }
    for (const FileEntry* file : members) {
      std::string line =
          "  " + OneLine(file->name, 120) + " (" + SizeText(file->size) + ")";
      if (IsArchiveName(file->name)) {
        line += ": " + DescribeArchive(folder / file->name);
      }
      lines.push_back(std::move(line));
    }
  }
  if (files.size() == kMaxFiles) {
    lines.push_back("  more than " + Grouped(kMaxFiles) + " files");
  }
  return lines;
}

std::string ShapeLine(const std::string& name, const TablePreview& table) {
  std::string line =
      OneLine(name, 120) + ": " + Grouped(table.rows) + " rows x " +
      Grouped(static_cast<int64_t>(table.columns.size())) + " columns";
  if (table.sampled_rows < table.rows) {
    line += " (statistics of " + Grouped(table.sampled_rows) +
            " rows spread evenly)";
  }
  line += "\n";
  for (const std::string& note : table.notes) {
    line += "  ! " + OneLine(note, 200) + "\n";
  }
  return line;
}

// Whether there is little to say of a column that is not said of `told`. Where
// a date begins and ends matters, and values that may be new.
bool Repeats(const ColumnSummary& column, const ColumnSummary& told) {
  const ColumnType type = column.type();
  const bool names = type == ColumnType::kCategory ||
                     type == ColumnType::kCode || type == ColumnType::kBool;
  return column.name() == told.name() && type == told.type() &&
         type != ColumnType::kDate && type != ColumnType::kDateTime &&
         !(names && column.distinct() > told.distinct()) &&
         std::abs(column.missing_share() - told.missing_share()) <= kAlikeGaps;
}

// The table whose columns need not be told again; null: there is none.
struct Told {
  std::string name;
  const TablePreview* table = nullptr;

  [[nodiscard]] bool Has(const ColumnSummary& column) const {
    return table != nullptr &&
           std::ranges::any_of(table->columns, [&](const ColumnSummary& told) {
             return Repeats(column, told);
           });
  }
};

std::string ColumnLines(const TablePreview& table, const Told& told,
                        Detail detail) {
  std::string text;
  int64_t repeats = 0;
  for (const ColumnSummary& column : table.columns) {
    if (told.Has(column)) {
      ++repeats;
      continue;
    }
    text += "  " + OneLine(column.name(), 80) + ": " + column.Describe(detail) +
            "\n";
  }
  if (repeats > 0) {
    text += "  " + Grouped(repeats) + " more, much as in " +
            OneLine(told.name, 120) + "\n";
  }
  return text;
}

// "  number, 214: X10, X11, X12, X13, X14, ... X385; -3 to 17.5; 2 with gaps".
std::string KindLines(const TablePreview& table) {
  std::map<ColumnType, std::vector<const ColumnSummary*>> kinds;
  for (const ColumnSummary& column : table.columns) {
    kinds[column.type()].push_back(&column);
  }
  std::string text;
  for (const auto& [type, members] : kinds) {
    text += "  " + std::string(ColumnTypeName(type)) + ", " +
            Grouped(static_cast<int64_t>(members.size())) + ": ";
    size_t gaps = 0;
    bool numbers = true;
    double low = members[0]->min();
    double high = members[0]->max();
    for (size_t i = 0; i < members.size(); ++i) {
      if (i < kNamesOfAKind) {
        text += (i > 0 ? ", " : "") + OneLine(members[i]->name(), 40);
      }
      if (members[i]->missing_share() > 0) ++gaps;
      numbers = numbers && members[i]->all_numbers();
      low = std::min(low, members[i]->min());
      high = std::max(high, members[i]->max());
    }
    if (members.size() > kNamesOfAKind) {
      text += ", ... " + OneLine(members.back()->name(), 40);
    }
    if (numbers) text += "; " + ShortNumber(low) + " to " + ShortNumber(high);
    if (gaps > 0) {
      text += "; " + Grouped(static_cast<int64_t>(gaps)) + " with gaps";
    }
    text += "\n";
  }
  return text;
}

TableText Tell(std::string name, const TablePreview& table, const Told& told) {
  const std::string shape = ShapeLine(name, table);
  return {std::move(name),
          {shape + ColumnLines(table, told, Detail::kFull),
           shape + ColumnLines(table, told, Detail::kShort),
           shape + KindLines(table), shape}};
}

size_t TotalBytes(const std::vector<TableText>& tables) {
  size_t total = 0;
  for (const TableText& table : tables) total += table.text[table.level].size();
  return total;
}

// Says less and less, the last tables first, until all fits.
void Shorten(std::vector<TableText>& tables, size_t max_bytes) {
  for (size_t level = 1; level < kLevels.size(); ++level) {
    for (size_t i = tables.size(); i-- > 0;) {
      if (TotalBytes(tables) <= max_bytes) return;
      tables[i].level = std::max(tables[i].level, level);
    }
  }
}

// As many whole lines as fit, and a line for the rest.
std::string FitLines(const std::vector<std::string>& lines, size_t max_bytes) {
  constexpr size_t kRestLine = 40;
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool last = i + 1 == lines.size();
    const size_t room = last ? 0 : kRestLine;
    if (text.size() + lines[i].size() + 1 + room > max_bytes) {
      const std::string rest = "  ... and " +
                               Grouped(static_cast<int64_t>(lines.size() - i)) +
                               " more\n";
      if (text.size() + rest.size() <= max_bytes) text += rest;
      return text;
    }
    text += lines[i] + "\n";
  }
  return text;
}

std::vector<std::string> SplitLines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// The order of telling: what comes first, then by name.
std::vector<std::string> TableNames(const fs::path& folder,
                                    const std::vector<FileEntry>& files,
                                    const PreviewOptions& options) {
  std::vector<std::string> names =
      options.first.empty() ? FilesByName(folder) : options.first;
  for (const FileEntry& file : files) {
    if (IsTableName(file.name) &&
        std::ranges::find(names, file.name) == names.end()) {
      names.push_back(file.name);
    }
  }
  std::erase_if(names, [&](const std::string& name) {
    return std::ranges::find(files, name, &FileEntry::name) == files.end();
  });
  return names;
}

// The files that a preview looks at, below `folder`.
struct Looked {
  fs::path folder;
  std::vector<FileEntry> files;
  std::vector<std::string> tables;  // in the order of telling
};

Result<Looked> Look(const fs::path& path, const PreviewOptions& options) {
  std::error_code error;
  const bool single = fs::is_regular_file(path, error);
  if (!single && !fs::is_directory(path, error)) {
    return BadInput("preview " + path.string() + ": no such file or folder");
  }
  if (single) {
    const std::string name = path.filename().string();
    const auto size = static_cast<int64_t>(fs::file_size(path, error));
    return Looked{path.parent_path(), {{name, size}}, {name}};
  }
  if (fs::directory_iterator(path, error); error) {
    return ErrnoError("preview", path.string(), error.value());
  }
  Looked looked{path, ListFiles(path), {}};
  if (!options.only.empty()) {
    std::erase_if(looked.files, [&](const FileEntry& file) {
      return std::ranges::find(options.only, file.name) == options.only.end();
    });
  }
  looked.tables = TableNames(path, looked.files, options);
  if (looked.tables.size() > kMaxTables) looked.tables.resize(kMaxTables);
  return looked;
}

}  // namespace

Result<std::vector<NamedPreview>> PreviewTables(const fs::path& path,
                                                const PreviewOptions& options) {
  TRY_ASSIGN(const Looked looked, Look(path, options));
  std::vector<NamedPreview> tables;
  tables.reserve(looked.tables.size());
  for (const std::string& name : looked.tables) {
    tables.push_back(
        {name, PreviewTable(looked.folder / name, options.sample_rows)});
  }
  return tables;
}

Result<std::string> Preview(const fs::path& path,
                            const PreviewOptions& options) {
  TRY_ASSIGN(const Looked looked, Look(path, options));
  std::vector<TableText> tables;
  tables.reserve(looked.tables.size());
  std::optional<TablePreview> first;
  for (const std::string& name : looked.tables) {
    TablePreview table =
        PreviewTable(looked.folder / name, options.sample_rows);
    tables.push_back(
        Tell(name, table, {looked.tables.front(), first ? &*first : nullptr}));
    if (options.count_repeats && !first) first = std::move(table);
  }
  // The list of files gets what it needs up to a third.
  const std::string list =
      "Files:\n" +
      FitLines(FileLines(looked.folder, looked.files), options.max_bytes / 3);
  Shorten(tables, options.max_bytes - std::min(options.max_bytes, list.size()));
  std::string text = list;
  for (const TableText& table : tables) text += table.text[table.level];
  return text.size() <= options.max_bytes
             ? text
             : FitLines(SplitLines(text), options.max_bytes);
}

}  // namespace treesmith
