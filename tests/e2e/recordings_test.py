"""Recordings of order books and trades: imported once, seen by tools, agents and runs at each instant as they were known then."""
import gzip
import json
import unittest

from harness import ROOT, Product, rows

FEED = ROOT / "tests/fixtures/orderflow/usdm_btcusdt_frames.gz"
OKX = ROOT / "tests/fixtures/orderflow/okx_uni_usd_swap.log"
BTC = "binance:linear:BTCUSDT"
# The recording's clock is behind the venue's, so that every event is known at its own time: 23:54:16.299 to 23:54:28.
WITHIN = ("2024-08-08T23:54:18Z", "2024-08-08T23:54:22.5Z", "2024-08-08T23:54:28Z")
TOOLS = ("get_orderbook", "get_trades", "get_orderbook_imbalance", "get_tick_speed", "get_whale_trades", "detect_iceberg", "detect_spoofing")


class Recordings(Product):
    def load(self, path, *words, kind="book", instrument=BTC):
        return self.done("data", "import", path, "--kind", kind, "--instrument", instrument, *words)

    def kept(self):
        return self.done("data", "list")["recordings"]

    def call(self, tool, *words):
        # The recording is some seconds long, the window of a speed by itself ten.
        window = ("--args", '{"window_seconds": 1}') if tool == "get_tick_speed" else ()
        return self.done("tools", "call", tool, *window, *words)["result"]

    def test_what_is_imported_is_listed_verified_and_answers_as_its_file_does(self):
        one = self.load(FEED)["recordings"][0]
        self.assertEqual((one["instrument"], one["book"], one["origin"], one["from"][:19]), (BTC, True, FEED.name, "2024-08-08T23:54:16"))
        self.assertGreater(one["events"], one["trades"])
        self.assertEqual(self.kept(), [one])
        self.assertEqual(self.load(FEED)["recordings"], [one])
        self.assertEqual(self.kept(), [one], "the same again changes nothing")
        self.assertEqual(self.done("data", "verify", "--instrument", BTC)["ok"], True)
        for tool in TOOLS:
            for at in WITHIN:
                self.assertEqual(self.call(tool, "--as-of", at), self.call(tool, "--as-of", at, "--book", FEED), tool)
            self.fails(4, "tools", "call", tool, "--as-of", "2024-08-08T23:54:16Z")
            self.fails(4, "tools", "call", tool, "--as-of", "2024-08-08T23:59:00Z")
        listed = {tool["name"]: tool for tool in self.done("tools", "list")["tools"]}
        for tool in TOOLS:
            self.assertTrue(listed[tool]["available"], tool)

    def test_two_days_of_a_spot_market_are_both_kept(self):
        day = 86_400_000
        frames = ['{"e":"depthUpdate","E":%d,"s":"BTCUSDT","U":1,"u":2,"b":[["9","1"]],"a":[]}',
                  '{"u":3,"s":"BTCUSDT","b":"10","B":"1","a":"11","A":"1"}',
                  '{"lastUpdateId":2,"bids":[["10","1"]],"asks":[["11","1"]]}',
                  '{"e":"depthUpdate","E":%d,"s":"BTCUSDT","U":3,"u":4,"b":[["10","2"]],"a":[]}']
        for shift in (day, 0):
            path = self.work / f"{shift}.log"
            at = 1_723_161_255_208 - shift
            path.write_text("\n".join(frame % at if "%d" in frame else frame for frame in frames) + "\n")
            one = self.load(path, instrument="binance:spot:BTCUSDT")["recordings"][0]
            self.assertEqual(one["from"][:19], "2024-08-07T23:54:15" if shift else "2024-08-08T23:54:15")
        self.assertEqual(len(self.kept()), 2)

    def test_without_bars_a_call_stands_at_the_end_of_what_is_recorded(self):
        feed = self.work / "feed.log"
        feed.write_text(gzip.decompress(FEED.read_bytes()).decode().replace("BTCUSDT", "ABCUSDT"))
        known = self.load(feed, instrument="binance:linear:ABCUSDT")["recordings"][0]["known"]
        self.assertEqual(self.done("tools", "call", "get_orderbook", "--instrument", "binance:linear:ABCUSDT")["as_of"], known)

    def test_a_call_at_another_time_is_told_what_is_recorded(self):
        self.load(FEED)
        error = self.fails(4, "tools", "call", "get_orderbook", "--instrument", BTC)
        self.assertIn("2024-08-08T23:54:16", error["message"])
        self.assertIn("--as-of", error["hint"])

    def test_overlaps_are_refused_or_replace_and_errors_leave_nothing(self):
        frames = gzip.decompress(FEED.read_bytes()).decode().splitlines(keepends=True)
        half = self.work / "half.log"
        half.write_text("".join(frames[:1500]))
        self.load(half)
        error = self.fails(3, "data", "import", FEED, "--kind", "book", "--instrument", BTC)
        self.assertEqual(error["code"], "overlap")
        self.assertIn("half.log", error["message"])
        self.assertIn("--replace", error["hint"])
        self.load(FEED, "--replace")
        self.assertEqual([one["origin"] for one in self.kept()], [FEED.name])
        torn = self.work / "torn.log"
        torn.write_text("".join(frames[:100]) + frames[100][:50] + "\n")
        error = self.fails(3, "data", "import", torn, "--kind", "book", "--instrument", BTC, "--replace")
        self.assertIn("torn.log:101", error["message"])
        self.assertEqual(len(self.kept()), 1)
        self.fails(3, "data", "import", FEED, "--kind", "book", "--instrument", "binance:linear:ETHUSDT")
        self.fails(3, "data", "import", FEED, "--kind", "trades", "--instrument", BTC)
        self.assertEqual(self.fails(2, "data", "import", FEED, "--kind", "book", "--interval", "1m", "--instrument", BTC)["code"], "bad_option")
        self.assertEqual(self.fails(2, "data", "import", FEED, "--replace", "--instrument", BTC)["code"], "bad_option")

    def test_a_book_and_trades_of_another_file_stand_beside_each_other(self):
        frames = gzip.decompress(FEED.read_bytes()).decode().splitlines(keepends=True)
        book = self.work / "book.log"
        book.write_text("".join(line for line in frames if '"e":"trade"' not in line))
        trades = self.work / "trades.csv"
        told = [json.loads(line[line.index("{"):]) for line in frames if '"e":"trade"' in line]
        told = [one.get("data", one) for one in told]
        told = [one for one in told if float(one["q"]) > 0]
        trades.write_text("".join(f"{one['t']},{one['p']},{one['q']},{one['t']},{one['t']},{one['E']},{str(one['m']).lower()}\n" for one in told))
        self.load(book)
        self.load(trades, kind="trades")
        self.assertEqual(len(self.kept()), 2)
        for tool in ("get_orderbook", "get_trades", "get_tick_speed", "get_orderbook_imbalance", "get_whale_trades"):
            mine, whole = (self.call(tool, "--as-of", WITHIN[1], *more) for more in ((), ("--book", FEED)))
            for one in (mine, whole):  # within the whole feed a trade is no older than what stood in front of it
                for row in one.get("trades", []) + one.get("prints", []):
                    del row["time"]
            self.assertEqual(mine, whole, tool)

    def bars(self):
        """Minute bars round the recording, their last one at 23:59."""
        path = self.work / "bars.csv"
        start = 1_723_161_600 - 60 * 1500
        lines = [f"{start + 60 * i},{60000 + i % 90},{60020 + i % 90},{59980 + i % 90},{60001 + i % 90},{5 + i % 3}\n" for i in range(1500)]
        path.write_text("time,open,high,low,close,volume\n" + "".join(lines))
        return path

    def run_with(self, name):
        out = self.folder / name
        (self.work / "own.toml").write_text('[run]\ndesk_interval = "1m"\n')
        document = self.done("backtest", "--csv", self.bars(), "--instrument", BTC, "--desk", "--no-benchmarks", "--export", out, "--config", self.work / "own.toml")
        return document, [json.loads(line) for line in (out / "decisions.jsonl").read_text().splitlines()]

    def test_a_run_sees_at_each_instant_what_was_known_then(self):
        plain, before = self.run_with("plain")
        self.load(FEED)
        with_book, decided = self.run_with("book")
        changed = [i for i, (a, b) in enumerate(zip(before, decided, strict=True)) if a != b]
        self.assertEqual(len(changed), 1, "one decision stands within a minute of the recording")
        one = decided[changed[0]]
        self.assertIn("2024-08-08T23:55:00", json.dumps(one))
        self.assertIn("get_orderbook_imbalance", json.dumps(one))
        again, same = self.run_with("again")
        self.assertEqual((again["digest"], same), (with_book["digest"], decided))
        # The same words, but each came six minutes later: what was heard after an instant moves nothing before it.
        late = self.work / "late.log"
        frames = gzip.decompress(FEED.read_bytes()).decode().splitlines(keepends=True)
        late.write_text("".join(f"{int(line.split(' ', 1)[0]) + 361 * 10**9} {line.split(' ', 1)[1]}" for line in frames))
        self.load(late, "--replace")
        unheard, hidden = self.run_with("late")
        self.assertEqual(hidden, before)
        self.assertEqual(unheard["digest"], plain["digest"])

    def test_inverse_contracts_count_in_coins_and_unknown_ones_are_refused(self):
        error = self.fails(3, "data", "import", OKX, "--kind", "book", "--instrument", "okx:inverse:UNIUSD")
        self.assertIn("there is no frame of", error["message"])


if __name__ == "__main__":
    unittest.main()
