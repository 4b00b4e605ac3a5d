// Panels and single series of a forecast: their past, and years that broke.
#include <algorithm>
#include <string>

#include "operators/builtin/additive.h"
#include "operators/builtin/feature_block.h"
#include "operators/builtin/objective.h"

namespace treesmith {
namespace {

constexpr double kDay = 86400;
constexpr double kYear = 365 * kDay;

constexpr std::string_view kLags = R"py(
def add_lags(table, date, series, past):
    """The series' own past, as old as it is for the last row of test."""
    n = len(past)
    day = (date - date.min()).dt.days.to_numpy()
    horizon = max(day[n:].max() - day[:n].max(), @test_days@)
    if date.dt.hour.nunique() > 1:
        # Each hour of the day has a past of its own.
        series = 24 * series + date.dt.hour.to_numpy()
    # Rows in order of series and day, so that a span of days is a span of rows.
    key = series.astype(np.int64) * (2 * day.max() + horizon + 400) + day
    order = np.argsort(key[:n], kind="stable")
    known = key[order]
    total = np.append(0, np.cumsum(past[order]))

    def mean(first, last):
        """Of what lies so many days back."""
        start = np.searchsorted(known, key - first, "left")
        end = np.searchsorted(known, key - last, "right")
        sums = total[end] - total[start]
        return np.where(end > start, sums / np.maximum(end - start, 1), np.nan)

    weeks = 7 * int(np.ceil(horizon / 7))
    new = {
        "same_weekday": mean(weeks, weeks),
        "week": mean(horizon + 6, horizon),
        "month": mean(horizon + 27, horizon),
        "year": mean(horizon + 363, horizon),
    }
    if horizon <= 364:
        new["year_ago"] = mean(364, 364)
        new["week_year_ago"] = mean(367, max(361, horizon))
    new = pd.DataFrame(new, index=table.index).add_prefix("past_")
    return pd.concat([table, new.loc[:, new[:n].notna().any()]], axis=1)
)py";

constexpr std::string_view kBrokenYear = R"py(
def drop_broken_year(train, target):
    """Leave out the year whose months or level are like no other year's."""
    date = read_dates(train[TIME]).ffill().bfill()
    age = (date.max() - date).dt.days
    # Years and their months, counted back from the last day.
    years, months = age // 365.25, age % 365.25 // 30.4375
    whole = (age.max() + 1) // 365
    if whole < 3:
        return train
    amounts = train[target].astype(float)
    means = amounts.groupby([years, months]).mean().unstack().reindex(range(whole))
    if means.isna().any(axis=None):
        return train
    logs = np.log(means.clip(lower=amounts.abs().mean() / 100 + 1e-9))
    level = logs.mean(axis=1).to_numpy()
    shape = logs.to_numpy() - level[:, None]
    apart = np.abs(shape[:, None] - shape).mean(axis=2)
    np.fill_diagonal(apart, np.inf)
    nearest = apart.min(axis=1)
    odd = nearest.argmax()
    broken = nearest[odd] > max(0.08, 2.5 * np.sort(nearest)[-2])
    if not broken and whole >= 4:
        # Without it the others' levels lie on a line.
        misses, errors = np.zeros(whole), np.zeros(whole)
        for year in range(whole):
            others = np.delete(np.arange(whole), year)
            line = np.polyfit(others, level[others], 1)
            misses[year] = abs(level[year] - np.polyval(line, year))
            errors[year] = np.std(level[others] - np.polyval(line, others))
        odd = errors.argmin()
        second = np.sort(errors)[1]
        broken = misses[odd] > 0.15 and second > 4 * errors[odd]
    return train[years != odd] if broken else train
)py";

// From train's first day to its last.
double SecondsOfTrain(const TaskFacts& facts) {
  const FactColumn* time = facts.Find(facts.time_column);
  if (time == nullptr) return 0;
  const double days = time->hours ? 0 : static_cast<double>(time->distinct);
  return std::max(time->maximum - time->minimum + kDay, days * kDay);
}

// What lies further back than a season says little about the next days, and a
// sample of the rows lacks most of the past.
constexpr int64_t kMostTestDays = 100;

bool HasPast(const TaskFacts& facts, const Recipe& recipe) {
  const auto test = static_cast<double>(facts.test_days);
  return facts.Regression() && !FitsClasses(recipe) && !SharesTargets(recipe) &&
         facts.future && facts.test_days > 0 &&
         facts.test_days <= kMostTestDays && recipe.max_rows == 0 &&
         !HasNewGroups(facts) &&
         SecondsOfTrain(facts) >= (2 * test + 56) * kDay;
}

// Rows that are held out of train lie among the others: their past is to be as
// old as that of test.
std::vector<std::pair<std::string, std::string>> TestDays(
    const TaskFacts& facts) {
  return {{"test_days", std::to_string(facts.test_days)}};
}

bool MayBreak(const TaskFacts& facts, const Recipe& /*recipe*/) {
  return facts.future && AdditiveFits(facts) && LogsFit(facts) &&
         SecondsOfTrain(facts) >= 3 * kYear;
}

}  // namespace

std::span<const FeatureBlock> PanelBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "clean.broken-year",
       .stage = BlockStage::kRows,
       .function = "drop_broken_year",
       .reason = "A year in which all was different foretells no other.",
       .source = kBrokenYear,
       .fits = MayBreak,
       .prior = {.gain = 0.3}},
      {.name = "feature.lags",
       .stage = BlockStage::kPast,
       .function = "add_lags",
       .reason =
           "Series wander: what each last was tells more than its calendar.",
       .source = kLags,
       .bind = TestDays,
       .fits = HasPast,
       .prior = {.gain = 0.5, .cost = 1.4}},
  };
  return blocks;
}

}  // namespace treesmith
