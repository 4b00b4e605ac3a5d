// Ledger: the books of a run's calls to language models.
//
// Every call is an event before it goes out and after it has ended. Only the
// engine loop writes the log, so a caller hands its note over and waits; it
// never waits longer than until stop is asked for. The budget is the meter's.
#pragma once

#include <functional>
#include <stop_token>

#include "base/guarded.h"
#include "engine/arrival.h"
#include "llm/answered.h"
#include "llm/metered.h"

namespace treesmith {

class Ledger : public CallObserver {
 public:
  explicit Ledger(CallBudget budget) : meter_(budget) {}

  // For clients (llm/make_client.h).
  Meter& meter() { return meter_; }
  AnsweredCalls& answered() { return answered_; }

  // Any thread. False: stopped before the note was in the log.
  bool OnCallStarted(const CallNote& call, const Reservation& reserved,
                     const std::stop_token& stop) override;
  void OnCallEnded(const CallNote& call, LlmOutcome& outcome) override;

  // Where notes go; empty: nowhere, and no call may start. By the engine, which
  // disconnects before it is gone.
  using Sink = std::function<void(CallArrived)>;
  void Connect(Sink sink);

 private:
  Meter meter_;
  AnsweredCalls answered_;
  Guarded<Sink> sink_;
};

}  // namespace treesmith
