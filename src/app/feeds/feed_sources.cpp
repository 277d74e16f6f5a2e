// Addresses as the providers' documentation states them; a test asks for each by its path. Keys are added when a request is sent, never here.
#include "app/feeds/feed_sources.h"

#include <array>

namespace prom {
namespace {

constexpr std::array<std::string_view, 4> kCoins{"BTC", "ETH", "SOL", "XRP"};

std::vector<FeedRequest> fear_greed() { return {{"fear-greed", "", "https://api.alternative.me/fng/?limit=30"}}; }

std::vector<FeedRequest> coingecko() {
  return {{"coingecko-global", "", "https://api.coingecko.com/api/v3/global"}, {"coingecko-trending", "", "https://api.coingecko.com/api/v3/search/trending"}};
}

std::vector<FeedRequest> fred() {
  std::vector<FeedRequest> out;
  for (const char* id : {"DFEDTARU", "DFEDTARL", "CPIAUCSL", "SP500", "DTWEXBGS"})
    out.push_back({"fred", id, "https://api.stlouisfed.org/fred/series/observations?file_type=json&sort_order=desc&limit=1000&series_id=" + std::string(id)});
  return out;
}

std::vector<FeedRequest> news() {
  return {{"rss", "CoinDesk", "https://www.coindesk.com/arc/outboundfeeds/rss/"},
          {"rss", "CoinTelegraph", "https://cointelegraph.com/rss"},
          {"rss", "The Block", "https://www.theblock.co/rss.xml"}};
}

std::vector<FeedRequest> reddit() {
  return {{"reddit", "", "https://www.reddit.com/r/CryptoCurrency/new.json?limit=100"}, {"reddit", "", "https://www.reddit.com/r/Bitcoin/new.json?limit=100"}};
}

std::vector<FeedRequest> binance() {
  std::vector<FeedRequest> out;
  for (const auto coin : kCoins) {
    const std::string query = "?period=1h&limit=48&symbol=" + std::string(coin) + "USDT";
    out.push_back({"binance-open-interest", "", "https://fapi.binance.com/futures/data/openInterestHist" + query});
    out.push_back({"binance-long-short", "", "https://fapi.binance.com/futures/data/globalLongShortAccountRatio" + query});
  }
  return out;
}

std::vector<FeedRequest> bybit() {
  std::vector<FeedRequest> out;
  for (const auto coin : kCoins) {
    const std::string symbol = std::string(coin) + "USDT";
    out.push_back({"bybit-open-interest", "", "https://api.bybit.com/v5/market/open-interest?category=linear&intervalTime=1h&limit=48&symbol=" + symbol});
    out.push_back({"bybit-long-short", "linear", "https://api.bybit.com/v5/market/account-ratio?category=linear&period=1h&limit=48&symbol=" + symbol});
  }
  return out;
}

std::vector<FeedRequest> deribit() {
  std::vector<FeedRequest> out;
  for (const char* coin : {"BTC", "ETH"}) {
    const std::string query = "?kind=option&currency=" + std::string(coin);
    out.push_back({"deribit-options", "", "https://www.deribit.com/api/v2/public/get_book_summary_by_currency" + query});
    out.push_back({"deribit-option-trades", "", "https://www.deribit.com/api/v2/public/get_last_trades_by_currency" + query + "&count=1000&sorting=desc"});
  }
  return out;
}

std::vector<FeedRequest> coinglass() {
  std::vector<FeedRequest> out;
  for (const auto coin : kCoins)
    out.push_back(
        {"coinglass-liquidations", std::string(coin),
         "https://open-api-v4.coinglass.com/api/futures/liquidation/aggregated-history?exchange_list=Binance%2COKX%2CBybit&interval=1h&limit=48&symbol=" +
             std::string(coin)});
  return out;
}

std::vector<FeedRequest> glassnode() {
  std::vector<FeedRequest> out;
  const auto ask = [&](const std::string& asset, const char* path) {
    out.push_back({"glassnode", asset + ":" + path, "https://api.glassnode.com/v1/metrics/" + std::string(path) + "?i=24h&f=json&a=" + asset});
  };
  for (const char* path : {"transactions/transfers_volume_to_exchanges_sum", "transactions/transfers_volume_from_exchanges_sum", "addresses/active_count",
                           "indicators/nvt", "indicators/sopr", "market/mvrv", "indicators/net_realized_profit_loss"})
    ask("BTC", path);
  ask("BTC", "distribution/balance_miners_sum");
  for (const char* coin : {"USDT", "USDC"}) ask(coin, "transactions/transfers_volume_exchanges_net");
  return out;
}

std::vector<FeedRequest> santiment() {
  std::vector<FeedRequest> out;
  for (const auto& [asset, slug] : {std::pair("BTC", "bitcoin"), std::pair("ETH", "ethereum")}) {
    for (const char* metric : {"exchange_inflow", "exchange_outflow", "whale_transaction_count_1m_usd_to_inf", "active_addresses_24h", "nvt", "mvrv_usd",
                               "network_profit_loss", "social_volume_total"})
      out.push_back({"santiment", std::string(asset) + ":" + metric, "https://api.santiment.net/graphql",
                     R"({"query":"{getMetric(metric:\")" + std::string(metric) + R"(\"){timeseriesData(slug:\")" + slug +
                         R"(\",from:\"utc_now-30d\",to:\"utc_now\",interval:\"1d\"){datetime value}}}"})"});
  }
  return out;
}

std::vector<FeedRequest> lunarcrush() {
  std::vector<FeedRequest> out;
  for (const auto coin : kCoins)
    out.push_back(
        {"lunarcrush", std::string(coin), "https://lunarcrush.com/api4/public/coins/" + std::string(coin) + "/time-series/v2?bucket=hour&interval=1w"});
  return out;
}

std::vector<FeedRequest> trading_economics() { return {{"trading-economics", "", "https://api.tradingeconomics.com/calendar/country/united%20states?f=json"}}; }

constexpr FeedSource kSources[] = {
    {"fear-greed", "", KeyPlace::none, DurationNs{15 * kMinute.ns}, fear_greed},
    {"coingecko", "", KeyPlace::none, DurationNs{10 * kMinute.ns}, coingecko},
    {"news", "", KeyPlace::none, DurationNs{5 * kMinute.ns}, news},
    {"reddit", "", KeyPlace::none, DurationNs{5 * kMinute.ns}, reddit},
    {"binance", "", KeyPlace::none, DurationNs{5 * kMinute.ns}, binance},
    {"bybit", "", KeyPlace::none, DurationNs{5 * kMinute.ns}, bybit},
    {"deribit", "", KeyPlace::none, DurationNs{15 * kMinute.ns}, deribit},
    {"fred", "FRED_API_KEY", KeyPlace::query, kHour, fred},
    {"coinglass", "COINGLASS_API_KEY", KeyPlace::cg_api_key, DurationNs{5 * kMinute.ns}, coinglass},
    {"glassnode", "GLASSNODE_API_KEY", KeyPlace::x_api_key, kHour, glassnode},
    {"santiment", "SANTIMENT_API_KEY", KeyPlace::apikey, kHour, santiment},
    {"lunarcrush", "LUNARCRUSH_API_KEY", KeyPlace::bearer, DurationNs{15 * kMinute.ns}, lunarcrush},
    {"trading-economics", "TRADING_ECONOMICS_API_KEY", KeyPlace::client, kHour, trading_economics},
};

}  // namespace

std::span<const FeedSource> feed_sources() { return kSources; }

}  // namespace prom
