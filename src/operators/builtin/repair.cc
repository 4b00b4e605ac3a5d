#include "operators/builtin/repair.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "operators/builtin/additive.h"
#include "operators/builtin/feature_block.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/series.h"

namespace treesmith {
namespace {

struct Failure {
  const TaskFacts& facts;
  const Recipe& recipe;
  const Outcome& outcome;
  const std::string& output;

  [[nodiscard]] bool Says(std::string_view text) const {
    return output.find(text) != std::string::npos ||
           outcome.detail.find(text) != std::string::npos;
  }
  [[nodiscard]] bool Is(OutcomeKind kind) const { return outcome.kind == kind; }
};

// One row of the table of repairs: a label, a reason, and the mended recipe or
// nothing where it does not apply.
struct Repair {
  std::string_view label;
  std::string_view reason;
  std::optional<Recipe> (*mend)(const Failure&);
};

bool TooBig(const Failure& failure) {
  return failure.Is(OutcomeKind::kTimeout) ||
         failure.Is(OutcomeKind::kMemory) || failure.Is(OutcomeKind::kDisk) ||
         failure.Says("MemoryError");
}

// A family whose library is not installed: the next one that needs another.
std::optional<Recipe> OtherFamily(const Failure& failure) {
  if (!failure.Says("ModuleNotFoundError") && !failure.Says("ImportError")) {
    return std::nullopt;
  }
  for (const std::string_view name : {"lightgbm", "xgboost", "extra-trees"}) {
    const ModelFamily* family = FindFamily(name);
    if (name == failure.recipe.family || !family->fits(failure.facts)) continue;
    if (failure.Says("'" + std::string(name) + "'")) continue;
    Recipe recipe = family->draft(failure.facts);
    recipe.blocks.insert(failure.recipe.blocks.begin(),
                         failure.recipe.blocks.end());
    return recipe;
  }
  return std::nullopt;
}

// The block whose function stands last in the traceback.
std::optional<Recipe> WithoutCulprit(const Failure& failure) {
  const FeatureBlock* culprit = nullptr;
  size_t latest = 0;
  for (const FeatureBlock& block : AllBlocks()) {
    if (!failure.recipe.Has(block.name)) continue;
    const size_t at =
        failure.output.rfind("in " + std::string(block.function) + "\n");
    if (at != std::string::npos && at >= latest) {
      latest = at;
      culprit = &block;
    }
  }
  if (culprit == nullptr) return std::nullopt;
  Recipe recipe = failure.recipe;
  recipe.blocks.erase(std::string(culprit->name));
  return recipe;
}

std::optional<Recipe> WithoutBase(const Failure& failure) {
  if (!HasBase(failure.recipe) ||
      !(failure.Says("in fit_additive\n") || failure.Says("in fit_level\n"))) {
    return std::nullopt;
  }
  Recipe recipe = failure.recipe;
  StartFromNothing(recipe);
  return recipe;
}

std::optional<Recipe> FilledGaps(const Failure& failure) {
  const bool gaps = failure.Says("NaN") || failure.Says("infinity") ||
                    failure.Says("inf ") || failure.Says("missing values");
  if (!gaps || failure.recipe.Has("clean.fill")) return std::nullopt;
  Recipe recipe = failure.recipe;
  recipe.blocks.insert("clean.fill");
  return recipe;
}

std::optional<Recipe> FinitePredictions(const Failure& failure) {
  const bool wrong = failure.Is(OutcomeKind::kBadSubmission);
  if (!wrong || failure.recipe.Has("post.finite") ||
      !failure.facts.Regression()) {
    return std::nullopt;
  }
  Recipe recipe = failure.recipe;
  recipe.blocks.insert("post.finite");
  return recipe;
}

std::optional<Recipe> PlainCategories(const Failure& failure) {
  const bool unseen =
      failure.Says("unknown categor") || failure.Says("categorical");
  if (!unseen || failure.recipe.Choice("categories", "codes") == "codes") {
    return std::nullopt;
  }
  Recipe recipe = failure.recipe;
  recipe.choices.erase("categories");
  return recipe;
}

std::optional<Recipe> RawTarget(const Failure& failure) {
  if (failure.recipe.objective != "distribution" &&
      failure.recipe.objective != "poisson" &&
      failure.recipe.objective != "gamma" &&
      failure.recipe.objective != "tweedie") {
    return std::nullopt;
  }
  if (!failure.Is(OutcomeKind::kCrash)) return std::nullopt;
  Recipe recipe = failure.recipe;
  recipe.objective = "squared";
  return recipe;
}

std::optional<Recipe> FewerBlocks(const Failure& failure) {
  if (!TooBig(failure)) return std::nullopt;
  Recipe recipe = failure.recipe;
  std::erase_if(recipe.blocks, [](const std::string& name) {
    const FeatureBlock* block = FindBlock(name);
    return block == nullptr || block->prior.cost >= 1.3;
  });
  if (recipe.seeds > 1) recipe.seeds = 1;
  return recipe;
}

std::optional<Recipe> FewerRounds(const Failure& failure) {
  if (!failure.Is(OutcomeKind::kTimeout)) return std::nullopt;
  Recipe recipe = failure.recipe;
  const ModelFamily* family = FindFamily(recipe.family);
  for (const std::string_view name :
       {"n_estimators", "iterations", "max_iter"}) {
    if (!recipe.knobs.contains(std::string(name))) continue;
    ScaleKnob(recipe, *family, name, 0.4);
    if (recipe.knobs.contains("learning_rate")) {
      ScaleKnob(recipe, *family, "learning_rate", 2);
    }
  }
  return recipe;
}

std::optional<Recipe> FewerRows(const Failure& failure) {
  if (!TooBig(failure)) return std::nullopt;
  Recipe recipe = failure.recipe;
  const int64_t rows =
      recipe.max_rows > 0 ? recipe.max_rows : failure.facts.rows;
  if (rows < 2000) return std::nullopt;
  recipe.max_rows = rows * 2 / 5;
  return recipe;
}

// Anything else that crashes: the family's plain draft, then nothing.
std::optional<Recipe> PlainDraft(const Failure& failure) {
  if (!failure.Is(OutcomeKind::kCrash) &&
      !failure.Is(OutcomeKind::kBadSubmission)) {
    return std::nullopt;
  }
  return FindFamily(failure.recipe.family)->draft(failure.facts);
}

constexpr Repair kRepairs[] = {
    {"repair.other-family", "A library is missing here.", OtherFamily},
    {"repair.drop-block", "The traceback ends in this block.", WithoutCulprit},
    {"repair.drop-base", "The additive part could not be fitted.", WithoutBase},
    {"repair.fill-gaps", "The model could not take gaps.", FilledGaps},
    {"repair.plain-categories", "Categories were new.", PlainCategories},
    {"repair.finite", "Some predictions were no numbers.", FinitePredictions},
    {"repair.objective", "The loss could not take this target.", RawTarget},
    {"repair.fewer-blocks", "It took too much; heavy blocks go first.",
     FewerBlocks},
    {"repair.fewer-rounds", "It took too long; fewer, larger steps.",
     FewerRounds},
    {"repair.fewer-rows", "It took too much; a sample of rows.", FewerRows},
    {"repair.plain-draft", "Back to what the family starts from.", PlainDraft},
};

}  // namespace

Result<RecipeChange> RepairRecipe(const TaskFacts& facts, const Recipe& recipe,
                                  const Outcome& outcome,
                                  const std::string& output) {
  const Failure failure{facts, recipe, outcome, output};
  for (const Repair& repair : kRepairs) {
    std::optional<Recipe> mended = repair.mend(failure);
    if (!mended || *mended == recipe) continue;
    return RecipeChange{.label = std::string(repair.label),
                        .reason = std::string(repair.reason),
                        .prior = {},
                        .result = *std::move(mended)};
  }
  return BadInput("repair " + recipe.family + ": given up after " +
                  std::string(OutcomeName(outcome.kind)) +
                  (outcome.detail.empty() ? "" : ", " + outcome.detail));
}

}  // namespace treesmith
