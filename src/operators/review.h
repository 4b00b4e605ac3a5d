// The reviewer's rules: what the memory should keep of a finished step.
//
// Rules decide what a script did; the host has scored it. Pure; any thread.
#pragma once

#include <string>

#include "model/outcome.h"
#include "model/score.h"

namespace treesmith {

// One sentence on a script that was not scored.
std::string ReviewFailure(const Outcome& outcome);

// One sentence on a scored one: better, worse or within the noise.
std::string ReviewScore(const NodeScore& score);

}  // namespace treesmith
