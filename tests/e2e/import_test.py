"""data import seen from outside: what a signal leaves, what a failure leaves, what is said of the files, and which of several kept intervals a tool reads."""
import gzip
import os
import signal
import time
import unittest
import zipfile
from pathlib import Path

from harness import ROOT, Product

FEED = ROOT / "tests/fixtures/orderflow/usdm_btcusdt_frames.gz"
SPOT = "binance:spot:BTCUSDT"
FUTURES = "binance:linear:BTCUSDT"
START = 1_699_916_400  # 2023-11-13T23:00:00Z: bars of 7 minutes and of an hour open here


def has_open(process, path):
    """Whether the process reads the file now."""
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            if os.readlink(descriptor) == str(path):
                return True
        except FileNotFoundError:  # closed since
            pass
    return False


class Files(Product):
    def bars(self, count, name="bars.csv", step=60, header="time,open,high,low,close,volume"):
        path = self.work / name
        rows = "".join(f"{START + step * i},{100 + i % 7},{103 + i % 7},{99 + i % 7},{101 + i % 7},{1 + i % 5}\n" for i in range(count))
        path.write_text((header + "\n" if header else "") + rows)
        return path

    def stored(self):
        return [row for row in self.done("data", "list")["series"] if row["where"] == "store"]


class Failures(Files):
    def test_an_encrypted_zip_is_called_encrypted(self):
        path = self.work / "locked.zip"
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("bars.csv", self.bars(5).read_bytes())
        bytes_ = bytearray(path.read_bytes())
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag of an entry that needs a password
            bytes_[bytes_.index(mark) + place] |= 1
        path.write_bytes(bytes_)
        error = self.fails(3, "data", "import", path, "--instrument", SPOT)
        self.assertIn("is encrypted", error["message"])
        self.assertNotIn("damaged", error["message"] + error["hint"])
        self.assertIn("password", error["hint"])

    def test_a_bar_with_a_name_given_twice_is_refused(self):
        path = self.work / "twice.json"
        bar = '{"time":%d,"open":1,"high":3,"low":1,"close":2,"volume":3%s}'
        path.write_text(f"[{bar % (START, '')},\n{bar % (START + 60, ',' + chr(34) + 'close' + chr(34) + ':1.5')}]\n")
        for words in (("data", "import", path, "--instrument", SPOT), ("tools", "call", "get_price", "--csv", path), ("backtest", "--csv", path)):
            error = self.fails(3, *words)
            self.assertIn("twice.json:2", error["message"])
            self.assertIn('"close" is given twice', error["message"].replace("'", '"'))


class Words(Files):
    def test_the_format_of_a_file_is_what_it_is(self):
        fixtures = ROOT / "tests/fixtures/archive"
        cases = {
            self.bars(9): "generic_csv",
            self.bars(9, "bare.csv", header=""): "generic_csv",
            self.bars(9, "named.csv", header="open_time,open,high,low,close,volume"): "binance_klines",
            fixtures / "binance_spot_ms.zip": "binance_klines",
            fixtures / "agg_trades_header.csv": "trades",
        }
        for path, wanted in cases.items():
            document = self.done("data", "import", path, "--instrument", SPOT, "--state", self.folder / path.name)
            self.assertEqual(document["files"][0]["format"], wanted, path)
        for code, wanted in (("okx:spot:BTCUSDT", "generic_csv"), ("bybit:spot:BTCUSDT", "generic_csv")):
            self.assertEqual(self.done("data", "import", self.bars(9), "--instrument", code)["files"][0]["format"], wanted, code)


class Intervals(Files):
    def call(self, *words):
        return ("tools", "call", "sma", "--args", '{"period": 5}', "--instrument", SPOT, *words)

    def keep(self, interval, step, count):
        self.done("data", "import", self.bars(count, f"{interval}.csv", step), "--instrument", SPOT, "--interval", interval)

    def test_a_tool_reads_the_finest_interval_of_which_its_timeframe_can_be_made(self):
        self.keep("7m", 420, 100)
        self.keep("1h", 3_600, 100)
        document = self.done(*self.call("--timeframe", "1h"))
        self.assertEqual(document["sources"][0]["name"], f"market store {SPOT} 1h, 1h bars")
        self.assertEqual(self.done(*self.call())["timeframe"], "1h")
        self.assertIn("7m", self.done(*self.call("--timeframe", "7m"))["sources"][0]["name"])
        self.assertEqual(self.done("tools", "call", "sma", "--args", '{"period": 5, "timeframe": "4h"}', "--instrument", SPOT)["timeframe"], "4h")

    def test_an_interval_that_the_store_cannot_give_is_named(self):
        self.keep("7m", 420, 100)
        self.keep("1h", 3_600, 100)
        error = self.fails(2, *self.call("--timeframe", "5m"))
        self.assertEqual(error["code"], "bad_timeframe")
        self.assertIn("5m", error["message"])
        self.assertIn("7m, 1h", error["message"])


if __name__ == "__main__":
    unittest.main()
