// `treesmith exec`: runs one script in the sandbox, once or many times, and
// says what came of it (design 5.9).
#pragma once

#include <filesystem>
#include <ostream>
#include <stop_token>

#include "model/script.h"
#include "sandbox/sandbox.h"

namespace treesmith {

// Everything a run of the command needs, parsed; each run of the script starts
// interpreter (`--cold`).
struct ExecOptions {
  std::filesystem::path script;
  std::filesystem::path inputs;  // --input; empty: an empty folder
  Limits limits;                 // --timeout, --memory ...
  int repeat = 1;
  int workers = 1;  // runs at once
  bool json = false;
};

// Without `json` the script's output goes to `out` and a line about its end to
// `err`; with it, one object a run to `out`. With `repeat` > 1 a line a run, in
// the order in which they end, then a summary. Returns the exit code: 0 when
// the script was run, whatever it did; 130 when stop was asked for; else as the
// error's kind says, which is on `err`.
int RunExec(Sandbox& sandbox, const ExecOptions& options,
            const std::stop_token& stop, std::ostream& out, std::ostream& err);

}  // namespace treesmith
