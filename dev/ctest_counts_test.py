#!/usr/bin/env python3
"""The counting of tests: what GoogleTest, unittest and ctest wrote, recorded, against counts made by hand."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import ctest_counts  # noqa: E402

GTEST = """[==========] Running 4 tests from 2 test suites.
[ RUN      ] A.first
[       OK ] A.first (0 ms)
[ RUN      ] A.second
/x/a_test.cpp:7: Skipped
no server: set PROM_REDIS

[  SKIPPED ] A.second (0 ms)
[ RUN      ] B.third
/x/a_test.cpp:9: Failure
Expected equality
[  FAILED  ] B.third (0 ms)
[ RUN      ] B.fourth
[       OK ] B.fourth (0 ms)
[==========] 4 tests from 2 test suites ran. (0 ms total)
[  PASSED  ] 2 tests.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] A.second
[  FAILED  ] 1 test, listed below:
[  FAILED  ] B.third

 1 FAILED TEST
"""
CLEAN = """[==========] 12 tests from 3 test suites ran. (5 ms total)
[  PASSED  ] 12 tests.
"""


def junit(*cases: str) -> str:
    return '<?xml version="1.0"?><testsuite name="x">' + "".join(cases) + "</testsuite>"


def case(name: str, status: str, output: str, inner: str = "") -> str:
    return f'<testcase name="{name}" status="{status}">{inner}<system-out>{output}</system-out></testcase>'


class CountsTest(unittest.TestCase):
    def read(self, text: str, whole: bool = False) -> tuple[int, int, int]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "junit.xml"
            path.write_text(text)
            counts = ctest_counts.of_junit(path, whole)
            return counts.passed, counts.failed, counts.skipped

    def test_googletest(self) -> None:
        counts = ctest_counts.of_output(GTEST)
        self.assertEqual((2, 1, 1), (counts.passed, counts.failed, counts.skipped))
        self.assertEqual(["B.third"], counts.failures)
        self.assertEqual(["A.second: no server: set PROM_REDIS"], counts.skips)

    def test_unittest(self) -> None:
        counts = ctest_counts.of_output("FAIL: test_a (x.T)\n-----\nRan 5 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=1)\n")
        self.assertEqual((2, 2, 1), (counts.passed, counts.failed, counts.skipped))
        self.assertEqual(["1 cases, no reason given"], counts.skips, "a skip is never silent")
        told = ctest_counts.of_output("test_a (x.T.test_a) ... skipped 'pg_dump is not here'\ntest_b (x.T.test_b) ... skipped \"there's none\"\n-----\nRan 2 tests in 0.1s\n\nOK (skipped=2)\n")
        self.assertEqual(["pg_dump is not here", "there's none"], told.skips)

    def test_what_the_failed_ones_said(self) -> None:
        self.assertEqual([("B.third", "/x/a_test.cpp:9: Failure\nExpected equality")], ctest_counts.words_of_failures(GTEST))
        both = [("test_a (x.T.test_a)", "Traceback\nAssertionError: 4 != 0"), ("setUpClass (x.U)", "OSError: none")]
        text = "".join(f"{'=' * 70}\n{kind}: {name}\n{'-' * 70}\n{words}\n\n" for kind, (name, words) in zip(("FAIL", "ERROR"), both, strict=True))
        self.assertEqual(both, ctest_counts.words_of_failures(text + "-" * 70 + "\nRan 5 tests in 0.1s\n\nFAILED (failures=1, errors=1)\n"))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "junit.xml"
            path.write_text(junit(case("a", "run", CLEAN), case("b", "fail", GTEST), case("c", "fail", "it broke\n")))
            self.assertEqual(["B.third", "c"], [name for name, _ in ctest_counts.of_junit(path).said])

    def test_programs_that_pass(self) -> None:
        self.assertEqual((13, 0, 0), self.read(junit(case("a", "run", CLEAN), case("b", "run", "fine"))))
        self.assertEqual((2, 0, 0), self.read(junit(case("a", "run", CLEAN), case("b", "run", "fine")), True))

    def test_failed_cases(self) -> None:
        self.assertEqual((2, 1, 1), self.read(junit(case("a", "fail", GTEST, '<failure message="Failed"/>'))))

    def test_a_sanitizer_that_complains_at_exit_is_a_failure(self) -> None:
        self.assertEqual((12, 1, 0), self.read(junit(case("a", "fail", CLEAN + "ERROR: LeakSanitizer", '<failure message="Failed"/>'))))
        self.assertEqual((0, 1, 0), self.read(junit(case("a", "fail", CLEAN, '<failure message="Failed"/>')), True))

    def test_a_program_that_was_not_built_is_a_failure(self) -> None:
        self.assertEqual((0, 1, 0), self.read(junit(case("a", "notrun", "", '<skipped message="Unable to find executable"/>'))))

    def test_a_crash_is_a_failure(self) -> None:
        self.assertEqual((0, 1, 0), self.read(junit(case("a", "fail", "[ RUN      ] A.b\n", '<failure message="SEGFAULT"/>'))))

    def test_skip_by_return_code(self) -> None:
        self.assertEqual((0, 0, 1), self.read(junit(case("a", "notrun", "", '<skipped message="SKIP_RETURN_CODE=77"/>'))))


if __name__ == "__main__":
    unittest.main()
