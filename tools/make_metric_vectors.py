#!/usr/bin/env python3
"""Writes src/score/testdata/metric_vectors.json: inputs with the values that
scikit-learn (or the stated reference) gives them. Run again only to change it:
    build/python/bin/python tools/make_metric_vectors.py
A case: metric, truth (rows x columns), classes, prediction (rows x columns),
weights or null, value. Predictions are float32-representable, so that what is
compared is the formula. A case without a value is impossible input.
"""
import itertools
import json
import pathlib

import numpy as np
import scipy.stats
import sklearn.metrics as sk

RNG = np.random.default_rng(7)
CASES = []


def as_float(values):
    return np.asarray(values, dtype=np.float32).astype(float)


def add(metric, truth, prediction, value, classes=0, weights=None, note=""):
    truth = np.asarray(truth, dtype=float)
    prediction = as_float(prediction)
    CASES.append({
        "metric": metric, "note": note, "classes": classes,
        "columns": 1 if truth.ndim == 1 else truth.shape[1],
        "prediction_columns": 1 if prediction.ndim == 1 else prediction.shape[1],
        "truth": truth.ravel().tolist(),
        "prediction": [None if np.isnan(v) else v for v in prediction.ravel()],
        "weights": None if weights is None else np.asarray(weights).tolist(),
        "value": None if value is None else float(value)})


def rmse_log(y, p, **kw):
    return sk.root_mean_squared_error(np.log(y), np.log(p), **kw)


def smape(y, p, sample_weight=None):
    scale = np.abs(y) + np.abs(p)
    each = np.where(scale == 0, 0, 200 * np.abs(y - p) / np.where(scale == 0, 1, scale))
    return np.average(each, weights=sample_weight)


def gini(y, p, sample_weight=None):
    """Kaggle's normalized gini, averaged over all orders of tied predictions by
    giving tied rows the mean truth of their run."""
    if sample_weight is not None:
        y, p = np.repeat(y, sample_weight), np.repeat(p, sample_weight)

    def area(truth, score):
        order = np.argsort(-score, kind="stable")
        truth, score = truth[order].astype(float), score[order]
        for s in np.unique(score):
            truth[score == s] = truth[score == s].mean()
        cumulative = np.cumsum(truth) / truth.sum()
        return cumulative.sum() - (len(truth) + 1) / 2
    return area(y, p) / area(y, y)


def concordance(y, p, event=None, sample_weight=None):
    w = np.ones(len(y)) if sample_weight is None else sample_weight
    event = np.ones(len(y)) if event is None else event
    right = every = 0.0
    for i, j in itertools.permutations(range(len(y)), 2):
        if not event[i]:
            continue
        if not (y[i] < y[j] or (y[i] == y[j] and not event[j])):
            continue
        every += w[i] * w[j]
        right += w[i] * w[j] * (1 if p[i] < p[j] else 0.5 if p[i] == p[j] else 0)
    return right / every


def spearman(y, p, sample_weight=None):
    if sample_weight is not None:
        y, p = np.repeat(y, sample_weight), np.repeat(p, sample_weight)
    return scipy.stats.spearmanr(y, p).statistic


def medae(y, p, sample_weight=None):
    if sample_weight is not None:
        y, p = np.repeat(y, sample_weight), np.repeat(p, sample_weight)
    return sk.median_absolute_error(y, p)


def map_at(k, labels, scores):
    total = 0
    for true, row in zip(labels, scores):
        true = [t for t in true if not np.isnan(t)]
        ranked = [c for c in np.argsort(-row, kind="stable") if not np.isnan(row[c])]
        hits = precision = 0
        for i, c in enumerate(ranked[:k]):
            if c in true:
                hits += 1
                precision += hits / (i + 1)
        total += precision / min(k, len(true))
    return total / len(labels)


def values():
    functions = {
        "rmse": sk.root_mean_squared_error, "mse": sk.mean_squared_error,
        "rmsle": sk.root_mean_squared_log_error, "rmse_log": rmse_log,
        "mae": sk.mean_absolute_error, "medae": medae,
        "mape": sk.mean_absolute_percentage_error, "smape": smape,
        "r2": sk.r2_score, "spearman": spearman, "gini": gini,
        "c_index": concordance,
        "pinball@0.5": lambda y, p, **k: sk.mean_pinball_loss(y, p, alpha=0.5, **k),
        "pinball@0.9": lambda y, p, **k: sk.mean_pinball_loss(y, p, alpha=0.9, **k)}
    for name, function in functions.items():
        y = RNG.gamma(2, 3, 40)
        p = as_float(y * RNG.lognormal(0, 0.4, 40))
        add(name, y, p, function(y, p), note="plain")
        y = RNG.integers(1, 6, 40).astype(float)
        p = as_float(np.round(y + RNG.normal(0, 1, 40)).clip(1))
        w = RNG.integers(0, 4, 40)
        add(name, y, p, function(y, p), note="ties")
        add(name, y, p, function(y, p, sample_weight=w), weights=w, note="weights")
        bad = p.copy()
        bad[3] = np.nan
        add(name, y, bad, None, note="NaN")
    y = RNG.integers(0, 3, 30).astype(float)
    p = as_float(RNG.integers(0, 3, 30))
    for name in ("mape", "smape", "rmsle"):
        add(name, y, p, functions[name](y, p), note="zeros")
    constant = np.full(10, 4.0)
    p = as_float(RNG.normal(4, 1, 10))
    add("r2", constant, p, sk.r2_score(constant, p), note="constant truth")
    add("r2", constant, constant, sk.r2_score(constant, constant), note="perfect")
    for name in ("spearman", "gini", "c_index"):
        add(name, constant, p, None, note="constant truth")
    add("spearman", p, constant, None, note="constant prediction")
    add("gini", y, np.ones(30), 0, note="constant prediction")
    add("c_index", y, np.ones(30), 0.5, note="constant prediction")
    add("r2", [1.0], [1.0], None, note="one row")
    add("rmsle", [1, 2, 3], [1, -0.5, 3], None, note="negative prediction")
    add("rmsle", [1, -2, 3], [1, 0.5, 3], None, note="negative truth")
    add("rmse_log", [1, 2], [1, 0], None, note="zero prediction")
    add("rmse", [1, 2], [1, np.inf], None, note="infinite prediction")
    add("rmse", [], [], None, note="no rows")
    time = RNG.integers(1, 9, 40).astype(float)
    event = RNG.integers(0, 2, 40)
    p = as_float(RNG.integers(1, 9, 40))
    add("c_index", np.c_[time, event], p, concordance(time, p, event),
        note="censored")


def columns():
    y = RNG.gamma(2, 3, (30, 3))
    p = as_float(y * RNG.lognormal(0, 0.4, (30, 3)))
    w = RNG.integers(0, 3, 30)
    for name, function in {
            "mcrmse": sk.root_mean_squared_error, "rmse": sk.root_mean_squared_error,
            "mcrmsle": sk.root_mean_squared_log_error, "r2": sk.r2_score,
            "mcmae": sk.mean_absolute_error}.items():
        add(name, y, p, function(y, p), note="three columns")
        add(name, y, p, function(y, p, sample_weight=w), weights=w,
            note="three columns, weights")
    y = RNG.integers(0, 2, (40, 3)).astype(float)
    p = as_float(np.round(RNG.random((40, 3)), 1))
    add("mcauc", y, p, np.mean([sk.roc_auc_score(y[:, c], p[:, c]) for c in range(3)]),
        classes=2, note="three columns")
    add("mclogloss", y, p,
        np.mean([sk.log_loss(y[:, c], p[:, c]) for c in range(3)]), classes=2,
        note="three columns, zeros and ones")
    y[:, 1] = 1
    add("mcauc", y, p, None, classes=2, note="a column of one class")


def probabilities():
    y = RNG.integers(0, 2, 50)
    p = as_float(np.round((y + RNG.random(50) * 2) / 3, 1))
    w = RNG.integers(0, 4, 50)
    for name, function in {"auc": sk.roc_auc_score, "logloss": sk.log_loss,
                           "brier": sk.brier_score_loss}.items():
        add(name, y, p, function(y, p), classes=2, note="ties")
        add(name, y, p, function(y, p, sample_weight=w), classes=2, weights=w,
            note="weights")
        bad = p.copy()
        bad[3] = np.nan
        add(name, y, bad, None, classes=2, note="NaN")
    add("auc", y * 0, p, None, classes=2, note="one class")
    add("auc", y, p * 0 + 0.5, 0.5, classes=2, note="constant")
    extreme = (RNG.random(50) < 0.5).astype(float)
    add("logloss", y, extreme, sk.log_loss(y, extreme), classes=2, note="0 and 1")
    add("logloss", y * 0, p, sk.log_loss(y * 0, p, labels=[0, 1]), classes=2,
        note="one class")
    add("logloss", y, p * 3, None, classes=2, note="no probability")
    add("gini", y, p, 2 * sk.roc_auc_score(y, p) - 1, classes=2, note="binary")
    y = RNG.integers(0, 4, 60)
    raw = np.round(RNG.random((60, 4)) + 2 * np.eye(4)[y] * RNG.random((60, 1)), 1) + 0.1
    p = as_float(raw / raw.sum(1, keepdims=True))
    w = RNG.integers(0, 4, 60)
    rest = lambda weights: np.mean([  # noqa: E731
        sk.roc_auc_score(y == c, p[:, c], sample_weight=weights) for c in range(4)])
    assert abs(rest(None) - sk.roc_auc_score(y, p, multi_class="ovr")) < 1e-12
    add("auc", y, p, rest(None), classes=4, note="multiclass")
    add("auc", y, p, rest(w), classes=4, weights=w, note="multiclass weights")
    add("auc", y % 3, p, None, classes=4, note="a class is absent")
    add("logloss", y, p, sk.log_loss(y, p), classes=4, note="multiclass")
    add("logloss", y, p, sk.log_loss(y, p, sample_weight=w), classes=4, weights=w,
        note="multiclass weights")
    add("logloss", y % 3, p, sk.log_loss(y % 3, p, labels=range(4)), classes=4,
        note="a class is absent")
    add("brier", y, p, sk.brier_score_loss(y, p), classes=4, note="multiclass")


def labels():
    functions = {
        "accuracy": sk.accuracy_score,
        "balanced_accuracy": sk.balanced_accuracy_score,
        "f1_macro": lambda y, p, **k: sk.f1_score(y, p, average="macro", **k),
        "f1_micro": lambda y, p, **k: sk.f1_score(y, p, average="micro", **k),
        "f1_weighted": lambda y, p, **k: sk.f1_score(y, p, average="weighted", **k),
        "mcc": sk.matthews_corrcoef,
        "qwk": lambda y, p, **k: sk.cohen_kappa_score(y, p, weights="quadratic", **k)}
    binary = {
        "f1": sk.f1_score,
        "f2": lambda y, p, **k: sk.fbeta_score(y, p, beta=2, **k),
        "f0.5": lambda y, p, **k: sk.fbeta_score(y, p, beta=0.5, **k)}
    for classes in (2, 5):
        y = RNG.integers(0, classes, 60)
        p = np.where(RNG.random(60) < 0.6, y, RNG.integers(0, classes, 60))
        w = RNG.integers(0, 4, 60)
        for name, function in (functions | (binary if classes == 2 else {})).items():
            add(name, y, p, function(y, p), classes=classes, note="plain")
            add(name, y, p, function(y, p, sample_weight=w), classes=classes,
                weights=w, note="weights")
            if name != "qwk":
                one = p * 0
                add(name, y, one, function(y, one), classes=classes, note="one label")
            if name not in ("qwk", "f1", "f2", "f0.5"):
                add(name, y * 0, p, function(y * 0, p), classes=classes,
                    note="one class")
    y = np.ones(8)
    add("qwk", y, y, None, classes=3, note="one class")
    add("accuracy", y, y * 7, None, classes=3, note="no class")
    add("accuracy", y, y * np.nan, None, classes=3, note="NaN")
    add("f1", y, y, None, classes=3, note="three classes")
    y = RNG.integers(0, 2, 40)
    add("accuracy", y, 1 - y, 0, classes=2, note="all wrong")


def rankings():
    y = RNG.integers(0, 6, 30)
    scores = as_float(np.round(RNG.random((30, 6)), 1))
    for k in (1, 3, 5):
        add(f"map@{k}", y, scores, map_at(k, y[:, None], scores), classes=6,
            note="one label")
    several = np.argsort(RNG.random((30, 6)))[:, :3].astype(float)
    several[RNG.random((30, 3)) < 0.4] = np.nan
    several[:, 0] = [next(c for c in range(6) if c not in row) for row in several]
    add("map@5", several, scores, map_at(5, several, scores), classes=6,
        note="several labels")
    unlisted = scores.copy()
    unlisted[:, 2:] = np.nan
    add("map@3", y, unlisted, map_at(3, y[:, None], unlisted), classes=6,
        note="short lists")
    hot = np.eye(6)[y]
    for k in (3, 5):
        add(f"ndcg@{k}", y, scores, sk.ndcg_score(hot, scores, k=k), classes=6,
            note="one label, ties")
    relevance = RNG.integers(0, 4, (30, 6)).astype(float)
    add("ndcg@4", relevance, scores, sk.ndcg_score(relevance, scores, k=4),
        note="relevances, ties")


def weighted_and_impossible():
    """What the parts above leave out of lists and of several columns."""
    y = RNG.integers(0, 5, 24)
    w = RNG.integers(0, 4, 24)
    scores = as_float(np.round(RNG.random((24, 5)), 1))
    often = np.repeat(np.arange(24), w)
    add("map@3", y, scores, map_at(3, y[often][:, None], scores[often]), classes=5,
        weights=w, note="weights")
    hot = np.eye(5)[y]
    add("ndcg@3", y, scores, sk.ndcg_score(hot, scores, k=3, sample_weight=w),
        classes=5, weights=w, note="weights")
    gap = scores.copy()
    gap[3, 1] = np.nan
    add("ndcg@3", y, gap, None, classes=5, note="NaN")
    pairs = RNG.integers(0, 2, (24, 2))
    odds = as_float(np.round(RNG.random((24, 2)), 1))
    add("mcauc", pairs, odds, np.mean([
        sk.roc_auc_score(pairs[:, c], odds[:, c], sample_weight=w) for c in (0, 1)]),
        classes=2, weights=w, note="two columns, weights")
    add("mclogloss", pairs, odds, np.mean([
        sk.log_loss(pairs[:, c], np.clip(odds[:, c], 1e-15, 1 - 1e-15),
                    sample_weight=w) for c in (0, 1)]),
        classes=2, weights=w, note="two columns, weights")
    for metric in ("mcrmse", "mcrmsle", "mcmae"):
        add(metric, pairs, np.where(odds > 0.95, np.nan, odds) * [[1, np.nan]], None,
            note="NaN")


def nan_to_null(case):
    case["truth"] = [None if isinstance(v, float) and np.isnan(v) else v
                     for v in case["truth"]]
    case["prediction"] = [None if v is None else v if np.isfinite(v) else "inf"
                          for v in case["prediction"]]
    return case


def main():
    for part in (values, columns, probabilities, labels, rankings,
                 weighted_and_impossible):
        part()
    path = pathlib.Path(__file__).parent.parent / "src/score/testdata/metric_vectors.json"
    lines = ",\n".join(json.dumps(nan_to_null(case)) for case in CASES)
    path.write_text("[\n" + lines + "\n]\n")
    print(len(CASES), "cases,", path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
