#include "llm/structured.h"

#include <gtest/gtest.h>

#include "llm/json_node.h"

namespace treesmith {
namespace {

struct Case {
  const char* text;
  const char* json;
};

class FindJsonObjectTest : public ::testing::TestWithParam<Case> {};

TEST_P(FindJsonObjectTest, MendsWhatModelsWrite) {
  EXPECT_EQ(FindJsonObject(GetParam().text), GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    All, FindJsonObjectTest,
    ::testing::Values(
        Case{R"({"a": 1})", R"({"a":1})"},
        Case{"Here:\n```json\n{\"a\": [1, 2,],}\n```\nDone.", R"({"a":[1,2]})"},
        Case{R"({"a": {"b": "x")", R"({"a":{"b":"x"}})"},
        Case{R"({"a": "cut of)", R"({"a":"cut of"})"},
        Case{R"({"a": 1, "b": )", R"({"a":1})"},
        Case{R"({'a': True, b: None, "c": NaN})",
             R"({"a":true,"b":null,"c":null})"},
        Case{R"({"a": "say "hi" now", "b": 2})",
             R"({"a":"say \"hi\" now","b":2})"},
        Case{"{\"a\": \"two\nlines\"}", R"({"a":"two\nlines"})"},
        Case{R"({"a": 1e999, "b": .5, "c": +1})",
             R"({"a":null,"b":0.5,"c":1})"},
        Case{R"({"a": "\d+"})", R"({"a":"\\d+"})"},
        Case{"{\"a\": 1 // why\n, /* x */ \"b\": 2}", R"({"a":1,"b":2})"},
        Case{R"(first {"a": 1} then {"a": 2})", R"({"a":2})"},
        Case{"use {braces} in prose", ""}, Case{"", ""}, Case{"{}", ""},
        Case{"{\"a\": [1, {\"b\": 2}", R"({"a":[1,{"b":2}]})"}));

TEST(FindJsonObjectTest, NoTextOfBracesTakesLong) {
  EXPECT_EQ(FindJsonObject(std::string(100000, '{')), "");
}

// The review of a model in plain text or with a field left out ended the run.
TEST(FindJsonObjectTest, A14_PlainTextIsNoObjectAndNoFailure) {
  EXPECT_EQ(FindJsonObject("The script failed because of a typo."), "");
}

// An integer from a model was "no metric".
TEST(JsonNodeTest, A11_IntegersAndTextsAreNumbers) {
  const auto document =
      JsonDocument::Parse(R"({"a": 1, "b": "0.8", "c": "x", "d": -7E-370116})");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root()["a"].Number(), 1.0);
  EXPECT_EQ(document->root()["b"].Number(), 0.8);
  EXPECT_EQ(document->root()["c"].Number(), std::nullopt);
  EXPECT_EQ(document->root()["d"].Number(), 0.0);
}

}  // namespace
}  // namespace treesmith
