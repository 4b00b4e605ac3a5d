// Calendar features: what a date tells.
#include <algorithm>

#include "operators/builtin/feature_block.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

constexpr std::string_view kCalendar = R"py(
def add_calendar(table):
    """Replace dates by their parts."""
    table = table.copy()
    for column in DATES:
        date = table.pop(column)
        parts = {
            "year": date.dt.year,
            "month": date.dt.month,
            "day": date.dt.day,
            "weekday": date.dt.dayofweek,
            "yearday": date.dt.dayofyear,
            "hour": date.dt.hour + date.dt.minute / 60,
            "days": (date - date.min()).dt.total_seconds() / 86400,
        }
        for name, values in parts.items():
            if values.nunique() > 1:
                table[f"{column}_{name}"] = values.astype(float)
    return table
)py";

constexpr std::string_view kCyclic = R"py(
def add_cycles(table):
    """Hour, weekday and day of the year as points on circles."""
    table = table.copy()
    periods = {"hour": 24, "weekday": 7, "yearday": 365.25, "month": 12}
    for column in DATES:
        for name, period in periods.items():
            if f"{column}_{name}" not in table:
                continue
            angle = 2 * np.pi * table[f"{column}_{name}"] / period
            for k in (1, 2):
                table[f"{column}_{name}_sin{k}"] = np.sin(k * angle)
                table[f"{column}_{name}_cos{k}"] = np.cos(k * angle)
    return table
)py";

constexpr std::string_view kHourOfKind = R"py(
def add_hour_of_day_kind(table):
    """The hour as a name of its own, on working days and on others."""
    table = table.copy()
    for column in DATES:
        if f"{column}_hour" in table and f"{column}_weekday" in table:
            hour = table[f"{column}_hour"].round().fillna(-1)
            hour = hour.astype(int).astype(str)
            weekend = table[f"{column}_weekday"] >= 5
            table[f"{column}_hour_kind"] = np.where(weekend, "free ", "work ") + hour
            table[f"{column}_hour_week"] = (
                table[f"{column}_weekday"] * 24 + table[f"{column}_hour"]
            )
    return table
)py";

constexpr std::string_view kNearInTime = R"py(
def add_changes_in_time(table):
    """How each number differs from the rows just before and after it."""
    days = f"{TIME}_days"
    if days not in table:
        return table
    ordered = table.sort_values(days, kind="stable")
    numbers = [c for c in NUMBERS if ordered[c].nunique() > 4]
    new = {}
    for column in numbers:
        smooth = ordered[column].rolling(7, center=True, min_periods=1).mean()
        new[f"{column}_smooth"] = smooth
        new[f"{column}_change"] = ordered[column] - ordered[column].shift(3)
    return pd.concat([table, pd.DataFrame(new).reindex(table.index)], axis=1)
)py";

constexpr std::string_view kHolidays = R"py(
def add_holidays(table):
    """Days to the holidays that most of the world keeps."""
    table = table.copy()
    for column in DATES:
        if f"{column}_yearday" not in table:
            continue
        day = table[f"{column}_yearday"]
        to_new_year = np.minimum(day - 1, 366 - day)
        table[f"{column}_new_year"] = to_new_year.clip(upper=15)
        table[f"{column}_christmas"] = (day - 359).clip(-15, 15)
        table[f"{column}_month_end"] = (table[f"{column}_day"] - 15).abs()
    return table
)py";

bool HasDates(const TaskFacts& facts, const Recipe& /*recipe*/) {
  return facts.Count(ColumnRole::kDate) > 0;
}

bool WantsCycles(const TaskFacts& facts, const Recipe& recipe) {
  return recipe.Has("feature.calendar") && HasDates(facts, recipe);
}

bool HasHours(const TaskFacts& facts, const Recipe& recipe) {
  const bool hours = std::ranges::any_of(
      facts.columns, [](const FactColumn& column) { return column.hours; });
  return WantsCycles(facts, recipe) && hours && facts.rows > 1000;
}

bool HasTimeOrder(const TaskFacts& facts, const Recipe& recipe) {
  return WantsCycles(facts, recipe) && facts.series.empty() &&
         !facts.time_column.empty() &&
         CountOf(facts, recipe, ColumnRole::kNumber) > 1;
}

}  // namespace

std::span<const FeatureBlock> CalendarBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "feature.calendar",
       .function = "add_calendar",
       .reason = "Hour, weekday and season drive what people do.",
       .source = kCalendar,
       .fits = HasDates,
       .prior = {.gain = 3}},
      {.name = "feature.cycles",
       .function = "add_cycles",
       .reason = "Midnight follows eleven at night, December precedes January.",
       .source = kCyclic,
       .fits = WantsCycles,
       .prior = {.gain = 0.3, .cost = 1.2}},
      {.name = "feature.hour-of-day-kind",
       .function = "add_hour_of_day_kind",
       .reason = "The same hour means another thing on a free day.",
       .source = kHourOfKind,
       .fits = HasHours,
       .prior = {.gain = 0.7, .cost = 1.1}},
      {.name = "feature.holidays",
       .function = "add_holidays",
       .reason = "The days around the turn of the year are unlike others.",
       .source = kHolidays,
       .fits = WantsCycles,
       .prior = {.gain = 0.4, .cost = 1.1}},
      {.name = "feature.changes-in-time",
       .function = "add_changes_in_time",
       .reason = "What changed in the last hours may matter more than what is.",
       .source = kNearInTime,
       .fits = HasTimeOrder,
       .prior = {.gain = 0.4, .cost = 1.4}},
  };
  return blocks;
}

}  // namespace treesmith
