"""docs/cli.md against what the commands answer: every member of a document stands in the row of its command."""
import re
import signal
import unittest

from harness import ROOT, Product

DAYS = ("--from", "2025-05-04", "--to", "2025-05-05")
FEED = ROOT / "tests/fixtures/orderflow/usdm_btcusdt_frames.gz"
SPOT = "binance:spot:BTCUSDT"


def members(value):
    """Names of all members, however deep."""
    if isinstance(value, dict):
        return set(value).union(*map(members, value.values()))
    return set().union(*map(members, value)) if isinstance(value, list) else set()


class Documents(Product):
    def described(self, command):
        """What is written in code in the row of the command; where the row points to another's, in that one too."""
        for line in (ROOT / "docs/cli.md").read_text().splitlines():
            cells = line.split(" | ", 1)
            if len(cells) == 2 and re.match(rf"\| `{command}[`\s]", cells[0]):
                words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]*)`", cells[1]))))
                return words.union(*(self.described(other) for other in re.findall(r"row of `(\w+ \w+)`", cells[1])))
        self.fail(f"docs/cli.md has no row for {command}")

    def check(self, command, document):
        self.assertEqual(members(document) - self.described(command), set(), command)

    def test_what_needs_no_run(self):
        self.done("data", "import", FEED, "--kind", "book", "--instrument", "binance:linear:BTCUSDT")
        (self.work / "bars.csv").write_text("time,open,high,low,close,volume\n" + "".join(f"{1_700_000_040 + 60 * i},1,2,1,2,3\n" for i in (0, 1, 2, 5)))
        self.done("data", "import", "bars.csv", "--instrument", SPOT)
        self.check("data list", self.done("data", "list"))
        self.check("agents show", self.done("agents", "show", "market_analyst"))
        self.check("events topics", self.done("events", "topics"))
        self.check("version", self.done("version"))
        self.check("strategies list", self.done("strategies", "list"))
        self.check("status", self.done("status"))
        self.check("tools stats", self.done("tools", "stats"))

    def test_of_a_run(self):
        self.done("run", "--replay", "--http-port", "0", "--no-benchmarks", "--speed", "max", *DAYS)
        self.check("status", self.done("status"))
        self.check("tools stats", self.done("tools", "stats", "--by-day"))
        self.check("runs prune", self.done("runs", "prune", "--keep", "1", "--dry-run"))

    def test_of_a_host(self):
        running = self.start("host", "--users", "3", "--http-port", "0", "--json")
        running.wait_for("hosted here")
        running.signal(signal.SIGINT)
        ran = running.wait()
        self.check("host", ran.document())
        self.check("status", self.done("status"))


if __name__ == "__main__":
    unittest.main()
