#!/usr/bin/env python3
"""kill -9 of `promtrade run --replay` at random, seeded moments; after each restart the ledger must equal the simulated venue's own file.

    kill_loop.py [--binary PATH] [--preload PATH] [--kills 50] [--early 0] [--amends 0] [--seed 1] [--strategy NAME [--set NAME=VALUE ...]] [--quick] [--keep]

Three kinds of kills: by the clock while the run starts or recovers, by the clock while it trades, and at the n-th call that writes a file (half of them in the
middle of the write) through the preloaded kill_at_write library. `--amends N` adds kills right after the venue has written an amended order, whose answer then never
comes. `--early N` adds kills around each of the first N writes of a run that has just begun,
where an earlier one is set aside and the account is paid in. After every kill the run is continued, stopped with SIGTERM once it is up, and dev/compare_books.py, which shares nothing with the product, compares the books. At the end
the run is played out, and its digest must be that of a run that nobody interrupted. One exception: an entry that was on record but had not left when the process died is
not sent later (nobody knows what the market has done since), so what follows differs; these are counted.

The last line on stdout is one JSON document. Exit code 0 only when every comparison was equal and every digest the same. Environment: PROMTRADE,
KILL_PRELOAD and PROM_SOURCE_DIR replace the options' defaults.
"""
import argparse
import contextlib
import ctypes
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(os.environ.get("PROM_SOURCE_DIR", Path(__file__).resolve().parents[2]))
CLEAN = {k: v for k, v in os.environ.items() if not re.match(r"(APP_ENV|LOG_LEVEL|NO_COLOR|XDG_|PROM|POSTGRES|CLICKHOUSE|REDIS|KAFKA|TELEGRAM|SENTRY|ERROR_|KILL_|LD_)", k)}
UP = b"promtrade: continuing the unfinished run"
AMEND = "\tamend\t"  # in a line of the venue's file
BEGUN = b"promtrade: PAPER: health and metrics at"
LIBC = ctypes.CDLL(None)


class Failure(Exception):
    """The product did something that it must not."""


def die_with_parent():
    LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Run:
    """One start of the product."""

    count = 0

    def __init__(self, loop, state, *words, env=None, base=None):
        Run.count += 1
        self.out_path, self.err_path = loop.folder / f"{Run.count}.out", loop.folder / f"{Run.count}.err"
        self.err = self.err_path.open("wb")
        self.out = self.out_path.open("wb")
        command = [loop.binary, "run", "--replay", "--json", "--http-port", "0", "--no-benchmarks", "--speed", "max", "--state", str(state), *words]
        environment = CLEAN | {"HOME": str(loop.folder)} | (env or {})
        self.process = subprocess.Popen(command, cwd=loop.work, env=environment, stdout=self.out, stderr=self.err, preexec_fn=die_with_parent)
        loop.running.append(self)
        self.loop = loop

    def stderr(self):
        return self.err_path.read_bytes()

    def wait(self, timeout):
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"it did not end within {timeout} s: {self.tail()}") from error
        self.close()
        return code

    def close(self):
        self.out.close()
        self.err.close()
        if self in self.loop.running:
            self.loop.running.remove(self)
        if self.process.returncode in (0, -signal.SIGKILL, 143):
            self.keep = self.out_path.read_text(), self.stderr()
            self.out_path.unlink()
            self.err_path.unlink()

    def tail(self):
        """The end of what it said; an error is the document on stdout (--json)."""
        said = self.out_path.read_text(errors="replace") if self.out_path.exists() else self.keep[0]
        text = self.stderr() if self.err_path.exists() else self.keep[1]
        return said[-600:] + text[-600:].decode(errors="replace")

    def wait_until(self, marks, timeout=120):
        """Until one of the marks is on stderr (True) or the process has ended (False)."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            text = self.stderr()
            if any(mark in text for mark in marks):
                return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.002)
        raise Failure(f"it was not up after {timeout} s: {self.tail()}")

    def sleep(self, seconds):
        """Sleeps, less if the process ends."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def document(self):
        return json.loads(self.keep[0])


def fills_of(state):
    """The fills in the ledger of a run, in their order, by column."""
    with contextlib.closing(sqlite3.connect(state / "ledger.sqlite")) as ledger:
        ledger.row_factory = sqlite3.Row
        return [dict(row) for row in ledger.execute("SELECT * FROM fills ORDER BY n")]


def first_difference(ours, theirs):
    """Where two lists of fills part, whatever their orders are called."""
    names = {"n", "order", "order_id", "trade"}
    for at, (mine, other) in enumerate(zip(ours, theirs)):
        if any(mine[k] != other[k] for k in mine if k not in names):
            return f"fill {at + 1}: {mine}, uninterrupted {other}"
    return f"{len(ours)} fills, uninterrupted {len(theirs)}; the next one: {[*ours[len(theirs):], *theirs[len(ours):]][:1]}"


class Loop:
    def __init__(self, arguments):
        self.arguments = arguments
        self.binary = str(Path(arguments.binary).resolve())
        self.random = random.Random(arguments.seed)
        self.folder = Path(tempfile.mkdtemp(prefix="kill_loop_"))
        self.work = self.folder / "work"
        self.work.mkdir()
        self.state = self.folder / "state"
        self.running = []
        self.range = ["--from", arguments.start, "--to", arguments.end] if arguments.start else []
        if arguments.strategy:
            self.range += ["--strategy", arguments.strategy, *(word for pair in arguments.set for word in ("--set", pair))]
        self.result = {"seed": arguments.seed, "kills": 0, "by_clock_starting": 0, "by_clock_trading": 0, "at_write": 0, "early": 0, "amends": 0, "compared": 0, "equal": 0, "completed": 0, "entries_not_sent": 0}
        self.differences, self.problems, self.most_fills = [], [], 0
        self.fresh = True  # whether the next start begins anew

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def begin_words(self):
        return ["--fresh", *self.range]

    def measure(self):
        """The uninterrupted run: its digest, how long it trades and how many writes it makes."""
        counted = self.folder / "writes"
        env = {"LD_PRELOAD": self.arguments.preload, "KILL_COUNT_FILE": str(counted)} if self.arguments.preload else {}
        began = time.monotonic()
        run = Run(self, self.folder / "uninterrupted", *self.begin_words(), env=env)
        run.wait_until([BEGUN])
        self.starting = time.monotonic() - began
        code = run.wait(600)
        if code != 0:
            raise Failure(f"the uninterrupted run ended with {code}: {run.tail()}")
        self.trading = time.monotonic() - began - self.starting
        document = run.document()
        self.digest = document["digest"]
        self.writes = int(counted.read_text()) if counted.exists() else 0
        self.result |= {"digest": self.digest, "fills": document["fills"], "seconds": round(self.trading, 1), "writes": self.writes}
        self.say(f"uninterrupted: digest {self.digest[:12]}, {document['fills']} fills, {self.trading:.1f} s, {self.writes} writes")
        self.compare(self.folder / "uninterrupted", "the uninterrupted run")
        self.amended = (self.folder / "uninterrupted" / "venue.jsonl").read_bytes().count(AMEND.encode())
        self.fills = fills_of(self.folder / "uninterrupted")
        shutil.rmtree(self.folder / "uninterrupted")

    def compare(self, state, after):
        done = subprocess.run([sys.executable, str(ROOT / "dev/compare_books.py"), str(state), "--json"], capture_output=True, text=True, check=False, timeout=300)
        if done.returncode not in (0, 1, 3):
            raise Failure(f"compare_books: {done.stderr}")
        books = json.loads(done.stdout)
        self.result["compared"] += 1
        if books["equal"]:
            self.result["equal"] += 1
        else:
            found = books.get("differences") or [books.get("damaged")]
            self.differences.append({"after": after, "differences": found[:6], "count": len(found)})
            self.say(f"  DIFFERENT after {after}: {found[:3]}")
            self.set_apart(state, after)
        self.most_fills = max(self.most_fills, books.get("fills", 0))
        return books

    def set_apart(self, state, after):
        if self.arguments.keep:
            shutil.copytree(state, self.folder / ("different_" + re.sub(r"\W+", "_", after)), dirs_exist_ok=True)

    def finished(self, run):
        """Books the end of a run that was played out."""
        digest = run.document()["digest"]
        self.result["completed"] += 1
        with contextlib.closing(sqlite3.connect(self.state / "ledger.sqlite")) as ledger:
            unsent = dict(ledger.execute("SELECT purpose, count(*) FROM orders WHERE state = 'not_sent' GROUP BY purpose"))
        lost = unsent.get("entry", 0)
        self.result["entries_not_sent"] += lost
        if digest != self.digest and not lost:
            told = [line for line in (self.state / "promtrade.log").read_text().splitlines() if '"level":"info"' not in line or '"event":"run_started"' in line]
            what = [f"digest {digest}, uninterrupted {self.digest}; not sent: {unsent or 'none'}", first_difference(fills_of(self.state), self.fills), *told[-40:]]
            self.differences.append({"after": "a completed run", "differences": what, "count": len(what)})
            self.say(f"  DIGEST {digest} is not that of the uninterrupted run; not sent: {unsent or 'none'}")
            self.say("".join(f"    {line}\n" for line in what[1:]))
            self.set_apart(self.state, f"digest {self.result['completed']}")
        self.fresh = True

    def start(self, env=None):
        words = self.begin_words() if self.fresh else []
        return Run(self, self.state, *words, env=env)

    def settle(self, run, after):
        """What follows the death of a run: continued, stopped when it is up, compared."""
        if run.process.returncode == 0:
            self.finished(run)
            return
        if run.process.returncode != -signal.SIGKILL:
            raise Failure(f"{after}: it ended with {run.process.returncode} before it was killed: {run.tail()}")
        self.fresh = False
        again = Run(self, self.state, *self.range)
        if again.wait_until([UP, BEGUN]):
            again.sleep(self.random.uniform(0, 0.05))
            again.process.send_signal(signal.SIGTERM)
        code = again.wait(120)
        if code not in (0, 143):
            self.set_apart(self.state, after)
            raise Failure(f"{after}: the restart ended with {code}: {again.tail()}")
        books = self.compare(self.state, after)
        if code == 0:
            self.finished(again)
        self.say(f"  {after}: {books.get('fills')} fills, {books.get('positions')} positions, {books.get('working_orders')} working orders")

    def kill_by_clock(self, number):
        run = self.start()
        if self.random.random() < 0.25:
            self.result["by_clock_starting"] += 1
            run.sleep(self.random.uniform(0, self.starting))
            what = "starting"
        else:
            self.result["by_clock_trading"] += 1
            share = self.trading / max(self.arguments.kills, 1)
            if run.wait_until([UP, BEGUN]):
                run.sleep(self.random.uniform(0, 2 * share))
            what = "trading"
        run.process.kill()
        run.wait(30)
        self.settle(run, f"kill {number} ({what})")

    def kill_at_write(self, number, at, how, kind, text=None):
        self.result[kind] += 1
        run = self.start({"LD_PRELOAD": self.arguments.preload, "KILL_AT_WRITE": str(at), "KILL_HOW": how} | ({"KILL_TEXT": text} if text else {}))
        run.wait(300)
        self.settle(run, f"kill {number} ({how} write {at})")

    def attempt(self, action, *words):
        try:
            action(*words)
        except Failure as failure:
            self.problems.append(str(failure))
            self.say(f"  FAILED: {failure}")
            self.stop_all()
            self.fresh = True

    def stop_all(self):
        for run in list(self.running):
            run.process.kill()
            run.process.wait()
            run.close()

    def loop(self):
        self.measure()
        hows = ("before", "half", "after")
        for number in range(1, self.arguments.kills + 1):
            self.result["kills"] += 1
            if self.writes and self.random.random() < 0.5:
                share = max(2 * self.writes // self.arguments.kills, 2)
                self.attempt(self.kill_at_write, number, self.random.randint(1, share), self.random.choice(hows), "at_write")
            else:
                self.attempt(self.kill_by_clock, number)
        if not self.fresh:
            self.attempt(self.play_out)
        if self.writes:
            whole = [(at, how) for at in range(1, self.arguments.early + 1) for how in hows]
            for at, how in self.random.sample(whole, 3) if self.arguments.quick else whole:
                self.fresh = True
                self.result["kills"] += 1
                self.attempt(self.kill_at_write, f"early {at}", at, how, "early")
                if not self.arguments.quick and self.random.random() < 0.2:
                    self.attempt(self.play_out)
            for _ in range(self.arguments.amends if self.amended else 0):
                self.fresh = True
                self.result["kills"] += 1
                at = self.random.randint(1, self.amended)
                self.attempt(self.kill_at_write, f"amend {at}", at, "after", "amends", AMEND)
        self.result |= {"most_fills": self.most_fills, "differences": self.differences, "problems": self.problems, "ok": not self.differences and not self.problems}

    def play_out(self):
        if self.fresh:
            return
        run = Run(self, self.state, *self.range)
        code = run.wait(600)
        if code != 0:
            raise Failure(f"the run could not be played out, it ended with {code}: {run.tail()}")
        self.compare(self.state, "the end")
        self.finished(run)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--binary", default=os.environ.get("PROMTRADE", str(ROOT / "build/release/promtrade")))
    parser.add_argument("--preload", default=os.environ.get("KILL_PRELOAD"), help="the kill_at_write library; without it only the clock kills")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--strategy", help="trade by this strategy instead of the desk")
    parser.add_argument("--set", action="append", default=[], help="a parameter of the strategy, NAME=VALUE")
    parser.add_argument("--early", type=int, default=0, help="kills before, half way through and after each of that many first writes of a new run")
    parser.add_argument("--amends", type=int, default=0, help="kills right after the venue has written an amended order")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="start", default="", help="first bar; empty: the whole bundled month")
    parser.add_argument("--to", dest="end", default="2025-06-03")
    parser.add_argument("--quick", action="store_true", help="6 kills over eight days, 3 early ones, 3 at amendments")
    parser.add_argument("--keep", action="store_true", help="keep the folders of what differs")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.kills, arguments.early, arguments.amends, arguments.start, arguments.end = 6, 130, 3, "2025-05-04", "2025-05-12"
    loop = Loop(arguments)
    try:
        loop.loop()
    except Failure as failure:
        loop.result |= {"ok": False, "problems": [*loop.problems, str(failure)]}
    finally:
        loop.stop_all()
        if arguments.keep:
            print(f"kept: {loop.folder}", file=sys.stderr)
        else:
            shutil.rmtree(loop.folder, ignore_errors=True)
    print(json.dumps(loop.result))
    return 0 if loop.result.get("ok") else 1


if __name__ == "__main__":
    sys.exit(main())
