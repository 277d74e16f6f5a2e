"""Two instances share the shards of a thousand users, on the servers of dev/servers.py: what is killed, stopped or cut off is followed within 30 seconds; no order is
doubled, no position is left without its stop, and the books of every shard equal its venue's.
"""
import json
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "dev"))
from compare_books import VenueBooks  # noqa: E402
from harness import ROOT, Product  # noqa: E402

SHARDS = 12
HOST = ("host", "--http-port", "0")
WHAT = ("--users", "1000", "--speed", "600", "--strategy", "trend_following", "--set", "timeframe=5m", "--set", "fast=5", "--set", "slow=13")


class Watched(VenueBooks):
    """The venue's books, with an eye on entries that add to a position which another order had opened."""

    def __init__(self, path):
        self.doubled, self.opened_by = [], {}
        super().__init__(path)

    def fill(self, f):
        key = int(f[3]), int(f[4]), f[5]
        held = self.positions.get(key, (0, 0))[0]
        entry = f[1] != "-" and self.orders[f[1]]["purpose"] == "entry"
        if entry and held and self.opened_by.get(key) != f[1]:
            self.doubled.append(f"{f[1]} adds to what {self.opened_by.get(key)} opened")
        if entry and not held:
            self.opened_by[key] = f[1]
        super().fill(f)

    def unprotected(self):
        stops = {(order["account"], order["instrument"], order["leg"]) for order in self.orders.values() if order["purpose"] == "stop_loss"}
        return [key for key, (quantity, _) in self.positions.items() if quantity and key not in stops]

    def open(self):
        return sum(1 for quantity, _ in self.positions.values() if quantity)


class HostShards(Product):
    def setUp(self):
        super().setUp()
        self.settings = {}
        for name in ("redis", "kafka"):
            shown = subprocess.run([sys.executable, ROOT / "dev/servers.py", "env", name], capture_output=True, text=True, timeout=60, check=False).stdout
            self.settings |= {k: v.strip("'\"") for k, v in (line.removeprefix("export ").split("=", 1) for line in shown.splitlines() if line.startswith("export "))}
        if "REDIS_PORT" not in self.settings:
            self.skipTest("no Redis of dev/servers.py runs")
        self.redis_only = {k: v for k, v in self.settings.items() if k.startswith("REDIS_")}
        self.with_kafka = {k: v for k, v in self.settings.items() if k.startswith(("REDIS_", "KAFKA_"))}

    def metrics(self, running):
        address = re.search(r"health and metrics at (http://\S+)", running.err_path.read_text()).group(1)
        page = urllib.request.urlopen(address + "/metrics", timeout=5).read().decode()
        return {line.split(" ")[0]: float(line.split(" ")[1]) for line in page.splitlines() if line.startswith("promtrade_shard")}

    def sum_of(self, running, name):
        return sum(value for key, value in self.metrics(running).items() if key.startswith(name + "{"))

    def hosted(self, running):
        return self.sum_of(running, "promtrade_shard_hosted")

    def until(self, condition, timeout, what):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.05)
        self.fail(f"{what} within {timeout} s")

    def begin(self, settings, *words):
        running = self.start(*HOST, *words, env=settings)
        running.wait_for("health and metrics at", timeout=90)
        return running

    def trade(self, running, positions=100):
        self.until(lambda: self.sum_of(running, "promtrade_shard_open_positions") >= positions, 90, f"{positions} positions were opened")

    def books(self):
        """Every shard's books against its venue's file; returns the latter."""
        venues = []
        for shard in sorted((self.state / "shards").iterdir()):
            compared = subprocess.run([sys.executable, ROOT / "dev/compare_books.py", shard, "--json"], capture_output=True, text=True, timeout=120, check=False)
            self.assertEqual(compared.returncode, 0, f"{shard.name}: {compared.stdout[-2000:]}{compared.stderr[-500:]}")
            venues.append(Watched(shard / "venue.jsonl"))
            self.assertEqual(venues[-1].doubled, [], shard.name)
        self.assertEqual(len(venues), SHARDS)
        return venues

    def stop(self, *running):
        for one in running:
            one.signal(signal.SIGTERM)
        for one in running:
            ended = one.wait(60)
            self.assertEqual(ended.code, 143, ended.err[-800:])

    def test_a_killed_instance_is_followed_within_thirty_seconds(self):
        if "KAFKA_BROKERS" not in self.settings:
            self.skipTest("no Kafka of dev/servers.py runs")
        one = self.begin(self.with_kafka, *WHAT)
        self.until(lambda: self.hosted(one) == SHARDS, 60, "the first has all shards")
        two = self.begin(self.with_kafka)
        self.until(lambda: self.hosted(one) == self.hosted(two) == SHARDS / 2, 60, "each has half of the shards")
        self.trade(one)
        one.signal(signal.SIGKILL)
        one.wait()
        killed = time.monotonic()
        left = [Watched(shard / "venue.jsonl") for shard in sorted((self.state / "shards").iterdir())]
        bare = sum(len(venue.unprotected()) for venue in left)
        self.until(lambda: self.hosted(two) == SHARDS, 30, "the second has all shards")
        moved = time.monotonic() - killed
        self.until(lambda: self.sum_of(two, "promtrade_shard_unprotected") == 0, 5, "every position has its stop")
        accounts = sum(int(n) for n in re.findall(r"hosted here \(fence \d+\), (\d+) accounts", two.err_path.read_text()))
        self.assertGreaterEqual(accounts, 1000, "all users, those that came back to it counted again")
        fills = sum(len(venue.fills) for venue in left)
        self.until(lambda: sum(len(Watched(s / "venue.jsonl").fills) for s in (self.state / "shards").iterdir()) > fills + 100, 60, "trading went on")
        self.stop(two)
        venues = self.books()
        print(f"moved in {moved:.1f} s; {sum(v.open() for v in left)} positions open at the kill, {bare} of them without a stop at that moment; "
              f"{sum(len(v.fills) for v in venues)} fills in all", file=sys.stderr)

    def test_without_a_group_a_second_instance_stands_by(self):
        one = self.begin(self.redis_only, *WHAT)
        self.until(lambda: self.hosted(one) == SHARDS, 60, "the first has all shards")
        two = self.begin(self.redis_only)
        self.trade(one)
        self.assertEqual(self.hosted(two), 0)
        # Stopped (not ended) it renews nothing: its lease ends, and only the lock of its journals keeps the second from going on with half the truth.
        one.signal(signal.SIGSTOP)
        two.wait_for("an instance that has not ended still holds its journal", timeout=60)
        self.assertEqual(self.hosted(two), 0)
        one.signal(signal.SIGCONT)
        one.wait_for("its lease has ended; nothing is sent", timeout=30)
        self.until(lambda: self.hosted(one) + self.hosted(two) == SHARDS, 60, "each shard has one host again")
        one.signal(signal.SIGKILL)
        one.wait()
        self.until(lambda: self.hosted(two) == SHARDS, 30, "the second has all shards")
        self.stop(two)
        self.books()

    def test_what_was_stopped_goes_on_and_takes_its_own_settings_alone(self):
        one = self.begin(self.redis_only, *WHAT)
        self.until(lambda: self.hosted(one) == SHARDS, 60, "all shards")
        self.trade(one, 20)
        self.stop(one)
        before = sum(len(venue.fills) for venue in self.books())
        refused = self.run_product(*HOST, "--users", "500", env=self.redis_only)
        self.assertEqual(refused.code, 2)
        self.assertIn("was begun with other options: promtrade host", refused.err)
        self.assertIn("holds the accounts of promtrade host", self.run_product("run", "--replay", "--http-port", "0").err)
        ended = self.run_product(*HOST, "--json", "--fresh", *WHAT[:2], "--speed", "5000000", "--to", "2025-05-06", env=self.redis_only, timeout=120)
        self.assertEqual(ended.code, 0, ended.err[-800:])
        document = json.loads(ended.out)
        self.assertEqual(document["status"], "finished")
        self.assertEqual(sum(shard["accounts"] for shard in document["shards"]), 1000)
        self.assertEqual({shard["state"] for shard in document["shards"]}, {"done"})
        self.assertGreater(before, 0)
        self.books()

    def test_what_a_lost_disk_took_comes_back_from_the_shared_copy(self):
        shown = subprocess.run([sys.executable, ROOT / "dev/servers.py", "env", "postgres"], capture_output=True, text=True, timeout=60, check=False).stdout
        postgres = {k: v.strip("'\"") for k, v in (line.removeprefix("export ").split("=", 1) for line in shown.splitlines() if line.startswith("export "))}
        psql = sorted((ROOT / "build/servers/cache").rglob("bin/psql"))
        if "POSTGRES_PORT" not in postgres or not psql:
            self.skipTest("no PostgreSQL of dev/servers.py runs, or psql is not among what it fetched")

        def ask(sql):
            words = [psql[0], "-h", postgres["POSTGRES_HOST"], "-p", postgres["POSTGRES_PORT"], "-U", postgres["POSTGRES_USER"], "-d", postgres["POSTGRES_DB"], "-XAtc", sql]
            return subprocess.run(words, env={"PGPASSWORD": postgres["POSTGRES_PASSWORD"]}, capture_output=True, text=True, timeout=30, check=True).stdout.split()

        settings = self.redis_only | postgres
        one = self.begin(settings, "--users", "120", *WHAT[2:])
        self.until(lambda: self.hosted(one) == SHARDS, 90, "all shards")
        self.trade(one, 20)
        one.signal(signal.SIGKILL)
        one.wait()
        # The venue's files stand for the venue, which lost nothing.
        for shard in (self.state / "shards").iterdir():
            shutil.rmtree(shard / "journal")
        two = self.begin(settings)
        self.until(lambda: self.hosted(two) == SHARDS, 60, "all shards")
        self.assertEqual(sum(int(n) for n in re.findall(r"hosted here \(fence \d+\), (\d+) accounts", two.err_path.read_text())), 120)
        self.until(lambda: self.sum_of(two, "promtrade_shard_unprotected") == 0, 10, "every position has its stop")
        self.stop(two)
        name = json.loads((self.state / "run.json").read_text())["ledger"]
        for shard in sorted((self.state / "shards").iterdir()):
            venue = Watched(shard / "venue.jsonl")
            schema = f'"{name}_s{int(shard.name)}"'
            self.assertEqual(venue.doubled, [], shard.name)
            rows = ask(f"SELECT account, instrument, leg, quantity FROM {schema}.positions WHERE quantity <> 0 ORDER BY 1, 2, 3")
            self.assertEqual(rows, sorted(f"{a}|{i}|{leg}|{quantity}" for (a, i, leg), (quantity, _) in venue.positions.items() if quantity), shard.name)
            self.assertEqual(ask(f"SELECT max(seq) = (SELECT seq FROM {schema}.applied) FROM {schema}.journal"), ["t"])
            ask(f"DROP SCHEMA {schema} CASCADE")


if __name__ == "__main__":
    unittest.main()
