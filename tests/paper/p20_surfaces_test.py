"""P20: every surface says PAPER: documents, text, report, health, readiness, metrics, the plain view, and the notes of a stopped run."""
import json
import re
import sys
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from harness import Product  # noqa: E402

DAYS = ("--from", "2025-05-04", "--to", "2025-05-06")


class Surfaces(Product):
    def test_backtest_document_and_report(self):
        report = self.folder / "report.html"
        document = self.done("backtest", *DAYS, "--report", report, "--no-benchmarks")
        self.assertEqual(document["mode"], "PAPER")
        html = report.read_text(encoding="utf-8")
        self.assertLess(len(html), 10_000_000)
        seen = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.S)
        self.assertIn("PAPER", re.sub(r"<[^>]*>", " ", seen))
        self.assertRegex(html, r"<title>[^<]*PAPER")

    def test_backtest_text(self):
        ran = self.run_product("backtest", *DAYS, "--no-benchmarks")
        self.assertEqual(ran.code, 0, ran.err)
        self.assertIn("PAPER", ran.out)

    def test_runs_and_help(self):
        self.done("backtest", *DAYS, "--no-benchmarks")
        shown = self.done("runs", "list")
        run_id = shown["runs"][0]["run_id"]
        self.assertIn("PAPER", json.dumps(self.done("runs", "show", run_id)))
        self.assertIn("PAPER", self.run_product("runs", "list").out)
        self.assertIn("PAPER", self.run_product("runs", "show", run_id).out)
        self.assertIn("PAPER", self.run_product("run", "--help").out)

    def test_replay_at_its_end(self):
        document = self.done("run", "--replay", "--fresh", "--speed", "max", "--http-port", "0", *DAYS, "--no-benchmarks")
        self.assertEqual(document["mode"], "PAPER")

    def test_plain_view_endpoints_and_stop(self):
        running = self.start("run", "--replay", "--fresh", "--speed", "36000", "--http-port", "0", *DAYS)
        running.wait_for("health and metrics at http://")
        address = re.search(r"health and metrics at (http://\S+)", running.err_path.read_text()).group(1)
        health = json.loads(urllib.request.urlopen(address + "/health", timeout=10).read())
        self.assertEqual(health["mode"], "PAPER")
        self.assertEqual(json.loads(urllib.request.urlopen(address + "/ready", timeout=10).read())["mode"], "PAPER")
        self.assertRegex(urllib.request.urlopen(address + "/metrics", timeout=10).read().decode(), r'(?i)mode="paper"')
        command = self.run_product("health", "--json")
        self.assertIn("PAPER", command.out, command.err)
        running.wait_for("PAPER 2025-05-04")
        running.signal()
        ran = running.wait()
        self.assertEqual(ran.code, 143, ran.err)
        lines = ran.out.splitlines()
        self.assertGreaterEqual(len(lines), 2)
        for line in lines:
            self.assertIn("PAPER", line)

    def test_stopped_document(self):
        running = self.start("run", "--replay", "--fresh", "--speed", "3600", "--http-port", "0", "--json", *DAYS)
        running.wait_for("health and metrics at http://")
        running.signal()
        ran = running.wait()
        self.assertEqual((ran.code, ran.document()["mode"]), (143, "PAPER"))


if __name__ == "__main__":
    unittest.main()
