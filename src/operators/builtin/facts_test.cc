#include "operators/builtin/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "operators/builtin/feature_block.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/render.h"

namespace treesmith {
namespace {

using testing::HasSubstr;

Task PackedTask(const std::string& metric) {
  Task task;
  task.train = "train.csv.gz";
  task.test = "test.csv.gz";
  task.sample_submission = "sample.csv.gz";
  task.target = {"kind"};
  task.id = {"id"};
  task.metric = metric;
  return task;
}

Profile ThreeClasses() {
  Profile profile;
  profile.targets.push_back(
      {.name = "kind",
       .kind = TargetKind::kMulticlass,
       .distinct = 3,
       .classes = {{"a", 0.5}, {"b", 0.3}, {"None", 0.2}}});
  profile.columns.emplace_back().name = "x";
  return profile;
}

std::string ScriptOf(const TaskFacts& facts) {
  return RenderScript(FindFamily("lightgbm")->draft(facts), facts, "A test.");
}

TEST(TaskFactsTest, FilesAreNamedAsScriptsFindThem) {
  const TaskFacts facts = MakeTaskFacts(PackedTask("accuracy"), ThreeClasses());
  EXPECT_EQ(facts.train, "train.csv");
  EXPECT_EQ(facts.test, "test.csv");
  EXPECT_EQ(facts.sample, "sample.csv");
}

// On a day without hours the feature would change nothing and cost a step.
TEST(TaskFactsTest, HoursAreAskedForOnlyWhereDatesHaveThem) {
  Profile profile = ThreeClasses();
  profile.train_rows = 5000;
  profile.columns[0].name = "when";
  const auto fits = [&](ColumnType type) {
    profile.columns[0].type = type;
    const TaskFacts facts = MakeTaskFacts(PackedTask("accuracy"), profile);
    return FindBlock("feature.hour-of-day-kind")
        ->fits(facts, FindFamily("lightgbm")->draft(facts));
  };
  EXPECT_TRUE(fits(ColumnType::kDateTime));
  EXPECT_FALSE(fits(ColumnType::kDate));
}

// What pandas reads rightly is left to it.
TEST(TaskFactsTest, OnlyDatesWhoseDayStandsFirstAreToldToPandas) {
  Profile profile = ThreeClasses();
  profile.columns[0].name = "when";
  profile.columns[0].type = ColumnType::kDate;
  const auto script = [&] {
    return ScriptOf(MakeTaskFacts(PackedTask("accuracy"), profile));
  };
  EXPECT_THAT(script(), testing::Not(HasSubstr("dayfirst")));
  profile.columns[0].day_first = true;
  EXPECT_THAT(script(), HasSubstr("DAY_FIRST = [\"when\"]"));
  EXPECT_THAT(script(), HasSubstr("\"dayfirst\": column.name in DAY_FIRST"));
}

// By itself pandas would read "created_at" of JSON, the month first.
TEST(TaskFactsTest, DatesOfJsonAreLeftAsTheyAreWritten) {
  TaskFacts facts = MakeTaskFacts(PackedTask("accuracy"), ThreeClasses());
  for (const char* name : {"train.json", "train.jsonl"}) {
    facts.train = name;
    EXPECT_THAT(ScriptOf(facts), HasSubstr("convert_dates=False"));
  }
}

// Only measured numbers that count up without a gap.
TEST(TaskFactsTest, ColumnsThatCountUpAreTheStepsOfASequence) {
  Profile profile = ThreeClasses();
  const auto add = [&](const std::string& beginning, int from, int to) {
    for (int i = from; i < to; ++i) {
      ColumnProfile& column = profile.columns.emplace_back();
      column.name = beginning + std::to_string(i);
      column.type = ColumnType::kNumber;
      column.distinct = 900;
    }
  };
  add("few", 0, 15);
  add("gap", 0, 10);
  add("gap", 11, 20);
  add("signal_", 7, 40);
  const TaskFacts facts = MakeTaskFacts(PackedTask("accuracy"), profile);
  ASSERT_EQ(facts.steps.size(), 1U);
  ASSERT_EQ(facts.steps[0].size(), 33U);
  EXPECT_EQ(facts.steps[0].front(), "signal_7");
  EXPECT_EQ(facts.steps[0].back(), "signal_39");
  EXPECT_THAT(ScriptOf(facts), HasSubstr("\nCHANNELS[\"signal_\"] = ["));
}

// Whether their columns alternate or not; the longest first.
TEST(TaskFactsTest, EachBeginningThatCountsUpIsAChannel) {
  Profile profile = ThreeClasses();
  for (int i = 0; i < 18; ++i) {
    for (const char* beginning : {"y", "x"}) {
      if (i == 17 && *beginning == 'y') continue;
      ColumnProfile& column = profile.columns.emplace_back();
      column.name = beginning + std::to_string(i);
      column.type = ColumnType::kNumber;
    }
  }
  const TaskFacts facts = MakeTaskFacts(PackedTask("accuracy"), profile);
  ASSERT_EQ(facts.steps.size(), 2U);
  EXPECT_EQ(facts.steps[0].size(), 18U);
  EXPECT_EQ(facts.steps[0].front(), "x0");
  EXPECT_EQ(facts.steps[1].size(), 17U);
  EXPECT_EQ(facts.steps[1].back(), "y16");
}

// Twenty rows of the same thing have an index of 0.5 by chance.
TEST(TaskFactsTest, DriftIsWhatChanceDoesNotMake) {
  Profile profile = ThreeClasses();
  ColumnProfile& column = profile.columns[0];
  column.distinct = 500;
  column.psi = 0.9;
  column.ks = 0.4;
  const auto drift = [&](int64_t rows) {
    profile.sampled_train_rows = profile.sampled_test_rows = rows;
    return MakeTaskFacts(PackedTask("accuracy"), profile).columns[0].drift;
  };
  EXPECT_EQ(drift(20), 0);
  EXPECT_NEAR(drift(40'000), 0.9, 0.01);
  column.psi = kUnknown;  // there is no test
  EXPECT_EQ(drift(40'000), 0);
}

// In test they are told by train's; without a test by each other.
TEST(TaskFactsTest, TwinsAreThoseOfTheTestWhereThereIsOne) {
  Profile profile = ThreeClasses();
  profile.twins = {
      .within_train = 0.3, .unlike_labels = 0.2, .across_test = 0.1};
  profile.test_rows = 10;
  const auto facts = [&] {
    return MakeTaskFacts(PackedTask("accuracy"), profile);
  };
  EXPECT_EQ(facts().unlike_twins, 0.2);
  EXPECT_EQ(facts().test_twins, 0.1);
  profile.test_rows = 0;
  EXPECT_EQ(facts().test_twins, 0.3);
}

// A column of 500 phrases, told by some of its values.
FactColumn PhrasesAs(const std::vector<std::string>& values,
                     int64_t distinct = 500) {
  Profile profile = ThreeClasses();
  profile.train_rows = profile.sampled_train_rows = 500;
  ColumnProfile& column = profile.columns[0];
  column.type = ColumnType::kText;
  column.distinct = distinct;
  column.missing_train = 0;
  column.mean_length = column.mean_words = 0;
  const double share = 1.0 / static_cast<double>(values.size());
  for (const std::string& value : values) {
    const auto blanks = std::ranges::count(value, ' ');
    column.mean_length += share * static_cast<double>(value.size());
    column.mean_words += share * static_cast<double>(1 + blanks);
    column.top.push_back({value, 0.002});
  }
  return MakeTaskFacts(PackedTask("accuracy"), profile).columns[0];
}

TEST(TaskFactsTest, ManyWordsAreAText) {
  const FactColumn column = PhrasesAs({"It rained all day long.", "So it did"});
  EXPECT_EQ(column.role, ColumnRole::kText);
  EXPECT_FALSE(column.unparted);
}

TEST(TaskFactsTest, ScriptsWithoutBlanksAreTextsOfCharacters) {
  for (const auto& values : std::vector<std::vector<std::string>>{
           {"这个产品非常好用我很喜欢", "质量太差了不推荐购买"},
           {"この商品はとても良いです、また買います", "届くのが遅かった"},
           {"สินค้าคุณภาพดีมากส่งเร็ว", "ไม่ชอบเลยของไม่ตรงปก"}}) {
    const FactColumn column = PhrasesAs(values);
    EXPECT_EQ(column.role, ColumnRole::kText) << values[0];
    EXPECT_TRUE(column.unparted);
    EXPECT_GE(column.words, 8) << "a character counts as a word";
  }
}

TEST(TaskFactsTest, ShortTitlesAreTextsWhereHardlyAnyRepeats) {
  const std::vector<std::string> queries = {"running shoes men",
                                            "cheap flights", "iphone 4 case"};
  EXPECT_EQ(PhrasesAs(queries).role, ColumnRole::kText);
  EXPECT_EQ(PhrasesAs(queries, 300).role, ColumnRole::kCategory);
}

TEST(TaskFactsTest, LongValuesWithoutWordsAreTextsOfCharacters) {
  const FactColumn column =
      PhrasesAs({"https://example.org/garden/tools/how-to-sharpen",
                 "https://example.org/kitchen/knives-for-beginners"});
  EXPECT_EQ(column.role, ColumnRole::kText);
  EXPECT_TRUE(column.unparted);
}

// A model of words would find nothing that repeats in them.
TEST(TaskFactsTest, NamesOfPeopleAndCodesAreNoTexts) {
  for (const auto& values : std::vector<std::vector<std::string>>{
           {"Braund, Owen Harris", "Heikkinen, Laina", "Allen, Mr. William"},
           {"Maham Ofracculy", "Altark Susent", "Solam Susent"},
           {"山田 太郎", "佐藤 花子"},
           {"C123 B45", "C23 C25 C27", "F33 G73"},
           {"A/5 21171", "PC 17599", "STON/O2. 3101282"},
           {"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
            "60303ae22b998861bce3b28f33eec1be758a213c86c93c07"}}) {
    EXPECT_EQ(PhrasesAs(values).role, ColumnRole::kCategory) << values[0];
  }
}

TEST(TaskFactsTest, ATaskWithoutATestHasTheOneOfTheViews) {
  Task task = PackedTask("accuracy");
  task.train = "train.tsv";
  task.test.clear();
  task.sample_submission.clear();
  Profile profile = ThreeClasses();
  profile.train_separator = "\t";
  const TaskFacts facts = MakeTaskFacts(task, profile);
  EXPECT_EQ(facts.test, "test.tsv");
  EXPECT_EQ(facts.test_separator, "\t");
  EXPECT_EQ(facts.sample, "sample_submission.csv");
}

TEST(TaskFactsTest, AScriptReadsFilesAsTheyArePartedAndNoneAsAClass) {
  Profile profile = ThreeClasses();
  profile.train_separator = ";";
  const std::string script =
      ScriptOf(MakeTaskFacts(PackedTask("accuracy"), profile));
  EXPECT_THAT(script, HasSubstr("pd.read_csv(\"input/train.csv\", sep=\";\""));
  EXPECT_THAT(script, HasSubstr("na_values=GAPS"));
}

TEST(TaskFactsTest, ClassesTakeThePrefixOfTheSamplesColumns) {
  Profile profile = ThreeClasses();
  profile.class_columns = true;
  profile.class_prefix = "Status_";
  EXPECT_THAT(ScriptOf(MakeTaskFacts(PackedTask("logloss"), profile)),
              HasSubstr(".add_prefix(\"Status_\")"));
}

TEST(TaskFactsTest, WithoutASampleThereIsAColumnAClass) {
  Task task = PackedTask("logloss");
  task.sample_submission.clear();
  EXPECT_TRUE(MakeTaskFacts(task, ThreeClasses()).class_columns);
}

TEST(TaskFactsTest, RankedListsHoldTheMostLikelyClasses) {
  const TaskFacts facts = MakeTaskFacts(PackedTask("map@2"), ThreeClasses());
  EXPECT_EQ(facts.list_length, 2);
  EXPECT_THAT(ScriptOf(facts), HasSubstr("axis=1)[:, :2]"));
}

TEST(TaskFactsTest, OnlyAmountsArePartsOfTheTarget) {
  Profile profile = ThreeClasses();
  profile.sums = {{{"x", "other"}, "kind"}};
  profile.columns[0].min = 0;
  EXPECT_EQ(MakeTaskFacts(PackedTask("rmse"), profile).parts.size(), 2U);
  profile.columns[0].min = -3;
  EXPECT_TRUE(MakeTaskFacts(PackedTask("rmse"), profile).parts.empty());
}

Profile TwoClasses(const std::string& low, const std::string& high) {
  Profile profile = ThreeClasses();
  profile.targets[0].distinct = 2;
  profile.targets[0].numeric = true;
  profile.targets[0].classes = {{low, 0.5}, {high, 0.5}};
  return profile;
}

TEST(TaskFactsTest, TheClassThatComesLastIsTheGreaterNumber) {
  const auto script = [](const std::string& low, const std::string& high) {
    return ScriptOf(MakeTaskFacts(PackedTask("auc"), TwoClasses(low, high)));
  };
  const auto by_number = HasSubstr("max(probabilities, key=float)");
  EXPECT_THAT(script("2", "10"), by_number);
  EXPECT_THAT(script("-2", "-1"), by_number);
  EXPECT_THAT(script("0", "1"), HasSubstr("probabilities.iloc[:, -1]"));
}

TEST(TaskFactsTest, RowsWithoutALabelAreDroppedUnlessAllRowsAreKnownToHaveOne) {
  Profile profile = ThreeClasses();
  profile.train_rows = 1000;
  profile.sampled_train_rows = 1000;
  Task task = PackedTask("mc_auc");
  const auto drops = [&] {
    return MakeTaskFacts(task, profile).target_facts.missing;
  };
  EXPECT_FALSE(drops());
  profile.sampled_train_rows = 500;
  EXPECT_TRUE(drops());
  profile.sampled_train_rows = 1000;
  profile.targets.emplace_back().missing_share = 0.1;
  task.target = {"kind", "more"};
  EXPECT_TRUE(drops());
}

// To a metric of numbers "None" is a gap, as to pandas.
TEST(TaskFactsTest, NoneIsNoClassOfANumber) {
  const TaskFacts facts = MakeTaskFacts(PackedTask("rmse"), ThreeClasses());
  EXPECT_FALSE(facts.none_is_a_class);
  EXPECT_TRUE(facts.target_facts.missing);
}

TEST(TaskFactsTest, TrainAndTestAreReadAlike) {
  Profile profile = ThreeClasses();
  profile.columns[0].type = ColumnType::kCategory;
  profile.renamed_columns = {{"X", "x"}};
  const std::string script =
      ScriptOf(MakeTaskFacts(PackedTask("accuracy"), profile));
  EXPECT_THAT(script, HasSubstr("test.csv\", dtype=TEXTS_AS_WRITTEN, "
                                "keep_default_na=False, na_values=GAPS"));
  EXPECT_THAT(script, HasSubstr("dict.fromkeys([*ID, TARGET, *CATEGORIES]"));
  EXPECT_THAT(script, HasSubstr("SPELLINGS = {\n    \"X\": \"x\",\n}"));
  EXPECT_THAT(script, HasSubstr("test = test.rename(columns=SPELLINGS)"));
  for (const char* word : {"\"n/a\"", "\"<NA>\"", "\"#N/A\""}) {
    EXPECT_THAT(script, HasSubstr(word));
  }
}

TEST(TaskFactsTest, ClassesTakeTheSpellingOfTheSamplesColumns) {
  Profile profile = ThreeClasses();
  profile.class_columns = true;
  profile.renamed_classes = {{"1.0", "1"}};
  const std::string script =
      ScriptOf(MakeTaskFacts(PackedTask("logloss"), profile));
  EXPECT_THAT(script, HasSubstr("predict(train, test, "
                                "TARGET).rename(columns=COLUMN_OF_CLASS)"));
  EXPECT_THAT(script, HasSubstr("    \"1.0\": \"1\",\n"));
}

}  // namespace
}  // namespace treesmith
