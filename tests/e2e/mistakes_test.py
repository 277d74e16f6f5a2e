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


if __name__ == "__main__":
    unittest.main()
