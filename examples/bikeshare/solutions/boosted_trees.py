"""One LightGBM model of log rentals on calendar and weather."""

import lightgbm as lgb
import numpy as np
import pandas as pd

FEATURES = [
    "hour", "weekday", "month", "day_of_year", "season", "holiday",
    "workingday", "weathersit", "temp", "atemp", "hum", "windspeed",
]


def read(path):
    table = pd.read_csv(path, parse_dates=["datetime"])
    when = table["datetime"].dt
    table["hour"] = when.hour
    table["weekday"] = when.weekday
    table["month"] = when.month
    table["day_of_year"] = when.dayofyear
    return table


def main():
    train, test = read("input/train.csv"), read("input/test.csv")
    weather = pd.CategoricalDtype(
        sorted(set(train["weathersit"]) | set(test["weathersit"]))
    )
    for table in (train, test):
        table["weathersit"] = table["weathersit"].astype(weather)

    model = lgb.LGBMRegressor(
        n_estimators=400,
        learning_rate=0.05,
        num_leaves=31,
        min_child_samples=10,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.8,
        random_state=1,
        verbose=-1,
    )
    model.fit(train[FEATURES], np.log1p(train["bikers"]))
    prediction = np.clip(np.expm1(model.predict(test[FEATURES])), 0, None)

    pd.DataFrame({"id": test["id"], "bikers": prediction}).to_csv(
        "working/submission.csv", index=False
    )


if __name__ == "__main__":
    main()
