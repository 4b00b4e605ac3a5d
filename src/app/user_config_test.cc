#include "app/user_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;

TEST(UserConfigTest, ATableNamesAllThatAModelNeeds) {
  const auto tables = ParseModelTables(R"toml([models.house]
provider = "compatible"
base_url = "http://10.0.0.5:8000/v1"
key_env = "HOUSE_KEY"
price_input = 1
price_output = 2.5
context_tokens = 32768
tools = false
[models."qwen3:8b"]
provider = "ollama"
)toml",
                                       "config.toml");
  ASSERT_TRUE(tables.ok()) << tables.error().message;
  ASSERT_EQ(tables->size(), 2u);
  const ModelTable& house = tables->at("house");
  EXPECT_EQ(house.key_env, "HOUSE_KEY");
  EXPECT_EQ(house.price_input, 1.0);
  EXPECT_EQ(house.price_output, 2.5);
  EXPECT_EQ(house.context_tokens, 32768);
  EXPECT_EQ(house.tools, false);
  EXPECT_FALSE(house.streaming.has_value());
}

TEST(UserConfigTest, WhatCannotBeReadIsNamedWithItsLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"[models.a]\nprice = 1\n", "line 2: no key price in [models.a]"},
      {"[models.a]\ntools = 1\n", "line 2: tools has a value of a wrong type"},
      {"[models.a]\nmodel = true\n", "line 2: model has a value of a wrong"},
      {"[model.a]\n", "no key model at the top"},
      {"[models]\na = 1\n", "models.a is no table"},
      {"[models.a\n", "line 1"},
      {"[models.a]\nbase_url = \"http://me:secret@host\"\n",
       "holds a password"}};
  for (const auto& [text, cause] : cases) {
    const auto tables = ParseModelTables(text, "config.toml");
    ASSERT_FALSE(tables.ok()) << text;
    EXPECT_EQ(tables.error().kind, ErrorKind::kBadInput);
    EXPECT_THAT(tables.error().message, HasSubstr(cause)) << text;
    EXPECT_THAT(tables.error().message, ::testing::Not(HasSubstr("secret@")));
  }
}

TEST(UserConfigTest, AFileThatIsNamedMustBeThereAndTheDefaultNeedNot) {
  const TemporaryFolder folder = *TemporaryFolder::Make("user_config_test");
  const Environment home = {{"TREESMITH_HOME", folder.path().string()}};
  EXPECT_TRUE(ReadUserConfig("", home)->empty());
  EXPECT_FALSE(
      ReadUserConfig((folder.path() / "mine.toml").string(), home).ok());
  ASSERT_TRUE(WriteFile(folder.path() / "config.toml",
                        "[models.a]\nprovider = \"ollama\"\n")
                  .ok());
  EXPECT_EQ(ReadUserConfig("", home)->count("a"), 1u);
}

}  // namespace
}  // namespace treesmith
