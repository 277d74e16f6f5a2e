#!/usr/bin/env python3
"""Compares our ledger with the simulated venue's own file: positions, cash, fills and working orders, exactly.

An independent witness: it reads the venue's text file (format in src/sim/README.md) and the ledger's rows, recomputes the venue's books with Python's decimal
arithmetic, checks the checksum of every line, and shares no code with the product. Nothing is written; the ledger is read from a copy, so that a write-ahead
log left by a killed process is applied to the copy only.

    dev/compare_books.py STATE [--json]

Exit codes: 0 equal; 1 different (each difference is one line); 2 command line; 3 a file is missing or damaged.
"""
import argparse
import json
import shutil
import sqlite3
import struct
import sys
import tempfile
from array import array
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path

EXACT = Context(prec=80)
GRID = Decimal("1E-12")
ZERO = Decimal(0)


class Damaged(Exception):
    """A file that cannot be what its writer left."""


def crc_table():
    """CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), two bytes a step."""
    one = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
        one.append(crc)
    two = array("L", [0]) * 65536
    for word in range(65536):
        crc = one[word & 255]
        two[word] = (crc >> 8) ^ one[(crc ^ (word >> 8)) & 255]
    return one, two


ONE, TWO = crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    pairs = len(data) // 2
    two = TWO
    for word in struct.unpack_from(f"<{pairs}H", data):
        crc = (crc >> 16) ^ two[(crc ^ word) & 0xFFFF]
    if len(data) & 1:
        crc = (crc >> 8) ^ ONE[(crc ^ data[-1]) & 255]
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283, "the check value of RFC 3720"


def grid(value):
    """To 1e-12, half even: the precision in which both sides keep money."""
    return value.quantize(GRID, rounding=ROUND_HALF_EVEN, context=EXACT)


def optional(text):
    return None if text == "-" else int(text)


class Market:
    """One instrument as the venue's file states it."""

    def __init__(self, fields, assets):
        code = fields[1]
        _, self.payoff, symbol = code.split(":")
        self.code = code
        self.price_scale = Decimal(10) ** -int(fields[2])
        self.quantity_scale = Decimal(10) ** -int(fields[3])
        self.contract_value = Decimal(fields[4])
        names = {name: index for index, name in assets.items()}
        parts = symbol.split("-")
        if len(parts) > 1 and parts[0] in names and parts[1] in names:
            base, quote = parts[0], parts[1]
        else:
            found = [(a, b) for a in names for b in names if a + b == symbol]
            if len(found) != 1:
                raise Damaged(f"the assets of {code} cannot be told from its symbol")
            base, quote = found[0]
        self.base, self.quote = names[base], names[quote]
        self.settle = self.base if self.payoff == "inverse" else self.quote

    def value(self, price, quantity):
        amount = EXACT.multiply(Decimal(quantity) * self.quantity_scale, self.contract_value)
        if self.payoff == "inverse":
            return grid(EXACT.divide(amount, Decimal(price) * self.price_scale))
        return grid(EXACT.multiply(amount, Decimal(price) * self.price_scale))


class VenueBooks:
    """The venue's books, recomputed from its file."""

    def __init__(self, path):
        self.assets, self.markets, self.balances, self.positions = {}, {}, {}, {}
        self.orders, self.fills, self.lines, self.torn_bytes = {}, [], 0, 0
        self.kinds = {}
        group = []
        data = path.read_bytes()
        begin = 0
        while begin < len(data):
            end = data.find(b"\n", begin)
            if end < 0:
                break
            text = self.checked(data[begin:end], self.lines + len(group) + 1, path)
            begin = end + 1
            group.append(text)
            if text.split("\t", 2)[1] == ".":
                for line in group:
                    self.lines += 1
                    fields = line.split("\t")
                    self.kinds[fields[2]] = self.kinds.get(fields[2], 0) + 1
                    try:
                        self.take(fields[2], fields[3:])
                    except (KeyError, IndexError, ValueError, ArithmeticError) as error:
                        raise Damaged(f"{path}, line {self.lines}: {fields[2]} cannot be understood ({error!r})") from error
                group = []
                complete = begin
        self.torn_bytes = len(data) - (complete if self.lines else 0)

    @staticmethod
    def checked(line, number, path):
        text, _, crc = line.rpartition(b"\t")
        if crc != b"%08x" % crc32c(text):
            raise Damaged(f"{path}, line {number}: the checksum does not fit")
        text = text.decode("ascii")
        if text.split("\t", 1)[0] != str(number):
            raise Damaged(f"{path}, line {number}: the line number is not {number}")
        return text

    def take(self, kind, f):
        if kind == "cursor" or kind == "funded" or kind == "leverage" or kind == "reject":
            return
        if kind == "venue":
            if f != ["promsim", "1"]:
                raise Damaged(f"unknown format {f}")
        elif kind == "asset":
            self.assets[int(f[0])] = f[1]
        elif kind == "instrument":
            self.markets[int(f[0])] = Market(f, self.assets)
        elif kind == "transfer":
            self.book(int(f[0]), int(f[1]), Decimal(f[2]))
        elif kind == "funding":
            self.book(int(f[0]), int(f[5]), Decimal(f[6]))
        elif kind == "order":
            names = ("order", "account", "pair", "instrument")
            order = {name: int(value) for name, value in zip(names, f[1:5])}
            order |= dict(zip(("leg", "side", "type", "time_in_force", "effect", "purpose"), f[5:11]))
            order |= {"quantity": int(f[11]), "limit": optional(f[12]), "trigger": optional(f[13]), "trailing_distance": optional(f[14]), "oco_group": optional(f[15]), "filled": 0}
            if f[0] in self.orders:
                raise Damaged(f"client id {f[0]} was used twice")
            self.orders[f[0]] = order
        elif kind == "amend":
            self.orders[f[0]] |= {"quantity": int(f[1]), "limit": optional(f[2]), "trigger": optional(f[3])}
        elif kind in ("trail", "trigger"):
            self.orders[f[0]]["touched"] = True
        elif kind in ("cancel", "expire", "refuse"):
            del self.orders[f[0]]
        elif kind == "fill":
            self.fill(f)
        else:
            raise Damaged(f"the kind of line {kind} is not known")

    def book(self, account, asset, amount):
        self.balances[account, asset] = self.balances.get((account, asset), ZERO) + amount

    def fill(self, f):
        account, instrument, leg, side = int(f[3]), int(f[4]), f[5], f[6]
        price, quantity = int(f[7]), int(f[8])
        market = self.markets[instrument]
        fill = {"trade": int(f[0]), "order": int(f[2]), "account": account, "instrument": instrument, "leg": leg, "side": side, "price": price, "quantity": quantity}
        fill |= {"fee_asset": int(f[9]), "fee_amount": Decimal(f[10]), "slippage": Decimal(f[11]), "liquidity": f[12], "source": f[13], "time_ns": int(f[14])}
        self.fills.append(fill)
        sign = 1 if side == "buy" else -1
        held, cost = self.positions.get((account, instrument, leg), (0, ZERO))
        realised = ZERO
        if held * sign >= 0:
            cost += market.value(price, sign * quantity)
        else:
            closed = min(abs(held), quantity)
            part = cost if closed == abs(held) else grid(EXACT.divide(EXACT.multiply(cost, Decimal(closed)), Decimal(abs(held))))
            value = market.value(price, closed if held > 0 else -closed)
            realised = part - value if market.payoff == "inverse" else value - part
            cost -= part
            if quantity > closed:  # it turned: the rest of the fill's value is the new position's cost
                cost = market.value(price, sign * quantity) + value
        self.positions[account, instrument, leg] = (held + sign * quantity, cost)
        if market.payoff == "spot":
            self.book(account, market.quote, -market.value(price, sign * quantity))
            self.book(account, market.base, Decimal(sign * quantity) * market.quantity_scale)
        else:
            self.book(account, market.settle, realised)
        self.book(account, fill["fee_asset"], -fill["fee_amount"])
        if f[1] != "-":
            order = self.orders[f[1]]
            order["filled"] += quantity
            if order["filled"] > order["quantity"]:
                raise Damaged(f"order {f[1]} was filled beyond its quantity")
            if order["filled"] == order["quantity"]:
                del self.orders[f[1]]


def base36(number):
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
        if number == 0:
            return digits


ORDER_FIELDS = ("account", "pair", "instrument", "leg", "side", "type", "time_in_force", "effect", "purpose", "quantity", "limit", "trigger", "trailing_distance", "oco_group")
FILL_FIELDS = ("trade", "order", "account", "instrument", "leg", "side", "price", "quantity", "fee_asset", "fee_amount", "slippage", "liquidity", "source", "time_ns")


class LedgerBooks:
    """Our ledger's rows."""

    def __init__(self, path):
        with tempfile.TemporaryDirectory() as folder:
            for suffix in ("", "-wal"):  # the shared-memory index is rebuilt
                if Path(str(path) + suffix).exists():
                    shutil.copyfile(str(path) + suffix, f"{folder}/ledger.sqlite{suffix}")
            connection = sqlite3.connect(f"{folder}/ledger.sqlite")
            connection.row_factory = sqlite3.Row
            try:
                self.read(connection)
            except sqlite3.Error as error:
                raise Damaged(f"{path}: {error}") from error
            finally:
                connection.close()

    def read(self, connection):
        rows = lambda sql: [dict(row) for row in connection.execute(sql)]
        problems = [row["integrity_check"] for row in rows("PRAGMA integrity_check") if row["integrity_check"] != "ok"]
        if problems:
            raise Damaged(f"the ledger fails its integrity check: {problems[0]}")
        self.assets = {row["ix"]: row["name"] for row in rows("SELECT ix, name FROM assets")}
        self.codes = {row["ix"]: row["code"] for row in rows("SELECT ix, code FROM instruments")}
        self.balances = {(row["account"], row["asset"]): Decimal(row["amount"]) for row in rows("SELECT * FROM balances")}
        self.postings = {}
        for row in rows("SELECT account, asset, amount FROM postings"):
            key = row["account"], row["asset"]
            self.postings[key] = self.postings.get(key, ZERO) + Decimal(row["amount"])
        self.positions = {(row["account"], row["instrument"], row["leg"]): (row["quantity"], Decimal(row["cost"])) for row in rows("SELECT * FROM positions")}
        self.fills = rows("SELECT * FROM fills ORDER BY n")
        for fill in self.fills:
            fill["fee_amount"], fill["slippage"] = Decimal(fill["fee_amount"]), Decimal(fill["slippage"])
        self.orders = {}
        for row in rows("SELECT * FROM orders WHERE is_open = 1"):
            name = f"p{base36(row['client_id_account'])}e{base36(row['client_id_epoch'])}s{base36(row['client_id_sequence'])}"
            self.orders[name] = row


def compare_maps(what, ours, venues, describe, differences):
    for key in sorted(set(ours) | set(venues)):
        mine, theirs = ours.get(key), venues.get(key)
        if mine != theirs:
            differences.append(f"{what} {describe(key)}: ledger {mine}, venue {theirs}")


def compare_orders(ledger, venue, differences):
    for name in sorted(set(ledger.orders) | set(venue.orders)):
        mine, theirs = ledger.orders.get(name), venue.orders.get(name)
        if theirs is None:
            differences.append(f"order {name}: the ledger has it as {mine['state']}, it does not work at the venue")
            continue
        if mine is None:
            differences.append(f"order {name}: it works at the venue, the ledger does not have it open")
            continue
        # A trailing stop's level moves at the venue alone.
        skipped = {"trigger"} if mine["type"] == "trailing_stop" else set()
        for field in (*ORDER_FIELDS, "filled"):
            if field not in skipped and mine[field] != theirs[field]:
                differences.append(f"order {name}: {field} is {mine[field]} in the ledger, {theirs[field]} at the venue")
        if mine["id"] != theirs["order"]:
            differences.append(f"order {name}: id {mine['id']} in the ledger, {theirs['order']} at the venue")
        if mine["state"] not in ("accepted", "partially_filled", "triggered", "cancel_pending", "amend_pending"):
            differences.append(f"order {name}: works at the venue, the ledger still has it as {mine['state']}")


def compare_fills(ledger, venue, differences):
    fill_of = lambda fill: {field: fill[field] for field in FILL_FIELDS}
    ours, venues = {}, {fill["trade"]: fill_of(fill) for fill in venue.fills}
    for fill in ledger.fills:
        if fill["trade"] in ours:
            differences.append(f"fill {fill['trade']}: it is in the ledger twice")
        ours[fill["trade"]] = fill_of(fill)
    for trade in sorted(set(ours) | set(venues)):
        mine, theirs = ours.get(trade), venues.get(trade)
        if mine is None or theirs is None:
            differences.append(f"fill {trade}: only {'the venue' if mine is None else 'the ledger'} has it: {mine or theirs}")
        elif mine != theirs:
            differences.extend(f"fill {trade}: {k} is {mine[k]} in the ledger, {theirs[k]} at the venue" for k in FILL_FIELDS if mine[k] != theirs[k])


def compare(ledger, venue):
    differences = []
    asset = lambda key: f"of account {key[0]} in {venue.assets.get(key[1], key[1])}"
    position = lambda key: f"of account {key[0]} in {venue.markets[key[1]].code if key[1] in venue.markets else key[1]} ({key[2]})"
    compare_maps("asset", ledger.assets, venue.assets, str, differences)
    compare_maps("instrument", ledger.codes, {ix: market.code for ix, market in venue.markets.items()}, str, differences)
    used = lambda balances: {key: amount for key, amount in balances.items() if amount != 0}
    compare_maps("cash", used(ledger.balances), used(venue.balances), asset, differences)
    compare_maps("sum of postings", used(ledger.postings), used(venue.balances), asset, differences)
    held = lambda positions: {key: value for key, value in positions.items() if value[0] != 0}
    compare_maps("position", held(ledger.positions), held(venue.positions), position, differences)
    for key, (quantity, cost) in (*ledger.positions.items(), *venue.positions.items()):
        if quantity == 0 and cost != 0:
            differences.append(f"position {position(key)}: flat, yet its cost is {cost}")
    compare_orders(ledger, venue, differences)
    compare_fills(ledger, venue, differences)
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("state", type=Path, help="the state directory of a stopped run")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    arguments = parser.parse_args()
    try:
        for name in ("venue.jsonl", "ledger.sqlite"):
            if not (arguments.state / name).is_file():
                raise Damaged(f"{arguments.state / name} is missing")
        venue = VenueBooks(arguments.state / "venue.jsonl")
        ledger = LedgerBooks(arguments.state / "ledger.sqlite")
    except Damaged as error:
        print(json.dumps({"equal": False, "damaged": str(error)}) if arguments.json else f"compare_books: {error}", file=sys.stdout if arguments.json else sys.stderr)
        return 3
    differences = compare(ledger, venue)
    figures = {"equal": not differences, "lines": venue.lines, "torn_bytes": venue.torn_bytes, "fills": len(venue.fills), "fundings": venue.kinds.get("funding", 0)}
    figures |= {"positions": sum(1 for quantity, _ in venue.positions.values() if quantity), "working_orders": len(venue.orders)}
    if arguments.json:
        print(json.dumps(figures | {"differences": differences}))
    else:
        for difference in differences:
            print(difference)
        print(", ".join(f"{key} {value}" for key, value in figures.items()))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
