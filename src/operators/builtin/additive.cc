// Additive model: ridge regression on effects of the calendar, of the series
// and of a damped trend. It extrapolates, which trees cannot.
#include "operators/builtin/additive.h"

#include <algorithm>
#include <cmath>

#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"
#include "operators/builtin/render_constants.h"

namespace treesmith {
namespace {

using Scale = KnobRange::Scale;

// A column of more values names no groups with a season of their own.
constexpr int64_t kMostGroups = 40;
constexpr size_t kMostGroupColumns = 4;
// Effects of the calendar without the time of day, and with it. All groups'
// together are kept to so many columns: the matrix to solve is dense.
constexpr int64_t kDayEffects = 120;
constexpr int64_t kHourEffects = 310;
constexpr int64_t kMostEffects = 7000;
// More names of columns that are no groups get no levels in the matrix.
constexpr int64_t kMostLevels = 1000;
constexpr int64_t kFewestDays = 20;

constexpr std::string_view kEffects = R"py(
def apart(effects, values):
    """The effects in columns of their own for each of the values."""
    codes, names = pd.factorize(values)
    effects = effects.tocoo()
    codes = codes[effects.row]
    known = codes >= 0
    columns = codes[known] * effects.shape[1] + effects.col[known]
    return sparse.csr_matrix(
        (effects.data[known], (effects.row[known], columns)),
        (effects.shape[0], len(names) * effects.shape[1]),
    )


def one_hot(values):
    """A sparse column for each of the values."""
    return apart(sparse.coo_matrix(np.ones((len(values), 1))), values)


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
        one_hot(date.dt.dayofweek),
        sparse.csr_matrix(np.column_stack(season)),
        one_hot(turn.where(turn <= 40)),
        one_hot(after_easter.where(after_easter.between(-7, 52))),
    ]
    if date.dt.hour.nunique() > 1:
        effects.append(one_hot(date.dt.dayofweek * 24 + date.dt.hour))
        effects.append(one_hot(date.dt.hour))
    return sparse.hstack(effects).tocsr()
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

constexpr std::string_view kSeriesLevel = R"py(
def series_level(series, left, weight):
    """What is left of each series on average, drawn towards nothing."""
    known, count = series[: len(left)], series.max() + 1
    total = np.bincount(known, weight * left, count)
    return (total / (np.bincount(known, weight, count) + STRENGTH))[series]
)py";

constexpr std::string_view kFit = R"py(
def @name@(table, y@trending@):
    """Ridge on effects of calendar, series and trend, for every row of table."""
    date = table[TIME].dt.tz_localize(None).ffill().bfill()
    years = (date - date[: len(y)].max()).dt.total_seconds() / (365.25 * 86400)
    years = years.to_numpy()
    effects = calendar_effects(date)
    parts = [0.5 * one_hot(date.dt.dayofyear), np.ones((len(table), 1)), effects]
@groups@@trend@@holidays@@numbers@    x = sparse.hstack(parts).tocsr()
    known = x[: len(y)]
    weight = np.exp(RECENCY * years[: len(y)])
    weighted = known.multiply(weight[:, None]).tocsr()
    gram = (known.T @ weighted).toarray()
    gram[np.diag_indices_from(gram)] += STRENGTH
    level = np.average(y, weights=weight)
@fit@)py";

constexpr std::string_view kBothTrends = R"py(

def fit_additive(table, y):
    """The mean of a fit with a trend and one without."""
    fits = [fit_effects(table, y, trending) for trending in (True, False)]
    return np.mean(fits, axis=0)
)py";

constexpr std::string_view kNamed =
    "    parts += [one_hot(table[c]) for c in @named@]\n";
constexpr std::string_view kGroups =
    "    parts += [apart(effects, table[c]) for c in GROUPS]\n";

constexpr std::string_view kPlainFit =
    "    fit = linalg.solve(gram, weighted.T @ (y - level), assume_a=\"pos\")\n"
    "    return level + x @ fit\n";

// As good as a column each, and there may be any number of series.
constexpr std::string_view kSeriesFit =
    "    # Each series' own level, before the other effects and after them.\n"
    "    series = table.groupby(SERIES, sort=False, dropna=False).ngroup()\n"
    "    series = series.to_numpy()\n"
    "    level = level + series_level(series, y - level, weight)\n"
    "    left = y - level[: len(y)]\n"
    "    fit = x @ linalg.solve(gram, weighted.T @ left, assume_a=\"pos\")\n"
    "    level += series_level(series, left - fit[: len(y)], weight)\n"
    "    return level + fit\n";

constexpr std::string_view kLine =
    "    # After the last day that is known a trend goes on, but weaker.\n"
    "    trend = np.where(years > 0, DAMPING * years, years)\n"
    "    trend = sparse.csr_matrix(trend[:, None])\n"
    "    parts.append(trend)\n";
constexpr std::string_view kTrendApart =
    "    parts += [apart(trend, table[c]) for c in @named@]\n";

// Years are counted back from the end, so that the last one is whole.
constexpr std::string_view kYears =
    "    # Each year has a level of its own; the last one goes on.\n"
    "    trend = one_hot(np.floor(np.minimum(years, -1e-9)))\n"
    "    parts.append(trend)\n";

constexpr std::string_view kHolidayColumns =
    "    parts.append(sparse.csr_matrix(public_holidays(table, date)))\n";

constexpr std::string_view kNumbers =
    "    numbers = table[@numbers@]\n"
    "    numbers = (numbers - numbers.mean()) / (numbers.std() + 1e-9)\n"
    "    numbers = numbers.fillna(0).clip(-5, 5)\n"
    "    parts += [sparse.csr_matrix(numbers), "
    "sparse.csr_matrix(numbers**2)]\n";

// The lists of columns that have a level in the matrix, as Python adds them.
std::string Named(const AdditiveNames& names) {
  if (names.levels.empty()) return names.groups.empty() ? "" : "GROUPS";
  return names.groups.empty() ? "LEVELS" : "GROUPS + LEVELS";
}

std::string Groups(const AdditiveNames& names) {
  std::string text;
  if (const std::string named = Named(names); !named.empty()) {
    text += FillTemplate(kNamed, {{"named", named}});
  }
  return text + (names.groups.empty() ? "" : std::string(kGroups));
}

// Fits with a trend and without it are averaged.
bool BothTrends(const TaskFacts& facts, const Recipe& recipe) {
  return facts.future && recipe.Choice("trend", "line") == "both";
}

std::string Trend(const AdditiveNames& names, const Recipe& recipe) {
  const std::string kind = recipe.Choice("trend", "line");
  if (kind == "none") return "";
  if (kind == "both") {
    Recipe line = recipe;
    line.choices["trend"] = "line";
    return PythonBlock("    if trending", Trend(names, line));
  }
  // A level a year for each of many names would be too many.
  const std::string named = kind == "line"         ? Named(names)
                            : names.groups.empty() ? ""
                                                   : "GROUPS";
  std::string text(kind == "line" ? kLine : kYears);
  if (!named.empty()) text += FillTemplate(kTrendApart, {{"named", named}});
  return text;
}

void SetKnob(Recipe& recipe, const char* name, double value) {
  recipe.knobs[name] = value;
}

Recipe Draft(const TaskFacts& facts) {
  Recipe recipe{.family = "additive"};
  ChooseObjective(facts, Losses::kSquaredOnly, recipe);
  // Ridge on the target itself ranks as well, and its answer has a floor.
  if (recipe.target_transform == "rank") recipe.target_transform = "raw";
  // What sells grows by shares, so effects multiply.
  if (LogsFit(facts) && facts.target_facts.skew > 0.5) FitLogs(facts, recipe);
  // A trend may leave the range seen in training.
  recipe.blocks.erase("post.clip");
  recipe.blocks.insert("post.floor");
  AddAdditiveKnobs(facts, recipe);
  return recipe;
}

bool Trending(const TaskFacts& facts, const Recipe& recipe) {
  return facts.future && recipe.Choice("trend", "line") != "none";
}

// Half of the trend is the smaller risk (both-trends): what years of one level
// foretell, the one hidden period can hardly say. Nothing else than the trend
// carries the level of totals on.
bool MayStandStill(const TaskFacts& facts, const Recipe& recipe) {
  return Trending(facts, recipe) && recipe.family != "shares";
}

// Without a trend the mean of all years would be the level of the next.
bool LevelsFollow(const TaskFacts& facts, const Recipe& recipe) {
  return !facts.future || Trending(facts, recipe);
}

}  // namespace

void AddAdditiveKnobs(const TaskFacts& facts, Recipe& recipe) {
  SetKnob(recipe, "strength", 2);
  SetKnob(recipe, "waves", 4);
  SetKnob(recipe, "damping", 0.8);
  SetKnob(recipe, "recency", facts.future ? 1 : 0);
}

const std::vector<KnobRange>& AdditiveKnobs() {
  static const std::vector<KnobRange> knobs = {
      {"strength", 0.03, 300, Scale::kLogarithmic},
      {"waves", 1, 12, Scale::kLinear, true},
      {"damping", 0, 1.5, Scale::kLinear},
      {"recency", 0, 3, Scale::kLinear},
  };
  return knobs;
}

std::vector<FamilyChange> AdditiveChanges() {
  return {
      {"no-trend",
       "A trend of few years may be chance, and does harm beyond them.",
       {.gain = 0.3},
       MayStandStill,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["trend"] = "none";
         SetKnob(recipe, "recency", std::max(1.0, recipe.Knob("recency", 0)));
       }},
      {"both-trends",
       "Half of a trend that may be chance errs less than all or none of it.",
       {.gain = 0.6, .cost = 1.8},
       Trending,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         recipe.choices["trend"] = "both";
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
       LevelsFollow,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         SetKnob(recipe, "recency", 0);
       }},
      {"more-waves",
       "Seasons may have finer shapes.",
       {.gain = 0.3, .cost = 1.5},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         ScaleKnob(recipe, *FindFamily(recipe.family), "waves", 2);
       }},
      {"weaker",
       "A weaker penalty follows finer structure.",
       {.gain = 0.3},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         ScaleKnob(recipe, *FindFamily(recipe.family), "strength", 0.2);
       }},
      {"stronger",
       "A stronger penalty follows less noise.",
       {.gain = 0.3},
       nullptr,
       [](const TaskFacts& /*facts*/, Recipe& recipe) {
         ScaleKnob(recipe, *FindFamily(recipe.family), "strength", 5);
       }},
  };
}

bool AdditiveFits(const TaskFacts& facts) {
  const bool numbers = facts.Regression() && facts.answer == AnswerKind::kValue;
  const FactColumn* time = facts.Find(facts.time_column);
  return numbers && time != nullptr && (facts.future || facts.time_gaps) &&
         time->distinct >= kFewestDays;
}

const FactColumn* CountryColumn(const TaskFacts& facts) {
  const auto found =
      std::ranges::find(facts.columns, true, &FactColumn::countries);
  return found == facts.columns.end() ? nullptr : &*found;
}

std::string_view HolidayFunction() { return kHolidays; }

bool StartsFromAdditive(const Recipe& recipe) {
  return recipe.Choice("base", "") == "additive";
}

AdditiveNames NamesInAdditive(const TaskFacts& facts, const Recipe& recipe) {
  const FactColumn* time = facts.Find(facts.time_column);
  const int64_t effects =
      time != nullptr && time->hours ? kHourEffects : kDayEffects;
  AdditiveNames names;
  int64_t groups = 1;
  int64_t levels = 0;
  bool all = true;
  for (const FactColumn& column : facts.columns) {
    const bool series =
        std::ranges::find(facts.series, column.name) != facts.series.end();
    const bool category = facts.series.empty() &&
                          column.role == ColumnRole::kCategory &&
                          column.distinct <= kMostGroups;
    if (recipe.dropped.contains(column.name) || !(series || category)) continue;
    if (column.distinct <= kMostGroups &&
        names.groups.size() < kMostGroupColumns &&
        (groups + column.distinct) * effects <= kMostEffects) {
      groups += column.distinct;
      names.groups.push_back(column.name);
    } else if (!series) {
      continue;
    } else if (levels + column.distinct <= kMostLevels) {
      levels += column.distinct;
      names.levels.push_back(column.name);
    } else {
      all = false;
    }
    names.series.push_back(column.name);
  }
  // What the matrix has already.
  if (all && names.series.size() == 1) names.series.clear();
  return names;
}

double AdditiveCost(const TaskFacts& facts, const Recipe& recipe) {
  const AdditiveNames names = NamesInAdditive(facts, recipe);
  const auto count = [&](const std::vector<std::string>& columns) {
    double sum = 0;
    for (const std::string& name : columns) {
      sum += static_cast<double>(facts.Find(name)->distinct);
    }
    return sum;
  };
  const FactColumn* time = facts.Find(facts.time_column);
  const bool hours = time != nullptr && time->hours;
  const auto lists = static_cast<double>(names.groups.size());
  // Of a row: its effects once for each list of groups, two levels a name.
  const double cells = (1 + lists) * (hours ? 11 : 9) + 3 +
                       2 * (lists + static_cast<double>(names.levels.size()));
  const double width =
      (1 + count(names.groups)) *
          static_cast<double>(hours ? kHourEffects : kDayEffects) +
      366 + 2 * count(names.levels);
  // Building the matrix, multiplying it with itself, solving: measured.
  const double once = MegaRows(facts, recipe) * cells * (4.5 + 0.05 * cells) +
                      0.3 * std::pow(width / 1000, 3) + 5;
  return BothTrends(facts, recipe) ? 2 * once : once;
}

void StartFromAdditive(const TaskFacts& facts, Recipe& recipe) {
  recipe.choices["base"] = "additive";
  if (LogsFit(facts)) FitLogs(facts, recipe);
  // A trend may leave the range seen in training.
  recipe.blocks.erase("post.clip");
  recipe.blocks.insert("post.floor");
  AddAdditiveKnobs(facts, recipe);
}

void StartFromNothing(Recipe& recipe) {
  recipe.choices.erase("base");
  recipe.blocks.erase("post.floor");
  recipe.blocks.insert("post.clip");
  for (const KnobRange& knob : AdditiveKnobs()) {
    recipe.knobs.erase(std::string(knob.name));
  }
}

ModelSource RenderAdditive(const TaskFacts& facts, const Recipe& recipe) {
  ModelSource model;
  model.imports = {"from dateutil.easter import easter",
                   "from scipy import linalg", "from scipy import sparse"};
  const bool countries = CountryColumn(facts) != nullptr;
  if (countries) model.imports.emplace_back("import holidays");
  const std::vector<std::string> all = Kept(facts, recipe, ColumnRole::kNumber);
  const std::vector<std::string> measured = Measured(facts, recipe);
  const std::string numbers = FillTemplate(
      kNumbers, {{"numbers", measured == all ? "NUMBERS" : "MEASURED"}});
  const AdditiveNames names = NamesInAdditive(facts, recipe);
  const bool series = !names.series.empty();
  const bool both = BothTrends(facts, recipe);
  model.source =
      std::string(kEffects) + (countries ? "\n" + std::string(kHolidays) : "") +
      (series ? "\n" + std::string(kSeriesLevel) : "") + "\n" +
      FillTemplate(kFit,
                   {{"name", both ? "fit_effects" : "fit_additive"},
                    {"trending", both ? ", trending" : ""},
                    {"groups", Groups(names)},
                    {"trend", facts.future ? Trend(names, recipe) : ""},
                    {"holidays", countries ? std::string(kHolidayColumns) : ""},
                    {"numbers", measured.empty() ? "" : numbers},
                    {"fit", std::string(series ? kSeriesFit : kPlainFit)}}) +
      (both ? std::string(kBothTrends) : "");
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
          .cost = AdditiveCost,
          .knobs = AdditiveKnobs(),
          .changes = AdditiveChanges()};
}

}  // namespace treesmith
