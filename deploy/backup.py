#!/usr/bin/env python3
"""Backup and restore of promtrade: its state directory, and its ledger on PostgreSQL where POSTGRES_HOST names one.

  backup.py backup --to DIR [--keep N] [--state DIR]      one folder DIR/promtrade-TIME a backup; safe while promtrade runs
  backup.py list --to DIR                                 what there is, newest first, each with its size
  backup.py verify FOLDER                                 every file against the manifest's SHA-256
  backup.py restore FOLDER --state DIR [--force] [--replace-ledger]
                                                          verified first; refuses a directory that is not empty without --force, which sets it aside, and a
                                                          database that holds ledgers without --replace-ledger

Settings come from the environment: PROMTRADE_STATE, POSTGRES_{HOST,PORT,USER,PASSWORD,DB,SSL_MODE}. The password goes to pg_dump and pg_restore in a file that
only they can read, never on a command line. A backup is written under a name ending in .partial and renamed when it is whole: what has another name is whole.
Exit codes: 0 done, 1 a backup is damaged, 2 usage, 4 the disk, PostgreSQL or its programs failed, 5 refused for safety.

The order makes a moving state one that a crash could have left: first the venue's own file, then the databases, then the journal, which is ahead of both. What
the journal ends with may be cut; promtrade repairs that at its next start, as after a power cut.
"""
import argparse
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FORMAT = 1
SKIPPED = {"writer.lock", "http.port"}  # of a process, not of the state


class Failure(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


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
            "db": os.environ.get("POSTGRES_DB", "prometheus"), "ssl": os.environ.get("POSTGRES_SSL_MODE", "prefer")}


def pg(program: str, server: dict[str, str], *arguments: str) -> str:
    if shutil.which(program) is None:
        raise Failure(4, f"{program} is not installed: apt-get install postgresql-client")
    with tempfile.TemporaryDirectory() as private:
        passwords = Path(private) / "pgpass"
        escaped = os.environ.get("POSTGRES_PASSWORD", "").replace("\\", "\\\\").replace(":", "\\:")
        passwords.touch(mode=0o600)
        passwords.write_text(f"*:*:*:*:{escaped}\n")
        environment = {k: v for k, v in os.environ.items() if k != "POSTGRES_PASSWORD"} | {"PGPASSFILE": str(passwords), "PGSSLMODE": server["ssl"]}
        done = subprocess.run([program, "--no-password", "-h", server["host"], "-p", server["port"], "-U", server["user"], "-d", server["db"], *arguments],
                              env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr.strip() or f"exit {done.returncode}").splitlines()
        raise Failure(4, f"{program}: {lines[-1]}")
    return done.stdout


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def schemas(server: dict[str, str]) -> str:
    """Names of the ledgers that the database holds; empty where there are none."""
    return pg("psql", server, "-XAtc", "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'run\\_%'").strip()


def backup(options: argparse.Namespace) -> None:
    state = Path(options.state)
    if not state.is_dir():
        raise Failure(2, f"there is no state directory {state}: name it with --state or PROMTRADE_STATE")
    to = Path(options.to)
    if to.resolve().is_relative_to(state.resolve()):
        raise Failure(2, f"{to} lies inside the state directory that it would copy")
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (to / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Failure(5, f"another backup into {to} is under way") from None
    for left in to.glob("promtrade-*.partial"):  # of a backup that was killed
        shutil.rmtree(left)
    name = time.strftime("promtrade-%Y%m%dT%H%M%SZ", time.gmtime())
    if (to / name).exists():
        raise Failure(5, f"{to / name} was made within this second: try again")
    partial = to / f"{name}.partial"
    partial.mkdir(mode=0o700)
    files = {}
    server = postgres()
    for relative in [*state_files(state), None]:
        if server and "postgres.dump" not in files and (relative is None or order_of(relative)[0] == 2):
            dump = partial / "postgres.dump"  # before the journal, which must be ahead of every database
            pg("pg_dump", server, "--format=custom", "--no-owner", "--file", str(dump))
            files["postgres.dump"] = dump
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
    manifest = {"format": FORMAT, "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "postgres": bool(server),
                "files": {key: {"bytes": path.stat().st_size, "sha256": sha256(path)} for key, path in files.items()}}
    (partial / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    for path in [*files.values(), partial / "manifest.json"]:
        with path.open("rb") as file:
            os.fsync(file.fileno())
    for folder in [p for p in partial.rglob("*") if p.is_dir()] + [partial]:
        sync_folder(folder)
    partial.rename(to / name)
    sync_folder(to)
    for old in whole_backups(to)[options.keep:] if options.keep else []:
        shutil.rmtree(old)
    size = sum(f["bytes"] for f in manifest["files"].values())
    print(f"{to / name}: {len(files)} files, {size / 1e6:.1f} MB" + (", with the ledger of PostgreSQL" if server else ""))


def whole_backups(to: Path) -> list[Path]:
    return sorted((p for p in to.glob("promtrade-*Z") if (p / "manifest.json").is_file()), reverse=True)


def verify(folder: Path) -> dict:
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
    except (OSError, ValueError) as error:
        raise Failure(1, f"{folder} is no backup: its manifest.json cannot be read ({error})") from error
    if manifest.get("format") != FORMAT:
        raise Failure(1, f"{folder} has format {manifest.get('format')}, this program reads {FORMAT}")
    for key, said in manifest["files"].items():
        path = folder / key
        if ".." in Path(key).parts or Path(key).is_absolute():
            raise Failure(1, f"{folder} names a file outside itself: {key}")
        if not path.is_file():
            raise Failure(1, f"{path} is missing")
        if path.stat().st_size != said["bytes"] or sha256(path) != said["sha256"]:
            raise Failure(1, f"{path} is damaged: it is not what was backed up")
    return manifest


def restore(options: argparse.Namespace) -> None:
    folder, state = Path(options.folder), Path(options.state)
    manifest = verify(folder)
    lock = state / "journal" / "writer.lock"
    if lock.is_file():
        process = lock.read_text().strip()
        if process.isdigit() and Path(f"/proc/{process}").exists():
            raise Failure(5, f"promtrade runs on {state} (process {process}): stop it first")
    occupied = state.is_dir() and any(state.iterdir())
    if occupied and not options.force:
        raise Failure(5, f"{state} is not empty: name another directory, or set it aside with --force")
    server = postgres()
    if manifest["postgres"]:
        if not server:
            raise Failure(2, "this backup holds a ledger of PostgreSQL: set POSTGRES_HOST to where it should go")
        if not options.replace_ledger and schemas(server):
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
    if manifest["postgres"]:
        pg("pg_restore", server, "--clean", "--if-exists", "--no-owner", "--single-transaction", str(folder / "postgres.dump"))
    # Last, when nothing can fail any more but the renames themselves.
    if occupied:
        aside = state.with_name(f"{state.name}.before-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
        state.rename(aside)
        print(f"what was there is now {aside}")
    elif state.is_dir():
        state.rmdir()
    partial.rename(state)
    print(f"{state}: {len(manifest['files'])} files of {manifest['made_at']}; `promtrade run --replay` continues from there")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0], epilog=__doc__.split("\n\n", maxsplit=1)[1],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    known = os.environ.get("PROMTRADE_STATE") or str(Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "promtrade")
    one = commands.add_parser("backup")
    one.add_argument("--to", required=True)
    one.add_argument("--keep", type=int, default=0, help="whole backups to keep, the newest; 0 keeps all")
    one.add_argument("--state", default=known)
    one.set_defaults(act=backup)
    listing = commands.add_parser("list")
    listing.add_argument("--to", required=True)
    listing.set_defaults(act=lambda o: [print(f"{p}  {sum(f['bytes'] for f in json.loads((p / 'manifest.json').read_text())['files'].values()) / 1e6:.1f} MB")
                                        for p in whole_backups(Path(o.to))])
    check = commands.add_parser("verify")
    check.add_argument("folder")
    check.set_defaults(act=lambda o: print(f"{o.folder}: {len(verify(Path(o.folder))['files'])} files, all as they were backed up"))
    back = commands.add_parser("restore")
    back.add_argument("folder")
    back.add_argument("--state", default=known)
    back.add_argument("--force", action="store_true", help="set aside what is in the state directory")
    back.add_argument("--replace-ledger", action="store_true", help="drop the backup's ledgers in the database and write them anew")
    back.set_defaults(act=restore)
    options = parser.parse_args()
    try:
        options.act(options)
    except Failure as failure:
        print(f"backup.py: {failure}", file=sys.stderr)
        return failure.code
    except OSError as error:
        print(f"backup.py: {error.filename or 'the disk'}: {error.strerror}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
