#!/usr/bin/env python3
"""Backup and restore of promtrade: its state directory, and its ledger on PostgreSQL where POSTGRES_HOST names one.

  backup.py backup --to DIR [--keep N] [--state DIR]      one folder DIR/promtrade-TIME a backup; safe while promtrade runs
  backup.py list --to DIR                                 what there is, newest first, each with its size
  backup.py verify FOLDER                                 every file against the manifest's SHA-256
  backup.py restore FOLDER --state DIR [--force] [--replace-ledger]
                                                          verified first; refuses a directory that is not empty without --force, which sets it aside, and a
                                                          database that holds ledgers without --replace-ledger

Settings come from the environment: PROMTRADE_STATE, POSTGRES_{HOST,PORT,USER,PASSWORD,DB,SSL_MODE,SSL_ROOT_CERT}. The password goes to PostgreSQL's programs in a
file that only they can read, never on a command line. Each ledger (a schema of run_...) is a file of its own, and is replaced in one transaction of its own: the
server keeps locks for a few thousand tables only, and a year of runs has more. A backup is written under a name ending in .partial and renamed when it is whole: what has another name is whole.
Exit codes: 0 done, 1 a backup is damaged, 2 usage, 4 the disk, PostgreSQL or its programs failed, 5 refused for safety.

The order makes a moving state one that a crash could have left: first the venue's own file, then the databases, then the journal, which is ahead of both. What
the journal ends with may be cut; promtrade repairs that at its next start, as after a power cut.
"""
import argparse
import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from backup_folder import Failure, NewBackup, run, size_of, stamp, verify  # noqa: E402

SKIPPED = {"writer.lock", "http.port"}  # of a process, not of the state


def copy_database(source: Path, target: Path) -> None:
    """By SQLite's own backup: a consistent copy whatever is being written."""
    try:
        with sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30) as one, sqlite3.connect(target) as two:
            one.backup(two, pages=4096)
            two.execute("PRAGMA journal_mode=DELETE")
        # The connections close when they are collected; until then the copy has no side files.
    except sqlite3.Error as error:
        raise Failure(4, f"{source} cannot be copied: {error}") from error


def order_of(path: Path) -> tuple[int, str]:
    rank = 0 if path.name == "venue.jsonl" else 2 if "journal" in path.parts else 1
    return rank, str(path)


def state_files(state: Path) -> list[Path]:
    found = []
    for path in state.rglob("*"):
        if path.is_symlink() or not path.is_file() or path.name in SKIPPED or path.name.endswith(("-wal", "-shm", ".partial")):
            continue
        found.append(path.relative_to(state))
    return sorted(found, key=order_of)


def postgres() -> dict[str, str] | None:
    if not os.environ.get("POSTGRES_HOST"):
        return None
    return {"host": os.environ["POSTGRES_HOST"], "port": os.environ.get("POSTGRES_PORT", "5432"), "user": os.environ.get("POSTGRES_USER", "prometheus"),
            "db": os.environ.get("POSTGRES_DB", "prometheus"), "ssl": os.environ.get("POSTGRES_SSL_MODE", "prefer"),
            "root": os.environ.get("POSTGRES_SSL_ROOT_CERT", "")}


def postgres_program(program: str) -> str:
    if shutil.which(program) is None:
        raise Failure(4, f"{program} is not installed: apt-get install postgresql-client")
    return program


def checked(program: str, done: subprocess.CompletedProcess) -> str:
    """What it printed, or its first complaint with what the server advises."""
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        first = next((i for i, line in enumerate(lines) if "error" in line.lower()), 0)
        advice = "; " + lines[first + 1] if lines[first + 1 :] and lines[first + 1].startswith("HINT:") else ""
        raise Failure(4, f"{program}: {lines[first].removeprefix(program + ': ')}{advice}")
    return done.stdout


def pg(program: str, server: dict[str, str], *arguments: str) -> str:
    """Asks the server."""
    postgres_program(program)
    with tempfile.TemporaryDirectory() as private:
        passwords = Path(private) / "pgpass"
        escaped = os.environ.get("POSTGRES_PASSWORD", "").replace("\\", "\\\\").replace(":", "\\:")
        passwords.touch(mode=0o600)
        passwords.write_text(f"*:*:*:*:{escaped}\n")
        environment = {k: v for k, v in os.environ.items() if k != "POSTGRES_PASSWORD"} | {"PGPASSFILE": str(passwords), "PGSSLMODE": server["ssl"]}
        environment |= {"PGSSLROOTCERT": server["root"]} if server["root"] else {}
        done = subprocess.run([program, "--no-password", "-h", server["host"], "-p", server["port"], "-U", server["user"], "-d", server["db"], *arguments],
                              env=environment, capture_output=True, text=True, check=False)
    return checked(program, done)


def ledgers(server: dict[str, str]) -> list[str]:
    """Names of the ledgers that the database holds."""
    return pg("psql", server, "-XAtc", "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'run\\_%' ORDER BY 1").split()


def extensions(server: dict[str, str]) -> list[str]:
    return pg("psql", server, "-XAtc", "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1").split()


def dump_ledgers(server: dict[str, str], partial: Path) -> dict[str, Path]:
    files = {}
    (partial / "ledgers").mkdir()
    for name in ledgers(server):
        dump = partial / "ledgers" / f"{name}.dump"
        try:
            pg("pg_dump", server, "--format=custom", "--compress=3", "--no-owner", f'--schema="{name}"', "--file", str(dump))
        except Failure:
            if name in ledgers(server):
                raise
            dump.unlink(missing_ok=True)  # pruned between the listing and now
            continue
        files[f"ledgers/{name}.dump"] = dump
    return files


def restore_ledger(server: dict[str, str], dump: Path, room: Path) -> None:
    """Puts the ledger in the place of one of its name, whole or not at all. `room`: a folder with space for it as text."""
    script = room / "ledger.sql"
    command = [postgres_program("pg_restore"), "--no-owner", "--file", str(script), str(dump)]
    checked("pg_restore", subprocess.run(command, capture_output=True, text=True, check=False))
    pg("psql", server, "-Xqb", "-v", "ON_ERROR_STOP=1", "--single-transaction", "-c", "SET client_min_messages = warning", "-c",
       f'DROP SCHEMA IF EXISTS "{dump.stem}" CASCADE', "-f", str(script), "-o", os.devnull)
    script.unlink()


def backup(options: argparse.Namespace) -> None:
    state = Path(options.state)
    if not state.is_dir():
        raise Failure(2, f"there is no state directory {state}: name it with --state or PROMTRADE_STATE")
    to = Path(options.to)
    if to.resolve().is_relative_to(state.resolve()):
        raise Failure(2, f"{to} lies inside the state directory that it would copy")
    new = NewBackup(to, "promtrade", "lock")
    partial = new.partial
    files: dict[str, Path] = {}
    server, asked = postgres(), False
    for relative in [*state_files(state), None]:
        if server and not asked and (relative is None or order_of(relative)[0] == 2):
            files |= dump_ledgers(server, partial)  # before the journal, which must be ahead of every database
            asked = True
        if relative is None:
            break
        target = partial / "state" / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            if relative.suffix == ".sqlite":
                copy_database(state / relative, target)
            else:
                shutil.copyfile(state / relative, target)
        except FileNotFoundError:
            continue  # set aside or replaced between the listing and now
        files[f"state/{relative}"] = target
    manifest = new.finish(files, {"postgres": bool(server), "extensions": extensions(server) if server else []}, options.keep)
    count = sum(key.startswith("ledgers/") for key in files)
    print(f"{new.whole}: {len(files)} files, {size_of(manifest)}" + (f", with {count} ledgers of PostgreSQL" if server else ""))


def is_held(lock: Path) -> bool:
    """Whether a program has it: the system frees what a dead one held, and knows those of other containers too."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def restore(options: argparse.Namespace) -> None:
    folder, state = Path(options.folder), Path(options.state)
    manifest = verify(folder)
    for lock in (state / "host.lock", *state.rglob("writer.lock")):
        if is_held(lock):
            raise Failure(5, f"promtrade runs on {state} (it holds {lock.relative_to(state)}): stop it first")
    occupied = state.is_dir() and any(state.iterdir())
    if occupied and not options.force:
        raise Failure(5, f"{state} is not empty: name another directory, or set it aside with --force")
    server = postgres()
    dumps = [key for key in manifest["files"] if key.startswith("ledgers/")]
    whole = "postgres.dump" in manifest["files"]  # format 1
    if dumps or whole:
        if not server:
            raise Failure(2, "this backup holds a ledger of PostgreSQL: set POSTGRES_HOST to where it should go")
        if not options.replace_ledger and ledgers(server):
            raise Failure(5, f"database {server['db']} at {server['host']} holds ledgers already: name an empty POSTGRES_DB, or replace those of the backup with "
                             "--replace-ledger")
    partial = state.with_name(state.name + ".partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True, mode=0o700)
    for key in manifest["files"]:
        if key.startswith("state/"):
            target = partial / key.removeprefix("state/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / key, target)
    if dumps:
        there = extensions(server)
        for name in manifest.get("extensions", []):
            if name not in there:
                pg("psql", server, "-Xqb", "-c", f'CREATE EXTENSION "{name}"')
    if whole:
        pg("pg_restore", server, "--clean", "--if-exists", "--no-owner", "--single-transaction", str(folder / "postgres.dump"))
    for done, key in enumerate(dumps, start=1):
        restore_ledger(server, folder / key, partial)
        if done % 20 == 0:
            print(f"{done} of {len(dumps)} ledgers are back", flush=True)
    # Last, when nothing can fail any more but the renames themselves.
    if occupied:
        aside = state.with_name(f"{state.name}.before-{stamp()}")
        state.rename(aside)
        print(f"what was there is now {aside}")
    elif state.is_dir():
        state.rmdir()
    partial.rename(state)
    print(f"{state}: {len(manifest['files'])} files of {manifest['made_at']}; `promtrade run --replay` continues from there")


def main() -> int:
    known = os.environ.get("PROMTRADE_STATE") or str(Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "promtrade")
    state = ("--state", {"default": known})
    return run("backup.py", __doc__, "promtrade", (backup, [state]),
               (restore, [state, ("--force", {"action": "store_true", "help": "set aside what is in the state directory"}),
                          ("--replace-ledger", {"action": "store_true", "help": "drop the backup's ledgers in the database and write them anew"})]))


if __name__ == "__main__":
    sys.exit(main())
