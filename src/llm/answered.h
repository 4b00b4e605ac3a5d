// Answered: what a resumed run has asked before is not asked again.
//
// A step whose process was killed asks all its questions anew; those whose
// answers are in the log are answered from there, failures too, so that the
// step goes on as the undisturbed one would have. A question is known by its
// step, purpose and number: its words may differ, since other nodes were added
// and time has passed. Nothing is booked twice: this stands outside of Metered.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/guarded.h"
#include "llm/llm_client.h"

namespace treesmith {

// Answers of calls that ended. Any thread.
class AnsweredCalls {
 public:
  // `answer`: an EncodeOutcome. Those of one step and purpose come out in the
  // order in which they went in.
  void Add(uint64_t step, const std::string& purpose, std::string answer);
  std::optional<LlmOutcome> Take(uint64_t step, const std::string& purpose);

 private:
  Guarded<std::map<std::pair<uint64_t, std::string>, std::deque<std::string>>>
      answers_;
};

class Answered : public LlmClient {
 public:
  // `answers` must outlive this.
  Answered(std::unique_ptr<LlmClient> inner, AnsweredCalls& answers)
      : inner_(std::move(inner)), answers_(answers) {}
  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override;

 private:
  std::unique_ptr<LlmClient> inner_;
  AnsweredCalls& answers_;
};

}  // namespace treesmith
