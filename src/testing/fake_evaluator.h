// FakeEvaluator: scores that are a function of the script's text, without
// running anything.
//
// A script whose hash falls below the buggy share crashes in its first unit;
// all others get a value in [0, 1), lower is better. Any thread.
#pragma once

#include <functional>

#include "evaluation/evaluator.h"

namespace treesmith {

class FakeEvaluator : public Evaluator {
 public:
  struct Options {
    int units = 1;
    int repeats = 1;
    double buggy_share = 0.2;
    bool has_test = true;
    TrainRows rows = {};
    // Of every unit, as it is reported.
    std::chrono::milliseconds wall{0};
    // The answer is the mean of so many of the best.
    size_t answer_members = 1;
    // Scripts below this share leak; 0: there is no canary at all.
    double leaky_share = 0;
    // What the choice is worth, with an error of 0.01.
    std::optional<double> promised = {};
    // What Portray gives.
    std::string portrait = {};
    // Called by the worker before each unit ends: tests let time pass here.
    std::function<void(const UnitJob&, std::stop_token)> on_unit = {};
    // The same for refits.
    std::function<void(const RefitJob&, std::stop_token)> on_refit = {};
  };

  explicit FakeEvaluator(Options options) : options_(std::move(options)) {}

  [[nodiscard]] Direction direction() const override {
    return Direction::kMinimize;
  }
  [[nodiscard]] int first_rung_units() const override { return options_.units; }
  [[nodiscard]] int units() const override {
    return options_.units * options_.repeats;
  }
  [[nodiscard]] bool has_test() const override { return options_.has_test; }

  [[nodiscard]] TrainRows train_rows() const override { return options_.rows; }

  Result<UnitResult> RunUnit(const UnitJob& job, std::stop_token stop) override;
  Result<ScoreResult> Score(const ScoreJob& job, std::stop_token stop) override;
  Result<RaceResult> Race(const RaceJob& job, std::stop_token stop) override;
  Result<RefitResult> Refit(const RefitJob& job, std::stop_token stop) override;
  Result<Choice> Choose(std::span<const Finalist> finalists, SelectRule rule,
                        uint64_t seed, std::stop_token stop) override;
  Result<BlendResult> Blend(const BlendJob& job, std::stop_token stop) override;
  Result<std::string> Portray(const Choice&,
                              const std::vector<UnitPredictions>&,
                              std::stop_token) override {
    return options_.portrait;
  }
  [[nodiscard]] bool has_canary() const override {
    return options_.leaky_share > 0;
  }
  Result<Check> Canary(const CanaryJob& job, std::stop_token stop) override;

 private:
  const Options options_;
};

}  // namespace treesmith
