// task.toml as text: ParseTaskFile and TaskFileText (task_file.h).
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/plain_name.h"
#include "base/quantity.h"
#include "score/metric.h"
#include "table/task_file.h"

namespace treesmith {
namespace {

struct Key {
  std::string_view section;
  std::string_view name;
};
constexpr std::array<Key, 18> kKeys = {{
    {"", "name"},
    {"", "goal"},
    {"data", "train"},
    {"data", "test"},
    {"data", "sample_submission"},
    {"data", "extra"},
    {"data", "target"},
    {"data", "id"},
    {"metric", "name"},
    {"metric", "direction"},
    {"metric", "script"},
    {"metric", "needs"},
    {"evaluation", "mode"},
    {"evaluation", "folds"},
    {"evaluation", "split"},
    {"evaluation", "command"},
    {"limits", "script_timeout"},
    {"limits", "memory"},
}};
constexpr std::array<std::string_view, 4> kSections = {"data", "metric",
                                                       "evaluation", "limits"};
constexpr std::array<std::pair<std::string_view, EvaluationMode>, 3> kModes = {
    {{"hidden", EvaluationMode::kHidden},
     {"reported", EvaluationMode::kReported},
     {"command", EvaluationMode::kCommand}}};

struct Unit {
  std::string_view name;
  int64_t size;
};
constexpr std::array<Unit, 4> kDurations = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
constexpr std::array<Unit, 7> kSizes = {{{"B", 1},
                                         {"KiB", int64_t{1} << 10},
                                         {"MiB", int64_t{1} << 20},
                                         {"GiB", int64_t{1} << 30},
                                         {"KB", 1'000},
                                         {"MB", 1'000'000},
                                         {"GB", 1'000'000'000}}};

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t swap = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({swap, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// "10m" in the units' base; nothing for any other text.
template <size_t kCount>
std::optional<int64_t> ParseQuantity(std::string_view text,
                                     const std::array<Unit, kCount>& units,
                                     double most) {
  double number = 0;
  const auto [end, code] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{}) return std::nullopt;
  std::string_view unit(end,
                        static_cast<size_t>(text.data() + text.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const Unit& one : units) {
    const double size = number * static_cast<double>(one.size);
    if (one.name == unit && size >= 1 && size <= most) {
      return static_cast<int64_t>(size);
    }
  }
  return std::nullopt;
}

// The largest unit that divides it.
template <size_t kCount>
std::string QuantityText(int64_t quantity,
                         const std::array<Unit, kCount>& units) {
  const Unit* best = units.data();
  for (const Unit& one : units) {
    if (quantity % one.size == 0 && one.size > best->size) best = &one;
  }
  return std::to_string(quantity / best->size) + std::string(best->name);
}

class Reader {
 public:
  explicit Reader(const toml::table& root) : root_(root) {}

  Result<Task> Run() {
    TRY(CheckKeys());
    TRY(Text("", "name", task_.name));
    TRY(Text("", "goal", task_.goal));
    TRY(File("data", "train", task_.train));
    TRY(File("data", "test", task_.test));
    TRY(File("data", "sample_submission", task_.sample_submission));
    TRY(Texts("data", "extra", task_.extra));
    task_.extra_stated = Find("data", "extra") != nullptr;
    TRY(Texts("data", "target", task_.target));
    TRY(Texts("data", "id", task_.id));
    TRY(Text("metric", "name", task_.metric));
    TRY(File("metric", "script", task_.metric_script));
    TRY(ReadDirection());
    TRY(ReadNeeds());
    TRY(ReadMode());
    TRY(ReadFolds());
    TRY(Text("evaluation", "split", task_.split));
    TRY(Text("evaluation", "command", task_.command));
    TRY(ReadLimits());
    TRY(CheckExtra());
    return std::move(task_);
  }

 private:
  static Error At(const toml::node& node, std::string_view key,
                  const std::string& cause, std::string hint = {}) {
    return BadInput("read task.toml: line " +
                        std::to_string(node.source().begin.line) + ": " +
                        std::string(key) + " " + cause,
                    std::move(hint));
  }

  static Status CheckTable(std::string_view section, const toml::table& table) {
    for (const auto& [name, node] : table) {
      std::string_view nearest;
      size_t least = 1000;
      bool known = false;
      const auto offer = [&](std::string_view candidate) {
        known = known || candidate == name.str();
        const size_t distance = EditDistance(name.str(), candidate);
        if (distance < least) nearest = candidate;
        least = std::min(least, distance);
      };
      for (const Key& key : kKeys) {
        if (key.section == section) offer(key.name);
      }
      if (section.empty()) {
        for (const std::string_view other : kSections) offer(other);
      }
      if (known) continue;
      return At(
          node, name.str(),
          "is no key" +
              (section.empty() ? "" : " of [" + std::string(section) + "]"),
          "did you mean " + std::string(nearest) + "?");
    }
    return {};
  }

  Status CheckKeys() const {
    TRY(CheckTable("", root_));
    for (const std::string_view section : kSections) {
      const toml::node* node = root_.get(section);
      if (node == nullptr) continue;
      if (!node->is_table()) {
        return At(*node, section, "must be a table",
                  "write [" + std::string(section) + "] on a line of its own");
      }
      TRY(CheckTable(section, *node->as_table()));
    }
    return {};
  }

  [[nodiscard]] const toml::node* Find(std::string_view section,
                                       std::string_view key) const {
    const toml::table* table =
        section.empty() ? &root_ : root_[section].as_table();
    return table == nullptr ? nullptr : table->get(key);
  }

  Status Text(std::string_view section, std::string_view key,
              std::string& to) const {
    const toml::node* node = Find(section, key);
    if (node == nullptr) return {};
    const auto text = node->value_exact<std::string>();
    if (!text) return At(*node, key, "must be a text in quotes");
    to = *text;
    return {};
  }

  static Status CheckInside(const std::string& name) {
    const std::filesystem::path path(name);
    const bool climbs = std::any_of(
        path.begin(), path.end(),
        [](const std::filesystem::path& part) { return part == ".."; });
    if (!path.is_absolute() && !climbs) return {};
    return BadInput("read task.toml: " + name + " lies outside the folder",
                    "copy or link the file into the task's folder");
  }

  Status File(std::string_view section, std::string_view key,
              std::string& to) const {
    TRY(Text(section, key, to));
    return CheckInside(to);
  }

  // One text or a list of them.
  Status Texts(std::string_view section, std::string_view key,
               std::vector<std::string>& to) const {
    const toml::node* node = Find(section, key);
    if (node == nullptr) return {};
    if (const auto one = node->value_exact<std::string>()) {
      to = {*one};
      return {};
    }
    const toml::array* list = node->as_array();
    if (list == nullptr) return At(*node, key, "must be a list of texts");
    for (const toml::node& item : *list) {
      const auto text = item.value_exact<std::string>();
      if (!text) return At(item, key, "must be a list of texts");
      to.push_back(*text);
    }
    return {};
  }

  // Scripts find them under these very names.
  Status CheckExtra() const {
    for (const std::string& name : task_.extra) {
      TRY(CheckInside(name));
      if (IsPlainName(name)) continue;
      return At(*Find("data", "extra"), "extra",
                "has \"" + name + "\", which is no plain name of a file",
                "write it as dir/file.csv, without a dot before it");
    }
    return {};
  }

  Status ReadDirection() {
    std::string text;
    TRY(Text("metric", "direction", text));
    if (text.empty()) return {};
    task_.direction = ParseDirection(text);
    if (task_.direction) return {};
    return At(*Find("metric", "direction"), "direction", "is \"" + text + "\"",
              "minimize or maximize");
  }

  Status ReadNeeds() {
    TRY(Text("metric", "needs", task_.metric_needs));
    if (task_.metric_needs.empty() || ParseNeeds(task_.metric_needs)) return {};
    return At(*Find("metric", "needs"), "needs",
              "is \"" + task_.metric_needs + "\"",
              "value, label, probability or order");
  }

  Status ReadMode() {
    std::string text = "hidden";
    TRY(Text("evaluation", "mode", text));
    const auto mode = ParseEvaluationMode(text);
    if (!mode) {
      return At(*Find("evaluation", "mode"), "mode", "is \"" + text + "\"",
                "hidden, reported or command");
    }
    task_.mode = *mode;
    return {};
  }

  Status ReadFolds() {
    const toml::node* node = Find("evaluation", "folds");
    if (node == nullptr || node->value_exact<std::string>() == "auto") {
      return {};
    }
    const auto folds = node->value_exact<int64_t>();
    if (!folds || *folds < 1 || *folds > 100) {
      return At(*node, "folds", "must be \"auto\" or a number from 1 to 100");
    }
    task_.folds = static_cast<int>(*folds);
    return {};
  }

  Status ReadLimits() {
    std::string text;
    TRY(Text("limits", "script_timeout", text));
    if (!text.empty()) {
      const auto quantity = ParseQuantity(text, kDurations, kMostMilliseconds);
      if (!quantity) {
        return At(*Find("limits", "script_timeout"), "script_timeout",
                  "is \"" + text + "\"", "a duration such as 90s, 10m or 1h");
      }
      task_.script_timeout = std::chrono::milliseconds(*quantity);
    }
    text.clear();
    TRY(Text("limits", "memory", text));
    if (!text.empty()) {
      const auto quantity = ParseQuantity(text, kSizes, kMostBytes);
      if (!quantity) {
        return At(*Find("limits", "memory"), "memory", "is \"" + text + "\"",
                  "a size such as 512MiB or 4GiB");
      }
      task_.memory_bytes = *quantity;
    }
    return {};
  }

  const toml::table& root_;
  Task task_;
};

// A basic TOML string.
std::string QuoteText(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += byte;
    } else if (byte == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(byte) >> 4];
      out += kHex[static_cast<unsigned char>(byte) & 15];
    } else {
      out += byte;
    }
  }
  return out + "\"";
}

std::string ListText(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ", ";
    out += QuoteText(text);
  }
  return out + "]";
}

// Writes keys in order; what is empty is left out, its comments are not.
class TaskWriter {
 public:
  explicit TaskWriter(const TaskComments& comments) : comments_(comments) {
    Comment("");
  }

  void Section(std::string_view name) {
    text_ += "\n[" + std::string(name) + "]\n";
  }
  void Line(std::string_view key, const std::string& value,
            std::string_view comment = {}) {
    Comment(comment.empty() ? key : comment);
    text_ += std::string(key) + " = " + value + "\n";
  }
  void Text(std::string_view key, const std::string& value,
            std::string_view comment = {}) {
    if (value.empty()) return Comment(comment.empty() ? key : comment);
    Line(key, QuoteText(value), comment);
  }
  void List(std::string_view key, const std::vector<std::string>& values) {
    if (values.empty()) return Comment(key);
    Line(key, ListText(values));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void Comment(std::string_view key) {
    const auto found = comments_.find(key);
    if (found == comments_.end()) return;
    for (const std::string& line : found->second) {
      text_ += "# ";
      // A name from a file may hold anything; a comment ends with its line.
      for (const char byte : line) {
        const auto code = static_cast<unsigned char>(byte);
        text_ += code < 0x20 || code == 0x7f ? ' ' : byte;
      }
      text_ += '\n';
    }
  }

  const TaskComments& comments_;
  std::string text_;
};

bool GoalIsInAFile(const Task& task) {
  for (const char* name : {"description.md", "description.txt"}) {
    const auto text = ReadFile(task.folder / name);
    if (text.ok()) return *text == task.goal;
  }
  return false;
}

}  // namespace

std::string_view EvaluationModeName(EvaluationMode mode) {
  return kModes[static_cast<size_t>(mode)].first;
}

std::optional<EvaluationMode> ParseEvaluationMode(std::string_view name) {
  for (const auto& [known, mode] : kModes) {
    if (known == name) return mode;
  }
  return std::nullopt;
}

Result<Task> ParseTaskFile(std::string_view text,
                           const std::filesystem::path& folder) {
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& e) {
    return BadInput("read task.toml: line " +
                    std::to_string(e.source().begin.line) + ": " +
                    std::string(e.description()));
  }
  TRY_ASSIGN(Task task, Reader(root).Run());
  task.folder = folder;
  return task;
}

std::string TaskFileText(const Task& task, const TaskComments& comments) {
  TaskWriter out(comments);
  out.Text("name", task.name);
  out.Text("goal", GoalIsInAFile(task) ? std::string() : task.goal);
  out.Section("data");
  out.Text("train", task.train);
  out.Text("test", task.test);
  out.Text("sample_submission", task.sample_submission);
  if (task.extra_stated) out.Line("extra", ListText(task.extra));
  if (!task.extra_stated) out.List("extra", task.extra);
  out.List("target", task.target);
  out.List("id", task.id);
  out.Section("metric");
  out.Text("name", task.metric, "metric");
  if (task.direction) {
    out.Text("direction", std::string(DirectionName(*task.direction)));
  }
  out.Text("script", task.metric_script);
  out.Text("needs", task.metric_needs);
  out.Section("evaluation");
  out.Text("mode", std::string(EvaluationModeName(task.mode)));
  if (task.folds == 0) out.Text("folds", "auto");
  if (task.folds != 0) out.Line("folds", std::to_string(task.folds));
  out.Text("split", task.split);
  out.Text("command", task.command);
  out.Section("limits");
  out.Text("script_timeout",
           QuantityText(task.script_timeout.count(), kDurations));
  out.Text("memory", task.memory_bytes > 0
                         ? QuantityText(task.memory_bytes, kSizes)
                         : std::string());
  return out.text();
}

Result<std::string> TaskFileJson(std::string_view text) {
  try {
    const toml::table root = toml::parse(text);
    std::ostringstream json;
    json << toml::json_formatter(root);
    return json.str();
  } catch (const toml::parse_error& e) {
    return BadInput("read task.toml: " + std::string(e.description()));
  }
}

}  // namespace treesmith
