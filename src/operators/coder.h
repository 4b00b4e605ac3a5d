// Coder: turns an operator and its parents into a new script.
//
// A coder sees an Assignment and nothing else: no tree, no store, no clock. The
// same assignment (and, for a model, the same replies) gives the same
// candidate, so a resumed run writes what the undisturbed one would have.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "model/candidate.h"
#include "model/task.h"
#include "model/tree.h"

namespace treesmith {

// A node that the new script is made from, with the texts that lie in the
// store.
struct ParentView {
  NodeId id;
  std::string code;
  std::string output;
  std::string diagnosis;
};

struct Assignment {
  StepId step;
  Operator op = Operator::kDraft;
  std::vector<ParentView> parents;
  // All nodes so far: `parents[i]` is nodes[parents[i].id.index()]. A memory
  // scope (search/memory.h) chooses from them.
  NodeSnapshot nodes;
  // Work in flight that has no node yet: the `change` labels of candidates that
  // were written. With several workers, a draft must differ from these too.
  std::vector<std::string> changes_in_flight;
  // Scripts that were refused for this step and why, oldest first: "equal to
  // node 7". Empty at the first try.
  std::vector<std::string> refused;
  // Of the run; 0 when there is no such bound.
  std::chrono::milliseconds time_left{0};
  int64_t steps_left = 0;
  // The limit under which the script will run.
  std::chrono::milliseconds script_timeout{0};
  int threads = 1;
  // Of all train rows: what one run of the script will be fitted on.
  double train_share = 1;
  // The candidate's own stream of chance.
  Rng rng{0};
};

class Coder {
 public:
  virtual ~Coder() = default;

  // Whether Write can answer this: the builtin cannot improve a script that it
  // has no recipe of. Cheap; called by the engine loop.
  [[nodiscard]] virtual bool Accepts(Operator op,
                                     const std::vector<NodeId>& parents,
                                     const NodeSnapshot& nodes) const = 0;

  // How many drafts this coder has to offer before it repeats itself: policies
  // draft that many. `Accepts(kDraft)` may still be false later.
  [[nodiscard]] virtual int draft_count() const = 0;

  // Nominal costs of the drafts to come, in their order, in the unit of
  // Candidate::nominal_cost; empty where they are not known.
  [[nodiscard]] virtual std::vector<double> draft_costs() const { return {}; }

  // Blocks until there is a candidate. Called by worker threads, several at
  // once. An Error with kBadInput means: no candidate can be made of this
  // (every change was tried); the step ends as a duplicate with that text.
  virtual Result<Candidate> Write(const Assignment& assignment,
                                  std::stop_token stop) = 0;
};

}  // namespace treesmith
