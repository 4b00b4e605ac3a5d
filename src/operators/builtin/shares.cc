// Shares: totals of all series by the additive model, times the share that each
// series has of them.
#include <algorithm>
#include <cmath>

#include "operators/builtin/additive.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"
#include "operators/builtin/series.h"

namespace treesmith {
namespace {

// Columns that tell more than time and series, which shares know nothing of.
constexpr size_t kMostOthers = 2;

constexpr std::string_view kFit = R"py(
def fit_shares(table, date, series, y):
    """The total of each day times what share of it each row's series has."""
    n, y = len(y), np.maximum(y, 0)
    if y.max() == 0:
        return np.zeros(len(table))
    day, days = pd.factorize(date)  # train's come first
    years = (date[:n].max() - date).dt.days.clip(lower=0) / 365.25
    weight = np.exp(-RECENCY * years[:n].to_numpy())

    def ratio(cell, expected, prior):
        """Amounts over what was expected of them, drawn towards 1."""
        size = cell.max() + 1
        amounts = np.bincount(cell[:n], weight * y, size)
        expected = np.bincount(cell[:n], weight * expected, size)
        return ((amounts + prior) / (expected + prior))[cell]

    # Totals of the days, as if every series had a row on each; then shares.
    share = np.ones(len(table))
    for _ in range(3):
        total = np.bincount(day[:n], y) / np.bincount(day[:n], share[:n])
        share = ratio(series, total[day[:n]], total.mean())
    # Names have more of it in some years, weekdays and seasons than in others.
    whens = (years, date.dt.dayofweek, date.dt.dayofyear // 15@hour@)
    prior = 20 * y.mean()
    for column in table.columns.intersection(PANEL):
        code = pd.factorize(table[column])[0] + 1
        for when in whens:
            cell = code * 25 + when.to_numpy(int).clip(max=24)
            share *= ratio(cell, total[day[:n]] * share[:n], prior)
@holidays@    least = total[total > 0].min() / 2
    days = pd.DataFrame({TIME: days})
    total = np.exp(fit_additive(days, np.log(np.maximum(total, least))))
    return total[day] * share
)py";

constexpr std::string_view kHolidayShares =
    "    if COUNTRY in table:\n"
    "        # Days off are not the same ones everywhere.\n"
    "        off = public_holidays(table, date) @ np.arange(1, 9)\n"
    "        cell = pd.factorize(table[COUNTRY])[0] * 37 + off.astype(int)\n"
    "        share *= ratio(cell, total[day[:n]] * share[:n], prior)\n";

// What the additive model of the totals sees: days and nothing else.
TaskFacts OfTotals(const TaskFacts& facts) {
  TaskFacts totals = facts;
  std::erase_if(totals.columns, [&](const FactColumn& column) {
    return column.name != facts.time_column;
  });
  totals.series.clear();
  totals.rows = facts.Find(facts.time_column)->distinct;
  return totals;
}

bool Fits(const TaskFacts& facts) {
  return AdditiveFits(facts) && facts.future && !facts.series.empty() &&
         LogsFit(facts) &&
         facts.columns.size() <= 1 + facts.series.size() + kMostOthers;
}

Recipe Draft(const TaskFacts& facts) {
  Recipe recipe{.family = "shares"};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  // The logarithms are those of the totals.
  recipe.target_transform = "raw";
  recipe.blocks.erase("post.clip");
  recipe.blocks.insert("post.floor");
  AddAdditiveKnobs(facts, recipe);
  // Totals are few rows, and steady ones.
  recipe.knobs["strength"] = 0.1;
  return recipe;
}

ModelSource Render(const TaskFacts& facts, const Recipe& recipe) {
  ModelSource model = RenderAdditive(OfTotals(facts), recipe);
  const bool countries = CountryColumn(facts) != nullptr;
  if (countries) {
    model.imports.emplace_back("import holidays");
    model.source += "\n" + std::string(HolidayFunction());
  }
  const bool hours = facts.Find(facts.time_column)->hours;
  model.source +=
      "\n" +
      FillTemplate(
          kFit, {{"hour", hours ? ", date.dt.hour" : ""},
                 {"holidays", countries ? std::string(kHolidayShares) : ""}});
  return model;
}

double Cost(const TaskFacts& facts, const Recipe& recipe) {
  const auto names = static_cast<double>(facts.series.size());
  return AdditiveCost(OfTotals(facts), recipe) +
         MegaRows(facts, recipe) * (5 + 5 * names);
}

}  // namespace

ModelFamily SharesFamily() {
  return {.name = "shares",
          .title = "Totals and shares",
          .input = InputKind::kCalendar,
          .fits = Fits,
          .likely = Fits,
          .draft = Draft,
          .reason =
              "Totals are steadier than series, whose shares hardly change "
              "where effects multiply.",
          .render = Render,
          .cost = Cost,
          .knobs = AdditiveKnobs(),
          .changes = AdditiveChanges()};
}

}  // namespace treesmith
