"""Which data a run takes: of several imported intervals, with volumes beyond the usual, and what is said where there is none."""
import unittest

from harness import Product

START = 1_699_920_000  # 2023-11-14T00:00:00Z
CODE = "binance:linear:AAAUSDT"
RUN = ("backtest", "--instrument", CODE, "--no-benchmarks", "--strategy", "trend_following")


class Imported(Product):
    def write(self, count, step, volume="5", price=100.0):
        path = self.work / f"{step}.csv"
        rows = ((START + step * i, price * (1 + i % 9 / 100), price * (1.03 + i % 9 / 100), price * (0.97 + i % 9 / 100)) for i in range(count))
        path.write_text("time,open,high,low,close,volume\n" + "".join(f"{t},{o:.8f},{h:.8f},{low:.8f},{o:.8f},{volume}\n" for t, o, h, low in rows))
        return path

    def load(self, path, interval):
        self.done("data", "import", path, "--instrument", CODE, "--interval", interval)

    def test_a_short_finer_series_does_not_hide_a_long_one(self):
        self.load(self.write(1_000, 3_600), "1h")
        hourly = self.done(*RUN, "--set", "timeframe=4h")
        self.load(self.write(600, 60), "1m")
        self.assertEqual(self.done(*RUN, "--set", "timeframe=4h")["data"], hourly["data"])
        part = ("--from", "2023-11-20", "--to", "2023-12-01")
        self.assertEqual(self.done(*RUN, "--set", "timeframe=4h", *part)["data"]["bars"], 11 * 24)
        # The finest where it covers the range, and where the timeframe can be made of nothing else.
        self.assertEqual(self.done(*RUN, "--set", "timeframe=1h", "--from", START, "--to", START + 5 * 3_600)["data"]["bars"], 300)
        self.assertEqual(self.done(*RUN, "--set", "timeframe=15m")["data"]["bars"], 600)

    def test_the_finest_of_equals(self):
        self.load(self.write(48, 3_600), "1h")
        self.load(self.write(2_880, 60), "1m")
        self.assertEqual(self.done(*RUN, "--set", "timeframe=1h")["data"]["bars"], 2_880)

    def test_volumes_of_coins_of_which_there_are_very_many(self):
        for volume in ("90000000000000", "99999999999999.12", "312345678901234", "5e14"):
            with self.subTest(volume):
                path = self.write(60, 86_400, volume, price=0.00000845)
                document = self.done("backtest", "--csv", path, "--instrument", "binance:spot:PEPEUSDT", "--no-benchmarks", "--set", "timeframe=1d")
                self.assertEqual(document["data"]["bars"], 60)

    def test_two_instruments_of_different_bundled_sets(self):
        error = self.fails(3, "backtest", "--instrument", "binance:spot:BTCUSDT", "--instrument", "binance:linear:BTCUSDT")
        self.assertEqual(error["code"], "no_data")
        self.assertIn("binance:spot:BTCUSDT in spot_2024, binance:linear:BTCUSDT in futures_2025_05", error["message"])

    def test_leverage_above_the_profile_names_the_option(self):
        error = self.fails(2, *RUN[:1], "--leverage", "6")
        self.assertEqual((error["code"], error["message"]), ("leverage", "--leverage 6 is above the profile's 5"))


if __name__ == "__main__":
    unittest.main()
