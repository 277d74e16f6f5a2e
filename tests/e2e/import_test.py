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



class Funding(Files):
    """Recorded rates come in by a command of their own, and a backtest of what was imported charges them."""

    OKX = ROOT / "tests/fixtures/archive/okx_funding.csv"
    HOURS = 8 * 3600

    def held(self):
        return self.done("data", "list")["funding"]

    def rates(self, *rates, name="funding.csv", first=START // HOURS * HOURS + HOURS):
        path = self.work / name
        path.write_text("calc_time,funding_interval_hours,last_funding_rate\n" + "".join(f"{(first + self.HOURS * i) * 1000},8,{r}\n" for i, r in enumerate(rates)))
        return path

    def test_a_venues_file_is_kept_and_listed(self):
        document = self.done("data", "import", self.OKX, "--kind", "funding", "--instrument", "okx:linear:BTCUSDT")
        self.assertEqual((document["instrument"], document["rows"], document["rates"], document["errors"]), ("okx:linear:BTCUSDT", 4, 4, []))
        self.assertEqual((document["from"], document["to"]), ("2026-04-07T08:00:00Z", "2026-04-08T08:00:00Z"))
        self.assertEqual(self.held(), [{"instrument": "okx:linear:BTCUSDT", "rates": 4, "from": document["from"], "to": document["to"]}])
        again = self.done("data", "import", self.OKX, "--kind", "funding", "--instrument", "okx:linear:BTCUSDT")
        self.assertEqual(again, document, "a second time nothing changes")

    def test_a_backtest_charges_what_was_recorded_and_says_what_it_rests_on(self):
        bars = self.work / "rising.csv"  # falls for half an hour, then rises for three days: one long position through nine settlements
        price = [1000 - min(i, 30) + 0.02 * max(i - 30, 0) for i in range(3 * 24 * 60)]
        bars.write_text("time,open,high,low,close,volume\n" + "".join(f"{START + 60 * i},{p:.2f},{p + 0.1:.2f},{p - 0.1:.2f},{p:.2f},9\n" for i, p in enumerate(price)))
        self.done("data", "import", bars, "--instrument", FUTURES, "--interval", "1m")
        words = ("backtest", "--instrument", FUTURES, "--strategy", "trend_following", "--set", "timeframe=1m", "--set", "fast=3", "--set", "slow=8", "--no-benchmarks")
        assumed = self.done(*words)
        self.assertIn("assumed", assumed["funding_note"])
        self.done("data", "import", self.rates(*["0"] * 12), "--kind", "funding", "--instrument", FUTURES)
        free = self.done(*words)
        self.done("data", "import", self.rates(*["0.003"] * 12), "--kind", "funding", "--instrument", FUTURES)
        dear = self.done(*words)
        self.assertNotIn("assumed", free["funding_note"] or "")
        self.assertEqual(float(free["funding"]), 0)
        self.assertLess(float(dear["funding"]), 0, "a long pays")
        self.assertEqual(free["fills"], dear["fills"])
        self.assertAlmostEqual(float(free["net"]) - float(dear["net"]), -float(dear["funding"]), places=9)

    def test_what_is_wrong_is_one_sentence_and_leaves_what_there_is(self):
        import_funding = ("data", "import", "--kind", "funding", "--instrument", FUTURES)
        self.done(*import_funding, self.rates("0.0001", "0.0002"))
        before = self.held()
        other = self.rates("0.0001", "0.0003", name="other.csv")
        error = self.fails(3, *import_funding, self.work / "funding.csv", other)
        self.assertIn("funding.csv has another rate for the same time", error["message"])
        self.assertIn("not a funding rate", self.fails(3, *import_funding, self.rates("0.0001", "42", name="bad.csv"))["message"])
        self.assertIn("bad.csv:3", self.fails(3, *import_funding, self.work / "bad.csv")["message"])
        self.assertIn("no column of funding times and rates", self.fails(3, *import_funding, self.bars(9))["message"])
        self.assertEqual(self.fails(2, "data", "import", other, "--kind", "funding", "--instrument", SPOT)["code"], "no_funding")
        self.assertEqual(self.fails(2, *import_funding, other, "--interval", "8h")["code"], "bad_option")
        self.assertEqual(self.fails(2, *import_funding, other, "--replace")["code"], "bad_option")
        self.assertEqual(self.held(), before)


class Signals(Files):
    def interrupted(self, number, path, *words):
        """The document and exit code of an import that hears the signal while it reads the file."""
        running = self.start("data", "import", path, *words, "--json")
        end = time.monotonic() + 60
        while not has_open(running.process.pid, path):
            self.assertLess(time.monotonic(), end, "the file is never opened")
        running.signal(number)
        ran = running.wait()
        return ran.code, ran.document()

    def test_bars(self):
        path = self.bars(1_500_000).resolve()
        for number, code, name in ((signal.SIGINT, 130, "SIGINT"), (signal.SIGTERM, 143, "SIGTERM")):
            got, document = self.interrupted(number, path, "--instrument", SPOT)
            self.assertEqual((got, document["error"]["code"]), (code, "stopped"), document)
            self.assertIn(name, document["error"]["message"])
            self.assertTrue(document["error"]["hint"])
            self.assertEqual((document["rows"], document["gaps"], document["errors"]), (0, [], []))
        self.assertEqual(self.stored(), [])

    def test_recordings(self):
        first = self.work / "first.log"
        frames = gzip.decompress(FEED.read_bytes())
        first.write_bytes(frames)
        second = (self.work / "second.log").resolve()
        with second.open("wb") as file:
            for _ in range(60):
                file.write(frames)
        code, document = self.interrupted(signal.SIGINT, second, "--kind", "book", "--instrument", FUTURES)
        self.assertEqual((code, document["error"]["code"], document["recordings"], document["not_read"]), (130, "stopped", [], [str(second)]))


class Failures(Files):
    def test_every_wrong_line_of_a_file_of_bars_is_told_at_once(self):
        path = self.bars(9)
        lines = path.read_text().splitlines()
        lines[3] = lines[3].replace(",10", ",x", 1)
        lines[6] = "never" + lines[6][10:]
        path.write_text("\n".join(lines) + "\n")
        words = ("data", "import", path, "--instrument", SPOT)
        error = self.fails(3, *words)
        self.assertIn(f"{path}:4, column 2: not a number", error["message"])
        self.assertIn("wrong too: line 7", error["message"])
        document = self.run_product(*words, "--json").document()
        self.assertEqual([(row["path"], row["line"], row["column"]) for row in document["errors"]], [(str(path), 4, 2), (str(path), 7, 1)])
        self.assertEqual((document["rows"], self.stored()), (0, []))

    def test_what_was_kept_what_failed_and_what_was_not_read(self):
        good, torn, later = (self.work / f"{name}.log" for name in ("good", "torn", "later"))
        frames = gzip.decompress(FEED.read_bytes()).decode().splitlines(keepends=True)
        good.write_text("".join(frames[:1500]))
        torn.write_text("".join(frames[:100]) + frames[100][:50] + "\n")
        later.write_text("".join(frames[1500:]))
        words = ("data", "import", good, torn, later, "--kind", "book", "--instrument", FUTURES)
        error = self.fails(3, *words)
        self.assertEqual(error["code"], "import_failed")
        document = self.run_product(*words, "--json").document()
        self.assertEqual(document["recordings"], self.done("data", "list")["recordings"])
        self.assertEqual([row["origin"] for row in document["recordings"]], ["good.log"])
        self.assertEqual([(row["path"], row["line"]) for row in document["errors"]], [(str(torn), 101)])
        self.assertEqual(document["not_read"], [str(later)])
        for part in ("kept: " + str(good), "not read: " + str(later)):
            self.assertIn(part, document["error"]["hint"])
            self.assertIn(part, self.run_product(*words).err)
        # A store that refuses says the same.
        words = ("data", "import", FEED, later, "--kind", "book", "--instrument", FUTURES)
        document = self.run_product(*words, "--json").document()
        self.assertEqual((document["error"]["code"], document["recordings"], document["not_read"]), ("overlap", [], [str(later)]))
        self.assertEqual(document["errors"][0]["path"], str(FEED))
        self.assertIn("nothing was imported", document["error"]["hint"])

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
    def test_names_of_files_move_no_cursor(self):
        evil = self.work / "\x1b]0;owned\x07.log"
        evil.write_bytes(gzip.decompress(FEED.read_bytes()))
        ran = self.run_product("data", "import", evil, "--kind", "book", "--instrument", FUTURES)
        self.assertEqual(ran.code, 0, ran.err)
        self.assertIn(r"\x1b]0;owned\x07.log", ran.out)
        for words in (("data", "list"), ("data", "verify")):
            ran = self.run_product(*words)
            self.assertNotIn("\x1b", ran.out + ran.err, words)
        self.assertNotIn("\x1b", self.run_product("data", "import", self.work / "\x1b[2J.csv", "--instrument", SPOT).err)

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
