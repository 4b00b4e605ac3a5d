// Metered: every call through the ledger, and told before and after.
//
// Stands inside of Retrying, so that each try is reserved and booked by itself:
// failed, cancelled and repeated ones too.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "llm/llm_client.h"
#include "llm/meter.h"
#include "llm/wire_client.h"

namespace treesmith {

// Who answered: a call that was made, or the cache (llm/answer_cache.h), whose
// answers end without having started.
enum class CallSource { kModel, kCache };

// One call, for the books.
struct CallNote {
  const LlmRequest& request;
  const std::string& model;  // its label
  Hash128 hash;              // of the request
  CallSource source = CallSource::kModel;
};

// Gets both in the thread that asks, so it must be quick and safe for several
// threads. For the event log.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // Before the call goes out. False: it must not, and counts as cancelled.
  virtual bool OnCallStarted(const CallNote& call, const Reservation& reserved,
                             const std::stop_token& stop) = 0;
  // After it, whatever came of it; also when it did not go out.
  virtual void OnCallEnded(const CallNote& call, LlmOutcome& outcome) = 0;
};

class Metered : public LlmClient {
 public:
  // `label`: as in Endpoint. `meter` and `observer` must outlive this.
  Metered(std::unique_ptr<LlmClient> inner, std::string label,
          std::optional<Prices> prices, SharedOptions& options, Meter& meter,
          CallObserver& observer);

  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override;

 private:
  [[nodiscard]] Reservation Worst(const LlmRequest& request);

  std::unique_ptr<LlmClient> inner_;
  std::string label_;
  std::optional<Prices> prices_;
  SharedOptions& options_;
  Meter& meter_;
  CallObserver& observer_;
};

}  // namespace treesmith
