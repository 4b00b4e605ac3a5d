// Terminal: the live view of a run on stderr.
//
// On a terminal a region is redrawn a few times a second: best so far, budget,
// what runs now, the tree. Elsewhere every node is one plain line. Draws only
// what events say, so a resumed run shows the same.
#pragma once

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

#include "engine/observer.h"
#include "ui/screen.h"

namespace treesmith {

struct TerminalOptions {
  std::string title = {};   // the task's name and metric
  std::string notice = {};  // said on every screen: running without a sandbox
  bool has_cost = false;    // a model is asked: show tokens and money
};

class Terminal : public Observer {
 public:
  // Where the stream is a live terminal, log lines go above the region from
  // now to Close. One such object at a time.
  Terminal(std::FILE* stream, TerminalOptions options);
  ~Terminal() override { Close(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void OnEvent(const Event& event, const RunView& view) override;
  void OnTick(const RunView& view) override;
  // Takes the live region away; what follows is printed normally.
  void Close();

 private:
  void Redraw(const RunView& view);
  void PlainLine(const Event& event, const RunView& view);
  std::string StatusLine(const RunView& view) const;
  std::string BudgetLine(const RunView& view) const;

  void SayLogLines();

  const TerminalOptions options_;
  Screen screen_;
  std::mutex log_mutex_;
  std::vector<std::string> log_;
  // Redrawn at most this often; the last drawing's time of the run.
  std::chrono::milliseconds drawn_{-1000};
};

}  // namespace treesmith
