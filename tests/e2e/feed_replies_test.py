"""Recorded replies of providers, kept by `promtrade feeds import` and asked for through the tools: what the tool says is what the reply says, read here by Python.

Environment: as harness.py; PROM_RECORDED (a folder, optional) gets what was compared, for dev/tool_accuracy.py.
"""
import json
import os
import unittest
from datetime import datetime, timezone
from pathlib import Path

from harness import ROOT, Product

FIXTURES = ROOT / "tests/fixtures/feeds"
PROOFS: list[dict] = []


def tearDownModule():
    folder = os.environ.get("PROM_RECORDED")
    if folder and len({proof["tool"] for proof in PROOFS}) == 4:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / "feed_replies.json").write_text(json.dumps(PROOFS) + "\n")


def at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Replies(Product):
    def compare(self, tool: str, provider: str, pairs: list[tuple[str, object, object]]):
        """(output, what the tool said, what the reply says): numbers and words, exactly or within 1e-12."""
        worst = 0.0
        for output, said, expected in pairs:
            if isinstance(expected, str):
                self.assertEqual(said, expected, f"{tool} {output}")
            else:
                worst = max(worst, abs(said - expected) / max(abs(expected), 1e-300))
        self.assertLessEqual(worst, 1e-12, tool)
        outputs = ", ".join(dict.fromkeys(output for output, _, _ in pairs))
        PROOFS.append({"tool": tool, "against": f"{provider}, as Python reads it", "outputs": outputs, "values": len(pairs), "worst": f"{worst:.0e}",
                       "test": f"feed_replies_test.Replies.{self._testMethodName}"})

    def ask(self, tool: str, when: float):
        return self.done("tools", "call", tool, "--as-of", at(when))["result"]

    def keep(self, kind: str, name: str, when: float):
        self.done("feeds", "import", kind, FIXTURES / name, "--fetched-at", at(when))

    def test_fear_and_greed(self):
        days = json.loads((FIXTURES / "alternative_me_fng.json").read_text())["data"]
        newest = int(days[0]["timestamp"])
        self.keep("fear-greed", "alternative_me_fng.json", newest + 3600)
        result = self.ask("get_fear_greed", newest + 7200)
        self.compare("get_fear_greed", "alternative.me's sample reply", [("value", result["value"], int(days[0]["value"])),
                                                                 ("change_day", result["change_day"], int(days[0]["value"]) - int(days[1]["value"])),
                                                                 ("time", result["time"], at(newest))])

    def test_dominance(self):
        reply = json.loads((FIXTURES / "coingecko_global.json").read_text())["data"]
        self.keep("coingecko-global", "coingecko_global.json", reply["updated_at"] + 60)
        for tool, coin in (("btc_dominance", "btc"), ("usdt_dominance", "usdt")):
            result = self.ask(tool, reply["updated_at"] + 600)
            self.compare(tool, "CoinGecko's recorded reply", [("percent", result["percent"], reply["market_cap_percentage"][coin]),
                                                              ("time", result["time"], at(reply["updated_at"]))])
            self.assertIsNone(result["change_day"], "a day before is not known")

    def test_trending(self):
        coins = [coin["item"] for coin in json.loads((FIXTURES / "coingecko_trending.json").read_text())["coins"]]
        self.keep("coingecko-trending", "coingecko_trending.json", 1_750_000_000)
        said = self.ask("get_trending", 1_750_000_600)["coins"]
        self.assertEqual(len(said), len(coins))
        self.compare("get_trending", "CoinGecko's recorded reply", [pair for i, coin in enumerate(coins) for pair in (
            ("rank", said[i]["rank"], i + 1), ("symbol", said[i]["symbol"], coin["symbol"].upper()), ("name", said[i]["name"], coin["name"]))])


if __name__ == "__main__":
    unittest.main()
