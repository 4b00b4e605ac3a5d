// The environment variables that a script sees: nothing of the host's.
#pragma once

#include <string>
#include <vector>

#include "sandbox/sandbox.h"

namespace treesmith {

// "NAME=value" each. `home`: a folder that the script may write. Bounds every
// library we know to `threads`, makes hashing and so set order the same every
// time, and plots need no display. The job's own variables win.
std::vector<std::string> ScriptEnvironment(const Job& job,
                                           const PythonEnvironment& python,
                                           const std::string& home,
                                           size_t threads);

}  // namespace treesmith
