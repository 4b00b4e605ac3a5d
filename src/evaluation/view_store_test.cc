#include "evaluation/view_store.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "evaluation/hidden_evaluator.h"

namespace treesmith {
namespace {

class ViewStoreTest : public ::testing::Test {
 protected:
  ViewStoreTest() : folder_(*TemporaryFolder::Make("view_store_test")) {
    std::string train = "id,x,y\n";
    for (int i = 0; i < 40; ++i) {
      train += std::to_string(i) + "," + std::to_string(i) + ",1\n";
    }
    EXPECT_TRUE(WriteFile(folder_.path() / "train.csv", train).ok());
    EXPECT_TRUE(WriteFile(folder_.path() / "test.csv", "id,x\n90,1\n").ok());
    Task task;
    task.folder = folder_.path();
    task.train = "train.csv";
    task.test = "test.csv";
    task.target = {"y"};
    task.id = {"id"};
    task.metric = "rmse";
    task.split = "random";
    hidden_ = *OpenHiddenTask(task, 1);
  }
  ViewStore Make() {
    return {hidden_->task,
            hidden_->tables,
            hidden_->target,
            hidden_->plan,
            1,
            *TemporaryFolder::Make("view_store_test")};
  }

  TemporaryFolder folder_;
  std::unique_ptr<HiddenTask> hidden_;
};

TEST_F(ViewStoreTest, AViewHasTheSameHashWhoeverLaysItOut) {
  ViewStore one = Make();
  ViewStore two = Make();
  EXPECT_EQ(one.Unit(0, 1)->hash, two.Unit(0, 1)->hash);
  EXPECT_NE(one.Unit(0, 1)->hash, one.Unit(1, 1)->hash);
  EXPECT_EQ(one.Refit(1)->hash, two.Refit(1)->hash);
}

// Of train alone: the rows that are hidden stay, or scores could not be
// compared.
TEST_F(ViewStoreTest, AShareIsAFixedSampleOfTrainsRows) {
  ViewStore views = Make();
  const auto whole = views.Unit(0, 1);
  const auto part = views.Unit(0, 0.5);
  const auto rows = [](const Result<View>& view, const char* name) {
    const std::string text = *ReadFile(view->folder / name);
    return std::ranges::count(text, '\n');
  };
  EXPECT_NEAR(2 * (rows(part, "train.csv") - 1), rows(whole, "train.csv") - 1,
              4);
  EXPECT_EQ(*ReadFile(part->folder / "test.csv"),
            *ReadFile(whole->folder / "test.csv"));
  EXPECT_EQ(part->hash, Make().Unit(0, 0.5)->hash);
}

// Without a sandbox a script writes through the links of its input/.
TEST_F(ViewStoreTest, A16_AViewThatAScriptChangedIsLaidOutAgain) {
  ViewStore views = Make();
  const auto first = views.Unit(0, 1);
  ASSERT_TRUE(first.ok()) << first.error().message;
  const auto train = first->folder / "train.csv";
  const std::string before = *ReadFile(train);
  ASSERT_TRUE(WriteFile(train, "id,x,y\n1,1,7\n").ok());
  ASSERT_TRUE(WriteFile(first->folder / "labels.csv", "y\n1\n").ok());
  const auto second = views.Unit(0, 1);
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_EQ(second->hash, first->hash);
  EXPECT_EQ(*ReadFile(train), before);
  EXPECT_FALSE(std::filesystem::exists(second->folder / "labels.csv"));
}

}  // namespace
}  // namespace treesmith
