// `treesmith init` and `preview`: what a data folder asks for, and what it
// holds.
#pragma once

#include <cstddef>
#include <string>

#include "table/task_file.h"

namespace treesmith {

struct InitOptions {
  std::string folder = ".";
  TaskOverrides overrides;
  bool dry_run = false;  // print what would be written
  bool json = false;
};
// Writes task.toml into the folder and prints what was inferred and why.
// Exit code 2 where a task.toml is there already or something must be asked.
int RunInit(const InitOptions& options);

struct PreviewCommandOptions {
  std::string path = ".";  // a folder or one file
  size_t max_bytes = 0;    // 0: as prompts have it
  bool json = false;
};
int RunPreview(const PreviewCommandOptions& options);

}  // namespace treesmith
