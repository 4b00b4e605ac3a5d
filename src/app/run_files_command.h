// `treesmith show`, `report` and `export`: what a run folder holds.
#pragma once

#include <string>

#include "ui/export.h"

namespace treesmith {

struct ShowOptions {
  std::string run;
  std::string node;  // empty: the whole run
  bool json = false;
  bool canonical = false;
  bool cost = false;
};
int RunShow(const ShowOptions& options);

struct ReportOptions {
  std::string run;
  std::string out;  // empty: report.html in the run's folder
};
int RunReport(const ReportOptions& options);

struct ExportOptions {
  std::string run;
  ExportParts parts;
  std::string out;  // empty: export/ in the run's folder
  bool json = false;
};
// Prints the path of each thing written.
int RunExport(const ExportOptions& options);

}  // namespace treesmith
