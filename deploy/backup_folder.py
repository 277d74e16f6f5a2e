"""What backup.py and clickhouse_backup.py have in common: folders TO/KIND-TIME with a manifest of every file's size and SHA-256, and the command line around them.

A backup is written under a name ending in .partial and renamed when it is whole: what has another name is whole. One backup of a kind at a time.
"""
import argparse
import fcntl
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

FORMAT = 2  # since 2 each ledger of PostgreSQL is a file of its own; 1 has one file for all
READ = (1, 2)
BLOCK = 1 << 20


class Failure(Exception):
    """A sentence for the operator, and the exit code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def stamp() -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()


def sync(path: Path) -> None:
    """A file or folder onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class NewBackup:
    """A backup that is being made in `partial`; finish() makes it a whole one. Held for as long as this object lives: no other of its kind begins in `to`."""

    def __init__(self, to: Path, kind: str, lock: str) -> None:
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.to, self.kind, self.lock = to, kind, (to / lock).open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(5, f"another backup into {to} is under way") from None
        for left in to.glob(f"{kind}-*.partial"):  # of a backup that was killed
            shutil.rmtree(left)
        self.whole = to / f"{kind}-{stamp()}"
        if self.whole.exists():
            raise Failure(5, f"{self.whole} was made within this second: try again")
        self.partial = to / f"{self.whole.name}.partial"
        self.partial.mkdir(mode=0o700)

    def finish(self, files: dict[str, Path], more: dict, keep: int) -> dict:
        """`files`: paths by their names in the manifest. Removes the oldest whole backups beyond `keep` (0: none). Returns the manifest."""
        manifest = {"format": FORMAT, "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **more,
                    "files": {key: {"bytes": path.stat().st_size, "sha256": sha256(path)} for key, path in files.items()}}
        (self.partial / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
        for path in [*files.values(), self.partial / "manifest.json", *(p for p in self.partial.rglob("*") if p.is_dir()), self.partial]:
            sync(path)
        self.partial.rename(self.whole)
        sync(self.to)
        for old in whole_backups(self.to, self.kind)[keep:] if keep else []:
            shutil.rmtree(old)
        return manifest


def size_of(manifest: dict) -> str:
    return f"{sum(file['bytes'] for file in manifest['files'].values()) / 1e6:.1f} MB"


def whole_backups(to: Path, kind: str) -> list[Path]:
    """Newest first."""
    return sorted((p for p in to.glob(f"{kind}-*Z") if (p / "manifest.json").is_file()), reverse=True)


def verify(folder: Path) -> dict:
    """The manifest, once every file is what it says."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
    except (OSError, ValueError) as error:
        raise Failure(1, f"{folder} is no backup: its manifest.json cannot be read ({error})") from error
    if manifest.get("format") not in READ:
        raise Failure(1, f"{folder} has format {manifest.get('format')}, this program reads {READ[0]} to {READ[-1]}")
    for key, said in manifest["files"].items():
        path = folder / key
        if ".." in Path(key).parts or Path(key).is_absolute():
            raise Failure(1, f"{folder} names a file outside itself: {key}")
        if not path.is_file():
            raise Failure(1, f"{path} is missing")
        if path.stat().st_size != said["bytes"] or sha256(path) != said["sha256"]:
            raise Failure(1, f"{path} is damaged: it is not what was backed up")
    return manifest


def show(to: Path, kind: str) -> None:
    for path in whole_backups(to, kind):
        print(f"{path}  {size_of(json.loads((path / 'manifest.json').read_text()))}")


Act = Callable[[argparse.Namespace], None]
Switches = Iterable[tuple[str, dict]]  # names and settings of add_argument


def run(program: str, about: str, kind: str, backup: tuple[Act, Switches], restore: tuple[Act, Switches]) -> int:
    """The command line of a backup program: backup, list, verify, restore. `about`: its docstring. Returns the exit code."""
    first, rest = about.split("\n\n", maxsplit=1)
    parser = argparse.ArgumentParser(description=first, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("backup")
    one.add_argument("--to", required=True)
    one.add_argument("--keep", type=int, default=0, help="whole backups to keep, the newest; 0 keeps all")
    listing = commands.add_parser("list")
    listing.add_argument("--to", required=True)
    listing.set_defaults(act=lambda o: show(Path(o.to), kind))
    check = commands.add_parser("verify")
    check.add_argument("folder")
    check.set_defaults(act=lambda o: print(f"{o.folder}: {len(verify(Path(o.folder))['files'])} files, all as they were backed up"))
    back = commands.add_parser("restore")
    back.add_argument("folder")
    for command, (act, switches) in ((one, backup), (back, restore)):
        command.set_defaults(act=act)
        for name, settings in switches:
            command.add_argument(name, **settings)
    options = parser.parse_args()
    try:
        options.act(options)
    except Failure as failure:
        print(f"{program}: {failure}", file=sys.stderr)
        return failure.code
    except OSError as error:
        print(f"{program}: {error.filename or 'the disk'}: {error.strerror or error}", file=sys.stderr)
        return 4
    return 0
