// Outcome: what came of a script.
//
// A script that crashes, hangs or is killed is an ordinary Outcome, stored and
// shown; it is never an Error (base/result.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace treesmith {

enum class OutcomeKind {
  kScored,         // in `exec`: ok
  kCrash,          // an exception, a non-zero exit, a fatal signal of its own
  kTimeout,        // over the wall or CPU limit
  kMemory,         // over the memory limit
  kProcesses,      // over the limit of processes and threads
  kOutput,         // over the limit of printed bytes
  kDisk,           // its working folder is full
  kKilled,         // ended from outside: stop was asked for, or a stray signal
  kNoSubmission,   // ended well and wrote no submission
  kBadSubmission,  // wrote one that cannot be scored
  kDuplicate,      // equal to an existing node; not run
};

// The names of design 5.9: "scored", "crash", "no-submission" ...
std::string_view OutcomeName(OutcomeKind kind);
std::optional<OutcomeKind> ParseOutcome(std::string_view name);

struct Outcome {
  OutcomeKind kind = OutcomeKind::kScored;
  // What a coder or a person needs to act: "KeyError: 'hour'", "3 rows missing,
  // first id 17". One line, at most 500 bytes; empty when scored.
  std::string detail;

  [[nodiscard]] bool scored() const { return kind == OutcomeKind::kScored; }
};

}  // namespace treesmith
