// Every dialect once: the fixture's first rows, worked out by hand, come back in the right columns at the right scales.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "adapters/feeds/archive/import.h"

namespace prom {
namespace {

std::string fixture(const std::string& name) { return std::string(PROM_SOURCE_DIR) + "/tests/fixtures/archive/" + name; }

ImportedBars read(const std::string& name, const BarsOptions& options = {}) {
  auto bars = read_bars({fixture(name), options}, {});
  EXPECT_TRUE(bars) << (bars ? "" : describe(bars.error()));
  return bars ? std::move(*bars) : ImportedBars{};
}

TEST(ImportDialects, BinanceKlinesInMilliseconds) {
  const ImportedBars in = read("binance_spot_ms.csv");
  EXPECT_EQ(in.dialect, ArchiveDialect::binance_klines);
  ASSERT_EQ(in.bars.size(), 5u);
  EXPECT_EQ(in.rows, 5u);
  EXPECT_EQ(in.bars.interval, kMinute);
  EXPECT_EQ(in.bars.price_digits, 2);
  EXPECT_EQ(in.bars.quantity_digits, 5);
  EXPECT_EQ(in.bars.open_time_ns[0], 1704067200000000000);
  EXPECT_EQ(in.bars.open[0], 4228358);
  EXPECT_EQ(in.bars.high[0], 4229862);
  EXPECT_EQ(in.bars.low[0], 4226102);
  EXPECT_EQ(in.bars.close[0], 4229861);
  EXPECT_EQ(in.bars.volume[0], 3592724);
  EXPECT_EQ(in.bars.taker_buy_volume[0], 2318766);
  EXPECT_DOUBLE_EQ(in.bars.open_f[0], 42283.58);
  EXPECT_DOUBLE_EQ(in.bars.taker_buy_volume_f[0], 23.18766);
  EXPECT_TRUE(in.gaps.empty());
}

TEST(ImportDialects, BinanceKlinesInMicroseconds) {
  const ImportedBars in = read("binance_spot_us.csv");
  ASSERT_EQ(in.bars.size(), 5u);
  EXPECT_EQ(in.bars.open_time_ns[0], 1735689600000000000);
  EXPECT_EQ(in.bars.interval, kMinute);
}

TEST(ImportDialects, PackedFilesGiveTheSameBars) {
  const ImportedBars plain = read("binance_spot_ms.csv");
  for (const char* name : {"binance_spot_ms.csv.xz", "binance_spot_ms.zip"}) {
    const ImportedBars packed = read(name);
    EXPECT_EQ(packed.bars.open_time_ns, plain.bars.open_time_ns) << name;
    EXPECT_EQ(packed.bars.close, plain.bars.close) << name;
    EXPECT_NE(packed.sha256, plain.sha256) << "the digest is of the file as it lies on disk";
  }
  // sha256sum of the fixture.
  EXPECT_EQ(plain.sha256, "4dbb75af496d689dd4600f50b04a4a6b16447d10ae8493c83aeb71525eeaae4a");
}

TEST(ImportDialects, FuturesWithHeaderHaveNoTakerVolume) {
  const ImportedBars in = read("binance_um_header.csv");
  EXPECT_EQ(in.dialect, ArchiveDialect::generic_csv);
  ASSERT_EQ(in.bars.size(), 5u);
  EXPECT_EQ(in.bars.price_digits, 4);
  EXPECT_EQ(in.bars.low[0], 21913);
  EXPECT_EQ(in.bars.volume[0], 2178099);
  EXPECT_TRUE(in.bars.taker_buy_volume.empty());
  BarsOptions options;
  options.venue = Venue::binance;
  EXPECT_EQ(read("binance_um_header.csv", options).dialect, ArchiveDialect::binance_klines);
}

// P33: an unfinished bar never enters.
TEST(ImportDialects, p33_okx_bars_that_are_not_confirmed_never_enter) {
  const ImportedBars in = read("okx_swap.csv");
  EXPECT_EQ(in.dialect, ArchiveDialect::okx_candles);
  ASSERT_EQ(in.bars.size(), 3u);
  EXPECT_EQ(in.rows, 4u);
  EXPECT_EQ(in.unfinished, 1u);
  EXPECT_EQ(in.bars.open_time_ns.back(), 1783947600000000000);
  EXPECT_EQ(in.bars.volume[0], 23875168) << "contracts, not coins";
  EXPECT_EQ(in.bars.interval, kHour);
}

TEST(ImportDialects, BybitNewestFirstIsSorted) {
  BarsOptions options;
  options.venue = Venue::bybit;
  const ImportedBars in = read("bybit_rest.csv", options);
  EXPECT_EQ(in.dialect, ArchiveDialect::bybit_candles);
  ASSERT_EQ(in.bars.size(), 2u);
  EXPECT_EQ(in.reordered, 1u);
  EXPECT_EQ(in.bars.open[0], 170710);
  EXPECT_EQ(in.bars.close[1], 170600);
  const ImportedBars json = read("bybit_kline.json", options);
  EXPECT_EQ(json.dialect, ArchiveDialect::json);
  EXPECT_EQ(json.bars.open_time_ns, in.bars.open_time_ns);
  EXPECT_EQ(json.bars.close, in.bars.close);
}

TEST(ImportDialects, TradesFoldIntoMinutes) {
  for (const char* name : {"agg_trades_header.csv", "agg_trades_bare.csv"}) {
    const ImportedBars in = read(name);
    EXPECT_EQ(in.dialect, ArchiveDialect::trades) << name;
    EXPECT_EQ(in.rows, 4u);
    // The second minute is cut off by the end of the file; the first ends the day.
    ASSERT_EQ(in.bars.size(), 1u) << name;
    EXPECT_EQ(in.unfinished, 1u);
    EXPECT_EQ(in.bars.interval, kMinute);
    EXPECT_EQ(in.bars.price_digits, 1);
    EXPECT_EQ(in.bars.open[0], 1005);
    EXPECT_EQ(in.bars.high[0], 1007);
    EXPECT_EQ(in.bars.low[0], 1001);
    EXPECT_EQ(in.bars.close[0], 1001);
    EXPECT_EQ(in.bars.volume[0], 40) << "2.0 + 1.5 + 0.5";
    EXPECT_EQ(in.bars.taker_buy_volume[0], 20) << "only the first trade was bought by the taker";
  }
}

TEST(ImportDialects, ColumnsInAnyOrderAndAnySpelling) {
  const ImportedBars in = read("generic.csv");
  ASSERT_EQ(in.bars.size(), 2u);
  EXPECT_EQ(in.bars.interval, kDay);
  EXPECT_EQ(in.bars.open_time_ns[0], 1704067200000000000);
  EXPECT_EQ(in.bars.open_f[0], 1.1);
  EXPECT_EQ(in.bars.volume_f[1], 12.5);
}

TEST(ImportDialects, JsonObjectsKeepTheTextOfNumbers) {
  const ImportedBars in = read("objects.json");
  ASSERT_EQ(in.bars.size(), 2u);
  EXPECT_EQ(in.bars.price_digits, 11);
  EXPECT_EQ(in.bars.close[1], 123456789012);
}

TEST(ImportDialects, TimesInEveryUnit) {
  const char* rows[] = {"1704067200,1,1,1,1,1\n1704067260,1,1,1,1,1\n",
                        "1704067200000,1,1,1,1,1\n1704067260000,1,1,1,1,1\n",
                        "1704067200000000,1,1,1,1,1\n1704067260000000,1,1,1,1,1\n",
                        "1704067200000000000,1,1,1,1,1\n1704067260000000000,1,1,1,1,1\n",
                        "1704067200.0,1,1,1,1,1\n1704067260.0,1,1,1,1,1\n",
                        "2024-01-01T00:00:00Z,1,1,1,1,1\n2024-01-01T01:01:00+01:00,1,1,1,1,1\n"};
  for (const char* text : rows) {
    const auto in = parse_bars(std::string("time,open,high,low,close,volume\r\n") + text, {});
    ASSERT_TRUE(in) << text << describe(in.error());
    EXPECT_EQ(in->bars.open_time_ns[0], 1704067200000000000) << text;
    EXPECT_EQ(in->bars.open_time_ns[1], 1704067260000000000) << text;
  }
}

TEST(ImportDialects, ScaleGrowsAndShrinksWithTheData) {
  const auto grown = parse_bars("0,1,2,1,2,5\n60,1.25,1.5,1,1.125,0.001\n", {});
  ASSERT_TRUE(grown);
  EXPECT_EQ(grown->bars.price_digits, 3);
  EXPECT_EQ(grown->bars.open, (std::vector<std::int64_t>{1000, 1250}));
  EXPECT_EQ(grown->bars.volume, (std::vector<std::int64_t>{5000, 1}));
  // 1e-12 and 5e9 cannot both be held in 64 bits: the large value wins, the small volume is rounded down and counted.
  const auto shrunk = parse_bars("0,1,2,1,2,0.123456789012\n60,1,2,1,2,5000000000\n", {});
  ASSERT_TRUE(shrunk);
  EXPECT_EQ(shrunk->bars.quantity_digits, 8);
  EXPECT_EQ(shrunk->bars.volume, (std::vector<std::int64_t>{12345678, 500000000000000000}));
  EXPECT_GT(shrunk->cut_volumes, 0u);
  const auto noise = parse_bars("0,0.30000000000000004,0.4,0.3,0.4,1\n60,0.3,0.4,0.3,0.4,1\n", {});
  ASSERT_TRUE(noise);
  EXPECT_EQ(noise->bars.open_f[0], 0.3) << "noise of a float beyond 12 decimals is rounded away";
  EXPECT_EQ(noise->cut_prices, 1u);
}

TEST(ImportDialects, FundingInEveryColumnOrder) {
  const auto okx = read_funding(fixture("okx_funding.csv"));
  ASSERT_TRUE(okx) << describe(okx.error());
  ASSERT_EQ(okx->rows.size(), 4u);
  EXPECT_EQ(okx->rows[0].time.ns, 1775548800000000000);
  EXPECT_EQ(okx->rows[0].rate.to_string(), "0.000039122458") << "16 decimals rounded at 1e-12";
  EXPECT_EQ(okx->rows[3].rate.to_string(), "0.0001");
  const auto binance = parse_funding("open_time,funding_rate\n1568102400000,0.0001\n1568131200004,-0.0003\n");
  ASSERT_TRUE(binance);
  EXPECT_EQ(binance->rows[1].time.ns, 1568131200000000000) << "four milliseconds of jitter";
  const auto archive = parse_funding("calc_time,funding_interval_hours,last_funding_rate\n1704067200000,8,0.00037409\n");
  ASSERT_TRUE(archive);
  EXPECT_EQ(archive->rows[0].rate.to_string(), "0.00037409");
  const auto bybit = parse_funding("symbol,fundingRate,fundingRateTimestamp\nBTCUSDT,0.0001,1672051897447\nBTCUSDT,0.0002,1672023097447\n");
  ASSERT_TRUE(bybit);
  EXPECT_EQ(bybit->reordered, 1u);
  EXPECT_EQ(bybit->rows[0].rate.to_string(), "0.0002");
}

// The shapes of the venues' documented answers: GET /fapi/v1/fundingRate, GET /v5/market/funding/history, GET /api/v5/public/funding-rate-history.
TEST(ImportDialects, FundingRatesAsTheInterfacesAnswer) {
  const auto binance = parse_funding(R"([{"symbol":"BTCUSDT","fundingRate":"-0.03750000","fundingTime":1570608000000,"markPrice":"34287.54619963"},
                                         {"symbol":"BTCUSDT","fundingRate":"0.00010000","fundingTime":1570636800001,"markPrice":"34287.5"}])");
  ASSERT_TRUE(binance) << describe(binance.error());
  ASSERT_EQ(binance->rows.size(), 2u);
  EXPECT_EQ(binance->rows[0].rate.to_string(), "-0.0375");
  EXPECT_EQ(binance->rows[1].time.ns, 1570636800000000000);
  const auto bybit = parse_funding(
      R"({"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[{"symbol":"ETHPERP","fundingRate":"0.0001","fundingRateTimestamp":"1672041600000"}]}})");
  ASSERT_TRUE(bybit) << describe(bybit.error());
  EXPECT_EQ(bybit->rows.at(0).time.ns, 1672041600000000000);
  const auto okx = parse_funding(
      R"({"code":"0","data":[{"fundingRate":"0.0000746604960499","fundingTime":"1703059200000","instId":"BTC-USD-SWAP","realizedRate":"0.0000746572360545"}],"msg":""})");
  ASSERT_TRUE(okx) << describe(okx.error());
  EXPECT_EQ(okx->rows.at(0).rate.to_string(), "0.000074657236") << "what was charged, not what was foretold";
  EXPECT_EQ(parse_funding(R"([{"timestamp":1672041600000,"fundingRate":5.39e-06}])")->rows.at(0).rate.to_string(), "0.00000539") << "a number like a text";
}

TEST(ImportDialects, FundingRatesThatAreNone) {
  const auto of = [](std::string_view text) {
    const auto read = parse_funding(text);
    return read ? "read" : describe(read.error());
  };
  EXPECT_NE(of("[{").find("damaged"), std::string::npos);
  EXPECT_NE(of("{}").find("no list of funding rates"), std::string::npos);
  EXPECT_NE(of("[]").find("no funding rates in the file"), std::string::npos);
  EXPECT_NE(of(R"([[1672041600000,"0.0001"]])").find("without a funding time and a rate"), std::string::npos);
  EXPECT_NE(of(R"([{"fundingTime":1672041600000,"fundingRate":"0.0001"},{"fundingTime":1672041600000}])").find("line 2"), std::string::npos);
  EXPECT_NE(of(R"([{"fundingTime":"soon","fundingRate":"0.0001"}])").find("not a time"), std::string::npos);
  EXPECT_NE(of(R"([{"fundingTime":1672041600000,"fundingRate":"1.5"}])").find("not a funding rate"), std::string::npos);
  EXPECT_NE(of(R"([{"fundingTime":1672041600000,"fundingRate":null}])").find("without a funding time and a rate"), std::string::npos);
  EXPECT_NE(of(R"([{"fundingTime":1,"fundingRate":"0.1"},{"fundingTime":1,"fundingRate":"0.2"}])").find("a different rate for the same time"),
            std::string::npos);
  EXPECT_NE(of(R"([{"fundingTime":1,"fundingRate":"0.1","fundingRate":"0.2"}])").find("given twice"), std::string::npos);
  EXPECT_NE(of(std::string(100'000, '[')).find("damaged"), std::string::npos) << "nested without end";
  EXPECT_NE(of(std::string(100'000, '[') + std::string(100'000, ']')).find("funding"), std::string::npos) << "nested without end, and whole";
}

}  // namespace
}  // namespace prom
