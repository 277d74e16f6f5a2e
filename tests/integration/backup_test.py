"""deploy/backup.py on a state that a run is writing: what is restored continues and its books agree with the venue's; what is damaged is refused; a kill leaves
nothing half. The part with PostgreSQL runs where dev/servers.py has one and pg_dump is at hand, else it is skipped with the reason.
"""
import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from harness import CLEAN, ROOT, Product  # noqa: E402

WINDOW = ("--from", "2025-05-06", "--to", "2025-05-08", "--no-benchmarks")
BACKUP = ROOT / "deploy/backup.py"


class WithBackups(Product):
    def setUp(self):
        super().setUp()
        self.to = self.folder / "backups"

    def backup(self, *words, env=None, code=0):
        done = subprocess.run([sys.executable, BACKUP, *map(str, words)], env=self.environment(env), capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        return done.stdout + done.stderr

    def newest(self):
        return max(self.to.glob("promtrade-*Z"))


class Backups(WithBackups):
    def copy_in_mid_run(self):
        """A run at such a speed that it takes some ten seconds, copied while it is at work."""
        running = self.start("run", "--replay", "--http-port", "0", "--speed", "20000", *WINDOW, "--json")
        running.wait_for("http", timeout=30)
        time.sleep(3)
        self.backup("backup", "--to", self.to)
        self.assertIsNone(running.process.poll(), "the run went on meanwhile")
        return running

    def test_a_state_copied_in_mid_run_continues_and_its_books_agree(self):
        running = self.copy_in_mid_run()
        whole = json.loads(running.wait().out)
        other = self.folder / "restored"
        self.backup("restore", self.newest(), "--state", other)
        with sqlite3.connect(other / "ledger.sqlite") as ledger:
            self.assertEqual(ledger.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        self.assertFalse((other / "journal/writer.lock").exists())
        again = self.done("run", "--replay", "--http-port", "0", "--speed", "max", "--no-benchmarks", env={"PROMTRADE_STATE": str(other)})
        self.assertEqual(again["data"], whole["data"])
        books = subprocess.run([sys.executable, ROOT / "dev/compare_books.py", other], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(books.returncode, 0, books.stdout + books.stderr)

    def test_after_the_run_the_copy_is_the_state(self):
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW)
        self.backup("backup", "--to", self.to)
        other = self.folder / "restored"
        self.backup("restore", self.newest(), "--state", other)
        for name in ("venue.jsonl", "run.json"):
            self.assertEqual((self.state / name).read_bytes(), (other / name).read_bytes(), name)
        for segment in (self.state / "journal").glob("*.journal"):
            self.assertEqual(segment.read_bytes(), (other / "journal" / segment.name).read_bytes())
        with sqlite3.connect(self.state / "ledger.sqlite") as one, sqlite3.connect(other / "ledger.sqlite") as two:
            for table in ("fills", "postings", "decisions"):
                count = f"SELECT count(*) FROM {table}"
                self.assertEqual(one.execute(count).fetchone(), two.execute(count).fetchone())
        self.assertEqual(len(json.loads(self.run_product("runs", "list", "--json", env={"PROMTRADE_STATE": str(other)}).out)["runs"]), 1)

    def test_refuses_what_is_damaged_what_is_not_empty_and_what_is_in_use(self):
        self.state.mkdir()
        (self.state / "run.json").write_text("{}")
        self.backup("backup", "--to", self.to)
        copy = self.newest()
        self.assertIn("not empty", self.backup("restore", copy, "--state", self.state, code=5))
        (self.state / "journal").mkdir()
        (self.state / "journal/writer.lock").write_text(f"{os.getpid()}\n")
        self.assertIn("stop it first", self.backup("restore", copy, "--state", self.state, "--force", code=5))
        (self.state / "journal/writer.lock").write_text("999999999\n")
        self.assertIn("is now", self.backup("restore", copy, "--state", self.state, "--force"))
        self.assertEqual(len(list(self.folder.glob("state.before-*"))), 1, "nothing is overwritten")
        (copy / "state/run.json").write_text("[]")
        self.assertIn("damaged", self.backup("verify", copy, code=1))
        self.assertIn("damaged", self.backup("restore", copy, "--state", self.folder / "x", code=1))
        self.assertFalse((self.folder / "x").exists())
        (copy / "state/run.json").unlink()
        self.assertIn("missing", self.backup("verify", copy, code=1))
        self.assertIn("no state directory", self.backup("backup", "--to", self.to, "--state", self.folder / "none", code=2))
        self.assertIn("inside", self.backup("backup", "--to", self.state / "b", code=2))

    def test_keeps_the_newest_and_a_kill_leaves_nothing_that_looks_whole(self):
        self.state.mkdir()
        (self.state / "big").write_bytes(os.urandom(64 << 20))
        for _ in range(3):
            self.backup("backup", "--to", self.to, "--keep", 2)
            time.sleep(1.1)  # names are by the second
        self.assertEqual(len(list(self.to.glob("promtrade-*Z"))), 2)
        killed = subprocess.Popen([sys.executable, BACKUP, "backup", "--to", self.to], env=self.environment(), stdout=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while not list(self.to.glob("*.partial/state/*")) and time.monotonic() < end:
            time.sleep(0.001)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        held = (self.to / "lock").open("w")
        fcntl.flock(held, fcntl.LOCK_EX)
        self.assertIn("under way", self.backup("backup", "--to", self.to, code=5))
        held.close()
        whole = list(self.to.glob("promtrade-*Z"))
        for copy in whole:
            self.backup("verify", copy)
        time.sleep(1.1)
        self.backup("backup", "--to", self.to, "--keep", 2)
        self.assertFalse(list(self.to.glob("*.partial")), "what the kill left is cleared away")
        self.assertEqual(self.backup("list", "--to", self.to).count("MB"), 2)


class WithPostgres(WithBackups):
    def setUp(self):
        super().setUp()
        shown = subprocess.run([sys.executable, ROOT / "dev/servers.py", "env", "postgres"], capture_output=True, text=True, timeout=60, check=False).stdout
        self.settings = {k: v.strip("'\"") for k, v in (line.removeprefix("export ").split("=", 1) for line in shown.splitlines() if "POSTGRES_" in line)}
        if "POSTGRES_PORT" not in self.settings:
            self.skipTest("no PostgreSQL of dev/servers.py runs")
        programs = sorted((ROOT / "build/servers/cache").rglob("bin/pg_dump"))
        if programs:
            self.settings["PATH"] = f"{programs[0].parent}:{CLEAN.get('PATH', '')}"
        elif shutil.which("pg_dump") is None:
            self.skipTest("pg_dump is not among what dev/servers.py fetched")

    def test_a_ledger_on_the_server_comes_back(self):
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW, env=self.settings)
        schema = json.loads((self.state / "run.json").read_text())["ledger"]
        kept = self.ask(f'SELECT count(*) FROM "{schema}".decisions')
        self.assertGreater(int(kept), 0)
        out = self.backup("backup", "--to", self.to, env=self.settings)
        self.assertIn("PostgreSQL", out)
        self.ask(f'DELETE FROM "{schema}".decisions')
        refused = self.backup("restore", self.newest(), "--state", self.folder / "restored", env=self.settings, code=5)
        self.assertIn("holds ledgers already", refused)
        self.assertFalse((self.folder / "restored").exists())
        self.backup("restore", self.newest(), "--state", self.folder / "restored", "--replace-ledger", env=self.settings)
        self.assertEqual(self.ask(f'SELECT count(*) FROM "{schema}".decisions'), kept)
        wrong = self.backup("backup", "--to", self.to, env=self.settings | {"POSTGRES_PASSWORD": "not-this-one"}, code=4)
        self.assertNotIn("not-this-one", wrong)

    def ask(self, sql):
        s = self.settings
        psql = shutil.which("psql", path=s.get("PATH"))
        return subprocess.run([psql, "-h", s["POSTGRES_HOST"], "-p", s["POSTGRES_PORT"], "-U", s["POSTGRES_USER"], "-d", s["POSTGRES_DB"], "-XAtc", sql],
                              env=os.environ | {"PGPASSWORD": s["POSTGRES_PASSWORD"]}, capture_output=True, text=True, timeout=30, check=True).stdout.strip()


if __name__ == "__main__":
    unittest.main()
