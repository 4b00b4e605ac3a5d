#include "operators/llm/llm_coder.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "code/edit.h"
#include "code/syntax_check.h"
#include "llm/wire_format.h"
#include "operators/llm/answer.h"
#include "operators/llm/ask.h"
#include "operators/llm/memory_text.h"
#include "operators/llm/script_family.h"
#include "operators/llm/step_values.h"
#include "operators/llm/task_values.h"
#include "operators/llm/text.h"

namespace treesmith {
namespace {

// Longer ones would fill the prompts that are made of them.
constexpr size_t kMostScriptBytes = 100'000;
// Of an answer that is shown back to the model with the reason.
constexpr size_t kShownBytes = 24'000;
// A cut answer is asked for again with this much more room, up to a bound.
constexpr int kMoreRoom = 2;
constexpr int kMostRoom = 4 * kDefaultMaxOutputTokens;

Error Unusable(std::string reason) { return BadInput(std::move(reason)); }

// What is wrong with an answer before its text is looked at.
Status CheckFinish(const LlmReply& reply) {
  switch (reply.finish) {
    case LlmFinish::kStop:
      return {};
    case LlmFinish::kLength:
      return Unusable("it was cut off before its end");
    case LlmFinish::kRefusal:
      return Unusable("it declines the task");
    case LlmFinish::kEmpty:
      return Unusable("it is empty");
  }
  return {};
}

Result<std::string> EditedScript(std::string_view text,
                                 const Assignment& assignment) {
  if (assignment.parents.empty()) {
    return Unusable("there is no script yet that edits could change");
  }
  TRY_ASSIGN(const std::vector<Edit> edits, ParseEdits(text));
  if (edits.empty()) return Unusable("it holds no edit that can be read");
  return ApplyEdits(assignment.parents.front().code, edits);
}

Status CheckScript(const std::string& code, const Assignment& assignment,
                   const PromptFacts& facts) {
  if (code.size() > kMostScriptBytes) {
    return Unusable(
        fmt::format("the script has {} bytes, of which {} are "
                    "allowed",
                    code.size(), kMostScriptBytes));
  }
  if (const auto error = CheckSyntax(code)) return Unusable(Describe(*error));
  const bool submits =
      facts.task.mode == EvaluationMode::kHidden || !facts.task.test.empty();
  if (submits && !code.contains("submission")) {
    return Unusable("the script never writes working/submission.csv");
  }
  for (const ParentView& parent : assignment.parents) {
    if (parent.code == code) {
      return Unusable(fmt::format("the script is the same as that of node {}",
                                  parent.id.value));
    }
  }
  return {};
}

std::string ChangeOf(const ModelAnswer& answer, const Candidate& candidate,
                     Operator op) {
  if (!answer.label.empty()) return answer.label;
  std::string change(OperatorName(op));
  if (!candidate.family.empty()) change += "." + candidate.family;
  return change;
}

Result<Candidate> ReadCandidate(const LlmReply& reply,
                                const Assignment& assignment,
                                const PromptFacts& facts) {
  TRY(CheckFinish(reply));
  TRY_ASSIGN(const ModelAnswer answer, ReadAnswer(reply.text));
  Candidate candidate;
  candidate.script.code = answer.code;
  if (answer.edits) {
    TRY_ASSIGN(candidate.script.code,
               EditedScript(StripReasoning(reply.text), assignment));
  }
  TRY(CheckScript(candidate.script.code, assignment, facts));
  candidate.family = FamilyOf(candidate.script.code);
  candidate.change = ChangeOf(answer, candidate, assignment.op);
  candidate.plan = answer.plan.empty() ? "No plan was given." : answer.plan;
  return candidate;
}

std::string Advice(const LlmReply& reply, const Assignment& assignment) {
  if (reply.finish == LlmFinish::kLength) {
    return "Write less: a short plan and a compact script.";
  }
  if (reply.text.contains("<<<<<<<") && !assignment.parents.empty()) {
    return "If edits are difficult here, send the whole script instead.";
  }
  return "";
}

// A builtin's node has an origin, and may have had a model's review.
bool ModelHasWritten(const NodeSnapshot& nodes) {
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].origin.empty() && nodes[i].usage.tokens_out > 0) return true;
  }
  return false;
}

}  // namespace

LlmCoder::LlmCoder(LlmParts parts)
    : parts_(parts),
      system_(parts_.prompts.Render("system", {})),
      prefix_(parts_.prompts.Render("task", TaskValues(parts_.facts)) + "\n"),
      lean_prefix_(parts_.prompts.Render("task", LeanTaskValues(parts_.facts)) +
                   "\n") {}

bool LlmCoder::Accepts(Operator /*op*/, const std::vector<NodeId>& parents,
                       const NodeSnapshot& nodes) const {
  return std::ranges::none_of(parents, [&](NodeId id) {
    return nodes[id.index()].outcome.kind == OutcomeKind::kDuplicate;
  });
}

int LlmCoder::draft_count() const { return parts_.options.drafts; }

int LlmCoder::LeannessOf(const Assignment& assignment) const {
  const int64_t bound = parts_.options.prompt_tokens;
  int leanness = 0;
  while (bound > 0 && leanness < kLeanest &&
         PromptBytes(QuestionAt(leanness, assignment)) >
             static_cast<size_t>(bound * kBytesPerToken)) {
    ++leanness;
  }
  return leanness;
}

LlmRequest LlmCoder::Question(const Assignment& assignment) const {
  return QuestionAt(LeannessOf(assignment), assignment);
}

LlmRequest LlmCoder::QuestionAt(int leanness,
                                const Assignment& assignment) const {
  LlmOptions options = parts_.options;
  if (leanness > 0) {
    options.memory_tokens /= 4;
    options.output_bytes /= 4;
  }
  if (leanness > 1) options.SetMemory(assignment.op, MemoryScope::kNone);
  const std::string name = std::string(OperatorSetName(options.operators)) +
                           "/" + std::string(OperatorName(assignment.op));
  LlmRequest request;
  request.system = system_;
  request.prefix = leanness < kLeanest ? prefix_ : lean_prefix_;
  request.tail = parts_.prompts.Render(
      name, StepValues(assignment, parts_.facts, options));
  request.measured = parts_.prompts.Render(
      "measured", MeasuredValues(assignment, parts_.facts, options));
  request.max_output_tokens = options.max_output_tokens;
  request.temperature = options.temperature;
  request.purpose = LlmPurposeName(PurposeOf(assignment.op));
  request.step = static_cast<uint64_t>(assignment.step.value);
  return request;
}

LlmOutcome LlmCoder::AskFirst(LlmRequest& request, const Assignment& assignment,
                              Usage& usage, std::stop_token stop) {
  LlmClient& client = parts_.clients.For(PurposeOf(assignment.op));
  int leanness = LeannessOf(assignment);
  while (true) {
    request = QuestionAt(leanness, assignment);
    LlmOutcome outcome = client.Call(request, stop);
    const LlmFailure* failure = outcome.failure();
    const bool too_long =
        failure != nullptr && failure->kind == FailureKind::kTooLong;
    if (!too_long || leanness == kLeanest) return outcome;
    usage += outcome.usage();
    ++leanness;
  }
}

Result<Candidate> LlmCoder::Write(const Assignment& assignment,
                                  std::stop_token stop) {
  LlmClient& client = parts_.clients.For(PurposeOf(assignment.op));
  const std::string act = "write " + std::string(OperatorName(assignment.op));
  const int tries = std::max(1, parts_.options.tries);
  LlmRequest request;
  Usage usage;
  std::string reason;
  for (int i = 0; i < tries; ++i) {
    LlmOutcome outcome = i == 0 ? AskFirst(request, assignment, usage, stop)
                                : client.Call(request, stop);
    usage += outcome.usage();
    if (const LlmFailure* failure = outcome.failure()) {
      return Failed(*failure, assignment);
    }
    answered_ = true;
    const LlmReply& reply = *outcome.reply();
    Result<Candidate> candidate =
        ReadCandidate(reply, assignment, parts_.facts);
    if (candidate.ok()) {
      candidate->usage = usage;
      return candidate;
    }
    reason = candidate.error().message;
    AskAgain(reply, reason, Advice(reply, assignment), request);
  }
  return BadInput(fmt::format("{}: none of {} answers could be used: {}", act,
                              tries, reason));
}

Error LlmCoder::Failed(const LlmFailure& failure,
                       const Assignment& assignment) const {
  const bool too_long = failure.kind == FailureKind::kTooLong;
  const bool faulty = failure.kind == FailureKind::kBadRequest ||
                      failure.kind == FailureKind::kParameter;
  // Another step, from a shorter script, may fit; and where others were
  // answered, the fault lies in what this one asks.
  const bool step_only = (too_long && assignment.op != Operator::kDraft) ||
                         ((too_long || faulty) &&
                          (answered_ || ModelHasWritten(assignment.nodes)));
  if (!step_only) return StepError(failure);
  return BadInput("write " + std::string(OperatorName(assignment.op)) + ": " +
                  failure.message);
}

// Only the last failure is shown, so that the prompt stays bounded.
void LlmCoder::AskAgain(const LlmReply& reply, const std::string& reason,
                        const std::string& advice, LlmRequest& request) const {
  if (reply.finish == LlmFinish::kLength) {
    request.max_output_tokens =
        std::min(kMostRoom, request.max_output_tokens * kMoreRoom);
  }
  const std::string shown =
      reply.text.empty() ? "(no text)" : ClipMiddle(reply.text, kShownBytes);
  request.turns = {
      {LlmRole::kAssistant, shown},
      {LlmRole::kUser, parts_.prompts.Render(
                           "again", {{"reason", reason}, {"advice", advice}})}};
}

}  // namespace treesmith
