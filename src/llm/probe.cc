#include "llm/probe.h"

#include <memory>
#include <utility>

#include "llm/adapting.h"
#include "llm/wire_client.h"

namespace treesmith {
namespace {

// A reasoning model thinks before the word that is asked for.
constexpr int kProbeTokens = 2048;

LlmRequest SmallRequest() {
  return {.system = "You answer in one word.",
          .prefix = "",
          .tail = "Answer with the word ready.",
          .turns = {},
          .max_output_tokens = kProbeTokens,
          .temperature = 0.0};
}

LlmRequest SchemaRequest() {
  LlmRequest request = SmallRequest();
  request.tail = "Set the field ready to true.";
  request.schema = {
      .name = "state",
      .description = "Tells whether the model is ready.",
      .json = R"({"type":"object","properties":{"ready":{"type":"boolean"}},)"
              R"("required":["ready"],"additionalProperties":false})"};
  return request;
}

std::string UsageText(const LlmReply& reply) {
  return std::to_string(reply.usage.tokens_in) + " tokens in, " +
         std::to_string(reply.usage.tokens_out) + " out, " +
         std::to_string(reply.usage.time.count()) + " ms";
}

// Asks with the options as they are now and adapts them.
class Prober {
 public:
  Prober(const ModelConfig& config, HttpTransport& transport, Clock& clock,
         std::stop_token stop)
      : options_(config.options), stop_(std::move(stop)) {
    auto wire = std::make_unique<WireClient>(config.endpoint, config.prices,
                                             options_, transport, clock);
    client_ = std::make_unique<Adapting>(
        std::move(wire), config.label, options_,
        [this](const std::string& line) { notices_.push_back(line); });
  }

  LlmOutcome Ask(const LlmRequest& request) {
    return client_->Call(request, stop_);
  }
  ProbeLine Structured(const std::string& what, StructuredMode mode) {
    options_.Lock()->structured = mode;
    LlmOutcome outcome = Ask(SchemaRequest());
    if (const LlmFailure* failure = outcome.failure()) {
      return {what, false, failure->message};
    }
    const bool kept = options_.Lock()->structured == mode;
    const bool object = !outcome.reply()->structured.empty();
    return {what, kept && object,
            kept ? (object ? "an object came back" : "no object came back")
                 : "rejected or ignored"};
  }
  [[nodiscard]] bool streams() { return options_.Lock()->stream; }
  [[nodiscard]] const std::vector<std::string>& notices() const {
    return notices_;
  }

 private:
  SharedOptions options_;
  std::stop_token stop_;
  std::vector<std::string> notices_;
  std::unique_ptr<LlmClient> client_;
};

}  // namespace

std::vector<ProbeLine> Probe(const ModelConfig& config,
                             HttpTransport& transport, Clock& clock,
                             std::stop_token stop) {
  Prober prober(config, transport, clock, std::move(stop));
  LlmOutcome first = prober.Ask(SmallRequest());
  if (const LlmFailure* failure = first.failure()) {
    return {{"answers", false, failure->message}};
  }
  const LlmReply& reply = *first.reply();
  std::vector<ProbeLine> lines;
  lines.push_back({"answers", true, reply.model + ", " + UsageText(reply)});
  lines.push_back({"streaming", prober.streams(),
                   prober.streams() ? "asked for and taken" : "rejected"});
  lines.push_back({"usage figures", !reply.usage_estimated,
                   reply.usage_estimated ? "not told, so tokens are estimated"
                                         : "told by the provider"});
  lines.push_back({"price", reply.usage.cost_usd.has_value(),
                   reply.usage.cost_usd ? "known"
                                        : "unknown: --max-cost "
                                          "cannot be used"});
  lines.push_back(prober.Structured("JSON schema", StructuredMode::kSchema));
  lines.push_back(prober.Structured("tools", StructuredMode::kTool));
  for (const std::string& notice : prober.notices()) {
    lines.push_back({"dropped", true, notice});
  }
  return lines;
}

}  // namespace treesmith
