"""deploy/backup.py on a state that a run is writing: what is restored continues and its books agree with the venue's; what is damaged is refused; a kill leaves
nothing half. The part with PostgreSQL runs where dev/servers.py has one and pg_dump is at hand, else it is skipped with the reason.
"""
import fcntl
import hashlib
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
        running = self.start("run", "--replay", "--http-port", "0", "--speed", "14000", *WINDOW, "--json")
        running.wait_for("agents have data", timeout=30)
        time.sleep(1)
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
        (self.state / "journal/writer.lock").write_text("999999999\n")
        (self.state / "shards/03/journal").mkdir(parents=True)
        for lock in ("journal/writer.lock", "shards/03/journal/writer.lock", "host.lock"):
            with (self.state / lock).open("a") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                self.assertIn("stop it first", self.backup("restore", copy, "--state", self.state, "--force", code=5), lock)
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
        # A database of its own: what other tests left is not copied, and not put back.
        name = f"backup_{os.getpid()}_{time.monotonic_ns()}"
        self.ask(f"CREATE DATABASE {name}")
        usual = dict(self.settings)
        self.settings["POSTGRES_DB"] = name
        self.addCleanup(lambda: self.ask(f"DROP DATABASE {name} WITH (FORCE)", usual))

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

    def test_a_backup_of_format_1_comes_back(self):
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW, env=self.settings)
        schema = json.loads((self.state / "run.json").read_text())["ledger"]
        kept = self.ask(f'SELECT count(*) FROM "{schema}".decisions')
        self.backup("backup", "--to", self.to, env=self.settings)
        # As it was made until now: one file for the whole database.
        s, one = self.settings, self.newest() / "postgres.dump"
        subprocess.run([shutil.which("pg_dump", path=s.get("PATH")), "-h", s["POSTGRES_HOST"], "-p", s["POSTGRES_PORT"], "-U", s["POSTGRES_USER"], "-d", s["POSTGRES_DB"],
                        "--format=custom", "--no-owner", "--file", one], env=os.environ | {"PGPASSWORD": s["POSTGRES_PASSWORD"]}, timeout=60, check=True)
        manifest = json.loads((self.newest() / "manifest.json").read_text())
        files = {k: v for k, v in manifest["files"].items() if not k.startswith("ledgers/")}
        files["postgres.dump"] = {"bytes": one.stat().st_size, "sha256": hashlib.sha256(one.read_bytes()).hexdigest()}
        del manifest["extensions"]
        (self.newest() / "manifest.json").write_text(json.dumps(manifest | {"format": 1, "files": files}))
        self.ask(f'DELETE FROM "{schema}".decisions')
        self.backup("restore", self.newest(), "--state", self.folder / "restored", "--replace-ledger", env=self.settings)
        self.assertEqual(self.ask(f'SELECT count(*) FROM "{schema}".decisions'), kept)

    def test_more_ledgers_than_the_server_has_locks_for_in_one_transaction_come_back(self):
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW, env=self.settings)
        schema = json.loads((self.state / "run.json").read_text())["ledger"]
        parts = int(self.ask(f"SELECT count(*) FROM pg_class WHERE relnamespace = '{schema}'::regnamespace"))
        locks = int(self.ask("SELECT current_setting('max_locks_per_transaction')::int * current_setting('max_connections')::int"))
        tables = self.ask(f"SELECT relname FROM pg_class WHERE relnamespace = '{schema}'::regnamespace AND relkind = 'r'").split()
        copies = [f"run_copy_{i}" for i in range(locks // parts + 4)]
        for copy in copies:
            self.ask(f"CREATE SCHEMA {copy}; " + "; ".join(f'CREATE TABLE {copy}."{t}" (LIKE "{schema}"."{t}" INCLUDING ALL)' for t in tables) +
                     f'; INSERT INTO {copy}.decisions SELECT * FROM "{schema}".decisions')
        kept = self.ask(f'SELECT count(*) FROM "{schema}".decisions')
        self.backup("backup", "--to", self.to, env=self.settings)
        for copy in copies[:3]:
            self.ask(f"DELETE FROM {copy}.decisions")
        self.ask(f"DROP SCHEMA {copies[3]} CASCADE")
        self.backup("restore", self.newest(), "--state", self.folder / "restored", "--replace-ledger", env=self.settings)
        for copy in copies:
            self.assertEqual(self.ask(f"SELECT count(*) FROM {copy}.decisions"), kept, copy)

    def test_a_ledger_that_cannot_be_put_back_leaves_the_one_that_is_there(self):
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW, env=self.settings)
        schema = json.loads((self.state / "run.json").read_text())["ledger"]
        kept = self.ask(f'SELECT count(*) FROM "{schema}".decisions')
        self.backup("backup", "--to", self.to, env=self.settings)
        # Stands for whatever the server may object to half-way.
        self.ask("CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$; "
                 "CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION refuse()")
        told = self.backup("restore", self.newest(), "--state", self.folder / "restored", "--replace-ledger", env=self.settings, code=4)
        self.assertIn("not now", told)
        self.assertFalse((self.folder / "restored").exists())
        self.assertEqual(self.ask(f'SELECT count(*) FROM "{schema}".decisions'), kept)

    def ask(self, sql, settings=None):
        s = settings or self.settings
        psql = shutil.which("psql", path=s.get("PATH"))
        return subprocess.run([psql, "-h", s["POSTGRES_HOST"], "-p", s["POSTGRES_PORT"], "-U", s["POSTGRES_USER"], "-d", s["POSTGRES_DB"], "-XAtc", sql],
                              env=os.environ | {"PGPASSWORD": s["POSTGRES_PASSWORD"]}, capture_output=True, text=True, timeout=30, check=True).stdout.strip()


class WithTls(WithBackups):
    """Debian's own PostgreSQL programs and server: those that dev/servers.py fetches know no TLS."""

    def test_the_certificate_authority_that_the_product_trusts_is_trusted(self):
        shown = subprocess.run([sys.executable, ROOT / "dev/servers.py", "env", "postgres15"], capture_output=True, text=True, timeout=60, check=False).stdout
        found = {k: v.strip("'\"") for k, v in (line.removeprefix("export ").split("=", 1) for line in shown.splitlines() if line.startswith("export "))}
        if "POSTGRES15_PORT" not in found:
            self.skipTest("no PostgreSQL 15 of dev/servers.py runs: dev/servers.py up postgres15")
        settings = {"POSTGRES_HOST": "localhost", "POSTGRES_PORT": found["POSTGRES15_PORT"], "POSTGRES_PASSWORD": found["POSTGRES15_PASSWORD"], "POSTGRES_DB": "postgres",
                    "POSTGRES_SSL_MODE": "verify-full", "POSTGRES_SSL_ROOT_CERT": found["POSTGRES15_CA"]}
        if shutil.which("pg_dump", path=CLEAN.get("PATH")) is None:
            self.skipTest("no pg_dump of Debian")
        self.done("run", "--replay", "--http-port", "0", "--speed", "max", *WINDOW, env=settings)
        refused = self.backup("backup", "--to", self.to, env=settings | {"POSTGRES_SSL_ROOT_CERT": found["POSTGRES15_STRANGER"]}, code=4)
        self.assertIn("certificate verify failed", refused)
        self.assertIn("ledgers of PostgreSQL", self.backup("backup", "--to", self.to, env=settings))
        self.backup("restore", self.newest(), "--state", self.folder / "restored", "--replace-ledger", env=settings)


if __name__ == "__main__":
    unittest.main()
