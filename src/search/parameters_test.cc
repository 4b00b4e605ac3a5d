#include "search/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace treesmith {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::array<std::string_view, 2> kAllowed = {"num_drafts",
                                                      "debug_prob"};

Error SetError(std::string_view assignment) {
  SearchParameters parameters;
  const Status status = SetParameter(assignment, kAllowed, parameters);
  EXPECT_EQ(parameters, SearchParameters{});
  return status.ok() ? Error{.message = "set"} : status.error();
}

TEST(ParametersTest, SetsWholeNumbersAndFractions) {
  SearchParameters parameters;
  ASSERT_TRUE(SetParameter("num_drafts=7", kAllowed, parameters).ok());
  ASSERT_TRUE(SetParameter("debug_prob=0.25", kAllowed, parameters).ok());
  EXPECT_EQ(parameters,
            (SearchParameters{.num_drafts = 7, .debug_prob = 0.25}));
}

TEST(ParametersTest, AnUnknownKeyIsBadInputAndOffersTheNearest) {
  const Error error = SetError("debug_prop=1");
  EXPECT_EQ(error.kind, ErrorKind::kBadInput);
  EXPECT_EQ(error.message, "set debug_prop: the policy has no such parameter");
  EXPECT_EQ(error.hint, "did you mean debug_prob?");
}

TEST(ParametersTest, AKeyThatThePolicyDoesNotReadIsAnError) {
  EXPECT_THAT(SetError("explore=1").message, HasSubstr("no such parameter"));
}

TEST(ParametersTest, RefusesWhatIsNoNumberInBounds) {
  for (const char* bad :
       {"num_drafts=", "num_drafts=2.5", "num_drafts=-1", "num_drafts=x",
        "num_drafts=99999999999", "debug_prob=1.01", "debug_prob=nan",
        "debug_prob=0.5x", "debug_prob= 1"}) {
    EXPECT_EQ(SetError(bad).kind, ErrorKind::kBadInput) << bad;
    EXPECT_THAT(SetError(bad).message, HasSubstr("from 0 to ")) << bad;
  }
}

TEST(ParametersTest, RefusesWhatIsNoAssignment) {
  EXPECT_EQ(SetError("debug_prob").message,
            "set debug_prob: not of the form key=value");
}

TEST(ParametersTest, EveryKeyOfTheTableCanBeSetToBothItsBounds) {
  std::vector<std::string_view> all;
  for (const ParameterKey& key : ParameterKeys()) all.push_back(key.name);
  for (const ParameterKey& key : ParameterKeys()) {
    for (const double bound : {key.min, key.max}) {
      SearchParameters parameters;
      const std::string assignment =
          std::string(key.name) + "=" +
          std::to_string(static_cast<int64_t>(bound));
      ASSERT_TRUE(SetParameter(assignment, all, parameters).ok()) << assignment;
      const double now = std::visit(
          [&](auto member) { return static_cast<double>(parameters.*member); },
          key.member);
      EXPECT_EQ(now, bound) << assignment;
    }
  }
}

TEST(NearestNamesTest, NearestFirstAndNothingThatIsAnotherWord) {
  const std::array<std::string_view, 3> known = {"steps", "step", "workers"};
  EXPECT_THAT(NearestNames("stp", known), ElementsAre("step", "steps"));
  EXPECT_THAT(NearestNames("temperature", known), IsEmpty());
}

}  // namespace
}  // namespace treesmith
