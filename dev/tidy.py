#!/usr/bin/env python3
"""House lints that clang-format and clang-tidy cannot express. Prints `file:line: rule: message` for each fault; exit 1 if there is any.

Usage: dev/tidy.py [--root DIR] [--rule NAME]... [--list] [PATH...]      (PATH: report only on files under it)
The floors are in dev/floors.toml, the rules in dev/tidy_rules/, and dev/tidy_test.py plants a fault for every rule.
A line may be excused by `// tidy-ok(rule): reason` (determinism and libm: `// det-ok: reason`) on it or on a comment line above it.
"""
import argparse
import sys
import time
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from tidy_rules import determinism, layers, project, shape  # noqa: E402
from tidy_rules.tree import Fault, load  # noqa: E402

RULES = {rule.__name__: rule for module in (layers, determinism, shape, project) for rule in module.RULES}


def check(root: Path, names: list[str] | None = None) -> list[Fault]:
    """All faults of the tree at `root`, in order of path and line."""
    table = root / "dev" / "floors.toml"
    floors = tomllib.loads((table if table.exists() else HERE / "floors.toml").read_text())
    tree = load(root, floors)
    faults = [fault for name in names or RULES for fault in RULES[name](tree)]
    return sorted(faults, key=lambda f: (f.path, f.line, f.rule))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=HERE.parent)
    parser.add_argument("--rule", action="append", choices=sorted(RULES))
    parser.add_argument("--list", action="store_true", help="name the rules")
    parser.add_argument("paths", nargs="*", help="report only on files under these")
    options = parser.parse_args()
    if options.list:
        print("\n".join(RULES))
        return 0
    started = time.monotonic()
    faults = check(options.root.resolve(), options.rule)
    wanted = [p.rstrip("/") for p in options.paths]
    if wanted:
        faults = [f for f in faults if any(f.path == p or f.path.startswith(p + "/") for p in wanted)]
    for fault in faults:
        print(f"{fault.path}:{fault.line}: {fault.rule}: {fault.message}")
    broken = {f.rule for f in faults}
    checked = options.rule or list(RULES)
    print(f"tidy: {len(checked) - len(broken & set(checked))} rules clean, {len(broken)} broken, {len(faults)} faults, {time.monotonic() - started:.1f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
