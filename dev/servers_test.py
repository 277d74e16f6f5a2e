#!/usr/bin/env python3
"""dev/servers.py on real servers: Redis and PostgreSQL are started, killed with -9, started again and ended; the ClickHouse front is asked over HTTP.

Where a registry cannot be reached the server's tests skip with the reason. Everything runs in a folder of its own, beside servers that already run.
"""
import base64
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from urllib.parse import quote, urlencode

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import servers  # noqa: E402
from server_parts import fetch  # noqa: E402
from server_parts.process import Account, Identity, descendants, wait_gone  # noqa: E402


class OnServers(unittest.TestCase):
    def setUp(self) -> None:
        home = servers.default_folder(Account.choose())
        home.mkdir(parents=True, exist_ok=True)
        self.dir = Path(tempfile.mkdtemp(prefix="test-", dir=home))
        self.dir.chmod(0o755)

    def tearDown(self) -> None:
        self.call("down")
        self.assertEqual(list((self.dir / "run").iterdir()), [])
        shutil.rmtree(self.dir)

    def call(self, command: str, *names: str) -> dict:
        done = subprocess.run([sys.executable, "-B", servers.__file__, "--as", self.dir.name, command, "--json", *names], capture_output=True, text=True, check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    def up(self, *names: str) -> dict[str, str]:
        """The settings of servers that have just been started; a skip where one cannot be had."""
        for name, result in self.call("up", *names).items():
            if result["state"] == "skipped":
                self.skipTest(f"{name}: {result['detail']}")
            self.assertEqual(result["state"], "up", result)
        return self.call("env")

    def identity(self, name: str) -> Identity:
        return Identity(**json.loads((self.dir / f"state/{name}.json").read_text())["process"])


def redis_says(settings: dict[str, str], *commands: str) -> list[str]:
    with socket.create_connection((settings["REDIS_HOST"], int(settings["REDIS_PORT"])), timeout=5) as link:
        link.sendall("".join(f"{c}\r\n" for c in (f"AUTH {settings['REDIS_PASSWORD']}", *commands, "QUIT")).encode())
        return b"".join(iter(lambda: link.recv(4096), b"")).decode().split("\r\n")[1:-2]


class Redis(OnServers):
    def test_killed_it_comes_back_with_what_it_confirmed_and_its_stale_pid_is_known(self) -> None:
        settings = self.up("redis")
        self.assertEqual(redis_says(settings, "SET kept 7", "GET kept"), ["+OK", "$1", "7"])
        self.assertEqual(self.call("status", "redis")["redis"]["state"], "up")
        os.kill(self.identity("redis").pid, signal.SIGKILL)
        self.assertEqual(wait_gone([self.identity("redis")], 5), [])
        self.assertEqual(self.call("status", "redis")["redis"]["state"], "stale")
        self.assertEqual(self.up("redis"), settings, "same port and password, so that clients find it again")
        self.assertEqual(redis_says(settings, "GET kept"), ["$1", "7"])

    def test_up_twice_starts_one(self) -> None:
        self.up("redis")
        first = self.identity("redis")
        self.up("redis")
        self.assertEqual(self.identity("redis"), first)

    def test_is_version_7_and_asks_for_its_password(self) -> None:
        settings = self.up("redis")
        self.assertTrue(any(line.startswith("redis_version:7.") for line in redis_says(settings, "INFO server")))
        with socket.create_connection((settings["REDIS_HOST"], int(settings["REDIS_PORT"])), timeout=5) as link:
            link.sendall(b"PING\r\n")
            self.assertTrue(link.recv(100).startswith(b"-NOAUTH"))

    def test_runs_without_privileges(self) -> None:
        self.up("redis")
        uid = int(next(line.split()[1] for line in Path(f"/proc/{self.identity('redis').pid}/status").read_text().split("\n") if line.startswith("Uid:")))
        self.assertEqual(uid, Account.choose().uid)
        self.assertNotEqual(uid, 0)

    def test_status_and_down_are_quick(self) -> None:
        self.up("redis")
        started = time.monotonic()
        self.call("status")
        self.assertLess(time.monotonic() - started, 3)
        started = time.monotonic()
        self.call("down")
        self.assertLess(time.monotonic() - started, 8)

    def test_a_process_that_only_has_the_pid_is_left_alone(self) -> None:
        self.up("redis")
        self.call("kill", "redis")
        bystander = subprocess.Popen(["sleep", "60"])
        try:
            state = self.dir / "state/redis.json"
            record = json.loads(state.read_text())
            record["process"]["pid"] = bystander.pid  # the pid was handed on; the start time is another
            state.write_text(json.dumps(record))
            self.assertEqual(self.call("status", "redis")["redis"]["state"], "stale")
            self.assertEqual(self.call("down", "redis")["redis"]["state"], "down")
            self.assertIsNone(bystander.poll())
        finally:
            bystander.kill()
            bystander.wait()

    def test_env_is_what_a_shell_can_source(self) -> None:
        settings = self.up("redis")
        text = (self.dir / "env").read_text()
        out = subprocess.run(["sh", "-c", f"{text}\nprintf '%s %s' \"$REDIS_PORT\" \"$REDIS_PASSWORD\""], capture_output=True, text=True, check=True).stdout
        self.assertEqual(out, f"{settings['REDIS_PORT']} {settings['REDIS_PASSWORD']}")
        self.assertEqual((self.dir / "env").stat().st_mode & 0o077, 0, "it holds passwords")


class Postgres(OnServers):
    def psql(self, settings: dict[str, str], statement: str) -> str:
        program = servers.default_folder(Account.choose()) / "cache/postgres/pgserver/pginstall/bin/psql"
        done = subprocess.run([program, "-h", settings["POSTGRES_HOST"], "-p", settings["POSTGRES_PORT"], "-U", settings["POSTGRES_USER"], "-tAc", statement,
                               settings["POSTGRES_DB"]], env={"PGPASSWORD": settings["POSTGRES_PASSWORD"]}, capture_output=True, text=True, check=False)
        return done.stdout.strip() or done.stderr.strip()

    def test_has_vectors_keeps_commits_through_kill_9_and_leaves_no_child(self) -> None:
        settings = self.up("postgres")
        self.assertTrue(self.psql(settings, "show server_version").startswith("16."))
        self.assertEqual(self.psql(settings, "create extension vector; select '[1,2]'::vector <-> '[4,6]'::vector"), "CREATE EXTENSION\n5")
        self.assertEqual(self.psql(settings, "create table kept as select 42 as v"), "SELECT 1")
        root = self.identity("postgres")
        family = [root, *descendants(root)]
        self.assertGreater(len(family), 3)
        self.assertEqual(self.call("kill", "postgres")["postgres"]["state"], "stale")
        self.assertEqual(wait_gone(family, 5), [])
        self.up("postgres")
        self.assertEqual(self.psql(settings, "select v from kept"), "42")

    def test_refuses_a_wrong_password(self) -> None:
        settings = self.up("postgres")
        self.assertIn("password authentication failed", self.psql(settings | {"POSTGRES_PASSWORD": "wrong"}, "select 1"))


class OldPostgres(OnServers):
    def test_lets_nobody_in_without_tls_and_has_no_pgvector(self) -> None:
        settings = self.up("postgres15")
        program = servers.default_folder(Account.choose()) / "cache/postgres15/usr/lib/postgresql/15/bin/postgres"
        self.assertTrue(program.exists())
        for name in ("POSTGRES15_CA", "POSTGRES15_STRANGER"):
            self.assertTrue(Path(settings[name]).read_text().startswith("-----BEGIN CERTIFICATE-----"))
        with socket.create_connection(("127.0.0.1", int(settings["POSTGRES15_PORT"])), timeout=5) as link:
            link.sendall((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))
            self.assertEqual(link.recv(1), b"S")
            trusted = ssl.create_default_context(cafile=settings["POSTGRES15_CA"])
            with trusted.wrap_socket(link, server_hostname="localhost") as secret:
                self.assertIn(secret.version(), ("TLSv1.2", "TLSv1.3"))
        self.call("kill", "postgres15")
        self.up("postgres15")


class ClickHouse(OnServers):
    def ask(self, settings: dict[str, str], statement: str, data: bytes = b"", method: str = "POST", headers: dict | None = None, **parameters: str) -> tuple[int, str | None, bytes]:
        """(status, exception code, body)."""
        login = {"X-ClickHouse-User": settings["CLICKHOUSE_USER"], "X-ClickHouse-Key": settings["CLICKHOUSE_PASSWORD"]} if headers is None else headers
        link = http.client.HTTPConnection(settings["CLICKHOUSE_HOST"], int(settings["CLICKHOUSE_PORT"]), timeout=20)
        in_address = bool(data) or method == "GET"
        link.request(method, "/?" + urlencode(parameters | ({"query": statement} if in_address else {}), quote_via=quote), data if in_address else statement, login)
        answer = link.getresponse()
        found = answer.status, answer.headers.get("X-ClickHouse-Exception-Code"), answer.read()
        link.close()
        return found

    def test_speaks_the_http_interface(self) -> None:
        """Codes and statuses are those of ClickHouse's ErrorCodes.cpp and its HTTP documentation."""
        s = self.up("clickhouse")
        self.assertEqual(self.ask(s, "SELECT 1 + 1"), (200, None, b"2\n"))
        self.assertEqual(self.ask(s, "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")[0], 200)
        rows = (1).to_bytes(8, "little") + b"\x02hi" + (10).to_bytes(8, "little") + b"\x04\n\n;\n"
        self.assertEqual(self.ask(s, "INSERT INTO t FORMAT RowBinary", rows)[0], 200)
        self.assertEqual(self.ask(s, "SELECT * FROM t ORDER BY a", default_format="RowBinary"), (200, None, rows))
        self.assertEqual(self.ask(s, "SELECT {x:UInt8} + 1", param_x="41"), (200, None, b"42\n"))
        self.assertEqual(self.ask(s, "SELECT getSetting('max_threads')", max_threads="1"), (200, None, b"1\n"))
        self.assertEqual(self.ask(s, "SELECT * FROM nowhere")[:2], (404, "60"))
        self.assertEqual(self.ask(s, "SELEC 1")[:2], (400, "62"))
        self.assertEqual(self.ask(s, "DROP TABLE t", method="GET")[:2], (500, "164"))
        self.assertEqual(self.ask(s, "SELECT 1", headers={"X-ClickHouse-User": s["CLICKHOUSE_USER"], "X-ClickHouse-Key": "wrong"})[:2], (403, "516"))
        basic = base64.b64encode(f"{s['CLICKHOUSE_USER']}:{s['CLICKHOUSE_PASSWORD']}".encode()).decode()
        self.assertEqual(self.ask(s, "SELECT 3", headers={"Authorization": f"Basic {basic}"}), (200, None, b"3\n"))
        self.call("kill", "clickhouse")
        self.up("clickhouse")
        self.assertEqual(self.ask(s, "SELECT count() FROM t"), (200, None, b"2\n"))


class OldClickHouse(OnServers):
    def test_is_18_16_and_asks_for_its_password(self) -> None:
        settings = self.up("clickhouse18")
        for password, status, body in ((settings["CLICKHOUSE18_PASSWORD"], 200, b"18.16."), ("wrong", 401, b"Code: 193")):
            link = http.client.HTTPConnection(settings["CLICKHOUSE18_HOST"], int(settings["CLICKHOUSE18_PORT"]), timeout=20)
            link.request("POST", "/", "SELECT version()", {"X-ClickHouse-User": settings["CLICKHOUSE18_USER"], "X-ClickHouse-Key": password})
            answer = link.getresponse()
            self.assertEqual(answer.status, status)
            self.assertTrue(answer.read().startswith(body))
            link.close()


class Places(unittest.TestCase):
    def test_in_a_fresh_clone_the_folder_is_found_though_nothing_has_been_built(self) -> None:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            root, kept = Path(folder) / "clone", servers.ROOT
            root.mkdir()
            os.chmod(folder, 0o755)
            servers.ROOT = root
            try:
                self.assertEqual(servers.default_folder(Account.choose()), root / "build/servers")
            finally:
                servers.ROOT = kept

    def test_where_the_account_cannot_walk_another_folder_takes_the_place(self) -> None:
        if os.getuid() != 0:
            self.skipTest("only root runs servers as somebody else")
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:  # mode 0700
            root, kept = Path(folder) / "clone", servers.ROOT
            root.mkdir()
            servers.ROOT = root
            try:
                real = servers.default_folder(Account.choose())
                self.assertEqual(real.parent, Path("/var/tmp"))
                self.assertEqual((root / "build/servers").resolve(), real)
                self.assertEqual(servers.default_folder(Account.choose()), real, "the second call finds it")
                real.rmdir()
            finally:
                servers.ROOT = kept


class Fetching(unittest.TestCase):
    def test_what_is_not_what_was_pinned_is_not_used(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "wheel"
            file.write_bytes(b"abc")
            fetch.require_sha256(file, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")  # FIPS 180-2, B.1
            file.write_bytes(b"abd")
            with self.assertRaises(fetch.Missing):
                fetch.require_sha256(file, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")

    def test_a_client_that_is_missing_or_fails_is_a_reason_and_leaves_nothing(self) -> None:
        for client, word in (("no-such-client", "is not installed"), ("false", "ended with 1")):
            with tempfile.TemporaryDirectory() as folder, self.subTest(client):
                kept = fetch.FETCHERS["redis"]
                fetch.FETCHERS["redis"] = lambda place, c=client: fetch.command([c], place, "Redis")
                try:
                    with self.assertRaisesRegex(fetch.Missing, f"Redis: {client} {word}"):
                        fetch.fetch(Path(folder), "redis")
                finally:
                    fetch.FETCHERS["redis"] = kept
                self.assertEqual(list(Path(folder).iterdir()), [])


if __name__ == "__main__":
    unittest.main()
