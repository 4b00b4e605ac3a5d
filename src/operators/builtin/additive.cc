// Additive model: ridge regression on effects of the calendar, of the series
// and of a damped trend. It extrapolates, which trees cannot.
#include "operators/builtin/additive.h"

#include <algorithm>

#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

using Scale = KnobRange::Scale;

// A category of more values is no group with a season of its own.
constexpr int64_t kMostGroups = 40;
constexpr size_t kMostGroupColumns = 4;
constexpr int64_t kFewestDays = 20;

constexpr std::string_view kEffects = R"py(
def calendar_effects(date):
    """Weekday, season, the turn of the year and Easter, a column each."""
    day = date.dt.dayofyear
    season = [
        wave(2 * np.pi * k * day / 365.25)
        for k in range(1, WAVES + 1)
        for wave in (np.sin, np.cos)
    ]
    turn = (date + pd.Timedelta(days=20)).dt.dayofyear
    easter_days = {y: pd.Timestamp(easter(y)) for y in date.dt.year.unique()}
    after_easter = (date.dt.normalize() - date.dt.year.map(easter_days)).dt.days
    effects = [
        pd.get_dummies(date.dt.dayofweek),
        np.column_stack(season),
        pd.get_dummies(turn.where(turn <= 40)),
        pd.get_dummies(after_easter.where(after_easter.between(-7, 52))),
    ]
    if date.dt.hour.nunique() > 1:
        effects.append(pd.get_dummies(date.dt.dayofweek * 24 + date.dt.hour))
        effects.append(pd.get_dummies(date.dt.hour))
    return sparse.hstack([sparse.csr_matrix(np.asarray(e, float)) for e in effects])
)py";

constexpr std::string_view kHolidays = R"py(
def public_holidays(table, date):
    """Days since the last public holiday of the row's country, a column each."""
    years = range(date.dt.year.min() - 1, date.dt.year.max() + 2)
    columns = np.zeros((len(table), 8))
    for name in table[COUNTRY].unique():
        calendar = getattr(holidays, name.replace(" ", ""), None)
        if getattr(calendar, "country", None) is None:
            continue
        days = pd.to_datetime(sorted(calendar(years=years)))
        rows = (table[COUNTRY] == name).to_numpy()
        for later in range(columns.shape[1]):
            shifted = days + pd.Timedelta(days=later - 1)
            columns[rows, later] = date[rows].dt.normalize().isin(shifted)
    return columns
)py";

constexpr std::string_view kFit = R"py(
def fit_additive(table, y):
    """Ridge on effects of calendar, series and trend, for every row of table."""
    date = pd.to_datetime(table[DATES[0]], errors="coerce", utc=True)
    date = date.dt.tz_localize(None).ffill()
    years = (date - date[: len(y)].max()).dt.total_seconds() / (365.25 * 86400)
    years = years.to_numpy()
    effects = calendar_effects(date).tocsr()
    season = 0.5 * pd.get_dummies(date.dt.dayofyear).to_numpy(float)
    groups = [np.ones((len(table), 1))]
    groups += [pd.get_dummies(table[c]).to_numpy(float) for c in GROUPS]
    parts = [sparse.csr_matrix(season), sparse.csr_matrix(np.hstack(groups))]
@series@@trend@@holidays@@numbers@    for member in np.hstack(groups).T:
        parts.append(effects.multiply(member[:, None]))
    x = sparse.hstack(parts).tocsr()
    known = x[: len(y)]
    weight = np.exp(RECENCY * years[: len(y)])
    weighted = known.multiply(weight[:, None]).tocsr()
    mean = np.average(y, weights=weight)
    gram = (known.T @ weighted).toarray() + STRENGTH * np.eye(x.shape[1])
    return mean + x @ linalg.solve(gram, weighted.T @ (y - mean), assume_a="pos")
)py";

constexpr std::string_view kSeries =
    "    series = table[GROUPS].agg(\"|\".join, axis=1)\n"
    "    "
    "parts.append(sparse.csr_matrix(pd.get_dummies(series).to_numpy(float)))"
    "\n";

constexpr std::string_view kLine =
    "    # After the last day that is known a trend goes on, but weaker.\n"
    "    trend = np.where(years > 0, DAMPING * years, years)[:, None]\n"
    "    parts.append(sparse.csr_matrix(trend * np.hstack(groups)))\n";

// Years are counted back from the end, so that the last one is whole.
constexpr std::string_view kYears =
    "    # Each year has a level of its own; the last one goes on.\n"
    "    level = pd.get_dummies(np.floor(np.minimum(years, -1e-9)))\n"
    "    level = sparse.csr_matrix(level.to_numpy(float))\n"
    "    parts += [level.multiply(m[:, None]) for m in np.hstack(groups).T]\n";

constexpr std::string_view kHolidayColumns =
    "    parts.append(sparse.csr_matrix(public_holidays(table, date)))\n";

constexpr std::string_view kNumbers =
    "    numbers = table[NUMBERS]\n"
    "    numbers = (numbers - numbers.mean()) / (numbers.std() + 1e-9)\n"
    "    numbers = numbers.fillna(0).clip(-5, 5)\n"
    "    parts += [sparse.csr_matrix(numbers), "
    "sparse.csr_matrix(numbers**2)]\n";

const std::vector<KnobRange>& Knobs() {
  static const std::vector<KnobRange> knobs = {
      {"strength", 0.1, 300, Scale::kLogarithmic},
      {"waves", 1, 12, Scale::kLinear, true},
      {"damping", 0, 1.5, Scale::kLinear},
      {"recency", 0, 3, Scale::kLinear},
  };
  return knobs;
}

std::string Trend(const Recipe& recipe) {
  const std::string kind = recipe.Choice("trend", "line");
  if (kind == "line") return std::string(kLine);
  return kind == "years" ? std::string(kYears) : "";
}

const FactColumn* CountryColumn(const TaskFacts& facts) {
  const auto found =
      std::ranges::find(facts.columns, true, &FactColumn::countries);
  return found == facts.columns.end() ? nullptr : &*found;
}

void SetKnob(Recipe& recipe, const char* name, double value) {
  recipe.knobs[name] = value;
}

void AddKnobs(const TaskFacts& facts, Recipe& recipe) {
  SetKnob(recipe, "strength", 2);
  SetKnob(recipe, "waves", 4);
  SetKnob(recipe, "damping", 0.8);
  SetKnob(recipe, "recency", facts.future ? 1 : 0);
}

Recipe Draft(const TaskFacts& facts) {
  Recipe recipe{.family = "additive"};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  // What sells grows by shares, so effects multiply.
  if (LogsFit(facts) && facts.target_facts.skew > 0.5) {
    recipe.target_transform = LogOf(facts);
  }
  // A trend may leave the range seen in training.
  recipe.blocks.erase("post.clip");
  recipe.blocks.insert("post.floor");
  AddKnobs(facts, recipe);
  return recipe;
}

double Cost(const TaskFacts& facts, const Recipe& recipe) {
  double groups = 1;
  for (const std::string& name : AdditiveGroups(facts, recipe)) {
    groups += static_cast<double>(facts.Find(name)->distinct);
  }
  return MegaRows(facts, recipe) * groups * 60 + 5;
}

bool Trending(const TaskFacts& facts, const Recipe& recipe) {
  return facts.future && recipe.Choice("trend", "line") != "none";
}

std::vector<FamilyChange> Changes() {
  return {
      {"no-trend",
       "A trend of few years may be chance, and does harm beyond them.",
       {.gain = 0.6},
       Trending,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["trend"] = "none";
       }},
      {"year-levels",
       "Levels may jump from year to year rather than follow a line.",
       {.gain = 0.6},
       Trending,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["trend"] = "years";
       }},
      {"full-trend",
       "What grew all along may go on growing.",
       {.gain = 0.6},
       Trending,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         SetKnob(recipe, "damping", 1);
       }},
      {"half-trend",
       "Trends weaken more often than they last.",
       {.gain = 0.5},
       Trending,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         SetKnob(recipe, "damping", 0.4);
       }},
      {"recent",
       "The latest years tell most about the next.",
       {.gain = 0.5},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         SetKnob(recipe, "recency", recipe.Knob("recency", 0) + 1);
       }},
      {"all-years",
       "Every year counts alike, so that seasons are known better.",
       {.gain = 0.2},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         SetKnob(recipe, "recency", 0);
       }},
      {"more-waves",
       "Seasons may have finer shapes.",
       {.gain = 0.3, .cost = 1.5},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         ScaleKnob(recipe, *FindFamily("additive"), "waves", 2);
       }},
      {"weaker",
       "A weaker penalty follows finer structure.",
       {.gain = 0.3},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         ScaleKnob(recipe, *FindFamily("additive"), "strength", 0.2);
       }},
      {"stronger",
       "A stronger penalty follows less noise.",
       {.gain = 0.3},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         ScaleKnob(recipe, *FindFamily("additive"), "strength", 5);
       }},
  };
}

}  // namespace

bool AdditiveFits(const TaskFacts& facts) {
  const bool numbers = facts.Regression() && facts.answer == AnswerKind::kValue;
  const FactColumn* time = facts.Find(facts.time_column);
  return numbers && time != nullptr && (facts.future || facts.time_gaps) &&
         time->distinct >= kFewestDays;
}

bool StartsFromAdditive(const Recipe& recipe) {
  return recipe.Choice("base", "") == "additive";
}

std::vector<std::string> AdditiveGroups(const TaskFacts& facts,
                                        const Recipe& recipe) {
  std::vector<std::string> groups;
  for (const FactColumn& column : facts.columns) {
    const bool known =
        facts.series.empty() ||
        std::ranges::find(facts.series, column.name) != facts.series.end();
    if (column.role == ColumnRole::kCategory && known &&
        column.distinct <= kMostGroups && groups.size() < kMostGroupColumns &&
        !recipe.dropped.contains(column.name)) {
      groups.push_back(column.name);
    }
  }
  return groups;
}

void StartFromAdditive(const TaskFacts& facts, Recipe& recipe) {
  recipe.choices["base"] = "additive";
  if (LogsFit(facts)) recipe.target_transform = LogOf(facts);
  // A trend may leave the range seen in training.
  recipe.blocks.erase("post.clip");
  recipe.blocks.insert("post.floor");
  AddKnobs(facts, recipe);
}

void StartFromNothing(Recipe& recipe) {
  recipe.choices.erase("base");
  recipe.blocks.erase("post.floor");
  recipe.blocks.insert("post.clip");
  for (const KnobRange& knob : Knobs()) {
    recipe.knobs.erase(std::string(knob.name));
  }
}

ModelSource RenderAdditive(const TaskFacts& facts, const Recipe& recipe) {
  ModelSource model;
  model.imports = {"from dateutil.easter import easter",
                   "from scipy import linalg", "from scipy import sparse"};
  const bool countries = CountryColumn(facts) != nullptr;
  if (countries) model.imports.emplace_back("import holidays");
  bool numbers = false;
  for (const FactColumn& column : facts.columns) {
    numbers |= column.role == ColumnRole::kNumber &&
               !recipe.dropped.contains(column.name);
  }
  const bool several = AdditiveGroups(facts, recipe).size() > 1;
  model.source =
      std::string(kEffects) + (countries ? "\n" + std::string(kHolidays) : "") +
      "\n" +
      FillTemplate(kFit,
                   {{"series", several ? std::string(kSeries) : ""},
                    {"trend", facts.future ? Trend(recipe) : ""},
                    {"holidays", countries ? std::string(kHolidayColumns) : ""},
                    {"numbers", numbers ? std::string(kNumbers) : ""}});
  return model;
}

ModelFamily AdditiveFamily() {
  return {.name = "additive",
          .title = "Additive calendar model",
          .input = InputKind::kCalendar,
          .fits = AdditiveFits,
          .likely = AdditiveFits,
          .draft = Draft,
          .reason =
              "Calendar, series and trend add up; trees cannot go on "
              "beyond the last day.",
          .render = RenderAdditive,
          .cost = Cost,
          .knobs = Knobs(),
          .changes = Changes()};
}

}  // namespace treesmith
