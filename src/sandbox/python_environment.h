// PythonEnvironment: the interpreter that runs the scripts, and what it has.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace treesmith {

struct PythonPackage {
  std::string name;  // as published: "scikit-learn"
  std::string version;
};

struct PythonEnvironment {
  // What to start; never a shim that would look elsewhere.
  std::filesystem::path executable;
  std::string version;  // "3.11.2"
  // The folders that it needs to run: sys.prefix, sys.base_prefix and where
  // their symbolic links lead. Those below /usr are left out.
  std::vector<std::filesystem::path> roots;
  // Installed distributions, by name.
  std::vector<PythonPackage> packages;
};

// Where to look. Each may be a program or an environment's folder.
struct PythonSearch {
  std::string flag = {};         // --python; empty: not given
  std::string environment = {};  // TREESMITH_PYTHON; empty: not set
  // This program: `../python` from its folder is the third place, PATH's and
  // /usr/bin's python3 the last.
  std::filesystem::path program = {};
};

// Asks the first interpreter that is there about itself (some 15 ms). An
// interpreter that was named and does not work is kBadInput; none at all is
// kEnvironment.
Result<PythonEnvironment> FindPython(const PythonSearch& search);

// The path of the running program.
std::filesystem::path ProgramPath();

}  // namespace treesmith
