#!/usr/bin/env python3
"""Commands that the documentation shows are commands that exist: make targets, scripts of the project, promtrade's subcommands and options.

Looks at fenced blocks marked sh, bash, shell or console in README.md, CONTRIBUTING.md and docs/*.md (lines after `$ ` in console blocks).
A block marked `sh run` is executed too, in an empty folder for its state, and must exit 0 within a minute.
Prints `file:line: message` for each fault; the last line counts. Needs build/release/promtrade; exit 1 on any fault.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ROOT / "build/release/promtrade"
_FENCE = re.compile(r"^```[ \t]*(sh|bash|shell|console)\b([^\n]*)\n(.*?)^```", re.M | re.S)


@cache
def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.M))


@cache
def help_of(*subcommands: str) -> tuple[int, str]:
    shown = subprocess.run([PRODUCT, *subcommands, "--help"], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL, check=False)
    return shown.returncode, shown.stdout + shown.stderr


def commands(block: str, kind: str) -> list[tuple[int, str]]:
    """(line within the block, command) with continuation lines joined."""
    found, pending, start = [], "", 0
    for number, line in enumerate(block.split("\n")):
        if kind == "console" and not pending:
            if not line.startswith("$ "):
                continue
            line = line[2:]
        if not pending:
            start = number
        pending += line.rstrip("\\") if line.endswith("\\") else line
        if line.endswith("\\"):
            continue
        if pending.strip() and not pending.lstrip().startswith("#"):
            found.append((start, pending.strip()))
        pending = ""
    return found


def fault_of_product(words: list[str]) -> str | None:
    subcommands: list[str] = []
    for word in words:
        if not re.fullmatch(r"[a-z][a-z-]*", word) or len(subcommands) == 2:
            break
        # A word is a subcommand only where the help above it names it; else it is an argument.
        if subcommands and not re.search(rf"^\s+{re.escape(word)}\b", help_of(*subcommands)[1], re.M):
            break
        subcommands.append(word)
    status, text = help_of(*subcommands)
    if status != 0:
        return f"promtrade {' '.join(subcommands)} --help exits with {status}"
    for word in words:
        option = word.split("=")[0]
        if re.fullmatch(r"--[a-z][a-z-]*", option) and option != "--help" and not re.search(rf"{option}(?![\w-])", text + help_of()[1]):
            return f"promtrade {' '.join(subcommands)} has no option {option}"
    return None


def fault_of(command: str) -> str | None:
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        return None  # a fragment of a longer shell construct
    fault, current = None, []
    for word in [*words, ";"]:
        if word in ("&&", "||", "|", ";", "&"):
            fault = fault or fault_of_simple(current)
            current = []
        else:
            current.append(word)
    return fault


def fault_of_simple(words: list[str]) -> str | None:
    while words and (re.match(r"[A-Za-z_]\w*=", words[0]) or words[0] in ("sudo", "time", "exec")):
        words = words[1:]
    for index, word in enumerate(words):
        if re.match(r"\d?>|<", word):
            words = words[:index]
            break
    if not words:
        return None
    if words[0] == "make":
        for word in words[1:]:
            if not word.startswith("-") and "=" not in word and word not in make_targets():
                return f"make has no target {word}"
        return None
    if words[0].split("/")[-1] == "promtrade":
        return fault_of_product(words[1:])
    if words[0].startswith(("dev/", "./dev/", "tests/", "deploy/", "./tests/", "./deploy/")) and not os.access(ROOT / words[0], os.X_OK):
        return f"there is no executable {words[0]}"
    return None


def run_block(block: str) -> str | None:
    with tempfile.TemporaryDirectory() as state:
        environment = os.environ | {"PROMTRADE_STATE": state, "PATH": f"{PRODUCT.parent}:{os.environ['PATH']}"}
        try:
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=ROOT, env=environment, capture_output=True, text=True,
                                  timeout=60, stdin=subprocess.DEVNULL, check=False)
        except subprocess.TimeoutExpired:
            return "runs longer than a minute"
    return f"exits with {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}" if done.returncode else None


def main() -> int:
    if not PRODUCT.exists():
        print(f"{PRODUCT.relative_to(ROOT)} is not built: its commands cannot be checked (make build)\ndocumentation: 1 commands checked, 1 faults")
        return 1
    checked, faults = 0, []
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    for page in (p for p in pages if p.exists()):
        text = page.read_text()
        for match in _FENCE.finditer(text):
            first = text.count("\n", 0, match.start(3)) + 1
            for offset, command in commands(match.group(3), match.group(1)):
                checked += 1
                if fault := fault_of(command):
                    faults.append(f"{page.relative_to(ROOT)}:{first + offset}: {fault}")
            if match.group(2).split() == ["run"]:
                checked += 1
                if fault := run_block(match.group(3)):
                    faults.append(f"{page.relative_to(ROOT)}:{first}: the block {fault}")
    print("\n".join(faults))
    print(f"documentation: {checked} commands checked, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
