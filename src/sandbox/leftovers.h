// Names for what a sandbox makes on the host (cgroups, folders), such that a
// later run can tell whose maker is dead.
#pragma once

#include <string>
#include <string_view>

namespace treesmith {

// "treesmith-<pid namespace>-<pid>-<start time>-<n>", another n every time.
// Any thread.
std::string LeftoverName();

// True for a name of that form whose maker lived in our pid namespace and is
// gone. Names of other namespaces are not ours to judge.
bool IsLeftover(std::string_view name);

}  // namespace treesmith
