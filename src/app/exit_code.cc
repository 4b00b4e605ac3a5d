#include "app/exit_code.h"

#include <cstdio>

namespace treesmith {

int ExitCodeOf(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kBadInput:
      return kExitUsage;
    case ErrorKind::kEnvironment:
      return kExitEnvironment;
    case ErrorKind::kCancelled:
      return kExitInterrupted;
    case ErrorKind::kFailed:
    case ErrorKind::kFull:
    case ErrorKind::kLost:
      return kExitNoSolution;
  }
  return kExitNoSolution;
}

int PrintError(const Error& error) {
  std::fprintf(stderr, "error: %s\n", error.message.c_str());
  if (!error.hint.empty()) {
    std::fprintf(stderr, "hint: %s\n", error.hint.c_str());
  }
  return ExitCodeOf(error);
}

}  // namespace treesmith
