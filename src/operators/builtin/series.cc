#include "operators/builtin/series.h"

#include <algorithm>

#include "operators/builtin/additive.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/render_constants.h"

namespace treesmith {
namespace {

constexpr double kTwoYears = 2 * 365 * 86400.0;

constexpr std::string_view kLevel = R"py(
def fit_level(date, series, y):
    """Each series' mean of the year; after the last day the growth goes on."""
    n = len(y)
    age = (date[:n].max() - date).dt.days.to_numpy()
    # What is older than the last whole year belongs to it.
    year = (age.clip(0) // 365.25).astype(int)
    year = year.clip(max=max((age.max() + 1) // 365 - 1, 0))
    level, means = np.full(len(date), y.mean()), []
    # From the whole to the part; means of few rows are drawn towards nothing.
    for cell in (series, year, series * (year.max() + 1) + year):
        left, size = y - level[:n], cell.max() + 1
        total = np.bincount(cell[:n], left, size)
        means.append(total / (np.bincount(cell[:n], minlength=size) + 10))
        level += means[-1][cell]
    last, *before = np.unique(year[:n])
    if before:
        growth = (means[1][last] - means[1][before[0]]) / (before[0] - last)
        level[age < 0] += DAMPING * growth
    return level
)py";

}  // namespace

bool StartsFromLevel(const Recipe& recipe) {
  return recipe.Choice("base", "") == "level";
}

bool HasBase(const Recipe& recipe) {
  return StartsFromAdditive(recipe) || StartsFromLevel(recipe);
}

bool NeedsSeries(const Recipe& recipe) {
  return StartsFromLevel(recipe) || recipe.family == "shares" ||
         HasStage(recipe, BlockStage::kPast);
}

bool ReadsDates(const Recipe& recipe) {
  return NeedsSeries(recipe) || recipe.Has("clean.broken-year");
}

std::string SeriesLines(const TaskFacts& facts) {
  std::string text =
      "    rows = pd.concat([train, test], ignore_index=True)\n"
      "    date = "
      "read_dates(rows[TIME]).dt.tz_localize(None).ffill().bfill()\n";
  if (facts.series.empty()) {
    return text + "    series = np.zeros(len(rows), int)\n";
  }
  return text +
         "    series = rows.groupby(PANEL, sort=False, dropna=False).ngroup()\n"
         "    series = series.to_numpy()\n";
}

// Within a year seasons would pass for a level.
bool LevelFits(const TaskFacts& facts) {
  const FactColumn* time = facts.Find(facts.time_column);
  return AdditiveFits(facts) && facts.future && !facts.series.empty() &&
         time->maximum - time->minimum >= kTwoYears;
}

void StartFromLevel(const TaskFacts& facts, Recipe& recipe) {
  StartFromNothing(recipe);
  recipe.choices["base"] = "level";
  recipe.knobs["damping"] = 0.8;
  if (LogsFit(facts)) FitLogs(facts, recipe);
  recipe.blocks.erase("post.clip");
  recipe.blocks.insert("post.floor");
}

std::string RenderLevel() { return std::string(kLevel); }

}  // namespace treesmith
