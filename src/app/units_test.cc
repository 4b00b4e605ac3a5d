#include "app/units.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

using std::chrono::milliseconds;

TEST(UnitsTest, DurationsAddUpTheirParts) {
  EXPECT_EQ(*ParseDuration("90s"), milliseconds(90'000));
  EXPECT_EQ(*ParseDuration("1h30m"), milliseconds(5'400'000));
  EXPECT_EQ(*ParseDuration("250ms"), milliseconds(250));
  EXPECT_EQ(*ParseDuration("1.5m"), milliseconds(90'000));
  EXPECT_EQ(*ParseDuration("3650d"), milliseconds(315'360'000'000));
  EXPECT_EQ(*ParseDuration("45"), milliseconds(45'000));
}

TEST(UnitsTest, WhatIsNoDurationIsRefused) {
  for (const char* text :
       {"", "m", "10x", "-5s", "0", "1m-", "nan", "1e30d", "200000d", "9y"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(UnitsTest, SizesKnowBothThousands) {
  EXPECT_EQ(*ParseBytes("4GiB"), int64_t{4} << 30);
  EXPECT_EQ(*ParseBytes("4gb"), 4'000'000'000);
  EXPECT_EQ(*ParseBytes("1024TiB"), int64_t{1} << 50);
  EXPECT_EQ(*ParseBytes("512"), 512);
  EXPECT_EQ(*ParseBytes("1.5KiB"), 1536);
}

TEST(UnitsTest, WhatIsNoSizeIsRefused) {
  for (const char* text :
       {"", "GiB", "4 GiB", "-1", "0", "4GiBs", "4GiB4", "3000000000GiB"}) {
    EXPECT_FALSE(ParseBytes(text).ok()) << text;
  }
}

}  // namespace
}  // namespace treesmith
