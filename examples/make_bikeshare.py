#!/usr/bin/env python3
"""Makes examples/bikeshare and examples/bikeshare-answers, byte for byte.

    pip download --no-deps --dest DIR ISLP==0.6.0
    examples/make_bikeshare.py DIR/islp-0.6.0-py3-none-any.whl

The table holds the hours of 2011. The test is each month from the 20th on;
its labels go to bikeshare-answers, which no run is shown.
"""

import csv
import datetime
import hashlib
import io
import pathlib
import sys
import zipfile

TABLE = "ISLP/data/Bikeshare.csv"
TABLE_SHA256 = (
    "ac6950ae6f11efcc69c29d6bb13e8881c001e27d36434660d59444a1414f712c"
)
FIRST_TEST_DAY = 20
FEATURES = [
    "season", "holiday", "workingday", "weathersit", "temp", "atemp", "hum",
    "windspeed",
]
# Known only after the hour: they add up to the target.
PARTS = ["casual", "registered"]
TARGET = "bikers"


def read_table(wheel):
    """The rows of the table as dictionaries of text, checked by digest."""
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(TABLE)
    if hashlib.sha256(data).hexdigest() != TABLE_SHA256:
        sys.exit(f"error: read {wheel}: {TABLE} is not the one of ISLP 0.6.0")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"))))


def hour_of(row):
    """When the row's hour began; the table counts days of 2011 from 1."""
    new_year = datetime.datetime(2011, 1, 1)
    return new_year + datetime.timedelta(
        days=int(row["day"]) - 1, hours=int(row["hr"])
    )


def write(path, columns, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(
            file, columns, extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rows = sorted(read_table(sys.argv[1]), key=hour_of)
    for number, row in enumerate(rows, start=1):
        row["id"] = number
        row["datetime"] = hour_of(row)
    train = [r for r in rows if r["datetime"].day < FIRST_TEST_DAY]
    test = [r for r in rows if r["datetime"].day >= FIRST_TEST_DAY]

    here = pathlib.Path(__file__).resolve().parent
    task, answers = here / "bikeshare", here / "bikeshare-answers"
    known = ["id", "datetime"] + FEATURES
    write(task / "train.csv", known + PARTS + [TARGET], train)
    write(task / "test.csv", known, test)
    write(answers / "answers.csv", ["id", TARGET], test)
    write(
        task / "sample_submission.csv",
        ["id", TARGET],
        [{"id": row["id"], TARGET: 0} for row in test],
    )


if __name__ == "__main__":
    main()
