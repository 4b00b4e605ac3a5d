// Which file of a folder is what, by name.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/task.h"
#include "table/infer.h"

namespace treesmith {

// Fills train, test and sample_submission where they are empty; a reason each.
// Unpacks archives that may hold what is missing. BadInput: no train, or
// several files of equal right.
Status InferFiles(Task& task, std::vector<InferenceReason>& reasons);

// The train, test and sample of a folder by their names alone, in this order;
// none where several could be meant. Unpacks nothing.
std::vector<std::string> FilesByName(const std::filesystem::path& folder);

// Tables of the folder (two folders deep), by name, the three above left out.
std::vector<std::string> OtherTables(const Task& task);

}  // namespace treesmith
