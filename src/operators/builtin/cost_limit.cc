#include "operators/builtin/cost_limit.h"

#include <algorithm>

#include "operators/builtin/model_family.h"
#include "operators/builtin/render.h"

namespace treesmith {
namespace {

// Measured on one core of 2023: LightGBM takes 0.12 s a unit.
constexpr double kSecondsPerCost = 0.12;
// Starting Python and reading the files.
constexpr double kOverheadSeconds = 1.5;
// The estimate is rough: a script is planned to take this part of the limit.
constexpr double kShare = 0.6;
constexpr double kPriorCost = 30;
// A script that was stopped is taken to have needed twice the limit.
constexpr double kTimeoutFactor = 2;
constexpr int64_t kFewestRows = 2000;

// Seconds of one run of the node's script, start-up left out; nothing where
// they tell nothing. A timeout would have gone on: nobody knows how long.
std::optional<double> SecondsOfOneRun(const Node& node) {
  const double all = std::chrono::duration<double>(node.seconds).count();
  if (node.outcome.kind == OutcomeKind::kTimeout) {
    return kTimeoutFactor * std::max(0.0, all - kOverheadSeconds);
  }
  if (!node.score || node.score->unit_values.empty()) return std::nullopt;
  const auto units = static_cast<double>(node.score->unit_values.size());
  return std::max(0.0, all / units - kOverheadSeconds);
}

double LearntSecondsPerCost(const NodeSnapshot& nodes) {
  double seconds = kSecondsPerCost * kPriorCost;
  double cost = kPriorCost;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    const std::optional<double> run = SecondsOfOneRun(node);
    if (!run || node.nominal_cost <= 0) continue;
    seconds += *run;
    cost += node.nominal_cost;
  }
  return seconds / cost;
}

}  // namespace

CostLimit::CostLimit(const NodeSnapshot& nodes,
                     std::chrono::milliseconds timeout, bool learn) {
  const double limit = std::chrono::duration<double>(timeout).count();
  if (limit <= 0) return;
  const double pace = learn ? LearntSecondsPerCost(nodes) : kSecondsPerCost;
  most_ = std::max(limit * kShare - kOverheadSeconds, limit * 0.1) / pace;
}

bool CostLimit::Exceeds(const TaskFacts& facts, const Recipe& recipe) const {
  return most_ && NominalCost(recipe, facts) > *most_;
}

Recipe CostLimit::Fit(const TaskFacts& facts, Recipe recipe) const {
  if (Exceeds(facts, recipe) && recipe.seeds > 1) recipe.seeds = 1;
  const ModelFamily& family = *FindFamily(recipe.family);
  for (const char* rounds : {"n_estimators", "iterations", "max_iter"}) {
    if (!Exceeds(facts, recipe) || !recipe.knobs.contains(rounds)) continue;
    const double part = std::max(0.25, *most_ / NominalCost(recipe, facts));
    ScaleKnob(recipe, family, rounds, part);
    if (recipe.knobs.contains("learning_rate")) {
      ScaleKnob(recipe, family, "learning_rate", 1 / part);
    }
  }
  if (!Exceeds(facts, recipe)) return recipe;
  const int64_t rows = recipe.max_rows > 0 ? recipe.max_rows : facts.rows;
  const double part = *most_ / NominalCost(recipe, facts);
  const auto fewer = static_cast<int64_t>(part * static_cast<double>(rows));
  // Whole hundreds read better.
  if (rows > kFewestRows) {
    recipe.max_rows = std::max(kFewestRows, fewer / 100 * 100);
  }
  return recipe;
}

}  // namespace treesmith
