#!/usr/bin/env python3
"""Makes docs/tool_accuracy.md from the registry and from what the tests have recorded about each tool (src/base/proof_test_support.h).

Usage: dev/tool_accuracy.py [--preset release] [--check]
Run the unit tests and e2e_feed_replies first: they leave their figures in build/PRESET/recorded/. With --check the page is compared instead of written; exit 1 where it differs or a
tool has no proof, 77 (skipped) where a test program has not been run.
"""
import argparse
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/tool_accuracy.md"
PROGRAMS = ("domain", "tools", "smc", "options", "correlation", "app_schema")
KINDS = {"outside": 0, "second": 1, "contract": 2}
LIMIT = 1e-9


@dataclass(order=True)
class Proof:
    """One comparison, as a test recorded it."""

    rank: int
    against: str
    outputs: str
    values: int
    worst: str
    difference: str
    test: str
    tool: str


def recorded(folder: Path) -> list[Proof]:
    found = []
    for program in PROGRAMS:
        for case in ElementTree.parse(folder / f"{program}.xml").iter("testcase"):
            for entry in case.iter("property"):
                if not entry.get("name", "").startswith("proof "):
                    continue
                kind, tool, against, outputs, values, worst, difference = entry.get("value", "").split("|")
                if case.find("failure") is not None or float(worst) > LIMIT:
                    raise SystemExit(f"tool_accuracy: {tool}: {case.get('classname')}.{case.get('name')} failed or is off by {worst}; repair it first")
                found.append(Proof(KINDS[kind], against, outputs, int(values), worst, difference, f"{case.get('classname')}.{case.get('name')}", tool))
    for proof in json.loads((folder / "feed_replies.json").read_text()):
        found.append(Proof(rank=KINDS["outside"], difference="", **proof))
    return sorted(found)


def row(tool: str, proof: Proof, best: int) -> str:
    if proof.rank == KINDS["contract"]:
        what = "no number of its own" if best == KINDS["contract"] else "what it holds to"
        return f"| `{tool}` | {what} | {proof.against} |  |  | `{proof.test}` |"
    against = proof.against if proof.rank == 0 or best == 0 else f"no outside reference: {proof.against}"
    outputs = proof.outputs if len(proof.outputs) <= 160 else proof.outputs[:160].rsplit(",", 1)[0] + ", ..."
    worst = "0" if float(proof.worst) == 0 else proof.worst
    return f"| `{tool}` | {against} | {outputs}{'; ' if proof.difference else ''}{proof.difference} | {proof.values} | {worst} | `{proof.test}` |"


def page(tools: list[dict], proofs: list[Proof]) -> tuple[str, list[str]]:
    """The page, and the tools without a proof."""
    of: dict[str, list[Proof]] = {tool["name"]: [] for tool in tools}
    for proof in proofs:
        if proof.tool not in of:
            raise SystemExit(f"tool_accuracy: {proof.test} speaks of `{proof.tool}`, which the registry does not hold")
        of[proof.tool].append(proof)
    missing = [name for name, list_ in of.items() if not list_]
    best = [min((p.rank for p in list_), default=None) for list_ in of.values()]
    values = sum(p.values for p in proofs if p.rank < 2)
    worst = max((float(p.worst) for p in proofs if p.rank < 2), default=0)
    lines = ["# What the numbers of the tools are held to", "",
             "Made from the registry and from what the tests record by `dev/tool_accuracy.py`; a test fails where this page says something else.", "",
             f"{len(of)} tools: {best.count(0)} are compared with results of other people or programs, {best.count(1)} have no outside reference and are compared",
             "with an own second implementation in another language, and "
             f"{best.count(2)} give no number of their own (proposals, memories, texts, tools without a source): for those the contract test",
             f"is named. {values:,} values in all; the largest error is {worst:.0e}. An error is |difference| over the larger of |expected value| and the output's",
             f"typical size (root mean square); more than {LIMIT:.0e} fails. A second implementation by the same authors finds slips, not misread definitions.", ""]
    category = None
    for tool in tools:
        if tool["category"] != category:
            category = tool["category"]
            lines += [f"## {category.replace('_', ' ')}", "", "| tool | compared with | what; differences of definition | values | largest error | test |", "|---|---|---|---|---|---|"]
        proofs_of = of[tool["name"]]
        lines += [row(tool["name"], proof, proofs_of[0].rank) for proof in proofs_of]
        following = tools.index(tool) + 1
        if following == len(tools) or tools[following]["category"] != category:
            lines.append("")
    return "\n".join(lines), missing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="release")
    parser.add_argument("--build", type=Path, help="build folder, instead of a preset's")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    build = options.build or ROOT / "build" / options.preset
    absent = [name for name in [*(f"{p}.xml" for p in PROGRAMS), "feed_replies.json"] if not (build / "recorded" / name).exists()]
    if absent:
        print(f"tool_accuracy: SKIPPED: {', '.join(absent)} not in {build / 'recorded'}; run ctest -L unit and ctest -R e2e_feed_replies first")
        return 77
    listing = subprocess.run([os.environ.get("PROMTRADE", str(build / "promtrade")), "tools", "list", "--json"], capture_output=True, text=True, check=True)
    text, missing = page(json.loads(listing.stdout)["tools"], recorded(build / "recorded"))
    if missing:
        print(f"tool_accuracy: {len(missing)} tools have neither a comparison nor a contract test: {', '.join(missing)}")
        return 1
    if not options.check:
        PAGE.write_text(text)
        return 0
    kept = PAGE.read_text() if PAGE.exists() else ""
    if kept == text:
        return 0
    differing = next((f"kept: {a}\nnow:  {b}" for a, b in zip(kept.split("\n"), text.split("\n")) if a != b), "one is longer")
    print(f"tool_accuracy: docs/tool_accuracy.md differs from what the tests record; write it anew with dev/tool_accuracy.py\n{differing}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
