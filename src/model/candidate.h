// Candidate: what a coder answers, a script before it has run.
#pragma once

#include <string>

#include "model/script.h"
#include "model/usage.h"

namespace treesmith {

struct Candidate {
  // For people and for the memory: what it does and why, 1 to 5 sentences.
  std::string plan;
  Script script;
  // A short stable label that bandits and `show` count: "draft.lightgbm",
  // "encode.target-oof", "tune.lightgbm". Lower case, dots and dashes.
  std::string change;
  // The model family, for ensembles and policies: "lightgbm", "linear" ...
  // Empty when unknown.
  std::string family;
  // JSON that only the coder that wrote it reads (the builtin's recipe).
  std::string origin;
  // What the script costs relative to the others of its task, in the coder's
  // own nominal unit (rows x columns x rounds); 0 when unknown. Decisions read
  // this instead of the clock.
  double nominal_cost = 0;
  Usage usage;
};

}  // namespace treesmith
