// WarmStart: another coder's first draft before a model's.
//
// A run that a model drives has a scored script and a valid submission within
// seconds, whatever the model says (--warm-start).
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "operators/coder.h"

namespace treesmith {

class WarmStart : public Coder {
 public:
  // `first` writes the step `step`, should it be a draft, and `rest` all
  // others; and that one too where `first` has nothing to offer.
  WarmStart(std::unique_ptr<Coder> first, StepId step,
            std::unique_ptr<Coder> rest)
      : first_(std::move(first)), step_(step), rest_(std::move(rest)) {}

  [[nodiscard]] bool Accepts(Operator op, const std::vector<NodeId>& parents,
                             const NodeSnapshot& nodes) const override {
    return rest_->Accepts(op, parents, nodes);
  }
  [[nodiscard]] int draft_count() const override {
    return rest_->draft_count();
  }
  Result<Candidate> Write(const Assignment& assignment,
                          std::stop_token stop) override {
    if (assignment.step == step_ && assignment.op == Operator::kDraft &&
        assignment.refused.empty()) {
      Result<Candidate> candidate = first_->Write(assignment, stop);
      if (candidate.ok() || candidate.error().kind != ErrorKind::kBadInput) {
        return candidate;
      }
    }
    return rest_->Write(assignment, std::move(stop));
  }

 private:
  std::unique_ptr<Coder> first_;
  StepId step_;
  std::unique_ptr<Coder> rest_;
};

}  // namespace treesmith
