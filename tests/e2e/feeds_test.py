"""promtrade feeds fetch against a server of our own that stands for every provider (--through): what is asked, with which key, what is kept, when it is asked again,
and what a provider that refuses, fails or talks nonsense does. No provider is asked.
"""
import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from harness import ROOT, Product

FIXTURES = ROOT / "tests/fixtures/feeds"
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><item><title>Bitcoin surges to a record</title><link>https://example.org/1</link>
<guid>1</guid><pubDate>Mon, 05 May 2025 10:00:00 GMT</pubDate></item></channel></rss>"""


class Providers:
    """Answers by path; `status` and `body` of a path may be replaced."""

    def __init__(self):
        self.asked, self.replaced = [], {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                outer.asked.append((self.path, dict(self.headers), self.rfile.read(length).decode()))
                status, body, headers = outer.reply(urlsplit(self.path).path)
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

    def reply(self, path):
        if path in self.replaced:
            return self.replaced[path]
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

    def test_nobody_there_and_nonsense_on_the_command_line_are_one_sentence(self):
        error = self.fails(4, "feeds", "fetch", "fear-greed", "--again", "--through", "http://127.0.0.1:1")
        self.assertIn("cannot be reached", error["message"])
        self.assertEqual(self.fails(2, "feeds", "fetch", "nobody")["code"], "bad_feed")
        self.assertEqual(self.fails(2, "feeds", "fetch", "--through", "ftp://x")["code"], "bad_url")


if __name__ == "__main__":
    unittest.main()
