"""Builds that later stages need, made on the cores that earlier ones leave idle: tests of servers wait most of their time, compilers never do."""
import os
import shutil
import subprocess
import threading
from pathlib import Path

SPARE_MEMORY_MIB = 8192  # below, compilers beside the tests could push a small machine into its swap


def memory_mib() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20


class BuildAhead:
    """Runs the builds one after another as the scheduler's idle class, which takes nothing from whoever wants a core. What they print is in `log`; a fault is
    found by the stage that asks for the same build again."""

    def __init__(self, root: Path, log: Path) -> None:
        self.root, self.log = root, log
        self.done: dict[str, threading.Event] = {}

    def start(self, builds: dict[str, list[str]], environment: dict[str, str]) -> bool:
        """`builds`: arguments of dev/build.sh by preset. False, and nothing begun, where memory is short."""
        if not builds or memory_mib() < SPARE_MEMORY_MIB:
            return False
        self.done = {preset: threading.Event() for preset in builds}
        threading.Thread(target=self._run, args=(builds, environment), daemon=True).start()
        return True

    def wait(self, preset: str) -> None:
        """Until that preset's build has ended, however it did; at once where none was begun."""
        if preset in self.done:
            self.done[preset].wait()

    def _run(self, builds: dict[str, list[str]], environment: dict[str, str]) -> None:
        idle = ["chrt", "--idle", "0"] if shutil.which("chrt") else ["nice", "-n", "19"]
        with self.log.open("w") as log:
            for preset, arguments in builds.items():
                try:
                    subprocess.run([*idle, "dev/build.sh", preset, *arguments], cwd=self.root, env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=subprocess.STDOUT, check=False)
                finally:
                    self.done[preset].set()
