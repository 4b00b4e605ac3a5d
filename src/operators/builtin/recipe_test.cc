#include "operators/builtin/recipe.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

TEST(RecipeTest, SurvivesItsText) {
  Recipe recipe{.family = "lightgbm", .objective = "absolute"};
  recipe.target_transform = "log1p";
  recipe.blocks = {"encode.counts", "post.clip"};
  recipe.knobs = {{"learning_rate", 0.05}, {"num_leaves", 31}};
  recipe.choices = {{"categories", "native"}};
  recipe.seeds = 3;
  recipe.max_rows = 1000;
  recipe.dropped = {"a column"};
  EXPECT_EQ(DecodeRecipe(EncodeRecipe(recipe)), recipe);
}

TEST(RecipeTest, EqualRecipesHaveEqualTexts) {
  Recipe one{.family = "linear", .objective = "squared"};
  Recipe other = one;
  one.blocks = {"a", "b"};
  other.blocks = {"b", "a"};
  EXPECT_EQ(EncodeRecipe(one), EncodeRecipe(other));
}

TEST(RecipeTest, AnotherCodersOriginIsNoRecipe) {
  EXPECT_EQ(DecodeRecipe(""), std::nullopt);
  EXPECT_EQ(DecodeRecipe("{\"model\": \"x\"}"), std::nullopt);
  EXPECT_EQ(DecodeRecipe("[1, 2"), std::nullopt);
}

}  // namespace
}  // namespace treesmith
