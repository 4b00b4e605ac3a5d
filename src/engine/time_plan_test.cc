#include "engine/time_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treesmith {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

// 160,000 rows, ten minutes, two cores.
PlanFacts Large() {
  PlanFacts facts;
  facts.time = 10min;
  facts.workers = 1;
  facts.threads = 2;
  facts.folds = 3;
  facts.all_rows = 160'000;
  facts.fold_rows = 106'667;
  facts.draft_costs = {10, 40, 100, 120, 200, 400};
  return facts;
}

PlanFacts Small() {
  PlanFacts facts;
  facts.time = 2min;
  facts.workers = 2;
  facts.folds = 5;
  facts.repeats = 3;
  facts.all_rows = 800;
  facts.fold_rows = 640;
  facts.draft_costs = {1, 2, 4};
  return facts;
}

// Seconds of a unit on a share of the rows, as the plan must take them to be.
double Seconds(const PlanFacts& facts, const Pilot& pilot, double share,
               double cost) {
  const double wall = static_cast<double>(pilot.wall.count()) / 1000;
  const double start = std::min(1.0, wall / 2);
  return start +
         (wall - start) / PilotShare(facts) * share * cost / pilot.nominal_cost;
}

TEST(TimePlanTest, WithoutATimeLimitNothingIsSampledOrMeasured) {
  PlanFacts facts = Large();
  facts.time.reset();
  EXPECT_FALSE(NeedsPilot(facts));
  EXPECT_EQ(PilotShare(facts), 1);
  const TimePlan plan = MakeTimePlan(facts, std::nullopt);
  EXPECT_EQ(plan.train_share, 1);
  EXPECT_EQ(plan.refit_share, 1);
  EXPECT_EQ(plan.script_limit, facts.script_timeout);
}

TEST(TimePlanTest, FewRowsAreAllUsed) {
  const TimePlan plan = MakeTimePlan(Small(), Pilot{1500ms, 1});
  EXPECT_EQ(plan.train_share, 1);
  EXPECT_EQ(plan.refit_share, 1);
  EXPECT_EQ(plan.script_limit, 10s);
  EXPECT_EQ(plan.text,
            "2 x 1 thread, 5 folds, 2 repeats for contenders, a script at most "
            "10 s, search on all rows");
}

TEST(TimePlanTest, ThePilotOfALargeTableIsASample) {
  EXPECT_NEAR(PilotShare(Large()) * 106'667, 20'000, 1'000);
  EXPECT_EQ(PilotShare(Small()), 1);
}

TEST(TimePlanTest, EveryFamilyIsDraftedInAThirdOfTheTime) {
  const PlanFacts facts = Large();
  const Pilot pilot{2s, 10};
  const TimePlan plan = MakeTimePlan(facts, pilot);
  EXPECT_LT(plan.train_share, 1);
  double drafts = 0;
  for (const double cost : facts.draft_costs) {
    const double seconds = Seconds(facts, pilot, plan.train_share, cost);
    EXPECT_LE(seconds, 30 * 0.61);
    drafts += 3 * seconds;
  }
  EXPECT_LE(drafts, 0.36 * 600);
  EXPECT_THAT(plan.text, HasSubstr("search on "));
}

TEST(TimePlanTest, AQuickMachineNeedsNoSample) {
  PlanFacts facts = Large();
  facts.time = 10h;
  EXPECT_EQ(MakeTimePlan(facts, Pilot{2s, 10}).train_share, 1);
}

TEST(TimePlanTest, TheMoreTimeTheMoreRows) {
  PlanFacts facts = Large();
  double before = 0;
  for (const auto time : {2min, 10min, 30min, 600min}) {
    facts.time = time;
    const double share = MakeTimePlan(facts, Pilot{3s, 10}).train_share;
    EXPECT_GE(share, before);
    before = share;
  }
  EXPECT_EQ(before, 1);
}

// Fewer rows would save nothing where scripts mostly start up.
TEST(TimePlanTest, StartingUpIsNoReasonToSample) {
  PlanFacts facts = Small();
  facts.time = 20s;
  EXPECT_EQ(MakeTimePlan(facts, Pilot{1500ms, 1}).train_share, 1);
}

TEST(TimePlanTest, RefitsThatCannotEndAreSampledToo) {
  PlanFacts facts = Large();
  facts.all_rows = 16'000'000;
  facts.fold_rows = 10'666'667;
  const TimePlan plan = MakeTimePlan(facts, Pilot{3s, 10});
  EXPECT_LT(plan.train_share, 0.05);
  EXPECT_LT(plan.refit_share, 1);
  EXPECT_GE(plan.refit_share, plan.train_share);
  EXPECT_THAT(plan.text, HasSubstr("refits on"));
}

TEST(TimePlanTest, UnknownCostsAreTakenForThePilots) {
  PlanFacts facts = Large();
  facts.draft_costs = {};
  const double unknown = MakeTimePlan(facts, Pilot{5s, 0}).train_share;
  facts.draft_costs = {7};
  EXPECT_EQ(MakeTimePlan(facts, Pilot{5s, 7}).train_share, unknown);
}

TEST(TimePlanTest, IsReadBackAsItWasWritten) {
  const TimePlan plan = MakeTimePlan(Large(), Pilot{3s, 10});
  EXPECT_EQ(*DecodeTimePlan(EncodeTimePlan(plan)), plan);
  EXPECT_FALSE(DecodeTimePlan("{}").ok());
}

}  // namespace
}  // namespace treesmith
