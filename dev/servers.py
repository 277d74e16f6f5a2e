#!/usr/bin/env python3
"""Starts the real servers that tests use: postgres, clickhouse, redis, kafka; by name also clickhouse18, an old one, and postgres15, with TLS and without pgvector. docs/servers.md says where each comes from.

Usage: dev/servers.py [--as SET] COMMAND [--json] [NAME...]        without names: all four (down, status: all)
  fetch    bring their programs under build/servers/cache, pinned; nothing is installed and no service started
  up       fetch what is missing and start what does not run; a server that was killed starts again on its own data and port
  status   which run, and whether they answer
  env      the settings of those that run, for a shell: eval "$(dev/servers.py env)"
  kill     kill -9 of servers started here (for tests of recovery); their data stay, `up` brings them back
  down     end them and remove their folders
A server whose programs cannot be had is SKIPPED with the reason and exit code 0; one that should run and does not is exit code 1. Servers run without
privileges, in folders of their own, on free ports of 127.0.0.1. Only processes started here, known by pid, start time and boot, are ever signalled.
--as (or PROM_SERVERS_AS) names a set of its own beside others that run, in build/servers/SET.
"""
import argparse
import concurrent.futures
import fcntl
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from server_parts import fetch  # noqa: E402
from server_parts.kinds import HOST, KINDS, USUAL, Setup, environment  # noqa: E402
from server_parts.process import Account, Identity, descendants, end, wait_gone  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
START_S = 30  # the slowest, Kafka, takes about 3 s on two idle cores
STOP_S = 5
TRIES = 3  # a free port may be taken between our look and the server's bind


def say(text: str) -> None:
    print(f"servers: {text}", flush=True)


def free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind((HOST, 0))
        second.bind((HOST, 0))
        return first.getsockname()[1], second.getsockname()[1]


class Place:
    """build/servers or a set below it: run/, state/NAME.json, env, lock; all share build/servers/cache."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.account = Account.choose()
        self.folder, self.cache = folder, cache
        self.run, self.state, self.env = folder / "run", folder / "state", folder / "env"
        for path in (folder, cache, self.run, self.state):
            path.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def lock(self):
        """Two callers at once would start a server twice."""
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def record(self, name: str) -> dict | None:
        try:
            return json.loads((self.state / f"{name}.json").read_text())
        except (OSError, ValueError):
            return None

    def write(self, name: str, record: dict) -> None:
        self._private(self.state / f"{name}.json", json.dumps(record))

    def forget(self, name: str) -> None:
        (self.state / f"{name}.json").unlink(missing_ok=True)

    def _private(self, path: Path, text: str) -> None:
        new = path.with_name(path.name + ".new")
        new.touch(mode=0o600)
        new.write_text(text)
        new.replace(path)

    def write_env(self) -> None:
        """What tests read: the settings of servers that run, and why the others do not."""
        lines = []
        for name in KINDS:
            record = self.record(name)
            if record and record.get("skipped"):
                lines.append(f"PROM_SKIPPED_{name.upper()}={shlex.quote(record['skipped'])}")
            elif record:
                lines += [f"{key}={shlex.quote(value)}" for key, value in record["settings"].items()]
        self._private(self.env, "".join(f"export {line}\n" for line in lines))


def identity(record: dict) -> Identity:
    return Identity(**record["process"])


def probe(name: str, record: dict) -> str:
    try:
        return KINDS[name].probe(record["settings"])
    except OSError as error:
        return str(error) or type(error).__name__


def last_words(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").split("\n") if line.strip()] if log.exists() else []
    return " | ".join(lines[-3:])[:600] or "it wrote nothing"


def launch(place: Place, name: str, setup: Setup) -> str:
    """Starts the process and waits until it serves. Returns "" or why it does not; then nothing of it is left running."""
    kind, log = KINDS[name], setup.run / "log"
    kind.prepare(setup)
    with log.open("ab") as output:
        process = subprocess.Popen(kind.command(setup), cwd=setup.run, env=environment(setup), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                   start_new_session=True, **setup.account.popen_options())
    started = Identity.of(process.pid)
    record = {"process": started.record(), "run": str(setup.run), "port": setup.port, "extra_port": setup.extra_port, "password": setup.password,
              "settings": kind.settings(setup)}
    place.write(name, record)  # before it serves: if we are ended now, `down` still knows it
    limit, why = time.monotonic() + START_S, ""
    while time.monotonic() < limit:
        if process.poll() is not None:
            return f"it ended with {process.returncode}: {last_words(log)}"
        why = probe(name, record)
        if not why:
            process.returncode = 0  # ours no longer: it outlives us
            return ""
        time.sleep(0.05)
    end(started, signal.SIGKILL, 2)
    process.poll()
    return f"it did not answer within {START_S} s ({why}): {last_words(log)}"


def again(place: Place, name: str, record: dict) -> str:
    """A killed server starts on the folder, port and password that it had."""
    setup = Setup(place.cache / name, Path(record["run"]), place.account, record["port"], record["extra_port"], record["password"])
    why = ""
    for _ in range(TRIES):
        why = launch(place, name, setup)
        if "in use" not in why.lower():  # children of the killed one may hold on for an instant
            return why
        time.sleep(0.5)
    return why


def fresh(place: Place, name: str) -> str:
    why = ""
    for _ in range(TRIES):
        run = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=place.run))
        place.account.own(run)
        why = launch(place, name, Setup(place.cache / name, run, place.account, *free_ports()))
        if not why:
            return ""
        place.forget(name)
        shutil.rmtree(run, ignore_errors=True)
        if "in use" not in why.lower():
            break
    return why


def up(place: Place, name: str) -> dict:
    record = place.record(name)
    if record and not record.get("skipped"):
        if identity(record).alive():
            why = probe(name, record)
            return {"state": "failed", "detail": f"it runs and does not answer: {why}"} if why else {"state": "up", "detail": "was up already"}
        if Path(record["run"]).is_dir() and fetch.fetched(place.cache, name):
            why = again(place, name, record)
            return {"state": "failed", "detail": why} if why else {"state": "up", "detail": "started again on its data"}
        place.forget(name)
    try:
        words = fetch.fetch(place.cache, name)
    except fetch.Missing as error:
        place.write(name, {"skipped": str(error)})
        return {"state": "skipped", "detail": str(error)}
    try:
        why = fresh(place, name)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        why = str(error)
    return {"state": "failed", "detail": why} if why else {"state": "up", "detail": words}


def status(place: Place, name: str) -> dict:
    record = place.record(name)
    if record is None:
        return {"state": "down", "detail": "fetched" if fetch.fetched(place.cache, name) else "not fetched"}
    if record.get("skipped"):
        return {"state": "skipped", "detail": record["skipped"]}
    base = {"pid": record["process"]["pid"], "port": record["port"]}
    if not identity(record).alive():
        return base | {"state": "stale", "detail": "the process that was started here is gone (`up` starts it again, `down` forgets it)"}
    why = probe(name, record)
    return base | ({"state": "failed", "detail": f"runs and does not answer: {why}"} if why else {"state": "up", "detail": "answers"})


def down(place: Place, name: str) -> dict:
    record = place.record(name)
    if record is None or record.get("skipped"):
        place.forget(name)
        return {"state": "down", "detail": "was not running"}
    process = identity(record)
    detail = "ended" if process.alive() else "was gone already"
    left = end(process, KINDS[name].stop_signal, STOP_S)
    if left:
        return {"state": "failed", "detail": f"would not end: pid {', '.join(str(i.pid) for i in left)}"}
    shutil.rmtree(record["run"], ignore_errors=True)
    place.forget(name)
    return {"state": "down", "detail": detail}


def kill(place: Place, name: str) -> dict:
    record = place.record(name)
    if record is None or record.get("skipped") or not identity(record).alive():
        return {"state": "failed", "detail": "does not run: nothing to kill"}
    process = identity(record)
    family = [process, *descendants(process)]
    process.send(signal.SIGKILL)
    left = wait_gone(family, 3)  # PostgreSQL's backends notice that their parent is gone and leave by themselves; on a busy machine not all at once
    for one in left:
        one.send(signal.SIGKILL)
    left = wait_gone(left, 10)
    return {"state": "failed", "detail": f"pid {left[0].pid} lives on"} if left else {"state": "stale", "detail": "killed"}


def fetch_one(place: Place, name: str) -> dict:
    try:
        return {"state": "fetched", "detail": fetch.fetch(place.cache, name)}
    except fetch.Missing as error:
        return {"state": "skipped", "detail": str(error)}


def guarded(action, place: Place, name: str) -> dict:
    """One server's trouble is no other's."""
    try:
        return action(place, name)
    except Exception as error:  # noqa: BLE001
        return {"state": "failed", "detail": f"{type(error).__name__}: {error}"}


ACTIONS = {"fetch": fetch_one, "up": up, "status": status, "kill": kill, "down": down}


def default_folder(account: Account) -> Path:
    """build/servers; where the unprivileged account cannot reach that (a clone under /root), a folder of /var/tmp with a link to it there."""
    wanted = ROOT / "build/servers"
    wanted.parent.mkdir(parents=True, exist_ok=True)
    if wanted.is_symlink() and wanted.exists():
        return wanted.resolve()
    if account.reaches(wanted):
        return wanted
    if wanted.is_dir():
        raise SystemExit(f"servers: {account.name} cannot reach {wanted}: remove that folder, and one in /var/tmp takes its place")
    wanted.unlink(missing_ok=True)
    # Named by the clone's path: the next clone at the same place finds what was fetched. /var/tmp is everybody's, so it must be our own folder.
    real = Path("/var/tmp") / f"promtrade-servers-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    real.mkdir(mode=0o755, exist_ok=True)
    if real.is_symlink() or real.stat().st_uid != os.getuid():
        raise SystemExit(f"servers: {real} belongs to somebody else: remove it")
    wanted.symlink_to(real)
    return real


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--as", dest="set", default=os.environ.get("PROM_SERVERS_AS", ""), help="a set of its own, in build/servers/SET")
    parser.add_argument("command", choices=[*ACTIONS, "env"])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(KINDS))
    options = parser.parse_intermixed_args()
    unknown = [name for name in options.names if name not in KINDS]
    if unknown:
        parser.error(f"there is no server {unknown[0]}: {', '.join(KINDS)}")
    names = list(dict.fromkeys(options.names)) or (list(KINDS) if options.command in ("down", "status", "env") else USUAL)
    home = default_folder(Account.choose())
    if options.set in ("cache", "run", "state") or not re.fullmatch(r"[\w-]*", options.set):
        parser.error("the name of a set is letters, digits and '-', and none of cache, run, state")
    place = Place(home / options.set, home / "cache")
    if options.command == "env":
        found = {name: place.record(name) for name in names}
        settings = {key: value for record in found.values() if record and "settings" in record for key, value in record["settings"].items()}
        print(json.dumps(settings, indent=1) if options.json else "\n".join(f"export {key}={shlex.quote(value)}" for key, value in settings.items()))
        return 0
    started = time.monotonic()
    with place.lock() if options.command != "status" else open(os.devnull), concurrent.futures.ThreadPoolExecutor(len(KINDS)) as pool:
        results = dict(zip(names, pool.map(lambda name: guarded(ACTIONS[options.command], place, name), names)))
        if options.command in ("up", "down"):
            place.write_env()
    if options.json:
        print(json.dumps(results, indent=1))
    else:
        for name, result in results.items():
            state = result["state"].upper() if result["state"] in ("skipped", "failed") else result["state"]
            say(f"{name:<13}{state:<9}{'port ' + str(result['port']) + ', ' if 'port' in result else ''}{result['detail']}")
        say(f"{options.command} took {time.monotonic() - started:.1f} s")
    return 1 if any(result["state"] == "failed" for result in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
