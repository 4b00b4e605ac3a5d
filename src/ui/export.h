// Export: a run as files that other tools read.
//
//   scripts/node-0012.py   the script of each node that has one
//   nodes.csv              a row a node
//   journal.json           the nodes as aideml writes them
//   submission.csv         where the run has chosen one
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/run_reader.h"

namespace treesmith {

// RFC 4180, lines end in \n; absent values are empty cells. Cells that a
// spreadsheet would take for a formula are preceded by an apostrophe.
Result<std::string> NodesCsv(const RunRecord& record);

// aideml's journal, version "2": `ctime` is seconds of the run's active time,
// as the log knows no calendar; ids are made of the seed and the node's number.
Result<std::string> AideJournal(const RunRecord& record);

// Which of the files above; none set: all of them.
struct ExportParts {
  bool scripts = false;
  bool csv = false;
  bool journal = false;
  bool submission = false;
};

struct Exported {
  std::filesystem::path folder;
  size_t scripts = 0;
  // What was written, in the order above: "scripts", "nodes.csv" ...
  std::vector<std::string> files;
};

// The folder of an export: a new one of the user's, or the one inside the run's
// folder, whose files are this run's and are written anew.
enum class ExportPlace { kNewFolder, kRunFolder };

// Makes `folder` and fills it. BadInput, with nothing written, when a new
// folder exists and is not empty, or the submission alone is asked for and
// there is none. Scripts are read one at a time.
Result<Exported> ExportRun(const RunRecord& record, const ExportParts& parts,
                           const std::filesystem::path& folder,
                           ExportPlace place);

}  // namespace treesmith
