#include "base/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace treesmith {
namespace {

TEST(RngTest, SameStreamGivesTheSameNumbersOnEveryMachine) {
  // Written down once: a change of the generator would change the tree of every
  // stored run.
  Rng rng(42, 7, "policy");
  EXPECT_EQ(rng.Next(), 12918014385512341335u);
  EXPECT_EQ(rng.Next(), 9043219666928968921u);
}

TEST(RngTest, StreamsOfOtherStepsPurposesAndSeedsDiffer) {
  const std::set<uint64_t> firsts = {
      Rng(1, 1, "policy").Next(), Rng(1, 2, "policy").Next(),
      Rng(1, 1, "coder").Next(), Rng(2, 1, "policy").Next()};
  EXPECT_EQ(firsts.size(), 4u);
}

TEST(RngTest, BelowReachesEveryValueAndNoOther) {
  Rng rng(3);
  std::array<int, 5> counts{};
  for (int i = 0; i < 5000; ++i) ++counts.at(rng.Below(5));
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
}

TEST(RngTest, NormalHasMeanZeroAndVarianceOne) {
  Rng rng(4);
  double sum = 0;
  double squares = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.Normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.03);
  EXPECT_NEAR(squares / kDraws, 1, 0.05);
}

}  // namespace
}  // namespace treesmith
