#!/usr/bin/env python3
"""Checks that every #include in src/ obeys the order of layers.

A file of a layer includes its own layer and what stands below it, never a
layer of its own rank or above (ARCHITECTURE.md). Sub-folders belong to the
layer of their first folder. testing/ holds fakes: tests and bench/ may include
it, programs may not. Third-party headers stay out of our headers, and some
have one place only. A type's name stands in one header only: two types of one
name are one to the linker. Prints one line per breach and exits 1 if there is any.
"""

import pathlib
import re
import sys

# Bottom to top; layers in one row never include each other.
RANKS = [
    ["base"],
    ["model"],
    ["score", "code"],
    ["table", "llm", "sandbox", "store", "search"],
    ["operators", "evaluation"],
    ["engine"],
    ["ui", "simulate"],
    ["app"],
]
RANK_OF = {layer: rank for rank, row in enumerate(RANKS) for layer in row}

# Header (as written, a folder ends in /) -> the only files that include it.
CONFINED = {
    "curl/": ["llm/http_transport.cc"],
    "httplib.h": ["ui/web/server.cc"],
    "SQLiteCpp/": ["store/"],
    "sqlite3.h": ["store/"],
    "seccomp.h": ["sandbox/"],
    "git2.h": ["code/"],
    "git2/": ["code/"],
    "tree_sitter/": ["code/"],
    "zlib.h": ["table/", "base/"],
    "zstd.h": ["base/", "store/"],
    "CLI/": ["app/"],
    "kainjow/": ["operators/llm/prompt_library.cc"],
    "spdlog/": ["base/"],
}
# No header of ours shows these, wherever it lies.
THIRD_PARTY = list(CONFINED) + [
    "nlohmann/",
    "toml++/",
    "fmt/",
    "xxhash.h",
    "boost/",
]
# In tests and in testing/ only.
TEST_ONLY = ["gtest/", "gmock/", "rapidcheck"]

TYPE = re.compile(r"^(?:struct|class|enum class) (\w+)(?: final)?(?: : [^{;]*)? ?\{")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def matches(header, patterns):
    """True if header is one of the patterns or lies in a folder of theirs."""
    return any(
        header == p or header.startswith(p) and (p.endswith("/") or p in TEST_ONLY)
        for p in patterns
    )


def layer_breach(path, header, is_test):
    """What is wrong with `path` including our own `header`, or None."""
    mine, theirs = path.split("/")[0], header.split("/")[0]
    if theirs == "testing":
        if is_test or mine == "testing":
            return None
        return "fakes of testing/ are for tests and bench/"
    if theirs not in RANK_OF:
        return f"no layer is called '{theirs}' (write the path from src/)"
    if mine == theirs:
        return None
    if mine == "testing":
        return "testing/ may not reach into app/" if theirs == "app" else None
    if RANK_OF[theirs] < RANK_OF[mine]:
        return None
    if RANK_OF[theirs] == RANK_OF[mine]:
        return f"{mine} and {theirs} are of one rank and never meet"
    return f"{mine} is below {theirs}"


def library_breach(path, header, is_test):
    """What is wrong with `path` including the foreign `header`, or None."""
    if matches(header, TEST_ONLY):
        if is_test or path.startswith("testing/"):
            return None
        return "for tests only"
    if path.endswith(".h") and matches(header, THIRD_PARTY):
        return "a third-party header in a header of ours"
    for pattern, places in CONFINED.items():
        if is_test or not matches(header, [pattern]):
            continue
        if not any(path == p or path.startswith(p) for p in places if p):
            return f"belongs in {' or '.join(places)} alone"
    return None


def breaches_of(path, text):
    """The breaches of one file, as text lines; `path` is relative to src/."""
    found = []
    if path.split("/")[0] not in RANK_OF and not path.startswith("testing/"):
        return [f"{path}:1: no layer has this folder"]
    is_test = path.endswith("_test.cc")
    if path.endswith(".h") and "#pragma once" not in text:
        found.append(f"{path}:1: no #pragma once")
    for number, line in enumerate(text.splitlines(), start=1):
        include = INCLUDE.match(line)
        if not include:
            continue
        quoted, header = include[1] == '"', include[2]
        check = layer_breach if quoted else library_breach
        breach = check(path, header, is_test)
        if breach:
            found.append(f"{path}:{number}: includes {header}: {breach}")
    return found


def types_of(text):
    """Names of the types that a header defines outside of others, with lines."""
    lines = enumerate(text.splitlines(), start=1)
    return [(m[1], number) for number, line in lines if (m := TYPE.match(line))]


def breaches_in(source):
    """The breaches of every C++ file below the folder `source`."""
    found, header_of = [], {}
    for file in sorted(source.rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        path = file.relative_to(source).as_posix()
        text = file.read_text(encoding="utf-8")
        found += breaches_of(path, text)
        for name, number in types_of(text) if file.suffix == ".h" else []:
            first = header_of.setdefault(name, path)
            if first != path:
                found.append(f"{path}:{number}: {first} has a type {name}, too")
    return found


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    found = breaches_in(root / "src")
    for breach in found:
        print(f"src/{breach}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
