"""The main job with its lease on Redis, on the server of dev/servers.py: the run is the same; only one instance acts for a run; one that was killed is followed after its
lease has ended; a Redis that is away for longer than a lease makes the run wait and not fail.
"""
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from harness import ROOT, Product  # noqa: E402

RUN = ("run", "--replay", "--http-port", "0", "--no-benchmarks")
WINDOW = ("--from", "2025-05-06", "--to", "2025-05-08")


class Gate:
    """A port before the server's, which can be shut and opened again."""

    def __init__(self, to):
        self.to, self.pairs, self.open = to, [], True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            if not self.open:
                one.close()
                continue
            other = socket.create_connection(("127.0.0.1", self.to))
            self.pairs += [one, other]
            for source, sink in ((one, other), (other, one)):
                threading.Thread(target=self.pass_on, args=(source, sink), daemon=True).start()

    @staticmethod
    def pass_on(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            end.close()

    def shut(self):
        self.open = False
        for end in self.pairs:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.pairs = []

    def end(self):
        self.shut()
        self.listener.close()


def redis_settings():
    shown = subprocess.run([sys.executable, ROOT / "dev/servers.py", "env", "redis"], capture_output=True, text=True, timeout=60, check=False).stdout
    return {k: v.strip("'\"") for k, v in (line.removeprefix("export ").split("=", 1) for line in shown.splitlines() if line.startswith("export REDIS_"))}


def told(settings, *words):
    """What Redis answers to one command, in its own words."""
    with socket.create_connection((settings["REDIS_HOST"], int(settings["REDIS_PORT"])), timeout=5) as server:
        for command in (("AUTH", settings["REDIS_PASSWORD"]), words):
            server.sendall(b"*%d\r\n" % len(command) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in command))
            answer = server.recv(65536)
    return answer


class RedisRun(Product):
    def setUp(self):
        super().setUp()
        self.settings = redis_settings()
        if "REDIS_PORT" not in self.settings:
            self.skipTest("no Redis of dev/servers.py runs")

    def lease(self):
        return told(self.settings, "GET", "lock:run." + json.loads((self.state / "run.json").read_text())["ledger"])

    def test_the_run_is_the_same_and_gives_its_lease_back(self):
        shared = self.done(*RUN, "--speed", "max", *WINDOW, env=self.settings)
        self.assertEqual(self.lease(), b"$-1\r\n", "nobody need wait for it")
        self.assertEqual(self.done(*RUN, "--speed", "max", *WINDOW, "--fresh")["digest"], shared["digest"])

    def test_two_instances_never_act_for_one_run_and_a_killed_one_is_followed(self):
        words = (*RUN, "--speed", "1200", *WINDOW)
        first = self.start(*words, env=self.settings)
        first.wait_for("by a lease on Redis")
        first.wait_for("health and metrics at")
        self.assertRegex(self.lease(), rb"^\$\d+\r\n")
        page = urllib.request.urlopen(f"http://127.0.0.1:{(self.state / 'http.port').read_text().strip()}/metrics", timeout=5).read().decode()
        end = time.monotonic() + 10
        while "promtrade_lease_seconds" not in page and time.monotonic() < end:
            time.sleep(0.2)
            page = urllib.request.urlopen(f"http://127.0.0.1:{(self.state / 'http.port').read_text().strip()}/metrics", timeout=5).read().decode()
        self.assertRegex(page, r"promtrade_lease_seconds [1-9]")
        # The same state on another machine: everything but the lock of the journal's folder is there.
        other = self.folder / "other"
        shutil.copytree(self.state, other)
        second = self.run_product(*RUN, "--speed", "max", env=self.settings | {"PROMTRADE_STATE": str(other)})
        self.assertEqual(second.code, 5, second.err)
        self.assertIn("another instance acts for this run and renews its lease", second.err)
        self.assertIsNone(first.process.poll(), "the first went on")
        first.signal(signal.SIGKILL)
        first.wait()
        began = time.monotonic()
        third = self.run_product(*RUN, "--speed", "max", env=self.settings)
        self.assertEqual(third.code, 0, third.err)
        self.assertIn("waiting for the lease that an earlier instance left", third.err)
        self.assertLess(time.monotonic() - began, 60)

    def test_without_its_lease_the_run_waits_and_goes_on_when_redis_is_back(self):
        gate = Gate(int(self.settings["REDIS_PORT"]))
        self.addCleanup(gate.end)
        running = self.start(*RUN, "--speed", "2400", *WINDOW, "--json", env=self.settings | {"REDIS_PORT": str(gate.port)})
        running.wait_for("health and metrics at")
        gate.shut()
        running.wait_for("the run waits for its lease and sends nothing", timeout=30)
        bars = len((self.state / "venue.jsonl").read_text().splitlines())
        time.sleep(3)
        self.assertEqual(bars, len((self.state / "venue.jsonl").read_text().splitlines()), "nothing reached the venue meanwhile")
        gate.open = True
        running.wait_for("the lease is held again: the run goes on", timeout=30)
        end = time.monotonic() + 30
        while len((self.state / "venue.jsonl").read_text().splitlines()) <= bars:
            self.assertLess(time.monotonic(), end, "it does not go on")
            time.sleep(0.1)
        running.signal()
        self.assertEqual(running.wait().code, 143)
        played_out = self.done(*RUN, "--speed", "max", env=self.settings)
        self.assertEqual(played_out["digest"], self.done(*RUN, "--speed", "max", *WINDOW, "--fresh")["digest"])

    def test_one_whose_run_was_taken_meanwhile_ends(self):
        gate = Gate(int(self.settings["REDIS_PORT"]))
        self.addCleanup(gate.end)
        first = self.start(*RUN, "--speed", "600", *WINDOW, env=self.settings | {"REDIS_PORT": str(gate.port)})
        first.wait_for("health and metrics at")
        other = self.folder / "other"
        shutil.copytree(self.state, other)
        gate.shut()
        first.wait_for("the run waits for its lease", timeout=30)
        second = self.start(*RUN, "--speed", "600", env=self.settings | {"PROMTRADE_STATE": str(other)})
        second.wait_for("by a lease on Redis", timeout=30)
        gate.open = True
        ended = first.wait(60)
        self.assertEqual(ended.code, 5, ended.err)
        self.assertIn("another instance acts for this run by now", ended.err)
        self.assertIsNone(second.process.poll(), "the second goes on")

    def test_stopping_while_it_waits_ends_at_once_and_loses_nothing(self):
        gate = Gate(int(self.settings["REDIS_PORT"]))
        self.addCleanup(gate.end)
        running = self.start(*RUN, "--speed", "1200", *WINDOW, env=self.settings | {"REDIS_PORT": str(gate.port)})
        running.wait_for("health and metrics at")
        gate.shut()
        running.wait_for("the run waits for its lease", timeout=30)
        running.signal()
        self.assertEqual(running.wait(30).code, 143)

    def status_until(self, fits, **options):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            shown = self.done("status", **options)
            if fits(shown):
                return shown
            time.sleep(0.3)
        raise AssertionError(f"never so: {shown}")

    def test_what_is_true_of_a_run_now_is_known_elsewhere_for_as_long_as_it_is(self):
        running = self.start(*RUN, "--speed", "2400", *WINDOW, env=self.settings)
        running.wait_for("health and metrics at")
        shown = self.status_until(lambda all: all["run"] and all["balance"]["source"] == "run" and all["markets"] and all["markets"][0]["regime"], env=self.settings)
        ledger = json.loads((self.state / "run.json").read_text())["ledger"]
        self.assertEqual((shown["run"], shown["mode"], shown["status"]), (ledger, "PAPER", "unfinished"))
        for market in shown["markets"]:
            self.assertEqual(market["source"], "run", market)
            self.assertGreater(float(market["price"]), 0)
            key = f"cache:ticker:sim.{ledger}:{market['instrument'].replace(':', '.')}"
            left = int(told(self.settings, "PTTL", key).strip(b":\r\n"))
            self.assertTrue(0 < left <= 5000, left)
        regime = told(self.settings, "PTTL", f"cache:regime:sim.{ledger}.{shown['markets'][0]['instrument'].replace(':', '.')}")
        self.assertTrue(0 < int(regime.strip(b":\r\n")) <= 300_000, regime)
        self.assertGreater(float(shown["balance"]["equity"]), 1000)
        self.assertIn("the running instance said so", self.run_product("status", env=self.settings).out)
        # Without Redis, or with one that is away, the ledger answers what it knows, and no more.
        for env, note in ((None, ""), (self.settings | {"REDIS_PORT": "1"}, "the ledger answers alone")):
            alone = self.run_product("status", "--json", env=env)
            self.assertEqual(alone.code, 0, alone.err)
            self.assertIn(note, alone.err)
            balance = alone.document()["balance"]
            self.assertEqual((balance["source"], balance["equity"], balance["asset"]), ("ledger", None, shown["balance"]["asset"]))
            self.assertEqual({market["price"] for market in alone.document()["markets"]}, {None}, "nobody knows")
        running.signal()
        self.assertEqual(running.wait(30).code, 143)
        gone = self.status_until(lambda all: all["markets"][0]["price"] is None, env=self.settings)
        self.assertEqual(gone["markets"][0]["source"], None, "a price that nobody says any more is none")

    def test_a_host_says_what_each_of_its_users_has(self):
        running = self.start("host", "--http-port", "0", "--users", "30", "--speed", "600", env=self.settings)
        running.wait_for("health and metrics at")
        shown = self.status_until(lambda all: all["run"] and all["balance"] and all["balance"]["source"] == "run" and all["markets"][0]["source"] == "run",
                                  env=self.settings)
        self.assertEqual(shown["user"], "user-0001")
        other = self.run_product("status", "--user", "user-0017", "--json", env=self.settings).document()
        self.assertEqual((other["user"], other["balance"]["source"]), ("user-0017", "run"))
        self.assertEqual(self.fails(2, "status", "--user", "user-0031", env=self.settings)["code"], "unknown_user")
        running.signal()
        self.assertEqual(running.wait(60).code, 143)

    def test_a_redis_that_cannot_be_used_is_one_sentence(self):
        for change, says in (({"REDIS_PORT": "1"}, "cannot be reached"), ({"REDIS_PASSWORD": "wrong"}, "password")):
            error = self.fails(4, *RUN, "--speed", "max", *WINDOW, env=self.settings | change)
            self.assertEqual(error["code"], "redis")
            self.assertIn(says, error["message"])
            self.assertNotIn("wrong", error["message"].replace("a wrong", ""))


if __name__ == "__main__":
    unittest.main()
