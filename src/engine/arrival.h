// Arrival: what a worker sends back to the engine loop.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "base/flag.h"
#include "base/hash.h"
#include "base/result.h"
#include "evaluation/evaluator.h"
#include "model/candidate.h"
#include "model/event.h"
#include "model/ids.h"
#include "operators/llm/llm_report.h"
#include "operators/llm/llm_reviewer.h"

namespace treesmith {

struct WriteArrived {
  StepId step;
  Result<Candidate> candidate;
  Hash128 form;  // of the candidate's normal form
};
struct UnitArrived {
  StepId step;
  int unit = 0;
  Result<UnitResult> result;
};
struct RaceArrived {
  StepId step;
  int units = 0;
  NodeId against;
  Result<RaceResult> result;
};
struct ScoreArrived {
  StepId step;
  Result<ScoreResult> result;
};
struct RefitArrived {
  NodeId node;
  double share = 1;  // of all train rows
  Result<RefitResult> result;
};
struct CanaryArrived {
  NodeId node;
  Result<Check> check;
};
struct ReviewArrived {
  StepId step;
  Result<Review> review;
};
struct ChoiceArrived {
  Result<Choice> choice;
};
struct ReportArrived {
  Result<ReportText> report;
};
// A call to a model, for the books.
struct CallArrived {
  std::variant<CallStarted, CallEnded> event;
  std::string answer;  // the blob CallEnded::reply
  // Raised when the event is in the log; may be null. Owned by the caller, who
  // may give up waiting, and by this.
  std::shared_ptr<Flag> written;
};

using Arrival =
    std::variant<WriteArrived, UnitArrived, RaceArrived, ScoreArrived,
                 RefitArrived, CanaryArrived, ChoiceArrived, ReviewArrived,
                 ReportArrived, CallArrived>;

}  // namespace treesmith
