"""What tests of the built executable share: an empty state and working directory for each test, a clean environment, and no process left behind.

Environment: PROMTRADE (the executable), PROM_SOURCE_DIR (the project).
"""
import csv
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(os.environ.get("PROM_SOURCE_DIR", Path(__file__).resolve().parents[2]))
PRODUCT = os.environ.get("PROMTRADE", str(ROOT / "build/release/promtrade"))
# Nothing of the machine's own configuration may reach the tests.
CLEAN = {k: v for k, v in os.environ.items() if not re.match(r"(APP_ENV|LOG_LEVEL|NO_COLOR|XDG_|PROM|POSTGRES|CLICKHOUSE|REDIS|KAFKA|TELEGRAM|SENTRY|ERROR_|GLIBC_)", k)}


class Ran:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def document(self):
        """The only document on stdout."""
        assert self.out.endswith("\n") and self.out.count("\n") == 1, f"not one line: {self.out[:300]!r} {self.err[-300:]!r}"
        return json.loads(self.out)


class Product(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.work, self.state = self.folder / "work", self.folder / "state"
        self.work.mkdir()

    def environment(self, env=None):
        return CLEAN | {"PROMTRADE_STATE": str(self.state), "HOME": str(self.folder)} | (env or {})

    def run_product(self, *words, env=None, timeout=120):
        done = subprocess.run([PRODUCT, *map(str, words)], cwd=self.work, env=self.environment(env), capture_output=True, text=True, timeout=timeout, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    def done(self, *words, **options):
        """Must end well; returns its one document."""
        ran = self.run_product(*words, "--json", **options)
        self.assertEqual(ran.code, 0, ran.err[-800:] + ran.out[-800:])
        return ran.document()

    def fails(self, code, *words, env=None):
        """Fails with this exit code, in both forms; returns the error object."""
        plain = self.run_product(*words, env=env)
        self.assertEqual(plain.code, code, plain.err + plain.out[-300:])
        self.assertIn("promtrade: ", plain.err)
        ran = self.run_product(*words, "--json", env=env)
        self.assertEqual(ran.code, code, ran.out + ran.err)
        error = ran.document()["error"]
        self.assertRegex(error["code"], r"^[a-z][a-z0-9_]*$")
        self.assertIn(error["message"], plain.err)
        self.assertTrue(error["hint"], f"what can be done about it: {error}")
        return error

    def start(self, *words, env=None):
        """Started and left running; killed at the end of the test at the latest."""
        out, err = (self.folder / f"{len(list(self.folder.iterdir()))}.{kind}" for kind in ("out", "err"))
        with out.open("w") as out_file, err.open("w") as err_file:
            running = Running(subprocess.Popen([PRODUCT, *map(str, words)], cwd=self.work, env=self.environment(env), stdout=out_file, stderr=err_file), out, err)
        self.addCleanup(running.end)
        return running


class Running:
    def __init__(self, process, out, err):
        self.process, self.out_path, self.err_path = process, out, err

    def wait_for(self, text, timeout=60):
        """Until the text stands on stdout or stderr."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if text in self.err_path.read_text() or text in self.out_path.read_text():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError(f"{text!r} did not come: {self.err_path.read_text()[-800:]} {self.out_path.read_text()[-300:]}")

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, timeout=60):
        code = self.process.wait(timeout)
        return Ran(code, self.out_path.read_text(), self.err_path.read_text())

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
