// Cassette: a file of requests and answers, one JSON object a line.
//
// Answers are found by the request's hash and its occurrence (the first time
// it was asked, the second ...), so that a search replays bit for bit whatever
// order its workers ask in. Prompts tell what scripts print and how long they
// ran, which no run repeats; a question that differs in that is answered by its
// place: the same step, purpose and number. Keys are never in it: a request has
// none.
//
// The first line names format and version. A line that a kill cut off at the
// end is ignored.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "llm/llm_client.h"

namespace treesmith {

enum class CassetteMode {
  kRecord,  // adds to the file; made when it is missing
  kReplay,  // reads only
};

class Cassette {
 public:
  // kBadInput when a file to replay is missing or is no cassette.
  static Result<std::unique_ptr<Cassette>> Open(
      const std::filesystem::path& path, CassetteMode mode);

  // Counts a question as asked: 0 the first time that a hash is asked for, then
  // 1, 2 ... and the same for the questions of a step and purpose. A recording
  // goes on counting where the file ends, a replay starts at 0. Any thread.
  struct Asking {
    Hash128 hash;
    int occurrence = 0;
    int place = 0;
  };
  Asking Next(Hash128 hash, const LlmRequest& request);
  // For a question that was cut off: as if it had not been asked.
  void TakeBack(const Asking& asking, const LlmRequest& request);
  // By hash and occurrence.
  std::optional<LlmOutcome> Find(const Asking& asking);
  // By step, purpose and place.
  std::optional<LlmOutcome> FindByPlace(const Asking& asking,
                                        const LlmRequest& request);
  // On the disk (not synced) when it returns; replaces an answer of the same
  // hash and occurrence. Any thread.
  Status Add(const Asking& asking, const LlmRequest& request,
             LlmOutcome& outcome);

  // The questions that the run had asked before it was resumed, as its log has
  // them: counting goes on behind these, whatever the file holds.
  struct Asked {
    Hash128 hash;
    uint64_t step = 0;
    std::string purpose;
    bool failed = false;
  };
  void Continue(std::span<const Asked> asked);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  using StepPurpose = std::pair<uint64_t, std::string>;
  struct State {
    std::ofstream file;
    std::map<Hash128, int> occurrences;
    std::map<StepPurpose, int> places;
    std::vector<std::string> answers;
    // Indexes of `answers`.
    std::map<std::pair<Hash128, int>, size_t> by_hash;
    std::map<StepPurpose, std::vector<size_t>> by_place;
  };
  explicit Cassette(std::filesystem::path path) : path_(std::move(path)) {}
  Status Load(CassetteMode mode);
  static void LoadLine(std::string_view line, State& state);

  std::filesystem::path path_;
  Guarded<State> state_;
};

// Asks, and keeps what was answered, failures too; not what was cancelled.
class Recorded : public LlmClient {
 public:
  // The cassette must outlive this. `label`: as in Endpoint.
  Recorded(std::unique_ptr<LlmClient> inner, std::string label,
           Cassette& cassette)
      : inner_(std::move(inner)),
        label_(std::move(label)),
        cassette_(cassette) {}
  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override;

 private:
  std::unique_ptr<LlmClient> inner_;
  std::string label_;
  Cassette& cassette_;
};

// Answers from the cassette alone, with the usage of then. A question for whose
// place there is no answer is a kBadRequest failure.
class Replaying : public LlmClient {
 public:
  Replaying(std::string label, Cassette& cassette)
      : label_(std::move(label)), cassette_(cassette) {}
  LlmOutcome Call(const LlmRequest& request, std::stop_token stop) override;

 private:
  std::string label_;
  Cassette& cassette_;
};

}  // namespace treesmith
