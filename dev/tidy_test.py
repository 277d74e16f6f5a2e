#!/usr/bin/env python3
"""Planted faults for dev/tidy.py: a clean tree passes, and each fault is found by its rule, in its file, at its line."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import tidy  # noqa: E402

HEADER = "// A header of the clean tree. Any thread.\n#pragma once\n"
BODY = "// A source of the clean tree. Any thread.\n"
README = "# A folder\n\nPurpose, types, thread.\n"

# A tree without fault, near the border of every rule.
CLEAN = {
    "CMakeLists.txt": "project(x)\n",
    "README.md": "# Title\n\n[house](docs/house.md#the-floors), [web](https://example.org/x), `[code](nowhere.md)`\n",
    "docs/house.md": "# House\n\n## The floors\n\n[up](../README.md) [here](#house)\n",
    "assets/ok.json": '{"a": [1, 2]}\n',
    "assets/ok.toml": 'a = "b"\n',
    "dev/tsan_targets.txt": "# folders with threads\nsrc/base\nsrc/runtime\n",
    "src/base/CMakeLists.txt": "prom_library(NAME base SOURCES decimal.cpp TESTS decimal_test.cpp)\n",
    "src/base/README.md": README,
    "src/base/fuzz_corpus/json/torn.json": '{"a" \r',
    "src/base/decimal.h": HEADER + "#include <vector>\nnamespace prom {\nenum class Side { buy, sell };\nvoid put(const char* name, bool value);\nint f(int x);\n}\n",
    "src/base/decimal.cpp": BODY
    + '#include "base/decimal.h"\n#include <fmt/format.h>\n#include <mutex>\n'
    + "namespace prom {\n"
    + "std::mutex guard;  // det-ok: guards the log sink, no result depends on it\n"
    + "// det-ok: measured for the log line only\nauto t = std::chrono::steady_clock::now();\n"
    + "// std::random_device in a comment, and time(nullptr)\n"
    + 'const char* s = "std::unordered_map<int, int> rand() TO" "DO";\n'
    + "int f(int x) {\n  switch (x) {\n    case 1: return 2;\n    default: return 3;\n  }\n}\n"
    + "int g(Side s) {\n  switch (s) {\n    case Side::buy: {\n      switch (f(1)) { default: return 0; }\n    }\n    case Side::sell: return 1;\n  }\n}\n"
    + "double h(double x) { return det::exp(x) + o.log(x) + std::sqrt(x); }\n"
    + "void r() { try { f(1); } catch (...) { throw; } }\n}\n",
    "src/base/decimal_test.cpp": BODY + "#include <thread>\nTEST(A, B) { std::thread t; std::unordered_map<int, int> m; std::exp(1.0); }\n",
    "src/engine/risk/CMakeLists.txt": "foreach(name gate limits)\n  add(${name}.cpp)\nendforeach()\n",
    "src/engine/risk/README.md": README,
    "src/engine/risk/gate.h": HEADER + "#include <vector>\n",
    "src/engine/risk/gate.cpp": BODY + '#include "base/decimal.h"\ndouble fee_rate = 0;\ndouble margin_ratio = 1;\nDecimal fee;\n',
    "src/engine/risk/limits.cpp": BODY + "int limit = 0;\n",
    "src/runtime/CMakeLists.txt": "prom_library(NAME runtime SOURCES loop.cpp)\n",
    "src/runtime/README.md": README,
    "src/runtime/loop.cpp": BODY + "std::jthread worker;\nauto now = std::chrono::steady_clock::now();\n",
    "src/app/cli/CMakeLists.txt": "prom_library(NAME cli SOURCES builder.cpp)\n",
    "src/app/cli/builder.cpp": BODY + "#include <CLI/CLI.hpp>\n",
    "src/adapters/stores/one/CMakeLists.txt": "prom_library(NAME one SOURCES one.cpp)\n",
    "src/adapters/stores/one/README.md": README,
    "src/adapters/stores/one/one.h": HEADER + "#include <memory>\n#include <sys/types.h>\n#include \"base/decimal.h\"\n",
    "src/adapters/stores/one/one.cpp": BODY + '#include "adapters/stores/one/one.h"\n#include <sqlite3.h>\n#include <boost/asio/ip/tcp.hpp>\n',
}

# rule, file, its text, line of the fault. Texts replace or add a file of the clean tree.
LONG_BODY = "".join(f"  x{i};\n" for i in range(70))
FAULTS = [
    ("floors", "src/base/decimal.h", HEADER + '#include "engine/risk/gate.h"\n', 3),
    ("floors", "src/engine/risk/gate.cpp", BODY + '#include "strategies/a.h"\n', 2),
    ("floors", "src/engine/risk/gate.cpp", BODY + '#include "ports/a.h"\n', 2),
    ("floors", "src/engine/risk/gate.cpp", BODY + '#include "sim/a.h"\n', 2),
    ("floors", "src/tools/x/a.cpp", BODY + '#include "engine/risk/gate.h"\n', 2),
    ("floors", "src/agents/x/a.cpp", BODY + '#include "adapters/venues/b/b.h"\n', 2),
    ("floors", "src/sim/oracle/a.cpp", BODY + '#include "domain/a.h"\n#include "sim/venue.h"\n', 3),
    ("floors", "src/research/x/a.cpp", BODY + '#include "io/a.h"\n', 2),
    ("floors", "src/servers/web/a.cpp", BODY + '#include "adapters/venues/b/b.h"\n', 2),
    ("floors", "src/attic/a/a.cpp", BODY, 1),
    ("sibling_adapters", "src/adapters/stores/one/one.cpp", BODY + '#include "adapters/stores/two/two.h"\n', 2),
    ("include_root", "src/runtime/loop.cpp", BODY + '#include "../base/decimal.h"\n', 2),
    ("include_root", "src/runtime/loop.cpp", BODY + '#include "base/absent.h"\n', 2),
    ("heavy_headers", "src/runtime/loop.h", HEADER + "#include <nlohmann/json.hpp>\n", 3),
    ("heavy_headers", "src/io/http.h", HEADER + "#include <boost/beast/http.hpp>\n", 3),
    ("heavy_headers", "src/app/cli.h", HEADER + "#include <CLI/CLI.hpp>\n", 3),
    ("heavy_headers", "src/app/log.h", HEADER + "#include <spdlog/spdlog.h>\n", 3),
    ("heavy_headers", "src/runtime/loop.cpp", BODY + "#include <boost/asio.hpp>\n", 2),
    ("wrapped_libraries", "src/app/commands/a.cpp", BODY + "#include <CLI/App.hpp>\n", 2),
    ("wrapped_libraries", "src/app/client/a.cpp", BODY + "#include <CLI/CLI.hpp>\n", 2),
    ("wrapped_libraries", "tests/a_test.cpp", BODY + "#include <CLI/CLI.hpp>\n", 2),
    ("adapter_headers", "src/adapters/stores/one/one.h", HEADER + "#include <sqlite3.h>\n", 3),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "auto t = std::chrono::system_clock::now();\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "auto t = time(nullptr);\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "auto t = gettimeofday(&tv, nullptr);\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "auto t = std::clock();\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "int r = rand();\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "std::random_device d;\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "std::thread t;\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "std::mutex m;\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "std::condition_variable c;\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + 'auto e = std::getenv("HOME");\n', 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "std::unordered_map<int, int> m;\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "std::unordered_set<int> m;\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "std::map<const Order*, int> m;\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "std::set<Order*> m;\n", 2),
    ("determinism", "src/engine/risk/gate.cpp", BODY + "int r = rand();  // det-ok:\n", 2),
    ("determinism", "src/base/decimal_test.cpp", BODY + "auto t = std::chrono::steady_clock::now();\n", 2),
    ("libm", "src/engine/risk/gate.cpp", BODY + "double x = std::exp(1.0);\n", 2),
    ("libm", "src/engine/risk/gate.cpp", BODY + "double x = ::pow(1.0, 2.0);\n", 2),
    ("libm", "src/engine/risk/gate.cpp", BODY + "double x = tanh(y);\n", 2),
    ("money_double", "src/engine/risk/gate.cpp", BODY + "double balance = 0;\n", 2),
    ("money_double", "src/engine/risk/gate.cpp", BODY + "void f(const double& total_fees);\n", 2),
    ("money_double", "src/engine/risk/gate.cpp", BODY + "struct A {\n  double realised_pnl_ = 0;\n};\n", 3),
    ("file_length", "src/runtime/loop.cpp", BODY + "int x;\n" * 400, 401),
    ("function_length", "src/runtime/loop.cpp", BODY + "void f(int a) {\n" + LONG_BODY + "}\n", 2),
    ("function_length", "src/runtime/loop.cpp", BODY + "struct A {\n  A(int a) : b_(a), c_{1} {\n" + LONG_BODY + "}\n};\n", 3),
    ("function_length", "src/runtime/loop.cpp", BODY + "namespace a {\nauto f() const noexcept -> std::vector<int> {\n" + LONG_BODY + "}\n}\n", 3),
    ("pragma_once", "src/runtime/loop.h", "// A header.\nint x;\n", 1),
    ("first_comment", "src/runtime/loop.cpp", "#include <vector>\n", 1),
    ("first_comment", "dev/x.sh", "#!/usr/bin/env bash\nset -e\n", 2),
    ("empty_catch", "src/runtime/loop.cpp", BODY + "void f() {\n  try { g(); } catch (...) { /* fine */ }\n}\n", 3),
    ("empty_catch", "src/runtime/loop.cpp", BODY + "void f() {\n  try { g(); } catch (const E& e) {\n  }\n}\n", 3),
    ("bool_parameter", "src/runtime/loop.h", HEADER + "void start(int n, bool fresh);\n", 3),
    ("bool_parameter", "src/runtime/loop.h", HEADER + "void start(\n    bool fresh = false,\n    int n);\n", 4),
    ("enum_default", "src/runtime/loop.cpp", BODY + "int f(Side s) {\n  switch (s) {\n    case Side::buy: return 1;\n    default: return 0;\n  }\n}\n", 5),
    ("enum_default", "src/runtime/loop.cpp", BODY + "int f(Side s) {\n  switch (s) {\n    using enum Side;\n    case buy: { return 1; }\n    default: return 0;\n  }\n}\n", 6),
    ("dead_files", "src/runtime/orphan_test.cpp", BODY, 1),
    ("dead_files", "src/runtime/orphan_fuzz.cpp", BODY, 1),
    ("dead_files", "src/runtime/orphan.cpp", BODY, 1),
    ("dead_files", "src/runtime/CMakeLists.txt", "file(GLOB files *.cpp)  # loop\n", 1),
    ("dead_files", "src/runtime/CMakeLists.txt", "# loop.cpp is only in a comment\n", None),
    ("readmes", "src/engine/risk/README.md", "line\n" * 41, 41),
    ("unfinished", "src/runtime/loop.cpp", BODY + "// TO" "DO later\n", 2),
    ("unfinished", "docs/house.md", "# House\n\n## The floors\n\nFIX" "ME\n", 5),
    ("unfinished", "src/runtime/loop.cpp", BODY + "// X" "XX\n", 2),
    ("whitespace", "src/runtime/loop.cpp", BODY + "int x; \n", 2),
    ("whitespace", "src/runtime/loop.cpp", BODY + "int x;\r\n", 2),
    ("whitespace", "src/runtime/loop.cpp", BODY + "int x;", 2),
    ("data_files", "assets/ok.json", '{"a": 1,\n}\n', 2),
    ("data_files", "assets/ok.toml", "a = \n", 1),
    ("secrets", "docs/key.md", "-----BEGIN " "PRIVATE KEY-----\n", 1),
    ("secrets", "assets/ok.toml", 'a = "sk-' 'ant-api03-abcdefghijklmnopqrstuvwxyz"\n', 1),
    ("secrets", "assets/ok.toml", 'a = "AKIA' 'ABCDEFGHIJKLMNOP"\n', 1),
    ("secrets", "assets/ok.toml", 'a = "123456789:' 'abcdefghijklmnopqrstuvwxyzabcdefghi"\n', 1),
    ("secrets", "assets/ok.toml", 'api_secret = "' 'abcdefghijklmnopqrstuvwxyz0123456789"\n', 1),
    ("links", "docs/house.md", "# House\n\n## The floors\n\n[x](absent.md)\n", 5),
    ("links", "README.md", "[house](docs/house.md#attic)\n", 1),
    ("tsan_targets", "src/io/pool.cpp", BODY + "std::jthread worker;\n", 2),
    ("tsan_targets", "dev/tsan_targets.txt", "src/runtime\nsrc/absent\n", 2),
]


class TidyTest(unittest.TestCase):
    def faults_of(self, changes: dict[str, str | None]) -> list[tidy.Fault]:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in (CLEAN | changes).items():
                if text is not None:
                    (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
                    (Path(folder) / path).write_bytes(text.encode())
            return tidy.check(Path(folder))

    def test_clean_tree_passes(self) -> None:
        self.assertEqual([], self.faults_of({}))

    def test_each_planted_fault_is_found(self) -> None:
        for rule, path, text, line in FAULTS:
            with self.subTest(rule=rule, path=path, text=text[:120]):
                found = self.faults_of({path: text})
                wanted = [f for f in found if f.rule == rule and (line is None or (f.path == path and f.line == line))]
                self.assertTrue(wanted, f"{rule} did not fire; found {found}")

    def test_missing_readme_is_found(self) -> None:
        self.assertEqual([("readmes", "src/engine/risk")], [(f.rule, f.path) for f in self.faults_of({"src/engine/risk/README.md": None})])

    def test_every_rule_has_a_planted_fault(self) -> None:
        self.assertEqual(set(tidy.RULES), {rule for rule, *_ in FAULTS})

    def test_an_excuse_needs_its_own_rule_and_a_reason(self) -> None:
        line = "void start(int n, bool fresh);"
        for excuse, faults in (("tidy-ok(bool_parameter): set by the C library", 0), ("tidy-ok(bool_parameter):", 1), ("tidy-ok(links): a good reason", 1)):
            with self.subTest(excuse=excuse):
                self.assertEqual(faults, len(self.faults_of({"src/runtime/loop.h": f"{HEADER}{line}  // {excuse}\n"})))


if __name__ == "__main__":
    unittest.main()
