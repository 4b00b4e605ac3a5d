// Usage: what calls to a language model took. A plain sum; no I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace treesmith {

struct Usage {
  int64_t calls = 0;
  // All input tokens, the cached ones included.
  int64_t tokens_in = 0;
  int64_t tokens_cached = 0;
  // All output tokens, the reasoning ones included.
  int64_t tokens_out = 0;
  int64_t tokens_reasoning = 0;
  std::chrono::milliseconds time{0};
  // US dollars. Absent: unknown, which is not the same as nothing (D23); a sum
  // with an unknown part is unknown.
  std::optional<double> cost_usd = 0.0;

  [[nodiscard]] int64_t tokens() const { return tokens_in + tokens_out; }

  Usage& operator+=(const Usage& other) {
    calls += other.calls;
    tokens_in += other.tokens_in;
    tokens_cached += other.tokens_cached;
    tokens_out += other.tokens_out;
    tokens_reasoning += other.tokens_reasoning;
    time += other.time;
    if (cost_usd && other.cost_usd) {
      *cost_usd += *other.cost_usd;
    } else {
      cost_usd.reset();
    }
    return *this;
  }
};

}  // namespace treesmith
