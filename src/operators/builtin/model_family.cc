#include "operators/builtin/model_family.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "operators/builtin/inputs.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"
#include "operators/builtin/render_held_out.h"
#include "operators/builtin/series.h"

namespace treesmith {
namespace {

// Squared associations of all columns, summed: about an R2.
constexpr double kWeakTogether = 0.2;
// More rows average the noise out by themselves, measured.
constexpr int64_t kNoisyRows = 20'000;

}  // namespace

const std::vector<ModelFamily>& AllFamilies() {
  static const std::vector<ModelFamily> families = {
      AdditiveFamily(),     TextLogisticFamily(),  LightGbmFamily(),
      LinearFamily(),       ForwardFamily(),       SparseLinearFamily(),
      XgBoostFamily(),      SupportVectorFamily(), GaussianProcessFamily(),
      KernelRidgeFamily(),  NeighbourFamily(),     TextBayesFamily(),
      TextWeightedFamily(), TextVectorFamily(),    ExtraTreesFamily(),
      CatBoostFamily(),     MlpFamily(),           SharesFamily(),
  };
  return families;
}

const ModelFamily* FindFamily(std::string_view name) {
  const auto& families = AllFamilies();
  const auto found = std::ranges::find(families, name, &ModelFamily::name);
  return found == families.end() ? nullptr : &*found;
}

std::vector<std::pair<std::string, std::string>> KnobArguments(
    const Recipe& recipe, const std::vector<KnobRange>& ranges) {
  std::vector<std::pair<std::string, std::string>> arguments;
  for (const KnobRange& range : ranges) {
    const auto knob = recipe.knobs.find(std::string(range.name));
    if (knob == recipe.knobs.end()) continue;
    arguments.emplace_back(range.name, PythonNumber(knob->second));
  }
  return arguments;
}

double MegaRows(const TaskFacts& facts, const Recipe& recipe) {
  int64_t rows = facts.rows;
  if (recipe.max_rows > 0) rows = std::min(rows, recipe.max_rows);
  return static_cast<double>(rows) / 1e6;
}

double MegaCells(const TaskFacts& facts, const Recipe& recipe) {
  double columns = static_cast<double>(facts.columns.size()) + 1;
  for (const std::string& name : recipe.blocks) {
    const FeatureBlock* block = FindBlock(name);
    // Another fit takes longer without any more columns.
    if (block == nullptr || block->stage == BlockStage::kHeldOut) continue;
    columns *= block->prior.cost;
  }
  return MegaRows(facts, recipe) * columns;
}

double MegaWords(const TaskFacts& facts, const Recipe& recipe) {
  double words = 0;
  for (const FactColumn& column : facts.columns) {
    if (column.role == ColumnRole::kText) words += column.words;
  }
  return MegaRows(facts, recipe) * words;
}

double MegaScaledCells(const TaskFacts& facts, const Recipe& recipe) {
  double width = 1;
  for (const FactColumn& column : facts.columns) {
    const bool names = RoleIn(column, recipe) == ColumnRole::kCategory;
    width +=
        names
            ? static_cast<double>(std::min(column.distinct, MostNames(recipe)))
            : 1;
  }
  return MegaCells(facts, recipe) * width /
         (static_cast<double>(facts.columns.size()) + 1);
}

bool MostlyText(const TaskFacts& facts) {
  const int64_t texts = facts.Count(ColumnRole::kText);
  return texts > 0 && static_cast<int64_t>(facts.columns.size()) - texts <= 3;
}

bool NotMostlyText(const TaskFacts& facts) { return !MostlyText(facts); }

bool FewRows(const TaskFacts& facts) { return facts.rows < kFewRows; }

bool WantsSmallTrees(const TaskFacts& facts) {
  return FewRows(facts) || MostlyText(facts);
}

bool WeakSignal(const TaskFacts& facts) {
  if (facts.target_facts.shape == TargetShape::kClasses) return false;
  // A place tells by its two numbers together, not by each.
  if (!facts.coordinates.empty()) return false;
  double strongest = 0;
  for (const FactColumn& column : facts.columns) {
    strongest = std::max(strongest, column.signal);
  }
  return facts.columns.size() >= 3 && strongest < kWeakSignal;
}

bool WeakTogether(const TaskFacts& facts, const Recipe& /*recipe*/) {
  // What sequences tell is in no single number of theirs.
  if (!facts.steps.empty() || HasNewGroups(facts)) return false;
  double squares = 0;
  for (const FactColumn& column : facts.columns) {
    const bool known =
        column.role == ColumnRole::kNumber ||
        (column.role == ColumnRole::kCategory && !column.compound);
    if (!known || column.key) return false;
    squares += column.signal * column.signal;
  }
  return WeakSignal(facts) && squares < kWeakTogether &&
         facts.rows <= kNoisyRows;
}

bool TargetsMayBeShared(const TaskFacts& facts, const Recipe& recipe) {
  // A row that lacks one target would be lost to all of them.
  return facts.MultiTarget() && facts.Regression() &&
         !facts.target_facts.missing && !HasBase(recipe) &&
         // These are of each target by itself.
         !WeighsInversely(recipe) && !HoldsOut(recipe) &&
         !recipe.Has("feature.lags") && FindFamily(recipe.family)->many_targets;
}

void ShareTargets(Recipe& recipe) {
  recipe.choices["targets"] = "shared";
  // The model has them all before it.
  recipe.blocks.erase("feature.other-targets");
}

bool BlockFits(const FeatureBlock& block, const TaskFacts& facts,
               const Recipe& recipe) {
  const InputKind input = FindFamily(recipe.family)->input;
  const bool own_table =
      input == InputKind::kCalendar || input == InputKind::kText;
  const bool feature =
      std::ranges::find(kFeatureStages, block.stage) != kFeatureStages.end();
  return !(own_table && feature) && block.fits(facts, recipe);
}

void AddUsualBlocks(const TaskFacts& facts, Recipe& recipe) {
  for (const std::string_view name :
       {"feature.calendar", "feature.code-parts", "feature.group-size",
        "feature.steps", "feature.group-shape", "feature.sequence",
        "feature.text-shape", "feature.text-topics", "feature.geo-distances",
        "feature.geo-rotations", "feature.geo-cells"}) {
    const FeatureBlock* block = FindBlock(name);
    if (BlockFits(*block, facts, recipe)) recipe.blocks.emplace(name);
  }
  if (!MostlyText(facts)) return;
  // What models of words say is nearly all that there is to learn from.
  recipe.blocks.erase("feature.text-topics");
  for (const std::string_view name :
       {"feature.text-scores", "feature.text-bayes"}) {
    const FeatureBlock* block = FindBlock(name);
    if (BlockFits(*block, facts, recipe)) recipe.blocks.emplace(name);
  }
}

void ScaleKnob(Recipe& recipe, const ModelFamily& family, std::string_view name,
               double factor) {
  const auto range = std::ranges::find(family.knobs, name, &KnobRange::name);
  CHECK(range != family.knobs.end());
  const auto knob = recipe.knobs.find(std::string(name));
  if (knob == recipe.knobs.end()) return;
  double value = std::clamp(knob->second * factor, range->low, range->high);
  if (range->integer) value = std::round(value);
  // Three digits are plenty, and keep scripts readable.
  const double unit =
      std::pow(10.0, std::floor(std::log10(std::max(value, 1e-12))) - 2);
  knob->second = range->integer ? value : std::round(value / unit) * unit;
}

}  // namespace treesmith
