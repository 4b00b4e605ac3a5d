// What the program says and returns when it cannot do what it was asked.
#pragma once

#include "base/result.h"

namespace treesmith {

inline constexpr int kExitDone = 0;
inline constexpr int kExitNoSolution = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitEnvironment = 3;
inline constexpr int kExitInterrupted = 130;

// kBadInput: 2; kEnvironment: 3; kCancelled: 130; all else: 1.
int ExitCodeOf(const Error& error);

// "error: ..." and, where there is one, "hint: ..." on stderr. Returns the exit
// code.
int PrintError(const Error& error);

}  // namespace treesmith
