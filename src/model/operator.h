// The four ways to make a script from its parents, and a policy's choice.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.h"

namespace treesmith {

enum class Operator { kDraft, kImprove, kDebug, kCrossover };

// "draft", "improve", "debug", "crossover".
std::string_view OperatorName(Operator op);
std::optional<Operator> ParseOperator(std::string_view name);

// What to expand next: draft takes no parent, improve a good one, debug a buggy
// one, crossover two good ones.
struct Proposal {
  Operator op = Operator::kDraft;
  std::vector<NodeId> parents;
  // One sentence for people: why this and not another.
  std::string why;
};

}  // namespace treesmith
