#include "app/run_files_command.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "app/exit_code.h"
#include "app/out_file.h"
#include "app/print_json.h"
#include "engine/run_reader.h"
#include "ui/report.h"
#include "ui/screen.h"
#include "ui/show.h"

namespace treesmith {
namespace {

using Json = nlohmann::ordered_json;

Result<std::string> TextOf(const ShowOptions& options) {
  TRY_ASSIGN(const RunRecord record, ReadRun(options.run));
  if (options.canonical) return ShowCanonical(record);
  if (options.cost) return ShowCost(record);
  if (options.node.empty()) {
    return options.json ? ShowJson(record) : ShowRun(record, TraitsOf(stdout));
  }
  TRY_ASSIGN(const NodeId node, ParseNode(record, options.node));
  return options.json ? ShowNodeJson(record, node)
                      : ShowNode(record, node, TraitsOf(stdout));
}

Result<std::string> WriteReportOf(const ReportOptions& options) {
  TRY(CheckOutFile(options.out));
  TRY_ASSIGN(const RunRecord record, ReadRun(options.run));
  const std::filesystem::path path = options.out.empty()
                                         ? ReportOf(options.run)
                                         : std::filesystem::path(options.out);
  TRY(WriteReport(record, path));
  return path.string();
}

Status Export(const ExportOptions& options) {
  TRY_ASSIGN(const RunRecord record, ReadRun(options.run));
  const bool own = options.out.empty();
  const std::filesystem::path folder =
      own ? std::filesystem::path(options.run) / "export"
          : std::filesystem::path(options.out);
  TRY_ASSIGN(const Exported exported, ExportRun(record, options.parts, folder,
                                                own ? ExportPlace::kRunFolder
                                                    : ExportPlace::kNewFolder));
  if (options.json) {
    PrintJson(Json{{"folder", exported.folder.string()},
                   {"files", exported.files},
                   {"scripts", exported.scripts}});
    return {};
  }
  for (const std::string& name : exported.files) {
    std::printf("%s\n", (exported.folder / name).c_str());
  }
  return {};
}

}  // namespace

int RunShow(const ShowOptions& options) {
  const Result<std::string> text = TextOf(options);
  if (!text.ok()) return PrintError(text.error());
  std::fwrite(text->data(), 1, text->size(), stdout);
  if (!text->ends_with('\n')) std::fputc('\n', stdout);
  return kExitDone;
}

int RunReport(const ReportOptions& options) {
  const Result<std::string> path = WriteReportOf(options);
  if (!path.ok()) return PrintError(path.error());
  std::printf("%s\n", path->c_str());
  return kExitDone;
}

int RunExport(const ExportOptions& options) {
  const Status status = Export(options);
  return status.ok() ? kExitDone : PrintError(status.error());
}

}  // namespace treesmith
