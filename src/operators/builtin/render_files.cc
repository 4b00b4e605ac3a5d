#include "operators/builtin/render_files.h"

#include <fmt/format.h>

#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"
#include "operators/builtin/render_constants.h"

namespace treesmith {
namespace {

// pd.read_csv or what the file's ending asks for. `more`: arguments of it.
std::string Reader(const std::string& file, const std::string& separator,
                   const std::string& more) {
  const std::string path = PythonQuote("input/" + file);
  const bool lines = file.ends_with(".jsonl");
  if (lines || file.ends_with(".json")) {
    return fmt::format("pd.read_json({}{}, dtype=False, convert_dates=False)",
                       path, lines ? ", lines=True" : "");
  }
  std::string text = "pd.read_csv(" + path;
  if (separator != ",") text += ", sep=" + PythonQuote(separator);
  return text + more + ", low_memory=False)";
}

// A line that names the columns of test or the sample as train does.
std::string RenameLine(const TaskFacts& facts, std::string_view table) {
  if (facts.renamed_columns.empty()) return "";
  return fmt::format("    {0} = {0}.rename(columns=SPELLINGS)\n", table);
}

// Lines that write a table of the ids of test and `columns`.
std::string IdFrame(const TaskFacts& facts) {
  return facts.id.empty() ? "pd.DataFrame(index=test.index)"
                          : "test[ID].copy()";
}

// The probabilities of the class that comes last of two, such as 1 or True.
std::string_view PositiveOf(const TaskFacts& facts) {
  return facts.order_by_number ? "probabilities[max(probabilities, key=float)]"
                               : "probabilities.iloc[:, -1]";
}

std::string ProbabilityLines(const TaskFacts& facts) {
  std::string text;
  if (facts.class_columns) {
    std::string names;
    if (!facts.renamed_classes.empty()) {
      names = ".rename(columns=COLUMN_OF_CLASS)";
    } else if (!facts.class_prefix.empty()) {
      names = ".add_prefix(" + PythonQuote(facts.class_prefix) + ")";
    }
    text = fmt::format(
        "    probabilities = predict(train, test, TARGET){}\n"
        "    sample = {}\n{}"
        "    columns = [c for c in sample if c not in ID]\n"
        "    submission = {}\n"
        "    submission[columns] = probabilities.reindex(columns=columns, "
        "fill_value=0)\n",
        names, Reader(facts.sample, facts.sample_separator, ""),
        RenameLine(facts, "sample"), IdFrame(facts));
    return text;
  }
  if (facts.list_length > 0) {
    return fmt::format(
        "    probabilities = predict(train, test, TARGET)\n"
        "    best = np.argsort(-probabilities.to_numpy(), axis=1)[:, :{}]\n"
        "    names = probabilities.columns.to_numpy(str)\n"
        "    submission = {}\n"
        "    submission[TARGET] = [\" \".join(row) for row in names[best]]\n",
        facts.list_length, IdFrame(facts));
  }
  return fmt::format(
      "    probabilities = predict(train, test, TARGET)\n"
      "    submission = {}\n"
      "    submission[TARGET] = {}\n",
      IdFrame(facts), PositiveOf(facts));
}

}  // namespace

// Both files are read alike: a cell must mean the same in each.
std::string ReadFunction(const TaskFacts& facts, const Recipe& recipe) {
  std::string more =
      TextColumns(facts, recipe).empty() ? "" : ", dtype=TEXTS_AS_WRITTEN";
  if (facts.none_is_a_class) more += ", keep_default_na=False, na_values=GAPS";
  return fmt::format(
      "\ndef read():\n    \"\"\"Train and test.\"\"\"\n    train = {}\n"
      "    test = {}\n{}    return train, test\n",
      Reader(facts.train, facts.train_separator, more),
      Reader(facts.test, facts.test_separator, more),
      RenameLine(facts, "test"));
}

std::string MainFunction(const Recipe& recipe, const TaskFacts& facts) {
  std::string text = "\ndef main():\n    train, test = read()\n";
  const bool probabilities = facts.answer == AnswerKind::kProbability;
  const bool labels = facts.answer == AnswerKind::kLabel;
  if (SharesTargets(recipe)) {
    text += fmt::format(
        "    submission = {}\n"
        "    submission[TARGETS] = predict(train, test, TARGETS)\n",
        IdFrame(facts));
  } else if (facts.MultiTarget()) {
    text += fmt::format("    submission = {}\n    for target in TARGETS:\n",
                        IdFrame(facts));
    if (probabilities) {
      text += fmt::format(
          "        probabilities = predict(train, test, target)\n"
          "        submission[target] = {}\n",
          PositiveOf(facts));
    } else if (labels) {
      text +=
          "        probabilities = predict(train, test, target)\n"
          "        submission[target] = probabilities.idxmax(axis=1)\n";
    } else {
      text += "        submission[target] = predict(train, test, target)\n";
    }
  } else if (probabilities) {
    text += ProbabilityLines(facts);
  } else if (labels) {
    text += fmt::format(
        "    probabilities = predict(train, test, TARGET)\n"
        "    submission = {}\n"
        "    submission[TARGET] = probabilities.idxmax(axis=1)\n",
        IdFrame(facts));
  } else {
    const std::string answer =
        SumsParts(recipe) ? "sum(predict(train, test, part) for part in PARTS)"
                          : "predict(train, test, TARGET)";
    text += fmt::format("    submission = {}\n    submission[TARGET] = {}\n",
                        IdFrame(facts), answer);
    if (facts.answer == AnswerKind::kOrdinal) {
      text +=
          "    # Where to cut the scores into labels is decided elsewhere.\n"
          "    submission.to_csv(\"working/scores.csv\", index=False)\n"
          "    labels = np.unique(train[TARGET].dropna())";
      if (facts.target_facts.integer) text += ".astype(int)";
      text +=
          "\n    middles = (labels[1:] + labels[:-1]) / 2\n"
          "    submission[TARGET] = labels[np.searchsorted(middles, "
          "submission[TARGET])]\n";
    }
  }
  text += "    submission.to_csv(\"working/submission.csv\", index=False)\n";
  if (labels && !facts.MultiTarget()) {
    text += fmt::format(
        "    probabilities = pd.concat([{}, probabilities], axis=1)\n"
        "    probabilities.to_csv(\"working/probabilities.csv\", "
        "index=False)\n",
        facts.id.empty() ? "pd.DataFrame(index=test.index)" : "test[ID]");
  }
  return text;
}

}  // namespace treesmith
