#!/usr/bin/env python3
"""Tests of check_layers.py."""

import pathlib
import tempfile
import unittest

import check_layers


def check(path, *includes):
    text = "".join(f"#include {i}\n" for i in includes)
    if path.endswith(".h"):
        text = "#pragma once\n" + text
    return check_layers.breaches_of(path, text)


class LayersTest(unittest.TestCase):
    def test_a_lower_layer_may_be_included(self):
        self.assertEqual(check("engine/loop.cc", '"base/rng.h"'), [])

    def test_a_higher_layer_may_not_be_included(self):
        self.assertEqual(
            check("base/rng.cc", '"model/tree.h"'),
            ["base/rng.cc:1: includes model/tree.h: base is below model"],
        )

    def test_layers_of_one_rank_never_meet(self):
        self.assertEqual(len(check("llm/client.cc", '"store/log.h"')), 1)
        self.assertEqual(len(check("score/auc.cc", '"code/diff.h"')), 1)

    def test_a_sub_folder_belongs_to_its_layer(self):
        own = check("operators/llm/prompt.cc", '"operators/coder.h"')
        up = check("operators/llm/prompt.cc", '"engine/loop.h"')
        self.assertEqual((len(own), len(up)), (0, 1))

    def test_fakes_are_for_tests(self):
        fake = '"testing/scripted_coder.h"'
        self.assertEqual(check("engine/loop_test.cc", fake), [])
        self.assertEqual(len(check("engine/loop.cc", fake)), 1)

    def test_an_include_relative_to_its_file_is_found(self):
        self.assertEqual(len(check("base/rng.cc", '"rng.h"')), 1)

    def test_an_unknown_folder_is_found(self):
        self.assertEqual(len(check("misc/thing.cc")), 1)


class LibrariesTest(unittest.TestCase):
    def test_a_header_of_ours_shows_no_third_party_header(self):
        self.assertEqual(len(check("model/task.h", "<nlohmann/json.hpp>")), 1)
        self.assertEqual(check("model/task.cc", "<nlohmann/json.hpp>"), [])

    def test_curl_has_one_place(self):
        self.assertEqual(check("llm/http_transport.cc", "<curl/curl.h>"), [])
        self.assertEqual(len(check("llm/anthropic.cc", "<curl/curl.h>")), 1)

    def test_a_test_framework_stays_in_tests(self):
        self.assertEqual(check("base/rng_test.cc", "<gtest/gtest.h>"), [])
        self.assertEqual(check("base/rng_test.cc", "<rapidcheck.h>"), [])
        self.assertEqual(len(check("base/rng.cc", "<gtest/gtest.h>")), 1)

    def test_the_standard_library_and_the_system_are_free(self):
        self.assertEqual(check("base/file.h", "<vector>", "<sys/stat.h>"), [])

    def test_pragma_once_is_asked_for(self):
        found = check_layers.breaches_of("base/rng.h", "struct Rng;\n")
        self.assertEqual(found, ["base/rng.h:1: no #pragma once"])


class TreeTest(unittest.TestCase):
    def test_files_of_sub_folders_are_read(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder)
            (source / "ui" / "web").mkdir(parents=True)
            file = source / "ui" / "web" / "server.cc"
            file.write_text('#include "app/main.h"\n')
            self.assertEqual(len(check_layers.breaches_in(source)), 1)

    def test_two_types_of_one_name_are_found(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder)
            for layer in ("llm", "ui"):
                (source / layer).mkdir()
                text = "#pragma once\nstruct Answer {\n  struct Part {};\n};\n"
                (source / layer / "answer.h").write_text(text)
            (source / "ui" / "other.h").write_text(
                "#pragma once\nstruct Answer;\nstruct Part {};\n"
            )
            self.assertEqual(
                check_layers.breaches_in(source),
                ["ui/answer.h:2: llm/answer.h has a type Answer, too"],
            )


if __name__ == "__main__":
    unittest.main()
