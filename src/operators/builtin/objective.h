// Which loss and which transform of the target a metric asks for.
//
// Recipe::objective and ::target_transform are chosen here for drafts; the
// alternatives are changes (loss_changes.cc).
#pragma once

#include <string>
#include <string_view>

#include "operators/builtin/facts.h"
#include "operators/builtin/recipe.h"

namespace treesmith {

// Fills the two for a family that can take any loss, or only squares ("mlp").
enum class Losses { kAny, kSquaredOnly };
void ChooseObjective(const TaskFacts& facts, Losses losses, Recipe& recipe);

// The metric is one of logarithms: it refuses negative answers.
bool LogMetric(const TaskFacts& facts);

// A regression on logs makes sense: the target is never below zero.
bool LogsFit(const TaskFacts& facts);

// The transform that makes logarithms of the target: "log1p", or "log" where
// relative errors of values below one count.
std::string LogOf(const TaskFacts& facts);

// The mean of logarithms falls short of what the metric asks for; lets the
// model fit logarithms, and there a factor puts it right.
bool LogsWantFactor(const TaskFacts& facts, const Recipe& recipe);
void FitLogs(const TaskFacts& facts, Recipe& recipe);

// The model fits numbers, of a target that may be transformed.
bool NumberModel(const TaskFacts& facts, const Recipe& recipe);

// The model fits classes (or the distribution over values), so its output is a
// matrix of probabilities.
bool FitsClasses(const Recipe& recipe);

// The metric is one of squared errors of the target itself, which its mean
// makes least.
bool MeanMetric(const TaskFacts& facts);

// Rows may weigh by the inverse of their target, as relative errors do; and
// whether they do in the recipe. The model's `fit_predict` then takes `weight`,
// which stands in its lists of parameters and of fit's arguments as these say.
bool InverseWeightsFit(const TaskFacts& facts, const Recipe& recipe);
bool WeighsInversely(const Recipe& recipe);
std::string WeightParameter(const Recipe& recipe);
std::string WeightArgument(const Recipe& recipe);

// The target counts few things, so that the median of any of its
// distributions is one of its values.
bool FewWholeValues(const TaskFacts& facts);

// Train-only columns add up to the target, so that each may be modelled; and
// whether the recipe does so.
bool PartsFit(const TaskFacts& facts);
bool SumsParts(const Recipe& recipe);

// One model answers all targets at once, as the columns of a matrix.
bool SharesTargets(const Recipe& recipe);

}  // namespace treesmith
