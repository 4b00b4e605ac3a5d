// Facts of small made-up tasks, one of each kind that recipes tell apart.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "operators/builtin/facts.h"

namespace treesmith {

inline TaskFacts SampleTable() {
  TaskFacts facts;
  facts.train = "train.csv";
  facts.test = "test.csv";
  facts.sample = "sample_submission.csv";
  facts.id = {"id"};
  facts.target = {"price"};
  facts.metric = "rmse";
  facts.target_facts = {.classes = 500, .minimum = 1, .maximum = 90, .skew = 1};
  facts.rows = 1200;
  facts.test_rows = 400;
  facts.renamed_columns = {{.from = "Rooms", .to = "rooms"}};
  facts.columns = {
      {.name = "size",
       .distinct = 900,
       .missing = 0.05,
       .skew = 2,
       .signal = 0.5},
      {.name = "age (years)",
       .distinct = 60,
       .integer = true,
       .maximum = 60,
       .zeros = 0.1,
       .signal = 0.3},
      {.name = "rooms",
       .code = true,
       .distinct = 6,
       .integer = true,
       .minimum = 1,
       .maximum = 6,
       .signal = 0.2},
      {.name = "town",
       .role = ColumnRole::kCategory,
       .distinct = 12,
       .signal = 0.4},
      {.name = "say \"hi\"", .role = ColumnRole::kCategory, .distinct = 3},
      {.name = "code",
       .role = ColumnRole::kCategory,
       .distinct = 300,
       .unseen = 0.5,
       .compound = true},
  };
  return facts;
}

inline TaskFacts SampleClasses(int64_t classes, AnswerKind answer) {
  TaskFacts facts = SampleTable();
  facts.target = {"kind"};
  facts.answer = answer;
  facts.metric = answer == AnswerKind::kLabel ? "accuracy" : "logloss";
  facts.class_columns = answer == AnswerKind::kProbability && classes > 2;
  facts.order_by_number = classes == 2;  // 2 and 10
  if (classes == 4) {
    facts.renamed_classes = {
        {"1.0", "1"}, {"2.0", "2"}, {"3.0", "3"}, {"4.0", "4"}};
  }
  facts.target_facts = {
      .shape = classes > 2 ? TargetShape::kClasses : TargetShape::kBinary,
      .classes = classes};
  return facts;
}

inline TaskFacts SampleOrdinal() {
  TaskFacts facts = SampleTable();
  facts.target = {"quality"};
  facts.answer = AnswerKind::kOrdinal;
  facts.metric = "qwk";
  facts.target_facts = {
      .classes = 6, .integer = true, .minimum = 3, .maximum = 8};
  return facts;
}

inline TaskFacts SampleDates() {
  TaskFacts facts = SampleTable();
  facts.id = {"when"};
  facts.target = {"count"};
  facts.metric = "rmsle";
  facts.target_facts = {.classes = 300,
                        .integer = true,
                        .minimum = 0,
                        .maximum = 500,
                        .skew = 2,
                        .heavy_tail = true};
  facts.time_column = "when";
  facts.time_gaps = true;
  facts.parts = {"members", "guests"};
  facts.columns.push_back({.name = "when",
                           .role = ColumnRole::kDate,
                           .distinct = 1200,
                           .hours = true});
  return facts;
}

inline TaskFacts SampleTwoTargets() {
  TaskFacts facts = SampleTable();
  facts.target = {"price", "rent"};
  facts.metric = "mcrmsle";
  return facts;
}

inline TaskFacts SamplePanel() {
  TaskFacts facts;
  facts.train = "train.csv";
  facts.test = "test.csv";
  facts.sample = "sample_submission.csv";
  facts.id = {"id"};
  facts.target = {"sold"};
  facts.metric = "smape";
  facts.target_facts = {
      .classes = 300, .integer = true, .minimum = 1, .maximum = 500, .skew = 2};
  facts.rows = 1440;
  facts.test_rows = 480;
  facts.columns = {{.name = "day",
                    .role = ColumnRole::kDate,
                    .distinct = 180,
                    .day_first = true},
                   {.name = "land",
                    .role = ColumnRole::kCategory,
                    .distinct = 2,
                    .countries = true,
                    .signal = 0.4},
                   {.name = "shop",
                    .code = true,
                    .distinct = 4,
                    .integer = true,
                    .minimum = 1,
                    .maximum = 4}};
  facts.time_column = "day";
  facts.future = true;
  facts.test_days = 60;
  facts.series = {"land", "shop"};
  facts.id_interleaves = true;
  return facts;
}

// Places, groups that are new in test, and a column that only train has.
inline TaskFacts SamplePlaces() {
  TaskFacts facts = SampleTable();
  for (const char* name : {"lat", "lon", "to lat", "to lon"}) {
    facts.columns.push_back({.name = name, .distinct = 900, .missing = 0.01});
  }
  facts.columns.push_back({.name = "state",
                           .role = ColumnRole::kCategory,
                           .distinct = 3,
                           .grades = true});
  facts.coordinates = {{"lat", "lon"}, {"to lat", "to lon"}};
  facts.group_column = "team";
  facts.new_groups = true;
  facts.group_rows = 300;
  facts.auxiliary = {"extra"};
  facts.rows = 2500;
  facts.columns[0].drift = facts.columns[1].drift = 0.5;
  facts.twins = facts.unlike_twins = facts.test_twins = 0.1;
  return facts;
}

// A signal of twenty steps a row.
inline TaskFacts SampleSignals() {
  TaskFacts facts = SampleTable();
  facts.steps.emplace_back();
  for (int i = 0; i < 20; ++i) {
    const std::string name = "s" + std::to_string(i);
    facts.columns.push_back({.name = name, .distinct = 900, .missing = 0.01});
    facts.steps[0].push_back(name);
  }
  return facts;
}

// One of words, one whose words nothing parts.
inline TaskFacts SampleTexts() {
  TaskFacts facts = SampleClasses(4, AnswerKind::kProbability);
  facts.renamed_classes.clear();
  facts.columns = {{.name = "note", .role = ColumnRole::kText, .words = 8},
                   {.name = "title",
                    .role = ColumnRole::kText,
                    .words = 12,
                    .unparted = true}};
  return facts;
}

inline TaskFacts SampleReviews() {
  TaskFacts facts = SampleClasses(2, AnswerKind::kProbability);
  facts.columns = SampleTexts().columns;
  return facts;
}

// Keys of other tables and nothing else; the group is part of the id.
inline TaskFacts SampleKeys() {
  TaskFacts facts = SampleClasses(2, AnswerKind::kProbability);
  facts.columns.clear();
  for (const char* name : {"key0", "key1", "key2"}) {
    facts.columns.push_back({.name = name,
                             .distinct = 80,
                             .integer = true,
                             .maximum = 9000,
                             .key = true});
  }
  facts.group_column = "id";
  facts.group_separator = "-";
  facts.new_groups = true;
  return facts;
}

// All of them, by name.
inline std::vector<std::pair<std::string, TaskFacts>> SampleTasks() {
  return {{"table", SampleTable()},
          {"binary", SampleClasses(2, AnswerKind::kProbability)},
          {"classes", SampleClasses(4, AnswerKind::kProbability)},
          {"labels", SampleClasses(3, AnswerKind::kLabel)},
          {"ordinal", SampleOrdinal()},
          {"dates", SampleDates()},
          {"panel", SamplePanel()},
          {"signals", SampleSignals()},
          {"places", SamplePlaces()},
          {"texts", SampleTexts()},
          {"reviews", SampleReviews()},
          {"keys", SampleKeys()},
          {"two_targets", SampleTwoTargets()}};
}

}  // namespace treesmith
