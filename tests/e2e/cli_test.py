"""The command line from outside: exit codes, the one JSON document, error sentences, and documents that are recomputed here.

Environment: PROMTRADE (the executable), PROM_SOURCE_DIR (the project). PROM_UPDATE_DOCS=1 writes the generated parts of docs/ instead of comparing them. Each test has an empty state directory and an empty working directory.
"""
import base64
import json
import math
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

ROOT = Path(os.environ.get("PROM_SOURCE_DIR", Path(__file__).resolve().parents[2]))
PRODUCT = os.environ.get("PROMTRADE", str(ROOT / "build/release/promtrade"))
FIXTURES = ROOT / "tests/fixtures/archive"
# Nothing of the machine's own configuration may reach the tests.
CLEAN = {k: v for k, v in os.environ.items() if not re.match(r"(APP_ENV|LOG_LEVEL|NO_COLOR|XDG_|PROM|POSTGRES|CLICKHOUSE|REDIS|KAFKA|TELEGRAM|SENTRY|ERROR_)", k)}


class Ran:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def document(self):
        """The only document on stdout."""
        assert self.out.endswith("\n") and self.out.count("\n") == 1, f"not one line: {self.out[:300]!r} {self.err[:300]!r}"
        return json.loads(self.out)


class Base(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.work = Path(self.folder.name) / "work"
        self.state = Path(self.folder.name) / "state"
        self.work.mkdir()

    def run_product(self, *words, env=None, stdin=None):
        environment = CLEAN | {"PROMTRADE_STATE": str(self.state), "HOME": self.folder.name} | (env or {})
        return Ran(subprocess.run([PRODUCT, *map(str, words)], cwd=self.work, env=environment, capture_output=True, text=True, timeout=120, input=stdin, check=False))

    def fails(self, code, *words, env=None):
        """Fails with this exit code, in both forms; returns the error object."""
        plain = self.run_product(*words, env=env)
        self.assertEqual(plain.code, code, plain.err)
        self.assertTrue(plain.err.startswith("promtrade: ") or "promtrade: " in plain.err, plain.err)
        ran = self.run_product(*words, "--json", env=env)
        self.assertEqual(ran.code, code, ran.out + ran.err)
        error = ran.document()["error"]
        self.assertRegex(error["code"], r"^[a-z][a-z0-9_]*$")
        self.assertEqual(sorted(error), ["code", "hint", "message"])
        self.assertIn(error["message"], plain.err + plain.out)
        return error


class CommandLine(Base):
    def test_without_arguments_it_shows_help(self):
        ran = self.run_product()
        self.assertEqual(ran.code, 0)
        self.assertIn("Usage: promtrade COMMAND", ran.out)

    def test_every_help_has_examples_and_fits_80_columns(self):
        commands = [[]]
        while commands:
            words = commands.pop()
            ran = self.run_product(*words, "--help")
            self.assertEqual(ran.code, 0, words)
            for line in ran.out.splitlines():
                if "promtrade " not in line:  # an example is one line, to be copied
                    self.assertLessEqual(len(line), 80, (words, line))
            section = re.search(r"^Commands:\n((?:  .*\n)+)", ran.out, re.M)
            if section:
                commands += [[*words, name] for name in re.findall(r"^  ([a-z][\w-]*)", section.group(1), re.M)]
            elif words:
                self.assertRegex(ran.out, r"Examples:\n  .*promtrade ", words)

    def test_misspelt_words_are_named_with_the_nearest_known_one(self):
        for words, code, wrong, right in [(["dta"], "unknown_command", "dta", "data"), (["data", "imprt"], "unknown_command", "imprt", "import"),
                                          (["version", "--jsn"], "unknown_option", "--jsn", "--json"),
                                          (["tools", "call", "rsi", "--seires"], "unknown_option", "--seires", "--series")]:
            error = self.fails(2, *words)
            self.assertEqual(error["code"], code)
            self.assertIn(f"'{wrong}'", error["message"])
            self.assertIn(f"did you mean '{right}'?", error["hint"])

    def test_missing_and_surplus_words(self):
        self.assertEqual(self.fails(2, "data")["code"], "command_missing")
        self.assertEqual(self.fails(2, "dta", "--help")["code"], "unknown_command")
        self.assertEqual(self.fails(2, "data", "import")["code"], "bad_command_line")
        self.assertEqual(self.fails(2, "version", "surplus")["code"], "unknown_argument")
        self.assertEqual(self.fails(2, "completion", "tcsh")["code"], "bad_command_line")

    def test_version(self):
        document = self.run_product("version", "--json").document()
        self.assertEqual(document["name"], "promtrade")
        self.assertRegex(document["version"], r"^\d+\.\d+\.\d+$")
        self.assertRegex(document["commit"], r"^([0-9a-f]{12}|unknown)$")
        self.assertTrue(document["compiler"].startswith("clang "))
        self.assertEqual(self.run_product("--version").out.strip(), "promtrade " + document["version"])

    def test_global_options_stand_before_or_after(self):
        self.assertEqual(self.run_product("--json", "version").document(), self.run_product("version", "--json").document())

    def test_a_reader_that_goes_away_is_no_error(self):
        done = subprocess.run(["bash", "-c", f"set -o pipefail; '{PRODUCT}' tools docs | head -1"], capture_output=True, text=True, env=CLEAN, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "# Tools\n"), done.stderr)

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PRODUCT, "tools", "docs"], stdout=full, stderr=subprocess.PIPE, text=True, env=CLEAN, timeout=60, check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("stdout cannot be written", done.stderr)

    def test_time_zones(self):
        utc = self.run_product("data", "list").out
        berlin = self.run_product("data", "list", "--tz", "Europe/Berlin")
        self.assertIn("2025-05-04T15:36:00Z", utc)
        self.assertIn("2025-05-04T17:36:00+02:00", berlin.out, berlin.err)
        self.assertEqual(self.run_product("data", "list", "--json", "--tz", "Europe/Berlin").document(), self.run_product("data", "list", "--json").document())
        self.assertEqual(self.fails(2, "data", "list", "--tz", "Mars/Base")["code"], "unknown_time_zone")
        self.fails(2, "data", "list", "--tz", "../../etc/passwd")

    def test_completion_scripts_and_manual(self):
        bash = self.run_product("completion", "bash").out
        checked = subprocess.run(["bash", "-c", bash + "\nCOMP_WORDS=(promtrade data im); COMP_CWORD=2; _promtrade; echo \"${COMPREPLY[@]}\""], capture_output=True, text=True, check=False)
        self.assertEqual(checked.stdout.strip(), "import", checked.stderr)
        for shell, word in (("zsh", "#compdef promtrade"), ("fish", "complete -c promtrade")):
            self.assertIn(word, self.run_product("completion", shell).out)
        manual = self.run_product("man").out
        self.assertTrue(manual.startswith(".TH PROMTRADE 1"))
        self.assertIn(".SS \"data import\"", manual)


class Documentation(Base):
    def test_the_example_of_env_is_of_today(self):
        made = self.run_product("reference", "env")
        self.assertEqual(made.code, 0)
        self.assertEqual((ROOT / ".env.example").read_text(), made.out, "promtrade reference env > .env.example")

    def test_generated_parts_are_of_today(self):
        for page, part in (("cli.md", "commands"), ("configuration.md", "configuration")):
            path = ROOT / "docs" / page
            text = path.read_text()
            begin, end = f"<!-- generated: promtrade reference {part} -->\n", "<!-- end of generated -->"
            before, found, rest = text.partition(begin)
            self.assertTrue(found, page)
            wanted = "\n" + self.run_product("reference", part).out + "\n"
            if os.environ.get("PROM_UPDATE_DOCS"):
                path.write_text(before + begin + wanted + end + rest.partition(end)[2])
                continue
            self.assertEqual(rest.partition(end)[0], wanted, f"docs/{page} is not of today: PROM_UPDATE_DOCS=1 {Path(__file__).name} Documentation writes it")

    def test_shipped_configuration_loads(self):
        for part, name in (("toml", "promtrade.toml"), ("env", ".env")):
            (self.work / name).write_text(self.run_product("reference", part).out)
        document = self.run_product("check-config", "--json").document()
        self.assertTrue(document["ok"])
        self.assertEqual(document["files"], ["promtrade.toml", ".env"])


class Configuration(Base):
    def test_errors_name_file_line_and_nearest_key(self):
        (self.work / "promtrade.toml").write_text("[http]\n\nprot = 1\n")
        error = self.fails(2, "check-config")
        self.assertEqual(error["message"], "promtrade.toml:3: unknown key 'http.prot'")
        self.assertEqual(error["hint"], "did you mean 'http.port'?")
        self.assertEqual(self.run_product("check-config", "--json").document()["problems"][0]["place"], "promtrade.toml:3")

    def test_missing_files_and_bad_values(self):
        self.assertIn("none.toml: cannot be read: No such file or directory", self.fails(2, "check-config", "--config", "none.toml")["message"])
        self.assertIn("none.env", self.fails(2, "check-config", "--env-file", "none.env")["message"])
        (self.work / ".env").write_text("LOG_LEVEL=loud\n")
        self.assertIn(".env:1: LOG_LEVEL = loud must be one of", self.fails(2, "check-config")["message"])

    def test_precedence(self):
        (self.work / "promtrade.toml").write_text("[log]\nlevel = \"debug\"\n")
        (self.work / ".env").write_text("LOG_LEVEL=error\n")

        def level(**env):
            settings = self.run_product("check-config", "--json", env=env).document()["settings"]
            return next((s["value"], s["origin"]) for s in settings if s["name"] == "log.level")

        self.assertEqual(level(), ("error", "env_file"))
        self.assertEqual(level(LOG_LEVEL="warning"), ("warning", "environment"))
        (self.work / ".env").unlink()
        self.assertEqual(level(), ("debug", "toml"))

    def test_search_path(self):
        xdg = self.work / "xdg/promtrade"
        xdg.mkdir(parents=True)
        (xdg / "promtrade.toml").write_text("[http]\nport = 1234\n")
        files = self.run_product("check-config", "--json", env={"XDG_CONFIG_HOME": str(xdg.parent)}).document()["files"]
        self.assertEqual(files, [str(xdg / "promtrade.toml")])

    def test_secrets_are_never_shown(self):
        (self.work / ".env").write_text("CLAUDE_API_KEY=very-secret-value\nENCRYPTION_KEY=wrong-secret-value\n")
        ran = self.run_product("check-config", "--json")
        self.assertEqual(ran.code, 2)
        self.assertNotIn("secret-value", ran.out + ran.err)
        (self.work / ".env").write_text("CLAUDE_API_KEY=very-secret-value\n")
        ran = self.run_product("check-config")
        self.assertEqual(ran.code, 0)
        self.assertNotIn("secret-value", ran.out + ran.err)


class Keys(Base):
    def test_generate_gives_32_fresh_bytes(self):
        keys = {self.run_product("keys", "generate", "--json").document()["key"] for _ in range(3)}
        self.assertEqual({len(base64.b64decode(key, validate=True)) for key in keys}, {32})
        self.assertEqual(len(keys), 3)

    def test_rotate(self):
        self.assertEqual(self.fails(2, "keys", "rotate")["code"], "no_encryption_key")
        key = self.run_product("keys", "generate").out.strip()
        (self.work / ".env").write_text(f"ENCRYPTION_KEY={key}\n")
        document = self.run_product("keys", "rotate", "--json").document()
        self.assertNotEqual(document["key"], key)
        self.assertEqual(document["resealed"], 0)
        kept = Path(document["key_file"])
        self.assertEqual(kept.read_text().strip(), document["key"])
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)

    def test_rotate_refuses_what_it_cannot_open(self):
        self.state.mkdir()
        sealed = "v1:" + base64.b64encode(bytes(40)).decode()
        before = json.dumps({"version": 1, "credentials": [{"user": "1", "account": "main", "sealed": sealed}]})
        (self.state / "credentials.json").write_text(before)
        (self.work / ".env").write_text("ENCRYPTION_KEY=" + self.run_product("keys", "generate").out)
        self.assertEqual(self.fails(3, "keys", "rotate")["code"], "credentials_not_opened")
        self.assertEqual((self.state / "credentials.json").read_text(), before)


class Operations(Base):
    def test_migrate_twice_changes_nothing(self):
        first = self.run_product("migrate", "--json").document()["stores"]
        second = self.run_product("migrate", "--json").document()["stores"]
        self.assertEqual([s["store"] for s in first], ["ledger", "market store"])
        for one, two in zip(first, second):
            self.assertEqual(one["before"], 0)
            self.assertGreater(one["version"], 0)
            self.assertEqual((two["before"], two["version"]), (one["version"], one["version"]))

    def test_a_state_directory_that_cannot_be_made(self):
        self.assertEqual(self.fails(4, "migrate", "--state", "/proc/nothing")["code"], "state_not_writable")

    def serve(self, status, body):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_port

    def test_health(self):
        self.state.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            unused = free.getsockname()[1]
        self.assertEqual(self.fails(4, "health", "--port", unused)["code"], "not_running")
        healthy = self.serve(200, b'{"mode":"PAPER"}')
        (self.state / "http.port").write_text(f"{healthy}\n")
        ran = self.run_product("health", "--json")
        self.assertEqual((ran.code, ran.document()["status"], ran.document()["instance"]), (0, "healthy", {"mode": "PAPER"}))
        ran = self.run_product("health", "--json", "--port", self.serve(503, b"journal is full"))
        self.assertEqual((ran.code, ran.document()["status"], ran.document()["instance"]), (1, "unhealthy", "journal is full"))


def bars(count, start=1_700_000_040, step=60):
    """A made-up but plausible series: (time, open, high, low, close, volume)."""
    rows, price = [], 100.0
    for i in range(count):
        close = round(100 + 5 * math.sin(i / 7) + (i * 37 % 11) / 10, 2)
        rows.append((start + i * step, round(price, 2), round(max(price, close) + 0.5, 2), round(min(price, close) - 0.5, 2), close, round(1 + i % 5 + 0.25, 2)))
        price = close
    return rows


class Files(Base):
    def write(self, rows, name="bars.csv", header="time,open,high,low,close,volume"):
        path = self.work / name
        path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
        return path


class Data(Files):
    def load(self, *words):
        return self.run_product("data", "import", *words, "--json")

    def test_import_lists_gaps_and_stores(self):
        rows = bars(100)
        del rows[40:45]
        document = self.load(self.write(rows), "--venue", "binance", "--instrument", "BTCUSDT", "--interval", "1m").document()
        self.assertEqual((document["instrument"], document["rows"], document["bars"], document["errors"]), ("binance:spot:BTCUSDT", 95, 95, []))
        self.assertEqual(document["gaps"], [{"from": "2023-11-14T22:54:00Z", "to": "2023-11-14T22:59:00Z", "missing": 5}])
        stored = [s for s in self.run_product("data", "list", "--json").document()["series"] if s["where"] == "store"]
        self.assertEqual([(s["instrument"], s["interval"], s["bars"]) for s in stored], [("binance:spot:BTCUSDT", "1m", 95)])
        verified = self.run_product("data", "verify", "--json", "--instrument", "binance:spot:BTCUSDT")
        self.assertEqual((verified.code, verified.document()["ok"], verified.document()["series"][0]["gap_count"]), (0, True, 1), verified.out)
        again = self.load(self.write(rows), "--instrument", "binance:spot:BTCUSDT").document()
        self.assertEqual(again["bars"], 95)
        stored = [s for s in self.run_product("data", "list", "--json").document()["series"] if s["where"] == "store"]
        self.assertEqual(stored[0]["bars"], 95)

    def test_archive_formats(self):
        for name in ("binance_spot_ms.csv", "binance_spot_ms.zip", "binance_spot_ms.csv.xz", "binance_spot_us.csv", "agg_trades_header.csv"):
            ran = self.load(FIXTURES / name, "--venue", "binance", "--instrument", "BTCUSDT")
            self.assertEqual(ran.code, 0, (name, ran.out))
            self.assertGreater(ran.document()["rows"], 0, name)

    def test_errors_have_lines_and_leave_nothing(self):
        rows = [list(row) for row in bars(10)]
        rows[6][4] = "abc"
        path = self.write(rows)
        good = self.write(bars(10), "good.csv")
        ran = self.load(good, path, "--instrument", "binance:spot:BTCUSDT")
        self.assertEqual(ran.code, 3)
        document = ran.document()
        self.assertEqual((document["rows"], document["gaps"], document["errors"][0]["line"], document["errors"][0]["text"]), (0, [], 8, "abc"))
        self.assertIn("bars.csv:8", document["error"]["message"])
        self.assertEqual([s for s in self.run_product("data", "list", "--json").document()["series"] if s["where"] == "store"], [])
        self.assertEqual(self.fails(3, "data", "import", "none.csv", "--instrument", "binance:spot:BTCUSDT")["code"], "import_failed")

    def test_bad_instruments_and_intervals(self):
        path = self.write(bars(5))
        self.assertEqual(self.fails(2, "data", "import", path, "--instrument", "nyse:spot:IBM")["code"], "bad_instrument")
        self.assertEqual(self.fails(2, "data", "import", path, "--instrument", "okx:spot:BTCUSDT", "--venue", "binance")["code"], "bad_instrument")
        self.assertEqual(self.fails(2, "data", "import", path, "--instrument", "BTCUSDT", "--interval", "fortnight")["code"], "bad_interval")
        self.assertEqual(self.fails(2, "data", "download")["code"], "not_available")

    def test_a_killed_import_leaves_all_or_nothing(self):
        path = self.write(bars(60_000))
        words = [PRODUCT, "data", "import", str(path), "--instrument", "binance:spot:BTCUSDT", "--state", str(self.state), "--json"]
        for delay in (0.0, 0.05, 0.1, 0.2, 0.3):
            running = subprocess.Popen(words, cwd=self.work, env=CLEAN, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            running.send_signal(signal.SIGKILL)
            running.wait()
            stored = [s["bars"] for s in self.run_product("data", "list", "--json").document()["series"] if s["where"] == "store"]
            self.assertIn(stored, ([], [60_000]), delay)


class Tools(Files):
    def call(self, *words):
        ran = self.run_product("tools", "call", *words, "--json")
        self.assertEqual(ran.code, 0, ran.out + ran.err)
        return ran.document()

    def test_list(self):
        tools = self.run_product("tools", "list", "--json").document()["tools"]
        self.assertEqual(len(tools), 108)
        self.assertEqual(len({t["name"] for t in tools}), 108)
        self.assertGreaterEqual(sum(t["available"] for t in tools), 35)
        for tool in tools:
            self.assertTrue(tool["available"] or tool["reason"], tool["name"])
            self.assertEqual(tool["schema"]["type"], "object")

    def test_sma_on_a_file_is_the_mean(self):
        rows = bars(50)
        document = self.call("sma", "--args", '{"period": 5}', "--csv", self.write(rows), "--series")
        values = document["series"]["value"]
        self.assertEqual(len(values), 50)
        self.assertEqual(values[:4], [None] * 4)
        for i in range(4, 50):
            self.assertAlmostEqual(values[i], sum(row[4] for row in rows[i - 4 : i + 1]) / 5, places=9)
        self.assertEqual(document["as_of"], "2023-11-14T23:04:00Z")
        self.assertTrue(document["sources"])

    def test_columns_in_any_order_and_every_kind_of_time(self):
        rows = bars(30)
        answers = set()
        for scale in (1, 1_000, 1_000_000, 1_000_000_000):
            path = self.write([(r[5], r[4], r[3], r[2], r[1], r[0] * scale) for r in rows], header="Volume,Close,Low,High,Open,Time")
            answers.add(json.dumps(self.call("rsi", "--csv", path)["result"]))
        stamps = [(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(r[0])), *r[1:]) for r in rows]
        answers.add(json.dumps(self.call("rsi", "--csv", self.write(stamps))["result"]))
        self.assertEqual(len(answers), 1, answers)

    def test_nothing_later_than_as_of(self):
        rows = bars(60)
        whole = self.call("sma", "--args", '{"period": 5}', "--csv", self.write(rows), "--as-of", rows[39][0] + 60, "--series")
        cut = self.call("sma", "--args", '{"period": 5}', "--csv", self.write(rows[:40], "cut.csv"), "--series")
        self.assertEqual(whole["series"], cut["series"])
        self.assertEqual(whole["result"], cut["result"])

    def test_bundled_data(self):
        document = self.call("get_price")
        self.assertEqual((document["instrument"], document["as_of"]), ("binance:linear:BTCUSDT", "2025-06-03T15:32:00Z"))
        names = self.call("macd", "--series", "--timeframe", "4h")["series"]
        self.assertEqual(sorted(names), ["histogram", "macd", "signal"])

    def test_a_proposal_is_no_success_where_no_engine_takes_it(self):
        for tool, arguments in (
            ("store_memory", {"kind": "lesson", "text": "wait"}),
            ("store_market_regime", {"regime": "range"}),
            ("log_trade_decision", {"action": "hold", "reasoning": "calm"}),
            ("place_order", {"side": "buy", "quantity": 0.01, "stop": 95000, "reason": "x"}),
        ):
            self.assertEqual(self.fails(4, "tools", "call", tool, "--args", json.dumps(arguments))["code"], "unavailable", tool)
        scope = next(t for t in self.run_product("tools", "list", "--json").document()["tools"] if t["name"] == "store_memory")["schema"]["properties"]["scope"]
        self.assertEqual(scope["enum"], ["user", "agent"])

    def test_account_and_risk_tools_look_at_a_fresh_paper_account(self):
        self.assertEqual(self.call("get_balance")["result"]["equity"], "10000")
        self.assertEqual(self.call("get_balance", "--cash", "2500.5")["result"]["available"], "2500.5")
        self.assertEqual(self.call("get_positions")["result"]["count"], 0)
        size = ("calculate_position_size", "--args", '{"side": "buy", "stop": 95000}')
        self.assertGreater(float(self.call(*size, "--cash", "20000")["result"]["quantity"]), float(self.call(*size, "--cash", "5000")["result"]["quantity"]))
        self.assertTrue(self.call("validate_trade", "--args", '{"side": "buy", "quantity": 0.01, "stop": 95000}')["result"]["would_pass"])
        self.assertEqual(self.fails(2, "tools", "call", "get_balance", "--cash", "-1")["code"], "bad_cash")

    def test_what_is_listed_as_available_answers(self):
        tools = self.run_product("tools", "list", "--json").document()["tools"]
        needed = {
            "calculate_position_size": '{"side": "buy", "stop": 95000}',
            "validate_trade": '{"side": "buy", "quantity": 0.01, "stop": 95000}',
            "altcoin_correlation": '{"against": "binance:linear:ETHUSDT"}',
        }
        taker = ("get_cvd", "get_trade_imbalance", "get_absorption_zones", "delta_volume")
        for tool in tools:
            if tool["available"]:
                market = ("--instrument", "binance:spot:BTCUSDT") if tool["name"] in taker else ()
                self.call(tool["name"], "--args", needed.get(tool["name"], "{}"), *market)
        page = (ROOT / "docs/tools.md").read_text()
        self.assertIn(f"On the command line {sum(t['available'] for t in tools)} of them answer", page)

    def test_prices_that_lose_digits_are_said(self):
        tiny = self.write([(1_704_067_200 + 3600 * i, 1e-8, 1.5e-8, 1e-8, "0.00000001234567", 1) for i in range(30)])
        ran = self.run_product("tools", "call", "get_price", "--csv", tiny, "--json")
        self.assertIn("rounded to 12 decimals", ran.document()["notes"][0])
        self.assertIn("rounded to 12 decimals", ran.err)
        noise = self.write([(1_704_067_200 + 3600 * i, 100, 101, 99, "100.30000000000000004", 1) for i in range(30)], "noise.csv")
        self.assertNotIn("notes", self.call("get_price", "--csv", noise))

    def test_bundled_series_are_cut_to_the_window_of_their_set(self):
        document = self.call("altcoin_correlation", "--instrument", "binance:linear:ETHUSDT")  # its file goes on for twelve days
        self.assertEqual(document["as_of"], "2025-06-03T15:32:00Z")
        self.assertEqual(document["result"]["returns"], 100)
        self.assertEqual(len(document["result"]["all"]), 3)

    def test_bundled_funding_is_the_recorded_one(self):
        held_out = ("--instrument", "okx:linear:BTC-USDT-SWAP", "--as-of")
        for as_of, rate, settled in (
            ("2026-04-07T15:59:59Z", 3.9122458e-05, "2026-04-07T08:00:00Z"),
            ("2026-04-07T16:00:00Z", 5.331626e-05, "2026-04-07T16:00:00Z"),
            ("2026-04-08T00:00:00Z", 7.8873434e-05, "2026-04-08T00:00:00Z"),
        ):
            result = self.call("get_funding_rate", *held_out, as_of)["result"]
            self.assertAlmostEqual(result["rate"], rate, places=12)
            self.assertEqual((result["provenance"], result["time"]), ("venue", settled))
        self.call("get_funding_sentiment", *held_out, "2026-04-08T00:00:00Z")
        self.assertEqual(self.call("get_funding_rate")["result"]["provenance"], "assumed")  # nobody recorded that of this set

    def test_indicator_beside_the_tools(self):
        rows = bars(60)
        document = self.call("indicator", "--args", '{"name": "adx", "period": 14}', "--csv", self.write(rows), "--series")
        self.assertEqual(document["tool"], "indicator")
        self.assertEqual(sorted(document["series"]), ["adx", "dx", "minus_di", "plus_di"])
        self.assertEqual([len(x) for x in document["series"].values()], [60] * 4)
        self.assertEqual(document["series"]["plus_di"][:14], [None] * 14)
        self.assertEqual(document["result"]["adx"], document["series"]["adx"][-1])
        wma = self.call("indicator", "--args", '{"name": "wma", "period": 3}', "--csv", self.write(rows), "--series")["series"]["value"]
        for i in range(2, 60):
            self.assertAlmostEqual(wma[i], sum((j + 1) * rows[i - 2 + j][4] for j in range(3)) / 6, places=9)
        listed = self.call("indicator", "--args", "{}")["indicators"]
        self.assertEqual(listed, self.call("indicator")["indicators"])
        self.assertIn("adx", [one["name"] for one in listed])
        for one in listed:
            if one["name"] != "garch":  # it needs 500 returns
                self.call("indicator", "--args", json.dumps({"name": one["name"], "timeframe": "1m"}), "--csv", self.write(bars(200)))
        plain = self.run_product("tools", "call", "indicator")
        self.assertEqual(plain.code, 0, plain.err)
        self.assertIn("name: adx", plain.out)
        self.assertNotIn("indicator", [t["name"] for t in self.run_product("tools", "list", "--json").document()["tools"]])

    def test_indicator_errors(self):
        error = self.fails(2, "tools", "call", "indicator", "--args", '{"name": "adxx"}', "--csv", "none.csv")
        self.assertEqual((error["code"], error["hint"]), ("bad_argument", "did you mean `adx`?"))
        self.assertIn("promtrade tools call rsi", self.fails(2, "tools", "call", "indicator", "--args", '{"name": "rsi"}')["hint"])
        self.assertIn("`period`", self.fails(2, "tools", "call", "indicator", "--args", '{"name": "adx", "priod": 3}')["hint"])
        self.assertEqual(self.fails(2, "tools", "call", "indicator", "--args", "[1]")["code"], "bad_argument")
        self.assertEqual(self.fails(3, "tools", "call", "indicator", "--args", '{"name": "adx"}', "--csv", self.write(bars(5)))["code"], "not_enough_data")
        bad = bars(40)
        bad[20] = (bad[20][0], "nan", *bad[20][2:])
        self.assertEqual(self.fails(3, "tools", "call", "indicator", "--args", '{"name": "adx"}', "--csv", self.write(bad))["code"], "bad_data")

    def test_a_feed_is_seen_from_the_instant_it_was_fetched_until_it_is_stale(self):
        call = ("tools", "call", "get_fear_greed", "--instrument", "okx:linear:BTC-USDT-SWAP", "--as-of")
        keep = ("feeds", "import", "fear-greed", ROOT / "tests/fixtures/feeds/alternative_me_fng.json", "--fetched-at", "2026-04-27T01:00:00Z")
        first, again = (json.loads(self.run_product(*keep, "--json").out) for _ in range(2))
        self.assertEqual((first["read"], first["new"], again["new"]), (2, 2, 0))
        self.assertEqual(self.fails(4, *call, "2026-04-27T00:59:59Z")["code"], "unavailable")
        self.assertEqual(json.loads(self.run_product(*call, "2026-04-27T12:00:00Z", "--json").out)["result"]["value"], 47)
        self.assertTrue(self.fails(4, *call, "2026-05-10T12:00:00Z")["message"].startswith("stale"))
        self.assertEqual(self.fails(2, "feeds", "import", "nope", "x")["code"], "bad_feed")

    def test_gold_is_seen_once_its_market_is_imported(self):
        def listed():
            tools = self.run_product("tools", "list", "--json").document()["tools"]
            return next((tool["available"], tool["reason"]) for tool in tools if tool["name"] == "gold_correlation")

        call = ("tools", "call", "gold_correlation", "--instrument", "binance:spot:BTCUSDT", "--args", '{"days": 60}')
        self.assertEqual(listed()[0], False)
        self.assertIn("PAXGUSDT", listed()[1])
        daily = bars(120, start=1_704_067_200, step=86_400)
        for symbol, rows in (("BTCUSDT", daily), ("PAXGUSDT", [(t, o * 2, h * 2, low * 2, c * 2, v) for t, o, h, low, c, v in daily])):
            if symbol == "PAXGUSDT":
                self.assertEqual(self.fails(4, *call)["code"], "unavailable")
            ran = self.run_product("data", "import", self.write(rows, f"{symbol}.csv"), "--instrument", f"binance:spot:{symbol}", "--interval", "1d")
            self.assertEqual(ran.code, 0, ran.err)
        self.assertEqual(listed(), (True, ""))
        result = self.run_product(*call, "--json").document()["result"]
        self.assertEqual(result["against"], "binance:spot:PAXGUSDT")
        self.assertAlmostEqual(result["correlation"], 1, places=6)
        self.assertAlmostEqual(result["beta"], 1, places=6)

    def test_a_recording_answers_for_its_book_and_trades(self):
        feed = ROOT / "tests/fixtures/orderflow/usdm_btcusdt_frames.gz"
        document = self.call("get_orderbook", "--book", feed, "--args", '{"levels": 2}')
        self.assertEqual(document["instrument"], "binance:linear:BTCUSDT")
        self.assertEqual(document["as_of"], document["sources"][0]["time"])
        self.assertLess(document["result"]["bids"][0]["price"], document["result"]["asks"][0]["price"])
        self.assertEqual(len(document["result"]["asks"]), 2)
        early = ("--book", feed, "--as-of", "2024-08-08T23:54:20Z")
        self.assertEqual(self.fails(3, "tools", "call", "get_tick_speed", *early)["code"], "not_enough_data", "of ten seconds four are recorded")
        self.assertEqual(self.call("get_tick_speed", "--args", '{"window_seconds": 3}', *early)["as_of"], "2024-08-08T23:54:20Z")
        self.assertEqual(self.fails(4, "tools", "call", "get_trades", "--book", feed, "--as-of", "2024-08-08T23:50:00Z")["code"], "unavailable")
        self.assertEqual(self.fails(3, "tools", "call", "get_trades", "--book", feed, "--instrument", "binance:linear:ETHUSDT")["code"], "bad_data")
        trades = self.write([(7, "0.5", "3", 1, 1, 1_700_000_000_000, "true")], "aggTrades.csv", "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker")
        listed = self.call("get_trades", "--trades", trades, "--instrument", "binance:linear:APEUSDT")["result"]["trades"]
        self.assertEqual([(one["side"], one["price"], one["quantity"]) for one in listed], [("sell", 0.5, 3)])
        self.assertEqual(self.fails(4, "tools", "call", "get_orderbook", "--trades", trades, "--instrument", "binance:linear:APEUSDT")["code"], "unavailable")
        self.assertEqual(self.fails(3, "tools", "call", "get_trades", "--trades", self.write(bars(5)))["code"], "bad_data")

    def test_errors(self):
        error = self.fails(2, "tools", "call", "rsy")
        self.assertEqual(error["code"], "unknown_tool")
        self.assertIn("rsi", error["message"] + error["hint"])
        self.assertEqual(self.fails(2, "tools", "call", "rsi", "--args", '{"perod": 14}')["code"], "bad_argument")
        self.assertEqual(self.fails(2, "tools", "call", "rsi", "--args", "{")["code"], "bad_argument")
        self.assertEqual(self.fails(4, "tools", "call", "get_cpi")["code"], "unavailable")
        self.assertEqual(self.fails(3, "tools", "call", "rsi", "--csv", self.write(bars(5)))["code"], "not_enough_data")
        self.assertEqual(self.fails(3, "tools", "call", "rsi", "--csv", "none.csv")["code"], "bad_data")
        self.assertEqual(self.fails(3, "tools", "call", "rsi", "--instrument", "bybit:spot:NOTUSDT")["code"], "no_data")
        self.assertEqual(self.fails(2, "tools", "call", "rsi", "--timeframe", "7m")["code"], "bad_timeframe")
        self.assertIn("must be an object", self.fails(2, "tools", "call", "rsi", "--args", "null")["message"])
        daily = self.write(bars(40, start=1_704_067_200, step=86_400), "daily.csv")
        self.assertEqual(self.fails(2, "tools", "call", "rsi", "--args", '{"timeframe": "1h"}', "--csv", daily)["code"], "bad_timeframe")
        self.assertIn("bars of an hour", self.fails(3, "tools", "call", "get_session_volume", "--csv", daily)["message"])
        self.assertEqual(self.fails(2, "tools", "call", "rsi", "--as-of", "yesterday")["code"], "bad_time")


class Agents(Base):
    def test_list_and_show(self):
        agents = self.run_product("agents", "list", "--json").document()["agents"]
        self.assertEqual(len(agents), 14)
        shown = self.run_product("agents", "show", "smc_analyst", "--json").document()
        self.assertIn("prompt", shown)
        self.assertEqual({k: v for k, v in shown.items() if k != "prompt"}, next(a for a in agents if a["name"] == "smc_analyst"))
        self.assertEqual(self.fails(2, "agents", "show", "nobody")["code"], "unknown_agent")

    def test_run_cites_only_what_tools_said(self):
        document = self.run_product("agents", "run", "--as-of", "2025-05-20T12:00:00Z", "--json").document()
        self.assertEqual(document["as_of"], "2025-05-20T12:00:00Z")
        known = {step["tool_result"] for verdict in document["verdicts"] for step in verdict["steps"] if step["kind"] == "tool_call"}
        cited = {item["tool_result"] for verdict in document["verdicts"] for item in verdict["evidence"]}
        self.assertTrue(cited)
        self.assertLessEqual(cited, known)


class Runs(Base):
    def setUp(self):
        super().setUp()
        if self.run_product("runs", "--help").code != 0:
            self.skipTest("this build has no registry of runs")

    def test_nothing_kept_yet(self):
        self.assertEqual(self.run_product("runs", "list", "--json").document()["runs"], [])
        self.assertIn("No runs are kept", self.run_product("runs", "list").out)
        self.assertEqual(self.run_product("status", "--json").document(), {"mode": "PAPER", "run": None})
        self.assertRegex(self.run_product("status").out, r"\ANo run is held in .* yet\.\n\Z")
        for words in (["runs", "show", "latest"], ["runs", "diff", "a", "b"], ["report"], ["agents", "explain", "1"]):
            self.assertEqual(self.fails(2, *words)["code"], "run_not_found", words)


if __name__ == "__main__":
    unittest.main(verbosity=1)
