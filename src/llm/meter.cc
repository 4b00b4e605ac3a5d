#include "llm/meter.h"

#include <algorithm>
#include <utility>

namespace treesmith {
namespace {

LlmFailure BudgetFailure(const CallBudget& budget, const Reservation& wanted,
                         const Usage& spent) {
  LlmFailure failure;
  failure.kind = FailureKind::kBudget;
  if (budget.usd && (!wanted.usd || !spent.cost_usd)) {
    failure.message =
        "ask the model: --max-cost is set and the model's price is not known";
    failure.hint = "set its prices in [models.NAME], or use --max-tokens";
    return failure;
  }
  failure.message = "ask the model: the budget is used up, " +
                    std::to_string(spent.tokens()) + " tokens spent, " +
                    std::to_string(wanted.tokens) +
                    " more may be needed for the next call";
  failure.hint = "resume the run with more --max-tokens or --max-cost";
  return failure;
}

}  // namespace

Meter::Meter(CallBudget budget) : budget_(budget) {}

Meter::Verdict Meter::Judge(const Reservation& wanted) const {
  bool wait = false;
  if (budget_.tokens) {
    const int64_t left = *budget_.tokens - spent_.tokens();
    if (wanted.tokens > left) return Verdict::kRefused;
    wait = wait || wanted.tokens > left - reserved_tokens_;
  }
  if (budget_.usd) {
    // An unknown sum may be anything.
    if (!wanted.usd || !spent_.cost_usd) return Verdict::kRefused;
    const double left = *budget_.usd - *spent_.cost_usd;
    if (*wanted.usd > left) return Verdict::kRefused;
    wait = wait || *wanted.usd > left - reserved_usd_;
  }
  return wait ? Verdict::kWait : Verdict::kGranted;
}

std::optional<LlmFailure> Meter::Reserve(const Reservation& reservation,
                                         std::stop_token stop) {
  std::unique_lock lock(mutex_);
  Verdict verdict = Verdict::kWait;
  changed_.wait(lock, std::move(stop), [&] {
    verdict = Judge(reservation);
    return verdict != Verdict::kWait;
  });
  if (verdict == Verdict::kWait) {
    return LlmFailure{.kind = FailureKind::kCancelled,
                      .message = "ask the model: stopped"};
  }
  if (verdict == Verdict::kRefused) {
    const bool tokens = budget_.tokens &&
                        reservation.tokens > *budget_.tokens - spent_.tokens();
    exhausted_ = tokens ? "tokens" : "cost";
    return BudgetFailure(budget_, reservation, spent_);
  }
  reserved_tokens_ += reservation.tokens;
  reserved_usd_ += reservation.usd.value_or(0);
  return std::nullopt;
}

void Meter::Settle(const Reservation& reservation, const Usage& used) {
  {
    const std::lock_guard lock(mutex_);
    reserved_tokens_ -= reservation.tokens;
    // Sums of doubles end near zero, not at it.
    reserved_usd_ =
        reserved_tokens_ == 0
            ? 0
            : std::max(0.0, reserved_usd_ - reservation.usd.value_or(0));
    spent_ += used;
  }
  changed_.notify_all();
}

void Meter::Book(const Usage& used) {
  {
    const std::lock_guard lock(mutex_);
    spent_ += used;
  }
  changed_.notify_all();
}

void Meter::SetBudget(CallBudget budget) {
  {
    const std::lock_guard lock(mutex_);
    budget_ = budget;
    exhausted_ = nullptr;
  }
  changed_.notify_all();
}

const char* Meter::exhausted() const {
  const std::lock_guard lock(mutex_);
  return exhausted_;
}

Usage Meter::spent() const {
  const std::lock_guard lock(mutex_);
  return spent_;
}

int64_t Meter::reserved_tokens() const {
  const std::lock_guard lock(mutex_);
  return reserved_tokens_;
}

}  // namespace treesmith
