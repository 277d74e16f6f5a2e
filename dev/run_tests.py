#!/usr/bin/env python3
"""Runs the stages of `make test`, times them, and ends with one line `N passed, M failed, K skipped`.

Usage: dev/run_tests.py [--full] [--fuzz-seconds S] [STAGE...]        stages in order; without names, all but soak
Counted are test cases (GoogleTest, unittest, ctest programs), lint rules, linted files, fuzz targets, and one for each program that ran again under a
sanitizer. --full widens tsan to every unit test, clang-tidy to every file, asan to every test. Logs: build/test/STAGE.log. Exit 1 if anything failed.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from build_ahead import BuildAhead  # noqa: E402
from ctest_counts import Counts, of_junit, of_output, words_of_failures  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build/test"
MARK = "PROM_TEST_RUN"  # in the environment of everything that a run starts, so that what it leaves behind can be found
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:abort_on_error=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": f"halt_on_error=0:second_deadlock_stack=1:suppressions={ROOT / 'tests/sanitizers/tsan.supp'}",
}


class Runner:
    def __init__(self, options: argparse.Namespace) -> None:
        self.full = options.full
        self.fuzz_seconds = options.fuzz_seconds
        self.log = LOGS / "x.log"
        self.ahead = BuildAhead(ROOT, LOGS / "ahead.log")
        # LLVM 19's symbolizer has no plain name in Debian.
        symbolizer = shutil.which("llvm-symbolizer-19") or ""
        self.environment = os.environ | SANITIZERS | {"ASAN_SYMBOLIZER_PATH": symbolizer, MARK: uuid.uuid4().hex}
        self.environment["TSAN_OPTIONS"] += f":external_symbolizer_path={symbolizer}" if symbolizer else ""

    def run(self, *command: str | Path, **environment: str) -> tuple[int, str]:
        """Runs to the end with its output in the stage's log (and on the terminal where there is one); the output comes back too."""
        lines: list[str] = []
        with subprocess.Popen([str(c) for c in command], cwd=ROOT, env=self.environment | environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, errors="replace") as process:
            with self.log.open("a") as log:
                log.write(f"$ {' '.join(map(str, command))}\n")
                for line in process.stdout:
                    lines.append(line)
                    log.write(line)
                    if sys.stdout.isatty() or line.startswith("promtrade: building"):
                        print(f"   {line}", end="", flush=True)
        return process.returncode, "".join(lines)

    def build(self, *arguments: str) -> Counts:
        status, output = self.run("dev/build.sh", *arguments, PROM_KEEP_GOING="1")
        if status == 0:
            return Counts()
        return Counts(0, 1, 0, [f"build of {arguments[0]}", *re.findall(r"^FAILED: (\S+)", output, re.M)[:20]])

    def ctest(self, preset: str, *selection: str, whole: bool = False, beside: int = 0) -> Counts:
        """`beside`: how many more run at a time than there are cores, where they wait more than they work."""
        report = ROOT / f"build/{preset}/junit.xml"
        report.unlink(missing_ok=True)
        self.run("ctest", "--test-dir", f"build/{preset}", "-j", str((os.cpu_count() or 1) + beside), "--timeout", "600", "--output-on-failure", "--output-junit", report,
                 "--test-output-size-passed", "10000000", "--test-output-size-failed", "10000000", "--test-output-truncation", "middle", *selection)
        if not report.exists():
            return Counts(0, 1, 0, [f"ctest of build/{preset} wrote no report"])
        return of_junit(report, whole)


def excerpt(counts: Counts, log: str) -> str:
    """What the failed tests said, else the log's end: a run on another machine may leave nothing but this."""
    if not counts.said:
        return "its end:\n" + "".join(f"   | {line}\n" for line in log.split("\n")[-25:])
    text = "what failed said:\n"
    for name, words in counts.said[:8]:
        lines = words.split("\n")
        kept = lines if len(lines) <= 40 else [*lines[:10], f"({len(lines) - 40} lines left out)", *lines[-30:]]
        text += f"   | {name}\n" + "".join(f"   |   {line[:600]}\n" for line in kept)
    return text if len(counts.said) <= 8 else text + f"   | and {len(counts.said) - 8} more\n"


def folder_tests(folders: list[str]) -> list[str]:
    """The ctest names that the CMakeLists.txt of these folders (and of those below them) declare."""
    names = []
    for folder in folders:
        for listing in sorted((ROOT / folder).rglob("CMakeLists.txt")):
            for body in re.findall(r"prom_library\s*\(([^)]*)\)", re.sub(r"#[^\n]*", "", listing.read_text())):
                name = re.search(r"\bNAME\s+(\S+)", body)
                if name and re.search(r"\bTESTS\s", body):
                    names.append(name.group(1))
    return names


def python_test(runner: Runner, test: Path) -> Counts:
    status, output = runner.run("python3", test, "-v")
    counts = of_output(output)
    counts.said = words_of_failures(output)
    if status != 0 and counts.failed == 0:
        counts.add(Counts(0, 1, 0, [f"{test.name}: exit {status}"]))
    return counts


def lints(runner: Runner) -> Counts:
    counts = Counts()
    status, output = runner.run("python3", "dev/tidy.py")
    found = re.search(r"^tidy: (\d+) rules clean, (\d+) broken", output, re.M)
    counts.add(Counts(int(found.group(1)), int(found.group(2)), 0, output.strip().split("\n")[:-1][:40]) if found else Counts(0, 1, 0, ["tidy.py crashed"]))
    for test in sorted((ROOT / "dev").glob("*_test.py")):
        if test.name != "servers_test.py":  # the stage servers runs it
            counts.add(python_test(runner, test))
    return counts


def formatted(runner: Runner) -> Counts:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.h", "*.cpp"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    files = [f for f in listed.split() if "/vendor/" not in f and (ROOT / f).exists()]
    if not files:
        return Counts(0, 0, 1, [], ["no C++ file is tracked"])
    bad: set[str] = set()
    for first in range(0, len(files), 100):
        _, output = runner.run("clang-format-19", "--dry-run", "-Werror", *files[first : first + 100])
        bad |= set(re.findall(r"^(\S+?):\d+:\d+: error: code should be clang-formatted", output, re.M))
    return Counts(len(files) - len(bad), len(bad), 0, [f"{f}: not formatted (make format)" for f in sorted(bad)])


def build(runner: Runner) -> Counts:
    counts = runner.build("release", "-DPROM_BUILD_TESTS=ON", "all")
    counts.passed += counts.failed == 0
    return counts


def tests(runner: Runner) -> Counts:
    return runner.ctest("release", "-LE", "soak|large|servers")


def servers(runner: Runner) -> Counts:
    """Real servers: started, asked by the tests labelled `servers`, ended. One that cannot be had is a skip with its reason."""
    counts = runner.build("release", "-DPROM_BUILD_TESTS=ON", "server_tests")
    runner.environment["PROM_SERVERS_AS"] = "make-test"  # beside servers that a person has started
    try:
        _, output = runner.run("python3", "dev/servers.py", "up")
        # Not among the usual, for their tests alone: the wrong version, and one with TLS and without pgvector.
        output += runner.run("python3", "dev/servers.py", "up", "clickhouse18", "postgres15")[1]
        for name, state, detail in re.findall(r"^servers: (\S+) +(up|SKIPPED|FAILED) +(.*)", output, re.M):
            counts.add(Counts(int(state == "up"), int(state == "FAILED"), int(state == "SKIPPED"), [f"{name}: {detail}"] if state == "FAILED" else [],
                              [f"{name}: {detail}"] if state == "SKIPPED" else []))
        counts.add(runner.ctest("release", "-L", "servers", beside=1))
        del runner.environment["PROM_SERVERS_AS"]
        counts.add(python_test(runner, ROOT / "dev/servers_test.py"))
    finally:
        status, output = runner.run("python3", "dev/servers.py", "--as", "make-test", "down")
    counts.add(Counts(int(status == 0), int(status != 0), 0, [] if status == 0 else [line for line in output.split("\n") if "FAILED" in line]))
    return counts


def listed_folders(name: str) -> list[str]:
    lines = [re.sub(r"#.*", "", line).strip() for line in (ROOT / "dev" / name).read_text().split("\n")]
    return [line for line in lines if line]


def asan_names() -> list[str]:
    return folder_tests(listed_folders("asan_targets.txt"))


def tsan_names() -> list[str]:
    return folder_tests(listed_folders("tsan_targets.txt"))


def fuzz_names() -> set[str]:
    return {file.stem for folder in listed_folders("asan_targets.txt") for file in (ROOT / folder).rglob("*_fuzz.cpp")}


def build_ahead(runner: Runner, stages: list[str]) -> None:
    """What the sanitizers' stages will build, beside the stages of tests, where those come before."""
    builds = {}
    if {"asan", "fuzz"} & set(stages):
        builds["asan"] = ["-DPROM_FUZZ=ON", *(f"{name}_test" for name in asan_names() if "asan" in stages), *(sorted(fuzz_names()) if "fuzz" in stages else [])]
    if "tsan" in stages and tsan_names():
        builds["tsan"] = [f"{name}_test" for name in tsan_names()]
    if runner.ahead.start(builds, runner.environment | {"PROM_KEEP_GOING": "1"}):
        print(f"   beside it, on idle cores: building {' and '.join(builds)} (build/test/ahead.log)", flush=True)


def asan(runner: Runner) -> Counts:
    """One build serves the unit tests and the fuzz targets: coverage instrumentation costs less than compiling everything twice."""
    if runner.full:
        counts = runner.build("asan", "-DPROM_FUZZ=ON", "all")
        counts.add(runner.ctest("asan", "-LE", "soak|large|servers", whole=True))
        return counts
    names = asan_names()
    runner.ahead.wait("asan")
    counts = runner.build("asan", "-DPROM_FUZZ=ON", *(f"{name}_test" for name in names))
    counts.add(runner.ctest("asan", "-L", "unit", "-R", f"^({'|'.join(names)})$", whole=True))
    return counts


def fuzz(runner: Runner) -> Counts:
    subset = None if runner.full else fuzz_names()
    runner.ahead.wait("asan")
    counts = runner.build("asan", "-DPROM_FUZZ=ON", *(["fuzz_targets"] if subset is None else sorted(subset)))
    listing = ROOT / "build/asan/fuzz_targets.txt"
    targets = [Path(line) for line in (listing.read_text().split() if listing.exists() else [])]
    if subset is not None:
        targets = [target for target in targets if target.name in subset]
    for target in targets:
        found, seeds = ROOT / "build/fuzz" / target.name, []
        found.mkdir(parents=True, exist_ok=True)
        stem = target.name.removesuffix("_fuzz")
        for place in (*(ROOT / "src").rglob(f"fuzz_corpus/{stem}"), *(ROOT / "src").rglob(f"{target.name}_corpus")):
            seeds += [str(place)] if place.is_dir() else []
        status, output = runner.run(target, f"-max_total_time={runner.fuzz_seconds}", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
                                    f"-artifact_prefix={found}/", found, *seeds)
        runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
        if status == 0 and runs and int(runs.group(1)) > 0:
            counts.passed += 1
        else:
            artifact = re.search(r"Test unit written to (\S+)", output)
            counts.add(Counts(0, 1, 0, [f"{target.name}: exit {status}{', input in ' + artifact.group(1) if artifact else ''}"]))
    if not targets:
        counts.add(Counts(0, 0, 1, [], ["no fuzz target is declared (FUZZERS of prom_library)"]))
    return counts


def tsan(runner: Runner) -> Counts:
    if runner.full:
        counts = runner.build("tsan", "unit_tests", "fuzz_targets")
        counts.add(runner.ctest("tsan", "-L", "unit", whole=True))
        return counts
    names = tsan_names()
    if not names:
        return Counts(0, 0, 1, [], ["no folder of dev/tsan_targets.txt has unit tests"])
    runner.ahead.wait("tsan")
    counts = runner.build("tsan", *(f"{name}_test" for name in names))
    counts.add(runner.ctest("tsan", "-L", "unit", "-R", f"^({'|'.join(names)})$", whole=True))
    return counts


def clang_tidy(runner: Runner) -> Counts:
    _, output = runner.run("python3", "dev/clang_tidy.py", *(["--all"] if runner.full else []))
    found = re.search(r"^clang-tidy: (\d+) passed, (\d+) failed, (\d+) left out", output, re.M)
    if not found:
        return Counts(0, 1, 0, ["clang_tidy.py crashed"])
    passed, failed, left_out = map(int, found.groups())
    counts = Counts(passed, failed, 0, re.findall(r"^--- (\S+)", output, re.M))
    if left_out:
        counts.add(Counts(0, 0, 1, [], [f"{left_out} changed files beyond the limit were not linted (make tidy lints all)"]))
    if passed + failed == 0:
        counts.add(Counts(0, 0, 1, [], ["no C++ file has changed"]))
    return counts


def documentation(runner: Runner) -> Counts:
    status, output = runner.run("python3", "dev/check_readme.py")
    found = re.search(r"^documentation: (\d+) commands checked, (\d+) faults", output, re.M)
    if not found:
        return Counts(0, 1, 0, [f"check_readme.py: exit {status}"])
    checked, faults = map(int, found.groups())
    return Counts(checked - faults, faults, 0, [line for line in output.split("\n")[:-2] if line])


def metrics(runner: Runner) -> Counts:
    status, output = runner.run("python3", "dev/check_metrics.py")
    last = output.strip().split("\n")
    if status == 3:
        return Counts(0, 0, 1, [], last[-1:])
    return Counts(1, 0, 0) if status == 0 else Counts(0, 1, 0, last[-8:])


def soak(runner: Runner) -> Counts:
    counts = runner.build("release", "-DPROM_BUILD_TESTS=ON", "all")
    ran = runner.ctest("release", "-L", "soak", "--timeout", "86400")
    if ran.passed + ran.failed + ran.skipped == 0:
        ran = Counts(0, 0, 1, [], ["no test is labelled soak"])
    counts.add(ran)
    return counts


def leftovers(runner: Runner) -> Counts:
    """Processes that carry this run's mark and still live: ended one by one, and a failure."""
    mark = f"{MARK}={runner.environment[MARK]}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append((int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()))
        except OSError:
            continue
    for process, _ in found:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass
    found = [f for f in found if f[1]]
    return Counts(int(not found), len(found), 0, [f"left running (ended now): {pid} {command[:120]}" for pid, command in found])


STAGES = {"lints": lints, "format": formatted, "build": build, "tests": tests, "servers": servers, "asan": asan, "fuzz": fuzz, "tsan": tsan, "clang-tidy": clang_tidy,
          "documentation": documentation, "metrics": metrics, "soak": soak}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--fuzz-seconds", type=int, default=5)
    parser.add_argument("stages", nargs="*", choices=[*STAGES, []], metavar="STAGE", help=", ".join(STAGES))
    options = parser.parse_args()
    runner, total, rows = Runner(options), Counts(), []
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / "summary.txt").unlink(missing_ok=True)
    names = options.stages or [name for name in STAGES if name != "soak"]
    try:
        for place, name in enumerate([*names, "leftovers"]):
            print(f"== {name}", flush=True)
            if name == "tests" and not options.full:
                build_ahead(runner, names[place + 1 :])
            runner.log = LOGS / f"{name}.log"
            runner.log.write_text("")
            started = time.monotonic()
            counts = leftovers(runner) if name == "leftovers" else STAGES[name](runner)
            rows.append((name, time.monotonic() - started, counts))
            total.add(counts)
            for line in counts.failures:
                print(f"   FAILED {line}")
            for line in counts.skips:
                print(f"   SKIPPED {line}")
            if counts.failed:
                print(f"   log: {runner.log.relative_to(ROOT)}; {excerpt(counts, runner.log.read_text())}", end="")
            print(f"   {counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped in {rows[-1][1]:.1f} s", flush=True)
    except KeyboardInterrupt:
        leftovers(runner)
        print("interrupted")
        return 130
    print("\nstage           seconds   passed   failed  skipped")
    for name, seconds, counts in rows:
        print(f"{name:<14}{seconds:>9.1f}{counts.passed:>9}{counts.failed:>9}{counts.skipped:>9}")
    print(f"{'all':<14}{sum(r[1] for r in rows):>9.1f}{total.passed:>9}{total.failed:>9}{total.skipped:>9}")
    summary = f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped"
    (LOGS / "summary.txt").write_text(summary + "\n")
    print(summary, flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
