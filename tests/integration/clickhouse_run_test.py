"""The main job with its rows on ClickHouse, on the engine of dev/servers.py: the run is the same; its bars, its fills and what feeds said are there once, whether the server is killed
in the middle, stays away for the whole run, or the run itself is killed; what waits is named, counted, and sent by the next start.
"""
import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
import unittest
import urllib.request
import uuid
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from feeds_test import Providers  # noqa: E402
from harness import ROOT, Product  # noqa: E402

# A strategy that trades often: the desk may stand aside for two days.
WINDOW = ("--from", "2025-05-06", "--to", "2025-05-08", "--strategy", "trend_following", "--set", "timeframe=5m", "--set", "fast=5", "--set", "slow=20", "--no-benchmarks")
RUN = ("run", "--replay", "--http-port", "0")
BARS = 4 * 2 * 1440  # four instruments, two days
GONE = {"CLICKHOUSE_PORT": "1"}


def servers(*words):
    return subprocess.run([sys.executable, ROOT / "dev/servers.py", *words], capture_output=True, text=True, timeout=120, check=False)


class ClickHouseRun(Product):
    def setUp(self):
        super().setUp()
        shown = servers("env", "clickhouse").stdout
        self.settings = {k: v.strip("'\"") for k, v in (line.removeprefix("export ").split("=", 1) for line in shown.splitlines() if line.startswith("export CLICKHOUSE_"))}
        if "CLICKHOUSE_PORT" not in self.settings:
            self.skipTest("no ClickHouse of dev/servers.py runs")
        self.settings["CLICKHOUSE_DB"] = "run_test_" + uuid.uuid4().hex[:8]
        self.ask(f"CREATE DATABASE {self.settings['CLICKHOUSE_DB']}")
        self.addCleanup(lambda: self.ask(f"DROP DATABASE {self.settings['CLICKHOUSE_DB']}"))

    def ask(self, statement, db="default"):
        s = self.settings
        request = urllib.request.Request(f"http://{s['CLICKHOUSE_HOST']}:{s['CLICKHOUSE_PORT']}/?database={db}", data=statement.encode(),
                                         headers={"X-ClickHouse-User": s["CLICKHOUSE_USER"], "X-ClickHouse-Key": s["CLICKHOUSE_PASSWORD"]})
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.read().decode().strip()

    def stored(self, run):
        """Rows, and different bars, of a run."""
        counts = self.ask(f"SELECT count(), uniqExact(instrument, open_time) FROM run_bars WHERE run = '{run}'", self.settings["CLICKHOUSE_DB"])
        return tuple(map(int, counts.split()))

    def expect_fills(self):
        """As the ledger has them: as many, each once, to the last digit of what they sum up to."""
        with sqlite3.connect(self.state / "ledger.sqlite") as ledger:
            count, = ledger.execute("SELECT count(*) FROM fills").fetchone()
            fees = sum((Decimal(fee) for fee, in ledger.execute("SELECT fee_amount FROM fills")), Decimal())
            traded = dict(ledger.execute("SELECT side, count(*) FROM fills GROUP BY side"))
        self.assertGreater(count, 0, "a run without fills shows nothing")
        where = f"FROM run_fills WHERE run = '{self.run_name()}'"
        stored = self.ask(f"SELECT count(), uniqExact(frame, trade), sum(fee), countIf(side = 'buy'), countIf(side = 'sell') {where}", self.settings["CLICKHOUSE_DB"]).split()
        self.assertEqual([int(stored[0]), int(stored[1])], [count, count])
        self.assertEqual(Decimal(stored[2]), fees)
        self.assertEqual({"buy": int(stored[3]), "sell": int(stored[4])}, {"buy": 0, "sell": 0} | traded)

    def run_name(self):
        return json.loads((self.state / "run.json").read_text())["ledger"]

    def spilled(self, owner="run"):
        return sorted((self.state / f"spill-{owner}").glob("*.spill"))

    def feeds_import(self, env):
        reply = {"name": "Fear and Greed Index", "data": [{"value": str(40 + i), "value_classification": "Fear", "timestamp": str(1746000000 + 86400 * i)} for i in range(9)],
                 "metadata": {"error": None}}
        path = self.folder / "fear.json"
        path.write_text(json.dumps(reply))
        return self.done("feeds", "import", "fear-greed", path, "--fetched-at", "2025-05-10T00:00:00Z", env=env)

    def observations(self):
        return int(self.ask("SELECT count() FROM observations", self.settings["CLICKHOUSE_DB"]))

    def kept_here(self):
        with sqlite3.connect(self.state / "market.sqlite") as market:
            return market.execute("SELECT count(*) FROM observations").fetchone()[0]

    def metrics(self, running):
        running.wait_for("health and metrics at", timeout=30)
        address = re.search(r"http://(127\.0\.0\.1:\d+)", running.err_path.read_text()).group(1)
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as page:
            text = page.read().decode()
        return {name: float(value) for name, value in re.findall(r"^(promtrade_clickhouse\S+) (\S+)$", text, re.M)}

    def test_the_run_is_the_same_and_its_bars_are_there_once(self):
        with_rows = self.done(*RUN, "--speed", "max", *WINDOW, env=self.settings)
        self.assertEqual(self.stored(self.run_name()), (BARS, BARS))
        self.assertEqual(self.spilled(), [])
        self.assertEqual(self.ask("SELECT count() FROM ohlcv", self.settings["CLICKHOUSE_DB"]), "0", "what a run played is not what later runs begin with")
        self.expect_fills()
        prices = self.ask(f"SELECT min(low_price) > 0, max(high_price) < 1e6, min(open_time), max(open_time) FROM run_bars WHERE run = '{self.run_name()}'",
                          self.settings["CLICKHOUSE_DB"])
        self.assertEqual(prices.split("\t"), ["1", "1", "2025-05-06 00:00:00.000", "2025-05-07 23:59:00.000"])
        self.assertEqual(self.done(*RUN, "--speed", "max", *WINDOW, "--fresh")["digest"], with_rows["digest"])

    def test_what_feeds_said_is_there_once_whoever_brought_it_and_in_which_order(self):
        self.feeds_import(env={})
        self.assertEqual(self.observations_table(), "0", "no server was named yet")
        self.done(*RUN, "--speed", "max", *WINDOW, env=self.settings)
        self.assertEqual((self.observations(), self.kept_here()), (9, 9), "the run brought what was there")
        again = self.feeds_import(env=self.settings)
        self.assertEqual((again["new"], again["clickhouse"]["rows"], again["clickhouse"]["waiting"]), (0, 0, ""))
        earlier = self.folder / "earlier.json"
        earlier.write_text((self.folder / "fear.json").read_text().replace('"4', '"5'))
        late = self.done("feeds", "import", "fear-greed", earlier, "--fetched-at", "2025-05-09T00:00:00Z", env=self.settings)
        self.assertGreater(late["new"], 0)
        self.ask("OPTIMIZE TABLE observations FINAL", self.settings["CLICKHOUSE_DB"])
        self.assertEqual(self.observations(), self.kept_here(), "what is put later under an earlier instant is not left out")

    def observations_table(self):
        return self.ask(f"SELECT count() FROM system.tables WHERE database = '{self.settings['CLICKHOUSE_DB']}' AND name = 'observations'")

    def test_a_server_killed_and_started_again_during_the_run_loses_and_doubles_nothing(self):
        running = self.start(*RUN, "--speed", "9000", *WINDOW, "--json", env=self.settings)
        running.wait_for("go to ClickHouse", timeout=30)
        self.until(lambda: self.metrics(running).get('promtrade_clickhouse_rows_total{outcome="stored"}', 0) > 0)
        self.assertEqual(servers("kill", "clickhouse").returncode, 0)
        self.until(lambda: self.metrics(running).get("promtrade_clickhouse_spill_batches", 0) > 0)
        self.assertGreater(self.metrics(running)["promtrade_clickhouse_failures_total"], 0)
        self.assertIsNone(running.process.poll(), "the run goes on meanwhile")
        self.assertEqual(servers("up", "clickhouse").returncode, 0)
        running.wait_for("what waited for ClickHouse is there now", timeout=60)
        ended = running.wait(timeout=120)
        self.assertEqual(ended.code, 0, ended.err)
        self.assertRegex(ended.err, r"what goes to ClickHouse waits in \S+spill-run: ClickHouse at ")
        self.assertEqual(self.stored(self.run_name()), (BARS, BARS))
        self.expect_fills()
        self.assertEqual(self.spilled(), [])
        log = [json.loads(line) for line in (self.state / "promtrade.log").read_text().splitlines()]
        told = [line["reachable"] for line in log if line["event"] == "clickhouse"]
        # A server that has just come back may be slow enough to be away once more.
        self.assertEqual(told, ["no", "yes"] * (len(told) // 2))
        self.assertTrue(told)

    def until(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, "it did not come to that")
            time.sleep(0.05)

    def test_a_server_away_for_the_whole_run_is_caught_up_with_by_the_next_start(self):
        self.feeds_import(env={})
        ran = self.run_product(*RUN, "--speed", "max", *WINDOW, env=self.settings | GONE)
        self.assertEqual(ran.code, 0, ran.err)
        self.assertRegex(ran.err, r"for ClickHouse waits? in \S+spill-run; the next start sends (?:it|them) \(ClickHouse at 127\.0\.0\.1:1 cannot be reached")
        self.assertGreater(len(self.spilled()), 0)
        first = self.run_name()
        self.done(*RUN, "--speed", "max", *WINDOW, env=self.settings)
        self.assertNotEqual(first, self.run_name())
        self.assertEqual(self.spilled(), [])
        self.assertEqual(self.stored(first), (BARS, BARS))
        self.assertEqual(self.stored(self.run_name()), (BARS, BARS))
        self.ask("OPTIMIZE TABLE observations FINAL", self.settings["CLICKHOUSE_DB"])
        self.assertEqual(self.observations(), 9)

    def test_feeds_while_the_server_is_away_wait_and_are_sent_by_the_next(self):
        away = self.feeds_import(env=self.settings | GONE)
        self.assertEqual(away["new"], 9)
        self.assertRegex(away["clickhouse"]["waiting"], r"1 batch for ClickHouse waits in \S+spill-feeds; the next start sends it \(ClickHouse at ")
        self.assertEqual(len(self.spilled("feeds")), 1)
        self.feeds_import(env=self.settings)
        self.assertEqual(self.spilled("feeds"), [])
        self.ask("OPTIMIZE TABLE observations FINAL", self.settings["CLICKHOUSE_DB"])
        self.assertEqual(self.observations(), 9)

    def test_what_is_fetched_goes_there_once_and_waits_while_the_server_is_away(self):
        providers = Providers()
        self.addCleanup(providers.close)
        fetch = ("feeds", "fetch", "--through", providers.address, "--again")
        first = self.done(*fetch, env=self.settings)
        self.assertEqual((first["clickhouse"]["rows"], first["clickhouse"]["waiting"]), (self.kept_here(), ""))
        self.assertEqual(self.observations(), self.kept_here())
        views = self.ask("SELECT (SELECT count() FROM news) > 0, (SELECT count() FROM social_sentiment) > 0", self.settings["CLICKHOUSE_DB"])
        self.assertEqual(views.split(), ["1", "1"])
        again = self.done(*fetch, env=self.settings)
        self.assertLess(again["clickhouse"]["rows"], first["clickhouse"]["rows"])
        self.assertEqual(again["clickhouse"]["rows"], sum(row["new"] for row in again["sources"]), "only what was new")
        self.assertEqual(servers("kill", "clickhouse").returncode, 0)
        providers.replaced["/fng/"] = (200, json.dumps({"name": "x", "data": [{"value": "77", "value_classification": "Greed", "timestamp": "1747000000"}]}), {})
        away = self.run_product(*fetch, "--json", env=self.settings)
        self.assertEqual(away.code, 0, away.err)
        self.assertEqual(away.document()["clickhouse"]["rows"], sum(row["new"] for row in away.document()["sources"]))
        self.assertIn("spill-feeds; the next start sends it", away.document()["clickhouse"]["waiting"])
        self.assertEqual(servers("up", "clickhouse").returncode, 0)
        self.assertEqual(self.done(*fetch, env=self.settings)["clickhouse"]["waiting"], "")
        self.assertEqual((self.observations(), self.spilled("feeds")), (self.kept_here(), []))

    def test_a_killed_run_that_goes_on_has_every_bar(self):
        running = self.start(*RUN, "--speed", "20000", *WINDOW, env=self.settings)
        running.wait_for("go to ClickHouse", timeout=30)
        self.until(lambda: self.stored(self.run_name())[0] > 0 if self.table_there() else False)
        running.signal(signal.SIGKILL)
        running.wait()
        self.done(*RUN, "--speed", "max", "--no-benchmarks", env=self.settings)
        self.assertEqual(self.stored(self.run_name())[1], BARS)
        self.ask("OPTIMIZE TABLE run_bars FINAL", self.settings["CLICKHOUSE_DB"])
        self.assertEqual(self.stored(self.run_name()), (BARS, BARS), "what was sent twice replaced itself")
        self.ask("OPTIMIZE TABLE run_fills FINAL", self.settings["CLICKHOUSE_DB"])
        self.expect_fills()

    def table_there(self):
        return self.ask(f"SELECT count() FROM system.tables WHERE database = '{self.settings['CLICKHOUSE_DB']}' AND name = 'run_bars'") == "1"

    def test_a_server_that_refuses_for_good_is_one_sentence_at_the_start(self):
        for change, words in (({"CLICKHOUSE_PASSWORD": "not-this-one"}, "refuses user"), ({"CLICKHOUSE_DB": "nowhere_at_all"}, "has no database")):
            error = self.fails(4, *RUN, "--speed", "max", *WINDOW, env=self.settings | change)
            self.assertIn(words, error["message"])
            self.assertNotIn("not-this-one", error["message"])


if __name__ == "__main__":
    unittest.main()
