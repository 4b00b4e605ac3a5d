#include "ui/terminal.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/answer.h"
#include "ui/tree_text.h"

namespace treesmith {
namespace {

constexpr std::chrono::milliseconds kRedrawEvery{150};
// Rows that the tree leaves to the lines above it and the prompt below.
constexpr size_t kOtherRows = 8;
constexpr size_t kFewestTreeRows = 4;
constexpr size_t kMostRunning = 4;

std::string Describe(const Activity& activity) {
  std::string step = "step " + std::to_string(activity.step.value);
  switch (activity.kind) {
    case Activity::Kind::kWrite:
      return step + ": writing";
    case Activity::Kind::kUnit:
      return step + ": " + Harmless(activity.label) + ", fold " +
             std::to_string(activity.unit + 1);
    case Activity::Kind::kRace:
      return step + ": racing";
    case Activity::Kind::kScore:
      return step + ": scoring";
    case Activity::Kind::kReview:
      return step + ": reading its output";
    case Activity::Kind::kChoose:
      return "choosing the answer";
    case Activity::Kind::kReport:
      return "writing the report";
    case Activity::Kind::kRefit:
      return "node " + std::to_string(activity.node.value) +
             ": fitting on all rows";
    case Activity::Kind::kCanary:
      return "node " + std::to_string(activity.node.value) +
             ": fitting on shuffled labels";
  }
  return step;
}

}  // namespace

Terminal::Terminal(std::FILE* stream, TerminalOptions options)
    : options_(std::move(options)), screen_(stream, TraitsOf(stream)) {
  if (!screen_.traits().live) return;
  SetLogSink([this](std::string line) {
    const std::lock_guard lock(log_mutex_);
    log_.push_back(std::move(line));
  });
}

void Terminal::Close() {
  if (screen_.traits().live) SetLogSink({});
  SayLogLines();
  screen_.Close();
}

void Terminal::SayLogLines() {
  std::vector<std::string> lines;
  {
    const std::lock_guard lock(log_mutex_);
    lines.swap(log_);
  }
  for (const std::string& line : lines) screen_.Say(Harmless(line));
}

void Terminal::OnEvent(const Event& event, const RunView& view) {
  if (!screen_.traits().live) {
    PlainLine(event, view);
    return;
  }
  SayLogLines();
  if (std::holds_alternative<Finished>(event.body)) {
    screen_.Close();
    return;
  }
  if (view.elapsed - drawn_ >= kRedrawEvery) Redraw(view);
}

void Terminal::OnTick(const RunView& view) {
  if (!screen_.traits().live) return;
  SayLogLines();
  if (view.elapsed - drawn_ >= kRedrawEvery) Redraw(view);
}

std::string Terminal::StatusLine(const RunView& view) const {
  const Tree& tree = view.state.tree();
  std::string line = Paint(screen_.traits(), Color::kBold, options_.title);
  line += "  best ";
  if (tree.best()) {
    const Node& best = tree.at(*tree.best());
    line +=
        Paint(screen_.traits(), Color::kGreen, FormatScore(best.score->value)) +
        " (node " + std::to_string(best.id.value) + ", " + best.change + ")";
  } else {
    line += "none yet";
  }
  return line;
}

std::string Terminal::BudgetLine(const RunView& view) const {
  std::string line = "time " + FormatDuration(view.elapsed);
  if (view.budget.time) {
    const auto left = std::max(*view.budget.time - view.elapsed,
                               std::chrono::milliseconds(0));
    line += ", left " + FormatDuration(left);
  }
  line += "  steps " + std::to_string(view.state.next_step().value);
  if (view.budget.steps) line += " of " + std::to_string(*view.budget.steps);
  line += "  disk " + FormatDisk(view.disk_bytes, view.budget,
                                 view.state.next_step().value, view.elapsed);
  if (options_.has_cost) {
    const Usage& usage = view.state.usage();
    line += "  tokens " + std::to_string(usage.tokens());
    line += "  cost ";
    line += usage.cost_usd ? "$" + std::to_string(*usage.cost_usd) : "unknown";
  }
  return line;
}

void Terminal::Redraw(const RunView& view) {
  drawn_ = view.elapsed;
  std::vector<std::string> lines = {StatusLine(view), BudgetLine(view)};
  if (!options_.notice.empty()) {
    lines.push_back(Paint(screen_.traits(), Color::kRed, options_.notice));
  }
  std::string alarm;
  for (const Checked& checked : view.state.checks()) {
    if (checked.check.alarm()) alarm = "alarm: " + CheckText(checked);
  }
  if (!alarm.empty()) {
    lines.push_back(Paint(screen_.traits(), Color::kRed, Harmless(alarm)));
  }
  size_t shown = 0;
  for (const Activity& activity : view.running) {
    if (shown++ == kMostRunning) break;
    lines.push_back("  " +
                    Paint(screen_.traits(), Color::kCyan, Describe(activity)) +
                    "  " + FormatDuration(view.elapsed - activity.since));
  }
  TreeTextOptions options;
  options.traits = screen_.traits();
  const size_t rows = screen_.rows();
  options.max_lines =
      rows > kOtherRows + kFewestTreeRows ? rows - kOtherRows : kFewestTreeRows;
  for (std::string& line : TreeText(view.state.tree(), options)) {
    lines.push_back(std::move(line));
  }
  if (lines.size() >= rows) lines.resize(rows - 1);
  screen_.Draw(lines);
}

void Terminal::PlainLine(const Event& event, const RunView& view) {
  const Tree& tree = view.state.tree();
  const std::string time = FormatDuration(event.elapsed) + "  ";
  if (std::holds_alternative<RunStarted>(event.body) ||
      std::holds_alternative<Resumed>(event.body)) {
    screen_.Say(options_.title);
    if (!options_.notice.empty()) screen_.Say(options_.notice);
  } else if (std::holds_alternative<Planned>(event.body)) {
    screen_.Say(time + "plan: " + view.state.plan()->text);
  } else if (std::holds_alternative<NodeAdded>(event.body)) {
    const Node& node = tree.at({static_cast<int64_t>(tree.size()) - 1});
    screen_.Say(time + "node " + NodeText(tree, node, screen_.traits()));
  } else if (const auto* checked = std::get_if<Checked>(&event.body)) {
    if (checked->check.alarm()) {
      screen_.Say(time + "ALARM: " + Harmless(CheckText(*checked)));
    }
  } else if (const auto* refit = std::get_if<Refitted>(&event.body)) {
    const std::string node = std::to_string(refit->node.value);
    screen_.Say(time +
                (refit->usable()
                     ? "node " + node + " fitted on " + FormatRows(refit->share)
                     : "node " + node + " could not be fitted: " +
                           Harmless(refit->outcome.detail + refit->doubt)));
  }
}

}  // namespace treesmith
