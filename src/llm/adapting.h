// Adapting: drops what a model does not take, once, remembers it, and says so.
//
// The first 400 that names a parameter switches it off for all calls of the
// model; the question is asked again at once. A schema goes down the ladder
// JSON schema, tool call, prompt text. What is switched off stays off for the
// run: it is told through the notice and the log.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "llm/llm_client.h"
#include "llm/wire_client.h"

namespace treesmith {

// Any thread.
using NoticeSink = std::function<void(const std::string& line)>;

class Adapting : public LlmClient {
 public:
  // `options` must outlive this.
  Adapting(std::unique_ptr<LlmClient> inner, std::string label,
           SharedOptions& options, NoticeSink notice);

  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override;

 private:
  // False when there is nothing left to drop. `on_trial` becomes true where
  // less room is asked for than any limit that is known.
  bool Adapt(const LlmFailure& failure, const WireOptions& asked,
             bool& on_trial);
  // No more than `limit` output tokens from now on.
  void KnowLimit(int limit);
  // What a call has tried holds for the others only where it was answered: a
  // question that is too long with any room takes none from them.
  void EndTrial(bool answered, int limit);
  // The model was told to call the tool and wrote a text without an object.
  bool LeaveTools(const LlmRequest& request, const WireOptions& asked,
                  const LlmReply& reply);
  void Tell(const std::string& what);

  std::unique_ptr<LlmClient> inner_;
  std::string label_;
  SharedOptions& options_;
  NoticeSink notice_;
  // Of output tokens: set, named by the provider or tried and answered. Under
  // the lock of `options_`.
  std::optional<int> known_limit_;
};

}  // namespace treesmith
