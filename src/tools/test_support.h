// A whole world for tool tests: three instruments with seeded minute bars, an account with positions and orders, closed trades, memories, and one valid call
// of every tool. Tests and benches only; one thread.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "domain/position.h"
#include "ports/column_market_view.h"
#include "ports/observation_table.h"
#include "tools/tool.h"

namespace prom::test {

using namespace literals;

inline constexpr TimeNs kWorldStart{1'740'787'200'000'000'000};  // 2025-03-01T00:00:00Z
inline constexpr std::size_t kWorldBars = 20 * 1440;

inline Instrument perp(std::uint16_t ix, std::string symbol, std::uint16_t base) {
  Instrument i;
  i.ix = InstrumentIx(ix);
  i.venue = Venue::binance;
  i.payoff = Payoff::linear;
  i.symbol = i.venue_symbol = std::move(symbol);
  i.base = AssetIx(base);
  i.quote = i.settle = AssetIx(0);
  i.price_digits = 2;
  i.quantity_digits = 3;
  i.tick = {10};
  i.max_quantity = {1'000'000};
  i.min_notional = "5"_dec;
  i.contract_value = kDecimalOne;
  i.fees = {"0.0002"_dec, "0.0005"_dec};
  i.funding_interval = kHour * 8;
  i.assumed_funding_rate = "0.0001"_dec;
  return i;
}

/// Minute bars of a seeded random walk; from bar `changed_from` on the walk takes another seed and level. `gap_every` > 0 leaves out one bar in so many.
struct Walk {
  std::uint64_t seed = 1;
  double price = 60'000;
  std::size_t bars = kWorldBars;
  std::size_t changed_from = SIZE_MAX;
  std::uint64_t gap_every = 0;
};
enum class TakerSide : std::uint8_t { unknown, known };

inline std::shared_ptr<BarColumns> walk(const Walk& how, TakerSide taker) {
  Xoshiro256pp rng(how.seed);
  Xoshiro256pp gaps(how.seed + 99);
  auto c = std::make_shared<BarColumns>();
  c->price_digits = 2;
  c->quantity_digits = 3;
  c->interval = kMinute;
  double price = how.price;
  const auto unit = [&] { return static_cast<double>(rng.below(1'000'001)) / 1'000'000.0; };
  for (std::size_t k = 0; k < how.bars; ++k) {
    if (k == how.changed_from) {
      rng = Xoshiro256pp(how.seed ^ 0x5555);
      price *= 1.9;
    }
    const double open = price;
    price *= 1.0 + (unit() - 0.5) * 0.002 + 0.0003 * std::sin(static_cast<double>(k) / 400.0);
    const double high = std::max(open, price) * (1.0 + unit() * 0.0005), low = std::min(open, price) * (1.0 - unit() * 0.0005);
    const auto units = [](double x) { return static_cast<std::int64_t>(std::llround(x * 100)); };
    const auto volume = static_cast<std::int64_t>(1000 + rng.below(50'000) * (rng.below(40) == 0 ? 8 : 1));
    const auto bought = static_cast<std::int64_t>(static_cast<double>(volume) * unit());
    if (how.gap_every > 0 && gaps.below(how.gap_every) == 0) continue;
    c->open_time_ns.push_back(kWorldStart.ns + static_cast<std::int64_t>(k) * kMinute.ns);
    c->open.push_back(units(open));
    c->high.push_back(units(high));
    c->low.push_back(units(low));
    c->close.push_back(units(price));
    c->volume.push_back(volume);
    if (taker == TakerSide::known) c->taker_buy_volume.push_back(bought);
  }
  c->make_floats();
  return c;
}

/// 0: BTC perpetual without taker volume, 1: ETH perpetual with it and with recorded funding, 2: BTC spot with taker volume, 3: spot of a gold token.
inline ColumnMarketView world_view(std::size_t changed_from = SIZE_MAX, std::uint64_t gap_every = 0) {
  std::vector<ColumnMarketSource> sources;
  std::vector<FundingObservation> funding;
  for (int k = 0; k < 60; ++k) {
    const TimeNs at = kWorldStart + kHour * 8 * k;
    const bool later = static_cast<std::size_t>((at - kWorldStart) / kMinute) > changed_from;
    funding.push_back({at, at, later ? 0.01 : 0.0001 * ((k % 9) - 3), Provenance::venue});
  }
  sources.push_back(
      {perp(0, "BTCUSDT", 1), walk({.seed = 1, .changed_from = changed_from, .gap_every = gap_every}, TakerSide::unknown), {}, "test binance:linear:BTCUSDT"});
  sources.push_back({perp(1, "ETHUSDT", 2), walk({.seed = 2, .price = 3000, .changed_from = changed_from, .gap_every = gap_every}, TakerSide::known), funding,
                     "test binance:linear:ETHUSDT"});
  Instrument spot = perp(2, "BTCUSDC", 1);
  spot.payoff = Payoff::spot;
  spot.funding_interval = {};
  sources.push_back({spot, walk({.seed = 3, .changed_from = changed_from, .gap_every = gap_every}, TakerSide::known), {}, "test binance:spot:BTCUSDC"});
  Instrument gold = perp(3, "PAXGUSDT", 3);
  gold.payoff = Payoff::spot;
  gold.funding_interval = {};
  sources.push_back(
      {gold, walk({.seed = 4, .price = 2900, .changed_from = changed_from, .gap_every = gap_every}, TakerSide::unknown), {}, "test binance:spot:PAXGUSDT"});
  auto view = ColumnMarketView::make(std::move(sources));
  EXPECT_TRUE(view.has_value());
  return std::move(*view);
}

class FixedMemory final : public MemoryView {
 public:
  std::vector<Memory> memories;
  std::string unavailable;  ///< not empty: every search fails with it
  MemoryAnswer search(const MemoryQuery& query) const override {
    if (!unavailable.empty()) return std::unexpected(unavailable);
    std::vector<MemoryHit> hits;
    for (const Memory& memory : memories) {
      if (hits.size() < query.limit && (!query.kind || *query.kind == memory.kind)) hits.push_back({&memory, 0.5});
    }
    return hits;
  }
};

inline JournalEntry trade_entry(std::uint64_t n, TimeNs closed_at, Decimal net, std::string decider) {
  JournalEntry e;
  e.trade = RoundTripId(n);
  e.instrument = InstrumentIx(static_cast<std::uint16_t>(n % 2));
  e.decider = std::move(decider);
  e.closed_at = closed_at;
  e.opened_at = closed_at - kHour;
  e.quantity = {100};
  e.entry_price = "60000"_dec;
  e.exit_price = "60100"_dec;
  e.gross = net + "1"_dec;
  e.fees = "1"_dec;
  e.net = net;
  e.risked = "50"_dec;
  e.exit_reason = net.is_positive() ? "take_profit" : "stop_loss";
  return e;
}

/// Options, chains, releases, liquidations and outside markets of the same days, hourly or daily, known five minutes after what they speak of; a release is known
/// two days before.
inline void add_more(std::vector<Observation>& rows, std::size_t changed_from) {
  const auto add = [&](std::string_view series, std::string subject, TimeNs event, double value, TimeNs known, std::string id = "", std::string text = "") {
    const bool later = known.ns > kWorldStart.ns && static_cast<std::size_t>((known - kWorldStart) / kMinute) > changed_from;
    rows.push_back(
        {std::string(series), std::move(subject), "test", std::move(id), event, known, TrustTier::aggregator, later ? value * 3 + 7 : value, std::move(text)});
  };
  for (int hour = 300; hour < 20 * 24; ++hour) {
    const TimeNs at = kWorldStart + kHour * hour, known = at + kMinute * 5;
    for (const int strike : {50'000, 60'000, 70'000}) {
      for (const char* kind : {"C", "P"}) {
        for (const char* expiry : {"28MAR25", "25APR25"}) {
          const std::string name = "BTC-" + std::string(expiry) + "-" + std::to_string(strike) + "-" + kind;
          add(series::kOptionOpenInterest, name, at, kind[0] == 'C' ? strike / 1000.0 : 100, known);
          add(series::kOptionVolume, name, at, kind[0] == 'C' ? 8 : 6, known);
          add(series::kOptionVolatility, name, at, 0.5 + std::abs(strike - 60'000) * 1e-6, known);
          add(series::kOptionForward, name, at, 60'500, known);
        }
      }
    }
    add(series::kOptionTrade, hour % 2 == 0 ? "BTC-28MAR25-60000-C" : "BTC-28MAR25-50000-P", at, hour % 3 == 0 ? -2 : 1, known, std::to_string(hour));
    add(series::kLongsLiquidated, "BTC", at, 3e5, known);
    add(series::kShortsLiquidated, "BTC", at, 1e5, known);
  }
  for (int day = -5; day < 20; ++day) {
    const TimeNs at = kWorldStart + kDay * day, known = at + kDay + kMinute * 5;
    for (const auto series : {series::kWhaleTransfers, series::kExchangeInflow, series::kExchangeOutflow, series::kMinerBalance, series::kActiveAddresses,
                              series::kNvt, series::kSopr, series::kMvrv, series::kRealisedPnl})
      add(series, "BTC", at, series == series::kExchangeOutflow ? 150 + day : 100 + day, known);
    add(series::kStablecoinNetFlow, "USDT", at, 2e6, known);
    add(series::kStablecoinNetFlow, "USDC", at, -5e5, known);
    add(series::kStablecoinNetFlow, "BTC", at, 9e9, known);
    add(series::kSocialMood, "BTC", at, 80, known);
    if (day % 7 < 5) {
      add(series::kMacro, "SP500", at, 5000 * (1 + 0.001 * ((day * 7) % 5)), known);
      add(series::kMacro, "DTWEXBGS", at, 120 * (1 + 0.001 * ((day * 3) % 4)), known);
    }
    const TimeNs release = at + kHour * 15;
    const std::string id = std::to_string(day + 100), name = day % 2 == 0 ? "ISM Manufacturing PMI" : "Non Farm Payrolls";
    add(series::kReleaseImportance, "United States", release, day % 2 == 0 ? 3 : 2, release - kDay * 2, id, name);
    add(series::kReleaseForecast, "United States", release, 50, release - kDay * 2, id, name);
    add(series::kReleasePrevious, "United States", release, 49, release - kDay * 2, id, name);
    add(series::kReleaseActual, "United States", release, 51, release + kMinute, id, name);
  }
}

/// Feeds of twenty days, known five minutes after what they speak of; what speaks of later than bar `changed_from` takes other values.
inline ObservationTable world_observations(std::size_t changed_from = SIZE_MAX) {
  std::vector<Observation> rows;
  const auto add = [&](std::string_view series, std::string subject, std::string source, TimeNs event, double value, const std::string& text = {}) {
    const bool later = event.ns > kWorldStart.ns && static_cast<std::size_t>((event - kWorldStart) / kMinute) + 5 > changed_from;
    rows.push_back({std::string(series), std::move(subject), std::move(source), "", event, event + kMinute * 5, TrustTier::aggregator,
                    later ? value * 3 + 7 : value, later && !text.empty() ? text + " plunges" : text});
  };
  for (int day = -1; day < 20; ++day) {
    const TimeNs at = kWorldStart + kDay * day;
    add(series::kFearGreed, "", "alternative.me", at, 20 + day);
    add(series::kMacro, "DFEDTARU", "FRED", at, 4.5);
    add(series::kMacro, "DFEDTARL", "FRED", at, 4.25);
  }
  for (int hour = -24; hour < 20 * 24; ++hour) {
    const TimeNs at = kWorldStart + kHour * hour;
    add(series::kDominance, "BTC", "CoinGecko", at, 60 + hour * 0.01);
    add(series::kDominance, "USDT", "CoinGecko", at, 5);
    add(series::kOpenInterest, "binance:linear:BTCUSDT", "Binance", at, 1000 + hour);
    add(series::kLongShort, "binance:linear:BTCUSDT", "Binance", at, 1.5);
    add(series::kTrending, "BTC", "CoinGecko", at, 2, "Bitcoin");
    add(series::kTrending, "SUI", "CoinGecko", at, 1, "Sui");
  }
  for (int k = -8; k < 20 * 4; ++k) {
    const TimeNs at = kWorldStart + kHour * 6 * k;
    const std::string text = k % 2 == 0 ? "Bitcoin surges" : "Ether falls";
    add(series::kNews, "", "CoinDesk", at, 0, text);
    add(series::kPost, "r/crypto", "Reddit", at, 3, text);
  }
  add_more(rows, changed_from);
  for (int month = 1; month <= 12; ++month) add(series::kMacro, "CPIAUCSL", "FRED", TimeNs{days_from_civil({2024, month, 1}) * kDay.ns}, 300 + month);
  add(series::kMacro, "CPIAUCSL", "FRED", TimeNs{days_from_civil({2025, 1, 1}) * kDay.ns}, 310.03);
  return ObservationTable(std::move(rows));
}

inline constexpr DurationNs kTapeLate = kSecond * 3;  ///< of every word of the tape

/// Book and trades of the BTC perpetual, a change, a best price and a trade every 20 seconds from day 15 to day 19, known kTapeLate after they happened; what becomes
/// known after bar `changed_from` has opened is otherwise, though it may have happened before.
inline Tape world_tape(std::size_t changed_from = SIZE_MAX) {
  Tape tape{.instrument = "binance:linear:BTCUSDT", .source = "test tape", .tells_trades = true, .tells_book = true, .events = {}};
  TimeNs at = kWorldStart + kDay * 15 - kSecond * 5;  // at 15, 35 and 55 seconds
  const auto tell = [&](TapeKind kind, BookHalf side, double price, double quantity) { tape.events.push_back({at, kind, side, price, quantity, kTapeLate}); };
  tell(TapeKind::clear, BookHalf::bid, 0, 0);
  for (int level = 1; level <= 40; ++level) {
    tell(TapeKind::seed, BookHalf::bid, 60'000.0 - level, 1.0 + level);
    tell(TapeKind::seed, BookHalf::ask, 60'000.0 + level, 2.0 + level);
  }
  const TimeNs change = changed_from == SIZE_MAX ? TimeNs{INT64_MAX} : kWorldStart + kMinute * static_cast<std::int64_t>(changed_from);
  for (int k = 0; at < kWorldStart + kDay * 19; ++k, at = at + kSecond * 20) {
    const double more = at + kTapeLate > change ? 5 : 0;
    const BookHalf side = k % 2 == 0 ? BookHalf::bid : BookHalf::ask;
    const double price = side == BookHalf::bid ? 59'999.0 : 60'001.0, quantity = 1.0 + k % 7 + more;
    tell(TapeKind::level, side, price, quantity);
    tell(TapeKind::best, side, price, quantity);
    tell(TapeKind::trade, side, price, k % 50 == 0 ? 30.0 + more : 0.5 + more);
    if (more > 0) tell(TapeKind::trade, side, price, 0.25);
  }
  return tape;
}

/// Everything a ToolContext points at. `as_of` defaults to day 15, 10:07.
struct World {
  explicit World(std::size_t changed_from = SIZE_MAX, std::uint64_t gap_every = 0)
      : view(world_view(changed_from, gap_every)), observations(world_observations(changed_from)), tape(world_tape(changed_from)) {
    account.as_of.time = kWorldStart;
    account.account.ix = AccountIx(0);
    account.account.user = UserIx(7);
    account.account.label = "main";
    account.account.reporting_asset = AssetIx(0);
    account.limits = limits_for(RiskLevel::moderate);
    account.balances = {{AssetIx(0), "10000"_dec}};
    account.equity = "10000"_dec;
    account.available = "9000"_dec;
    account.day_start_equity = "10200"_dec;
    account.peak_equity = "12500"_dec;
    const auto held = [&](std::uint16_t ix, std::int64_t quantity, Decimal cost, std::int64_t mark, std::int64_t stop) {
      PositionView p;
      p.position.account = AccountIx(0);
      p.position.instrument = InstrumentIx(ix);
      p.position.quantity = {quantity};
      p.position.cost = cost;
      p.position.version = 4;
      p.position.opened_at = kWorldStart;
      p.mark = {mark};
      p.stop = PriceUnits{stop};
      p.coverage = CoverageState::covered;
      p.unrealised = "12.5"_dec;
      account.positions.push_back(p);
    };
    held(1, 500, "1500"_dec, 320'000, 290'000);  // long 0.5 ETH from 3000, marked 3200
    Order order;
    order.spec.id = OrderId(41);
    order.spec.instrument = InstrumentIx(0);
    order.spec.quantity = {10};
    order.spec.limit = PriceUnits{5'000'000};
    account.open_orders.push_back(order);
    auto trades = std::make_shared<std::vector<JournalEntry>>();
    for (std::uint64_t n = 0; n < 40; ++n) {
      const bool late = n >= 30;  // the last ten close after every instant that tests ask for
      trades->push_back(trade_entry(n, kWorldStart + (late ? kDay * 18 : kMinute) + kMinute * static_cast<std::int64_t>(n), n % 3 == 0 ? "40"_dec : "-10"_dec,
                                    n % 2 == 0 ? "trend_following" : "agents"));
    }
    history = trades;
    Memory now, later;
    now.id = 1;
    now.kind = MemoryKind::lesson;
    now.text = "stops below the swing were hunted";
    now.created_at = kWorldStart;
    later = now;
    later.id = 2;
    later.created_at = kWorldStart + kDay * 18;
    memory.memories = {now, later};
    at(kWorldStart + kDay * 15 + kHour * 10 + kMinute * 7);
  }
  void at(TimeNs time) {
    context.as_of = {99, time};
    context.instrument = InstrumentIx(0);
    context.timeframe = kHour;
    context.market = &view;
    context.account = &account;
    context.history = history;
    context.memory = &memory;
    context.observations = &observations;
    context.tapes = std::span(&tape, 1);
    context.asset_names = names;
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  ColumnMarketView view;
  ObservationTable observations;
  Tape tape;
  AccountView account;
  TradeHistory history;
  FixedMemory memory;
  std::vector<std::string> names{"USDT", "BTC", "ETH", "PAXG"};
  ToolContext context;
};

/// Arguments with which a tool works in World; tools that are not listed take {}.
inline const std::map<std::string_view, std::string_view>& sample_arguments() {
  static const std::map<std::string_view, std::string_view> kCalls{
      {"get_ohlcv", R"({"bars":30,"timeframe":"15m"})"},
      {"get_funding_rate", R"({"instrument":"ETHUSDT"})"},
      {"get_trade_imbalance", R"({"instrument":"ETHUSDT"})"},
      {"get_cvd", R"({"instrument":"ETHUSDT","timeframe":"5m"})"},
      {"get_absorption_zones", R"({"instrument":"ETHUSDT","timeframe":"1m"})"},
      {"delta_volume", R"({"instrument":"binance:spot:BTCUSDC"})"},
      {"ema_ribbon", R"({"periods":[5,10,20]})"},
      {"vwap", R"({"anchor_time":"2025-03-14T00:00:00Z"})"},
      {"get_funding_sentiment", R"({"instrument":"ETHUSDT"})"},
      {"stock_correlation", R"({"days":10})"},
      {"dxy_correlation", R"({"days":10})"},
      {"gold_correlation", R"({"days":10})"},
      {"altcoin_correlation", R"({"instrument":"ETHUSDT","against":"BTCUSDT"})"},
      {"place_order", R"({"side":"buy","quantity":"0.01","stop":1000,"reason":"test"})"},
      {"place_bracket_order", R"({"side":"buy","quantity":0.01,"stop":1000,"targets":[{"price":900000,"fraction":0.5}],"reason":"test"})"},
      {"place_ladder_order", R"({"side":"buy","quantity":0.01,"prices":[2000,1900.05,"1800"],"stop":1000,"reason":"test"})"},
      {"cancel_order", R"({"order_id":41})"},
      {"close_position", R"({"instrument":"ETHUSDT","fraction":0.5,"reason":"test"})"},
      {"close_all_positions", R"({"reason":"test"})"},
      {"move_sl_to_breakeven", R"({"instrument":"ETHUSDT","reason":"test"})"},
      {"set_trailing_stop", R"({"instrument":"ETHUSDT","distance_percent":2,"reason":"test"})"},
      {"add_to_position", R"({"instrument":"ETHUSDT","quantity":0.1,"limit":3100,"reason":"test"})"},
      {"calculate_position_size", R"({"side":"buy","entry":60000,"stop":59000})"},
      {"validate_trade", R"({"side":"buy","quantity":0.01,"stop":1000})"},
      {"emergency_close_all", R"({"reason":"test"})"},
      {"store_memory", R"({"kind":"lesson","text":"wait for the retest","expires_hours":24})"},
      {"search_memory", R"({"query":"stops"})"},
      {"store_market_regime", R"({"regime":"range"})"},
      {"log_trade_decision", R"({"action":"hold","reasoning":"no edge"})"},
      {"place_iceberg_order", R"({"side":"buy","quantity":1,"reason":"test"})"},
  };
  return kCalls;
}

inline Value json(std::string_view text) {
  auto value = parse_json_value(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value ? *value : Value();
}

inline Value sample_of(std::string_view tool) {
  const auto found = sample_arguments().find(tool);
  return json(found == sample_arguments().end() ? "{}" : found->second);
}

/// Calls with JSON arguments.
inline ToolResult ask(const World& world, std::string_view tool, std::string_view arguments = "{}", SeriesWanted series = SeriesWanted::no) {
  return call_tool(tool, world.context, {json(arguments), series});
}

/// The world at `now` with these observations instead of its own.
inline ToolResult ask_with(std::vector<Observation> rows, TimeNs now, std::string_view tool, std::string_view arguments = "{}") {
  World world;
  const ObservationTable table(std::move(rows));
  world.at(now);
  world.context.observations = &table;
  return ask(world, tool, arguments);
}

}  // namespace prom::test
