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


if __name__ == "__main__":
    unittest.main()
