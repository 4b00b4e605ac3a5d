#include "operators/builtin/crossover.h"

#include "operators/builtin/feature_block.h"
#include "operators/builtin/model_family.h"

namespace treesmith {
namespace {

// Cleaning, features and left-out columns of `features` for the model of
// `model`; a block that does not fit that model stays behind.
Recipe Cross(const TaskFacts& facts, const Recipe& model,
             const Recipe& features, bool both) {
  Recipe child = model;
  std::set<std::string> wanted = features.blocks;
  if (both) wanted.insert(model.blocks.begin(), model.blocks.end());
  std::set<std::string> blocks;
  for (const FeatureBlock& block : AllBlocks()) {
    const std::string name(block.name);
    if (block.stage == BlockStage::kPost ||
        block.stage == BlockStage::kHeldOut) {
      if (model.Has(name)) blocks.insert(name);
      continue;
    }
    Recipe so_far = child;
    so_far.blocks = blocks;
    if (wanted.contains(name) &&
        (model.Has(name) || BlockFits(block, facts, so_far))) {
      blocks.insert(name);
    }
  }
  child.blocks = std::move(blocks);
  if (!child.Has("encode.target-oof")) child.knobs.erase("smoothing");
  child.dropped = features.dropped;
  return child;
}

}  // namespace

std::vector<Recipe> CrossRecipes(const TaskFacts& facts, const Recipe& first,
                                 const Recipe& second) {
  return {Cross(facts, first, second, false),
          Cross(facts, second, first, false), Cross(facts, first, second, true),
          Cross(facts, second, first, true)};
}

}  // namespace treesmith
