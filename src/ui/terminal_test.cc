// The live view on a real pseudo-terminal.
#include "ui/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "testing/sample_run.h"
#include "testing/virtual_terminal.h"

namespace treesmith {
namespace {

using ::testing::ContainsRegex;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr ScreenTraits kLive{.live = true, .color = true, .unicode = false};

// Sets a variable for the time of one test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    ::setenv(name, value, 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

// Passes everything on, and looks at the terminal after each event.
class Watched : public Observer {
 public:
  Watched(VirtualTerminal& terminal, TerminalOptions options)
      : terminal_(terminal), view_(terminal.stream(), std::move(options)) {}
  void OnEvent(const Event& event, const RunView& view) override {
    RunView later = view;
    // The fake clock stands still; each event is a redraw.
    later.elapsed = std::chrono::seconds(++events_);
    view_.OnEvent(event, later);
    terminal_.Drain();
    if (!terminal_.lines().empty()) screens_.push_back(Joined());
  }
  void OnTick(const RunView&) override {}
  [[nodiscard]] const std::vector<std::string>& screens() const {
    return screens_;
  }

 private:
  std::string Joined() const {
    std::string all;
    for (const std::string& line : terminal_.lines()) all.append(line + "\n");
    return all;
  }

  VirtualTerminal& terminal_;
  Terminal view_;
  std::vector<std::string> screens_;
  int events_ = 0;
};

TEST(ScreenTest, ADrawingReplacesTheOneBefore) {
  VirtualTerminal terminal(24, 40);
  Screen screen(terminal.stream(), kLive);
  screen.Draw({"one", "two", "three"});
  screen.Draw({"four"});
  terminal.Drain();
  EXPECT_THAT(terminal.lines(), ElementsAre("four"));
  EXPECT_FALSE(terminal.cursor_shown());
}

TEST(ScreenTest, WhatIsSaidStaysAboveTheRegion) {
  VirtualTerminal terminal(24, 40);
  Screen screen(terminal.stream(), kLive);
  screen.Draw({"a", "b"});
  screen.Say("said");
  screen.Draw({"c"});
  terminal.Drain();
  EXPECT_THAT(terminal.lines(), ElementsAre("said", "c"));
}

TEST(ScreenTest, ClosingLeavesACleanTerminal) {
  VirtualTerminal terminal(24, 40);
  {
    Screen screen(terminal.stream(), kLive);
    screen.Draw({"a", "b"});
  }
  terminal.Drain();
  EXPECT_THAT(terminal.lines(), IsEmpty());
  EXPECT_EQ(terminal.cursor_row(), 0u);
  EXPECT_TRUE(terminal.cursor_shown());
}

TEST(ScreenTest, LongLinesAreCutNotWrapped) {
  VirtualTerminal terminal(24, 20);
  Screen screen(terminal.stream(), kLive);
  screen.Draw({std::string(100, 'x'), "end"});
  terminal.Drain();
  EXPECT_THAT(terminal.lines(), SizeIs(2));
  EXPECT_THAT(terminal.lines().front(), HasSubstr("xxx..."));
}

TEST(ScreenTest, ANarrowerWindowKeepsNothingOfTheOldRegion) {
  VirtualTerminal terminal(24, 40);
  Screen screen(terminal.stream(), kLive);
  screen.Say("before");
  screen.Draw({std::string(39, 'x'), std::string(12, 'y'), "z"});
  terminal.Drain();
  terminal.Resize(24, 10);
  screen.Draw({"new"});
  terminal.Drain();
  EXPECT_THAT(terminal.lines(), ElementsAre("before", "new"));
}

TEST(ScreenTest, AWiderWindowKeepsWhatStoodAbove) {
  VirtualTerminal terminal(24, 10);
  Screen screen(terminal.stream(), kLive);
  screen.Say("before");
  screen.Draw({std::string(30, 'x'), "y"});
  terminal.Drain();
  terminal.Resize(24, 80);
  screen.Draw({"new"});
  terminal.Drain();
  EXPECT_THAT(terminal.lines(), ElementsAre("before", "new"));
}

TEST(TerminalTest, ARunIsDrawnAndTakenAwayAtItsEnd) {
  const Variable term("TERM", "xterm");
  VirtualTerminal terminal(24, 80);
  Watched watched(terminal, {.title = "bikes (rmsle)"});
  SampleRun run;
  run.options().observers = {&watched};
  run.Make();
  ASSERT_THAT(watched.screens(), Not(IsEmpty()));
  EXPECT_THAT(watched.screens(), Each(HasSubstr("bikes (rmsle)  best ")));
  EXPECT_THAT(watched.screens().back(), HasSubstr("steps 12 of 12"));
  EXPECT_THAT(watched.screens().back(), HasSubstr("0 draft"));
  EXPECT_THAT(terminal.lines(), IsEmpty());
  EXPECT_TRUE(terminal.cursor_shown());
}

TEST(TerminalTest, ASmallWindowIsNeverOverfilled) {
  const Variable term("TERM", "xterm");
  VirtualTerminal terminal(6, 30);
  Watched watched(terminal, {.title = "bikes (rmsle)"});
  SampleRun run;
  run.options().observers = {&watched};
  run.Make();
  ASSERT_THAT(watched.screens(), Not(IsEmpty()));
  for (const std::string& screen : watched.screens()) {
    EXPECT_LT(std::ranges::count(screen, '\n'), 6) << screen;
  }
}

TEST(TerminalTest, ANoticeStandsOnEveryScreen) {
  const Variable term("TERM", "xterm");
  VirtualTerminal terminal(24, 80);
  Watched watched(terminal, {.title = "bikes", .notice = "no sandbox"});
  SampleRun run;
  run.options().observers = {&watched};
  run.Make();
  EXPECT_THAT(watched.screens(), Each(HasSubstr("no sandbox")));
}

TEST(TerminalTest, AScriptsWordsCannotSteerTheTerminal) {
  Refitted refit;
  refit.outcome = {OutcomeKind::kCrash, "boom \x1b]0;owned\x07 \x1b[2J"};
  const RunState state(Direction::kMinimize, 1);
  const BudgetLimits budget;
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  {
    Terminal terminal(file, {});
    terminal.OnEvent({0, {}, refit},
                     {state, budget, {}, std::chrono::seconds(1)});
  }
  ASSERT_EQ(std::fseek(file, 0, SEEK_SET), 0);
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  EXPECT_THAT(text, HasSubstr("boom"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(TerminalTest, NoColorMeansNone) {
  const Variable term("TERM", "xterm");
  VirtualTerminal terminal(24, 80);
  {
    Watched watched(terminal, {.title = "bikes"});
    SampleRun run;
    run.options().observers = {&watched};
    run.Make();
  }
  EXPECT_THAT(terminal.bytes(), HasSubstr("\x1b[1m"));
  const Variable no_color("NO_COLOR", "1");
  VirtualTerminal plain(24, 80);
  Watched watched(plain, {.title = "bikes"});
  SampleRun run;
  run.options().observers = {&watched};
  run.Make();
  EXPECT_THAT(plain.bytes(), HasSubstr("\x1b[J"));
  EXPECT_THAT(plain.bytes(), Not(ContainsRegex("\x1b\\[[0-9;]*m")));
}

TEST(TerminalTest, ADumbTerminalGetsPlainLines) {
  const Variable term("TERM", "dumb");
  VirtualTerminal terminal(24, 80);
  Watched watched(terminal, {.title = "bikes"});
  SampleRun run;
  run.options().observers = {&watched};
  run.Make();
  EXPECT_THAT(terminal.bytes(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(terminal.lines().front(), "bikes");
  EXPECT_THAT(watched.screens().back(), HasSubstr("node 11 "));
}

}  // namespace
}  // namespace treesmith
