// Liquidations and large prints: each once, when it became known, under an id that does not change.
#include "runtime/streams/market_events.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ports/observation_table.h"

namespace prom {
namespace {

constexpr TimeNs at(std::int64_t seconds) { return {seconds * 1'000'000'000}; }

Observation liquidated(std::string_view series, std::int64_t period, std::int64_t known, double usd) {
  return {std::string(series), "BTC", "coinglass.com", "", at(period), at(known), TrustTier::aggregator, usd, ""};
}

/// A quiet market of small trades, and large ones in the seconds named.
Tape tape_with_prints(std::vector<std::int64_t> large, DurationNs late = {}) {
  Tape tape{.instrument = "binance:linear:BTCUSDT", .source = "a recording", .tells_trades = true, .events = {}};
  for (std::int64_t second = 0; second < 3'000; ++second) {
    const bool is_large = std::ranges::find(large, second) != large.end();
    tape.events.push_back({at(second), TapeKind::trade, is_large ? BookHalf::ask : BookHalf::bid, 50'000.5, is_large ? 12.5 : 0.01, late});
  }
  return tape;
}

std::string field(const StreamEvent& event, std::string_view name) {
  const auto at_name = event.payload.find('"' + std::string(name) + "\":\"");
  if (at_name == std::string::npos) return {};
  const auto begin = at_name + name.size() + 4;
  return event.payload.substr(begin, event.payload.find('"', begin) - begin);
}

TEST(MarketEvents, ALiquidationIsToldWhenItBecameKnown) {
  const ObservationTable table({liquidated(series::kLongsLiquidated, 0, 100, 1'250'000.5),
                                liquidated(series::kShortsLiquidated, 0, 100, 3.25),
                                liquidated(series::kLongsLiquidated, 0, 200, 1'300'000),
                                {"sentiment.fear_greed", "", "x", "", at(0), at(100), TrustTier::crowd, 5.0, ""}});
  MarketEvents events("run_1", table.rows(), {});
  EXPECT_TRUE(events.until(at(50)).empty());
  EXPECT_TRUE(events.until(at(99)).empty());
  const auto first = events.until(at(100));
  ASSERT_EQ(first.size(), 2u);
  const StreamEvent& longs = field(first[0], "side") == "longs" ? first[0] : first[1];
  EXPECT_EQ(longs.topic, Topic::market_liquidations);
  EXPECT_EQ(longs.key, "BTC");
  EXPECT_EQ(field(longs, "value_usd"), "1250000.5");
  EXPECT_EQ(field(longs, "period_from"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(field(longs, "known_at"), "1970-01-01T00:01:40Z");
  EXPECT_EQ(longs.occurred_at, at(0));
  EXPECT_EQ(check_event(longs), PublishResult::accepted);
  const auto revised = events.until(at(1'000));
  ASSERT_EQ(revised.size(), 1u) << "what was revised is told again, as another event";
  EXPECT_NE(revised[0].id, longs.id);
  EXPECT_TRUE(events.until(at(9'000)).empty());
  EXPECT_EQ(events.left(), 0u);
}

TEST(MarketEvents, WhatWasKnownAtTheBeginningIsNotTold) {
  const ObservationTable table({liquidated(series::kLongsLiquidated, 0, 100, 1), liquidated(series::kLongsLiquidated, 3'600, 3'700, 2)});
  MarketEvents events("run_1", table.rows(), {});
  EXPECT_TRUE(events.until(at(100)).empty()) << "the first instant is where the run begins";
  EXPECT_EQ(events.until(at(4'000)).size(), 1u);
}

TEST(MarketEvents, ALargePrintIsToldWhenItWasHeardOf) {
  const std::vector<Tape> tapes{tape_with_prints({1'500, 2'500}, {2 * kSecond.ns})};
  MarketEvents events("run_1", {}, tapes);
  EXPECT_TRUE(events.until(at(0)).empty());
  EXPECT_TRUE(events.until(at(1'501)).empty()) << "printed a second ago, heard of in a second";
  const auto heard = events.until(at(1'502));
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].topic, Topic::market_whale_alerts);
  EXPECT_EQ(heard[0].key, "binance:linear:BTCUSDT");
  EXPECT_EQ(heard[0].occurred_at, at(1'500));
  EXPECT_EQ(field(heard[0], "side"), "buy") << "the resting order was an ask";
  EXPECT_EQ(field(heard[0], "price"), "50000.5");
  EXPECT_EQ(field(heard[0], "quantity"), "12.5");
  EXPECT_EQ(field(heard[0], "value"), "625006.25");
  EXPECT_EQ(events.until(at(9'000)).size(), 1u);
}

TEST(MarketEvents, AnEventHasOneIdWhateverElseThereIs) {
  const std::vector<Tape> tapes{tape_with_prints({1'500})};
  const ObservationTable one({liquidated(series::kLongsLiquidated, 0, 100, 1)});
  const ObservationTable two({liquidated(series::kLongsLiquidated, 0, 100, 1), liquidated(series::kShortsLiquidated, 0, 90, 7)});
  const auto ids_of = [&](const std::string& run, const ObservationTable& table, const std::vector<std::int64_t>& instants) {
    MarketEvents events(run, table.rows(), tapes);
    std::vector<std::string> ids;
    for (const std::int64_t instant : instants)
      for (const StreamEvent& event : events.until(at(instant))) ids.push_back(event.id);
    return ids;
  };
  const auto few = ids_of("run_1", one, {0, 9'000}), many = ids_of("run_1", two, {0, 50, 95, 100, 100, 60, 9'000});
  ASSERT_EQ(few.size(), 2u);
  ASSERT_EQ(many.size(), 3u);
  EXPECT_EQ(few, std::vector(many.begin() + 1, many.end()));
  EXPECT_EQ(few[0].substr(0, 6), "run_1/");
  EXPECT_NE(ids_of("run_2", one, {0, 9'000}), few);
}

TEST(MarketEvents, TwoPrintsThatAreAlikeAreTwoEvents) {
  std::vector<Tape> tapes{tape_with_prints({1'500})};
  const auto at_print = tapes[0].events.begin() + 1'500;
  tapes[0].events.insert(at_print, *at_print);
  MarketEvents events("run_1", {}, tapes);
  EXPECT_TRUE(events.until(at(0)).empty());
  const auto both = events.until(at(9'000));
  ASSERT_EQ(both.size(), 2u);
  EXPECT_NE(both[0].id, both[1].id);
}

}  // namespace
}  // namespace prom
