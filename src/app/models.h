// Models: everything by which a run asks language models, wired.
//
// Clients, their books, cassettes, prompts, and the coder and reviewer made of
// them. Outlives the engine that uses it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/config.h"
#include "engine/engine.h"
#include "engine/ledger.h"
#include "llm/answer_cache.h"
#include "llm/cassette.h"
#include "llm/make_client.h"
#include "operators/llm/llm_coder.h"
#include "operators/llm/llm_report.h"
#include "operators/llm/llm_reviewer.h"
#include "operators/llm/prompt_facts.h"
#include "operators/llm/prompt_library.h"

namespace treesmith {

// The coder's own name: every other is a model.
inline constexpr char kBuiltinCoder[] = "builtin";

// Checks all that can be checked of asking before anything is made: names,
// keys, prices under --max-cost, operators, memory. BadInput otherwise.
Status CheckModels(const RunConfig& config, const Environment& environment);

class Models {
 public:
  // REQUIRES: CheckModels. `asked`: by the run before it was resumed (AskedIn).
  // BadInput: prompts or cassettes that cannot be used; an error of the file
  // system where the cache's folder cannot be made.
  static Result<std::unique_ptr<Models>> Open(
      const RunConfig& config, const Environment& environment,
      PromptFacts facts, std::span<const Cassette::Asked> asked);

  // Borrow this.
  std::unique_ptr<Coder> MakeCoder() const;
  ReviewPart MakeReview();
  Result<ReportText> WriteReport(const ReportQuestion& question,
                                 std::stop_token stop) const {
    return WriteReportText(Parts(), question, std::move(stop));
  }
  Ledger& ledger() { return ledger_; }

 private:
  Models(const RunConfig& config, PromptFacts facts);
  Status OpenCassettes(const ModelSettings& settings,
                       std::span<const Cassette::Asked> asked);
  Status MakeClients(const RunConfig& config, const Environment& environment);
  [[nodiscard]] LlmParts Parts() const;

  SystemClock clock_;
  SystemPause pause_;
  std::unique_ptr<HttpTransport> transport_;
  Ledger ledger_;
  std::unique_ptr<Cassette> record_;
  std::unique_ptr<Cassette> replay_;
  std::unique_ptr<AnswerCache> cache_;
  // By the text that names the model.
  std::map<std::string, std::unique_ptr<LlmClient>> clients_;
  std::optional<LlmClients> by_purpose_;
  PromptLibrary prompts_ = PromptLibrary::Builtin();
  PromptFacts facts_;
  LlmOptions options_;
  std::unique_ptr<LlmReviewer> reviewer_;
};

// The calls in a log, as a cassette counts them.
std::vector<Cassette::Asked> AskedIn(const std::vector<Event>& events);

}  // namespace treesmith
