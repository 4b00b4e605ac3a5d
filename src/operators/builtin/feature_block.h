// FeatureBlock: one named piece of cleaning, feature making, encoding or
// post-processing, as a Python function and the call that runs it.
//
// To add a block, write its row and its template in the file of its kind
// (blocks_number.cc, blocks_category.cc ...); nothing else needs to know it:
// the change that adds it to a recipe, the one that takes it away and the
// repair that drops it when it crashes follow from the row.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "operators/builtin/facts.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

// When a block runs; within a stage, in the table's order.
enum class BlockStage {
  kRows,   // train = f(train, target): drops training rows
  kCells,  // table = f(table, signal): sees cells as they were read
  kGroup,  // table = f(table, group): `group` names each row's group
  kText,   // table = f(table, text): `text` holds the texts of all rows
  kTable,  // table = f(table): train above test, features only
  kPast,   // table = f(table, date, series, past): `past` holds train's target
  kTextSupervised,  // table = f(table, text, signal)
  kSupervised,      // table = f(table, signal): `signal` holds train's target
  kOthers,          // table = f(table, train, target): columns only train has
  // prediction = f(prediction, what a first fit foretold of rows held out,
  // known)
  kHeldOut,
  kPost,  // prediction = f(prediction, train's target)
};

// What a change is worth before the tree has said anything.
struct Prior {
  // Expected gain in standard errors of the paired difference; negative for
  // what is usually a loss.
  double gain = 0;
  // Running time of the new script over the old one's.
  double cost = 1;
};

struct FeatureBlock {
  // Also the label of the change that adds it: "encode.target-oof".
  std::string_view name;
  BlockStage stage = BlockStage::kTable;
  // The Python function and one sentence on why it may pay.
  std::string_view function;
  std::string_view reason;
  // Import lines it needs beside numpy and pandas.
  std::vector<std::string_view> imports = {};
  // So many parts of train, each with the rest, are its last argument `folds`.
  int inner_folds = 0;
  // The function's source, a template (python_text.h) whose names `bind` gives.
  std::string_view source = {};
  std::vector<std::pair<std::string, std::string>> (*bind)(const TaskFacts&) =
      nullptr;
  // Worth a try on this task with a model of this recipe. Also false where the
  // script could not run with it.
  bool (*fits)(const TaskFacts&, const Recipe&) = nullptr;
  Prior prior = {};
  // Nominal cost of reading a million words, whatever the model.
  double word_cost = 0;
};

// Every block, in the order in which they run within a stage.
const std::vector<FeatureBlock>& AllBlocks();
// Null when there is none of that name.
const FeatureBlock* FindBlock(std::string_view name);

// The files' own rows, joined by AllBlocks.
std::span<const FeatureBlock> CellBlocks();
std::span<const FeatureBlock> CleaningBlocks();
std::span<const FeatureBlock> CalendarBlocks();
std::span<const FeatureBlock> PanelBlocks();
std::span<const FeatureBlock> CategoryBlocks();
std::span<const FeatureBlock> NumberBlocks();
std::span<const FeatureBlock> SupervisedBlocks();
std::span<const FeatureBlock> HeldOutBlocks();
std::span<const FeatureBlock> PostBlocks();
std::span<const FeatureBlock> GeoBlocks();
std::span<const FeatureBlock> TextBlocks();
std::span<const FeatureBlock> GroupBlocks();
std::span<const FeatureBlock> OtherTargetBlocks();
// Changes in place, after all that is made of numbers as they were measured.
std::span<const FeatureBlock> ClosingBlocks();

// The stages whose blocks make features, in the order in which they run.
inline constexpr std::array kFeatureStages = {
    BlockStage::kCells,      BlockStage::kGroup, BlockStage::kText,
    BlockStage::kTable,      BlockStage::kPast,  BlockStage::kTextSupervised,
    BlockStage::kSupervised, BlockStage::kOthers};

// Shared conditions.
bool UsesTrees(const Recipe& recipe);
bool UsesDistances(
    const Recipe& recipe);  // scaled inputs: linear, MLP, kernels

// The test's rows are of groups that train does not have.
bool HasNewGroups(const TaskFacts& facts);

// Some number has gaps.
bool HasGaps(const TaskFacts& facts, const Recipe& recipe);

// Keys of other tables: whether there are any, and whether the recipe takes
// them for names instead of numbers.
bool HasKeys(const TaskFacts& facts);
bool NamesKeys(const Recipe& recipe);
// The id as a number is a feature.
bool NumbersIds(const Recipe& recipe);
// Columns of numbers and names that are clearly spread otherwise in test than
// in train, the furthest first; not those by which rows were parted, nor what
// is only read as a whole (places, sequences).
std::vector<const FactColumn*> Drifting(const TaskFacts& facts,
                                        const Recipe& recipe);
// Those of them whose ranks are worth as much as their values.
std::vector<std::string> DriftingNumbers(const TaskFacts& facts,
                                         const Recipe& recipe);
// Numbers of which a row has some or none, of about one size: parts of a whole,
// as far as can be seen. Fewer than three are none.
std::vector<std::string> Amounts(const TaskFacts& facts, const Recipe& recipe);
// What the recipe's script takes a column for, and how many of a role it keeps.
ColumnRole RoleIn(const FactColumn& column, const Recipe& recipe);
int64_t CountOf(const TaskFacts& facts, const Recipe& recipe, ColumnRole role);
// `skip_places`: lines of a loop over columns that pass over coordinates, which
// later blocks want in degrees.
std::vector<std::pair<std::string, std::string>> SkipPlaces(
    const TaskFacts& facts);
// `unparted`: lines of a loop over columns of texts that have `words` count
// characters where nothing parts words.
std::vector<std::pair<std::string, std::string>> CountCharacters(
    const TaskFacts& facts);

}  // namespace treesmith
