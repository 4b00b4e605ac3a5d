// The program that runs metric.py inside the sandbox. For metric_script.cc
// alone.
//
// It reads questions from input/request and writes answers to input/reply, in
// the machine's byte order:
//   question  int64 rows, truth columns, prediction columns, weightings; then
//             float64 truths and float32 predictions, row by row; then for each
//             weighting uint32 a row
//   answer    int64 kind, int64 bytes; kind 0: a float64 for each weighting (of
//             no weighting: one), kind 1: a text that says what went wrong
// The first answer comes unasked: no numbers when metric.py could be loaded.
#pragma once

#include <string_view>

namespace treesmith {

inline constexpr std::string_view kMetricServer = R"py(
import json
import os
import sys
import traceback

import numpy as np


def describe(error):
    """What the user's code raised, and at which of its lines."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return f"{text} (line {error.lineno})"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == "metric.py"
    ]
    return f"{text} (line {lines[-1]})" if lines else text


def read(pipe, dtype, *shape):
    count = int(np.prod(shape))
    data = pipe.read(count * np.dtype(dtype).itemsize)
    return np.frombuffer(data, dtype).reshape(shape)


def answer(pipe, kind, data):
    pipe.write(np.array([kind, len(data)], np.int64).tobytes() + data)
    pipe.flush()


def load():
    names = {"__name__": "metric", "__file__": "metric.py"}
    with open("input/metric.py", encoding="utf-8-sig") as file:
        exec(compile(file.read(), "metric.py", "exec"), names)
    if not callable(names.get("score")):
        raise LookupError("it has no function score(truth, prediction)")
    return names["score"]


def flat(values):
    return values[:, 0] if values.shape[1] == 1 else values


def number(value):
    try:
        array = np.asarray(value)
        array = array.astype(float) if array.dtype.kind in "biuf" else None
    except (TypeError, ValueError):
        array = None
    if array is None or array.size != 1:
        raise TypeError(f"score() answered {value!r:.80}, which is no number")
    return float(array.reshape(()))


def scores(score, truth, prediction, weightings):
    if len(weightings) == 0:
        value = number(score(truth.copy(), prediction.copy()))
        if not np.isfinite(value):
            raise ValueError(f"score() answered {value}")
        return [value]
    values = []
    for counts in weightings:
        rows = np.repeat(np.arange(len(truth)), counts)
        try:
            value = number(score(truth[rows], prediction[rows]))
        except Exception:  # a draw may lack what the score needs
            value = np.nan
        values.append(value if np.isfinite(value) else np.nan)
    return values


def main():
    with open("input/form.json", encoding="utf-8") as file:
        form = json.load(file)
    classes = np.array(form["classes"])
    # What the script prints is nobody's business, and must not fill a pipe.
    sys.stdout = open(os.devnull, "w")
    with open("input/request", "rb") as request, open("input/reply", "wb") as reply:
        try:
            score = load()
        except BaseException as error:
            return answer(reply, 1, describe(error).encode())
        answer(reply, 0, b"")
        while True:
            rows, columns, width, weightings = read(request, np.int64, 4)
            truth = read(request, np.float64, rows, columns)
            prediction = read(request, np.float32, rows, width).astype(float)
            counts = read(request, np.uint32, weightings, rows)
            if form["needs"] == "label":
                truth = classes[truth.astype(int)]
                prediction = classes[prediction.astype(int)]
            elif form["needs"] == "probability":
                truth = truth.astype(int)
            try:
                values = scores(score, flat(truth), flat(prediction), counts)
            except Exception as error:
                answer(reply, 1, describe(error)[:2000].encode())
            else:
                answer(reply, 0, np.array(values, np.float64).tobytes())


main()
)py";

}  // namespace treesmith
