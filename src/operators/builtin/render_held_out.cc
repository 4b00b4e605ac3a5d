#include "operators/builtin/render_held_out.h"

#include <fmt/format.h>

#include "operators/builtin/feature_block.h"
#include "operators/builtin/render_constants.h"

namespace treesmith {
namespace {

constexpr std::string_view kDrawn = R"py(
def hold_out(train):
    """A quarter of train's rows, drawn."""
    return np.random.default_rng(1).random(len(train)) < 0.25
)py";

constexpr std::string_view kWholeGroups = R"py(
def hold_out(train):
    """The rows of a quarter of the groups, as test's groups are new."""
    group = train[GROUP].astype(str){}
    names = np.random.default_rng(1).permutation(group.unique())
    return group.isin(names[: len(names) // 4]).to_numpy()
)py";

// Drawn even where test is the future: measured, what a fit misses beyond its
// last day tells nothing of what the next one will.
std::string HoldOutFunction(const TaskFacts& facts) {
  if (HasNewGroups(facts)) return fmt::format(kWholeGroups, GroupOfName(facts));
  return std::string(kDrawn);
}

}  // namespace

bool HoldsOut(const Recipe& recipe) {
  return HasStage(recipe, BlockStage::kHeldOut);
}

std::vector<std::string> RenderHeldOut(const Recipe& recipe,
                                       const TaskFacts& facts,
                                       const std::string& post) {
  std::string text =
      "\ndef predict(train, test, target):\n"
      "    \"\"\"What is fitted, put right by what rows held out say.\"\"\"\n";
  if (facts.target_facts.missing) {
    text += "    train = train.dropna(subset=[target])\n";
  }
  text += fmt::format(
      "    known = train[target]{}\n"
      "    prediction = fitted(train, test, target)\n"
      "    held = hold_out(train)\n"
      "    if held.sum() >= 30 and held.mean() < 0.5:\n"
      "        foretold = fitted(train[~held], train[held], target)\n",
      facts.Regression() ? ".to_numpy(float)" : ".astype(str).to_numpy()");
  for (const FeatureBlock& block : AllBlocks()) {
    if (block.stage != BlockStage::kHeldOut || !recipe.Has(block.name)) {
      continue;
    }
    text += fmt::format(
        "        prediction = {}(prediction, foretold, known[held])\n",
        block.function);
  }
  return {HoldOutFunction(facts), text + post + "    return prediction\n"};
}

}  // namespace treesmith
