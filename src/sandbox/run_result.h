// What both sandboxes do before and after a run.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sandbox/cgroup.h"
#include "sandbox/sandbox.h"
#include "sandbox/supervise.h"

namespace treesmith {

// Names that stay in their folders, inputs that are there, an empty outbox.
Status PrepareJob(const Job& job);

// What stands in input/: names below it, and the host's files and folders for
// them. A folder in which an extra input lies is listed entry by entry, since
// nothing can be added to the host's own.
Result<std::map<std::string, std::filesystem::path>> InputEntries(
    const Job& job);

// The group of a run, none where the tree has no places.
Result<std::optional<Cgroup>> MakeRunCgroup(const CgroupTree& tree,
                                            const Limits& limits);

// Arguments of treesmith-init that both sandboxes share: limits, processors and
// the watchdog for what the tree does not count.
std::vector<std::string> InitArguments(const Limits& limits,
                                       const CgroupTree& tree,
                                       const std::vector<int>& cpus);

// Collects the wanted files from `folder` (-1: the script never started) and
// says what came of the run.
Result<ExecutionResult> FinishRun(const Job& job, Observation observation,
                                  int folder, const Cgroup* cgroup);

// `treesmith-init`: as named, or beside this program or one folder above.
Result<std::filesystem::path> FindInit(const std::filesystem::path& named);

}  // namespace treesmith
