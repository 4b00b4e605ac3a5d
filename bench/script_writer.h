// ScriptWriter: answers a coder's questions as a language model would.
//
// Scripts are the builtin coder's, so they run, differ and are as long as
// scripts for the task are; with a plan in front, sometimes with a bug. Where
// edits are asked for, most answers are edits and some are whole scripts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "operators/coder.h"
#include "table/profile.h"
#include "testing/tree_builder.h"

namespace treesmith {

class ScriptWriter {
 public:
  // `plan_bytes`: how long the text before a script is. Drafts are improved
  // before they are sent until they have `draft_bytes`.
  ScriptWriter(const Task& task, const Profile& profile, size_t plan_bytes,
               size_t draft_bytes);

  // `body`: a chat completion request. Any thread.
  std::string Answer(const std::string& body);

 private:
  struct State {
    TreeBuilder tree = TreeBuilder();
    // By node: what was written, and the script as it was sent, bug and all.
    std::vector<Candidate> written;
    std::vector<std::string> sent;
    std::map<std::string, NodeId> by_code;
    int improvements = 0;
  };
  Result<Candidate> Write(State& state, Operator op,
                          const std::vector<NodeId>& parents) const;
  void Grow(State& state, Candidate& draft) const;
  static void Remember(State& state, Candidate candidate, Operator op,
                       const std::vector<NodeId>& parents, std::string sent);
  std::string Repair(State& state, NodeId parent) const;
  std::string Script(State& state, const std::vector<NodeId>& parents,
                     bool whole) const;
  [[nodiscard]] std::string Plan(const std::string& idea) const;

  std::unique_ptr<Coder> builtin_;
  size_t plan_bytes_;
  size_t draft_bytes_;
  Guarded<State> state_;
};

// The edits that make `before` into `after`, each quoting lines that occur only
// once, with a line around what changes.
std::string EditsText(const std::string& before, const std::string& after);

}  // namespace treesmith
