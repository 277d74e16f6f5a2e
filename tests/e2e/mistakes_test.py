"""Small mistakes of people: misspelt names, several errors in one file, a damaged journal, a speed that a host cannot have."""
import signal
import sqlite3
import unittest

from harness import Product

DAYS = ("--from", "2025-05-04", "--to", "2025-05-06")


class Names(Product):
    def test_the_nearest_name_is_offered(self):
        cases = [
            (("agents", "show", "smc_analist"), "unknown_agent", "smc_analyst"),
            (("tools", "stats", "--agent", "smc_analist"), "unknown_agent", "smc_analyst"),
            (("feeds", "fetch", "frad"), "bad_feed", "fred"),
            (("feeds", "import", "fear-gred", "x.json"), "bad_feed", "fear-greed"),
            (("events", "read", "trades.close"), "unknown_topic", "trades.closed"),
        ]
        for words, code, right in cases:
            with self.subTest(words):
                error = self.fails(2, *words)
                self.assertEqual(error["code"], code)
                self.assertIn(f"did you mean '{right}'?", error["hint"])
                far = self.fails(2, *[word if word != words[-1] and right[:3] not in word else "zzzzzzzzzzzz" for word in words])
                self.assertNotIn("did you mean", far["hint"])


class EnvFile(Product):
    def problems(self, text):
        (self.work / ".env").write_text(text)
        document = self.run_product("check-config", "--json").document()
        return [(problem["place"], problem["message"]) for problem in document["problems"]], document["problems"]

    def test_a_key_that_is_set_twice_hides_nothing(self):
        told, _ = self.problems("REDIS_PROT=1\nLOG_LEVEL=info\nLOG_LEVEL=debug\nPOSTGRES_PORT=abc\nLOG_LEVEL=error\n")
        self.assertEqual([place for place, _ in told], [".env:1", ".env:3", ".env:4", ".env:5"])
        self.assertIn("LOG_LEVEL is set twice, first on line 2", told[1][1])
        self.assertIn("LOG_LEVEL is set twice, first on line 2", told[3][1])

    def test_a_line_that_cannot_be_read_hides_no_line_above_it_and_says_what_was_not_read(self):
        told, problems = self.problems("REDIS_PROT=1\nnonsense here\nLOG_LEVEL=loud\n")
        self.assertEqual([place for place, _ in told], [".env:1", ".env:2"])
        self.assertIn("lines below it were not read", problems[1]["hint"])

    def test_values_are_never_repeated(self):
        _, problems = self.problems("CLAUDE_API_KEY='very-secret\nmore-secret\nREDIS_PROT=1\n")
        self.assertNotIn("very-secret", str(problems))
        self.assertNotIn("more-secret", str(problems))


class Words(Product):
    def held(self):
        running = self.start("run", "--replay", "--http-port", "0", "--no-benchmarks", "--speed", "36000", *DAYS)
        running.wait_for("health and metrics at")
        running.wait_for("PAPER 2025")
        running.signal(signal.SIGTERM)
        self.assertEqual(running.wait().code, 143)

    def test_a_damaged_journal_says_what_to_do(self):
        self.held()
        segment = sorted((self.state / "journal").glob("*"), key=lambda path: path.stat().st_size)[-1]
        bytes_ = bytearray(segment.read_bytes())
        bytes_[len(bytes_) // 2] ^= 0x11
        segment.write_bytes(bytes_)
        error = self.fails(4, "run", "--replay", "--http-port", "0")
        self.assertEqual(error["code"], "journal")
        self.assertIn("damaged", error["message"])
        for word in ("backup", "--fresh"):
            self.assertIn(word, error["hint"])

    def test_a_ledger_of_a_newer_version_is_named_once(self):
        self.held()
        with sqlite3.connect(self.state / "ledger.sqlite") as database:
            database.execute("INSERT INTO schema_version(version, name) VALUES(999, 'later')")
        database.close()
        error = self.fails(4, "run", "--replay", "--http-port", "0")
        self.assertIn("the ledger at ", error["message"])
        self.assertNotIn("the the", error["message"])


class Host(Product):
    def test_full_speed_is_refused_by_the_name_under_which_it_was_asked_for(self):
        error = self.fails(2, "host", "--speed", "max")
        self.assertIn("--speed max", error["message"])
        self.assertIn("--speed 600", error["hint"])
        (self.work / "promtrade.toml").write_text('[run]\nspeed = "max"\n')
        error = self.fails(2, "host")
        self.assertIn("run.speed", error["message"])
        self.assertNotIn("--speed max", error["message"])
        self.assertIn("--speed 600", error["hint"])

    def test_a_shard_without_users_has_no_instant(self):
        running = self.start("host", "--users", "3", "--http-port", "0", "--json")
        running.wait_for("hosted here")
        running.signal(signal.SIGINT)
        ran = running.wait()
        self.assertEqual(ran.code, 130, ran.err)
        shards = ran.document()["shards"]
        self.assertEqual({shard["at"] for shard in shards if shard["accounts"] == 0}, {None})
        self.assertTrue(all(shard["at"].startswith("2025") for shard in shards if shard["accounts"] > 0))


if __name__ == "__main__":
    unittest.main()
