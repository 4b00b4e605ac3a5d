#include "engine/ledger.h"

#include <utility>

#include "llm/reply_json.h"

namespace treesmith {

void Ledger::Connect(Sink sink) { *sink_.Lock() = std::move(sink); }

bool Ledger::OnCallStarted(const CallNote& call, const Reservation& reserved,
                           const std::stop_token& stop) {
  CallStarted started;
  started.step = {static_cast<int64_t>(call.request.step)};
  started.purpose = call.request.purpose;
  started.model = call.model;
  started.attempt = call.request.attempt;
  started.request = call.hash;
  started.reserved_tokens = reserved.tokens;
  started.reserved_usd = reserved.usd;
  // Owned by the waiting caller and by the note on its way.
  auto written = std::make_shared<Flag>();
  {
    auto sink = sink_.Lock();
    if (!*sink) return false;
    (*sink)({.event = std::move(started), .answer = "", .written = written});
  }
  return written->Wait(stop);
}

void Ledger::OnCallEnded(const CallNote& call, LlmOutcome& outcome) {
  CallEnded ended;
  ended.step = {static_cast<int64_t>(call.request.step)};
  ended.purpose = call.request.purpose;
  ended.model = call.model;
  ended.attempt = call.request.attempt;
  ended.request = call.hash;
  ended.usage = outcome.usage();
  ended.cached = call.source == CallSource::kCache;
  const LlmFailure* failure = outcome.failure();
  if (failure != nullptr) ended.error = failure->message;
  std::string answer;
  if (failure == nullptr || failure->kind != FailureKind::kCancelled) {
    answer = EncodeOutcome(outcome);
    ended.reply = HashBytes(answer);
  }
  auto sink = sink_.Lock();
  if (!*sink) return;
  (*sink)({.event = std::move(ended),
           .answer = std::move(answer),
           .written = nullptr});
}

}  // namespace treesmith
