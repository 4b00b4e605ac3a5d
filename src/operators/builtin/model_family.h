// ModelFamily: one kind of model, as the Python function that fits it.
//
// To add a family: one file with its row (lightgbm.cc is the pattern), its
// declaration below and one line in model_family.cc. Drafts of families that
// may be the best come first, then the cheapest; among those that cost about as
// little, the order of the table decides.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operators/builtin/facts.h"
#include "operators/builtin/feature_block.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

// How the table of features becomes what the model is fitted on (inputs.h).
enum class InputKind {
  kCodes,     // float matrix, categories as integer codes, gaps as NaN
  kNamed,     // the table itself, categories as text
  kScaled,    // dense matrix, one-hot, imputed and scaled
  kSparse,    // sparse matrix: one-hot of everything that repeats
  kText,      // sparse matrix of word and character n-grams
  kCalendar,  // the table with its dates; the model is `fit_additive(table, y)`
              // or `fit_shares(table, date, series, y)`
};

// A number that tuning may move.
struct KnobRange {
  std::string_view name;
  double low = 0;
  double high = 1;
  enum class Scale { kLinear, kLogarithmic } scale = Scale::kLinear;
  bool integer = false;
  // What the library takes where a recipe has no such knob, so that tuning may
  // add it; nothing where the knob matters only to recipes that have it.
  std::optional<double> usual = std::nullopt;
};

// What a family contributes to a script.
struct ModelSource {
  std::vector<std::string> imports = {};
  // Python source that defines `fit_predict(x, y, x_test, seed)`, which answers
  // a vector of numbers, a column a target where SharesTargets(recipe), or a
  // matrix of probabilities where FitsClasses(recipe); it takes `weight` as
  // well where WeighsInversely(recipe).
  std::string source = {};
};

// A change that only this family knows, such as "fewer leaves".
struct FamilyChange {
  std::string_view name;  // the label is "FAMILY.NAME"
  std::string_view reason;
  Prior prior = {};
  bool (*fits)(const TaskFacts&, const Recipe&) = nullptr;  // null: always
  void (*apply)(const TaskFacts&, Recipe&) = nullptr;
};

struct ModelFamily {
  std::string_view name;
  std::string_view title;  // "LightGBM"
  InputKind input = InputKind::kCodes;
  // Splits columns one at a time: scales and outliers do not matter to it.
  bool trees = false;
  // Fits of two seeds differ, so that their mean is better than either.
  bool random = false;
  // Fits several numeric targets at once: `y` may be a matrix.
  bool many_targets = false;
  // Worth a draft.
  bool (*fits)(const TaskFacts&) = nullptr;
  // Of those that fit: may well be the best by itself. Its draft comes before
  // the others', whatever they cost; null: never.
  bool (*likely)(const TaskFacts&) = nullptr;
  Recipe (*draft)(const TaskFacts&) = nullptr;
  // One sentence for the plan of a draft.
  std::string_view reason;
  ModelSource (*render)(const TaskFacts&, const Recipe&) = nullptr;
  // Nominal cost of one fit: about the cell visits it takes, in millions.
  double (*cost)(const TaskFacts&, const Recipe&) = nullptr;
  std::vector<KnobRange> knobs = {};
  std::vector<FamilyChange> changes = {};
};

// Below so many rows smooth models are as good as trees.
inline constexpr int64_t kFewRows = 3000;
// Above so strong an association of a column with the target signal is not
// weak: an AUC of about 0.65, an R2 of about 0.1.
inline constexpr double kWeakSignal = 0.33;

const std::vector<ModelFamily>& AllFamilies();
// Null when there is none of that name.
const ModelFamily* FindFamily(std::string_view name);

ModelFamily LightGbmFamily();
ModelFamily CatBoostFamily();
ModelFamily XgBoostFamily();
ModelFamily ExtraTreesFamily();
ModelFamily LinearFamily();
ModelFamily MlpFamily();
ModelFamily AdditiveFamily();
ModelFamily SharesFamily();
ModelFamily ForwardFamily();
ModelFamily SparseLinearFamily();
ModelFamily SupportVectorFamily();
ModelFamily GaussianProcessFamily();
ModelFamily KernelRidgeFamily();
ModelFamily NeighbourFamily();
ModelFamily TextLogisticFamily();
ModelFamily TextBayesFamily();
ModelFamily TextWeightedFamily();
ModelFamily TextVectorFamily();

// Helpers that families share: the recipe's knobs as keyword arguments in the
// order of `ranges`, and millions of rows, cells and words that are fitted on.
std::vector<std::pair<std::string, std::string>> KnobArguments(
    const Recipe& recipe, const std::vector<KnobRange>& ranges);
double MegaRows(const TaskFacts& facts, const Recipe& recipe);
double MegaCells(const TaskFacts& facts, const Recipe& recipe);
double MegaWords(const TaskFacts& facts, const Recipe& recipe);
// Cells of the matrix that InputKind::kScaled makes: a column for each name.
double MegaScaledCells(const TaskFacts& facts, const Recipe& recipe);
// Hardly anything but texts to learn from.
bool MostlyText(const TaskFacts& facts);
// Families' usual `likely`: for trees all else; few rows.
bool NotMostlyText(const TaskFacts& facts);
bool FewRows(const TaskFacts& facts);
// Few rows, or hardly anything but what models of words say of each row.
bool WantsSmallTrees(const TaskFacts& facts);
// The block's own condition, and the family takes features at all: an additive
// or a text model would not see them.
bool BlockFits(const FeatureBlock& block, const TaskFacts& facts,
               const Recipe& recipe);
// No column tells much of the target; nor do all of them together, as far as
// each by itself can show, and rows are too few to average the noise out.
bool WeakSignal(const TaskFacts& facts);
bool WeakTogether(const TaskFacts& facts, const Recipe& recipe);
// Whether one model may answer all targets at once; makes the recipe do so.
bool TargetsMayBeShared(const TaskFacts& facts, const Recipe& recipe);
void ShareTargets(Recipe& recipe);
// The blocks that every draft of this kind of data starts with.
void AddUsualBlocks(const TaskFacts& facts, Recipe& recipe);
// Multiplies a knob and keeps it inside its range.
void ScaleKnob(Recipe& recipe, const ModelFamily& family, std::string_view name,
               double factor);

}  // namespace treesmith
