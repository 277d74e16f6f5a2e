"""The main job with its events on Kafka, on the broker of dev/servers.py: the run is the same; a broker that is away holds nothing up, and what it missed is
published by the next start.
"""
import json
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from harness import ROOT, Product  # noqa: E402

WINDOW = ("--from", "2025-05-06", "--to", "2025-05-08", "--no-benchmarks")


class KafkaRun(Product):
    def setUp(self):
        super().setUp()
        shown = subprocess.run([sys.executable, ROOT / "dev/servers.py", "env", "kafka"], capture_output=True, text=True, timeout=60, check=False).stdout
        self.settings = {k: v.strip("'\"") for k, v in (line.removeprefix("export ").split("=", 1) for line in shown.splitlines() if line.startswith("export KAFKA_"))}
        if "KAFKA_BROKERS" not in self.settings:
            self.skipTest("no Kafka of dev/servers.py runs")

    def published(self):
        return json.loads((self.state / "streams.json").read_text())

    def test_the_run_is_the_same_and_everything_is_published(self):
        words = ("run", "--replay", "--speed", "max", *WINDOW)
        with_events = self.done(*words, env=self.settings)
        told = self.published()
        self.assertEqual(told["lost"], 0)
        self.assertGreater(told["delivered"], 100, "a decision an hour and pair at least")
        self.assertEqual(told["run"], json.loads((self.state / "run.json").read_text())["ledger"])
        self.assertEqual(self.done(*words, "--fresh")["digest"], with_events["digest"])

    def test_what_a_broker_that_is_away_misses_is_published_by_the_next_start(self):
        running = self.start("run", "--replay", "--speed", "12000", *WINDOW, env={"KAFKA_BROKERS": "127.0.0.1:1"})
        time.sleep(5)
        running.signal()
        ended = running.wait()
        self.assertRegex(ended.err + ended.out, r"the next start publishes them \(Kafka at 127\.0\.0\.1:1 cannot be reached")
        self.assertEqual(self.published()["published"], 0)
        again = self.run_product("run", "--replay", "--speed", "max", "--no-benchmarks", env=self.settings)
        self.assertEqual(again.code, 0, again.err)
        self.assertNotIn("not published", again.err + again.out)
        told = self.published()
        self.assertGreater(told["delivered"], 100)
        self.assertEqual(told["lost"], 0)


if __name__ == "__main__":
    unittest.main()
