"""LightGBM: Calendar, series and trend first: trees then need not extrapolate.
"""
import os

import lightgbm as lgb
import numpy as np
import pandas as pd
from dateutil.easter import easter
from scipy import linalg, sparse

THREADS = int(os.environ.get("OMP_NUM_THREADS") or len(os.sched_getaffinity(0)))
SEED = 1
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


def add_calendar(table):
    """Replace dates by their parts."""
    table = table.copy()
    for column in DATES:
        date = pd.to_datetime(table.pop(column), errors="coerce", utc=True)
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


def floor(prediction, known):
    """Nothing below what was ever seen; a trend may still rise."""
    return np.maximum(prediction, known.min())


def encode(table, n):
    """Numbers as they are, categories as their place in the alphabet."""
    table = table.copy()
    for column in table:
        if not pd.api.types.is_numeric_dtype(table[column]):
            table[column] = pd.factorize(table[column], sort=True)[0]
    return table.to_numpy(np.float32)


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


def fit_predict(x, y, x_test, seed):
    """One LightGBM model with a fixed number of trees."""
    model = lgb.LGBMRegressor(
        objective="regression",
        n_estimators=400,
        learning_rate=0.05,
        num_leaves=31,
        min_child_samples=20,
        colsample_bytree=0.7,
        subsample=0.8,
        reg_lambda=1,
        subsample_freq=1,
        n_jobs=THREADS,
        random_state=seed,
        deterministic=True,
        force_col_wise=True,
        verbose=-1,
    )
    model.fit(x, y)
    return model.predict(x_test)


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
    # The model learns what calendar, series and trend leave over.
    base = fit_additive(table, y)
    y = y - base[: len(y)]
    table = add_calendar(table)
    x = encode(table, len(y))
    x, x_test = x[: len(y)], x[len(y) :]
    prediction = fit_predict(x, y, x_test, SEED)
    prediction = prediction + base[len(y) :]
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
