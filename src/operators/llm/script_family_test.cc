#include "operators/llm/script_family.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "code/fold_loop.h"
#include "code/syntax_check.h"
#include "operators/llm/answer.h"

namespace treesmith {
namespace {

TEST(FamilyOfTest, IsTheOneFamilyThatIsUsed) {
  EXPECT_EQ(FamilyOf("import lightgbm as lgb\nm = lgb.LGBMRegressor()\n"),
            "lightgbm");
  EXPECT_EQ(FamilyOf("from sklearn.linear_model import Ridge\n"
                     "from xgboost import XGBRegressor\n"
                     "m = XGBRegressor()\n"),
            "xgboost");
  EXPECT_EQ(FamilyOf("m = make_pipeline(StandardScaler(), RidgeCV())\n"),
            "linear");
  EXPECT_EQ(FamilyOf("a = CatBoostRegressor()\nb = ExtraTreesRegressor()\n"),
            "blend");
  EXPECT_EQ(FamilyOf("print('LGBMRegressor')  # Ridge\n"), "");
}

// These answers do their own cross-validation, for nobody told their model not
// to.
TEST(FamilyOfTest, RealScriptsAreRead) {
  const char* folder = std::getenv("TREESMITH_MODEL_REPLIES");
  if (folder == nullptr) GTEST_SKIP() << "TREESMITH_MODEL_REPLIES is not set";
  int loops = 0;
  int scripts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto text = ReadFile(entry.path());
    ASSERT_TRUE(text.ok());
    const auto answer = ReadAnswer(*text);
    if (!answer.ok()) continue;
    ++scripts;
    EXPECT_FALSE(CheckSyntax(answer->code)) << entry.path();
    EXPECT_NE(FamilyOf(answer->code), "") << entry.path();
    if (FindFoldLoop(answer->code)) ++loops;
  }
  EXPECT_GE(scripts, 20);
  EXPECT_EQ(loops, scripts);
}

}  // namespace
}  // namespace treesmith
