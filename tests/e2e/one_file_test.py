"""One OHLCV file as the market: what an outsider who brings his own file is told, and whether the account, the filters and the decisions are those of the market that he names."""
import json
import math
import unittest

from harness import Product


def write_bars(path, count, minutes, moved=()):
    """A slow wave from 2024-06-03T00:00Z; `moved`: {row: seconds} that the row's time is off by."""
    off = dict(moved)
    rows = ["time,open,high,low,close,volume"]
    before = 100.0
    for i in range(count):
        close = round(100 + 8 * math.sin(i / 9) + 2 * math.sin(i / 2.3), 2)
        time = 1717372800 + i * minutes * 60 + off.get(i, 0)
        rows.append(f"{time},{before},{max(before, close) + 0.5:.2f},{min(before, close) - 0.5:.2f},{close},{1000 + i % 7}.125")
        before = close
    path.write_text("\n".join(rows) + "\n")
    return str(path)


class TheMarketThatIsNamed(Product):
    def call(self, tool, arguments, *words):
        bars = write_bars(self.work / "bars.csv", 60, 60)
        return self.done("tools", "call", tool, "--csv", bars, "--args", json.dumps(arguments), *words)["result"]

    def test_cash_is_in_the_quote_asset(self):
        for instrument in ("binance:spot:BTCUSDT", "binance:linear:BTCUSDT", "binance:spot:NEVERHEARDUSDT"):
            with self.subTest(instrument):
                result = self.call("get_balance", {}, "--instrument", instrument, "--cash", "123.45")
                self.assertEqual(result["reporting_asset"], "USDT")
                self.assertEqual(result["balances"], [{"asset": "USDT", "amount": "123.45"}])

    def test_the_filters_are_the_catalogues(self):
        result = self.call("validate_trade", {"side": "buy", "quantity": "0.0123456", "stop": 80}, "--cash", "500")
        self.assertFalse(result["would_pass"])
        self.assertIn("notional_below_minimum", result["failed"], "about 1.2 USDT, and the catalogue wants 5")


class Strategies(Product):
    def test_a_timeframe_that_nobody_named_gives_way_to_longer_bars(self):
        daily = write_bars(self.work / "daily.csv", 120, 1440)
        self.assertGreater(self.done("backtest", "--csv", daily)["trades"], 0)
        error = self.fails(2, "backtest", "--csv", daily, "--strategy", "trend_following", "--set", "timeframe=4h")
        self.assertEqual(error["code"], "bad_timeframe")
        self.assertIn("--set timeframe=1d", error["hint"])

    def test_an_account_too_small_for_the_venues_minimum_is_told_so(self):
        bars = write_bars(self.work / "bars.csv", 400, 60)
        words = ("--strategy", "trend_following", "--set", "timeframe=1h", "--set", "fast=5", "--set", "slow=12")
        self.done("backtest", "--csv", bars, *words, "--cash", "1", "--export", "out")
        denials = (self.work / "out/denials.csv").read_text()
        self.assertIn("notional_below_minimum", denials)
        self.assertNotIn("quantity_below_minimum", denials)

    def test_what_a_strategy_asks_for_is_its_decision(self):
        bars = write_bars(self.work / "bars.csv", 400, 60)
        ids = []
        for slow in (12, 13):
            words = ("--strategy", "trend_following", "--set", "timeframe=1h", "--set", "fast=5", "--set", f"slow={slow}")
            ids.append(self.done("backtest", "--csv", bars, *words, "--export", f"out{slow}")["run_id"])
        decisions = [json.loads(line) for line in (self.work / "out12/decisions.jsonl").read_text().splitlines()]
        known = {decision["id"] for decision in decisions}
        self.assertTrue(all(decision["instrument_code"] == "binance:spot:BTCUSDT" and decision["summary"] for decision in decisions))
        for name in ("trades.csv", "denials.csv"):
            header, *rows = [line.split(",") for line in (self.work / "out12" / name).read_text().splitlines()]
            for row in rows:
                self.assertIn(int(row[header.index("decision")]), known, name)
        differing = self.done("runs", "diff", *ids)["first_differing_decision"]
        self.assertIsNotNone(differing)
        self.assertIn("trend_following", self.run_product("agents", "explain", str(decisions[0]["id"])).out)


class Files(Product):
    def test_one_bar_out_of_step_is_named_by_its_own_line(self):
        error = self.fails(3, "backtest", "--csv", write_bars(self.work / "step.csv", 100, 60, {60: 7}))
        self.assertIn("step.csv:62:", error["message"])
        self.assertNotIn("months", error["hint"])

    def test_a_file_without_line_ends_does_not_fill_the_screen(self):
        bars = self.work / "cr.csv"
        write_bars(bars, 500, 60)
        bars.write_text(bars.read_text().replace("\n", "\r"))
        ran = self.run_product("backtest", "--csv", str(bars), "--json")
        self.assertEqual(ran.code, 3)
        self.assertLess(len(ran.document()["error"]["message"]), 500)


class Configuration(Product):
    def test_every_command_tells_all_problems(self):
        (self.work / "two.toml").write_text('[run]\nspeeed = 3\n[log]\nlevel = "loud"\n')
        ran = self.run_product("--config", "two.toml", "backtest", "--json")
        self.assertEqual(ran.code, 2)
        self.assertEqual(len(ran.document()["problems"]), 2)
        plain = self.run_product("--config", "two.toml", "backtest")
        self.assertIn("speeed", plain.err)
        self.assertIn("loud", plain.err)


if __name__ == "__main__":
    unittest.main()
