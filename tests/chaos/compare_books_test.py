"""dev/compare_books.py must find what it looks for: a small venue file and ledger made by hand, equal at first, then one fault at a time."""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(os.environ.get("PROM_SOURCE_DIR", Path(__file__).resolve().parents[2]))
SCHEMA = ROOT / "assets/migrations/sqlite/ledger/0001_ledger.sql"


def crc32c(data):
    """Bit by bit: not the table that the script under test uses."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


# Worked out by hand. BTC: bought 0.300 at 100.00, sold 0.100 at 110.00: 0.200 left at cost 20, realised 1; fees 0.3 and 0.11, funding -0.02.
# ETH: sold 3 at 10 short, bought 5 at 9: turned, 2 long at cost 18, realised 3.
LINES = [
    ["venue\tpromsim\t1", "asset\t0\tBTC", "asset\t1\tUSDT", "asset\t2\tETH", "instrument\t0\tbinance:linear:BTCUSDT\t2\t3\t1", "instrument\t1\tbinance:linear:ETHUSDT\t0\t0\t1"],
    ["transfer\t0\t1\t1000\t5"],
    ["order\tp0e1s1\t1\t0\t0\t0\tnet\tbuy\tmarket\tgtc\topen_or_add\tentry\t300\t-\t-\t-\t-\t6"],
    ["fill\t1\tp0e1s1\t1\t0\t0\tnet\tbuy\t10000\t300\t1\t0.3\t0\ttaker\tvenue\t7", "cursor\t0\t7\t1\t10000\t7\t0"],
    ["order\tp0e1s2\t2\t0\t0\t0\tnet\tsell\tstop_market\tgtc\treduce_only\tstop_loss\t300\t-\t9000\t-\t1\t8"],
    ["order\tp0e1s3\t3\t0\t0\t0\tnet\tsell\tlimit\tgtc\treduce_only\ttake_profit\t100\t11000\t-\t-\t-\t8"],
    ["fill\t2\tp0e1s3\t3\t0\t0\tnet\tsell\t11000\t100\t1\t0.11\t0\tmaker\tvenue\t9"],
    ["amend\tp0e1s2\t200\t-\t9500\t10"],
    ["funding\t0\t0\tnet\t11\t0.0001\t1\t-0.02\tassumed", "funded\t0\t11"],
    ["reject\tp0e1s4\t4\tmin_notional\t12"],
    ["order\tp0e1s5\t5\t0\t1\t1\tnet\tsell\tmarket\tgtc\topen_or_add\tentry\t3\t-\t-\t-\t-\t13"],
    ["fill\t3\tp0e1s5\t5\t0\t1\tnet\tsell\t10\t3\t1\t0\t0\ttaker\tvenue\t14"],
    ["order\tp0e1sZ\t35\t0\t1\t1\tnet\tbuy\tmarket\tgtc\topen_or_add\tentry\t5\t-\t-\t-\t-\t15"],
    ["fill\t4\tp0e1sZ\t35\t0\t1\tnet\tbuy\t9\t5\t1\t0\t0\ttaker\tvenue\t16"],
]


def venue_text(groups):
    text, number = b"", 0
    for group in groups:
        for i, line in enumerate(group):
            number += 1
            row = f"{number}\t{'.' if i + 1 == len(group) else '+'}\t{line}".encode()
            text += row + b"\t%08x\n" % crc32c(row)
    return text


ORDER = 'INSERT INTO orders (id, client_id_account, client_id_epoch, client_id_sequence, account, pair, instrument, leg, side, type, time_in_force, effect, purpose, quantity, "limit", "trigger", trailing_distance, oco_group, state, is_open, filled, filled_value, last_text, created_ns, updated_ns) VALUES (?, 0, 1, ?, 0, 0, 0, \'net\', \'sell\', \'stop_market\', \'gtc\', \'reduce_only\', \'stop_loss\', 200, NULL, 9500, NULL, 1, \'accepted\', 1, 0, \'0\', \'\', 8, 10)'
FILL = 'INSERT INTO fills (trade, "order", account, instrument, leg, side, price, quantity, fee_asset, fee_amount, slippage, liquidity, source, time_ns) VALUES (?, ?, 0, ?, \'net\', ?, ?, ?, 1, ?, \'0\', ?, \'venue\', ?)'
POSITION = "INSERT INTO positions VALUES (0, ?, 'net', ?, ?, '0', '0', '0', 7, 1, 1)"
POSTING = "INSERT INTO postings (time_ns, account, asset, kind, amount, instrument, ref) VALUES (5, 0, 1, 'fill', ?, 0, 0)"


class CompareBooks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = Path(folder.name)
        self.write(LINES)
        self.ledger = sqlite3.connect(self.state / "ledger.sqlite")
        self.addCleanup(self.ledger.close)
        self.ledger.executescript(SCHEMA.read_text())
        run = self.ledger.execute
        for row in ((0, "BTC"), (1, "USDT"), (2, "ETH")):
            run("INSERT INTO assets VALUES (?, ?)", row)
        for row in ((0, "binance:linear:BTCUSDT"), (1, "binance:linear:ETHUSDT")):
            run("INSERT INTO instruments VALUES (?, ?, x'')", row)
        for amount in ("1000", "-0.3", "1", "-0.11", "-0.02", "3"):
            run(POSTING, (amount,))
        run("INSERT INTO balances VALUES (0, 1, '1003.57')")
        run(POSITION, (0, 200, "20"))
        run(POSITION, (1, 2, "18"))
        run(ORDER, (2, 2))
        for row in ((1, 1, 0, "buy", 10000, 300, "0.3", "taker", 7), (2, 3, 0, "sell", 11000, 100, "0.11", "maker", 9), (3, 5, 1, "sell", 10, 3, "0", "taker", 14), (4, 35, 1, "buy", 9, 5, "0", "taker", 16)):
            run(FILL, row)
        self.ledger.commit()

    def write(self, groups):
        (self.state / "venue.jsonl").write_bytes(venue_text(groups))

    def compare(self):
        done = subprocess.run([sys.executable, str(ROOT / "dev/compare_books.py"), str(self.state), "--json"], capture_output=True, text=True, check=False)
        return done.returncode, json.loads(done.stdout)

    def finds(self, sql, *texts):
        self.ledger.execute("SAVEPOINT fault")
        self.ledger.execute(sql)
        self.ledger.commit()
        code, books = self.compare()
        self.assertEqual(code, 1, sql)
        for text in texts:
            self.assertIn(text, "\n".join(books["differences"]))

    def test_equal_books_are_equal(self):
        code, books = self.compare()
        self.assertEqual((code, books), (0, {"equal": True, "lines": 21, "torn_bytes": 0, "fills": 4, "fundings": 1, "positions": 2, "working_orders": 1, "differences": []}))

    def test_it_finds_a_balance_off_by_the_last_digit(self):
        self.finds("UPDATE balances SET amount = '1003.570000000001'", "cash of account 0 in USDT")

    def test_it_finds_a_lost_posting(self):
        self.finds("DELETE FROM postings WHERE amount = '-0.02'", "sum of postings")

    def test_it_finds_a_position_of_another_size_or_cost(self):
        self.finds("UPDATE positions SET quantity = 199 WHERE instrument = 0", "position of account 0 in binance:linear:BTCUSDT")

    def test_it_finds_another_cost(self):
        self.finds("UPDATE positions SET cost = '18.000000000001' WHERE instrument = 1", "ETHUSDT")

    def test_it_finds_a_missing_order(self):
        self.finds("UPDATE orders SET is_open = 0, state = 'cancelled'", "order p0e1s2: it works at the venue")

    def test_it_finds_a_surplus_order(self):
        self.finds(ORDER.replace("?", "36"), "order p0e1s10: the ledger has it as accepted")

    def test_it_finds_another_trigger(self):
        self.finds('UPDATE orders SET "trigger" = 9000', "trigger is 9000 in the ledger, 9500 at the venue")

    def test_it_finds_an_order_in_doubt(self):
        self.finds("UPDATE orders SET state = 'in_doubt'", "still has it as in_doubt")

    def test_it_finds_a_fill_applied_twice(self):
        self.finds("INSERT INTO fills SELECT n + 10, trade, \"order\", account, instrument, leg, side, price, quantity, fee_asset, fee_amount, slippage, liquidity, source, time_ns FROM fills WHERE trade = 2", "fill 2: it is in the ledger twice")

    def test_it_finds_a_lost_fill(self):
        self.finds("DELETE FROM fills WHERE trade = 4", "fill 4: only the venue has it")

    def test_a_torn_group_does_not_count(self):
        whole = venue_text(LINES)
        more = venue_text([*LINES, ["transfer\t0\t1\t5\t20", "transfer\t0\t1\t6\t20"]])
        for cut in (len(whole) + 3, len(more) - 1, len(more) - 40):
            (self.state / "venue.jsonl").write_bytes(more[:cut])
            code, books = self.compare()
            self.assertEqual((code, books["equal"], books["torn_bytes"]), (0, True, cut - len(whole)))

    def test_a_changed_byte_is_damage(self):
        text = bytearray(venue_text(LINES))
        text[text.index(b"1000\t5")] = ord("2")
        (self.state / "venue.jsonl").write_bytes(bytes(text))
        code, books = self.compare()
        self.assertEqual(code, 3)
        self.assertIn("line 7: the checksum does not fit", books["damaged"])

    def test_a_missing_line_is_damage(self):
        lines = venue_text(LINES).splitlines(keepends=True)
        (self.state / "venue.jsonl").write_bytes(b"".join(lines[:8] + lines[9:]))
        self.assertEqual(self.compare()[0], 3)

    def test_inverse_contracts(self):
        # 10 contracts of 100 USD bought at 50: value 20 BTC; 4 sold at 80: 5 BTC; of the cost 8 BTC go: realised 8 - 5 = 3.
        self.write([["venue\tpromsim\t1", "asset\t0\tBTC", "asset\t1\tUSD", "instrument\t0\tokx:inverse:BTC-USD-SWAP\t0\t0\t100"],
                    ["fill\t1\t-\t0\t0\t0\tnet\tbuy\t50\t10\t0\t0\t0\ttaker\tliquidation\t1"], ["fill\t2\t-\t0\t0\t0\tnet\tsell\t80\t4\t0\t0\t0\ttaker\tliquidation\t2"]])
        _, books = self.compare()
        text = "\n".join(books["differences"])
        self.assertIn("venue (6, Decimal('12.000000000000'))", text)
        self.assertIn("in BTC: ledger None, venue 3.000000000000", text)


if __name__ == "__main__":
    unittest.main()
