// Names for what this program makes on the host for a time (cgroups, folders),
// such that a later run can tell whose maker is dead.
#pragma once

#include <string>
#include <string_view>

namespace treesmith {

// "treesmith-<pid namespace>-<pid>-<start time>-<n>", another n every time.
// Any thread.
std::string LeftoverName();

// True for a name of that form, or one that goes on with a dot, whose maker
// lived in our pid namespace and is gone. Names of other namespaces are not
// ours to judge.
bool IsLeftover(std::string_view name);

// Removes what dead runs of this user left in the temporary folder.
void SweepTemporaryFolders();

}  // namespace treesmith
