"""The JSON Schemas of the tools under Ajv, a validator of another family than the product's, in drafts 7 and 2020-12: every schema compiles, what the command line
answers keeps to it, and Ajv and the command line refuse the same arguments. Ajv comes from npm by its lock file; without it the tests are skipped and say so.

Environment: PROMTRADE (the executable), PROM_SOURCE_DIR (the project).
"""
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(os.environ.get("PROM_SOURCE_DIR", Path(__file__).resolve().parents[2]))
PRODUCT = os.environ.get("PROMTRADE", str(ROOT / "build/release/promtrade"))
HERE = ROOT / "tests/e2e/ajv"
PLACE = ROOT / "build/ajv"
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("PROM", "XDG_", "APP_ENV", "LOG_LEVEL"))}
# Calls that need more than {}; all are answered from the bundled market data.
ARGUMENTS = {
    "vwap": {"anchor_time": "2024-06-01T00:00:00Z"}, "get_ohlcv": {"bars": 30, "timeframe": "4h"}, "ema_ribbon": {"periods": [5, 10, 20]},
    "pivot_points": {"method": "camarilla", "session": "week"}, "volume_profile": {"bins": 20, "value_area": 0.7}, "store_memory": {"kind": "lesson", "text": "x"},
    "store_market_regime": {"regime": "range"}, "log_trade_decision": {"action": "hold", "reasoning": "no edge"},
    "place_order": {"side": "buy", "quantity": "0.01", "stop": 1000, "reason": "x"},
}
# What no tool takes, and what Ajv must refuse too.
BAD = ({"no_such_argument": 1}, {"instrument": 5}, {"instrument": ""}, {"timeframe": "2h"}, {"period": 1}, {"period": "14"}, {"period": 14.5}, {"period": 10**9},
       {"bars": 10**9}, {"bars": -1}, {"bars": None}, {"period": "NaN"}, {"std_dev": "Infinity"}, {"periods": []}, {"periods": [1.5]}, [], "text", 7)


def ajv() -> None:
    """Brings Ajv into build/ajv, as its lock file pins it."""
    lock = (HERE / "package-lock.json").read_text()
    if (PLACE / "package-lock.json").exists() and (PLACE / "package-lock.json").read_text() == lock and (PLACE / "node_modules/ajv/package.json").exists():
        return
    if not shutil.which("npm") or not shutil.which("node"):
        raise unittest.SkipTest("node and npm are not installed: the schemas are not checked with Ajv")
    PLACE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PLACE) as fresh:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, fresh)
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=fresh, capture_output=True, text=True, timeout=180, check=False)
        if done.returncode != 0:
            why = (done.stderr.strip().split("\n") or [""])[0]
            if "EINTEGRITY" in done.stderr:
                raise AssertionError(f"npm brought another Ajv than the lock file pins: {why}")
            raise unittest.SkipTest(f"npm cannot fetch Ajv, so the schemas are not checked with it: {why}")
        shutil.rmtree(PLACE / "node_modules", ignore_errors=True)
        shutil.move(f"{fresh}/node_modules", PLACE / "node_modules")
        shutil.copy(HERE / "package-lock.json", PLACE / "package-lock.json")
    shutil.copy(HERE / "check.mjs", PLACE / "check.mjs")


def judge(schemas: dict, documents: list[tuple[str, object]]) -> dict:
    shutil.copy(HERE / "check.mjs", PLACE / "check.mjs")
    question = json.dumps({"schemas": schemas, "documents": [{"schema": name, "document": document} for name, document in documents]})
    done = subprocess.run(["node", "check.mjs"], cwd=PLACE, input=question, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Schemas(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        ajv()
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.tools = {tool["name"]: tool for tool in cls.ask("tools", "list")["tools"]}
        cls.schemas = {f"{name} {part}": tool[key] for name, tool in cls.tools.items() for part, key in (("arguments", "schema"), ("result", "result_schema"))}

    @classmethod
    def ask(cls, *words):
        environment = CLEAN | {"PROMTRADE_STATE": cls.folder.name + "/state", "HOME": cls.folder.name}
        done = subprocess.run([PRODUCT, *words, "--json"], env=environment, cwd=cls.folder.name, capture_output=True, text=True, timeout=120, check=False)
        return json.loads(done.stdout)

    def test_every_schema_compiles_strictly_under_both_drafts(self):
        self.assertEqual(len(self.schemas), 2 * 108)
        self.assertEqual(judge(self.schemas, [])["broken"], [])

    def test_a_broken_schema_and_a_wrong_document_are_seen(self):
        seen = judge({"bad": {"type": "object", "propertys": {}}, "good": {"type": "integer", "minimum": 2}}, [("good", 1), ("good", 2)])
        self.assertEqual([line.split(":")[0] for line in seen["broken"]], ["bad under draft 7", "bad under draft 2020-12"])
        self.assertEqual([(index, draft) for index, draft, _ in seen["refused"]], [(0, "draft 7"), (0, "draft 2020-12")])

    def test_defaults_and_sample_arguments_keep_to_their_schema(self):
        documents = [(f"{name} arguments", {key: member["default"]}) for name, tool in self.tools.items() for key, member in tool["schema"]["properties"].items()
                     if "default" in member and not tool["schema"]["required"]]
        documents += [(f"{name} arguments", arguments) for name, arguments in ARGUMENTS.items()]
        self.assertGreater(len(documents), 80)
        self.assertEqual(judge(self.schemas, documents)["refused"], [])

    def test_what_the_command_line_answers_keeps_to_the_result_schema(self):
        def call(name):
            return name, self.ask("tools", "call", name, "--args", json.dumps(ARGUMENTS.get(name, {})))

        with ThreadPoolExecutor(2) as pool:
            answers = dict(pool.map(call, self.tools))
        documents = [(f"{name} result", answer["result"]) for name, answer in answers.items() if "result" in answer]
        self.assertEqual(judge(self.schemas, documents)["refused"], [])
        self.assertGreaterEqual(len(documents), 34, "tools that answer from the bundled bars")
        for name, answer in answers.items():
            if "result" not in answer:
                self.assertIn(answer["error"]["code"], ("unavailable", "not_enough_data", "bad_argument"), f"{name}: {answer}")
                self.assertGreater(len(answer["error"]["message"]), 15, name)

    def test_ajv_and_the_command_line_refuse_the_same_arguments(self):
        names = ("rsi", "bollinger", "ema_ribbon", "get_ohlcv", "detect_fvg", "altcoin_correlation")
        cases = [(name, bad) for name in names for bad in BAD]
        refused = {(index, draft) for index, draft, _ in judge(self.schemas, [(f"{name} arguments", bad) for name, bad in cases])["refused"]}
        for index, (name, bad) in enumerate(cases):
            answer = self.ask("tools", "call", name, "--args", json.dumps(bad))
            ours = answer.get("error", {}).get("code") == "bad_argument"
            for draft in ("draft 7", "draft 2020-12"):
                self.assertEqual(ours, (index, draft) in refused, f"{name} {bad} under {draft}: {answer}")


if __name__ == "__main__":
    unittest.main()
