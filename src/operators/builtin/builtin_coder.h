// The builtin coder: writes scripts from recipes by rules, with no model.
//
// Every candidate carries its recipe as `origin`; a node without one (a user's
// start script, another coder's) cannot be improved by this coder. Write is
// pure: the same assignment gives the same candidate. Any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/task.h"
#include "operators/coder.h"
#include "table/profile.h"

namespace treesmith {

struct BuiltinOptions {
  // Only these families; empty: all that fit.
  std::vector<std::string> families;
};

std::unique_ptr<Coder> MakeBuiltinCoder(const Task& task,
                                        const Profile& profile,
                                        BuiltinOptions options = {});

}  // namespace treesmith
