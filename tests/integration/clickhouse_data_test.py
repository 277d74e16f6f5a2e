"""Market data in ClickHouse, on the engine of dev/servers.py: the same bars give the same run as in the embedded store; data imported before are carried across; a
server that is away or refuses is one sentence.
"""
import subprocess
import sys
import unittest
import uuid
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from harness import ROOT, Product  # noqa: E402

INSTRUMENT = "binance:spot:BTCUSDT"


class ClickHouseData(Product):
    def setUp(self):
        super().setUp()
        shown = subprocess.run([sys.executable, ROOT / "dev/servers.py", "env", "clickhouse"], capture_output=True, text=True, timeout=60, check=False).stdout
        self.settings = {k: v.strip("'\"") for k, v in (line.removeprefix("export ").split("=", 1) for line in shown.splitlines() if line.startswith("export CLICKHOUSE_"))}
        if "CLICKHOUSE_PORT" not in self.settings:
            self.skipTest("no ClickHouse of dev/servers.py runs")
        self.settings["CLICKHOUSE_DB"] = "data_test_" + uuid.uuid4().hex[:8]
        self.ask(f"CREATE DATABASE {self.settings['CLICKHOUSE_DB']}")
        self.addCleanup(lambda: self.ask(f"DROP DATABASE {self.settings['CLICKHOUSE_DB']}"))
        self.file = self.folder / "bars.csv"
        lines = ["time,open,high,low,close,volume"]
        price = 50_000
        for i in range(2_000):
            price += (i * 7919) % 401 - 200
            lines.append(f"{1735689600 + 60 * i},{price},{price + 150},{price - 150},{price + (i % 5) - 2},{1 + i % 3}")
        self.file.write_text("\n".join(lines) + "\n")

    def ask(self, statement):
        s = self.settings
        request = urllib.request.Request(f"http://{s['CLICKHOUSE_HOST']}:{s['CLICKHOUSE_PORT']}/", data=statement.encode(),
                                         headers={"X-ClickHouse-User": s["CLICKHOUSE_USER"], "X-ClickHouse-Key": s["CLICKHOUSE_PASSWORD"]})
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.read().decode().strip()

    def imported(self, env=None):
        return self.done("data", "import", self.file, "--venue", "binance", "--instrument", INSTRUMENT, "--interval", "1m", env=env)

    def backtest(self, env=None):
        return self.done("backtest", "--strategy", "trend_following", "--set", "timeframe=1m", "--set", "fast=3", "--set", "slow=8", "--instrument", INSTRUMENT, env=env)

    def test_the_same_bars_give_the_same_run_on_either_store(self):
        self.assertEqual(self.imported(self.settings)["rows"], 2_000)
        self.assertFalse((self.state / "market.sqlite").exists(), "nothing is written here")
        listed = self.done("data", "list", env=self.settings)["series"]
        self.assertIn((INSTRUMENT, 2_000), [(row["instrument"], row["bars"]) for row in listed])
        on_server = self.backtest(self.settings)
        self.imported()
        embedded = self.backtest()
        self.assertEqual(on_server["digest"], embedded["digest"])
        self.assertEqual(on_server["data"], embedded["data"])
        self.assertGreater(on_server["trades"], 0)

    def test_what_was_imported_before_is_carried_across_and_checked(self):
        self.imported()
        moved = self.done("migrate", "--from", "embedded", "--to", "servers", env=self.settings)["market"]["series"]
        self.assertEqual([(row["instrument"], row["interval"], row["bars"]) for row in moved], [(INSTRUMENT, "1m", 2_000)])
        self.assertEqual(self.done("migrate", "--from", "embedded", "--to", "servers", env=self.settings)["market"]["series"], moved)
        self.assertEqual(self.backtest(self.settings)["digest"], self.backtest()["digest"])

    def test_a_server_that_is_away_or_refuses_is_one_sentence(self):
        for change in ({"CLICKHOUSE_PORT": "1"}, {"CLICKHOUSE_PASSWORD": "not-this-one"}, {"CLICKHOUSE_DB": "nowhere_at_all"}):
            error = self.fails(4, "data", "list", env=self.settings | change)
            self.assertIn("ClickHouse", error["message"])
            self.assertNotIn("not-this-one", error["message"])


if __name__ == "__main__":
    unittest.main()
