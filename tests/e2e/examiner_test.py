"""What an examiner from outside found: figures that did not add up, costs that were left out, inputs that were misread without a word.

Every expected value is worked out here from the file that the product was given and from what docs/cli.md promises.
"""
import gzip
import hashlib
import json
import math
import random
import signal
import socket
import subprocess
import threading
import unittest
from decimal import Decimal

from harness import PRODUCT, Product, rows

HOUR = 3600
BEGIN = 1_714_521_600  # 2024-05-01T00:00:00Z
FAST = ("--strategy", "trend_following", "--set", "fast=5", "--set", "slow=12", "--set", "timeframe=1h", "--no-benchmarks")


def walk(count, seed):
    """Hourly bars of a seeded random walk: (time, open, high, low, close, volume)."""
    dice = random.Random(seed)
    bars, price = [], 60_000.0
    for i in range(count):
        opened, price = price, price * math.exp(dice.gauss(0, 0.01))
        high, low = max(opened, price) * (1 + abs(dice.gauss(0, 0.003))), min(opened, price) * (1 - abs(dice.gauss(0, 0.003)))
        bars.append((BEGIN + HOUR * i, *(Decimal(f"{x:.2f}") for x in (opened, high, low, price)), dice.randrange(1, 100)))
    return bars


class Examiner(Product):
    def csv(self, bars, name="bars.csv"):
        path = self.work / name
        path.write_text("time,open,high,low,close,volume\n" + "".join(",".join(map(str, bar)) + "\n" for bar in bars))
        return path

    def backtest(self, path, *words):
        return self.done("backtest", "--csv", path, *FAST, "--export", "out", *words)


class Figures(Examiner):
    def test_gross_less_costs_is_net_for_the_run_and_for_every_trade(self):
        path = self.csv(walk(2000, 4))
        for instrument in ("binance:spot:BTCUSDT", "binance:linear:BTCUSDT"):
            with self.subTest(instrument):
                document = self.backtest(path, "--instrument", instrument)
                trades = rows(self.work / "out/trades.csv")
                self.assertGreater(len(trades), 20)
                self.assertGreater(Decimal(document["slippage"]), 0)
                for one in [document, *trades]:
                    net, gross, fees, slippage, funding = (Decimal(one[k]) for k in ("net", "gross", "fees", "slippage", "funding"))
                    self.assertEqual(net, gross - fees - slippage + funding, one)
                held = sum(Decimal(f["quantity"]) * (1 if f["side"] == "buy" else -1) for f in rows(self.work / "out/fills.csv"))
                if held == 0:
                    for k in ("net", "gross", "fees", "slippage", "funding"):
                        self.assertEqual(sum(Decimal(t[k]) for t in trades), Decimal(document[k]), k)

    def test_equity_and_drawdown_of_a_file_are_those_of_every_bar(self):
        """Sampled by the hour, minute bars hid the deepest falls."""
        bars = [(BEGIN + 60 * i, *bar[1:]) for i, bar in enumerate(walk(900, 9))]
        words = ("--strategy", "trend_following", "--set", "fast=5", "--set", "slow=12", "--set", "timeframe=1m", "--no-benchmarks")
        document = self.done("backtest", "--csv", self.csv(bars), *words, "--export", "out", "--fee-taker", "0.001")
        cash, coins, expected = Decimal(10_000), Decimal(0), [Decimal(10_000)]
        fills = [(int(f["time_ns"]), 1 if f["side"] == "buy" else -1, Decimal(f["price"]), Decimal(f["quantity"]), Decimal(f["fee"])) for f in rows(self.work / "out/fills.csv")]
        self.assertGreater(len(fills), 4)
        for bar in bars:
            closed = (bar[0] + 60) * 10**9
            while fills and fills[0][0] < closed:
                _, sign, price, quantity, fee = fills.pop(0)
                cash, coins = cash - sign * price * quantity - fee, coins + sign * quantity
            expected.append(cash + coins * bar[4])
        equity = [Decimal(row["equity"]) for row in rows(self.work / "out/equity.csv")]
        self.assertEqual(equity, expected)
        peak, deepest = expected[0], Decimal(0)
        for value in expected:
            peak = max(peak, value)
            deepest = max(deepest, (peak - value) / peak)
        self.assertAlmostEqual(float(document["max_drawdown"]), float(deepest), 12)

    def test_an_instrument_that_no_catalogue_knows_is_not_free(self):
        path = self.csv(walk(1000, 4))
        spot = self.backtest(path, "--instrument", "okx:spot:BTCUSDT")
        turnover = sum(Decimal(f["price"]) * Decimal(f["quantity"]) for f in rows(self.work / "out/fills.csv"))
        self.assertGreater(turnover, 0)
        self.assertAlmostEqual(Decimal(spot["fees"]), turnover * Decimal("0.001"), 6)
        assumed = self.backtest(path, "--instrument", "okx:linear:BTCUSDT")
        self.assertLess(Decimal(assumed["funding"]), 0, "longs pay the assumed rate")
        self.assertIn("assumed", assumed["funding_note"])
        asked = self.backtest(path, "--instrument", "okx:linear:BTCUSDT", "--funding-rate", "-0.001")
        self.assertGreater(Decimal(asked["funding"]), 0, "a rate that was asked for was ignored")
        self.assertIn("command line", asked["funding_note"])

    def test_whole_coins_in_the_volumes_do_not_make_whole_coins_the_smallest_order(self):
        document = self.backtest(self.csv(walk(600, 4)), "--instrument", "bybit:spot:BTCUSDC")
        self.assertEqual(document["quote"], "USDC")
        self.assertGreater(document["fills"], 0, "a coin at 60,000 and 10,000 of cash")

    def test_a_yardstick_pays_the_funding_that_the_run_pays(self):
        path = self.csv(walk(400, 4))
        nets = [Decimal(self.done("backtest", "--csv", path, *FAST[:-1], "--instrument", "binance:linear:BTCUSDT", "--funding-rate", rate)["benchmarks"]["buy and hold BTCUSDT"]["net"])
                for rate in ("0", "0.0001", "0.0002")]
        self.assertGreater(nets[0], nets[1])
        self.assertAlmostEqual(nets[0] - nets[1], nets[1] - nets[2], 6)

    def test_the_data_of_one_file_is_named_by_its_sha256(self):
        path = self.csv(walk(100, 1))
        self.assertEqual(self.backtest(path)["data"]["sha256"], hashlib.sha256(path.read_bytes()).hexdigest())

    def test_prices_written_from_floating_point(self):
        """More decimals than any scale holds (63.379999999999995): once refused by a second, stricter look at the same file."""
        dice, price, bars = random.Random(6), 0.01234, []
        for i in range(600):
            opened, price = price, price * math.exp(dice.gauss(0, 0.01))
            bars.append((BEGIN + HOUR * i, opened, max(opened, price) * 1.001, min(opened, price) * 0.999, price, dice.uniform(1, 100)))
        for instrument in ("binance:spot:FOOUSDT", "binance:spot:BTCUSDT", "bybit:linear:FOOUSDT"):
            with self.subTest(instrument):
                document = self.backtest(self.csv(bars), "--instrument", instrument)
                spent = [Decimal(f["price"]) * Decimal(f["quantity"]) for f in rows(self.work / "out/fills.csv") if f["side"] == "buy"]
                self.assertGreater(len(spent), 3)
                if "FOO" in instrument:
                    self.assertGreater(min(spent), 1000, "a scale that was too fine left no room for more than a thousand coins")
                self.assertEqual(Decimal(document["net"]), Decimal(rows(self.work / "out/equity.csv")[-1]["equity"]) - 10_000)

    def test_parameters_reach_the_strategy_that_a_file_is_traded_with(self):
        path = self.csv(walk(300, 1))
        words = FAST[2:]
        self.assertEqual(self.done("backtest", "--csv", path, *words)["digest"], self.backtest(path)["digest"])
        self.assertEqual(self.fails(2, "backtest", "--csv", path, "--desk", "--set", "fast=3")["code"], "set_without_strategy")

    def test_inverse_markets_are_refused_and_not_denied_order_by_order(self):
        self.assertEqual(self.fails(2, "backtest", "--csv", self.csv(walk(100, 1)), "--instrument", "binance:inverse:BTCUSD")["code"], "inverse_market")

    def test_the_report_names_the_command_that_made_it(self):
        done = self.done("run", "--replay", self.csv(walk(200, 1)), *FAST, "--cash", "5000", "--speed", "max", "--http-port", "0")
        with open(done["report"], encoding="utf-8") as page:
            self.assertRegex(page.read(), r"promtrade run --replay \S+bars\.csv --fresh [^<]*--strategy trend_following [^<]*--set fast=5 [^<]*--cash 5000")


class Imported(Examiner):
    def test_what_was_imported_comes_before_what_is_bundled(self):
        bars = walk(300, 2)
        self.done("data", "import", self.csv(bars), "--instrument", "binance:linear:BTCUSDT")
        document = self.done("backtest", *FAST, "--instrument", "binance:linear:BTCUSDT")
        self.assertEqual((document["data"]["bars"], document["data"]["from"]), (300, "2024-05-01T00:00:00Z"))
        self.assertEqual(self.done("backtest", *FAST, "--csv", self.work / "bars.csv", "--instrument", "binance:linear:BTCUSDT")["digest"], document["digest"])
        before = document["data"]["sha256"]
        (self.work / "bars.csv").rename(self.work / "other name.csv")
        self.done("data", "import", "other name.csv", "--instrument", "binance:linear:BTCUSDT")
        self.assertEqual(self.done("backtest", *FAST, "--instrument", "binance:linear:BTCUSDT")["data"]["sha256"], before, "the same bars under another file name")

    def test_an_imported_instrument_outside_the_catalogue_can_be_traded(self):
        self.done("data", "import", self.csv(walk(300, 2)), "--instrument", "binance:linear:APEUSDT")
        stored = self.done("backtest", *FAST, "--instrument", "binance:linear:APEUSDT")
        self.assertEqual(stored["data"]["bars"], 300)
        self.assertGreater(stored["fills"], 0)
        self.assertEqual(stored["digest"], self.done("backtest", *FAST, "--csv", "bars.csv", "--instrument", "binance:linear:APEUSDT")["digest"])

    def test_a_damaged_gz_is_refused(self):
        text = self.csv(walk(50, 3)).read_bytes()
        packed = bytearray(gzip.compress(text, 0))
        packed[packed.rindex(b"\n") - 1] ^= 1  # the last digit of a volume
        (self.work / "bars.csv.gz").write_bytes(packed)
        self.assertEqual(self.fails(3, "data", "import", "bars.csv.gz", "--instrument", "binance:spot:BTCUSDT")["code"], "import_failed")
        self.assertEqual([s for s in self.done("data", "list")["series"] if s["interval"] == "1h" and s["bars"] == 50], [])


class Listed(Examiner):
    def test_bundled_series_are_listed_once_with_their_bars(self):
        series = self.done("data", "list")["series"]
        keys = [(s["instrument"], s["interval"], s["where"]) for s in series]
        self.assertEqual(len(keys), len(set(keys)), "the months of one series were listed as four series")
        spot = next(s for s in series if s["instrument"] == "binance:spot:BTCUSDT")
        self.assertEqual(spot["bars"], 121 * 1440, "January to April 2024")

    def test_verifying_what_is_not_there_is_no_success(self):
        self.assertEqual(self.fails(3, "data", "verify", "--instrument", "binance:linear:NOPE")["code"], "no_data")
        self.assertTrue(self.done("data", "verify", "--instrument", "binance:linear:BTCUSDT")["ok"])


class Damaged(Examiner):
    def test_a_damaged_run_is_an_error_and_not_shown_as_it_is(self):
        run = self.backtest(self.csv(walk(50, 1)))["run_id"]
        (self.state / "runs" / run / "run.json").write_text("{broken")
        self.assertEqual(self.fails(3, "runs", "show", run)["code"], "run_corrupted")

    def test_another_program_on_the_port_is_not_a_healthy_instance(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=lambda: [self.greet(server) for _ in range(2)], daemon=True).start()
            self.assertEqual(self.fails(4, "health", "--port", server.getsockname()[1])["code"], "not_running")

    @staticmethod
    def greet(server):
        with server.accept()[0] as client:
            client.recv(1000)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")


class OneDocument(Examiner):
    def test_json_without_a_command_and_with_version(self):
        self.assertEqual(self.run_product("--json").document()["error"]["code"], "command_missing")
        self.assertEqual(self.run_product("--json").code, 2)
        self.assertEqual(self.run_product("--version", "--json").document(), self.done("version"))

    def test_an_empty_value_is_not_the_default(self):
        path = self.csv(walk(50, 1))
        for words in (("--cash", ""), ("--fee-taker="), ("--set", ""), ("--from", ""), ("--instrument", ""), ("--state", "")):
            with self.subTest(words):
                self.fails(2, "backtest", "--csv", path, *((words,) if isinstance(words, str) else words))

    def test_a_range_that_ends_before_it_begins(self):
        self.assertEqual(self.fails(2, "backtest", "--from", "2025-05-10", "--to", "2025-05-09")["code"], "bad_range")

    def test_a_decision_with_a_negative_number(self):
        self.assertIn("'-1'", self.fails(2, "agents", "explain", "-1")["message"])

    def test_a_forced_end_still_gives_the_document(self):
        path = self.csv(walk(2000, 1))
        for _ in range(5):
            running = self.start("run", "--replay", path, *FAST, "--speed", "1", "--http-port", "0", "--json", "--fresh")
            running.wait_for("0 %")
            running.signal(signal.SIGINT)
            running.signal(signal.SIGTERM)
            ran = running.wait()
            document = ran.document()
            if ran.code == 7:
                self.assertEqual(document["error"]["code"], "shutdown_forced")
                return
            self.assertEqual((ran.code, document["status"]), (130, "stopped"))

    def test_a_tool_says_which_market_and_timeframe_its_arguments_chose(self):
        when = ("--as-of", "2025-06-01T00:00:00Z")
        document = self.done("tools", "call", "rsi", *when, "--args", '{"timeframe": "4h", "instrument": "ETHUSDT"}')
        self.assertEqual((document["timeframe"], document["instrument"]), ("4h", "binance:linear:ETHUSDT"))
        other = self.done("tools", "call", "rsi", *when, "--timeframe", "4h", "--instrument", "binance:linear:ETHUSDT")
        self.assertEqual(document["result"], other["result"])


class ClosedStreams(Examiner):
    def test_what_is_printed_never_lands_in_a_file_of_ours(self):
        path = self.csv(walk(300, 1))
        words = [PRODUCT, "run", "--replay", path, *FAST, "--speed", "max", "--http-port", "0"]
        done = subprocess.run(["bash", "-c", '"$@" 0<&- >&- 2>&-', "bash", *map(str, words)], cwd=self.work, env=self.environment(), timeout=60, check=False)
        self.assertEqual(done.returncode, 4, "a stdout that cannot be written is an error")
        for line in (self.state / "promtrade.log").read_text().splitlines():
            self.assertIsInstance(json.loads(line), dict)
        for file in self.state.rglob("*"):
            if file.is_file() and file.suffix != ".html":
                self.assertNotIn(b"PAPER 2024-", file.read_bytes(), file)


class Logged(Examiner):
    def test_the_log_says_when_a_run_began_stopped_and_ended(self):
        words = ("run", "--replay", self.csv(walk(2000, 1)), "--http-port", "0", *FAST)
        running = self.start(*words, "--speed", "1")
        running.wait_for("0 %")
        running.signal(signal.SIGTERM)
        running.wait()
        document = self.done("run", "--replay", "--speed", "max", "--http-port", "0", "--no-benchmarks")
        lines = [json.loads(line) for line in (self.state / "promtrade.log").read_text().splitlines()]
        marks = [line for line in lines if line["event"].startswith("run_")]
        self.assertEqual([m["event"] for m in marks], ["run_started", "run_stopped", "run_started", "run_finished"])
        self.assertEqual({m["mode"] for m in marks}, {"PAPER"})
        self.assertEqual([m["resumed"] for m in marks if "resumed" in m], [False, True])
        self.assertEqual(marks[1]["signal"], signal.SIGTERM)
        self.assertEqual(marks[-1]["digest"], document["digest"])


class Resumed(Examiner):
    def test_an_unfinished_run_is_not_continued_under_other_options(self):
        path = self.csv(walk(2000, 1))
        words = ("run", "--replay", path, "--http-port", "0", "--json", *FAST)
        running = self.start(*words, "--speed", "1")
        running.wait_for("0 %")
        running.signal(signal.SIGTERM)
        self.assertEqual(running.wait().code, 143)
        error = self.fails(2, *[w if w != "slow=12" else "slow=20" for w in words if w != "--json"], "--speed", "max")
        self.assertEqual(error["code"], "other_settings")
        self.assertIn("slow=12", error["message"])
        whole = self.done("backtest", "--csv", path, *FAST)
        bare = self.done("run", "--replay", "--http-port", "0", "--speed", "max", "--no-benchmarks")
        self.assertEqual(bare["digest"], whole["digest"], "a bare command continues what was begun")


if __name__ == "__main__":
    unittest.main()
