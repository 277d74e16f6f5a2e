"""The digest and the books of a run from outside: the same everywhere and every time, and recomputed here from what the run exports.

Quick by default (a part of the bundled month); PROM_E2E_FULL=1 takes all of it.
"""
import hashlib
import json
import lzma
import math
import os
import random
import subprocess
import sys
import tomllib
import unittest
from bisect import bisect_right
from decimal import ROUND_HALF_EVEN, Decimal

from harness import ROOT, Product, rows

FULL = os.environ.get("PROM_E2E_FULL") == "1"
RANGE = () if FULL else ("--from", "2025-05-04", "--to", "2025-05-12")
MASKED = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F", "PROM_CPU": "baseline"}
GRID = Decimal("1E-12")
MINUTE = 60_000_000_000
EXP_PROBE = "import hashlib,math,random\nr = random.Random(1)\nprint(hashlib.sha256(repr([math.exp(r.uniform(-20, 20)) for _ in range(300000)]).encode()).hexdigest())"


def grid(value):
    return value.quantize(GRID, rounding=ROUND_HALF_EVEN)


def instruments():
    return {one["code"]: one for one in tomllib.loads((ROOT / "assets/instruments.toml").read_text())["instrument"]}


def bundled_bars(code):
    """(open times in ns, rows as Decimals) of the bundled month of a future."""
    venue, market, symbol = code.split(":")
    text = lzma.open(ROOT / f"assets/data/{venue}-{market}-{symbol}-1m-2025-05.csv.xz", "rt").read().splitlines()[1:]
    table = [line.split(",") for line in text]
    return [int(row[0]) * 1_000_000 for row in table], [tuple(map(Decimal, row[1:5])) for row in table]


def digest_of(fills):
    columns = ("time_ns", "venue", "instrument", "side", "price", "quantity", "fee_asset", "fee")
    return hashlib.sha256("".join(",".join(fill[c] for c in columns) + "\n" for fill in fills).encode()).hexdigest()


def position_after(fills):
    """Of linear instruments: {code: (quantity, cost)} and the realised result, by average cost."""
    held, realised = {}, Decimal(0)
    for fill in fills:
        quantity, cost = held.get(fill["instrument"], (Decimal(0), Decimal(0)))
        signed = Decimal(fill["quantity"]) * (1 if fill["side"] == "buy" else -1)
        price = Decimal(fill["price"])
        if quantity * signed >= 0:
            cost += grid(price * signed)
        else:
            closed = min(abs(quantity), abs(signed)).copy_sign(quantity)
            part = grid(cost * closed / quantity)
            realised += grid(price * closed) - part
            cost -= part
            if abs(signed) > abs(quantity):
                cost = grid(price * signed) + grid(price * closed)
        held[fill["instrument"]] = (quantity + signed, cost)
    return held, realised


class Digests(Product):
    def backtest(self, *words, env=None):
        return self.done("backtest", *RANGE, "--no-benchmarks", *words, env=env)

    def replay(self, env=None):
        return self.done("run", "--replay", "--fresh", "--speed", "max", "--http-port", "0", "--no-benchmarks", *RANGE, env=env, timeout=300)

    def test_backtest_and_replay_give_the_same_digest_whatever_the_processor(self):
        """What must be shown, 2: twice each, and with AVX2 and FMA masked."""
        documents = [self.backtest(), self.backtest(), self.replay(), self.replay(), self.backtest(env=MASKED), self.replay(env=MASKED)]
        self.assertGreater(documents[0]["fills"], 5, "a digest of nothing shows nothing")
        for key in ("digest", "data", "trades", "net", "gross", "fees", "slippage", "funding", "max_drawdown", "sharpe", "closing_equity", "decisions", "denials"):
            self.assertEqual(len({json.dumps(document[key]) for document in documents}), 1, (key, [document[key] for document in documents]))

    def test_orders_that_wait_for_company_are_part_of_the_configuration_and_as_reproducible(self):
        config = self.folder / "promtrade.toml"

        def run(*lines):
            config.write_text("[executor]\n" + "\n".join(lines) + "\n")
            return self.done("backtest", *RANGE, "--strategy", "trend_following", "--set", "timeframe=15m", "--no-benchmarks", "--config", config)

        usual = run()
        self.assertEqual(run("batch_size = 10")["digest"], usual["digest"], "nobody waits without an interval")
        late = run("batch_size = 10", "interval_ms = 4000")
        self.assertNotEqual(late["digest"], usual["digest"], "an order that waited a minute is filled at another price")
        self.assertEqual(run("batch_size = 10", "interval_ms = 4000")["digest"], late["digest"])
        parts = self.done("runs", "diff", usual["run_id"], late["run_id"])
        self.assertIn("configuration", json.dumps(parts))
        for line in ("batch_size = 0", "interval_ms = -1", "interval_ms = 5000", "max_queue = 0", "batch = 1"):
            config.write_text(f"[executor]\n{line}\n")
            self.assertIn("executor." + line.split()[0], self.fails(2, "backtest", "--config", config)["message"])

    def test_the_mask_masks(self):
        """The C library's exp gives other bits without FMA: so the test above runs on another code path. Not so on a processor without FMA."""
        with open("/proc/cpuinfo", encoding="ascii") as cpu:
            if " fma " not in cpu.read():
                self.skipTest("this processor has no FMA to mask")
        probe = lambda env: subprocess.run([sys.executable, "-c", EXP_PROBE], env=env, capture_output=True, text=True, check=True).stdout
        self.assertNotEqual(probe({}), probe(MASKED))

    def test_exports_recompute(self):
        for words in ((), ("--strategy", "trend_following", "--set", "timeframe=15m"), ("--strategy", "mean_reversion", "--set", "timeframe=5m")):
            with self.subTest(words):
                out = self.folder / ("out" + "".join(words[1:2]))
                document = self.backtest("--export", out, *words)
                self.assertGreater(document["fills"], 5)
                self.check_export(document, out)

    def check_export(self, document, out):
        fills, postings, equity = rows(out / "fills.csv"), rows(out / "postings.csv"), rows(out / "equity.csv")
        self.assertEqual(list(fills[0])[:11], "time_ns,venue,instrument,side,price,quantity,fee_asset,fee,liquidity,order_id,reason".split(","))
        self.assertEqual(list(postings[0]), ["time_ns", "account", "asset", "kind", "amount", "ref"])
        self.assertEqual(list(equity[0]), ["time_ns", "equity"])
        self.assertEqual(digest_of(fills), document["digest"])
        self.assertEqual(len(fills), document["fills"])
        self.check_fills(fills)
        self.check_money(document, fills, postings, equity)
        trades = rows(out / "trades.csv")
        self.assertEqual(len(trades), document["trades"])
        for trade in trades:
            money = {name: Decimal(trade[name]) for name in ("gross", "fees", "slippage", "funding", "net")}
            self.assertEqual(money["net"], money["gross"] - money["fees"] - money["slippage"] + money["funding"], trade)
        for line in (out / "decisions.jsonl").read_text().splitlines():
            json.loads(line)

    def check_fills(self, fills):
        """P11, and every fill inside its bar."""
        rules = instruments()
        for code in {fill["instrument"] for fill in fills}:
            times, bars = bundled_bars(code)
            rule = rules[code]
            for fill in fills:
                if fill["instrument"] != code:
                    continue
                price, quantity, time = Decimal(fill["price"]), Decimal(fill["quantity"]), int(fill["time_ns"])
                at = bisect_right(times, time) - 1
                self.assertLess(time, times[at] + MINUTE)
                _, high, low, _ = bars[at]
                self.assertTrue(low <= price <= high, (fill, bars[at]))
                self.assertEqual(price % Decimal(rule["tick"]), 0, fill)
                self.assertEqual(quantity % Decimal(rule["step"]), 0, fill)
                self.assertGreaterEqual(quantity, Decimal(rule["min_quantity"]))
                self.assertIn(fill["side"], ("buy", "sell"))
                rate = Decimal(rule["fee_maker" if fill["liquidity"] == "maker" else "fee_taker"])
                self.assertEqual(Decimal(fill["fee"]), grid(grid(price * quantity) * rate), fill)

    def check_money(self, document, fills, postings, equity):
        self.assertEqual({posting["asset"] for posting in postings}, {"USDT"})
        total = {}
        for posting in postings:
            total[posting["kind"]] = total.get(posting["kind"], Decimal(0)) + Decimal(posting["amount"])
        held, realised = position_after(fills)
        last = {code: bundled_bars(code) for code in held}
        end = int(equity[-1]["time_ns"])
        unrealised = Decimal(0)
        for code, (quantity, cost) in held.items():
            times, bars = last[code]
            unrealised += grid(bars[bisect_right(times, end - MINUTE) - 1][3] * quantity) - cost
        closing = Decimal(equity[-1]["equity"])
        self.assertEqual(total["transfer"], Decimal("10000"))
        self.assertEqual(-total["fee"], sum(Decimal(fill["fee"]) for fill in fills))
        self.assertEqual(total["realised_pnl"] + total.get("liquidation", Decimal(0)), realised)
        self.assertEqual(sum(total.values()) + unrealised, closing, "balance and open positions at the last close are the closing equity")
        self.assertEqual(closing, Decimal(document["closing_equity"]))
        self.assertEqual(closing - total["transfer"], Decimal(document["net"]))
        self.assertEqual(Decimal(document["open_unrealised"]), unrealised)
        self.assertEqual(Decimal(document["fees"]), -total["fee"])
        self.assertEqual(Decimal(document["funding"]), total.get("funding", Decimal(0)))
        self.assertEqual(Decimal(document["gross"]) - Decimal(document["fees"]) - Decimal(document["slippage"]) + Decimal(document["funding"]), Decimal(document["net"]))


class OwnFile(Product):
    """A file of made-up bars whose right answer a few lines of Python know."""

    RATE = Decimal("0.001")

    def bars(self, count=1200):
        chance, price, table = random.Random(7), 20_000.0, []
        for i in range(count):
            close = 20_000 + 1_500 * math.sin(i / 40) + chance.uniform(-12, 12)
            high, low = max(price, close) + chance.uniform(0, 6), min(price, close) - chance.uniform(0, 6)
            table.append([1_700_000_040 + 60 * i] + [f"{value:.2f}" for value in (price, high, low, close)] + ["12.5"])
            price = float(f"{close:.2f}")
        path = self.work / "bars.csv"
        path.write_text("time,open,high,low,close,volume\n" + "".join(",".join(map(str, row)) + "\n" for row in table))
        return path, [(row[0] * 1_000_000_000, *map(Decimal, row[1:5])) for row in table]

    @staticmethod
    def crosses(bars, fast=5, slow=20):
        """{index of the bar at whose close the averages crossed: 1 up, -1 down}; averages seeded with the mean of their first closes."""
        closes = [float(bar[4]) for bar in bars]

        def ema(period):
            values = [None] * (period - 1) + [sum(closes[:period]) / period]
            for close in closes[period:]:
                values.append(values[-1] + (close - values[-1]) * 2 / (period + 1))
            return values

        side, found = 0, {}
        for i, (a, b) in enumerate(zip(ema(fast), ema(slow))):
            if b is None:
                continue
            now = 1 if a > b else -1 if a < b else side
            if side != 0 and now != side:
                found[i] = now
            side = now
        return found

    def test_an_average_cross_trades_where_arithmetic_says(self):
        path, bars = self.bars()
        out = self.folder / "out"
        document = self.done("backtest", "--csv", path, "--strategy", "trend_following", "--set", "fast=5", "--set", "slow=20", "--set", "timeframe=1m", "--fee-maker", self.RATE,
                             "--fee-taker", self.RATE, "--slippage-bps", "0", "--cash", "50000", "--export", out)
        self.assertEqual(document["data"]["bars"], len(bars))
        fills, denials = rows(out / "fills.csv"), rows(out / "denials.csv")
        crosses = self.crosses(bars)
        index = {bar[0]: i for i, bar in enumerate(bars)}
        bought = sold = Decimal(0)
        entries = set()
        for fill in fills:
            i = index[int(fill["time_ns"]) // MINUTE * MINUTE]
            price, quantity = Decimal(fill["price"]), Decimal(fill["quantity"])
            self.assertEqual(Decimal(fill["fee"]), grid(grid(price * quantity) * self.RATE))
            self.assertEqual(fill["fee_asset"], "USDT")
            if fill["reason"] == "entry":
                self.assertEqual((fill["side"], crosses.get(i - 1), price), ("buy", 1, bars[i][1]), "an entry fills at the open after the cross")
                entries.add(i - 1)
            elif fill["reason"] == "close":
                self.assertEqual((fill["side"], crosses.get(i - 1), price), ("sell", -1, bars[i][1]))
            else:
                self.assertEqual((fill["side"], fill["reason"]), ("sell", "stop_loss"))
                self.assertTrue(bars[i][3] <= price <= bars[i][2])
            bought += price * quantity if fill["side"] == "buy" else 0
            sold += price * quantity if fill["side"] == "sell" else 0
        wanted = {i for i, side in crosses.items() if side > 0 and i + 1 < len(bars)}
        self.assertGreater(len(wanted), 3)
        self.assertLessEqual(entries, wanted)
        self.assertLessEqual(len(wanted - entries), len(denials), "a cross without an entry was denied, and the denial says why")
        fees = sum(Decimal(fill["fee"]) for fill in fills)
        coins = sum(Decimal(fill["quantity"]) * (1 if fill["side"] == "buy" else -1) for fill in fills)
        self.assertEqual(Decimal(document["net"]), sold - bought - fees + coins * bars[-1][4])
        self.assertEqual(Decimal(document["fees"]), fees)
        self.assertEqual(Decimal(document["slippage"]), 0)
        self.check_round_trips(fills, rows(out / "trades.csv"))
        totals = {}
        for posting in rows(out / "postings.csv"):
            totals[posting["asset"]] = totals.get(posting["asset"], Decimal(0)) + Decimal(posting["amount"])
        self.assertEqual(totals.get("BTC", Decimal(0)), coins)
        self.assertEqual(totals["USDT"], Decimal(50_000) + sold - bought - fees)

    def check_round_trips(self, fills, trades):
        self.assertGreater(len(trades), 2)
        at = 0
        for trade in trades:
            part, quantity = [], Decimal(0)
            while at < len(fills):
                fill = fills[at]
                at += 1
                part.append(fill)
                quantity += Decimal(fill["quantity"]) * (1 if fill["side"] == "buy" else -1)
                if quantity == 0:
                    break
            self.assertEqual(quantity, 0)
            gross = sum(Decimal(f["price"]) * Decimal(f["quantity"]) * (1 if f["side"] == "sell" else -1) for f in part)
            fees = sum(Decimal(f["fee"]) for f in part)
            self.assertEqual((Decimal(trade["gross"]), Decimal(trade["fees"]), Decimal(trade["net"])), (gross, fees, gross - fees))


if __name__ == "__main__":
    unittest.main()
