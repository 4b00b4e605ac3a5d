// Meter: the ledger of a run's calls; no budget is ever passed.
//
// Before a call its largest possible use is reserved, after it what it really
// took is booked. A call waits while others hold reservations that would not
// leave room for it, and is refused only when what is already spent leaves
// none. Any thread, many at once.
//
// Under a budget in money a call without a price is refused: unknown is not
// zero (D23).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>

#include "llm/failure.h"
#include "model/usage.h"

namespace treesmith {

struct Reservation {
  int64_t tokens = 0;
  // Absent: the model has no price.
  std::optional<double> usd;
};

struct CallBudget {
  std::optional<int64_t> tokens;
  std::optional<double> usd;
};

class Meter {
 public:
  explicit Meter(CallBudget budget);

  // Nothing when it is granted. Blocks while it might be granted later.
  std::optional<LlmFailure> Reserve(const Reservation& reservation,
                                    std::stop_token stop);
  // Gives the reservation back and books what was used.
  void Settle(const Reservation& reservation, const Usage& used);
  // Books what was used without this meter: by the run before it was resumed.
  void Book(const Usage& used);
  // More (or less) budget for calls that come.
  void SetBudget(CallBudget budget);

  // "tokens" or "cost": the limit that refused a call; null while none was.
  [[nodiscard]] const char* exhausted() const;

  [[nodiscard]] Usage spent() const;
  // Reserved by calls under way.
  [[nodiscard]] int64_t reserved_tokens() const;

 private:
  enum class Verdict { kGranted, kWait, kRefused };
  // REQUIRES: the lock is held.
  [[nodiscard]] Verdict Judge(const Reservation& reservation) const;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  CallBudget budget_;
  const char* exhausted_ = nullptr;
  Usage spent_;
  int64_t reserved_tokens_ = 0;
  double reserved_usd_ = 0;
};

}  // namespace treesmith
