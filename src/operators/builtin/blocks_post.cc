// Post-processing of numeric predictions.
#include <set>
#include <string>

#include "operators/builtin/feature_block.h"
#include "operators/builtin/objective.h"

namespace treesmith {
namespace {

constexpr std::string_view kClip = R"py(
def clip(prediction, known):
    """Nothing beyond what was ever seen."""
    return np.clip(prediction, known.min(), known.max())
)py";

constexpr std::string_view kFloor = R"py(
def floor(prediction, known):
    """Nothing below what was ever seen; a trend may still rise."""
    return np.maximum(prediction, known.min())
)py";

constexpr std::string_view kSnap = R"py(
def snap(prediction, known):
    """The nearest value that the target has ever had."""
    values = np.unique(known)
    right = np.clip(np.searchsorted(values, prediction), 1, len(values) - 1)
    left = right - 1
    nearer_left = prediction - values[left] < values[right] - prediction
    return values[np.where(nearer_left, left, right)]
)py";

constexpr std::string_view kFinite = R"py(
def make_finite(prediction, known):
    """The median where a model gave no number."""
    return np.where(np.isfinite(prediction), prediction, np.median(known))
)py";

bool Numeric(const TaskFacts& facts, const Recipe& recipe) {
  return facts.Regression() && recipe.objective != "distribution";
}

// Ranks have no range in common with the target.
bool InTargetsUnit(const TaskFacts& facts, const Recipe& recipe) {
  return Numeric(facts, recipe) && recipe.target_transform != "rank";
}

bool Discrete(const TaskFacts& facts, const Recipe& recipe) {
  static const std::set<std::string> absolute = {"mae", "mcmae", "medae",
                                                 "smape", "mape"};
  // Among many values the nearest lies closer than any model foretells.
  constexpr int64_t kMostValues = 500;
  return Numeric(facts, recipe) && absolute.contains(facts.metric) &&
         facts.answer == AnswerKind::kValue && !SumsParts(recipe) &&
         facts.target_facts.classes <= kMostValues &&
         facts.target_facts.classes * 5 < facts.rows;
}

bool OnlyRepair(const TaskFacts& /*facts*/, const Recipe& /*recipe*/) {
  return false;
}

}  // namespace

std::span<const FeatureBlock> PostBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "post.finite",
       .stage = BlockStage::kPost,
       .function = "make_finite",
       .reason = "Some predictions were not finite.",
       .source = kFinite,
       .fits = OnlyRepair,
       .prior = {.gain = -1}},
      {.name = "post.clip",
       .stage = BlockStage::kPost,
       .function = "clip",
       .reason = "No prediction should leave the range seen in training.",
       .source = kClip,
       .fits = InTargetsUnit,
       .prior = {.gain = 0.2}},
      {.name = "post.floor",
       .stage = BlockStage::kPost,
       .function = "floor",
       .reason = "No prediction should fall below what was seen.",
       .source = kFloor,
       .fits = OnlyRepair,
       .prior = {.gain = -1}},
      {.name = "post.snap",
       .stage = BlockStage::kPost,
       .function = "snap",
       .reason = "The target takes few values: an exact hit costs nothing.",
       .source = kSnap,
       .fits = Discrete,
       .prior = {.gain = 0.7}},
  };
  return blocks;
}

}  // namespace treesmith
