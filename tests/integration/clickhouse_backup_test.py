"""deploy/clickhouse_backup.py on the engine of dev/servers.py: what is restored is what the product reads and goes on with; what is damaged, not empty or under way is refused;
a kill leaves nothing that looks whole.
"""
import fcntl
import json
import signal
import subprocess
import sys
import threading
import time
import unittest
import urllib.request
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from harness import ROOT, Product  # noqa: E402

BACKUP = ROOT / "deploy/clickhouse_backup.py"
INSTRUMENT = "binance:spot:BTCUSDT"
STRATEGY = ("backtest", "--strategy", "trend_following", "--set", "timeframe=1m", "--set", "fast=3", "--set", "slow=8", "--instrument", INSTRUMENT)


class ClickHouseBackups(Product):
    def setUp(self):
        super().setUp()
        shown = subprocess.run([sys.executable, ROOT / "dev/servers.py", "env", "clickhouse"], capture_output=True, text=True, timeout=60, check=False).stdout
        self.settings = {k: v.strip("'\"") for k, v in (line.removeprefix("export ").split("=", 1) for line in shown.splitlines() if line.startswith("export CLICKHOUSE_"))}
        if "CLICKHOUSE_PORT" not in self.settings:
            self.skipTest("no ClickHouse of dev/servers.py runs")
        self.db = "backup_test_" + uuid.uuid4().hex[:8]
        self.settings["CLICKHOUSE_DB"] = self.db
        self.ask(f"CREATE DATABASE {self.db}")
        self.addCleanup(self.drop_all)
        self.to = self.folder / "backups"

    def drop_all(self):
        for name in self.ask("SHOW DATABASES").split():
            if name.startswith(self.db):
                self.ask(f"DROP DATABASE {name}")

    def ask(self, statement, db="default"):
        s = self.settings
        request = urllib.request.Request(f"http://{s['CLICKHOUSE_HOST']}:{s['CLICKHOUSE_PORT']}/?database={db}", data=statement.encode(),
                                         headers={"X-ClickHouse-User": s["CLICKHOUSE_USER"], "X-ClickHouse-Key": s["CLICKHOUSE_PASSWORD"]})
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.read().decode().strip()

    def backup(self, *words, env=None, code=0):
        done = subprocess.run([sys.executable, BACKUP, *map(str, words)], env=self.environment(self.settings | (env or {})), capture_output=True, text=True, timeout=120,
                              check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertNotIn(self.settings["CLICKHOUSE_PASSWORD"], done.stdout + done.stderr)
        return done.stdout + done.stderr

    def newest(self):
        return max(self.to.glob("clickhouse-*Z"))

    def imported(self, minutes=90_000):
        """Over three months, so that the import is a numbered one over several partitions."""
        file = self.folder / "bars.csv"
        with file.open("w") as out:
            out.write("time,open,high,low,close,volume\n")
            price = 50_000
            for i in range(minutes):
                price += (i * 7919) % 401 - 200
                out.write(f"{1735689600 + 60 * i},{price},{price + 150},{price - 150},{price + (i % 5) - 2},{1 + i % 3}\n")
        self.done("data", "import", file, "--venue", "binance", "--instrument", INSTRUMENT, "--interval", "1m", env=self.settings)

    def sums(self, db):
        return {table: self.ask(f"SELECT count(), sum(cityHash64(toString(tuple(*)))) FROM {table}", db) for table in
                ("ohlcv", "ohlcv_puts", "ohlcv_rollup", "ohlcv_series", "observations", "run_bars", "schema_version")}

    def test_what_is_restored_is_what_was_there_and_the_product_goes_on_with_it(self):
        self.imported()
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", "--from", "2025-05-06", "--to", "2025-05-07", "--no-benchmarks", env=self.settings)
        before, digest = self.sums(self.db), self.done(*STRATEGY, env=self.settings)["digest"]
        self.assertIn(" of 6 tables", self.backup("backup", "--to", self.to))
        self.backup("verify", self.newest())
        other = {"CLICKHOUSE_DB": self.db + "_copy"}
        self.assertIn("`promtrade data list`", self.backup("restore", self.newest(), env=other))
        self.assertEqual(self.sums(other["CLICKHOUSE_DB"]), before)
        self.assertEqual(self.done(*STRATEGY, env=self.settings | other)["digest"], digest)
        self.assertEqual(self.ask("SELECT arraySort(groupArray(name)) FROM system.tables WHERE database = currentDatabase()", self.db),
                         self.ask("SELECT arraySort(groupArray(name)) FROM system.tables WHERE database = currentDatabase()", other["CLICKHOUSE_DB"]))
        # The summary of the series is kept there too.
        self.ask("INSERT INTO ohlcv (instrument, interval_ms, open_time, price_digits) VALUES ('new', 60000, '2025-01-01 00:00:00', 2)", other["CLICKHOUSE_DB"])
        self.assertEqual(self.ask("SELECT count() FROM ohlcv_series WHERE instrument = 'new'", other["CLICKHOUSE_DB"]), "1")

    def test_replacing_sets_aside_and_deletes_nothing(self):
        self.imported(2_000)
        self.backup("backup", "--to", self.to)
        before = self.sums(self.db)
        self.ask("INSERT INTO ohlcv (instrument, interval_ms, open_time, price_digits) VALUES ('later', 60000, '2025-01-01 00:00:00', 2)", self.db)
        self.assertIn("holds tables", self.backup("restore", self.newest(), code=5))
        self.assertIn("is now the database", self.backup("restore", self.newest(), "--replace"))
        self.assertEqual(self.sums(self.db), before)
        aside = next(name for name in self.ask("SHOW DATABASES").split() if name.startswith(self.db + "_before_"))
        self.assertEqual(self.ask("SELECT count() FROM ohlcv WHERE instrument = 'later'", aside), "1")
        self.assertNotIn(self.db + "_restoring", self.ask("SHOW DATABASES").split())
        self.assertEqual(len(self.done("data", "list", env=self.settings)["series"]), 7, "one stored, six bundled")

    def test_a_backup_while_rows_arrive_holds_only_whole_imports(self):
        self.imported()
        stop = threading.Event()
        failures = []

        def write():
            while not stop.is_set():
                ran = self.run_product("data", "import", self.folder / "bars.csv", "--venue", "binance", "--instrument", INSTRUMENT, "--interval", "1m", env=self.settings)
                failures.extend([ran.err] if ran.code else [])

        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(1)
        self.backup("backup", "--to", self.to)
        stop.set()
        writer.join()
        self.assertEqual(failures, [])
        other = {"CLICKHOUSE_DB": self.db + "_copy"}
        self.backup("restore", self.newest(), env=other)
        listed = [row for row in self.done("data", "list", env=self.settings | other)["series"] if row["instrument"] == INSTRUMENT and row.get("where") != "bundled"]
        self.assertIn(90_000, [row["bars"] for row in listed])
        self.assertEqual(self.done(*STRATEGY, env=self.settings | other)["digest"], self.done(*STRATEGY, env=self.settings)["digest"])

    def test_refuses_what_is_damaged_and_says_what_is_wrong_in_one_sentence(self):
        self.imported(2_000)
        self.backup("backup", "--to", self.to)
        copy = self.newest()
        file = next(copy.glob("ohlcv.*.gz"))
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        self.assertIn("damaged", self.backup("verify", copy, code=1))
        self.assertIn("damaged", self.backup("restore", copy, "--replace", code=1))
        file.unlink()
        self.assertIn("missing", self.backup("verify", copy, code=1))
        self.assertIn("holds no tables", self.backup("backup", "--to", self.to, env={"CLICKHOUSE_DB": self.db + "_none"}, code=2))
        self.assertIn("no name of a database", self.backup("backup", "--to", self.to, env={"CLICKHOUSE_DB": "a`b"}, code=2))
        self.assertIn("127.0.0.1:1", self.backup("backup", "--to", self.to, env={"CLICKHOUSE_PORT": "1"}, code=4))
        self.assertIn("Authentication failed", self.backup("backup", "--to", self.to, env={"CLICKHOUSE_PASSWORD": "not-this-one"}, code=4))
        self.assertIn("nothing of ClickHouse", self.backup("backup", "--to", self.to, env={"CLICKHOUSE_HOST": ""}))

    def test_keeps_the_newest_and_a_kill_leaves_nothing_that_looks_whole(self):
        self.imported()
        for _ in range(3):
            self.backup("backup", "--to", self.to, "--keep", 2)
            time.sleep(1.1)  # names are by the second
        self.assertEqual(len(list(self.to.glob("clickhouse-*Z"))), 2)
        killed = subprocess.Popen([sys.executable, BACKUP, "backup", "--to", self.to], env=self.environment(self.settings), stdout=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while not list(self.to.glob("*.partial/*.gz")) and time.monotonic() < end:
            time.sleep(0.001)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        self.assertEqual(len(list(self.to.glob("*.partial"))), 1)
        with (self.to / "clickhouse.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assertIn("under way", self.backup("backup", "--to", self.to, code=5))
        for copy in self.to.glob("clickhouse-*Z"):
            self.backup("verify", copy)
        time.sleep(1.1)
        self.backup("backup", "--to", self.to, "--keep", 2)
        self.assertEqual(list(self.to.glob("*.partial")), [], "what the kill left is cleared away")
        self.assertEqual(self.backup("list", "--to", self.to).count("MB"), 2)
        self.assertEqual(json.loads((self.newest() / "manifest.json").read_text())["format"], 2)


if __name__ == "__main__":
    unittest.main()
