#include "sandbox/cpu_allotment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treesmith {
namespace {

using ::testing::ElementsAre;

TEST(CpuAllotmentTest, TwoRunsGetDifferentProcessors) {
  const CpuAllotment allotment({2, 3, 5});
  const auto first = allotment.Take(1);
  const auto second = allotment.Take(2);
  EXPECT_THAT(first.cpus(), ElementsAre(2));
  EXPECT_THAT(second.cpus(), ElementsAre(3, 5));
}

TEST(CpuAllotmentTest, AProcessorGivenBackIsDealtAgain) {
  const CpuAllotment allotment({0, 1});
  const auto kept = allotment.Take(1);
  {
    const auto returned = allotment.Take(1);
  }
  EXPECT_THAT(allotment.Take(1).cpus(), ElementsAre(1));
}

TEST(CpuAllotmentTest, NoBoundAndTooManyMeanAll) {
  const CpuAllotment allotment({0, 1});
  EXPECT_THAT(allotment.Take(0).cpus(), ElementsAre(0, 1));
  EXPECT_THAT(allotment.Take(9).cpus(), ElementsAre(0, 1));
}

}  // namespace
}  // namespace treesmith
