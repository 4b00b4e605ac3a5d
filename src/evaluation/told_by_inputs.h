// What the inputs tell of labels to whoever has learnt from other rows.
//
// A plain model of the host's own (extremely random trees over the columns that
// scripts find in train and test, by rank), so that a script can be asked what
// it knows beyond that. It is no contender: it knows no dates, no words within
// a text, no `extra` files. Pure but for reading the task's tables; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "table/target.h"
#include "table/task_file.h"

namespace treesmith {

// Columns of train that a script also finds in a test, by index.
std::vector<int> InputsOf(const TaskTables& tables, const Target& target);

// A number for each row of `asked`, rising with what is to be expected of
// `value`: the labels of `learnt`, in that order. Rows of train; at some
// thousand of `learnt` it looks, evenly spread. REQUIRES: as many values as
// rows learnt, no NaN among them
std::vector<float> ToldByInputs(const TaskTables& tables, const Target& target,
                                std::span<const int32_t> learnt,
                                std::span<const float> value,
                                std::span<const int32_t> asked, Rng& rng);

}  // namespace treesmith
