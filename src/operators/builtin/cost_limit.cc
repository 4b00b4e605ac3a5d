#include "operators/builtin/cost_limit.h"

#include <algorithm>
#include <cmath>

#include "operators/builtin/model_family.h"
#include "operators/builtin/render.h"

namespace treesmith {
namespace {

// Measured on one core of 2023: LightGBM takes 0.12 s a unit.
constexpr double kSecondsPerCost = 0.12;
// Starting Python, importing libraries and reading the files.
constexpr double kStartSeconds = 2;
// The estimate is rough: a script is planned to take this part of the limit.
constexpr double kShare = 0.5;
// What is believed beforehand weighs like so much measured cost: of the pace of
// this machine, and of a family's.
constexpr double kPriorCost = 30;
constexpr double kFamilyCost = 10;
// A script that was stopped is taken to have needed twice the limit.
constexpr double kTimeoutFactor = 2;
// Rounds are cut to this part at most: then rows are worth less than they.
constexpr double kFewestRounds = 0.4;
// Where so much of the time is left then, it is not the rounds that take it.
constexpr double kMostly = 0.8;
constexpr int64_t kFewestRows = 2000;

// Seconds of one run of the node's script; nothing where they tell nothing.
// After a timeout the runs before it count as well.
std::optional<double> SecondsOfOneRun(const Node& node) {
  const double all = std::chrono::duration<double>(node.seconds).count();
  const auto scored = static_cast<double>(node.predictions.size());
  if (node.outcome.kind == OutcomeKind::kTimeout) {
    return kTimeoutFactor * all / (scored + 1);
  }
  if (!node.score || scored == 0) return std::nullopt;
  return all / scored;
}

}  // namespace

CostLimit::CostLimit(const TaskFacts& facts, const NodeSnapshot& nodes,
                     const CostLimitOptions& options)
    : facts_(facts),
      start_(kStartSeconds),
      all_{kSecondsPerCost * kPriorCost, kPriorCost} {
  const double limit = std::chrono::duration<double>(options.timeout).count();
  if (limit <= 0) return;
  facts_.rows = std::llround(static_cast<double>(facts.rows) *
                             std::clamp(options.train_share, 0.0, 1.0));
  if (options.learn) Learn(nodes);
  most_ = std::max(limit * kShare - start_, limit * 0.1);
}

void CostLimit::Learn(const NodeSnapshot& nodes) {
  std::optional<double> quickest;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const std::optional<double> run = SecondsOfOneRun(nodes[i]);
    if (run) quickest = std::min(quickest.value_or(*run), *run);
  }
  // The quickest script did something, too.
  if (quickest) start_ = 0.9 * *quickest;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    const std::optional<double> run = SecondsOfOneRun(node);
    const std::optional<Recipe> recipe = DecodeRecipe(node.origin);
    if (!run || !recipe || FindFamily(recipe->family) == nullptr) continue;
    const Pace pace{std::max(0.0, *run - start_), Cost(*recipe)};
    for (Pace* sum : {&all_, &families_[recipe->family]}) {
      sum->seconds += pace.seconds;
      sum->cost += pace.cost;
    }
  }
}

double CostLimit::Cost(const Recipe& recipe) const {
  return NominalCost(recipe, facts_);
}

double CostLimit::PaceOf(const std::string& family) const {
  const double usual = all_.seconds / all_.cost;
  const auto own = families_.find(family);
  if (own == families_.end()) return usual;
  return (own->second.seconds + usual * kFamilyCost) /
         (own->second.cost + kFamilyCost);
}

double CostLimit::SecondsOf(const Recipe& recipe) const {
  return PaceOf(recipe.family) * Cost(recipe);
}

bool CostLimit::Exceeds(const Recipe& recipe) const {
  return most_ && SecondsOf(recipe) > *most_;
}

Recipe CostLimit::Fit(Recipe recipe) const {
  if (Exceeds(recipe) && recipe.seeds > 1) recipe.seeds = 1;
  const ModelFamily& family = *FindFamily(recipe.family);
  for (const char* rounds : {"n_estimators", "iterations", "max_iter"}) {
    if (!Exceeds(recipe) || !recipe.knobs.contains(rounds)) continue;
    Recipe fewest = recipe;
    ScaleKnob(fewest, family, rounds, kFewestRounds);
    if (SecondsOf(fewest) > kMostly * SecondsOf(recipe)) continue;
    const double part = std::max(kFewestRounds, *most_ / SecondsOf(recipe));
    ScaleKnob(recipe, family, rounds, part);
    if (recipe.knobs.contains("learning_rate")) {
      ScaleKnob(recipe, family, "learning_rate", 1 / part);
    }
  }
  if (!Exceeds(recipe)) return recipe;
  const int64_t rows = recipe.max_rows > 0
                           ? std::min(recipe.max_rows, facts_.rows)
                           : facts_.rows;
  const double part = *most_ / SecondsOf(recipe);
  const auto fewer = static_cast<int64_t>(part * static_cast<double>(rows));
  // Whole hundreds read better.
  if (rows > kFewestRows) {
    recipe.max_rows = std::max(kFewestRows, fewer / 100 * 100);
    // A sample lacks most of the past.
    recipe.blocks.erase("feature.lags");
  }
  return recipe;
}

}  // namespace treesmith
