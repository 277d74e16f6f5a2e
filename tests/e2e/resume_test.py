"""What a start makes of the state directory that it finds: continued as it was begun, left alone, or refused where a part of it is gone."""
import contextlib
import json
import re
import shutil
import signal
import socket
import sqlite3
import time
import unittest

from harness import Product

RUN = ("run", "--replay", "--http-port", "0")
DAYS = ("--from", "2025-05-04", "--to", "2025-05-06")
TREND = ("--strategy", "trend_following", "--set", "timeframe=15m", "--set", "fast=5", "--set", "slow=13")


class Resuming(Product):
    def stopped(self, *words, until=0.7):
        running = self.start(*RUN, "--speed", "36000", *words)
        running.wait_for("health and metrics at")
        time.sleep(until)
        running.signal(signal.SIGINT)
        ran = running.wait()
        self.assertEqual(ran.code, 130, ran.err)
        return ran

    def holding(self):
        """Stopped once a position is open."""
        running = self.start(*RUN, "--no-benchmarks", "--speed", "36000", *TREND, *DAYS)
        running.wait_for("open 1")
        running.signal(signal.SIGINT)
        self.assertEqual(running.wait().code, 130)

    def record(self):
        return json.loads((self.state / "run.json").read_text())

    def test_leverage_is_the_one_that_it_was_begun_with(self):
        words = ("--no-benchmarks", "--leverage", "3", *TREND, *DAYS)
        whole = self.done("backtest", *words)
        self.stopped(*words)
        error = self.fails(2, *RUN, "--leverage", "2", *TREND, *DAYS)
        self.assertIn("--leverage 3", error["message"])
        self.assertNotIn("--fresh", error["message"], "copied, it would set the run aside")
        self.stopped(*words, until=0.2)
        again = self.done(*RUN, "--speed", "max")
        self.assertEqual(again["digest"], whole["digest"])

    def test_report_and_benchmarks_are_kept(self):
        self.stopped("--no-benchmarks", "--report", "mine.html", *DAYS)
        document = self.done(*RUN, "--speed", "max")
        self.assertEqual(document["report"], str(self.work / "mine.html"))
        self.assertTrue((self.work / "mine.html").exists())
        self.assertEqual(document["benchmarks"], {})
        self.stopped(*DAYS)
        self.stopped("--report", "later.html", "--no-benchmarks", until=0.2)
        self.assertEqual((self.record()["report"], self.record()["benchmarks"]), (str(self.work / "later.html"), False))

    def test_an_unset_variable_is_no_choice_of_data(self):
        for words in (("--replay", ""), ("--replay", "", "--speed", "max"), ("--replay=",)):
            self.assertEqual(self.fails(2, "run", *words)["code"], "empty_value")

    def test_a_busy_port_leaves_what_is_there(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            for host in (("host", "--users", "5"), ("run", "--replay", *DAYS)):
                self.fails(4, *host, "--http-port", port)
                self.assertFalse((self.state / "run.json").exists(), host)
            self.stopped("--no-benchmarks", *DAYS)
            self.assertEqual(self.fails(4, "run", "--replay", "--fresh", "--http-port", port)["code"], "port_in_use")
        self.assertEqual(list(self.state.glob("previous-*")), [])
        self.assertIn("continuing the unfinished run", self.run_product(*RUN, "--speed", "max").err)

    def test_a_start_that_failed_before_its_beginning_binds_nobody(self):
        self.stopped("--no-benchmarks", *DAYS)
        for left in ("venue.jsonl", "ledger.sqlite"):
            (self.state / left).unlink()
        shutil.rmtree(self.state / "journal")
        ran = self.run_product(*RUN, "--no-benchmarks", "--speed", "max", "--json", "--to", "2025-05-05")
        self.assertEqual(ran.code, 0, ran.err)

    def test_a_signal_after_the_last_bar_finishes_what_is_finished(self):
        """143 would say that there is something to continue: the next bare start would begin another run."""
        running = self.start(*RUN, "--json", "--speed", "max", *DAYS)
        running.wait_for("health and metrics at")
        end = time.monotonic() + 30
        while not list(self.state.glob("runs/*")) and time.monotonic() < end and running.process.poll() is None:
            time.sleep(0.001)
        running.signal()
        ran = running.wait()
        self.assertEqual(ran.code, 0, ran.err)
        self.assertRegex(json.loads(ran.out)["digest"], "^[0-9a-f]{64}$")
        self.assertEqual(self.record()["status"], "finished")

    def test_a_run_whose_ledger_cannot_be_written_is_not_finished(self):
        (self.work / "promtrade.toml").write_text('[run]\nledger_patience = "1s"\n')
        running = self.start(*RUN, "--json", "--no-benchmarks", "--speed", "36000", *TREND, *DAYS)
        running.wait_for("health and metrics at")
        with contextlib.closing(sqlite3.connect(self.state / "ledger.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            ran = running.wait()
            self.assertEqual(ran.code, 4, ran.err)
            error = json.loads(ran.out)["error"]
            self.assertEqual(error["code"], "not_finished")
            self.assertIn("ledger projection", error["message"])
            self.assertEqual(self.record()["status"], "unfinished")
        document = self.done(*RUN, "--speed", "max")
        self.assertEqual(self.record()["status"], "finished")
        with contextlib.closing(sqlite3.connect(self.state / "ledger.sqlite")) as ledger:
            self.assertEqual(ledger.execute("SELECT count(*) FROM fills").fetchone()[0], document["fills"])

    def test_a_ledger_that_will_never_be_writable_is_not_waited_for(self):
        running = self.start(*RUN, "--json", "--no-benchmarks", "--speed", "36000", *TREND, *DAYS)
        running.wait_for("health and metrics at")
        with contextlib.closing(sqlite3.connect(self.state / "ledger.sqlite")) as other, other:
            other.execute("CREATE TRIGGER refuse BEFORE INSERT ON fills BEGIN SELECT RAISE(ABORT, 'never'); END")
        ran = running.wait(50)
        self.assertEqual(ran.code, 4, ran.err)
        self.assertEqual(json.loads(ran.out)["error"]["code"], "not_finished")
        self.assertNotIn("waiting for the ledger", ran.err)

    def test_a_journal_that_is_gone_is_no_new_run(self):
        self.holding()
        segment = next((self.state / "journal").glob("*.seg*"), None) or next(p for p in (self.state / "journal").iterdir() if p.stat().st_size > 0 and "lock" not in p.name)
        kept, venue = segment.read_bytes(), (self.state / "venue.jsonl").read_bytes()
        segment.write_bytes(b"")
        for _ in range(2):
            error = self.fails(4, *RUN, "--speed", "max")
            self.assertEqual(error["code"], "state_incomplete")
            self.assertIn("the journal is gone, the venue file is not", error["message"])
            self.assertIn("--fresh", error["hint"])
        shutil.rmtree(self.state / "journal")
        self.assertEqual(self.fails(4, *RUN, "--speed", "max")["code"], "state_incomplete")
        self.assertEqual((self.state / "venue.jsonl").read_bytes(), venue, "nothing was traded on top of it")
        segment.write_bytes(kept)
        self.assertEqual(self.run_product(*RUN, "--speed", "max").code, 0, "with its journal restored it continues")

    def test_a_ledger_tells_of_a_journal_that_is_gone(self):
        self.holding()
        shutil.rmtree(self.state / "journal")
        (self.state / "venue.jsonl").unlink()
        self.assertIn("the journal is gone, the ledger is not", self.fails(4, *RUN, "--speed", "max")["message"])

    def test_a_venue_file_that_is_gone_is_missed(self):
        self.holding()
        path = self.state / "venue.jsonl"
        kept = path.read_bytes()
        for lose in (path.unlink, lambda: path.write_bytes(b"")):
            lose()
            error = self.fails(4, *RUN, "--speed", "max")
            self.assertEqual(error["code"], "state_incomplete")
            self.assertIn("the venue file is gone, the journal is not", error["message"])
        path.write_bytes(kept)
        self.assertEqual(self.run_product(*RUN, "--speed", "max").code, 0)

    def test_trades_are_round_trips_and_go_on_counting(self):
        trades = self.done("backtest", "--no-benchmarks", *TREND, *DAYS)["trades"]
        self.assertGreater(trades, 4)
        running = self.start(*RUN, "--no-benchmarks", "--speed", "18000", *TREND, *DAYS)
        end = time.monotonic() + 30
        while not re.search(r"trades [1-9]", running.out_path.read_text()) and time.monotonic() < end:
            time.sleep(0.01)
        running.signal(signal.SIGINT)
        self.assertEqual(running.wait().code, 130)
        again = self.run_product(*RUN, "--speed", "max")
        shown = [int(n) for n in re.findall(r"trades (\d+)  denied", again.out)]
        self.assertGreaterEqual(shown[0], 1, "those before the stop count")
        self.assertEqual(shown[-1], trades)
        self.assertNotIn("0 of 14 agents", again.out)


class Hosts(Product):
    def host(self, *words):
        running = self.start("host", "--http-port", "0", *words)
        running.wait_for("users in 12 shards")
        return running

    def end(self, running):
        running.signal()
        ran = running.wait()
        self.assertEqual(ran.code, 143, ran.err[-800:])
        return ran

    def test_health_finds_it(self):
        one = self.host("--users", "5", "--speed", "600")
        two = self.host()
        self.assertEqual(self.done("health")["status"], "healthy")
        self.end(two)
        end = time.monotonic() + 10
        while not (self.state / "http.port").exists() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(self.done("health")["status"], "healthy", "the one that is left says where it is")
        self.end(one)
        self.assertFalse((self.state / "http.port").exists(), "nothing of a stopped instance stays")

    def test_what_is_hosted_is_joined_with_its_leverage(self):
        self.end(self.host("--users", "5", "--speed", "600", "--leverage", "3"))
        self.end(self.host())

    def test_a_shard_without_its_journal_stays_closed(self):
        one = self.host("--users", "5", "--speed", "36000", *TREND)
        time.sleep(3)
        self.end(one)
        for shard in (self.state / "shards").iterdir():
            shutil.rmtree(shard / "journal")
        two = self.host()
        two.wait_for("the journal is gone, the venue file is not")
        self.end(two)


if __name__ == "__main__":
    unittest.main()
