"""`runs prune`: what is done goes where the rule lets it and somebody has agreed; what can be continued or is in use stays, and so does the present run.

Environment: PROMTRADE (the executable), PROM_SOURCE_DIR (the project).
"""
import fcntl
import json
import re
import time
import unittest

from harness import Product

WINDOW = ("--from", "2025-05-06", "--to", "2025-05-07", "--no-benchmarks")
RUN = ("run", "--replay", "--http-port", "0", *WINDOW)


class Prune(Product):
    def backtest(self, **options):
        return self.done("backtest", "--strategy", "breakout", *WINDOW, **options)["run_id"]

    def ids(self):
        return [run["run_id"] for run in self.done("runs", "list")["runs"]]

    def size(self, path):
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())

    def test_nothing_goes_without_a_rule_or_without_consent(self):
        self.assertEqual(self.fails(2, "runs", "prune")["code"], "no_rule")
        self.assertEqual(self.done("runs", "prune", "--keep", "1")["runs"], [])
        self.assertFalse(self.state.exists(), "asking makes nothing")
        ids = [self.backtest() for _ in range(3)]
        sizes = [self.size(self.state / "runs" / one) for one in ids]
        looked = self.done("runs", "prune", "--keep", "1", "--dry-run")
        self.assertEqual((looked["would_remove"], looked["would_free_bytes"], looked["removed"]), (2, sum(sizes[:2]), []))
        refused = self.run_product("runs", "prune", "--keep", "1", "--json")
        self.assertEqual(refused.code, 5, refused.err)
        self.assertEqual(refused.document()["error"]["code"], "not_confirmed")
        self.assertEqual([run["name"] for run in refused.document()["runs"] if run["stays"] is None], ids[:2])
        text = self.run_product("runs", "prune", "--keep", "1")
        self.assertEqual(text.code, 5)
        self.assertRegex(text.err, r"this would remove 2 runs, [\d.]+ [kM]?B, for ever")
        self.assertEqual(self.ids(), ids)
        done = self.done("runs", "prune", "--keep", "1", "--yes")
        self.assertEqual([run["name"] for run in done["removed"]], ids[:2])
        self.assertEqual(done["freed_bytes"], sum(sizes[:2]))
        self.assertEqual(self.ids(), ids[2:])
        self.assertEqual(self.done("runs", "prune", "--keep", "1", "--yes")["removed"], [], "twice changes nothing")
        self.assertIn("Nothing goes", self.run_product("runs", "prune", "--keep", "1").out)

    def test_age_and_number_must_both_let_it_go(self):
        ids = [self.backtest() for _ in range(3)]
        for one, day in zip(ids, ("2020-01-01", "2020-01-02", "2020-01-03")):
            file = self.state / "runs" / one / "run.json"
            file.write_text(re.sub(r'("created_at":\s*")[0-9-]{10}', rf"\g<1>{day}", file.read_text()))
        fresh = self.backtest()
        self.assertEqual([run["name"] for run in self.done("runs", "prune", "--older-than", "30d", "--keep", "3", "--yes")["removed"]], ids[:1])
        stays = {run["name"]: run["stays"] for run in self.done("runs", "prune", "--older-than", "30d", "--dry-run")["runs"]}
        self.assertEqual(stays, {ids[1]: None, ids[2]: None, fresh: "it is not older than 30d"})
        self.assertEqual(len(self.done("runs", "prune", "--older-than", "30d", "--yes")["removed"]), 2)
        self.assertEqual(self.ids(), [fresh])
        self.assertEqual(self.fails(2, "runs", "prune", "--older-than", "soon")["code"], "bad_command_line")

    def test_what_can_be_continued_or_is_in_use_stays(self):
        self.done(*RUN, "--speed", "max")
        interrupted = self.start(*RUN, "--speed", "3600", "--fresh", "--json")
        interrupted.wait_for("health and metrics")
        time.sleep(2)
        interrupted.signal()
        self.assertEqual(interrupted.wait().document()["status"], "stopped")
        self.done(*RUN, "--speed", "max", "--fresh")
        self.assertEqual({path.name for path in self.state.glob("previous-*")}, {"previous-1", "previous-2"})
        (self.state / "previous-by-hand").mkdir()

        def stays():
            plan = self.done("runs", "prune", "--older-than", "1s", "--dry-run")["runs"]
            return {run["name"]: run["stays"] for run in plan if run["kind"] == "set_aside"}

        time.sleep(1)
        self.assertEqual(stays(), {"previous-1": None, "previous-2": f"it can be continued with --state {self.state}/previous-2"})
        with (self.state / "previous-1/journal/writer.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertEqual(stays()["previous-1"], "a process works in it")
            self.done("runs", "prune", "--older-than", "1s", "--yes")
            self.assertTrue((self.state / "previous-1").exists())
        (self.state / ".removing-previous-7").mkdir()
        self.done("runs", "prune", "--older-than", "1s", "--yes")
        left = sorted(path.name for path in self.state.iterdir() if path.is_dir())
        self.assertEqual(left, ["journal", "previous-2", "previous-by-hand", "runs"], "what a killed removal left is gone too")
        self.assertEqual(json.loads((self.state / "run.json").read_text())["status"], "finished", "the present run is untouched")
        self.assertGreater(self.done("tools", "stats")["total"]["calls"], 0)
        self.assertEqual(len(self.done(*RUN[:4], "--speed", "max", "--no-benchmarks", "--resume", "--state", self.state / "previous-2")["digest"]), 64)

    def test_a_retention_that_is_set_is_kept_by_itself(self):
        config = self.folder / "promtrade.toml"
        config.write_text("[runs]\nkeep = 2\n")
        ids = [self.done("backtest", "--strategy", "breakout", *WINDOW, "--config", config)["run_id"] for _ in range(4)]
        self.assertEqual(self.ids(), ids[2:])
        self.assertEqual(self.done("runs", "prune", "--config", config, "--dry-run")["would_remove"], 0)
        config.write_text("[runs]\nkeep = -1\n")
        self.assertIn("runs.keep", self.fails(2, "runs", "prune", "--config", config)["message"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
