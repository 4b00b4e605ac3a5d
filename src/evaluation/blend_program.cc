#include "evaluation/blend_program.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/check.h"
#include "evaluation/blend_program_parts.h"
#include "evaluation/label_decision.h"
#include "table/byte_source.h"
#include "table/view.h"

namespace treesmith {
namespace {

namespace parts = blend_program;
using Values = std::map<std::string, std::string, std::less<>>;

constexpr size_t kLineWidth = 88;

// A Python string: JSON's escapes are Python's as well.
std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false,
                                   nlohmann::json::error_handler_t::replace);
}

// Enough digits to be read back as the same number.
std::string NumberText(double number) {
  std::array<char, 64> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return {buffer.data(), end.ptr};
}

// [a, b, c], on one line where it fits.
std::string ListOf(const std::vector<std::string>& items) {
  std::string line = "[";
  std::string block = "[\n";
  for (const std::string& item : items) {
    line += (line.size() > 1 ? ", " : "") + item;
    block += "    " + item + ",\n";
  }
  return line.size() < kLineWidth ? line + "]" : block + "]";
}

std::string QuotedList(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  items.reserve(texts.size());
  for (const std::string& text : texts) items.push_back(Quoted(text));
  return ListOf(items);
}

std::string NumberList(const std::vector<double>& numbers) {
  std::vector<std::string> items;
  items.reserve(numbers.size());
  for (const double number : numbers) items.push_back(NumberText(number));
  return ListOf(items);
}

// The text with every @name@ replaced; other "@" stay.
std::string Fill(std::string_view text, const Values& values) {
  std::string out;
  while (!text.empty()) {
    const size_t at = text.find('@');
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    const size_t end = text.find('@', at + 1);
    CHECK(end != std::string_view::npos);
    const auto found = values.find(text.substr(at + 1, end - at - 1));
    CHECK(found != values.end());
    out += found->second;
    text.remove_prefix(end + 1);
  }
  return out;
}

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         c == '.';
}

// Import lines for the modules of Python's own that `body` uses.
std::string Imports(const std::string& body) {
  std::string text;
  for (const char* name :
       {"argparse", "csv", "gzip", "io", "json", "math", "os", "re", "shutil",
        "subprocess", "sys", "tempfile"}) {
    const std::string use = std::string(name) + ".";
    size_t at = body.find(use);
    while (at != std::string::npos && at > 0 && IsWord(body[at - 1])) {
      at = body.find(use, at + 1);
    }
    if (at != std::string::npos) text += "import " + std::string(name) + "\n";
  }
  return text;
}

bool IsJson(const std::optional<Table>& table) {
  return table && table->format() != TableFormat::kDelimited;
}

class Writer {
 public:
  explicit Writer(const BlendProgramInput& input) : input_(input) {}

  [[nodiscard]] std::string Run() const {
    const bool json =
        IsJson(input_.tables.test) || IsJson(input_.tables.sample);
    std::string text = Fill(parts::kConstants, Constants());
    text += Fill(parts::kRead,
                 {{"json", json ? std::string(parts::kReadJson) : ""},
                  {"if_json", json ? std::string(parts::kIfJson) : ""}});
    text += Fill(parts::kRun, {{"make_sample", MakeSample()},
                               {"match", Match()},
                               {"test_keys", TestKeys()}});
    text += Answer();
    text += Space();
    text += parts::kBlend;
    text += Decide();
    text += Text();
    text += Fill(parts::kMain, {{"sample", SampleTable()}});
    return Fill(parts::kHead,
                {{"why", input_.why}, {"imports", Imports(text)}}) +
           text;
  }

 private:
  // Scripts answer label metrics by a file beside the submission.
  [[nodiscard]] bool Beside() const {
    return input_.metric.needs() == Needs::kLabel &&
           input_.target.kind == SubmissionKind::kLabel;
  }
  [[nodiscard]] bool Decides() const {
    return NeedsDecision(input_.metric, input_.kind);
  }

  [[nodiscard]] std::string AnswerFile() const {
    if (!Beside()) return "submission.csv";
    return input_.kind == PredictionKind::kScore ? "scores.csv"
                                                 : "probabilities.csv";
  }

  [[nodiscard]] Values Constants() const {
    return {{"members", Members()},
            {"files", Files()},
            {"extra", QuotedList(input_.task.extra)},
            {"test", Quoted(input_.task.test)},
            {"columns", QuotedList(input_.spec.columns)},
            {"copied", Copied()},
            {"predicted", QuotedList(input_.spec.predicted)},
            {"id", QuotedList(input_.spec.rows.id_columns)},
            {"answer", Quoted(AnswerFile())},
            {"classes", Classes()},
            {"threads", std::to_string(input_.threads)}};
  }

  [[nodiscard]] std::string Members() const {
    std::string text;
    for (const Member& member : input_.members) {
      text += "    (" + Quoted(MemberFile(member.node)) + ", " +
              NumberText(member.weight) + "),\n";
    }
    return text;
  }

  [[nodiscard]] std::string Files() const {
    std::string text;
    const auto add = [&](const std::string& file, const std::string& name) {
      if (file.empty()) return;
      text += (text.empty() ? "" : ", ") + Quoted(file) + ": " + Quoted(name);
    };
    add(input_.task.train, UnpackedName(input_.task.train));
    add(input_.task.test, TestName(input_.task));
    add(input_.task.sample_submission, SampleName(input_.task));
    return text;
  }

  [[nodiscard]] bool IsPredicted(const std::string& column) const {
    return std::ranges::find(input_.spec.predicted, column) !=
           input_.spec.predicted.end();
  }

  [[nodiscard]] bool CopiesSample() const {
    return std::ranges::any_of(
        input_.spec.columns, [&](const std::string& column) {
          return !IsPredicted(column) && SourceOf(column) == "sample";
        });
  }

  [[nodiscard]] std::string SourceOf(const std::string& column) const {
    if (input_.tables.test->FindColumn(column)) return "test";
    return input_.tables.sample ? "sample" : "number";
  }

  [[nodiscard]] std::string Copied() const {
    std::string text;
    for (const std::string& column : input_.spec.columns) {
      if (IsPredicted(column)) continue;
      text += (text.empty() ? "" : ", ") + Quoted(column) + ": " +
              Quoted(SourceOf(column));
    }
    return text;
  }

  // The spellings of classes, where labels or columns of classes are read or
  // written.
  [[nodiscard]] std::string Classes() const {
    const Target& target = input_.target;
    if (!Beside() && target.kind != SubmissionKind::kLabelList) return "";
    std::vector<std::string> known;
    known.reserve(target.class_index.size());
    for (const auto& [text, index] : target.class_index) {
      known.push_back("(" + Quoted(text) + ", " + std::to_string(index) + ")");
    }
    return "# Labels as they are written, and the texts that stand for them.\n"
           "CLASSES = " +
           QuotedList(target.classes) +
           "\nCLASS_COLUMNS = " + QuotedList(target.class_columns) +
           "\nCLASS_OF = dict(" + ListOf(known) + ")\n";
  }

  [[nodiscard]] std::string MakeSample() const {
    if (input_.tables.sample) return "";
    std::string constant = "0.5";
    if (input_.target.kind == SubmissionKind::kLabel ||
        input_.target.kind == SubmissionKind::kLabelList) {
      constant = input_.target.classes.front();
    } else if (input_.target.kind == SubmissionKind::kValue) {
      constant = "0";
    }
    return Fill(parts::kMakeSample, {{"name", Quoted(SampleName(input_.task))},
                                     {"constant", Quoted(constant)}});
  }

  [[nodiscard]] std::string Match() const {
    return input_.spec.rows.unique ? std::string(parts::kMatch) : "";
  }

  // A test without ids numbers its rows.
  [[nodiscard]] std::string TestKeys() const {
    const bool named = std::ranges::all_of(
        input_.spec.rows.id_columns, [&](const std::string& id) {
          return input_.tables.test->FindColumn(id).has_value();
        });
    return named ? "keys_of(header, rows)"
                 : "[(str(number),) for number in range(len(rows))]";
  }

  [[nodiscard]] std::string Answer() const {
    const Target& target = input_.target;
    if (target.kind == SubmissionKind::kLabelList) {
      return std::string(parts::kLists);
    }
    const bool of_classes = target.kind == SubmissionKind::kClassColumns;
    const bool one_target = target.columns() == 1;
    if (Beside() && input_.kind == PredictionKind::kProbability && one_target) {
      return Probabilities(true) +
             Fill(parts::kClassColumns,
                  {{"prefix", Quoted(target.names.front() + "_")},
                   {"finish", "probabilities(values)"}});
    }
    const bool bounded =
        input_.kind == PredictionKind::kProbability && !target.order_only;
    std::string finish = "values.astype(np.float32)";
    if (bounded) {
      finish = "probabilities(values)";
    } else if (of_classes && target.classes.size() == 2) {
      finish += "[:, 1:]";
    }
    const bool only = Beside() && one_target;
    return (bounded ? Probabilities(of_classes) : "") +
           Fill(parts::kNamedColumns,
                {{"only_column", only ? std::string(parts::kOnlyColumn) : ""},
                 {"finish", finish}});
  }

  [[nodiscard]] static std::string Probabilities(bool of_classes) {
    return Fill(
        parts::kProbabilities,
        {{"normalise", of_classes ? std::string(parts::kNormalise) : ""}});
  }

  [[nodiscard]] std::string Space() const {
    switch (input_.space) {
      case BlendSpace::kPlain:
        return std::string(parts::kPlainSpace);
      case BlendSpace::kLog1p:
        return std::string(parts::kLog1pSpace);
      case BlendSpace::kLog:
        return std::string(parts::kLogSpace);
      case BlendSpace::kRank:
        return std::string(parts::kRankSpace);
    }
    return "";
  }

  [[nodiscard]] std::string Decide() const {
    if (!Decides()) return std::string(parts::kDecidePlain);
    if (!input_.decision) {
      return std::string(input_.kind == PredictionKind::kScore
                             ? parts::kDecideNearest
                             : parts::kDecideHalf);
    }
    const Decision& decision = *input_.decision;
    const Values numbers = {{"numbers", NumberList(decision.numbers)}};
    if (decision.kind == DecisionKind::kCutPoints) {
      return Fill(parts::kDecideCuts, numbers);
    }
    CHECK(decision.kind == DecisionKind::kArgmax ||
          decision.kind == DecisionKind::kWeightedArgmax);
    if (input_.columns == 1) return std::string(parts::kDecideHalf);
    return decision.numbers.empty() ? std::string(parts::kDecideLikeliest)
                                    : Fill(parts::kDecideArgmax, numbers);
  }

  [[nodiscard]] std::string Text() const {
    switch (input_.target.kind) {
      case SubmissionKind::kLabel:
        return std::string(parts::kTextOfLabel);
      case SubmissionKind::kLabelList:
        return Fill(
            parts::kTextOfList,
            {{"length", std::to_string(LabelListLength(
                            input_.tables, input_.spec.predicted.front()))}});
      case SubmissionKind::kClassColumns:
        if (input_.columns == 1 && input_.target.classes.size() == 2) {
          return std::string(parts::kNumberText) +
                 std::string(parts::kTextOfOneProbability);
        }
        break;
      case SubmissionKind::kValue:
      case SubmissionKind::kProbability:
        break;
    }
    return std::string(parts::kNumberText) + std::string(parts::kTextOfNumber);
  }

  [[nodiscard]] std::string SampleTable() const {
    if (!CopiesSample()) return "None";
    return "read_table(options.task / " +
           Quoted(input_.task.sample_submission) + ")";
  }

  const BlendProgramInput& input_;
};

}  // namespace

std::string MemberFile(NodeId node) {
  return "node_" + std::to_string(node.value) + ".py";
}

std::string BlendProgram(const BlendProgramInput& input) {
  CHECK(input.tables.test.has_value());
  CHECK(input.kind != PredictionKind::kLabel);
  return Writer(input).Run();
}

}  // namespace treesmith
