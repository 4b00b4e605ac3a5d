// FakeLlm: a model client that answers from a function, and what goes around
// clients in tests. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "llm/llm_client.h"
#include "llm/metered.h"

namespace treesmith {

class FakeLlm : public LlmClient {
 public:
  // Gets the request and how many came before it.
  using Handler = std::function<LlmOutcome(const LlmRequest&, int)>;
  explicit FakeLlm(Handler handler) : handler_(std::move(handler)) {}

  LlmOutcome Call(const LlmRequest& request, std::stop_token) override {
    int serial = 0;
    {
      auto requests = requests_.Lock();
      serial = static_cast<int>(requests->size());
      requests->push_back(request);
    }
    return handler_(request, serial);
  }
  [[nodiscard]] std::vector<LlmRequest> requests() { return *requests_.Lock(); }

 private:
  Handler handler_;
  Guarded<std::vector<LlmRequest>> requests_;
};

// Lets a test keep a client that a decorator owns.
class BorrowedLlm : public LlmClient {
 public:
  explicit BorrowedLlm(LlmClient& client) : client_(client) {}
  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override {
    return client_.Call(request, std::move(stop));
  }

 private:
  LlmClient& client_;
};

inline LlmOutcome FakeReply(std::string text,
                            LlmFinish finish = LlmFinish::kStop) {
  LlmReply reply;
  reply.text = std::move(text);
  reply.finish = finish;
  reply.usage = {.calls = 1, .tokens_in = 10, .tokens_out = 5};
  return {.answer = std::move(reply)};
}

inline LlmOutcome FakeFailure(FailureKind kind,
                              Parameter parameter = Parameter::kNone) {
  LlmFailure failure;
  failure.kind = kind;
  failure.message = "ask fake: failed";
  failure.parameter = parameter;
  failure.usage.calls = 1;
  return {.answer = std::move(failure)};
}

// Adds up what it is told.
class CountingObserver : public CallObserver {
 public:
  bool OnCallStarted(const CallNote&, const Reservation& reserved,
                     const std::stop_token&) override {
    ++started;
    reserved_tokens += reserved.tokens;
    return true;
  }
  void OnCallEnded(const CallNote& call, LlmOutcome& outcome) override {
    if (call.source == CallSource::kCache) {
      ++cached;
      return;
    }
    ++ended;
    if (outcome.reply() == nullptr) ++failed;
    *used_.Lock() += outcome.usage();
  }
  [[nodiscard]] Usage used() { return *used_.Lock(); }

  std::atomic<int> started = 0;
  std::atomic<int> ended = 0;
  std::atomic<int> failed = 0;
  std::atomic<int> cached = 0;
  std::atomic<int64_t> reserved_tokens = 0;

 private:
  Guarded<Usage> used_;
};

}  // namespace treesmith
