// Event: one fact of a run. The log of events is the run (docs/events.md).
//
// State is a fold over events: whatever a decision needs must be in one of
// them. All events that one arrival causes are written in one transaction
// before anything acts on them. Times and memory are the only fields that two
// equal runs may differ in; `show --canonical` leaves them out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "model/candidate.h"
#include "model/check.h"
#include "model/execution.h"
#include "model/node.h"

namespace treesmith {

struct RunStarted {
  // The whole configuration, JSON as app/ writes it.
  std::string config;
  uint64_t seed = 0;
  Hash128 task_digest;
  // JSON: treesmith, Python and package versions.
  std::string versions;
  // What the scores rest on: JSON as evaluation/seals.h writes it. Empty in
  // logs of before there were any.
  std::string seals = {};
};

// The process went on after it had ended, in whatever way.
struct Resumed {
  std::string versions;
  std::string sandbox = {};  // of this process; empty in old logs: as before
};

// The hidden split, cut once: evaluation/ reads and writes the JSON.
struct FoldsCut {
  std::string plan;
  // Blob: what the data is like (table/profile.h). Zero in older logs.
  Hash128 profile = {};
};

struct Proposed {
  StepId step;
  Proposal proposal;
};

// Before a paid call: what it may cost at most.
struct CallStarted {
  StepId step;
  std::string purpose;
  std::string model;  // "openai:gpt-5"
  int attempt = 0;
  Hash128 request;
  int64_t reserved_tokens = 0;
  std::optional<double> reserved_usd;
};

// After it, whatever came of it: a call with an error text has failed and is
// booked all the same.
struct CallEnded {
  StepId step;
  std::string purpose;
  std::string model;
  int attempt = 0;
  Hash128 request;
  // Blob: answer or failure as llm/reply_json.h writes it; zero when the run
  // itself cut the call off.
  Hash128 reply;
  std::string error;
  Usage usage;
  // Answered from the cache of answers (--cache): nothing was asked or spent,
  // and there is no CallStarted.
  bool cached = false;
};

// The coder has answered; `script` is the blob of its code.
struct Written {
  StepId step;
  std::string plan;
  std::string change;
  std::string family;
  std::string origin;
  double nominal_cost = 0;
  Hash128 script;
  Usage usage;
  // Names the script's normal form (code/normal_form.h); zero in old logs.
  Hash128 form = {};
  // Set when there is no script: the coder declined, or found a duplicate.
  std::optional<Outcome> rejected;
};

// One unit (fold of a repeat) was run and, if it ended well, scored.
struct FoldRun {
  StepId step;
  int unit = 0;
  Outcome outcome;
  int exit_code = 0;
  int signal = 0;
  std::chrono::milliseconds wall{0};
  std::chrono::milliseconds cpu{0};
  int64_t peak_memory_bytes = 0;
  // The metric on this unit's hidden rows; absent unless scored.
  std::optional<double> value;
  Hash128 predictions;
  Hash128 output;
  // Content of the files that the script saw; zero where it is not known.
  Hash128 view = {};
};

// Racing looked at a step after some of its units.
struct Raced {
  StepId step;
  int units = 0;
  NodeId against;
  // That the node, completed, would be better than `against`.
  double probability = 0;
  bool stopped = false;
};

// The first rung is done and the node is a contender: it goes on to the later
// rungs (repeats) before it is added.
struct Scored {
  StepId step;
  NodeScore score;
};

// A model read what a script printed: what it found, and in reported mode the
// metric, where there is one.
struct Reviewed {
  StepId step;
  std::string finding;
  std::optional<double> metric;
};

// Everything that the node adds to what is above; ends its step.
struct NodeAdded {
  StepId step;
  Outcome outcome;
  std::optional<NodeScore> score;
  std::string finding;
  Hash128 output;
  Hash128 diagnosis;
};

// A node was run on all train rows; its submission is a blob.
struct Refitted {
  NodeId node;
  Outcome outcome;
  std::chrono::milliseconds wall{0};
  Hash128 submission;
  Hash128 predictions;
  // Why its predictions are not used though it ended well; empty otherwise.
  std::string doubt;
  // Of all train rows; less for a first submission in a hurry.
  double share = 1;

  // Whether its submission and predictions may be used.
  [[nodiscard]] bool usable() const {
    return outcome.scored() && doubt.empty();
  }
};

// A person changed something while it ran: JSON, as engine/ reads it.
struct Steered {
  std::string command;
};

// New limits from the command line of `resume`; JSON as in RunStarted.
struct BudgetChanged {
  std::string budget;
};

// The run is over: why, and what was chosen (JSON as engine/finish writes it).
struct Finished {
  std::string reason;
  std::string answer;
};

// How the run spends its time, once it is known: JSON as engine/ writes it.
struct Planned {
  std::string plan;
};

// The search is over, and the end has begun: a resumed run goes on there.
struct SearchEnded {
  std::string reason;
};

// The host looked whether a score is what it seems (docs/events.md).
struct Checked {
  NodeId node;  // not valid: it is about the run
  Check check;
};

using EventBody =
    std::variant<RunStarted, Resumed, FoldsCut, Proposed, CallStarted,
                 CallEnded, Written, FoldRun, Raced, Scored, NodeAdded,
                 Refitted, Steered, BudgetChanged, Finished, Reviewed, Planned,
                 SearchEnded, Checked>;

struct Event {
  // Position in the log, from 1; given by the store.
  int64_t seq = 0;
  // Milliseconds that the run has been active, pauses not counted.
  std::chrono::milliseconds elapsed{0};
  EventBody body;
};

// "RunStarted", "Proposed" ...: the column `kind` of the log.
std::string_view EventKind(const EventBody& body);

// The column `body`: JSON, one line, keys sorted. Bytes that are not UTF-8 are
// replaced; absent and non-finite numbers are null.
std::string EncodeEvent(const EventBody& body);

// Fails on a kind that this version does not know and on JSON that is not such
// a body; the message names both.
Result<EventBody> DecodeEvent(std::string_view kind, std::string_view json);

// EncodeEvent without times, memory and other things that differ between two
// equal runs: the line that `show --canonical` prints. Nothing for Resumed, and
// nothing for CallStarted: a call that a kill cut off was started twice, and
// what is to be told of it stands in its end.
std::optional<std::string> CanonicalEvent(const EventBody& body);

}  // namespace treesmith
