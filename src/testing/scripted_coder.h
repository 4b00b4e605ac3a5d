// ScriptedCoder: answers at once, the same for the same assignment.
//
// Every script is new; families take turns. Any thread.
#pragma once

#include <string>

#include "operators/coder.h"

namespace treesmith {

class ScriptedCoder : public Coder {
 public:
  [[nodiscard]] bool Accepts(Operator, const std::vector<NodeId>&,
                             const NodeSnapshot&) const override {
    return true;
  }
  [[nodiscard]] int draft_count() const override { return 3; }
  Result<Candidate> Write(const Assignment& assignment,
                          std::stop_token) override {
    const std::string step = std::to_string(assignment.step.value);
    Candidate candidate;
    candidate.plan = "the idea of step " + step;
    candidate.change = std::string(OperatorName(assignment.op)) + ".scripted";
    candidate.script.code = "print(" + step + ")\n";
    if (assignment.parents.empty()) {
      candidate.family = "family" + std::to_string(assignment.step.value % 3);
    } else {
      const Node& parent =
          assignment.nodes[assignment.parents.front().id.index()];
      candidate.family = parent.family;
    }
    candidate.nominal_cost = 1;
    return candidate;
  }
};

}  // namespace treesmith
