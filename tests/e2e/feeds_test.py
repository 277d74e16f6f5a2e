"""promtrade feeds fetch against a server of our own that stands for every provider (--through): what is asked, with which key, what is kept, when it is asked again,
and what a provider that refuses, fails or talks nonsense does. No provider is asked.
"""
import json
import sqlite3
import threading
import time
import unittest
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from harness import ROOT, Product

FIXTURES = ROOT / "tests/fixtures/feeds"
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><item><title>Bitcoin surges to a record</title><link>https://example.org/1</link>
<guid>1</guid><pubDate>Mon, 05 May 2025 10:00:00 GMT</pubDate></item></channel></rss>"""
COINDESK = "/arc/outboundfeeds/rss/"
OPTION_TRADES = "/api/v2/public/get_last_trades_by_currency"


def seconds_of(time_text):
    return datetime.fromisoformat(time_text.replace("Z", "+00:00")).timestamp()


class Trades:
    """Deribit's option trades, one a second back from now, by pages that end at end_timestamp, inclusive."""

    def __init__(self, trades, page):
        self.now, self.trades, self.page = int(time.time()) * 1000, trades, page

    def __call__(self, query):
        until = int(query.get("end_timestamp", [self.now])[0])
        left = [n for n in range(self.trades) if self.now - n * 1000 <= until]
        coin = query["currency"][0]
        told = [{"instrument_name": f"{coin}-27DEC30-100000-C", "trade_id": f"{coin}{n}", "amount": 1, "direction": "buy", "timestamp": self.now - n * 1000}
                for n in left[:self.page]]
        return 200, json.dumps({"result": {"trades": told, "has_more": len(left) > self.page}}), {}


class Providers:
    """Answers by path; status, body and headers of a path may be replaced, also by what makes them of the query."""

    def __init__(self):
        self.asked, self.replaced = [], {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                outer.asked.append((self.path, dict(self.headers), self.rfile.read(length).decode()))
                status, body, headers = outer.reply(urlsplit(self.path).path, parse_qs(urlsplit(self.path).query))
                data = body.encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def reply(self, path, query):
        if path in self.replaced:
            replaced = self.replaced[path]
            return replaced(query) if callable(replaced) else replaced
        for prefix, name in (("/fng", "alternative_me_fng.json"), ("/api/v3/global", "coingecko_global.json"), ("/api/v3/search", "coingecko_trending.json"),
                             ("/fred/", "fred_gdp_2024-10-30.json"), ("/r/", "reddit_listing.json"), ("/v5/market/open-interest", "bybit_open_interest.json"),
                             ("/v5/market/account-ratio", "bybit_long_short.json")):
            if path.startswith(prefix):
                return 200, (FIXTURES / name).read_text(), {}
        if path.endswith(("rss", "rss/", "rss.xml")):
            return 200, RSS, {}
        if path.startswith("/futures/data/openInterestHist"):
            return 200, '[{"symbol":"BTCUSDT","sumOpenInterest":"1","sumOpenInterestValue":"1","timestamp":1746000000000}]', {}
        if path.startswith("/futures/data/"):
            return 200, '[{"symbol":"BTCUSDT","longAccount":"0.6","shortAccount":"0.4","timestamp":1746000000000}]', {}
        if path.startswith("/api/v2/public/get_book"):
            return 200, '{"result":[{"instrument_name":"BTC-27DEC30-100000-C","creation_timestamp":1746000000000,"open_interest":5,"mark_iv":50}]}', {}
        if path.startswith("/api/v2/public/get_last"):
            return 200, '{"result":{"trades":[]}}', {}
        if path.startswith("/graphql"):
            return 200, '{"data":{"getMetric":{"timeseriesData":[{"datetime":"2025-05-01T00:00:00Z","value":3}]}}}', {}
        return 404, '{"message":"not found"}', {}

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Fetch(Product):
    def setUp(self):
        super().setUp()
        self.providers = Providers()
        self.addCleanup(self.providers.close)

    def fetch(self, *words, env=None):
        document = self.done("feeds", "fetch", *words, "--through", self.providers.address, env=env)
        return {row["source"]: row for row in document["sources"]}

    def test_without_a_key_the_free_providers_are_asked_and_the_others_say_what_they_lack(self):
        rows = self.fetch()
        for name in ("fear-greed", "coingecko", "news", "reddit", "binance", "bybit", "deribit"):
            self.assertEqual(rows[name]["state"], "fetched", rows[name])
            self.assertGreater(rows[name]["new"], 0, name)
        for name, key in (("fred", "FRED_API_KEY"), ("glassnode", "GLASSNODE_API_KEY"), ("trading-economics", "TRADING_ECONOMICS_API_KEY")):
            self.assertEqual((rows[name]["state"], rows[name]["reason"]), ("no_key", f"set {key}"))
        kept = {row["series"] for row in self.done("feeds", "status")["feeds"]}
        self.assertLessEqual({"sentiment.fear_greed", "market.dominance", "news.headline", "social.post", "venue.open_interest", "options.open_interest"}, kept)
        works = {tool["name"] for tool in self.done("tools", "list")["tools"] if tool["available"]}
        self.assertLessEqual({"get_fear_greed", "btc_dominance", "get_news", "get_options_oi"}, works)
        self.assertNotIn("get_sopr", works)

    def test_nobody_is_asked_more_often_than_he_allows(self):
        self.fetch("fear-greed")
        asked = len(self.providers.asked)
        row = self.fetch("fear-greed")["fear-greed"]
        self.assertEqual(row["state"], "fresh")
        self.assertIsNotNone(row["next_at"])
        self.assertEqual(len(self.providers.asked), asked)
        row = self.fetch("fear-greed", "--again")["fear-greed"]
        self.assertEqual((row["state"], row["new"]), ("fetched", 0), "what is known already is not kept twice")

    def test_keys_go_where_each_provider_wants_them_and_appear_nowhere_else(self):
        env = {"FRED_API_KEY": "fred-word", "SANTIMENT_API_KEY": "sant-word"}
        rows = self.fetch("fred", "santiment", env=env)
        self.assertEqual((rows["fred"]["state"], rows["santiment"]["state"]), ("fetched", "fetched"))
        fred = [path for path, _, _ in self.providers.asked if path.startswith("/fred/")]
        self.assertEqual({parse_qs(urlsplit(path).query)["series_id"][0] for path in fred}, {"DFEDTARU", "DFEDTARL", "CPIAUCSL", "SP500", "DTWEXBGS"})
        self.assertTrue(all(parse_qs(urlsplit(path).query)["api_key"] == ["fred-word"] for path in fred))
        santiment = [(headers, body) for path, headers, body in self.providers.asked if path == "/graphql"]
        self.assertTrue(all(headers["Authorization"] == "Apikey sant-word" for headers, _ in santiment))
        self.assertTrue(all("getMetric" in json.loads(body)["query"] for _, body in santiment))
        self.providers.replaced["/fred/series/observations"] = (500, "fred-word", {})
        failed = self.run_product("feeds", "fetch", "fred", "--again", "--through", self.providers.address, env=env)
        self.assertEqual(failed.code, 4)
        state = b"".join(p.read_bytes() for p in self.state.rglob("*") if p.is_file())
        for word in ("fred-word", "sant-word"):
            self.assertNotIn(word, failed.out + failed.err)
            self.assertNotIn(word.encode(), state)

    def test_a_provider_that_fails_is_left_alone_ever_longer_and_the_others_go_on(self):
        self.providers.replaced["/fng/"] = (429, "slow down", {"Retry-After": "7200"})
        rows = self.fetch("fear-greed", "coingecko")
        self.assertEqual((rows["fear-greed"]["state"], rows["coingecko"]["state"]), ("failed", "fetched"))
        self.assertIn("429", rows["fear-greed"]["reason"])
        asked = len(self.providers.asked)
        self.assertEqual(self.fetch("fear-greed", "coingecko")["fear-greed"]["state"], "backing_off")
        self.assertEqual(len(self.providers.asked), asked)
        for status, body in ((200, "<html>maintenance</html>"), (403, '{"error":"no"}'), (200, '{"data":[{"value":"400","timestamp":"1"}]}')):
            self.providers.replaced["/fng/"] = (status, body, {})
            error = self.fails(4, "feeds", "fetch", "fear-greed", "--again", "--through", self.providers.address)
            self.assertEqual(error["code"], "feeds_away")
            self.assertIn("alternative.me", error["message"])

    def paths(self, since=0):
        return [urlsplit(path).path for path, _, _ in self.providers.asked[since:]]

    def test_one_request_that_fails_keeps_no_other_from_being_asked(self):
        self.providers.replaced[COINDESK] = (404, "<html><body>moved</body></html>", {})
        row = self.fetch("news")["news"]
        self.assertEqual((row["state"], row["read"], row["new"]), ("partly", 2, 2), row)
        self.assertRegex(row["reason"], "^1 of 3 requests failed; rss CoinDesk: .*404")
        self.assertEqual(sorted(self.paths()), [COINDESK, "/rss", "/rss.xml"])
        self.assertLess(seconds_of(row["next_at"]) - time.time(), 301, "no longer wait than after an answer")
        row = self.fetch("news")["news"]
        self.assertEqual(row["state"], "fresh")
        self.assertIn("rss CoinDesk", row["reason"])
        failing = self.done("feeds", "status")["failing"]
        self.assertEqual([(one["source"], one["failures"]) for one in failing], [("news", 0)])
        self.assertIn("rss CoinDesk", failing[0]["reason"])
        for path in ("/rss", "/rss.xml"):
            self.providers.replaced[path] = (404, "gone", {})
        error = self.fails(4, "feeds", "fetch", "news", "--again", "--through", self.providers.address)
        self.assertIn("3 of 3 requests failed; rss CoinDesk", error["message"])
        self.assertEqual(self.done("feeds", "status")["failing"][0]["failures"], 2)
        self.providers.replaced.clear()
        self.assertEqual(self.fetch("news", "--again")["news"]["state"], "fetched")
        self.assertEqual(self.done("feeds", "status")["failing"], [])

    def test_a_host_that_wants_no_more_is_asked_no_more_and_others_are(self):
        self.providers.replaced[COINDESK] = (429, "slow down", {"Retry-After": "7200"})
        row = self.fetch("news")["news"]
        self.assertEqual((row["state"], row["new"]), ("partly", 2))
        self.assertGreater(seconds_of(row["next_at"]) - time.time(), 7000, "as it asked")
        # Reddit is one host.
        self.providers.replaced["/r/CryptoCurrency/new.json"] = (503, "", {})
        asked = len(self.providers.asked)
        self.run_product("feeds", "fetch", "reddit", "--through", self.providers.address)
        self.assertEqual(self.paths(asked), ["/r/CryptoCurrency/new.json"])
        row = self.fetch("reddit")["reddit"]
        self.assertEqual(row["state"], "backing_off")
        self.assertIn("1 of 2 requests failed, 1 not asked", row["reason"])
        del self.providers.replaced["/r/CryptoCurrency/new.json"]
        self.providers.replaced["/r/Bitcoin/new.json"] = (503, "", {})
        row = self.fetch("reddit", "--again")["reddit"]
        self.assertEqual(row["state"], "partly")
        self.assertGreater(row["new"], 0, "what came before is kept")
        self.assertEqual(self.fetch("reddit")["reddit"]["state"], "backing_off")

    def test_an_item_that_lacks_something_is_skipped_and_said(self):
        self.providers.replaced[COINDESK] = (200, RSS.replace("<item>", "<item><title>no date</title><guid>2</guid></item><item>", 1), {})
        row = self.fetch("news")["news"]
        self.assertEqual((row["state"], row["new"], row["skipped"]), ("fetched", 3, 1), row)
        self.assertIn("rss CoinDesk: 1 items", row["reason"])
        saved = self.work / "coindesk.xml"
        saved.write_text(self.providers.replaced[COINDESK][1])
        document = self.done("feeds", "import", "rss", saved, "--name", "Other")
        self.assertEqual((document["read"], document["new"], document["skipped"]), (1, 1, 1))

    def test_option_trades_are_read_page_by_page_until_what_is_known(self):
        self.providers.replaced[OPTION_TRADES] = Trades(2500, 1000)
        row = self.fetch("deribit")["deribit"]
        self.assertEqual((row["state"], row["reason"]), ("fetched", ""))
        self.assertEqual(self.paths().count(OPTION_TRADES), 6, "three pages of each coin")
        rows = [one["rows"] for one in self.done("feeds", "status")["feeds"] if one["series"] == "options.trade"]
        self.assertEqual(rows, [2500, 2500], "each trade once")
        asked = len(self.providers.asked)
        self.fetch("deribit", "--again")
        self.assertEqual(self.paths(asked).count(OPTION_TRADES), 2, "the first page is known")

    def test_pages_are_bounded_and_the_bound_is_said(self):
        self.providers.replaced[OPTION_TRADES] = Trades(300, 10)
        row = self.fetch("deribit")["deribit"]
        self.assertEqual(row["state"], "fetched")
        self.assertEqual(self.paths().count(OPTION_TRADES), 40)
        self.assertIn("page 20 is the last", row["reason"])

    def test_what_options_repeat_pushes_no_slow_series_out(self):
        newest = int(json.loads((FIXTURES / "alternative_me_fng.json").read_text())["data"][0]["timestamp"])
        when = [datetime.fromtimestamp(newest + later, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") for later in (3600, 7200)]
        self.done("feeds", "import", "fear-greed", FIXTURES / "alternative_me_fng.json", "--fetched-at", when[0])
        with sqlite3.connect(self.state / "market.sqlite") as store:
            store.execute("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<599999) INSERT INTO observations SELECT 'options.forward',"
                          "'BTC-27DEC30-100000-C', 'Deribit', ?1 + i, '', ?1 + i, 0, 1.0, '' FROM n", ((newest + 5000) * 1_000_000_000,))
        store.close()
        ran = self.run_product("tools", "call", "get_fear_greed", "--as-of", when[1], "--json")
        self.assertEqual(ran.code, 0, ran.err + ran.out)
        self.assertIn("options.forward more than 250000", ran.err)
        rows = {one["series"]: one["rows"] for one in self.done("feeds", "status")["feeds"]}
        self.assertEqual(rows["options.forward"], 600_000)
        self.assertGreater(rows["sentiment.fear_greed"], 0)

    def test_nobody_there_and_nonsense_on_the_command_line_are_one_sentence(self):
        error = self.fails(4, "feeds", "fetch", "fear-greed", "--again", "--through", "http://127.0.0.1:1")
        self.assertIn("cannot be reached", error["message"])
        self.assertEqual(self.fails(2, "feeds", "fetch", "nobody")["code"], "bad_feed")
        self.assertEqual(self.fails(2, "feeds", "fetch", "--through", "ftp://x")["code"], "bad_url")


if __name__ == "__main__":
    unittest.main()
