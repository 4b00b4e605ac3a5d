// AnswerCache: answers that later runs get without asking (--cache FOLDER).
//
// One file an answer, written beside its place and renamed, so that any number
// of runs may share a folder. An answer is found by the question's name
// (HashRequest) and its occurrence in the run: who asks the same twice wants
// two answers, and gets the same two in the next run. One surprise: what a
// clock measured or a script printed is no part of a name, and would else make
// every question new; only of a question for facts (one with a schema, such as
// a review) it counts, since the answer is read off it. Kept is what was
// answered in order; failures, refusals and empty answers are asked for again.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/guarded.h"
#include "base/result.h"
#include "llm/metered.h"

namespace treesmith {

class AnswerCache {
 public:
  // Makes the folder where it is missing. An error when it cannot be made.
  static Result<std::unique_ptr<AnswerCache>> Open(
      const std::filesystem::path& folder);

  // Counts a question as asked. Any thread, as all below.
  struct Asking {
    Hash128 name;   // HashRequest
    Hash128 facts;  // of what was measured, where that counts; else zero
    int occurrence = 0;
  };
  Asking Next(Hash128 name, const LlmRequest& request);
  // For a question that got no answer to keep: as if it had not been asked.
  void TakeBack(const Asking& asking);
  // The questions that were answered in the run before it was resumed.
  void Continue(std::span<const Hash128> names);

  // A file that cannot be read is as good as none.
  [[nodiscard]] std::optional<LlmReply> Find(const Asking& asking) const;
  Status Add(const Asking& asking, const LlmReply& reply) const;

 private:
  explicit AnswerCache(std::filesystem::path folder)
      : folder_(std::move(folder)) {}
  [[nodiscard]] std::filesystem::path FileOf(const Asking& asking) const;

  std::filesystem::path folder_;
  Guarded<std::map<Hash128, int>> occurrences_;
};

// Answers from the cache where it can: at no cost, without a reservation, and
// told to the observer as cached; else asks and keeps what was answered.
class Cached : public LlmClient {
 public:
  // `label`: as in Endpoint. `cache` and `observer` must outlive this.
  Cached(std::unique_ptr<LlmClient> inner, std::string label,
         AnswerCache& cache, CallObserver& observer)
      : inner_(std::move(inner)),
        label_(std::move(label)),
        cache_(cache),
        observer_(observer) {}
  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override;

 private:
  std::unique_ptr<LlmClient> inner_;
  std::string label_;
  AnswerCache& cache_;
  CallObserver& observer_;
};

}  // namespace treesmith
