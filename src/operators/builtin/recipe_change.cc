#include "operators/builtin/recipe_change.h"

#include <algorithm>

#include "base/check.h"
#include "operators/builtin/additive.h"
#include "operators/builtin/general_change.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/series.h"

namespace treesmith {
namespace {

// The model may learn what a base leaves over.
bool TakesBase(const TaskFacts& facts, const Recipe& recipe) {
  const bool squares =
      recipe.objective == "squared" || recipe.objective == "absolute";
  return NumberModel(facts, recipe) && squares && recipe.family != "additive" &&
         FindFamily(recipe.family)->input != InputKind::kText &&
         !SharesTargets(recipe);
}

bool IsCoordinate(const TaskFacts& facts, const std::string& name) {
  return std::ranges::any_of(facts.coordinates, [&](const auto& pair) {
    return pair.first == name || pair.second == name;
  });
}

// Not those that a script reads by their name, nor texts and dates, of which
// the association with the target is unknown.
bool MayDrop(const TaskFacts& facts, const Recipe& recipe,
             const FactColumn& column) {
  // Of all columns shares look at time and series only.
  return recipe.family != "shares" && column.role != ColumnRole::kDate &&
         column.role != ColumnRole::kText && !column.countries &&
         !IsCoordinate(facts, column.name) &&
         !recipe.dropped.contains(column.name);
}

// By association with the target, the weakest first.
std::vector<const FactColumn*> Droppable(const TaskFacts& facts,
                                         const Recipe& recipe) {
  std::vector<const FactColumn*> columns;
  for (const FactColumn& column : facts.columns) {
    if (MayDrop(facts, recipe, column)) columns.push_back(&column);
  }
  std::ranges::stable_sort(columns, {}, &FactColumn::signal);
  return columns;
}

bool HasWeakColumns(const TaskFacts& facts, const Recipe& recipe) {
  return Droppable(facts, recipe).size() > 4;
}

void DropWeakest(const TaskFacts& facts, Recipe& recipe) {
  const std::vector<const FactColumn*> columns = Droppable(facts, recipe);
  for (size_t i = 0; i < columns.size() / 5; ++i) {
    recipe.dropped.insert(columns[i]->name);
  }
}

const FactColumn* MostUnseen(const TaskFacts& facts, const Recipe& recipe) {
  const FactColumn* worst = nullptr;
  for (const FactColumn& column : facts.columns) {
    if (!MayDrop(facts, recipe, column) ||
        column.role != ColumnRole::kCategory || column.unseen < 0.3) {
      continue;
    }
    if (worst == nullptr || column.unseen > worst->unseen) worst = &column;
  }
  return worst;
}

// The furthest, as long as at least as many columns are left.
std::vector<std::string> DriftersToDrop(const TaskFacts& facts,
                                        const Recipe& recipe) {
  const std::vector<const FactColumn*> kept = Droppable(facts, recipe);
  std::vector<std::string> names;
  // A model of words does not see them.
  if (FindFamily(recipe.family)->input == InputKind::kText) return names;
  for (const FactColumn* column : Drifting(facts, recipe)) {
    if (MayDrop(facts, recipe, *column) &&
        2 * (names.size() + 1) <= kept.size()) {
      names.push_back(column->name);
    }
  }
  return names;
}

// The weight of the overall mean in means of targets, in rows.
constexpr double kUsualSmoothing = 20;
double Smoothing(const Recipe& recipe) {
  return recipe.Knob("smoothing", kUsualSmoothing);
}

void Smooth(double rows, Recipe& recipe) {
  if (rows == kUsualSmoothing) {
    recipe.knobs.erase("smoothing");
  } else {
    recipe.knobs["smoothing"] = rows;
  }
}

bool MeansOfTargets(const Recipe& recipe) {
  return recipe.Has("encode.target-oof");
}

std::vector<GeneralChange> SmoothingChanges() {
  return {
      {"encode.smooth-more",
       "Means of few rows are mostly chance: draw them to the overall mean.",
       {.gain = 0.15},
       [](const TaskFacts& /*facts*/, const Recipe& recipe) {
         return MeansOfTargets(recipe) && Smoothing(recipe) < 100;
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         Smooth(Smoothing(recipe) < kUsualSmoothing ? kUsualSmoothing : 100,
                recipe);
       }},
      {"encode.smooth-less",
       "Where categories differ much, few rows tell what one is.",
       {.gain = 0.15},
       [](const TaskFacts& /*facts*/, const Recipe& recipe) {
         return MeansOfTargets(recipe) && Smoothing(recipe) > 5;
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         Smooth(Smoothing(recipe) > kUsualSmoothing ? kUsualSmoothing : 5,
                recipe);
       }},
  };
}

std::vector<GeneralChange> PartChanges() {
  return {
      {"base.additive",
       "Calendar, series and trend first: trees then need not extrapolate.",
       {.gain = 1.5, .cost = 1.5},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return AdditiveFits(facts) && TakesBase(facts, recipe) &&
                !StartsFromAdditive(recipe);
       },
       [](const TaskFacts& facts, Recipe& recipe) {
         StartFromAdditive(facts, recipe);
       }},
      {"base.level",
       "Beside the level of its series in the year, a row repeats past years.",
       {.gain = 0.5},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return LevelFits(facts) && TakesBase(facts, recipe) &&
                !StartsFromLevel(recipe);
       },
       [](const TaskFacts& facts, Recipe& recipe) {
         StartFromLevel(facts, recipe);
       }},
      {"base.none",
       "The target itself: the base may carry a wrong trend on.",
       {.gain = 0.4, .cost = 0.8},
       [](const TaskFacts& /*facts*/, const Recipe& recipe) {
         return HasBase(recipe);
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         StartFromNothing(recipe);
       }},
      {"target.whole",
       "The target at once: what errs in its parts may cancel out.",
       {.gain = 0.1, .cost = 0.5},
       [](const TaskFacts& /*facts*/, const Recipe& recipe) {
         return SumsParts(recipe);
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices.erase("target");
       }},
      {"target.parts",
       "Parts that add up to the target follow rules of their own.",
       {.gain = 1.5, .cost = 2},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return PartsFit(facts) && !FitsClasses(recipe) &&
                recipe.objective != "gamma" && !SumsParts(recipe);
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["target"] = "parts";
         // Each part would be moved to one of its own values.
         recipe.blocks.erase("post.snap");
       }},
      {"targets.shared",
       "Targets that follow the same causes are learnt better at once.",
       {.gain = 0.5, .cost = 0.5},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return TargetsMayBeShared(facts, recipe) && !SharesTargets(recipe);
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         ShareTargets(recipe);
       }},
      {"targets.each",
       "A model of its own for each target need not compromise.",
       {.gain = 0.3, .cost = 2},
       [](const TaskFacts& /*facts*/, const Recipe& recipe) {
         return SharesTargets(recipe);
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices.erase("targets");
       }},
  };
}

std::vector<GeneralChange> SizeChanges() {
  return {
      {"seeds.more",
       "The mean of several seeds has less variance.",
       {.gain = 0.6, .cost = 3},
       [](const TaskFacts& /*facts*/, const Recipe& recipe) {
         return recipe.seeds < 3 && FindFamily(recipe.family)->random;
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) { recipe.seeds = 3; }},
      {"columns.keys-as-names",
       "Numbers that name something have no order to split at.",
       {.gain = 1, .cost = 1.5},
       [](const TaskFacts& facts, const Recipe& recipe) {
         // Dense one-hot columns of so many values would fill the memory.
         return HasKeys(facts) && !NamesKeys(recipe) &&
                FindFamily(recipe.family)->input != InputKind::kScaled;
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["keys"] = "names";
       }},
      {"columns.id-number",
       "Ids of train and test interleave: neighbours may have come together.",
       {.gain = 0.1},
       [](const TaskFacts& facts, const Recipe& recipe) {
         const InputKind input = FindFamily(recipe.family)->input;
         return facts.id_interleaves && facts.id.size() == 1 &&
                facts.id[0] != facts.time_column && !NumbersIds(recipe) &&
                input != InputKind::kText && input != InputKind::kCalendar;
       },
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["id"] = "number";
       }},
      {"columns.drop-weak",
       "Columns that tell nothing only add noise.",
       {.gain = 0.2, .cost = 0.8},
       HasWeakColumns,
       DropWeakest},
      {"columns.drop-unseen",
       "The test's values of this column are new, so it cannot be learnt from.",
       {.gain = 0.5, .cost = 0.9},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return MostUnseen(facts, recipe) != nullptr;
       },
       [](const TaskFacts& facts, Recipe& recipe) {
         recipe.dropped.insert(MostUnseen(facts, recipe)->name);
       }},
      {"columns.drop-drift",
       "The test's values are spread otherwise: what they meant in train may "
       "mislead.",
       {.gain = 0.1, .cost = 0.9},
       [](const TaskFacts& facts, const Recipe& recipe) {
         return !DriftersToDrop(facts, recipe).empty();
       },
       [](const TaskFacts& facts, Recipe& recipe) {
         for (const std::string& name : DriftersToDrop(facts, recipe)) {
           recipe.dropped.insert(name);
         }
       }},
  };
}

const std::vector<GeneralChange>& GeneralChanges() {
  static const std::vector<GeneralChange> changes = [] {
    std::vector<GeneralChange> all = LossChanges();
    for (const auto& more :
         {PartChanges(), SizeChanges(), SmoothingChanges()}) {
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }();
  return changes;
}

void Add(std::vector<RecipeChange>& changes, const Recipe& parent,
         RecipeChange change) {
  if (change.result != parent) changes.push_back(std::move(change));
}

// Metrics of logarithms refuse the negative answers that clipping prevents.
bool KeepsAnswersValid(const TaskFacts& facts, const FeatureBlock& block) {
  return block.name == "post.clip" && LogMetric(facts);
}

// The additive base knows the calendar already.
Prior PriorOf(const FeatureBlock& block, const Recipe& recipe) {
  Prior prior = block.prior;
  if (block.name == "feature.calendar" && StartsFromAdditive(recipe)) {
    prior.gain = 0.1;
  }
  return prior;
}

void AddBlockChanges(const TaskFacts& facts, const Recipe& recipe,
                     std::vector<RecipeChange>& changes) {
  for (const FeatureBlock& block : AllBlocks()) {
    Recipe result = recipe;
    if (recipe.Has(block.name)) {
      // A block that a repair put in (negative prior) stays.
      if (block.prior.gain < 0 || KeepsAnswersValid(facts, block)) continue;
      result.blocks.erase(std::string(block.name));
      if (!MeansOfTargets(result)) result.knobs.erase("smoothing");
      Add(changes, recipe,
          {.label = "without." + std::string(block.name),
           .reason = "What a block adds may be noise.",
           .prior = {.gain = 0.2 - PriorOf(block, recipe).gain,
                     .cost = 1 / block.prior.cost},
           .result = std::move(result)});
    } else if (BlockFits(block, facts, recipe)) {
      result.blocks.emplace(block.name);
      Add(changes, recipe,
          {.label = std::string(block.name),
           .reason = std::string(block.reason),
           .prior = PriorOf(block, recipe),
           .result = std::move(result)});
    }
  }
}

// Corrections and weights that make sense with another loss or target only.
void DropWhatNoLongerFits(const TaskFacts& facts, Recipe& recipe) {
  for (const FeatureBlock& block : HeldOutBlocks()) {
    if (!BlockFits(block, facts, recipe)) {
      recipe.blocks.erase(std::string(block.name));
    }
  }
  if (!InverseWeightsFit(facts, recipe)) recipe.choices.erase("weights");
}

}  // namespace

std::vector<RecipeChange> ChangesOf(const TaskFacts& facts,
                                    const Recipe& recipe) {
  std::vector<RecipeChange> changes;
  AddBlockChanges(facts, recipe, changes);
  for (const GeneralChange& change : GeneralChanges()) {
    if (!change.fits(facts, recipe)) continue;
    Recipe result = recipe;
    change.apply(facts, result);
    DropWhatNoLongerFits(facts, result);
    Add(changes, recipe,
        {.label = std::string(change.label),
         .reason = std::string(change.reason),
         .prior = change.prior,
         .result = std::move(result)});
  }
  const ModelFamily* family = FindFamily(recipe.family);
  CHECK(family != nullptr);
  for (const FamilyChange& change : family->changes) {
    if (change.fits != nullptr && !change.fits(facts, recipe)) continue;
    Recipe result = recipe;
    change.apply(facts, result);
    Add(changes, recipe,
        {.label = recipe.family + "." + std::string(change.name),
         .reason = std::string(change.reason),
         .prior = change.prior,
         .result = std::move(result)});
  }
  return changes;
}

}  // namespace treesmith
