#include "base/rng.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "base/check.h"

namespace treesmith {
namespace {

// splitmix64 (Steele, Lea, Flood 2014): spreads any seed over the state, as
// the authors of xoshiro advise.
uint64_t SplitMix(uint64_t& state) {
  state += 0x9e3779b97f4a7c15ULL;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// FNV-1a: purposes are short constant words.
uint64_t HashWord(std::string_view word) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : word) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace

Rng::Rng(uint64_t seed) : state_{} {
  for (uint64_t& word : state_) word = SplitMix(seed);
}

Rng::Rng(uint64_t seed, uint64_t step, std::string_view purpose) : state_{} {
  uint64_t mixed = seed;
  uint64_t key = SplitMix(mixed) ^ HashWord(purpose);
  key = SplitMix(key) ^ step;
  for (uint64_t& word : state_) word = SplitMix(key);
}

// xoshiro256** 1.0 (Blackman, Vigna 2018).
uint64_t Rng::Next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::Uniform() {
  // The top 53 bits: every double of that grid is equally likely.
  return static_cast<double>(Next() >> 11) * 0x1.0p-53;
}

uint64_t Rng::Below(uint64_t bound) {
  CHECK(bound > 0);
  // Rejects the short last block, so that no value is favoured.
  const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  uint64_t value = Next();
  while (value >= limit) value = Next();
  return value % bound;
}

double Rng::Normal() {
  // Box-Muller, one value of the pair: speed does not matter here.
  const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * Uniform());
}

}  // namespace treesmith
