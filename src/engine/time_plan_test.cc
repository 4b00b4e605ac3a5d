#include "engine/time_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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
  facts.columns = 20;
  facts.draft_costs = {60, 60, 80, 100, 100, 400, 500, 600};
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
  facts.columns = 20;
  facts.draft_costs = {1, 2, 4};
  return facts;
}

// A machine on which the measured script, of nominal cost 100, takes `start`
// and `fit` seconds on all rows of a fold.
struct Machine {
  double start = 2.5;
  double fit = 6;
};

double Seconds(const Machine& machine, double share, double cost = 100) {
  return machine.start + share * machine.fit * cost / 100;
}

TimePlan Settle(const PlanFacts& facts, const Machine& machine,
                double cost = 100) {
  std::optional<TimePlan> plan;
  double share = ProbeShare(facts);
  for (int pilots = 0; !plan || !plan->settled; ++pilots) {
    EXPECT_LT(pilots, 8);
    const auto wall = std::chrono::milliseconds(
        static_cast<int64_t>(1000 * Seconds(machine, share)));
    plan = NextTimePlan(facts, plan, {share, wall, 0ms, cost});
    EXPECT_EQ(plan->pilot_share, share);
    share = plan->train_share;
  }
  return *plan;
}

TEST(TimePlanTest, WithoutATimeLimitNothingIsSampledOrMeasured) {
  PlanFacts facts = Large();
  facts.time.reset();
  EXPECT_FALSE(NeedsPilot(facts));
  const TimePlan plan = MakePlanAtOnce(facts);
  EXPECT_TRUE(plan.settled);
  EXPECT_EQ(plan.train_share, 1);
  EXPECT_EQ(plan.refit_share, 1);
  EXPECT_EQ(plan.script_limit, facts.script_timeout);
}

TEST(TimePlanTest, SmallTablesAreNeverSampled) {
  PlanFacts facts = Small();
  EXPECT_FALSE(NeedsPilot(facts));
  EXPECT_EQ(MakePlanAtOnce(facts).text,
            "2 x 1 thread, 5 folds, 2 repeats for contenders, a script at most "
            "20 s, search on all rows");
  facts.time = 60s;
  facts.all_rows = 20'000;
  facts.columns = 30;
  EXPECT_FALSE(NeedsPilot(facts));
  facts.columns = 300;
  EXPECT_TRUE(NeedsPilot(facts));
}

TEST(TimePlanTest, TheProbeAndThePilotAreOfFewRows) {
  const PlanFacts facts = Large();
  EXPECT_NEAR(ProbeShare(facts) * 106'667, 2'000, 200);
  const TimePlan plan =
      NextTimePlan(facts, std::nullopt, {ProbeShare(facts), 3s, 0ms, 100});
  EXPECT_FALSE(plan.settled);
  EXPECT_NEAR(plan.train_share * 106'667, 30'000, 1'500);
  EXPECT_THAT(plan.text, HasSubstr("first a pilot on 28 % of the rows"));
}

TEST(TimePlanTest, ALargeTableIsUsedToALargePartInTenMinutes) {
  const TimePlan plan = Settle(Large(), {});
  EXPECT_GE(plan.train_share, 0.3);
  EXPECT_EQ(plan.refit_share, 1);
  EXPECT_THAT(plan.text, HasSubstr("scripts start in 2.5 s, and a typical one "
                                   "takes 6.0 s more on all rows"));
}

// Start-up on a loaded machine is no reason to leave out rows.
TEST(TimePlanTest, ALoadedMachineStillUsesManyRows) {
  EXPECT_GE(Settle(Large(), {.start = 6, .fit = 14}).train_share, 0.25);
}

// The clock says that rows take long where only the load grew.
TEST(TimePlanTest, AGrowingLoadIsNoReasonToSample) {
  const PlanFacts facts = Large();
  const TimePlan pilot =
      NextTimePlan(facts, std::nullopt, {ProbeShare(facts), 3s, 2s, 100});
  const auto share = [&](std::chrono::milliseconds cpu) {
    return NextTimePlan(facts, pilot, {pilot.train_share, 12s, cpu, 100})
        .train_share;
  };
  EXPECT_GE(share(3s), 0.3);
  EXPECT_LT(share(12s), 0.2);
}

TEST(TimePlanTest, EveryFamilyIsDraftedInHalfOfTheTime) {
  const PlanFacts facts = Large();
  const Machine machine{.start = 2, .fit = 30};
  const TimePlan plan = Settle(facts, machine);
  EXPECT_LT(plan.train_share, 1);
  double drafts = 0;
  for (const double cost : facts.draft_costs) {
    // What would take longer than half of its limit is written to take less.
    const double seconds = Seconds(machine, plan.train_share, cost);
    drafts += 3 * std::min(seconds, 15.0);
  }
  EXPECT_LE(drafts, 0.5 * 600);
  EXPECT_GE(drafts, 0.25 * 600);
}

TEST(TimePlanTest, MuchTimeNeedsNoSample) {
  PlanFacts facts = Large();
  facts.time = 10h;
  EXPECT_EQ(Settle(facts, {}).train_share, 1);
}

TEST(TimePlanTest, TheMoreTimeTheMoreRows) {
  PlanFacts facts = Large();
  double before = 0;
  for (const auto time : {2min, 10min, 30min, 600min}) {
    facts.time = time;
    const double share = Settle(facts, {.start = 2, .fit = 40}).train_share;
    EXPECT_GE(share, before);
    before = share;
  }
  EXPECT_EQ(before, 1);
}

// What was measured on few rows does not decide on fifty times as many.
TEST(TimePlanTest, AVeryLargeTableIsMeasuredStepByStep) {
  PlanFacts facts = Large();
  facts.all_rows = 16'000'000;
  facts.fold_rows = 10'666'667;
  facts.folds = 1;
  const Machine machine{.start = 3, .fit = 60};
  TimePlan plan = NextTimePlan(facts, std::nullopt, {0.00019, 3s, 0ms, 100});
  plan = NextTimePlan(facts, plan, {plan.train_share, 3200ms, 0ms, 100});
  EXPECT_FALSE(plan.settled);
  EXPECT_NEAR(plan.train_share, 6 * plan.pilot_share, 0.001);
  EXPECT_TRUE(Settle(facts, machine).settled);
}

TEST(TimePlanTest, RefitsThatCannotEndAreSampledToo) {
  PlanFacts facts = Large();
  facts.all_rows = 16'000'000;
  facts.fold_rows = 10'666'667;
  const TimePlan plan = Settle(facts, {.start = 3, .fit = 900});
  EXPECT_LT(plan.train_share, 0.05);
  EXPECT_LT(plan.refit_share, 1);
  EXPECT_GE(plan.refit_share, plan.train_share);
  EXPECT_THAT(plan.text, HasSubstr("refits on"));
}

TEST(TimePlanTest, UnknownCostsAreTakenForThePilots) {
  PlanFacts facts = Large();
  facts.time = 2min;
  facts.draft_costs = {};
  const double unknown = Settle(facts, {.fit = 30}, 0).train_share;
  facts.draft_costs = {7};
  EXPECT_EQ(Settle(facts, {.fit = 30}, 7).train_share, unknown);
}

TEST(TimePlanTest, AScriptHasTimeToStartOnALoadedMachine) {
  EXPECT_EQ(ScriptLimit(10min, 10min, 0s), 30s);
  EXPECT_EQ(ScriptLimit(2min, 10min, 0s), 20s);
  EXPECT_EQ(ScriptLimit(2min, 10min, 9s), 36s);
  EXPECT_EQ(ScriptLimit(10min, 10min, 9s), 36s);
  EXPECT_EQ(ScriptLimit(21s, 10min, 9s), 7s);
  EXPECT_EQ(ScriptLimit(10min, 8s, 9s), 8s);
  EXPECT_EQ(ScriptLimit(std::nullopt, 10min, 9s), 10min);
}

TEST(TimePlanTest, IsReadBackAsItWasWritten) {
  const TimePlan plan = Settle(Large(), {});
  EXPECT_EQ(plan.measured.size(), 2u);
  EXPECT_EQ(*DecodeTimePlan(EncodeTimePlan(plan)), plan);
  EXPECT_FALSE(DecodeTimePlan("{}").ok());
}

}  // namespace
}  // namespace treesmith
