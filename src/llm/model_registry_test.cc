#include "llm/model_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "llm/price_table.h"

namespace treesmith {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Environment AllKeys() {
  return {{"OPENAI_API_KEY", "sk-openai-000000000"},
          {"ANTHROPIC_API_KEY", "sk-ant-0000000000"},
          {"GOOGLE_API_KEY", "AIza000000000000"},
          {"OPENROUTER_API_KEY", "sk-or-0000000000"},
          {"AZURE_OPENAI_API_KEY", "azure-key-00000"},
          {"AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com/"}};
}

ModelConfig Resolve(const std::string& text, const ModelTables& tables = {},
                    const Environment& environment = AllKeys()) {
  Result<ModelConfig> config = ResolveModel(text, tables, environment);
  EXPECT_TRUE(config.ok()) << text;
  return config.ok() ? *config : ModelConfig{};
}

TEST(ModelRegistryTest, KnowsVendorsByTheBeginningOfAName) {
  EXPECT_EQ(Resolve("gpt-5").label, "openai:gpt-5");
  EXPECT_EQ(Resolve("gpt-5.1-codex").label, "openai-responses:gpt-5.1-codex");
  EXPECT_EQ(Resolve("claude-opus-4-5").label, "anthropic:claude-opus-4-5");
  EXPECT_EQ(Resolve("gemini-2.5-pro").label, "gemini:gemini-2.5-pro");
  EXPECT_EQ(Resolve("qwen/qwen3").label, "openrouter:qwen/qwen3");
}

TEST(ModelRegistryTest, AColonMayBePartOfAModelsName) {
  EXPECT_EQ(Resolve("ollama:qwen3:8b").options.model, "qwen3:8b");
  const Environment local = {{"OPENAI_BASE_URL", "http://127.0.0.1:9/v1/"}};
  const ModelConfig config = Resolve("qwen3:8b", {}, local);
  EXPECT_EQ(config.options.model, "qwen3:8b");
  EXPECT_EQ(config.endpoint.base_url, "http://127.0.0.1:9/v1");
  EXPECT_TRUE(config.endpoint.key.empty());
}

// Many have OPENAI_BASE_URL set, some to OpenAI's own address.
TEST(ModelRegistryTest, AnAddressOfOnesOwnLeavesVendorsWithAKeyAlone) {
  Environment environment = AllKeys();
  environment["OPENAI_BASE_URL"] = "http://127.0.0.1:9/v1";
  const auto label = [&](const std::string& text) {
    return Resolve(text, {}, environment).label;
  };
  EXPECT_EQ(label("claude-opus-4-5"), "anthropic:claude-opus-4-5");
  EXPECT_EQ(label("gemini-2.5-pro"), "gemini:gemini-2.5-pro");
  EXPECT_EQ(label("gpt-5"), "compatible:gpt-5");
  environment.erase("ANTHROPIC_API_KEY");
  EXPECT_EQ(label("claude-opus-4-5"), "compatible:claude-opus-4-5");
  environment["OPENAI_BASE_URL"] = "https://api.openai.com/v1/";
  EXPECT_EQ(label("gpt-5"), "openai:gpt-5");
  EXPECT_TRUE(Resolve("gpt-5", {}, environment).prices);
}

TEST(ModelRegistryTest, OpenAisOpenWeightsAreNotServedByOpenAi) {
  const auto config = ResolveModel("gpt-oss:20b", {}, AllKeys());
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(config.error().hint, HasSubstr("ollama"));
}

TEST(ModelRegistryTest, VendorsVariablesCount) {
  Environment environment = AllKeys();
  environment["ANTHROPIC_BASE_URL"] = "http://proxy:1";
  EXPECT_EQ(Resolve("claude-x", {}, environment).endpoint.base_url,
            "http://proxy:1");
  const ModelConfig azure = Resolve("azure:mine");
  EXPECT_EQ(azure.endpoint.base_url, "https://me.openai.azure.com/openai/v1");
  environment["AZURE_OPENAI_API_VERSION"] = "2025-01-01";
  const ModelConfig old = Resolve("azure:mine", {}, environment);
  EXPECT_EQ(old.endpoint.base_url,
            "https://me.openai.azure.com/openai/deployments/mine");
  EXPECT_EQ(old.endpoint.query, "?api-version=2025-01-01");
}

TEST(ModelRegistryTest, ATableNamesEverything) {
  ModelTables tables;
  tables["fast"] = {.provider = "compatible",
                    .model = "some/model",
                    .base_url = "http://host:1/v1",
                    .key_env = "MY_KEY",
                    .price_input = 1,
                    .price_output = 2,
                    .max_output_tokens = 4096,
                    .json_schema = false,
                    .tools = false};
  const ModelConfig config =
      Resolve("fast", tables, {{"MY_KEY", "secret-value-1"}});
  EXPECT_EQ(config.label, "compatible:some/model");
  EXPECT_EQ(config.endpoint.key.Reveal(), "secret-value-1");
  EXPECT_EQ(config.prices, (Prices{1, 1, 1, 2}));
  EXPECT_EQ(config.options.largest_output, 4096);
  EXPECT_EQ(config.options.structured, StructuredMode::kText);
}

TEST(ModelRegistryTest, AMissingKeyIsNamed) {
  const Result<ModelConfig> config = ResolveModel("claude-x", {}, {});
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().kind, ErrorKind::kBadInput);
  EXPECT_THAT(config.error().hint, HasSubstr("ANTHROPIC_API_KEY"));
}

TEST(ModelRegistryTest, TheNearestNameIsOffered) {
  ModelTables tables;
  tables["local"] = {.provider = "olama", .model = "m"};
  EXPECT_THAT(ResolveModel("local", tables, {}).error().hint,
              HasSubstr("ollama"));
  EXPECT_THAT(ResolveModel("lokal", tables, {}).error().hint,
              HasSubstr("local"));
  EXPECT_THAT(ResolveModel("antropic:claude", {}, {}).error().hint,
              HasSubstr("the nearest name is anthropic"));
}

TEST(ModelRegistryTest, AHintNamesTheKeyAndNotItsValue) {
  const auto hint = KeyHint({{"GEMINI_API_KEY", "AIza-secret"}});
  ASSERT_TRUE(hint);
  EXPECT_THAT(*hint, HasSubstr("--coder gemini:MODEL"));
  EXPECT_THAT(*hint, Not(HasSubstr("secret")));
  EXPECT_FALSE(KeyHint({}));
}

TEST(PriceTableTest, D23_UnknownModelsHaveNoPrice) {
  EXPECT_FALSE(FindPrices("gpt-5-unheard-of"));
  EXPECT_FALSE(Resolve("ollama:gpt-5").prices);
}

TEST(PriceTableTest, DatesAndVendorsDoNotMatter) {
  EXPECT_TRUE(FindPrices("gpt-5-2025-08-07"));
  EXPECT_TRUE(FindPrices("claude-haiku-4-5-20251001"));
  EXPECT_EQ(FindPrices("openai/gpt-5"), FindPrices("gpt-5"));
  // Sent through the responses API, and priced like the others.
  EXPECT_TRUE(FindPrices("gpt-5.1-codex-mini"));
}

}  // namespace
}  // namespace treesmith
