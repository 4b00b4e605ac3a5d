// RunHarness: a whole engine on a real store with fakes at its edges.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "search/policy.h"
#include "store/run_store.h"
#include "testing/fake_clock.h"
#include "testing/fake_evaluator.h"
#include "testing/scripted_coder.h"

namespace treesmith {

// Drafts `drafts` times, repairs every buggy leaf once, then improves the best.
class SimplePolicy : public Policy {
 public:
  explicit SimplePolicy(int drafts) : drafts_(drafts) {}
  [[nodiscard]] std::string_view name() const override { return "simple"; }
  std::optional<Proposal> Next(const Tree& tree, Rng& rng,
                               std::chrono::milliseconds elapsed) override;

 private:
  const int drafts_;
};

struct HarnessOptions {
  std::filesystem::path database;
  RunConfig config;
  FakeEvaluator::Options evaluator;
  int drafts = 3;
  std::vector<Observer*> observers = {};
  // Encoded (table/profile.h); stored with an empty plan of folds.
  std::string profile = {};
  // Takes up a run that was over, as `resume` does.
  bool go_on = false;
};

class RunHarness {
 public:
  explicit RunHarness(HarnessOptions options)
      : options_(std::move(options)),
        evaluator_(options_.evaluator),
        policy_(options_.drafts) {}

  FakeClock& clock() { return clock_; }
  // Replaces the scripted coder; borrowed.
  void set_coder(Coder& coder) { coder_ = &coder; }
  void set_evaluator(Evaluator& evaluator) { evaluator_used_ = &evaluator; }
  // Borrowed.
  void set_ledger(Ledger& ledger) { ledger_ = &ledger; }
  void set_review(ReviewPart review) { review_ = std::move(review); }
  void set_report(decltype(EngineParts::report) report) {
    report_ = std::move(report);
  }

  // Starts the run, or goes on with the one in the database; to the end.
  Result<Finished> Run(std::stop_token interrupt = {});
  [[nodiscard]] const Engine& engine() const { return *engine_; }

 private:
  const HarnessOptions options_;
  FakeClock clock_;
  ScriptedCoder scripted_;
  Coder* coder_ = &scripted_;
  FakeEvaluator evaluator_;
  Evaluator* evaluator_used_ = &evaluator_;
  Ledger* ledger_ = nullptr;
  std::optional<ReviewPart> review_;
  decltype(EngineParts::report) report_;
  SimplePolicy policy_;
  std::unique_ptr<RunStore> store_;
  std::unique_ptr<Engine> engine_;
};

// What `show --canonical` compares, a line an event.
Result<std::vector<std::string>> CanonicalLog(
    const std::filesystem::path& database);

}  // namespace treesmith
