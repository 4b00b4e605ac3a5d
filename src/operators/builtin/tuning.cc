#include "operators/builtin/tuning.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "operators/builtin/model_family.h"

namespace treesmith {
namespace {

// Older results are left out: the fit takes the cube of their number.
constexpr size_t kMostResults = 40;
constexpr int kSteps = 200;
constexpr double kLength = 0.35;  // of a knob's range, over which scores change
constexpr double kStep = 0.2;
constexpr double kNoise = 0.15;
// Added where blocks or choices differ: the score then tells less of knobs.
constexpr double kOtherStructure = 0.8;
constexpr double kCuriosity = 0.8;
// Expected gain; on few rows what scores say of knobs is mostly noise.
constexpr double kGain = 0.4;
constexpr double kGainOnFewRows = 0.15;
// One in so many steps looks at a knob that the recipe does not name.
constexpr uint64_t kSeldom = 4;

using Point = std::vector<double>;

bool IsRounds(std::string_view name) {
  static constexpr std::array<std::string_view, 2> kRounds = {"n_estimators",
                                                              "iterations"};
  return std::ranges::find(kRounds, name) != kRounds.end();
}

// Knobs that the recipe has, but for the rounds, which follow the rate; at
// times also one that it leaves to the library: those matter less.
std::vector<KnobRange> Free(const Recipe& recipe, const ModelFamily& family,
                            Rng& rng) {
  std::vector<KnobRange> free;
  for (const KnobRange& range : family.knobs) {
    if (IsRounds(range.name)) continue;
    const bool named = recipe.knobs.contains(std::string(range.name));
    if (named || (range.usual && rng.Below(kSeldom) == 0)) {
      free.push_back(range);
    }
  }
  return free;
}

// The knob's value in the recipe, or what stands for an absent one.
double ValueOf(const Recipe& recipe, const KnobRange& range, double otherwise) {
  return recipe.Knob(range.name, range.usual.value_or(otherwise));
}

double ToUnit(const KnobRange& range, double value) {
  if (range.scale == KnobRange::Scale::kLogarithmic) {
    // Zero, a penalty's usual value, lies below any range of logarithms.
    return std::log(std::max(value, range.low) / range.low) /
           std::log(range.high / range.low);
  }
  return (value - range.low) / (range.high - range.low);
}

double FromUnit(const KnobRange& range, double unit) {
  const double value = range.scale == KnobRange::Scale::kLogarithmic
                           ? range.low * std::pow(range.high / range.low, unit)
                           : range.low + unit * (range.high - range.low);
  return value;
}

double Kernel(const Point& a, const Point& b) {
  double squares = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    squares += (a[i] - b[i]) * (a[i] - b[i]);
  }
  return std::exp(-squares / (2 * kLength * kLength));
}

struct Trial {
  Point point;
  double gain = 0;  // standardised, larger is better
  double noise = kNoise;
};

// The family's scored nodes as points, the newest last.
std::vector<Trial> ResultsOf(const Recipe& parent,
                             const std::vector<KnobRange>& knobs,
                             const NodeSnapshot& nodes) {
  std::vector<Trial> results;
  for (size_t i = nodes.size(); i-- > 0 && results.size() < kMostResults;) {
    const Node& node = nodes[i];
    if (!node.score || node.family != parent.family ||
        !node.score->value.present()) {
      continue;
    }
    const std::optional<Recipe> recipe = DecodeRecipe(node.origin);
    if (!recipe) continue;
    Trial result;
    for (const KnobRange& knob : knobs) {
      const double otherwise = ValueOf(parent, knob, knob.low);
      result.point.push_back(ToUnit(knob, ValueOf(*recipe, knob, otherwise)));
    }
    const double value = node.score->value.value();
    result.gain =
        node.score->value.direction() == Direction::kMaximize ? value : -value;
    const bool same = recipe->blocks == parent.blocks &&
                      recipe->choices == parent.choices &&
                      recipe->objective == parent.objective &&
                      recipe->target_transform == parent.target_transform;
    if (!same) result.noise += kOtherStructure;
    results.push_back(std::move(result));
  }
  return results;
}

// Gains to mean 0 and spread 1; a lone wild value is cut off.
void Standardise(std::vector<Trial>& results) {
  double mean = 0;
  double squares = 0;
  const auto n = static_cast<double>(std::max<size_t>(results.size(), 1));
  for (const Trial& result : results) mean += result.gain / n;
  for (const Trial& result : results) {
    squares += (result.gain - mean) * (result.gain - mean) / n;
  }
  const double spread = std::sqrt(squares) + 1e-12;
  for (Trial& result : results) {
    result.gain = std::clamp((result.gain - mean) / spread, -2.0, 2.0);
  }
}

// A Gaussian process by its Cholesky factor.
class Process {
 public:
  explicit Process(std::vector<Trial> results)
      : results_(std::move(results)), factor_(results_.size()) {
    for (size_t i = 0; i < results_.size(); ++i) {
      factor_[i].resize(i + 1);
      for (size_t j = 0; j <= i; ++j) {
        double value = Kernel(results_[i].point, results_[j].point);
        if (i == j) value += results_[i].noise;
        for (size_t k = 0; k < j; ++k) value -= factor_[i][k] * factor_[j][k];
        factor_[i][j] =
            i == j ? std::sqrt(std::max(value, 1e-9)) : value / factor_[j][j];
      }
    }
    Point gains;
    gains.reserve(results_.size());
    for (const Trial& result : results_) gains.push_back(result.gain);
    gains_ = Forward(gains);
  }

  // Mean plus curiosity times spread.
  [[nodiscard]] double Promise(const Point& point) const {
    Point cross;
    cross.reserve(results_.size());
    for (const Trial& result : results_) {
      cross.push_back(Kernel(result.point, point));
    }
    const Point solved = Forward(cross);
    double mean = 0;
    double variance = 1;
    for (size_t i = 0; i < solved.size(); ++i) {
      mean += solved[i] * gains_[i];
      variance -= solved[i] * solved[i];
    }
    return mean + kCuriosity * std::sqrt(std::max(variance, 0.0));
  }

 private:
  [[nodiscard]] Point Forward(const Point& right) const {
    Point solved(right.size());
    for (size_t i = 0; i < right.size(); ++i) {
      double value = right[i];
      for (size_t k = 0; k < i; ++k) value -= factor_[i][k] * solved[k];
      solved[i] = value / factor_[i][i];
    }
    return solved;
  }

  std::vector<Trial> results_;
  std::vector<Point> factor_;
  Point gains_;
};

// One to three knobs moved a little.
Point Step(const Point& from, Rng& rng) {
  Point point = from;
  const uint64_t moves = 1 + rng.Below(std::min<uint64_t>(3, from.size()));
  for (uint64_t i = 0; i < moves; ++i) {
    double& value = point[rng.Below(point.size())];
    value = std::clamp(value + kStep * rng.Normal(), 0.0, 1.0);
  }
  return point;
}

Recipe Moved(const Recipe& parent, const ModelFamily& family,
             const std::vector<KnobRange>& knobs, const Point& point) {
  Recipe recipe = parent;
  for (size_t i = 0; i < knobs.size(); ++i) {
    const std::string name(knobs[i].name);
    const double old = ValueOf(parent, knobs[i], knobs[i].low);
    const double value = FromUnit(knobs[i], point[i]);
    // A zero stays where the step does not leave the lower end.
    const bool moved = old > 0 ? std::abs(value / old - 1) > 0.03
                               : value > 1.03 * knobs[i].low;
    if (!moved) continue;
    recipe.knobs[name] = old > 0 ? old : value;
    ScaleKnob(recipe, family, name, old > 0 ? value / old : 1);
    if (knobs[i].usual && recipe.knobs[name] == *knobs[i].usual) {
      recipe.knobs.erase(name);
    }
    if (name != "learning_rate") continue;
    const double slower = old / recipe.Knob(name, old);
    for (const KnobRange& range : family.knobs) {
      if (IsRounds(range.name)) ScaleKnob(recipe, family, range.name, slower);
    }
  }
  return recipe;
}

}  // namespace

std::optional<RecipeChange> TuneRecipe(const TaskFacts& facts,
                                       const Recipe& parent,
                                       const NodeSnapshot& nodes, Rng& rng) {
  const ModelFamily* family = FindFamily(parent.family);
  if (family == nullptr) return std::nullopt;
  const std::vector<KnobRange> knobs = Free(parent, *family, rng);
  if (knobs.empty()) return std::nullopt;
  Point start;
  start.reserve(knobs.size());
  for (const KnobRange& knob : knobs) {
    start.push_back(ToUnit(knob, ValueOf(parent, knob, knob.low)));
  }
  std::vector<Trial> results = ResultsOf(parent, knobs, nodes);
  Standardise(results);
  const Process process(std::move(results));
  std::optional<Point> best;
  double most = 0;
  for (int i = 0; i < kSteps; ++i) {
    Point point = Step(start, rng);
    const double promise = process.Promise(point);
    if (!best || promise > most) {
      most = promise;
      best = std::move(point);
    }
  }
  return RecipeChange{
      .label = "tune." + parent.family,
      .reason = "Hyper-parameters where this family's scores promise most.",
      .prior = {.gain = FewRows(facts) ? kGainOnFewRows : kGain},
      .result = Moved(parent, *family, knobs, *best)};
}

}  // namespace treesmith
