"""What several instances share through the Redis of dev/servers.py beside a run's lease: what a provider of feeds answered one of them, its requests a minute, and what `health` says of
the server. The provider is a server of our own.
"""
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from feeds_test import Providers  # noqa: E402
from harness import Product  # noqa: E402
from redis_run_test import RUN, WINDOW, Gate, redis_settings, told  # noqa: E402


class Shared(Product):
    def setUp(self):
        super().setUp()
        self.settings = redis_settings()
        if "REDIS_PORT" not in self.settings:
            self.skipTest("no Redis of dev/servers.py runs")
        self.ask("FLUSHDB")

    def ask(self, *words):
        return told(self.settings, *words)


class Feeds(Shared):
    def setUp(self):
        super().setUp()
        self.providers = Providers()
        self.addCleanup(self.providers.close)

    def fetch(self, *words, instance="one", settings=None):
        env = (settings or self.settings) | {"PROMTRADE_STATE": str(self.folder / instance)}
        document = self.done("feeds", "fetch", *words, "--through", self.providers.address, env=env)
        return {row["source"]: row for row in document["sources"]}, document.get("shared_replies")

    def known(self, instance):
        return self.done("feeds", "status", env={"PROMTRADE_STATE": str(self.folder / instance)})["feeds"]

    def test_what_one_instance_was_told_another_need_not_ask_for(self):
        first, taken = self.fetch("fear-greed", "reddit")
        self.assertEqual(taken, 0)
        asked = len(self.providers.asked)
        self.assertGreater(asked, 1)
        second, taken = self.fetch("fear-greed", "reddit", instance="two")
        self.assertEqual(len(self.providers.asked), asked, "the quota was spent once")
        self.assertEqual(taken, asked)
        for name in ("fear-greed", "reddit"):
            self.assertEqual((second[name]["state"], second[name]["read"], second[name]["new"]), ("fetched", first[name]["read"], first[name]["new"]))
        self.assertEqual(self.known("one"), self.known("two"), "known from the same instant on")
        self.fetch("fear-greed", "--again", instance="two")
        self.assertEqual(len(self.providers.asked), asked + 1, "--again asks the provider")

    def test_an_answer_that_is_none_is_not_handed_on(self):
        self.providers.replaced["/fng/"] = (200, "<html>maintenance</html>", {})
        self.fails(4, "feeds", "fetch", "fear-greed", "--again", "--through", self.providers.address, env=self.settings)
        asked = len(self.providers.asked)
        del self.providers.replaced["/fng/"]
        rows, taken = self.fetch("fear-greed", instance="two")
        self.assertEqual((rows["fear-greed"]["state"], taken), ("fetched", 0))
        self.assertEqual(len(self.providers.asked), asked + 1)

    def test_all_instances_together_keep_to_a_providers_requests_a_minute(self):
        self.assertEqual(self.ask("SET", "rate:0:feed.fear-greed", "28", "PX", "600000"), b"+OK\r\n")
        waiting = self.start("feeds", "fetch", "fear-greed", "--json", "--through", self.providers.address, env=self.settings)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            self.assertEqual(self.providers.asked, [])
            self.assertIsNone(waiting.process.poll())
            time.sleep(0.1)
        self.ask("DEL", "rate:0:feed.fear-greed")
        ended = waiting.wait(30)
        self.assertEqual(ended.code, 0, ended.err)
        self.assertEqual(len(self.providers.asked), 1)
        self.assertEqual(self.ask("GET", "rate:0:feed.fear-greed"), b"$1\r\n1\r\n")

    def test_without_the_redis_that_is_named_nobody_is_asked(self):
        gate = Gate(int(self.settings["REDIS_PORT"]))
        self.addCleanup(gate.end)
        through = self.settings | {"REDIS_PORT": str(gate.port)}
        self.assertEqual(self.fetch("fear-greed", settings=through)[0]["fear-greed"]["state"], "fetched")
        gate.shut()
        for change, says in (({"REDIS_PORT": str(gate.port)}, "Redis at 127.0.0.1"), ({"REDIS_PORT": "1"}, "cannot be reached"), ({"REDIS_PASSWORD": "wrong"}, "refuses the password")):
            # How a connection breaks differs from one time to the next: closed, or reset.
            plain, ran = (self.run_product("feeds", "fetch", "--again", "--through", self.providers.address, *form, env=self.settings | change) for form in ((), ("--json",)))
            self.assertEqual((plain.code, ran.code), (4, 4), plain.err + ran.out)
            self.assertIn(says, plain.err)
            error = ran.document()["error"]
            self.assertEqual(error["code"], "redis")
            self.assertIn(says, error["message"])
        self.assertEqual(len(self.providers.asked), 1)


class OldRedis:
    """Answers as a Redis 6.0 without a password."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            while data := client.recv(4096):
                info = b"# Server\r\nredis_version:6.0.16\r\n"
                client.sendall(b"$%d\r\n%s\r\n" % (len(info), info) if b"INFO" in data else b"+OK\r\n")
            client.close()


class Health(Shared):
    def test_health_and_metrics_name_the_redis_of_a_run(self):
        running = self.start(*RUN, "--speed", "1200", *WINDOW, env=self.settings)
        running.wait_for("health and metrics at")
        document = self.done("health", env=self.settings)
        self.assertRegex(document["redis"]["version"], r"^7\.")
        self.assertEqual(document["redis"]["address"], f"{self.settings['REDIS_HOST']}:{self.settings['REDIS_PORT']}")
        self.assertNotIn("redis", self.done("health"), "none is named")
        old = OldRedis()
        self.addCleanup(old.listener.close)
        for change, says in (({"REDIS_PORT": "1"}, "cannot be reached"), ({"REDIS_PASSWORD": "wrong"}, "refuses the password"),
                             ({"REDIS_PORT": str(old.port)}, "is version 6.0.16; 7 or newer is needed"), ({"REDIS_DB": "4000"}, "has no database 4000")):
            error = self.fails(4, "health", env=self.settings | change)
            self.assertEqual(error["code"], "redis")
            self.assertIn(says, error["message"])
        page, end = "", time.monotonic() + 20
        while "promtrade_redis_up 1" not in page and time.monotonic() < end:
            time.sleep(0.2)
            page = urllib.request.urlopen(f"http://127.0.0.1:{(self.state / 'http.port').read_text().strip()}/metrics", timeout=5).read().decode()
        for series in (r"promtrade_redis_up 1", r"promtrade_redis_request_seconds_total 0\.\d+", r"promtrade_cache_hits_total 0", r"promtrade_cache_misses_total 0",
                       r'promtrade_redis_requests_total\{outcome="asked"\} [1-9]'):
            self.assertRegex(page, series)
        running.signal()
        running.wait(30)


if __name__ == "__main__":
    unittest.main()
