// The command line: what there is, and what each word of it sets.
#pragma once

namespace treesmith {

// Parses, runs the command and returns the exit code (design 5.9).
int RunCommandLine(int argc, const char* const* argv);

}  // namespace treesmith
