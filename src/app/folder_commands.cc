#include "app/folder_commands.h"

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "app/exit_code.h"
#include "app/print_json.h"
#include "base/file.h"
#include "table/infer.h"
#include "table/init_file.h"
#include "table/preview.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// A dangling link counts: it is somebody's.
bool IsThere(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

Status PrintInit(const InitOptions& options, const Inference& made,
                 const std::string& text, const fs::path& file) {
  if (options.json) {
    TRY_ASSIGN(const std::string json, TaskFileJson(text));
    Json object = Json::parse(json, nullptr, false);
    object["reasons"] = Json::array();
    for (const InferenceReason& reason : made.reasons) {
      object["reasons"].push_back(reason.Line());
    }
    object["file"] = options.dry_run ? Json(nullptr) : Json(file.string());
    PrintJson(object);
    return {};
  }
  if (options.dry_run) {
    std::printf("%s", text.c_str());
    return {};
  }
  for (const InferenceReason& reason : made.reasons) {
    std::printf("%s\n", reason.Line().c_str());
  }
  std::printf("wrote %s\n", file.c_str());
  return {};
}

Status Init(const InitOptions& options) {
  const fs::path file = fs::path(options.folder) / "task.toml";
  if (!options.dry_run && IsThere(file)) {
    return BadInput("write " + file.string() + ": it is there already",
                    "edit it, or see what would be written with --dry-run");
  }
  Inference made;
  TRY(LoadTask(options.folder, options.overrides, &made));
  const std::string text = InitFileText(made);
  if (!options.dry_run) TRY(WriteFile(file, text));
  return PrintInit(options, made, text, file);
}

Json TableJson(const NamedPreview& named) {
  Json columns = Json::array();
  for (const ColumnSummary& column : named.table.columns) {
    columns.push_back({{"name", column.name()},
                       {"type", ColumnTypeName(column.type())},
                       {"distinct", column.distinct()},
                       {"missing", column.missing_share()},
                       {"text", column.Describe(Detail::kFull)}});
  }
  return {{"name", named.name},
          {"rows", named.table.rows},
          {"sampled_rows", named.table.sampled_rows},
          {"columns", columns},
          {"notes", named.table.notes}};
}

Status PrintPreview(const PreviewCommandOptions& wanted) {
  PreviewOptions options;
  if (wanted.max_bytes > 0) options.max_bytes = wanted.max_bytes;
  if (!wanted.json) {
    TRY_ASSIGN(const std::string text, Preview(wanted.path, options));
    std::fwrite(text.data(), 1, text.size(), stdout);
    return {};
  }
  TRY_ASSIGN(const auto tables, PreviewTables(wanted.path, options));
  Json list = Json::array();
  for (const NamedPreview& table : tables) list.push_back(TableJson(table));
  PrintJson(Json{{"path", wanted.path}, {"tables", list}});
  return {};
}

int CodeOf(const Status& status) {
  return status.ok() ? kExitDone : PrintError(status.error());
}

}  // namespace

int RunInit(const InitOptions& options) { return CodeOf(Init(options)); }

int RunPreview(const PreviewCommandOptions& options) {
  return CodeOf(PrintPreview(options));
}

}  // namespace treesmith
