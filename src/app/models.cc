#include "app/models.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"

namespace treesmith {
namespace {

// A model's context is for question and answer: half of it for each.
constexpr int kQuestionShare = 2;

Result<ModelConfig> Resolve(const std::string& text, const RunConfig& config,
                            const Environment& environment) {
  const KeyNeed need =
      config.models.replay.empty() ? KeyNeed::kNow : KeyNeed::kNever;
  return ResolveModel(text, config.models.tables, environment, need);
}

std::set<std::string> NamesOf(const RunConfig& config) {
  std::set<std::string> names = {config.coder};
  for (const auto& [purpose, name] : config.models.by_purpose) {
    names.insert(name);
  }
  return names;
}

// "digest" or "improve=digest".
Status ApplyMemory(const std::string& text, LlmOptions& options) {
  const size_t equals = text.find('=');
  const std::string word =
      equals == std::string::npos ? text : text.substr(equals + 1);
  const auto scope = ParseMemoryScope(word);
  if (!scope) {
    return BadInput("choose memory '" + text + "': unknown scope",
                    "none, all-good, siblings, ancestors or digest, for one "
                    "operator as improve=digest");
  }
  if (equals == std::string::npos) {
    options.memory.fill(*scope);
    return {};
  }
  const auto op = ParseOperator(text.substr(0, equals));
  if (!op) {
    return BadInput("choose memory '" + text + "': unknown operator",
                    "draft, improve, debug or crossover");
  }
  options.SetMemory(*op, *scope);
  return {};
}

Result<LlmOptions> OptionsOf(const ModelSettings& settings) {
  const auto set = ParseOperatorSet(settings.operators);
  if (!set) {
    return BadInput("choose operators '" + settings.operators + "': unknown",
                    "--operators aide or aira");
  }
  LlmOptions options = DefaultLlmOptions(*set);
  for (const std::string& text : settings.memory) {
    TRY(ApplyMemory(text, options));
  }
  return options;
}

}  // namespace

Status CheckModels(const RunConfig& config, const Environment& environment) {
  for (const auto& [purpose, name] : config.models.by_purpose) {
    if (ParseLlmPurpose(purpose)) continue;
    return BadInput("choose a model for '" + purpose + "': no such purpose",
                    "draft, improve, debug, crossover, review or report");
  }
  for (const std::string& name : NamesOf(config)) {
    TRY_ASSIGN(const ModelConfig model, Resolve(name, config, environment));
    if (config.budget.cost_usd && !model.prices) {
      return BadInput(
          "limit the cost of " + model.label + ": its price is not known",
          "set price_input and price_output in [models.NAME], or use "
          "--max-tokens");
    }
  }
  TRY(OptionsOf(config.models));
  return {};
}

Models::Models(const RunConfig& config, PromptFacts facts)
    : transport_(MakeCurlTransport()),
      ledger_({config.budget.tokens, config.budget.cost_usd}),
      facts_(std::move(facts)) {}

Result<std::unique_ptr<Models>> Models::Open(
    const RunConfig& config, const Environment& environment, PromptFacts facts,
    std::span<const Cassette::Asked> asked) {
  std::unique_ptr<Models> models(new Models(config, std::move(facts)));
  TRY_ASSIGN(models->options_, OptionsOf(config.models));
  if (!config.models.prompts.empty()) {
    TRY_ASSIGN(models->prompts_, PromptLibrary::Load(config.models.prompts));
  }
  TRY(models->OpenCassettes(config.models, asked));
  TRY(models->MakeClients(config, environment));
  models->reviewer_ = std::make_unique<LlmReviewer>(models->Parts());
  return models;
}

Status Models::OpenCassettes(const ModelSettings& settings,
                             std::span<const Cassette::Asked> asked) {
  if (!settings.record.empty()) {
    TRY_ASSIGN(record_, Cassette::Open(settings.record, CassetteMode::kRecord));
  }
  if (!settings.replay.empty()) {
    TRY_ASSIGN(replay_, Cassette::Open(settings.replay, CassetteMode::kReplay));
  }
  for (Cassette* cassette : {record_.get(), replay_.get()}) {
    if (cassette != nullptr) cassette->Continue(asked);
  }
  if (!settings.cache.empty()) {
    TRY_ASSIGN(cache_, AnswerCache::Open(settings.cache));
    std::vector<Hash128> answered;
    for (const Cassette::Asked& one : asked) {
      if (!one.failed) answered.push_back(one.hash);
    }
    cache_->Continue(answered);
  }
  return {};
}

Status Models::MakeClients(const RunConfig& config,
                           const Environment& environment) {
  ClientMaker maker(
      {.transport = *transport_,
       .clock = clock_,
       .pause = pause_,
       .meter = ledger_.meter(),
       .observer = ledger_,
       .seed = config.seed,
       .notice = [](const std::string& line) { LOG(kWarning, "llm", line); },
       .record = record_.get(),
       .replay = replay_.get(),
       .cache = cache_.get(),
       .answered = &ledger_.answered()});
  for (const std::string& name : NamesOf(config)) {
    TRY_ASSIGN(const ModelConfig model, Resolve(name, config, environment));
    if (const auto& context = model.options.context_tokens) {
      const int64_t bound = *context / kQuestionShare;
      options_.prompt_tokens = options_.prompt_tokens == 0
                                   ? bound
                                   : std::min(options_.prompt_tokens, bound);
    }
    clients_[name] = maker.Make(model);
  }
  by_purpose_.emplace(*clients_.at(config.coder));
  for (const auto& [purpose, name] : config.models.by_purpose) {
    by_purpose_->Set(*ParseLlmPurpose(purpose), *clients_.at(name));
  }
  return {};
}

LlmParts Models::Parts() const {
  return {*by_purpose_, prompts_, facts_, options_};
}

std::unique_ptr<Coder> Models::MakeCoder() const {
  return std::make_unique<LlmCoder>(Parts());
}

ReviewPart Models::MakeReview() {
  return {.wanted = LlmReviewer::Wanted,
          .ask = [this](const ReviewQuestion& question, std::stop_token stop) {
            return reviewer_->Ask(question, std::move(stop));
          }};
}

std::vector<Cassette::Asked> AskedIn(const std::vector<Event>& events) {
  std::vector<Cassette::Asked> asked;
  for (const Event& event : events) {
    const auto* call = std::get_if<CallEnded>(&event.body);
    // What the run itself cut off is in no cassette.
    if (call == nullptr || call->reply.IsZero()) continue;
    asked.push_back({call->request, static_cast<uint64_t>(call->step.value),
                     call->purpose, !call->error.empty()});
  }
  return asked;
}

}  // namespace treesmith
