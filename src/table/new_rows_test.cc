#include "table/new_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treesmith {
namespace {

struct NewRowsTest : ::testing::Test {
  NewRowsTest() {
    task.train = "train.csv";
    task.test = "test.csv";
    task.sample_submission = "sample.csv";
    task.target = {"y"};
    task.id = {"id"};
    task.metric = "rmse";
  }
  static Table Parse(const std::string& text, const std::string& name) {
    return *Table::Parse(text, name);
  }
  TaskTables Tables() const {
    return {Parse("id,a,b,y\n1,5,x,0.5\n2,6,z,1.5\n", task.train),
            Parse("id;a;b\n3;5;x\n", task.test),
            Parse("id,y\n3,0\n", task.sample_submission)};
  }
  Result<TaskTables> With(const std::string& rows, TaskTables tables) {
    const Target target = *ReadTarget(task, tables);
    return WithNewRows(task, std::move(tables), target, Parse(rows, "new.csv"),
                       "new.csv");
  }
  Task task;
};

TEST_F(NewRowsTest, StandInTheTestsColumnsAndForm) {
  const auto tables =
      With("B,c,a,id\n\"x,y\",9,05.0,n1\np;q,9,,n2\n", Tables());
  ASSERT_TRUE(tables.ok()) << tables.error().message;
  EXPECT_EQ(tables->test->bytes(), "id;a;b\nn1;05.0;\"x,y\"\nn2;;\"p;q\"\n");
  EXPECT_EQ(tables->sample->bytes(), "id,y\nn1,0\nn2,0\n");
}

TEST_F(NewRowsTest, WithoutATestHaveTrainsColumnsButTheTarget) {
  TaskTables tables = Tables();
  tables.test.reset();
  tables.sample.reset();
  task.test = "";
  task.sample_submission = "";
  const auto made = With("id,a,b,y\n9,1,x,7\n", std::move(tables));
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(made->test->bytes(), "id,a,b\n9,1,x\n");
  EXPECT_FALSE(made->sample.has_value());
}

TEST_F(NewRowsTest, AMissingColumnIsNamed) {
  const auto made = With("id,q\n9,1\n", Tables());
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().kind, ErrorKind::kBadInput);
  EXPECT_EQ(made.error().message,
            "read new rows new.csv: columns a, b are missing");
}

// A script would take the text for a gap and say nothing.
TEST_F(NewRowsTest, TextWhereTrainHasNumbersIsTold) {
  const Table train = Tables().train;
  EXPECT_THAT(
      TextAmongNumbers(train, Parse("id,a,b\n9,5,x\n8,many,7\n", "new.csv")),
      testing::ElementsAre(
          "column a: 'many' is no number, and train has numbers only"));
  EXPECT_THAT(TextAmongNumbers(train, Parse("id,a,b\n9,,x\n", "new.csv")),
              testing::IsEmpty());
}

}  // namespace
}  // namespace treesmith
