// Rng: pseudo-random numbers that are the same on every machine.
//
// The standard library's distributions differ between implementations, so the
// few that are needed are here. A decision of a run takes its own stream,
// Rng(seed, step, purpose): what one decision draws never shifts another, and a
// resumed run draws what the undisturbed one would have. Not for secrets. One
// thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace treesmith {

class Rng {
 public:
  explicit Rng(uint64_t seed);
  // The stream of one decision: `step` is the step's id, `purpose` a short
  // constant word such as "policy".
  Rng(uint64_t seed, uint64_t step, std::string_view purpose);

  uint64_t Next();
  // Uniform in [0, 1).
  double Uniform();
  // Uniform in [0, bound). REQUIRES: bound > 0
  uint64_t Below(uint64_t bound);
  // Standard normal.
  double Normal();

  template <typename T>
  void Shuffle(std::span<T> values) {
    for (size_t i = values.size(); i > 1; --i) {
      std::swap(values[i - 1], values[Below(i)]);
    }
  }

 private:
  uint64_t state_[4];
};

}  // namespace treesmith
