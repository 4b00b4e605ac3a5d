"""Additive calendar model: Calendar, series and trend add up; trees cannot go on
beyond the last day.
"""

import numpy as np
import pandas as pd
from dateutil.easter import easter
from scipy import linalg, sparse

ID = ["id"]
TARGET = "bikers"
PARTS = ["casual", "registered"]
TEXTS_AS_WRITTEN = {"id": str}
NUMBERS = ["season", "holiday", "workingday", "temp", "atemp", "hum", "windspeed"]
CATEGORIES = ["weathersit"]
DATES = ["datetime"]
GROUPS = ["weathersit"]
STRENGTH = 2
WAVES = 4
RECENCY = 0


def floor(prediction, known):
    """Nothing below what was ever seen; a trend may still rise."""
    return np.maximum(prediction, known.min())


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
    numbers = table[NUMBERS]
    numbers = (numbers - numbers.mean()) / (numbers.std() + 1e-9)
    numbers = numbers.fillna(0).clip(-5, 5)
    parts += [sparse.csr_matrix(numbers), sparse.csr_matrix(numbers**2)]
    for member in np.hstack(groups).T:
        parts.append(effects.multiply(member[:, None]))
    x = sparse.hstack(parts).tocsr()
    known = x[: len(y)]
    weight = np.exp(RECENCY * years[: len(y)])
    weighted = known.multiply(weight[:, None]).tocsr()
    mean = np.average(y, weights=weight)
    gram = (known.T @ weighted).toarray() + STRENGTH * np.eye(x.shape[1])
    return mean + x @ linalg.solve(gram, weighted.T @ (y - mean), assume_a="pos")


def read():
    """Train and test."""
    train = pd.read_csv("input/train.csv", dtype=TEXTS_AS_WRITTEN, low_memory=False)
    test = pd.read_csv("input/test.csv", dtype=TEXTS_AS_WRITTEN, low_memory=False)
    return train, test


def prepare(train, test):
    """Train above test: numbers as floats, categories as text."""
    table = pd.concat([train, test], ignore_index=True)[NUMBERS + CATEGORIES + DATES]
    numbers = table[NUMBERS].apply(pd.to_numeric, errors="coerce")
    table[NUMBERS] = numbers.astype(float)
    names = table[CATEGORIES].astype(object)
    table[CATEGORIES] = names.fillna("missing").astype(str)
    return table


def predict(train, test, target):
    """Predictions of one target for every row of test."""
    known = train[target].to_numpy(float)
    y = np.log1p(known)
    table = prepare(train, test)
    prediction = fit_additive(table, y)[len(y) :]
    prediction = np.expm1(prediction)
    prediction = floor(prediction, known)
    return prediction


def main():
    train, test = read()
    submission = test[ID].copy()
    submission[TARGET] = sum(predict(train, test, part) for part in PARTS)
    submission.to_csv("working/submission.csv", index=False)


if __name__ == "__main__":
    main()
