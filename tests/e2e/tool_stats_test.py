"""What `tools stats` says is what the decisions of the run say: counted anew here from every decision that `agents explain` shows, not from the ledger's own table.

Environment: PROMTRADE (the executable), PROM_SOURCE_DIR (the project).
"""
import collections
import re
import sqlite3
import time
import unittest
import urllib.request

from harness import Product

RUN = ("run", "--replay", "--http-port", "0", "--speed", "max", "--no-benchmarks", "--from", "2025-05-06", "--to", "2025-05-08")
SHARED = {"market_analyst", "smc_analyst", "sentiment_analyst", "macro_analyst", "orderflow_analyst", "derivatives_analyst", "correlation_analyst", "onchain_analyst"}


class ToolStats(Product):
    def counters(self, running):
        """(agent, tool) -> calls as the metrics of the running instance have them once agents have proposed something, and the page that says so."""
        running.wait_for("health and metrics at")
        end = time.monotonic() + 60
        while time.monotonic() < end:
            port = (self.state / "http.port").read_text().strip()
            page = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
            found = {(match[1], match[2]): float(match[3]) for match in re.finditer(r'(?m)^agent_tool_calls_total\{agent="([^"]+)",tool="([^"]+)"\} (\S+)$', page)}
            if any(agent == "risk_manager" for agent, _ in found):
                return found, page
            time.sleep(0.2)
        raise AssertionError(f"no entry was prepared: {sorted(found)}")

    def counted_anew(self):
        """(day, agent, tool) -> Counter of calls, cached and kinds of failure."""
        with sqlite3.connect(self.state / "ledger.sqlite") as ledger:
            ids = [row[0] for row in ledger.execute("SELECT id FROM decisions ORDER BY id")]
        out, last = collections.defaultdict(collections.Counter), {}
        for number in ids:
            decision = self.done("agents", "explain", number)
            known = last.get(decision["instrument"]) == decision["as_of"]
            last[decision["instrument"]] = decision["as_of"]
            found = set()
            for verdict in decision["verdicts"]:
                if known and verdict["agent"] in SHARED:
                    continue
                for step in verdict["steps"]:
                    if step["kind"] != "tool_call" or step["tool"].startswith("desk."):
                        continue
                    stat = out[decision["as_of"][:10], verdict["agent"], step["tool"]]
                    stat["calls"] += 1
                    if isinstance(step["output"], dict) and "error" in step["output"]:
                        stat[step["output"]["error"]["code"]] += 1
                    stat["cached"] += step["tool_result"] in found
                    found.add(step["tool_result"])
        return out

    def test_it_counts_what_the_decisions_say_also_over_a_restart(self):
        first = self.start(*(word if word != "max" else "12000" for word in RUN), "--json")
        time.sleep(4)
        first.signal()
        self.assertEqual(first.wait().document()["status"], "stopped")
        self.done(*RUN)
        truth = self.counted_anew()
        self.assertGreater(sum(stat["calls"] for stat in truth.values()), 500)
        by_day = self.done("tools", "stats", "--by-day")
        self.assertEqual({(row["day"][:10], row["agent"], row["tool"]): row["calls"] for row in by_day["tools"]}, {key: stat["calls"] for key, stat in truth.items()})
        for row in by_day["tools"]:
            stat = truth[row["day"][:10], row["agent"], row["tool"]]
            self.assertEqual(row["cached"], stat["cached"], row)
            self.assertEqual({kind: count for kind, count in row["failed"].items() if count}, {kind: count for kind, count in stat.items() if kind not in ("calls", "cached") and count}, row)
            self.assertEqual(row["failures"], sum(row["failed"].values()))
            if row["average_ns"] is not None:
                self.assertLessEqual(row["average_ns"], row["longest_ns"])
        total = self.done("tools", "stats")
        self.assertEqual(total["total"]["calls"], sum(stat["calls"] for stat in truth.values()))
        self.assertEqual(total["total"], by_day["total"])
        self.assertGreater(total["total"]["longest_ns"], 0, "calls are measured in a run")
        calls = [row["calls"] for row in total["tools"]]
        self.assertEqual(calls, sorted(calls, reverse=True))
        one_day = self.done("tools", "stats", "--days", "1")
        self.assertEqual(one_day["from"], one_day["to"])
        self.assertEqual(one_day["total"]["calls"], sum(stat["calls"] for key, stat in truth.items() if key[0] == one_day["to"][:10]))
        tool = total["tools"][0]["tool"]
        self.assertEqual({row["tool"] for row in self.done("tools", "stats", "--tool", tool)["tools"]}, {tool})
        self.assertEqual({row["agent"] for row in self.done("tools", "stats", "--agent", "smc_analyst")["tools"]}, {"smc_analyst"})
        text = self.run_product("tools", "stats").out
        self.assertRegex(text, r"(?m)^tool +agent +calls +cached +failed +average +longest")
        self.assertRegex(text, r"(?m)^all ")
        self.assertIn("Days 2025-05-06 to 2025-05-0", text)

    def test_the_metrics_count_tools_alone_and_measure_every_agent(self):
        words = [{"max": "90000", "2025-05-08": "2025-05-20"}.get(word, word) for word in RUN]
        counters, page = self.counters(self.start(*words, "--json"))
        self.assertFalse([key for key in counters if key[1].startswith("desk.")], counters)
        took = {match[1]: float(match[2]) for match in re.finditer(r'(?m)^agent_execution_duration_seconds_sum\{agent="([^"]+)"\} (\S+)$', page)}
        self.assertEqual(len(took), 14)
        self.assertTrue(all(seconds > 0 for seconds in took.values()), took)

    def test_nothing_yet_and_names_that_there_are_not(self):
        self.assertEqual(self.done("tools", "stats")["tools"], [])
        self.assertRegex(self.run_product("tools", "stats").out, r"\ANo run whose agents call tools is held in .* yet\.\n\Z")
        self.assertFalse(self.state.exists(), "asking makes nothing")
        self.assertIn("rsi", self.fails(2, "tools", "stats", "--tool", "rsj")["hint"])
        self.assertEqual(self.fails(2, "tools", "stats", "--agent", "nobody")["code"], "unknown_agent")


if __name__ == "__main__":
    unittest.main(verbosity=1)
