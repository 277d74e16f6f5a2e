"""The main job with its ledger in PostgreSQL, on the server of dev/servers.py: the same run, the same rows; and a server that is killed in the middle delays nothing
and loses nothing. What cannot be asked without psql is skipped with the reason.
"""
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from harness import ROOT, Product  # noqa: E402

WINDOW = ("--from", "2025-05-06", "--to", "2025-05-08", "--no-benchmarks")
TRADED = ("--from", "2025-05-07", "--to", "2025-05-10", "--no-benchmarks")  # the desk trades in the middle of the second day
TABLES = ("orders", "fills", "postings", "balances", "positions", "proposals", "denials", "trades", "decisions", "verdicts", "memories", "risk_events",
          "tool_stats")


def server(command, name="postgres"):
    done = subprocess.run([sys.executable, ROOT / "dev/servers.py", command, name], capture_output=True, text=True, timeout=120, check=False)
    return done.stdout


class PostgresRun(Product):
    def setUp(self):
        super().setUp()
        lines = [line.removeprefix("export ").split("=", 1) for line in server("env").splitlines() if "POSTGRES_" in line]
        self.settings = {k: v.strip("'\"") for k, v in lines}
        if "POSTGRES_PORT" not in self.settings:
            self.skipTest("no PostgreSQL of dev/servers.py runs")
        found = sorted((ROOT / "build/servers/cache").rglob("bin/psql"))
        if not found:
            self.skipTest("psql is not among what dev/servers.py fetched")
        self.psql = found[0]

    def ask(self, sql):
        s = self.settings
        done = subprocess.run([self.psql, "-h", s["POSTGRES_HOST"], "-p", s["POSTGRES_PORT"], "-U", s["POSTGRES_USER"], "-d", s["POSTGRES_DB"], "-XAtc", sql],
                              env=os.environ | {"PGPASSWORD": s["POSTGRES_PASSWORD"]}, capture_output=True, text=True, timeout=30, check=True)
        return done.stdout.strip()

    def schema(self):
        return json.loads((self.state / "run.json").read_text())["ledger"]

    def counts(self, schema):
        return {table: int(self.ask(f'SELECT count(*) FROM "{schema}".{table}')) for table in TABLES}

    def test_the_same_run_leaves_the_same_rows_in_either_ledger(self):
        # Ten days: in two nothing is traded, so that nothing is learned and nothing can differ.
        words = ("run", "--replay", "--http-port", "0", "--speed", "max", "--from", "2025-05-06", "--to", "2025-05-16", "--no-benchmarks")
        on_server = self.done(*words, env=self.settings)
        schema = self.schema()
        on_server_rows = self.counts(schema)
        balances = self.ask(f'SELECT account, asset, amount FROM "{schema}".balances ORDER BY 1, 2')
        embedded = self.done(*words, "--fresh")
        self.assertEqual(on_server["digest"], embedded["digest"])
        self.assertNotEqual(on_server["digest"], hashlib.sha256(b"").hexdigest(), "nothing was traded: this shows nothing")
        with sqlite3.connect(self.state / "ledger.sqlite") as ledger:
            self.assertEqual(on_server_rows, {table: ledger.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES})
            self.assertEqual(balances.split("\n"), ["|".join(map(str, row)) for row in ledger.execute("SELECT account, asset, amount FROM balances ORDER BY 1, 2")])
        self.assertGreater(on_server_rows["decisions"], 100)
        counted = "day_ns, agent, tool, calls, cached, refused, bad_argument, unavailable, not_enough_data, failed"
        with sqlite3.connect(self.state / "ledger.sqlite") as ledger:
            self.assertEqual(self.ask(f'SELECT {counted} FROM "{schema}".tool_stats ORDER BY 1, 2, 3').split("\n"),
                             ["|".join(map(str, row)) for row in ledger.execute(f"SELECT {counted} FROM tool_stats ORDER BY 1, 2, 3")])
        kept = int(self.ask(f'SELECT count(*) FROM "{schema}".kept_memories'))
        self.assertGreater(kept, 3, "the desk learned from its trades")
        self.assertEqual(kept, on_server_rows["memories"], "every memory is its own row of the ledger")

    def every_row_is_there(self):
        """Every decision from the first to the last, every fill once, and some of both."""
        schema = self.schema()
        seqs = self.ask(f'SELECT count(*), count(DISTINCT id), max(id) FROM "{schema}".decisions').split("|")
        self.assertEqual(seqs[0], seqs[1])
        self.assertEqual(seqs[0], seqs[2], "every decision, from the first to the last")
        fills = self.ask(f'SELECT count(*), count(DISTINCT (instrument, trade)) FROM "{schema}".fills').split("|")
        self.assertEqual(fills[0], fills[1])
        self.assertGreater(int(fills[0]), 0, "nothing was traded: this shows nothing")

    def log_says(self, text, timeout=60):
        """Waits until the run's log has the text."""
        end = time.monotonic() + timeout
        log = self.state / "promtrade.log"
        while not log.exists() or text not in log.read_text():
            self.assertLess(time.monotonic(), end, f"{text} did not come")
            time.sleep(0.02)

    def kill_server(self):
        self.addCleanup(server, "up")  # whatever happens here, the tests after this one have a server
        self.assertIn("killed", server("kill"))

    def test_a_server_killed_in_mid_run_loses_and_doubles_nothing(self):
        running = self.start("run", "--replay", "--http-port", "0", "--speed", "20000", *TRADED, "--json", env=self.settings)
        self.log_says('"event":"order_filled"')
        self.kill_server()
        self.log_says('"event":"ledger","mode":"PAPER","reachable":"no"')
        self.assertIn("up", server("up"))
        self.log_says('"event":"ledger","mode":"PAPER","reachable":"yes"')
        ran = running.wait(timeout=120)
        self.assertEqual(ran.code, 0, ran.err[-600:])
        self.every_row_is_there()

    def test_a_run_whose_server_is_away_at_its_end_waits_for_it(self):
        running = self.start("run", "--replay", "--http-port", "0", "--speed", "15000", *TRADED, "--json", env=self.settings)
        self.log_says('"event":"order_filled"')
        self.kill_server()
        running.wait_for("played out; waiting for the ledger to take the rest")
        time.sleep(1)
        self.assertIsNone(running.process.poll(), "it waits")
        self.assertIn("up", server("up"))
        ran = running.wait(timeout=120)
        self.assertEqual(ran.code, 0, ran.err[-600:])
        self.every_row_is_there()

    def test_a_server_that_stays_away_ends_the_run_with_4_and_the_next_start_finishes_it(self):
        (self.work / "promtrade.toml").write_text('[run]\nledger_patience = "1s"\n')
        words = ("run", "--replay", "--http-port", "0", "--speed", "15000", "--json")
        running = self.start(*words, *TRADED, env=self.settings)
        self.log_says('"event":"order_filled"')
        self.kill_server()
        ran = running.wait(timeout=120)
        self.assertIn("up", server("up"))
        self.assertEqual((ran.code, ran.document()["error"]["code"]), (4, "not_finished"), ran.err[-600:])
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", env=self.settings)
        self.every_row_is_there()

    def test_an_embedded_ledger_is_carried_across_and_the_run_goes_on_there(self):
        words = ("run", "--replay", "--http-port", "0", "--speed", "12000", *WINDOW, "--json")
        first = self.start(*words)
        first.wait_for("agents have data")
        time.sleep(2)
        refused = self.fails(5, "migrate", "--from", "embedded", "--to", "servers", env=self.settings)
        self.assertEqual(refused["code"], "in_use")
        first.signal()
        first.wait()
        moved = self.done("migrate", "--from", "embedded", "--to", "servers", env=self.settings)["ledger"]
        rows = {one["name"]: one["rows"] for one in moved["lists"]}
        self.assertGreater(rows["decisions"], 10)
        self.assertEqual(rows["decisions"], int(self.ask(f'SELECT count(*) FROM "{self.schema()}".decisions')))
        here, there = self.done("tools", "stats", "--by-day"), self.done("tools", "stats", "--by-day", env=self.settings)
        self.assertGreater(here["total"]["calls"], 100)
        self.assertEqual(here | {"ledger": ""}, there | {"ledger": ""}, "times too: both are drawn from the same journal")
        self.assertEqual(rows["tool_stats"], len(here["tools"]))
        again = self.done("migrate", "--from", "embedded", "--to", "servers", env=self.settings)["ledger"]
        self.assertEqual(again, moved, "a second time nothing changes")
        ended = self.done("run", "--replay", "--http-port", "0", "--speed", "max", "--no-benchmarks", env=self.settings)
        whole = self.done("run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW, "--fresh")
        self.assertEqual(ended["digest"], whole["digest"])
        # What stands on the server and not here is a difference, and is said.
        error = self.fails(2, "migrate", "--from", "embedded", "--to", "servers")
        self.assertEqual(error["code"], "no_server")
        self.assertEqual(self.fails(2, "migrate", "--from", "servers", "--to", "embedded")["code"], "bad_move")

    def test_a_ledger_that_was_changed_on_the_server_is_found_out(self):
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW)
        self.done("migrate", "--from", "embedded", "--to", "servers", env=self.settings)
        self.ask(f'DELETE FROM "{self.schema()}".decisions WHERE id = (SELECT max(id) FROM "{self.schema()}".decisions)')
        error = self.fails(1, "migrate", "--from", "embedded", "--to", "servers", env=self.settings)
        self.assertIn("decisions", error["message"])

    def test_a_server_that_is_not_there_is_one_sentence_and_exit_code_4(self):
        error = self.fails(4, "run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW, env=self.settings | {"POSTGRES_PORT": "1"})
        self.assertIn("PostgreSQL", error["message"])
        error = self.fails(4, "run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW, env=self.settings | {"POSTGRES_PASSWORD": "wrong"})
        self.assertNotIn("wrong", error["message"])


class PostgresTlsRun(Product):
    """The same over TLS, on a server without pgvector: what a person reads for each thing that is wrong, always with exit code 4 and never with the password."""

    def setUp(self):
        super().setUp()
        found = dict(line.removeprefix("export ").split("=", 1) for line in server("env", "postgres15").splitlines() if line.startswith("export "))
        if "POSTGRES15_PORT" not in found:
            self.skipTest("no PostgreSQL 15 of dev/servers.py runs: dev/servers.py up postgres15")
        self.settings = {"POSTGRES_HOST": "localhost", "POSTGRES_PORT": found["POSTGRES15_PORT"], "POSTGRES_PASSWORD": found["POSTGRES15_PASSWORD"],
                         "POSTGRES_DB": "postgres", "POSTGRES_SSL_MODE": "verify-full", "POSTGRES_SSL_ROOT_CERT": found["POSTGRES15_CA"]}
        self.stranger = found["POSTGRES15_STRANGER"]

    def test_a_run_over_tls_without_pgvector_is_the_same_run_and_says_once_what_is_missing(self):
        words = ("run", "--replay", "--http-port", "0", "--speed", "max", "--from", "2025-05-06", "--to", "2025-05-14", "--no-benchmarks", "--json")
        ran = self.run_product(*words, env=self.settings)
        self.assertEqual(ran.code, 0, ran.err[-600:])
        self.assertEqual(ran.err.count("has no pgvector, so memories are searched exactly"), 1)
        embedded = self.run_product(*words, "--fresh")
        self.assertEqual(ran.document()["digest"], embedded.document()["digest"])
        self.assertNotEqual(ran.document()["digest"], hashlib.sha256(b"").hexdigest(), "nothing was traded: this shows nothing")
        for path in self.state.rglob("*.log"):
            self.assertNotIn(self.settings["POSTGRES_PASSWORD"], path.read_text())

    def test_what_is_wrong_is_one_sentence_and_exit_code_4(self):
        for wrong, said in (({"POSTGRES_SSL_MODE": "disable"}, "lets user prometheus in with TLS only, or not at all"),
                            ({"POSTGRES_SSL_ROOT_CERT": self.stranger}, "is not signed by an authority of"),
                            ({"POSTGRES_HOST": "127.0.0.1"}, "is for another name"),
                            ({"POSTGRES_SSL_ROOT_CERT": "/nowhere/ca.crt"}, "there is no /nowhere/ca.crt"),
                            ({"POSTGRES_PASSWORD": "mistyped"}, "refuses the password of user prometheus")):
            error = self.fails(4, "run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW, env=self.settings | wrong)
            self.assertIn(said, error["message"])
            self.assertNotIn("mistyped", json.dumps(error))
            self.assertNotIn(self.settings["POSTGRES_PASSWORD"], json.dumps(error))
        error = self.fails(2, "run", "--replay", *WINDOW, env=self.settings | {"POSTGRES_SSL_MODE": "sometimes"})
        self.assertIn("POSTGRES_SSL_MODE", error["message"])


if __name__ == "__main__":
    unittest.main()
