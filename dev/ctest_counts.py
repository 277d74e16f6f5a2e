"""Reads ctest's JUnit file and counts test cases: GoogleTest's and unittest's own cases where a program prints them, else the program as one."""
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Counts:
    """Cases of a stage; `failures` and `skips` are lines for people, `said` what the failed ones printed, with the name of each."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    skips: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: "Counts") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures
        self.skips += other.skips
        self.said += other.said


def _number(pattern: str, text: str) -> int:
    found = re.findall(pattern, text, re.M)
    return int(found[-1]) if found else 0


def words_of_failures(text: str) -> list[tuple[str, str]]:
    """Name and words of each failed case in a program's output; nothing where it is neither GoogleTest nor unittest."""
    found = []
    for name, words in re.findall(r"^\[ RUN      \] (\S+)\n((?:(?!\[ RUN      \]).*\n)*?)\[  FAILED  \] \1", text, re.M):
        found.append((name, words.strip()))
    for name, words in re.findall(r"^={70}\n(?:FAIL|ERROR): (.+)\n-{70}\n((?:(?!={70}|-{70}).*\n)*)", text, re.M):
        found.append((name, words.strip()))
    return found


def of_output(text: str) -> Counts:
    """The cases that a program's output tells of; nothing where it is neither GoogleTest nor unittest."""
    counts = Counts()
    if re.search(r"^\[==========\] \d+ tests? from .* ran\.", text, re.M):
        counts.passed = _number(r"^\[  PASSED  \] (\d+) tests?\.", text)
        counts.failed = _number(r"^\[  FAILED  \] (\d+) tests?, listed below", text)
        counts.skipped = _number(r"^\[  SKIPPED \] (\d+) tests?, listed below", text)
        counts.failures = sorted(set(re.findall(r"^\[  FAILED  \] ([\w./]+\.[\w./]+)", text, re.M)))
        reason: list[str] = []
        for line in text.split("\n"):
            if line.startswith("[ RUN      ]"):
                reason = []
            elif match := re.match(r"\[  SKIPPED \] (\S+) \(\d+ ms\)", line):
                counts.skips.append(f"{match.group(1)}: {' '.join(reason) or 'no reason given'}")
            elif line and not line.startswith("[") and not line.endswith(": Skipped"):
                reason.append(line.strip())
    elif match := re.search(r"^Ran (\d+) tests? in ", text, re.M):
        tail = text[match.end() :]
        counts.skipped = _number(r"skipped=(\d+)", tail)
        counts.failed = _number(r"failures=(\d+)", tail) + _number(r"errors=(\d+)", tail)
        # A failed subTest counts as a failure of its own, so that a run of one test may have several.
        counts.passed = max(0, int(match.group(1)) - counts.skipped - counts.failed)
        counts.failures = re.findall(r"^(?:FAIL|ERROR): (.+)", text, re.M)
        counts.skips = [reason for _, reason in re.findall(r"""skipped (['"])(.+)\1""", text)]
        if counts.skipped > 0 and not counts.skips:
            counts.skips.append(f"{counts.skipped} cases, no reason given")
    return counts


def of_junit(path: Path, whole_programs: bool = False) -> Counts:
    """Sums a ctest JUnit file. With whole_programs each ctest entry counts as one (a second run of the same cases under a sanitizer)."""
    total = Counts()
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name, status = case.get("name", "?"), case.get("status", "")
        output = "".join(node.text or "" for node in case.iter("system-out"))
        skipped = case.find("skipped")
        message = (skipped.get("message") or "") if skipped is not None else ""
        inner = of_output(output)
        if status == "run" and skipped is None:
            if whole_programs or inner.passed + inner.failed + inner.skipped == 0:
                total.passed += 1
            else:
                total.add(inner)
        elif status == "disabled" or (skipped is not None and "SKIP_" in message):
            total.skipped += 1
            total.skips.append(f"{name}: {message or 'disabled'}")
        else:
            total.said += words_of_failures(output) or [(name, output.strip())]
            # A program that was not built, crashed, ran too long, or whose sanitizer complained after its cases had passed.
            if inner.failed and not whole_programs:
                total.add(inner)
            else:
                total.add(Counts(inner.passed if not whole_programs else 0, 1, 0, [f"{name}: {message or status}"], []))
    return total
