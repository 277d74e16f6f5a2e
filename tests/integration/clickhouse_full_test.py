"""The disk of ClickHouse is full: the real engine of dev/servers.py on a small file system of its own, which the test fills. The run goes on, rows wait in the spill, one sentence
says why, and they are on the server once when there is room again.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from harness import ROOT, Product  # noqa: E402

WINDOW = ("--from", "2025-05-06", "--to", "2025-05-08", "--no-benchmarks")
RUN = ("run", "--replay", "--http-port", "0")
BARS = 4 * 2 * 1440  # four instruments, two days
LIBRARY = ROOT / "build/servers/cache/clickhouse/libchdb.so"
NAMESPACE = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
FULL = "has no space left on its disk"


class SmallServer:
    """The engine behind its front, its data on 64 MB in memory that nobody else sees."""

    def __init__(self, folder):
        self.folder, self.data = folder, folder / "data"
        self.data.mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.settings = {"CLICKHOUSE_HOST": "127.0.0.1", "CLICKHOUSE_PORT": str(port), "CLICKHOUSE_USER": "prometheus", "CLICKHOUSE_PASSWORD": "of-this-test",
                         "CLICKHOUSE_DB": "prometheus"}
        config = {"port": port, "user": "prometheus", "password": "of-this-test", "library": str(LIBRARY.resolve()), "data": str(self.data), "database": "prometheus"}
        (folder / "front.json").write_text(json.dumps(config))
        start = 'mount -t tmpfs -o size=64m none "$1" && exec "$2" -B "$3" "$4"'
        self.process = subprocess.Popen([*NAMESPACE, "bash", "-c", start, "bash", self.data, sys.executable, ROOT / "dev/clickhouse_front.py", folder / "front.json"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def why_not(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                return self.process.stderr.read().strip()[-300:] or f"it ended with {self.process.returncode}"
            try:
                self.ask("SELECT 1")
                return ""
            except OSError:
                time.sleep(0.05)
        return "it did not answer within 60 s"

    def ask(self, statement):
        s = self.settings
        request = urllib.request.Request(f"http://127.0.0.1:{s['CLICKHOUSE_PORT']}/", data=statement.encode(),
                                         headers={"X-ClickHouse-User": s["CLICKHOUSE_USER"], "X-ClickHouse-Key": s["CLICKHOUSE_PASSWORD"]})
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.read().decode().strip()

    def disk(self):
        """Its file system, seen from here."""
        return Path(f"/proc/{self.process.pid}/root{self.data}")

    def fill(self):
        room = os.statvfs(self.disk())
        with (self.disk() / "filler").open("wb") as filler:
            filler.write(b"\0" * (room.f_bavail * room.f_frsize))

    def free(self):
        (self.disk() / "filler").unlink()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()


class ClickHouseFull(Product):
    def setUp(self):
        super().setUp()
        if not LIBRARY.is_file():
            self.skipTest("ClickHouse's engine is not among what dev/servers.py fetched")
        if shutil.which("unshare") is None:
            self.skipTest("unshare is not there: no file system of one's own")
        self.server = SmallServer(self.folder / "server")
        self.addCleanup(self.server.end)
        if why := self.server.why_not():
            self.skipTest(f"a file system of one's own cannot be had here: {why}")
        self.done("data", "list", env=self.server.settings)  # makes the tables

    def stored(self, run):
        return tuple(map(int, self.server.ask(f"SELECT count(), uniqExact(instrument, open_time) FROM prometheus.run_bars WHERE run = '{run}'").split()))

    def run_name(self):
        return json.loads((self.state / "run.json").read_text())["ledger"]

    def until(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, "it did not come to that")
            time.sleep(0.05)

    def page(self, running, name):
        running.wait_for("health and metrics at", timeout=30)
        address = re.search(r"http://(127\.0\.0\.1:\d+)", running.err_path.read_text()).group(1)
        try:
            with urllib.request.urlopen(f"http://{address}/{name}", timeout=10) as page:
                return page.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def test_the_engine_says_so_itself(self):
        self.server.fill()
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.server.ask("INSERT INTO prometheus.ohlcv_puts (put) VALUES (1)")
        self.assertEqual(refused.exception.headers["X-ClickHouse-Exception-Code"], "243")
        refused.exception.close()
        ran = self.run_product("data", "import", self.bars(), "--venue", "binance", "--instrument", "binance:spot:BTCUSDT", "--interval", "1m", env=self.server.settings)
        self.assertEqual(ran.code, 4, ran.err)
        self.assertIn(FULL, ran.err)
        self.assertEqual(ran.err.count("\n"), 2, "a sentence and what to do")

    def bars(self):
        path = self.folder / "bars.csv"
        path.write_text("time,open,high,low,close,volume\n" + "".join(f"{1735689600 + 60 * i},100,101,99,100,1\n" for i in range(100)))
        return path

    def test_rows_wait_while_the_disk_is_full_and_are_there_once_when_it_is_not(self):
        running = self.start(*RUN, "--speed", "9000", *WINDOW, "--json", env=self.server.settings)
        running.wait_for("go to ClickHouse", timeout=30)
        self.until(lambda: re.search(r'rows_total\{outcome="stored"\} [1-9]', self.page(running, "metrics")))
        self.server.fill()
        self.until(lambda: re.search(r"spill_batches [1-9]", self.page(running, "metrics")))
        running.wait_for(FULL)
        self.until(lambda: FULL in self.page(running, "health"))
        self.assertIsNone(running.process.poll(), "the run goes on meanwhile")
        self.server.free()
        running.wait_for("what waited for ClickHouse is there now")
        ended = running.wait(timeout=120)
        self.assertEqual(ended.code, 0, ended.err)
        self.assertEqual(self.stored(self.run_name()), (BARS, BARS))
        self.assertEqual(ended.err.count(FULL), 1, "said once")

    def test_full_for_the_whole_run_names_the_spill_and_the_next_start_sends_it(self):
        self.server.fill()
        ran = self.run_product(*RUN, "--speed", "max", *WINDOW, env=self.server.settings)
        self.assertEqual(ran.code, 0, ran.err)
        self.assertRegex(ran.err, rf"waits? in \S+spill-run; the next start sends (?:it|them) \(ClickHouse at \S+ {FULL}\)")
        first = self.run_name()
        self.server.free()
        self.done(*RUN, "--speed", "max", *WINDOW, env=self.server.settings)
        self.assertEqual(self.stored(first), (BARS, BARS))
        self.assertEqual(self.stored(self.run_name()), (BARS, BARS))
        self.assertEqual(list((self.state / "spill-run").glob("*.spill")), [])


if __name__ == "__main__":
    unittest.main()
