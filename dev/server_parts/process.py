# Processes by identity: a pid alone may have been handed on to somebody else, so a record holds the boot, the pid and the instant of its start.
# Nothing here signals a process whose identity does not match.
from __future__ import annotations

import os
import pwd
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

UNPRIVILEGED = "nobody"


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _stat(pid: int) -> tuple[str, int, int] | None:
    """(state, parent, start in clock ticks since boot), or None where there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()  # the name before it may hold spaces and brackets
    return fields[0], int(fields[1]), int(fields[19])


@dataclass(frozen=True)
class Identity:
    pid: int
    start: int
    boot: str

    @staticmethod
    def of(pid: int) -> Identity | None:
        found = _stat(pid)
        return Identity(pid, found[2], boot_id()) if found else None

    def alive(self) -> bool:
        """Still that very process, and not a zombie that nobody has collected."""
        found = _stat(self.pid)
        return bool(found and found[0] != "Z" and found[2] == self.start and self.boot == boot_id())

    def send(self, number: int) -> None:
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass

    def record(self) -> dict:
        return asdict(self)


def descendants(root: Identity) -> list[Identity]:
    """Every process below `root` now. PostgreSQL's backends leave the group of their parent, so the group is no list of them."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            found = _stat(int(entry.name))
            if found:
                parents.setdefault(found[1], []).append(int(entry.name))
    out, queue = [], [root.pid] if root.alive() else []
    while queue:
        for child in parents.get(queue.pop(), []):
            identity = Identity.of(child)
            if identity:
                out.append(identity)
                queue.append(child)
    return out


def wait_gone(identities: list[Identity], seconds: float) -> list[Identity]:
    """Those that still live after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        left = [i for i in identities if i.alive()]
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.02)


def end(root: Identity, polite: int, seconds: float) -> list[Identity]:
    """Asks politely, waits, then kills what is left of the process and its children. Returns what would not go."""
    family = [root, *descendants(root)]
    root.send(polite)
    left = wait_gone(family, seconds)
    for identity in left:
        identity.send(signal.SIGKILL)
    return wait_gone(left, 2.0)


@dataclass(frozen=True)
class Account:
    """Whom servers run as: ourselves, or (started as root) an account without privileges."""

    uid: int
    gid: int
    name: str
    dropped: bool

    @staticmethod
    def choose() -> Account:
        if os.getuid() != 0:
            return Account(os.getuid(), os.getgid(), pwd.getpwuid(os.getuid()).pw_name, False)
        entry = pwd.getpwnam(os.environ.get("PROM_SERVERS_USER", UNPRIVILEGED))
        if entry.pw_uid == 0:
            raise SystemExit("servers: PROM_SERVERS_USER must not be root: servers run without privileges")
        return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, True)

    def popen_options(self) -> dict:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.dropped else {}

    def own(self, path: Path) -> None:
        if self.dropped:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether every folder above `path` may be walked through (a clone under /root may not)."""
        if not self.dropped:
            return True
        for folder in path.resolve().parents:
            mode = folder.stat()
            bit = 0o100 if mode.st_uid == self.uid else 0o010 if mode.st_gid == self.gid else 0o001
            if not mode.st_mode & bit:
                return False
        return True
