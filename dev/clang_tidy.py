#!/usr/bin/env python3
"""clang-tidy over changed files, and headers that must compile alone.

Usage: dev/clang_tidy.py [--all] [--limit N] [FILE...]
Changed: against the merge base with origin/main, else against HEAD~1, else everything; uncommitted files too. Beyond --limit (24 sources, 60 headers)
files are left out and counted aloud. A changed header is linted through the .cpp of the same name. Uses build/tidy (no precompiled header, so that
a missing include is seen). Prints faults; the last line is `clang-tidy: N passed, M failed, K left out`; exit 1 on any fault.
"""
import argparse
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/tidy"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def git(*arguments: str) -> str | None:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def changed() -> tuple[str, list[str]]:
    """What the files are compared with, in words, and the changed C++ files that exist."""
    head = git("rev-parse", "HEAD")
    if head is None:
        return "everything (no commit yet)", (git("ls-files", "-co", "--exclude-standard") or "").split("\n")
    base, words = git("merge-base", "HEAD", "origin/main"), "the merge base with origin/main"
    if base is None or base == head:
        base, words = git("rev-parse", "HEAD~1"), "HEAD~1"
    if base is None:
        base, words = EMPTY_TREE, "everything (first commit)"
    listed = (git("diff", "--name-only", "--diff-filter=d", base) or "") + "\n" + (git("ls-files", "-o", "--exclude-standard") or "")
    return words, listed.split("\n")


def spread(files: list[str], limit: int) -> list[str]:
    """At most `limit` of the files, evenly from the whole list."""
    return files if len(files) <= limit else [files[i * len(files) // limit] for i in range(limit)]


def run(command: list[str]) -> tuple[int, str]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + "\n".join(l for l in done.stderr.split("\n") if "warnings generated" not in l and "Suppressed" not in l)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--limit", type=int, default=24)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    configured = subprocess.run(["dev/build.sh", "tidy", "help"], cwd=ROOT, capture_output=True, text=True, check=False)
    if configured.returncode != 0:
        print(configured.stdout + configured.stderr + "clang-tidy: 0 passed, 1 failed, 0 left out")
        return 1
    known = {str(Path(e["file"]).relative_to(ROOT)): e for e in json.loads((BUILD / "compile_commands.json").read_text())
             if Path(e["file"]).is_relative_to(ROOT)}
    if options.files:
        words, files = "the files named", options.files
    elif options.all:
        words, files = "everything", (git("ls-files", "-co", "--exclude-standard") or "").split("\n")
    else:
        words, files = changed()
    headers = sorted(f for f in files if f.startswith("src/") and f.endswith(".h") and (ROOT / f).exists())
    sources = sorted({f for f in files if f in known} | {h[:-2] + ".cpp" for h in headers if h[:-2] + ".cpp" in known})
    chosen, chosen_headers = sources, headers
    if not options.all and not options.files:
        chosen, chosen_headers = spread(sources, options.limit), spread(headers, 60)
    left_out = len(sources) - len(chosen) + len(headers) - len(chosen_headers)
    print(f"clang-tidy: {len(chosen)} of {len(sources)} sources, {len(chosen_headers)} of {len(headers)} headers changed against {words}", flush=True)
    cache = (BUILD / "CMakeCache.txt").read_text()
    boost = next((l.split("=", 1)[1] for l in cache.split("\n") if l.startswith("PROM_BOOST_INCLUDE:")), "")
    alone = ["clang++-19", "-fsyntax-only", "-std=c++23", "-Isrc", "-Wall", "-Wextra", "-Wno-pragma-once-outside-header", *(["-isystem", boost] if boost else [])]
    work = [(f, ["clang-tidy-19", "-p", str(BUILD), "--quiet", f]) for f in chosen] + [(h, [*alone, "-x", "c++", h]) for h in chosen_headers]
    jobs = int(subprocess.run(["bash", "-c", "source dev/lib.sh; build_jobs"], cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for (name, _), (status, output) in zip(work, pool.map(lambda item: run(item[1]), work)):
            if status != 0:
                failed += 1
                print(f"--- {name}\n{output.strip()}", flush=True)
    print(f"clang-tidy: {len(work) - failed} passed, {failed} failed, {left_out} left out")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
