// Seals: what a run's scores rest on, named by the hash of its content.
//
// Taken when a run starts and stored with it; a resumed run takes them again
// and goes on only where nothing differs, or scores of before and after would
// be compared though they mean different things. (What each script saw is
// named in its FoldRun.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "base/result.h"
#include "evaluation/hidden_evaluator.h"

namespace treesmith {

struct FileSeal {
  std::string name;  // inside the task's folder
  FileDigest content;
  bool operator==(const FileSeal&) const = default;
};

struct Seals {
  // Train, test, sample, extra files and the metric's script, in that order.
  std::vector<FileSeal> files;
  // Of fold plan, metric, hidden labels and what the scorer makes of made-up
  // predictions: another treesmith that scores alike has the same.
  Hash128 evaluator;
  bool operator==(const Seals&) const = default;
};

// What the scorer says of made-up predictions on the first repeat; part of the
// evaluator's seal, so that a change of how scores are made breaks it.
Result<FoldedScore> ScoreProbe(const Scorer& scorer);

// Reads every file of the task once. An Error where one cannot be read.
Result<std::vector<FileSeal>> SealFiles(const Task& task);
Hash128 SealEvaluator(const HiddenTask& task, const Scorer& scorer);

std::string EncodeSeals(const Seals& seals);
Result<Seals> DecodeSeals(std::string_view json);

// What is not as it was sealed, in words for people ("train.csv has changed:
// 1234 bytes then, 1300 now"); empty when all is.
std::string BrokenSeals(const Seals& then, const Seals& now);

}  // namespace treesmith
