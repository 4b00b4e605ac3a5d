"""Linear model: A regularised linear model is cheap, and errs unlike trees.
"""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEED = 1
ID = ["id"]
TARGET = "bikers"
PARTS = ["casual", "registered"]
TEXTS_AS_WRITTEN = {"id": str}
NUMBERS = ["season", "holiday", "workingday", "temp", "atemp", "hum", "windspeed"]
CATEGORIES = ["weathersit"]
DATES = ["datetime"]


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


def clip(prediction, known):
    """Nothing beyond what was ever seen."""
    return np.clip(prediction, known.min(), known.max())


def encode(table, n):
    """Numbers imputed and scaled, categories one-hot, rare ones together."""
    numbers = table.select_dtypes("number").columns
    names = table.columns.difference(numbers, sort=False)
    table = table.copy()
    table[numbers] = table[numbers].replace([np.inf, -np.inf], np.nan)
    encoder = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (
            OneHotEncoder(
                handle_unknown="infrequent_if_exist",
                min_frequency=5,
                max_categories=300,
                sparse_output=False,
            ),
            names,
        ),
    )
    encoder.fit(table.iloc[:n])
    return np.clip(encoder.transform(table), -20, 20)


def fit_predict(x, y, x_test, seed):
    """Ridge regression; generalised cross-validation chooses its strength."""
    model = RidgeCV(alphas=np.logspace(-2, 4, 25))
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
    table = add_calendar(table)
    table = add_cycles(table)
    x = encode(table, len(y))
    x, x_test = x[: len(y)], x[len(y) :]
    prediction = fit_predict(x, y, x_test, SEED)
    prediction = np.expm1(prediction)
    prediction = clip(prediction, known)
    return prediction


def main():
    train, test = read()
    submission = test[ID].copy()
    submission[TARGET] = sum(predict(train, test, part) for part in PARTS)
    submission.to_csv("working/submission.csv", index=False)


if __name__ == "__main__":
    main()
