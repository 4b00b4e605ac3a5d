#include "operators/llm/llm_report.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "operators/llm/answer.h"
#include "operators/llm/ask.h"
#include "operators/llm/memory_text.h"
#include "operators/llm/task_values.h"
#include "operators/llm/text.h"

namespace treesmith {
namespace {

constexpr size_t kMostNodes = 60;
constexpr int64_t kMostTokens = 8'000;
constexpr size_t kCodeBytes = 24'000;
constexpr int kReportTokens = 8'192;

std::string Counts(const ReportQuestion& question) {
  const NodeSnapshot& nodes = question.nodes;
  size_t complete = 0;
  size_t failed = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].complete()) ++complete;
    if (nodes[i].buggy()) ++failed;
  }
  std::string text = fmt::format(
      "{} scripts were written; {} were scored on all hidden rows, {} failed.",
      nodes.size(), complete, failed);
  if (question.best) {
    text += " The best single one is " +
            NodeName(nodes[question.best->index()]) + ".";
  }
  return text;
}

// Models like to put a whole page into one fence.
std::string PlainMarkdown(std::string_view text) {
  const std::vector<Fence> fences = FindFences(text);
  const bool wrapped = fences.size() == 1 && fences.front().begin == 0 &&
                       fences.front().end == text.size();
  return wrapped ? fences.front().content : std::string(text);
}

}  // namespace

Result<ReportText> WriteReportText(const LlmParts& parts,
                                   const ReportQuestion& question,
                                   std::stop_token stop) {
  const PromptFacts& facts = parts.facts;
  MemoryQuery query;
  query.scope = MemoryScope::kDigest;
  query.max_nodes = kMostNodes;
  query.max_tokens = kMostTokens;
  LlmRequest request;
  request.tail = parts.prompts.Render(
      "report", {{"goal", ClipSentences(facts.task.goal, kGoalBytes)},
                 {"metric", facts.metric},
                 {"better", BetterText(facts.direction)},
                 {"answer", question.answer},
                 {"counts", Counts(question)},
                 {"memory", MemoryText(question.nodes, query)},
                 {"code", ClipMiddle(question.best_code, kCodeBytes)}});
  request.max_output_tokens = kReportTokens;
  request.temperature = parts.options.temperature;
  request.purpose = LlmPurposeName(LlmPurpose::kReport);
  // A report belongs to no step; the books file it after the last one.
  request.step = question.nodes.size();
  TRY_ASSIGN(const LlmReply reply,
             AskModel(parts.clients.For(LlmPurpose::kReport), request,
                      std::move(stop)));
  std::string markdown = PlainMarkdown(StripReasoning(reply.text));
  if (markdown.empty()) return Failed("write report: the answer is empty");
  return ReportText{std::move(markdown), reply.usage};
}

}  // namespace treesmith
