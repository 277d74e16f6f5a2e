"""P33: gaps and unfinished bars do not reach strategies: a backtest refuses missing bars unless told, and only closed bars enter."""
import unittest

from harness import Product, rows

START = 1_700_000_040  # 2023-11-14T22:14:00Z


def line(i, close=None, extra=""):
    price = 100 + i % 9
    return f"{START + 60 * i},{price},{price + 2},{price - 2},{close or price + 1},5{extra}\n"


class Gaps(Product):
    def write(self, text):
        path = self.work / "bars.csv"
        path.write_text(text)
        return path

    def test_p33_missing_bars_are_refused_unless_told(self):
        path = self.write("time,open,high,low,close,volume\n" + "".join(line(i) for i in range(300) if i not in (100, 101, 200)))
        for words in (("backtest", "--csv", path), ("run", "--replay", path, "--http-port", "0")):
            error = self.fails(3, *words)
            self.assertEqual(error["code"], "gaps")
            self.assertIn("misses 3 bars", error["message"])
            self.assertIn("2023-11-14T23:54:00Z", error["message"], "the first gap is named")
            self.assertIn("--allow-gaps", error["hint"])
        self.assertEqual(self.done("backtest", "--csv", path, "--allow-gaps", "--no-benchmarks")["data"]["bars"], 297)
        document = self.done("run", "--replay", path, "--http-port", "0", "--allow-gaps", "--speed", "max", "--no-benchmarks")
        self.assertEqual(document["data"]["bars"], 297)

    def test_p33_a_range_without_the_gap_is_accepted(self):
        path = self.write("time,open,high,low,close,volume\n" + "".join(line(i) for i in range(300) if i != 100))
        self.assertEqual(self.done("backtest", "--csv", path, "--from", START + 60 * 101, "--no-benchmarks")["data"]["bars"], 199)
        self.fails(3, "backtest", "--csv", path, "--to", START + 60 * 150)

    def test_p33_an_unfinished_bar_never_enters(self):
        head = "timestamp,open,high,low,close,volume,confirm\n"
        closed = "".join(line(i, extra=",1") for i in range(200))
        same = self.done("backtest", "--csv", self.write(head + closed), "--no-benchmarks")
        # The unfinished one would be a crash to a tenth of the price.
        ran = self.done("backtest", "--csv", self.write(head + closed + line(200, close=12, extra=",0").replace(",100,", ",12,").replace(",98,", ",11,")), "--no-benchmarks")
        self.assertEqual(ran["data"]["bars"], 200)
        for key in ("digest", "net", "closing_equity"):
            self.assertEqual(ran[key], same[key])
        self.assertEqual(ran["data"]["to"], same["data"]["to"])

    def test_p33_an_unfinished_bar_amid_the_file_is_a_gap(self):
        head = "timestamp,open,high,low,close,volume,confirm\n"
        path = self.write(head + "".join(line(i, extra=",0" if i == 120 else ",1") for i in range(200)))
        error = self.fails(3, "backtest", "--csv", path)
        self.assertEqual(error["code"], "gaps")
        self.assertIn("2023-11-15T00:14:00Z", error["message"])

    def test_p33_no_trade_inside_a_gap(self):
        path = self.write("time,open,high,low,close,volume\n" + "".join(line(i) for i in range(600) if not 250 <= i < 280))
        out = self.folder / "out"
        self.done("backtest", "--csv", path, "--allow-gaps", "--no-benchmarks", "--strategy", "trend_following", "--set", "timeframe=1m", "--set", "fast=2", "--set", "slow=4", "--export", out)
        for fill in rows(out / "fills.csv"):
            minute = (int(fill["time_ns"]) // 10**9 - START) // 60
            self.assertFalse(250 <= minute < 280, fill)

    def two_series(self, first, second):
        """Imports both as hourly bars; the arguments are ranges of hours."""
        for symbol, hours in (("AAAUSDT", first), ("BBBUSDT", second)):
            path = self.work / f"{symbol}.csv"
            path.write_text("time,open,high,low,close,volume\n" + "".join(f"{1_700_000_000 // 3600 * 3600 + 3600 * i},{100 + i % 9},{103 + i % 9},{98 + i % 9},{101 + i % 9},5\n" for i in hours))
            self.done("data", "import", path, "--instrument", f"binance:linear:{symbol}", "--interval", "1h")
        return ("backtest", "--instrument", "binance:linear:AAAUSDT", "--instrument", "binance:linear:BBBUSDT", "--strategy", "trend_following", "--set", "timeframe=1h", "--no-benchmarks")

    def test_p33_a_series_that_ends_before_the_others_is_refused_unless_told(self):
        words = self.two_series(range(300), range(100))
        error = self.fails(3, *words)
        self.assertEqual(error["code"], "gaps")
        self.assertIn("binance:linear:BBBUSDT ends at 2023-11-19T02:00:00Z and binance:linear:AAAUSDT at 2023-11-27T10:00:00Z", error["message"])
        self.assertIn("--to 2023-11-19T02:00:00Z", error["hint"])
        self.assertIn("--allow-gaps", error["hint"])
        self.assertEqual(self.done(*words, "--to", "2023-11-19T02:00:00Z")["data"]["bars"], 200)
        self.assertEqual(self.done(*words, "--allow-gaps")["data"]["bars"], 400)

    def test_p33_a_series_that_begins_after_the_others_is_refused_unless_told(self):
        words = self.two_series(range(50, 300), range(299))
        error = self.fails(3, *words)
        self.assertEqual(error["code"], "gaps")
        self.assertIn("binance:linear:AAAUSDT begins at 2023-11-17T00:00:00Z", error["message"])
        self.assertNotIn("ends", error["message"], "one bar is no difference")
        self.assertEqual(self.done(*words, "--from", "2023-11-17T00:00:00Z")["data"]["bars"], 250 + 249)


if __name__ == "__main__":
    unittest.main()
