// Values of market, order flow and correlation tools against sums made here from the raw columns. Single thread.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tools/test_support.h"

namespace prom {
namespace {

TEST(MarketTools, get_price_is_the_last_closed_minute_and_its_day) {
  const test::World world;
  const auto result = test::ask(world, "get_price");
  ASSERT_TRUE(result.has_value());
  const BarWindow day = world.view.bars(InstrumentIx(0), kMinute, 1441, world.context.as_of.time);
  double high = 0, low = 1e300, volume = 0;
  for (std::size_t i = 1; i < day.size(); ++i) {
    high = std::max(high, day.high[i]);
    low = std::min(low, day.low[i]);
    volume += day.volume[i];
  }
  EXPECT_EQ(result->result.text("instrument"), "binance:linear:BTCUSDT");
  EXPECT_EQ(result->result.number("price"), day.close.back());
  EXPECT_EQ(result->result.number("high_24h"), high);
  EXPECT_EQ(result->result.number("low_24h"), low);
  EXPECT_NEAR(*result->result.number("volume_24h"), volume, 1e-6);
  EXPECT_NEAR(*result->result.number("change_24h_percent"), 100 * (day.close.back() / day.close.front() - 1), 1e-12);
  EXPECT_EQ(result->result.number("age_seconds"), 0.0);
  EXPECT_EQ(result->sources[0].name, "test binance:linear:BTCUSDT, 1m bars");
  EXPECT_EQ(result->sources[0].time, world.context.as_of.time);
}

TEST(MarketTools, get_ohlcv_gives_closed_bars_as_columns) {
  test::World world;
  world.at(test::kWorldStart + kHour * 3 + kMinute * 59);
  const auto result = test::ask(world, "get_ohlcv", R"({"bars":1000})");
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->result.number("count"), 3.0) << "the running hour is not closed";
  EXPECT_EQ(result->result.number("missing"), 0.0);
  EXPECT_EQ(to_json(*result->result.find("time")), R"(["2025-03-01T00:00:00Z","2025-03-01T01:00:00Z","2025-03-01T02:00:00Z"])");
  const BarWindow minutes = world.view.bars(InstrumentIx(0), kMinute, 180, test::kWorldStart + kHour * 3);
  EXPECT_EQ(result->result.number("open.0"), minutes.open[0]);
  EXPECT_EQ(result->result.number("close.2"), minutes.close[179]);
  EXPECT_TRUE(result->result.find("taker_buy_volume")->is_null());
  EXPECT_FALSE(test::ask(world, "get_ohlcv", R"({"bars":1001})").has_value());
}

TEST(MarketTools, funding_is_labelled_recorded_or_assumed) {
  test::World world;
  world.at(test::kWorldStart + kHour * 17);
  const auto recorded = test::ask(world, "get_funding_rate", R"({"instrument":"ETHUSDT"})");
  EXPECT_EQ(recorded->result.text("provenance"), "venue");
  EXPECT_DOUBLE_EQ(*recorded->result.number("rate"), 0.0001 * (2 - 3));
  EXPECT_DOUBLE_EQ(*recorded->result.number("annualised_percent"), -0.0001 * 3 * 365 * 100);
  const auto assumed = test::ask(world, "get_funding_rate");
  EXPECT_EQ(assumed->result.text("provenance"), "assumed");
  EXPECT_NE(assumed->sources[0].name.find("assumed"), std::string::npos);
  EXPECT_EQ(test::ask(world, "get_funding_sentiment", R"({"instrument":"ETHUSDT"})")->result.text("sentiment"), "short");
  EXPECT_EQ(test::ask(world, "get_funding_sentiment")->result.text("sentiment"), "neutral") << "an assumption says nothing about the crowd";
  EXPECT_EQ(test::ask(world, "get_funding_rate", R"({"instrument":"BTCUSDC"})").error().code, ToolErrorCode::unavailable);
}

TEST(OrderFlowTools, sums_of_the_taker_side) {
  const test::World world;
  const BarWindow bars = world.view.bars(InstrumentIx(1), kMinute * 5, 50, world.context.as_of.time);
  double buys = 0, all = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    buys += bars.taker_buy_volume[i];
    all += bars.volume[i];
  }
  constexpr std::string_view kCall = R"({"instrument":"ETHUSDT","timeframe":"5m","bars":50})";
  EXPECT_NEAR(*test::ask(world, "get_cvd", kCall)->result.number("value"), 2 * buys - all, 1e-6);
  EXPECT_NEAR(*test::ask(world, "get_trade_imbalance", kCall)->result.number("imbalance"), (2 * buys - all) / all, 1e-12);
  const auto delta = test::ask(world, "delta_volume", R"({"instrument":"ETHUSDT","timeframe":"5m"})");
  EXPECT_NEAR(*delta->result.number("value"), 2 * bars.taker_buy_volume.back() - bars.volume.back(), 1e-9);
}

TEST(CorrelationTools, the_same_coin_on_two_markets_with_the_same_walk_correlates_fully) {
  std::vector<ColumnMarketSource> sources;
  const auto bars = test::walk({.seed = 5}, test::TakerSide::unknown);
  sources.push_back({test::perp(0, "BTCUSDT", 1), bars, {}, "a"});
  sources.push_back({test::perp(1, "BTCUSDC", 1), bars, {}, "b"});
  sources.push_back({test::perp(2, "SOLUSDT", 1), test::walk({.seed = 6, .price = 150}, test::TakerSide::unknown), {}, "c"});
  const auto view = ColumnMarketView::make(std::move(sources));
  ToolContext context;
  context.as_of.time = test::kWorldStart + kDay * 10;
  context.timeframe = kMinute;
  context.market = &*view;
  const auto same = call_tool("altcoin_correlation", context, {test::json(R"({"against":"BTCUSDC","bars":1000})"), SeriesWanted::no});
  ASSERT_TRUE(same.has_value()) << same.error().message;
  EXPECT_NEAR(*same->result.number("correlation"), 1.0, 1e-9);
  EXPECT_NEAR(*same->result.number("beta"), 1.0, 1e-9);
  const auto other = call_tool("altcoin_correlation", context, {test::json(R"({"instrument":"SOLUSDT","bars":1000})"), SeriesWanted::no});
  ASSERT_TRUE(other.has_value());
  EXPECT_LT(std::abs(*other->result.number("correlation")), 0.15) << "two seeds";
  EXPECT_LT(*other->result.number("low"), *other->result.number("correlation"));
  EXPECT_EQ(call_tool("altcoin_correlation", context, {test::json(R"({"against":"BTCUSDT"})"), SeriesWanted::no}).error().code, ToolErrorCode::bad_argument);
}

TEST(CorrelationTools, a_reference_that_ends_earlier_is_compared_up_to_its_end) {
  const auto whole = test::walk({.seed = 5}, test::TakerSide::unknown);
  auto cut = std::make_shared<BarColumns>(*whole);
  for (auto* column : {&cut->open_time_ns, &cut->open, &cut->high, &cut->low, &cut->close, &cut->volume}) column->resize(column->size() / 2);
  cut->make_floats();
  std::vector<ColumnMarketSource> sources;
  sources.push_back({test::perp(0, "BTCUSDT", 1), cut, {}, "a"});
  sources.push_back({test::perp(1, "ETHUSDT", 1), whole, {}, "b"});
  const auto view = ColumnMarketView::make(std::move(sources));
  ToolContext context;
  context.as_of.time = TimeNs{whole->open_time_ns.back()} + kMinute;
  context.instrument = InstrumentIx(1);
  context.timeframe = kMinute;
  context.market = &*view;
  const auto answer = call_tool("altcoin_correlation", context, {Value(ValueObject{}), SeriesWanted::no});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_NEAR(*answer->result.number("correlation"), 1.0, 1e-9);
  EXPECT_EQ(std::get<ValueList>(answer->result.find("all")->storage()).size(), 1U);
  ASSERT_EQ(answer->sources.size(), 2U);
  EXPECT_EQ(answer->sources[0].time, TimeNs{cut->open_time_ns.back()} + kMinute) << "the sources say how old it is";
}

TEST(CorrelationTools, session_volume_is_a_mean_a_day) {
  const test::World world;
  const auto result = test::ask(world, "get_session_volume", R"({"days":2})");
  ASSERT_TRUE(result.has_value());
  const BarWindow hours = world.view.bars(InstrumentIx(0), kHour, 48, world.context.as_of.time);
  double all = 0;
  for (const double v : hours.volume) all += v;
  EXPECT_NEAR(*result->result.number("asia") + *result->result.number("europe") + *result->result.number("america"), all / 2, 1e-6);
  EXPECT_EQ(result->result.text("session"), "europe") << "10:07 UTC";
}

/// Hours of ten coins each from the world's start on, but for those that `left_out` names.
ColumnMarketView hourly_tens(std::size_t hours, const std::function<bool(std::size_t)>& left_out) {
  auto bars = std::make_shared<BarColumns>();
  bars->interval = kHour;
  for (std::size_t i = 0; i < hours; ++i) {
    if (left_out(i)) continue;
    bars->open_time_ns.push_back(floor_to(test::kWorldStart, kDay).ns + static_cast<std::int64_t>(i) * kHour.ns);
    for (auto* column : {&bars->open, &bars->high, &bars->low, &bars->close}) column->push_back(100);
    bars->volume.push_back(10);
  }
  bars->make_floats();
  std::vector<ColumnMarketSource> sources;
  sources.push_back({test::perp(0, "BTCUSDT", 1), bars, {}, "tens"});
  return *ColumnMarketView::make(std::move(sources));
}

TEST(CorrelationTools, session_volume_leaves_missing_hours_out_and_looks_back_from_the_instant) {
  const auto lost = [](std::size_t hour) { return hour % 24 == 9 || (hour >= 48 && hour < 60); };
  const auto view = hourly_tens(96, lost);
  ToolContext context;
  context.market = &view;
  context.as_of.time = floor_to(test::kWorldStart, kDay) + kHour * 96 + kMinute * 5;
  const auto answer = call_tool("get_session_volume", context, {test::json(R"({"days":3})"), SeriesWanted::no});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  for (const std::string_view session : {"asia", "europe", "america"}) EXPECT_NEAR(*answer->result.number(session), 80, 1e-9) << session;
  EXPECT_NEAR(*answer->result.number("days"), (72 - 12 - 2) / 24.0, 1e-12);
  context.as_of.time = context.as_of.time + kDay * 10;
  EXPECT_EQ(call_tool("get_session_volume", context, {test::json(R"({"days":3})"), SeriesWanted::no}).error().code, ToolErrorCode::not_enough_data)
      << "the newest bar is older than that";
}

TEST(MarketTools, a_day_that_is_there_in_part_has_no_high_low_and_volume) {
  const auto view = hourly_tens(30, [](std::size_t) { return false; });
  ToolContext context;
  context.market = &view;
  const auto asked = [&](std::int64_t hours) {
    context.as_of.time = floor_to(test::kWorldStart, kDay) + kHour * hours;
    return call_tool("get_price", context, {Value(ValueObject{}), SeriesWanted::no})->result;
  };
  for (const std::string_view field : {"high_24h", "low_24h", "volume_24h"}) {
    EXPECT_TRUE(asked(3).find(field)->is_null()) << field;
    EXPECT_TRUE(asked(23).find(field)->is_null()) << field;
    EXPECT_TRUE(asked(24).number(field).has_value()) << field;
  }
  EXPECT_EQ(*asked(24).number("volume_24h"), *asked(30).number("volume_24h"));
}

TEST(VolumeTools, say_that_nothing_was_traded) {
  auto bars = std::make_shared<BarColumns>();
  bars->interval = kHour;
  for (std::int64_t i = 0; i < 50; ++i) {
    bars->open_time_ns.push_back(test::kWorldStart.ns + i * kHour.ns);
    for (auto* column : {&bars->open, &bars->high, &bars->low, &bars->close}) column->push_back(100);
    bars->volume.push_back(0);
  }
  bars->make_floats();
  std::vector<ColumnMarketSource> sources;
  sources.push_back({test::perp(0, "BTCUSDT", 1), bars, {}, "silent"});
  const auto view = *ColumnMarketView::make(std::move(sources));
  ToolContext context;
  context.market = &view;
  context.timeframe = kHour;
  context.as_of.time = test::kWorldStart + kHour * 50;
  const auto refused = call_tool("vwap", context, {Value(ValueObject{}), SeriesWanted::no});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("nothing was traded"), std::string::npos) << refused.error().message;
  const auto flat = call_tool("fibonacci", context, {Value(ValueObject{}), SeriesWanted::no});
  ASSERT_FALSE(flat.has_value());
  EXPECT_NE(flat.error().message.find("no confirmed swing leg"), std::string::npos) << flat.error().message;
}

TEST(LevelTools, pivots_of_a_session_that_is_there_in_part_are_not_given) {
  const auto asked = [](const ColumnMarketView& view, std::int64_t hours) {
    ToolContext context;
    context.market = &view;
    context.timeframe = kHour;
    context.as_of.time = floor_to(test::kWorldStart, kDay) + kHour * hours;
    const auto answer = call_tool("pivot_points", context, {Value(ValueObject{}), SeriesWanted::no});
    return answer ? std::string("levels") : std::string(name_of(answer.error().code));
  };
  const auto whole = hourly_tens(72, [](std::size_t) { return false; });
  const auto late = hourly_tens(72, [](std::size_t hour) { return hour < 24 + 1; });
  const auto cut = hourly_tens(72, [](std::size_t hour) { return hour == 47; });
  EXPECT_EQ(asked(whole, 50), "levels");
  EXPECT_EQ(asked(late, 50), "not_enough_data") << "the session lacks its first hour";
  EXPECT_EQ(asked(late, 73), "not_enough_data") << "no bar of the next session is closed";
  EXPECT_EQ(asked(cut, 50), "not_enough_data") << "the session lacks its last hour";
}

TEST(SmartMoneyTools, a_gap_made_by_hand_is_found_and_dated_when_it_could_be_known) {
  auto bars = std::make_shared<BarColumns>();
  bars->price_digits = 0;
  bars->quantity_digits = 0;
  bars->interval = kHour;
  const auto push = [&](std::int64_t o, std::int64_t h, std::int64_t l, std::int64_t c) {
    bars->open_time_ns.push_back(test::kWorldStart.ns + static_cast<std::int64_t>(bars->size()) * kHour.ns);
    bars->open.push_back(o), bars->high.push_back(h), bars->low.push_back(l), bars->close.push_back(c), bars->volume.push_back(5);
  };
  push(100, 102, 99, 101);
  push(101, 112, 101, 111);
  push(111, 115, 108, 114);  // low 108 above the first bar's high 102: a bullish gap 102..108
  std::vector<ColumnMarketSource> sources;
  sources.push_back({test::perp(0, "BTCUSDT", 1), bars, {}, "by hand"});
  const auto view = ColumnMarketView::make(std::move(sources));
  ToolContext context;
  context.timeframe = kHour;
  context.market = &*view;
  context.as_of.time = test::kWorldStart + kHour * 3 - kNanosecond;
  EXPECT_EQ(call_tool("detect_fvg", context, {}).error().code, ToolErrorCode::not_enough_data);
  context.as_of.time = test::kWorldStart + kHour * 3;
  const auto result = call_tool("detect_fvg", context, {});
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(
      to_json(result->result),
      R"({"gaps":[{"direction":"bullish","top":108,"bottom":102,"state":"open","filled":0,"time":"2025-03-01T01:00:00Z","known_at":"2025-03-01T03:00:00Z"}],)"
      R"("bullish":1,"bearish":0,"close":114,"nearest_below":108,"nearest_above":null})");
}

}  // namespace
}  // namespace prom
