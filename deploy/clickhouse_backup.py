#!/usr/bin/env python3
"""Backup and restore of promtrade's market data on ClickHouse, by its HTTP interface: no program of ClickHouse and no setting of the server is needed.

  clickhouse_backup.py backup --to DIR [--keep N]         one folder DIR/clickhouse-TIME a backup; safe while promtrade and others write
  clickhouse_backup.py list --to DIR                      what there is, newest first, each with its size
  clickhouse_backup.py verify FOLDER                      every file against the manifest's SHA-256
  clickhouse_backup.py restore FOLDER [--replace]         verified first; into the database CLICKHOUSE_DB, which must hold no tables; with --replace what it holds is
                                                          set aside as CLICKHOUSE_DB_before_TIME and nothing is deleted

Settings come from the environment: CLICKHOUSE_{HOST,PORT,USER,PASSWORD,DB}. Without CLICKHOUSE_HOST `backup` says so and ends well, so that one timer serves every
installation. The password goes into a header. A backup is written under a name ending in .partial and renamed when it is whole: what has another name is whole.
Exit codes: 0 done, 1 a backup is damaged, 2 usage, 4 the disk or ClickHouse failed, 5 refused for safety.

Tables are read one after the other, a partition a file, so what is written meanwhile may be in one and not yet in another. The lists of whole imports (ohlcv_puts, tape_recordings)
come first: an import that is listed is in the bars that follow, one that ends later is not shown after a restore.
"""
import argparse
import http.client
import json
import os
import re
import shutil
import sys
import urllib.parse
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from backup_folder import BLOCK, Failure, NewBackup, run, size_of, stamp, verify  # noqa: E402

TIMEOUT_S = 600


class Server:
    """Statements over HTTP, one connection each. The answers of data are streamed, compressed by the server."""

    def __init__(self) -> None:
        self.host, self.port = os.environ["CLICKHOUSE_HOST"], int(os.environ.get("CLICKHOUSE_PORT") or 8123)
        self.user, self.password = os.environ.get("CLICKHOUSE_USER") or "default", os.environ.get("CLICKHOUSE_PASSWORD", "")
        self.db = os.environ.get("CLICKHOUSE_DB") or "prometheus"
        if not re.fullmatch(r"\w+", self.db):
            raise Failure(2, f"CLICKHOUSE_DB {self.db!r} is no name of a database: letters, digits and _")

    def place(self) -> str:
        return f"ClickHouse at {self.host}:{self.port}"

    def send(self, query: str, db: str, body, headers: dict[str, str], settings: dict[str, str]) -> http.client.HTTPResponse:
        target = "/?" + urllib.parse.urlencode({"database": db, "wait_end_of_query": "1", **settings, **({"query": query} if body is not None else {})})
        link = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
        try:
            link.request("POST", target, body=query.encode() if body is None else body,
                         headers={"X-ClickHouse-User": self.user, "X-ClickHouse-Key": self.password, **headers})
            reply = link.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise Failure(4, f"{self.place()}: {error or type(error).__name__}") from error
        if reply.status != 200:
            words = reply.read(4096).decode(errors="replace").strip().split("\n")[0]
            raise Failure(4, f"{self.place()} refuses: {words[:300]}")
        return reply

    def ask(self, query: str, db: str = "default") -> list[list[str]]:
        with self.send(query + " FORMAT JSONCompactStrings", db, None, {}, {}) as reply:
            return json.loads(reply.read())["data"]

    def do(self, statement: str, db: str = "default") -> None:
        self.send(statement, db, None, {}, {}).read()

    def save(self, query: str, target: Path) -> None:
        with self.send(query, self.db, None, {"Accept-Encoding": "gzip"}, {"enable_http_compression": "1", "http_zlib_compression_level": "1"}) as reply, \
                target.open("wb") as file:
            if reply.headers.get("Content-Encoding") != "gzip":
                raise Failure(4, f"{self.place()} does not compress its answers")
            try:
                shutil.copyfileobj(reply, file, BLOCK)
            except http.client.HTTPException as error:
                raise Failure(4, f"{self.place()} broke off in the middle of an answer") from error


def literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def tables_of(server: Server) -> list[tuple[str, str, str]]:
    """Name, engine and statement of each: tables first, the lists of imports before the imports, views last. Statements name no database."""
    found = server.ask(f"SELECT name, engine, create_table_query FROM system.tables WHERE database = {literal(server.db)} AND NOT is_temporary ORDER BY name")
    rank = {"ohlcv_puts": 0, "tape_recordings": 0, "schema_version": 0}
    plain = [(name, engine, re.sub(rf"(?<![\w.`])`?{re.escape(server.db)}`?\.(?=[\w`])", "", made)) for name, engine, made in found]
    return sorted(plain, key=lambda t: (t[1].endswith("View"), rank.get(t[0], 1), t[0]))


def save_table(server: Server, name: str, folder: Path) -> tuple[list[str], list[Path]]:
    columns = [row[0] for row in server.ask(f"SELECT name FROM system.columns WHERE database = {literal(server.db)} AND table = {literal(name)} AND default_kind "
                                            "NOT IN ('ALIAS', 'MATERIALIZED') ORDER BY position")]
    partitions = [row[0] for row in server.ask(f"SELECT DISTINCT partition_id FROM system.parts WHERE database = {literal(server.db)} AND table = {literal(name)} "
                                               "AND active ORDER BY partition_id")]
    files = []
    for partition in partitions:
        target = folder / f"{name}.{partition}.native.gz"
        server.save(f"SELECT {', '.join(f'`{c}`' for c in columns)} FROM `{name}` WHERE _partition_id = {literal(partition)} FORMAT Native", target)
        files.append(target)
    return columns, files


def backup(options: argparse.Namespace) -> None:
    if not os.environ.get("CLICKHOUSE_HOST"):
        print("CLICKHOUSE_HOST is not set: there is nothing of ClickHouse to back up")
        return
    server, to = Server(), Path(options.to)
    tables = tables_of(server)
    if not tables:
        raise Failure(2, f"{server.place()} holds no tables in the database {server.db}: check CLICKHOUSE_DB")
    new = NewBackup(to, "clickhouse", "clickhouse.lock")
    version, files, entries = server.ask("SELECT version()")[0][0], {}, []
    for table, engine, made in tables:
        entry = {"name": table, "engine": engine, "create": made, "columns": [], "files": []}
        if not engine.endswith("View"):
            entry["columns"], saved = save_table(server, table, new.partial)
            entry["files"] = [path.name for path in saved]
            files |= {path.name: path for path in saved}
        entries.append(entry)
    manifest = new.finish(files, {"server": version, "tables": entries}, options.keep)
    print(f"{new.whole}: {len(files)} files of {sum(1 for t in entries if t['files'])} tables, {size_of(manifest)}")


def restore(options: argparse.Namespace) -> None:
    folder = Path(options.folder)
    manifest = verify(folder)
    if not os.environ.get("CLICKHOUSE_HOST"):
        raise Failure(2, "set CLICKHOUSE_HOST to where the backup should go")
    server = Server()
    held = server.ask(f"SELECT count() FROM system.tables WHERE database = {literal(server.db)}")[0][0] != "0"
    if held and not options.replace:
        raise Failure(5, f"the database {server.db} of {server.place()} holds tables: name an empty CLICKHOUSE_DB, or set them aside with --replace")
    # Beside it until every row is there: a restore that breaks off leaves what is in use as it was.
    beside = f"{server.db}_restoring"
    server.do(f"DROP DATABASE IF EXISTS `{beside}`")
    server.do(f"CREATE DATABASE `{beside}`")
    for table in (t for t in manifest["tables"] if not t["engine"].endswith("View")):
        server.do(table["create"], beside)
        for name in table["files"]:
            with (folder / name).open("rb") as file:
                server.send(f"INSERT INTO `{table['name']}` ({', '.join(f'`{c}`' for c in table['columns'])}) FORMAT Native", beside, file,
                            {"Content-Encoding": "gzip", "Content-Length": str((folder / name).stat().st_size)},
                            {"insert_deduplicate": "0", "max_partitions_per_insert_block": "0"}).read()
    views = [t for t in manifest["tables"] if t["engine"].endswith("View")]
    if held:
        aside = f"{server.db}_before_{stamp()}"
        for view, in server.ask(f"SELECT name FROM system.tables WHERE database = {literal(server.db)} AND engine LIKE '%View'"):
            server.do(f"DROP VIEW `{server.db}`.`{view}`")  # a view names its database; they hold no rows and are made anew below
        server.do(f"RENAME DATABASE `{server.db}` TO `{aside}`")
        print(f"what was there is now the database {aside}, without its views")
    else:
        server.do(f"DROP DATABASE IF EXISTS `{server.db}`")
    server.do(f"RENAME DATABASE `{beside}` TO `{server.db}`")
    for view in views:
        server.do(view["create"], server.db)
    print(f"{server.db} of {server.place()}: {len(manifest['files'])} files of {manifest['made_at']}; `promtrade data list` shows the series")


def main() -> int:
    replace = ("--replace", {"action": "store_true", "help": "set aside what the database holds, under another name"})
    return run("clickhouse_backup.py", __doc__, "clickhouse", (backup, []), (restore, [replace]))


if __name__ == "__main__":
    sys.exit(main())
