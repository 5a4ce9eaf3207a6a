"""utils/check.py counts what test programs report, and fails on a failure, on a crash and on nothing run."""

import json
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "utils"))
import check

GTEST = """<testsuites><testsuite name="S">
<testcase name="Good" status="run" result="completed" classname="S"/>
<testcase name="Bad" status="run" result="completed" classname="S"><failure message="x"/></testcase>
<testcase name="Left" status="run" result="skipped" classname="S"><skipped message="no data"/></testcase>
</testsuite></testsuites>"""


class Check(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        self.tally = check.Tally()
        (self.root / "build/test").mkdir(parents=True)
        patch = mock.patch.object(check, "ROOT", self.root)
        patch.start()
        self.addCleanup(patch.stop)

    def with_runs(self, run):
        patch = mock.patch.object(check, "run", run)
        patch.start()
        self.addCleanup(patch.stop)

    def test_closing_line(self):
        self.tally.add("a", True)
        self.assertEqual((self.tally.closing_line(), self.tally.exit_code()), ("1 passed, 0 failed", 0))
        self.tally.skipped.append("b")
        self.tally.add("c", False)
        self.assertEqual(
            (self.tally.closing_line(), self.tally.exit_code()), ("1 passed, 1 failed, 1 skipped", 1)
        )

    def test_nothing_run_is_a_failure(self):
        self.assertEqual(self.tally.exit_code(), 1)

    def ctest(self, junit, gtest=None):
        def run(command, limit, environment=None, log=None):
            if junit:
                (self.root / "build/test/ctest.xml").write_text(junit)
            if gtest:
                (self.root / "build/test/gtest/program.xml").write_text(gtest)
            return 8, None

        self.with_runs(run)
        check.run_ctest(self.tally, "build", "")

    def test_cases_of_a_program(self):
        self.ctest('<testsuite><testcase name="program" status="fail"/></testsuite>', GTEST)
        self.assertEqual(self.tally.closing_line(), "1 passed, 1 failed, 1 skipped")

    def test_a_program_that_crashes(self):
        self.ctest('<testsuite><testcase name="program" status="fail"/></testsuite>')
        self.assertEqual(self.tally.failed, ["program"])

    def test_a_program_that_leaks_after_its_cases_passed(self):
        good = GTEST.replace('<failure message="x"/>', "")
        self.ctest('<testsuite><testcase name="program" status="fail"/></testsuite>', good)
        self.assertEqual(self.tally.failed, ["program (ended badly after its cases)"])

    def test_no_report_of_ctest(self):
        self.ctest(None)
        self.assertEqual(self.tally.exit_code(), 1)

    def test_lit(self):
        codes = ["PASS", "FAIL", "UNSUPPORTED", "UNRESOLVED", "XPASS", "TIMEOUT"]
        tests = [{"code": code, "name": code} for code in codes]

        def run(command, limit, environment=None, log=None):
            (self.root / "build/test/lit.json").write_text(json.dumps({"tests": tests}))
            (self.root / "build/test/counts/modules.txt").write_text("200 modules\n")
            return 1, None

        self.with_runs(run)
        check.run_lit(self.tally, "build", "")
        self.assertEqual(self.tally.closing_line(), "1 passed, 4 failed, 1 skipped")
        self.assertEqual(self.tally.counted, ["modules: 200 modules"])

    def test_lit_without_a_report(self):
        self.with_runs(lambda *arguments, **named: (2, None))
        check.run_lit(self.tally, "build", "")
        self.assertEqual(self.tally.exit_code(), 1)

    def fuzzer(self, name, body, corpus=True):
        program = self.root / "build-fuzz/bin" / f"fuzz-{name}"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n" + body)
        program.chmod(0o755)
        if corpus:
            (self.root / f"fuzz/corpus/{name}").mkdir(parents=True)
            (self.root / f"fuzz/corpus/{name}/seed").write_text("x")

    def test_fuzzers(self):
        self.fuzzer("gguf", "exit 0")
        self.fuzzer("template", "exit 77")
        self.fuzzer("more", "exit 0", corpus=False)
        with mock.patch("builtins.print"):
            check.run_fuzzers(self.tally, 1)
        self.assertEqual(self.tally.passed, ["fuzz-gguf"])
        missing = [f"fuzz-{name} (not built)" for name in check.FUZZERS_AT_LEAST - {"gguf", "template"}]
        self.assertGreaterEqual(len(missing), 4)
        self.assertEqual(sorted(self.tally.failed), sorted(["fuzz-more", "fuzz-template", *missing]))

    def test_a_command_that_hangs(self):
        with mock.patch("builtins.print"):
            self.assertEqual(check.run(["sleep", "60"], 0.2, log=True)[0], 124)


if __name__ == "__main__":
    unittest.main()
