"""run and backtest when something is wrong: exit codes, the one error document, signals, and a start after a stop."""
import ctypes
import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
import unittest

from harness import PRODUCT, Product

DAYS = ("--from", "2025-05-04", "--to", "2025-05-06")
RUN = ("run", "--replay", "--http-port", "0", "--no-benchmarks")


def bound_by_permissions():
    """In a child before it runs the product: root, too, is bound by the permissions of files. Another user would not reach a product below /root."""
    if os.getuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            if libc.prctl(24, capability, 0, 0, 0) != 0:  # PR_CAPBSET_DROP
                raise OSError(ctypes.get_errno(), "a capability cannot be dropped")


class Stopping(Product):
    def run_stopped(self, number=signal.SIGTERM):
        running = self.start(*RUN, "--fresh", "--speed", "36000", "--json", *DAYS)
        running.wait_for("health and metrics at")
        time.sleep(0.7)
        running.signal(number)
        return running.wait()


class Errors(Stopping):
    def csv(self, lines, name="bars.csv"):
        path = self.work / name
        path.write_text("time,open,high,low,close,volume\n" + "".join(line + "\n" for line in lines))
        return path

    def test_unknown_words_are_named(self):
        self.assertIn("--sped", self.fails(2, "run", "--replay", "--sped", "max")["message"])
        self.assertIn("bactest", self.fails(2, "bactest")["message"])
        self.assertIn("trend_folowing", self.fails(2, "backtest", "--strategy", "trend_folowing", *DAYS)["message"])
        self.assertIn("fats", self.fails(2, "backtest", "--strategy", "trend_following", "--set", "fats=3", *DAYS)["message"])

    def test_bad_values_are_named_with_what_is_allowed(self):
        for words in (("--cash", "lots"), ("--cash", "-1"), ("--from", "yesterday"), ("--fee-taker", "7"), ("--slippage-bps", "-2"), ("--set", "fast"), ("--leverage", "0")):
            error = self.fails(2, "backtest", *words)
            self.assertIn(words[0], error["message"])
            self.assertIn(words[1], error["message"])
        self.assertIn("--speed", self.fails(2, *RUN, "--speed", "fast")["message"])
        self.assertIn("--http-port", self.fails(2, "run", "--replay", "--http-port", "70000")["message"])

    def test_missing_file_and_unknown_instrument(self):
        self.assertIn("none.csv", self.fails(3, "backtest", "--csv", "none.csv")["message"])
        self.assertIn("none.csv", self.fails(3, "run", "--replay", "none.csv", "--http-port", "0")["message"])
        self.assertIn("binance:linear:NONE", self.fails(2, "backtest", "--instrument", "binance:linear:NONE")["message"])
        self.fails(3, "backtest", "--from", "2031-01-01")

    def test_a_bad_line_is_named(self):
        good = [f"{1_700_000_040 + 60 * i},100,101,99,100,5" for i in range(40)]
        for bad in ("1700000940,100,99,101,100,5", "1700000940,100,101,99,nan,5", "1700000940,100,101,99,-3,5", "1700000940,100,101", "soon,100,101,99,100,5"):
            with self.subTest(bad):
                lines = [*good]
                lines[15] = bad
                error = self.fails(3, "backtest", "--csv", self.csv(lines))
                self.assertIn("bars.csv", error["message"])
                self.assertRegex(error["message"], r"\b17\b", "the header is line 1, so the sixteenth row is line 17")

    def test_no_byte_of_a_file_reaches_the_terminal_as_a_control_character(self):
        bad = self.csv(["1700000040,100,101,99,100,5", "1700000100,100,101,99,\x1b]0;owned\x07\x9b2J,5"])
        (self.work / "bad.toml").write_text('[run]\n"\\u001b[31m" = 1\n')
        for code, words in ((3, ("data", "import", bad, "--instrument", "binance:spot:BTCUSDT")), (3, ("backtest", "--csv", bad)),
                            (2, ("--config", "bad.toml", "check-config")), (2, ("--config", "bad.toml", "data", "list")), (2, ("\x1b[2J",)),
                            (3, ("backtest", "--csv", "\x1b[2J.csv"))):
            ran = self.run_product(*words)
            self.assertEqual(ran.code, code, ran.err)
            self.assertNotRegex(ran.err + ran.out, r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
            self.assertIn("x1b", ran.err + ran.out)

    def test_every_error_says_what_to_do(self):
        for words in (("--cash", "NaN"), ("--fee-maker", "2"), ("--slippage-bps", "x"), ("--leverage", "0"), ("--from", "x"), ("--to", "x"),
                      ("--strategy", "breakout", "--set", "x"), ("--from", "2025-05-21", "--to", "2025-05-20"), ("--instrument", "nowhere")):
            self.assertIn("promtrade backtest --help", self.fails(2, "backtest", *words)["hint"])
        self.assertIn("promtrade host --help", self.fails(2, "host", "--users", "0")["hint"])
        self.fails(2, "run", "--replay", "--resume", "--fresh")
        self.fails(2, "agents", "run", "--cash", "0")

    def test_help_is_a_word_too(self):
        for words in ((), ("data", "import"), ("run",)):
            self.assertEqual(self.run_product("help", *words).out, self.run_product(*words, "--help").out)
        self.assertIn("backtest", self.fails(2, "help", "bactest")["hint"])

    def test_a_state_that_cannot_be_read_is_not_an_empty_one(self):
        self.state.mkdir()
        asked = (("data", "verify"), ("data", "list"), ("runs", "list"), ("runs", "prune", "--keep", "1", "--dry-run"), ("status",), ("tools", "stats"), ("report",),
                 ("feeds", "status"), ("tools", "call", "rsi"), ("agents", "explain", "1"), ("health",), ("backtest", *DAYS))
        a_file = self.folder / "file"
        a_file.write_text("")
        for words in asked:
            for state in (a_file, a_file / "below"):
                self.assertEqual(self.fails(4, "--state", state, *words)["code"], "state_not_readable", words)
        self.run_product("--state", a_file, "version").code or self.assertEqual(self.run_product("--state", a_file, "tools", "list").code, 4)
        self.state.chmod(0)
        self.addCleanup(self.state.chmod, 0o700)
        for words in asked:
            done = subprocess.run([PRODUCT, *words, "--json"], cwd=self.work, env=self.environment(), capture_output=True, text=True, check=False,
                                  preexec_fn=bound_by_permissions)
            self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
            error = json.loads(done.stdout)["error"]
            self.assertIn("Permission denied", error["message"])
            self.assertIn("the user who owns it", error["hint"])

    def test_a_busy_port_names_the_setting(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            error = self.fails(4, "run", "--replay", "--http-port", port, *DAYS)
            self.assertIn(str(port), error["message"])
            self.assertIn("http.port", error["message"] + error["hint"])
        self.assertEqual(self.run_product(*RUN, "--speed", "max", "--json", *DAYS).code, 0, "the same state serves once the port is free")

    def test_a_wrong_key_has_a_suggestion(self):
        (self.work / "promtrade.toml").write_text('[run]\nspede = "max"\n')
        for words in (("backtest", *DAYS), (*RUN, *DAYS)):
            error = self.fails(2, *words)
            self.assertEqual(error["message"], "promtrade.toml:2: unknown key 'run.spede'")
            self.assertIn("run.speed", error["hint"])

    def test_live_says_in_one_sentence_that_it_comes_later(self):
        error = self.fails(5, "run")
        self.assertIn("venue adapters", error["message"])

    def test_contradictions(self):
        self.fails(2, *RUN, "--resume", "--fresh")
        self.assertEqual(self.fails(2, *RUN, "--resume")["code"], "nothing_to_resume")

    def test_an_unwritable_state_directory(self):
        (self.folder / "file").write_text("")
        for words in (("backtest", *DAYS, "--no-benchmarks"), (*RUN, *DAYS)):
            self.fails(4, *words, "--state", self.folder / "file" / "state")
        self.fails(4, *RUN, *DAYS, "--state", "/proc/nothing")

    def test_damaged_state_is_refused_by_name(self):
        self.run_stopped()
        cases = {"run.json": (b"{", 3), "venue.jsonl": (None, 4)}
        for name, (text, code) in cases.items():
            with self.subTest(name):
                path = self.state / name
                kept = path.read_bytes()
                damaged = bytearray(kept)
                damaged[len(damaged) // 2] ^= 0x11
                path.write_bytes(text if text is not None else bytes(damaged))
                error = self.fails(code, *RUN)
                self.assertIn(name, error["message"])
                path.write_bytes(kept)
        self.assertEqual(self.run_product(*RUN, "--speed", "max", "--json").code, 0, "with its files restored it continues")

    def test_fresh_begins_anew_over_a_damaged_run(self):
        self.run_stopped()
        (self.state / "run.json").write_text("{")
        ran = self.run_product(*RUN, "--fresh", "--speed", "max", "--json", *DAYS)
        self.assertEqual(ran.code, 0, ran.err)
        self.assertTrue((self.state / "previous-1" / "run.json").exists(), "nothing is deleted")

    def test_one_run_at_a_time_in_a_state_directory(self):
        running = self.start(*RUN, "--fresh", "--speed", "3600", *DAYS)
        running.wait_for("health and metrics at")
        ran = self.run_product(*RUN, *DAYS, "--json")
        self.assertEqual((ran.code, ran.document()["error"]["code"]), (4, "locked"), ran.err)
        ran = self.run_product(*RUN, "--fresh", *DAYS, "--json")
        self.assertEqual((ran.code, ran.document()["error"]["code"]), (4, "locked"), "a second start must not set aside what another writes")
        running.signal()
        self.assertEqual(running.wait().code, 143)


class Signals(Stopping):
    def test_interrupt_and_terminate_stop_cleanly_and_a_start_continues(self):
        whole = self.done("backtest", "--no-benchmarks", *DAYS)
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number):
                ran = self.run_stopped(number)
                self.assertEqual(ran.code, code, ran.err)
                document = ran.document()
                self.assertEqual(document["status"], "stopped")
                self.assertFalse((self.state / "http.port").exists(), "nothing of a stopped instance stays")
                again = self.run_product(*RUN, "--speed", "max", "--json")
                self.assertEqual(again.code, 0, again.err)
                self.assertIn("continuing the unfinished run at 2025-05-0", again.err)
                self.assertEqual(again.document()["digest"], whole["digest"])

    def test_a_second_signal_forces(self):
        """Sent while the shutdown waits for the ledger, which another process holds: exit 7 and the name of what hung."""
        running = self.start(*RUN, "--fresh", "--speed", "36000", *DAYS)
        running.wait_for("health and metrics at")
        time.sleep(0.5)
        holder = sqlite3.connect(self.state / "ledger.sqlite", timeout=10)
        holder.execute("BEGIN IMMEDIATE")
        try:
            time.sleep(0.6)
            running.signal(signal.SIGINT)
            time.sleep(0.3)
            if running.process.poll() is None:
                running.signal(signal.SIGINT)
            ran = running.wait(30)
        finally:
            holder.rollback()
            holder.close()
        self.assertIn(ran.code, (7, 130), ran.err)
        again = self.run_product(*RUN, "--speed", "max", "--json")
        self.assertEqual(again.code, 0, again.err)

    def test_signals_while_starting(self):
        for wait in (0.0, 0.02, 0.05, 0.1, 0.2, 0.4):
            with self.subTest(wait):
                running = self.start(*RUN, "--speed", "36000", "--json", *DAYS)
                time.sleep(wait)
                running.signal()
                ran = running.wait()
                self.assertIn(ran.code, (143, -signal.SIGTERM), ran.err)
                if ran.code == 143:
                    json.loads(ran.out)
        self.assertEqual(self.run_product(*RUN, "--speed", "max", "--json").code, 0)

    def test_a_reader_that_goes_away_does_not_lose_the_run(self):
        reading, writing = os.pipe()
        os.close(reading)
        with subprocess.Popen([PRODUCT, *RUN, "--fresh", "--speed", "max", *DAYS], cwd=self.work, env=self.environment(), stdout=writing, stderr=subprocess.PIPE) as process:
            os.close(writing)
            _, err = process.communicate(timeout=60)
        self.assertIn(process.returncode, (0, 4), err)
        self.assertEqual(len(self.done("runs", "list")["runs"]), 1)


if __name__ == "__main__":
    unittest.main()
