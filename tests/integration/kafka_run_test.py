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


def kafka_settings(prefix):
    shown = subprocess.run([sys.executable, ROOT / "dev/servers.py", "env", "kafka"], capture_output=True, text=True, timeout=60, check=False).stdout
    return {k: v.strip("'\"") for k, v in (line.removeprefix("export ").split("=", 1) for line in shown.splitlines() if line.startswith(f"export {prefix}"))}


class KafkaRun(Product):
    def setUp(self):
        super().setUp()
        self.settings = kafka_settings("KAFKA_")
        if "KAFKA_BROKERS" not in self.settings:
            self.skipTest("no Kafka of dev/servers.py runs")

    def published(self):
        return json.loads((self.state / "streams.json").read_text())

    def test_the_run_is_the_same_and_everything_is_published(self):
        words = ("run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW)
        with_events = self.done(*words, env=self.settings)
        told = self.published()
        self.assertEqual(told["lost"], 0)
        self.assertGreater(told["delivered"], 100, "a decision an hour and pair at least")
        self.assertEqual(told["run"], json.loads((self.state / "run.json").read_text())["ledger"])
        self.assertEqual(self.done(*words, "--fresh")["digest"], with_events["digest"])

    def read(self, *words, group="", code=0):
        settings = {**self.settings, **({"KAFKA_GROUP_ID": group} if group else {})}
        shown = self.run_product("events", "read", *words, "--json", env=settings)
        self.assertEqual(shown.code, code, shown.err + shown.out[-500:])
        return [json.loads(line) for line in shown.out.splitlines()]

    def test_what_was_published_can_be_read_and_a_group_reads_it_once(self):
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", "--from", "2025-05-07", "--to", "2025-05-10", "--no-benchmarks", env=self.settings)
        run = self.published()["run"]
        ours = [event for event in self.read() if event["id"].startswith(run + "/")]
        self.assertEqual(len({event["id"] for event in ours}), self.published()["delivered"], "every event of this run, each under an id of its own")
        topics = {event["topic"] for event in ours}
        self.assertLessEqual({"market.prices", "agents.decisions", "agents.signals", "orders.placed", "orders.filled", "notifications.telegram"}, topics)
        prices = [event["payload"] for event in ours if event["topic"] == "market.prices"]
        self.assertEqual(len(prices), 4 * 3 * 1440, "a bar a minute and instrument")
        group = f"test-{time.time_ns()}"
        first = self.read("orders.placed", "--as-group", "--limit", "2", group=group)
        rest = self.read("orders.placed", "--as-group", group=group)
        self.assertEqual(len(first), 2)
        ids = [event["id"] for event in first + rest]
        self.assertEqual(len(ids), len(set(ids)), "what was committed does not come again")
        self.assertEqual(set(ids), {event["id"] for event in self.read("orders.placed")})
        self.assertEqual(self.read("orders.placed", "--as-group", group=group), [])

    def test_liquidations_and_large_prints_are_told_when_the_run_comes_to_them(self):
        start = 1_746_532_800_000  # 2025-05-06T12:00:00Z
        told = {"code": "0", "data": [{"time": start - 3_600_000, "long_liquidation_usd": "1250000.5", "short_liquidation_usd": "3.25"}]}
        (self.work / "liquidations.json").write_text(json.dumps(told))
        for fetched in ("2025-05-06T12:00:00Z", "2025-06-30T00:00:00Z"):  # the second is the same again, and later than the run
            self.done("feeds", "import", "coinglass-liquidations", "liquidations.json", "--name", "BTC", "--fetched-at", fetched)
        rows = [f"{i},{94000 + i % 7},{'25' if i == 1500 else '0.01'},{i},{i},{start + 1000 * i},{'false' if i == 1500 else 'true'}" for i in range(2000)]
        (self.work / "trades.csv").write_text("agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n" + "\n".join(rows) + "\n")
        self.done("data", "import", "trades.csv", "--kind", "trades", "--instrument", "binance:linear:BTCUSDT")
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW, env=self.settings)
        run = self.published()["run"]
        liquidations, whales = ([event for event in self.read(topic) if event["id"].startswith(run + "/")] for topic in ("market.liquidations", "market.whale_alerts"))
        self.assertEqual(sorted((e["payload"]["side"], e["payload"]["value_usd"], e["key"], e["payload"]["known_at"]) for e in liquidations),
                         [("longs", "1250000.5", "BTC", "2025-05-06T12:00:00Z"), ("shorts", "3.25", "BTC", "2025-05-06T12:00:00Z")])
        self.assertEqual([(e["key"], e["payload"]["side"], e["payload"]["quantity"], e["payload"]["value"], e["payload"]["traded_at"]) for e in whales],
                         [("binance:linear:BTCUSDT", "buy", "25", "2350050", "2025-05-06T12:25:00Z")])
        self.assertEqual(self.published()["lost"], 0)

    def test_reading_says_what_is_wrong(self):
        self.assertIn("KAFKA_BROKERS", self.run_product("events", "read").err)
        away = self.run_product("events", "read", env={"KAFKA_BROKERS": "127.0.0.1:1"})
        self.assertEqual(away.code, 4)
        self.assertRegex(away.err, r"Kafka at 127\.0\.0\.1:1 cannot be reached")

    def test_what_a_broker_that_is_away_misses_is_published_by_the_next_start(self):
        running = self.start("run", "--replay", "--http-port", "0", "--speed", "12000", *WINDOW, env={"KAFKA_BROKERS": "127.0.0.1:1"})
        time.sleep(5)
        running.signal()
        ended = running.wait()
        self.assertRegex(ended.err + ended.out, r"the next start publishes them \(Kafka at 127\.0\.0\.1:1 cannot be reached")
        self.assertEqual(self.published()["published"], 0)
        again = self.run_product("run", "--replay", "--http-port", "0", "--speed", "max", "--no-benchmarks", env=self.settings)
        self.assertEqual(again.code, 0, again.err)
        self.assertNotIn("not published", again.err + again.out)
        told = self.published()
        self.assertGreater(told["delivered"], 100)
        self.assertEqual(told["lost"], 0)


class KafkaOverTls(Product):
    def setUp(self):
        super().setUp()
        self.plain, self.tls = kafka_settings("KAFKA_"), kafka_settings("KAFKATLS_")
        if "KAFKATLS_BROKERS" not in self.tls:
            self.skipTest("no Kafka of dev/servers.py runs")
        self.settings = {"KAFKA_BROKERS": self.tls["KAFKATLS_BROKERS"], "KAFKA_SECURITY_PROTOCOL": "ssl", "KAFKA_SSL_CA": self.tls["KAFKATLS_CA"]}

    def test_a_run_publishes_over_tls_and_what_it_published_is_read_over_tls(self):
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW, env=self.settings)
        told = json.loads((self.state / "streams.json").read_text())
        self.assertEqual(told["lost"], 0)
        self.assertGreater(told["delivered"], 100)
        shown = self.run_product("events", "read", "agents.decisions", "--json", env=self.settings)
        self.assertEqual(shown.code, 0, shown.err)
        self.assertTrue(any(json.loads(line)["id"].startswith(told["run"] + "/") for line in shown.out.splitlines()))

    def test_what_is_wrong_is_one_sentence(self):
        nonsense = self.folder / "nonsense.crt"
        nonsense.write_text("no certificate\n")
        port = self.tls["KAFKATLS_BROKERS"].rsplit(":", 1)[1]
        for code, change, says in ((4, {"KAFKA_SSL_CA": self.tls["KAFKATLS_STRANGER"]}, "is not signed by an authority of"),
                                   (4, {"KAFKA_BROKERS": f"127.0.0.1:{port}"}, "or is for another name"),
                                   (4, {"KAFKA_SSL_CA": ""}, "is not signed by an authority of the system"),
                                   (2, {"KAFKA_SSL_CA": "/nowhere.crt"}, "cannot be read from /nowhere.crt"),
                                   (2, {"KAFKA_SSL_CA": str(nonsense)}, "holds no certificate in PEM form"),
                                   (4, {"KAFKA_BROKERS": self.plain["KAFKA_BROKERS"]}, "does not speak TLS, and KAFKA_SECURITY_PROTOCOL=ssl asks for it"),
                                   (4, {"KAFKA_SECURITY_PROTOCOL": "plaintext"}, "does not speak Kafka's protocol")):
            with self.subTest(change):
                error = self.fails(code, "events", "read", env=self.settings | change)
                self.assertIn(says, error["message"])
        self.assertIn("KAFKA_SECURITY_PROTOCOL", error["hint"])
        self.assertEqual(self.fails(2, "events", "read", env=self.settings | {"KAFKA_SECURITY_PROTOCOL": "tls"})["code"], "bad_configuration")


if __name__ == "__main__":
    unittest.main()
