// The parts that blend_program.cc puts together. For it alone.
//
// @name@ stands for what is filled in. The arithmetic is the host's, step by
// step: float32 where it keeps float32, and logarithms by Python's math, which
// is the C library's as well (numpy has its own, off by a bit here and there).
#pragma once

#include <string_view>

namespace treesmith::blend_program {

inline constexpr std::string_view kHead =
    R"py("""The submission of a treesmith run, made again from its ensemble.

    python run.py [TASK_FOLDER] [--out submission.csv]

Runs the members below on the files of the task (default: the current folder),
each in a folder of its own, blends what they answer and writes the submission,
byte for byte as the run did on the same data.

@why@
"""

@imports@from pathlib import Path

import numpy as np

)py";

inline constexpr std::string_view kConstants =
    R"py(# Scripts beside this file, and how much each of them counts.
MEMBERS = [
@members@]

# Files of the task, and their names as the scripts know them.
FILES = {@files@}
EXTRA_FILES = @extra@
TEST = @test@
# The submission's columns that are copied, and where from; the others are
# predicted.
COLUMNS = @columns@
COPIED = {@copied@}
PREDICTED = @predicted@
# The columns that name a row.
ID = @id@
# What a member answers with.
ANSWER = @answer@
@classes@
# As in the run: what a script computes may depend on it.
THREADS = @threads@
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "MPLBACKEND": "Agg",
}
for library in "OMP OPENBLAS MKL BLIS NUMEXPR NUMBA ARROW".split():
    ENVIRONMENT[library + "_NUM_THREADS"] = str(THREADS)
ENVIRONMENT["POLARS_MAX_THREADS"] = ENVIRONMENT["LOKY_MAX_CPU_COUNT"] = str(THREADS)
)py";

inline constexpr std::string_view kRead = R"py(

def unpacked(path):
    content = Path(path).read_bytes()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


@json@def read_table(path):
    """The header and the rows of a table, all as texts."""
    text = unpacked(path).decode("utf-8-sig", "surrogateescape")
@if_json@    first = re.sub('"[^"]*"', "", text.split("\n", 1)[0])
    delimiter = "," if "," in first else max(",\t;|", key=first.count)
    csv.field_size_limit(2**31 - 1)
    lines = io.StringIO(text, newline="")
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    return rows[0], rows[1:]


def find(header, name):
    """The place of a column, by its exact name or else whatever its case."""
    if name in header:
        return header.index(name)
    return [column.strip().lower() for column in header].index(name.strip().lower())


def canonical(text):
    """Texts of one value are one text: 7, 7.0 and 007; True and true."""
    text = text.strip(" \t\r\n")
    whole = re.fullmatch(r"([+-]?)0*([0-9]+)(\.0*)?", text)
    if whole:
        digits = whole[2]
        return "-" + digits if whole[1] == "-" and digits != "0" else digits
    if re.fullmatch(r"[+-]?[0-9.][0-9.eE+-]*", text):
        try:
            number = float(text)
        except ValueError:
            return text
        whole = abs(number) < 1e15 and number == int(number)
        return str(int(number)) if whole else repr(number)
    return text.lower() if text.lower() in ("true", "false") else text


def id_places(header):
    return [find(header, name) for name in ID]


def keys_of(header, rows):
    places = id_places(header)
    return [tuple(canonical(row[place]) for place in places) for row in rows]
)py";

inline constexpr std::string_view kReadJson = R"py(def read_json(text):
    """The texts of an array of objects, or of one object a line."""
    as_text = {"parse_int": str, "parse_float": str, "parse_constant": str}
    if text.lstrip().startswith("["):
        records = json.loads(text, **as_text)
    else:
        records = [json.loads(line, **as_text) for line in text.splitlines() if line.strip()]
    header = list(dict.fromkeys(key for record in records for key in record))
    plain = {None: "", True: "true", False: "false"}

    def cell(value):
        return value if isinstance(value, str) else plain[value]

    return header, [[cell(record.get(name)) for name in header] for record in records]


)py";

inline constexpr std::string_view kIfJson =
    R"py(    if re.search(r"\.(json|jsonl|ndjson)(\.gz)?$", str(path)):
        return read_json(text)
)py";

inline constexpr std::string_view kRun = R"py(

def lay_out(task, folder):
    """input/ and working/, as the scripts find them."""
    (folder / "working").mkdir()
    for file, name in FILES.items():
        place = folder / "input" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(unpacked(task / file))
    for name in EXTRA_FILES:
        place = folder / "input" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to((task / name).resolve())
@make_sample@

def run_member(script, task, keys):
    """Runs one script; answers its predictions in the order of the test."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(task, folder)
        command = [sys.executable, str(Path(__file__).resolve().parent / script)]
        if shutil.which("taskset"):
            processors = sorted(os.sched_getaffinity(0))[:THREADS]
            command = ["taskset", "-c", ",".join(map(str, processors)), *command]
        environment = {**os.environ, **ENVIRONMENT}
        subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=True)
        header, rows = read_table(folder / "working" / ANSWER)
@match@    return read_answer(header, rows)


def keys_of_test(header, rows):
    return @test_keys@
)py";

// Where the task has none, scripts are given one all the same.
inline constexpr std::string_view kMakeSample =
    R"py(    header, rows = read_table(task / TEST)
    with open(folder / "input" / @name@, "w", encoding="utf-8", errors="surrogateescape") as sample:
        sample.write(",".join(map(quote, COLUMNS)) + "\n")
        for number, row in enumerate(rows):
            cells = [copied(name, header, row, number, None) if name in COPIED else @constant@ for name in COLUMNS]
            sample.write(",".join(map(quote, cells)) + "\n")

)py";

// Rows are matched by their ids, unless these repeat or there are none.
inline constexpr std::string_view kMatch =
    R"py(    row_of = dict(zip(keys_of(header, rows), rows))
    rows = [row_of[key] for key in keys]
)py";

// --- what a member answers ---------------------------------------------------

inline constexpr std::string_view kNamedColumns = R"py(

def read_answer(header, rows):
    """A number for each row and predicted column."""
    places = [find(header, name) for name in PREDICTED]
@only_column@    values = np.array([[float(row[place]) for place in places] for row in rows])
    return @finish@
)py";

inline constexpr std::string_view kOnlyColumn =
    R"py(    others = [place for place in range(len(header)) if place not in id_places(header)]
    if len(others) == 1:
        places = others
)py";

inline constexpr std::string_view kClassColumns = R"py(

def class_of(name):
    """The class that a column stands for, named as it is or after the target."""
    if name in CLASS_COLUMNS:
        return CLASS_COLUMNS.index(name)
    prefix = @prefix@
    if canonical(name) not in CLASS_OF and name.startswith(prefix):
        name = name[len(prefix) :]
    return CLASS_OF[canonical(name)]


def read_answer(header, rows):
    """A number for each row and class."""
    places = [place for place in range(len(header)) if place not in id_places(header)]
    values = np.array([[float(row[place]) for place in places] for row in rows])
    if len(places) > 1 or len(CLASSES) > 2:
        # A class that the member does not name has zeros.
        named = values
        values = np.zeros((len(rows), len(CLASSES)))
        values[:, [class_of(header[place]) for place in places]] = named
    return @finish@
)py";

inline constexpr std::string_view kLists = R"py(

def read_answer(header, rows):
    """Scores of the classes by their place in each row's list."""
    place = find(header, PREDICTED[0])
    scores = np.zeros((len(rows), len(CLASSES)), np.float32)
    for row, cells in enumerate(rows):
        labels = cells[place].split()
        for rank, label in enumerate(labels):
            column = CLASS_OF[canonical(label)]
            if scores[row, column] == 0:
                scores[row, column] = len(labels) - rank
    return scores
)py";

inline constexpr std::string_view kProbabilities = R"py(

def probabilities(values):
    """Between 0 and 1; several of one row sum to one."""
    values = values.clip(0, 1).astype(np.float32)
@normalise@    return values
)py";

inline constexpr std::string_view kNormalise = R"py(    if values.shape[1] > 1:
        total = np.zeros(len(values))
        for column in values.T:
            total += column
        values = (values / total[:, None]).astype(np.float32)
    if values.shape[1] == 2:
        values = values[:, 1:]
)py";

// --- the space that is blended in --------------------------------------------

inline constexpr std::string_view kPlainSpace = R"py(

def to_space(values):
    """The mean is taken of the values as they are."""
    return values


def from_space(values):
    return values
)py";

inline constexpr std::string_view kLog1pSpace = R"py(

def each(function, values):
    return np.array([[function(float(value)) for value in row] for row in values], np.float32)


def to_space(values):
    """The mean is taken of logarithms, since the metric is an error of them."""
    return each(lambda value: math.log1p(max(0.0, value)), values)


def from_space(values):
    return each(lambda value: max(0.0, math.expm1(value)), values)
)py";

inline constexpr std::string_view kLogSpace = R"py(

def each(function, values):
    return np.array([[function(float(value)) for value in row] for row in values], np.float32)


def to_space(values):
    """The mean is taken of logarithms, since the metric is an error of them."""
    least = float(np.finfo(np.float32).tiny)
    return each(lambda value: math.log(max(least, value)), values)


def from_space(values):
    return each(math.exp, values)
)py";

inline constexpr std::string_view kRankSpace = R"py(

def to_space(values):
    """Places from 0 to 1, column by column: only the order has a meaning."""
    ranks = np.full(values.shape, 0.5, np.float32)
    if len(values) > 1:
        for column in range(values.shape[1]):
            _, group, sizes = np.unique(values[:, column], return_inverse=True, return_counts=True)
            ends = np.cumsum(sizes)
            middle = (2 * ends - sizes - 1) / 2 / (len(values) - 1)
            ranks[:, column] = middle[group]
    return ranks


def from_space(values):
    return values
)py";

inline constexpr std::string_view kBlend = R"py(

def blend(answers):
    """The weighted mean of the members."""
    total = 0.0
    for _, weight in MEMBERS:
        total += weight
    mean = np.zeros(answers[0].shape)
    for (_, weight), answer in zip(MEMBERS, answers):
        mean += weight / total * to_space(answer).astype(float)
    return from_space(mean.astype(np.float32))
)py";

// --- labels ------------------------------------------------------------------

inline constexpr std::string_view kDecidePlain = R"py(

def decide(values):
    return values
)py";

inline constexpr std::string_view kDecideHalf = R"py(

def decide(values):
    """The likelier class of each row, as its index."""
    return (values > 0.5).astype(int)
)py";

inline constexpr std::string_view kDecideNearest = R"py(

def decide(values):
    """The class whose index is nearest."""
    rounded = np.sign(values) * np.floor(np.abs(values.astype(float)) + 0.5)
    return rounded.clip(0, len(CLASSES) - 1).astype(int)
)py";

inline constexpr std::string_view kDecideArgmax = R"py(
# Fitted by the host on hidden rows.
WEIGHTS = @numbers@


def decide(values):
    """The class with the largest weight x probability, as its index."""
    return (values.astype(float) * WEIGHTS).argmax(axis=1)[:, None]
)py";

inline constexpr std::string_view kDecideLikeliest = R"py(

def decide(values):
    """The likeliest class of each row, as its index."""
    return values.argmax(axis=1)[:, None]
)py";

inline constexpr std::string_view kDecideCuts = R"py(
# Fitted by the host on hidden rows.
CUTS = @numbers@


def decide(values):
    """How many of the cut points each row reaches: the index of its class."""
    position = values[:, 0].astype(float)
    if values.shape[1] > 1:
        position, total = np.zeros(len(values)), np.zeros(len(values))
        for index, column in enumerate(values.astype(float).T):
            position += index * column
            total += column
        position = np.where(total > 0, position / np.where(total > 0, total, 1), position)
    return np.searchsorted(CUTS, position, side="right")[:, None]
)py";

// --- the file ----------------------------------------------------------------

inline constexpr std::string_view kNumberText = R"py(

def number_text(value):
    """The shortest text that reads back as the same float32."""
    science = np.format_float_scientific(value, unique=True, trim="-", exp_digits=2)
    if value == int(value) and value != 0:
        plain = str(int(value))
    else:
        plain = np.format_float_positional(value, unique=True, trim="-")
    return plain if len(plain) <= len(science) else science
)py";

inline constexpr std::string_view kTextOfNumber = R"py(

def predicted_text(values, column):
    return number_text(values[column])
)py";

inline constexpr std::string_view kTextOfOneProbability = R"py(

def predicted_text(values, column):
    return number_text(values[0] if column == 1 else np.float32(1) - values[0])
)py";

inline constexpr std::string_view kTextOfLabel = R"py(

def predicted_text(values, column):
    return CLASSES[values[column]]
)py";

inline constexpr std::string_view kTextOfList = R"py(

def predicted_text(values, column):
    best = np.argsort(-values, kind="stable")[:@length@]
    return " ".join(CLASSES[index] for index in best)
)py";

inline constexpr std::string_view kMain = R"py(

def quote(text):
    if not re.search('[,"\r\n]', text):
        return text
    return '"' + text.replace('"', '""') + '"'


def copied(name, header, row, number, sample):
    """The text of a column that is not predicted."""
    source = COPIED[name]
    if source == "test":
        return row[find(header, name)]
    if source == "sample" and sample and number < len(sample[1]):
        return sample[1][number][find(sample[0], name)]
    return str(number)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("task", nargs="?", default=".", type=Path, help="the task's folder")
    parser.add_argument("--out", default="submission.csv", help="the file to write")
    options = parser.parse_args()
    header, rows = read_table(options.task / TEST)
    keys = keys_of_test(header, rows)
    answers = [run_member(script, options.task, keys) for script, _ in MEMBERS]
    predicted = decide(blend(answers))
    sample = @sample@
    with open(options.out, "w", encoding="utf-8", errors="surrogateescape", newline="") as out:
        out.write(",".join(map(quote, COLUMNS)) + "\n")
        for number, (row, values) in enumerate(zip(rows, predicted)):
            cells = [
                predicted_text(values, PREDICTED.index(name))
                if name in PREDICTED
                else copied(name, header, row, number, sample)
                for name in COLUMNS
            ]
            out.write(",".join(map(quote, cells)) + "\n")


if __name__ == "__main__":
    main()
)py";

}  // namespace treesmith::blend_program
