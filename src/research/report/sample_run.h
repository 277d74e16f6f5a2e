// A made-up run that looks like a real one: four coins, hourly decisions of fourteen agents, trades both good and bad. Seeded; tests and the sample tool only.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "research/dataset/dataset.h"
#include "research/results/run_result.h"

namespace prom::sample {

inline constexpr TimeNs kStart{1'746'316'800'000'000'000};  // 2025-05-04T00:00:00Z
inline constexpr std::array<std::pair<const char*, double>, 4> kCoins{{{"BTC", 95'874.6}, {"ETH", 1'834.28}, {"SOL", 148.917}, {"XRP", 2.2031}}};

struct Sample {
  Dataset data;
  RunResult result;
};

inline Decimal cents(double amount) { return Decimal::from_units(static_cast<std::int64_t>(std::llround(amount * 100)), 2); }

inline Instrument instrument(std::size_t i) {
  Instrument x;
  x.ix = InstrumentIx{static_cast<std::uint16_t>(i)};
  x.venue = Venue::binance;
  x.payoff = Payoff::linear;
  x.symbol = std::string(kCoins[i].first) + "USDT";
  x.venue_symbol = x.symbol;
  x.base = AssetIx{static_cast<std::uint16_t>(i + 1)};
  x.price_digits = i == 3 ? 4 : 2;
  x.quantity_digits = 3;
  x.contract_value = kDecimalOne;
  x.funding_interval = DurationNs{8 * kHour.ns};
  return x;
}

inline Dataset market(int days, Xoshiro256pp& rng) {
  std::vector<std::string> assets{"USDT"};
  std::vector<InstrumentData> series;
  for (std::size_t i = 0; i < kCoins.size(); ++i) {
    assets.emplace_back(kCoins[i].first);
    InstrumentData d;
    d.instrument = instrument(i);
    d.bars.price_digits = d.instrument.price_digits;
    d.bars.quantity_digits = 3;
    d.bars.interval = DurationNs{15 * kMinute.ns};
    const double scale = i == 3 ? 1e4 : 1e2;
    auto price = static_cast<std::int64_t>(kCoins[i].second * scale);
    std::int64_t drift = 0;
    for (int b = 0; b < days * 96; ++b) {
      const std::int64_t unit = std::max<std::int64_t>(1, price / 4'000);
      if (b % 160 == 0) drift = rng.range(-unit / 3, unit / 3 + 1);
      const std::int64_t open = price;
      price = std::max<std::int64_t>(10, price + drift + rng.range(-4 * unit, 4 * unit) / 2);
      d.bars.open_time_ns.push_back(kStart.ns + b * d.bars.interval.ns);
      d.bars.open.push_back(open);
      d.bars.close.push_back(price);
      d.bars.high.push_back(std::max(open, price) + rng.range(0, unit));
      d.bars.low.push_back(std::min(open, price) - rng.range(0, unit));
      d.bars.volume.push_back(rng.range(1'000, 9'000));
    }
    d.bars.make_floats();
    d.sha256 = "made up";
    series.push_back(std::move(d));
  }
  return make_dataset(std::move(assets), std::move(series)).value();
}

inline Verdict verdict(AgentRole role, Xoshiro256pp& rng, double price) {
  Verdict v;
  v.role = role;
  v.model = "rules";
  v.prompt_hash = "5f0c1d";
  const bool silent = role == AgentRole::sentiment_analyst || role == AgentRole::macro_analyst || role == AgentRole::onchain_analyst;
  if (silent) {
    v.summary = "No source is connected for this agent, so it abstains with weight 0.";
    return v;
  }
  v.stance = static_cast<Stance>(rng.below(3));
  v.confidence = static_cast<double>(rng.below(90)) / 100;
  v.weight = 0.125;
  v.summary = std::string(name_of(v.stance)) + " with " + std::to_string(v.confidence).substr(0, 4) +
              ": trend +0.62, context +0.40, momentum +0.18, volume -0.11; regime trend.";
  for (std::uint32_t t = 1; t <= 5; ++t) {
    static constexpr std::array<const char*, 5> kTools{"ema", "macd", "rsi", "supertrend", "volume_profile"};
    const double value = price * (0.97 + static_cast<double>(rng.below(600)) / 10'000);
    const std::string text = std::to_string(value).substr(0, 8);
    v.steps.push_back({StepKind::tool_call, "", kTools[t - 1], R"({"period":)" + std::to_string(t * 10) + R"(,"timeframe":"1h"})",
                       R"({"value":)" + text + R"(,"close":)" + std::to_string(price).substr(0, 8) + R"(,"distance_percent":0.83,"bars":500})", t, 41'000});
    v.evidence.push_back({t, "value", value, std::string(kTools[t - 1]) + " below the close by 0.8 %: the faster line leads"});
  }
  v.steps.push_back(
      {StepKind::thought, "Groups from -1 (falling) to +1 (rising): trend +0.62, context +0.40, momentum +0.18, volume -0.11.", "", "", "", 0, 0});
  v.steps.push_back({StepKind::conclusion, v.summary, "", "", "", 0, 0});
  return v;
}

inline void decide(RunResult& r, const Dataset& data, int days, Xoshiro256pp& rng) {
  std::uint64_t id = 0;
  for (int hour = 1; hour <= days * 24; ++hour) {
    for (std::size_t i = 0; i < kCoins.size(); ++i) {
      DecisionRecord d;
      d.id = DecisionId{++id};
      d.as_of = {id * 60, kStart + DurationNs{hour * kHour.ns}};
      d.pair = PairIx{static_cast<std::uint32_t>(i)};
      d.instrument = InstrumentIx{static_cast<std::uint16_t>(i)};
      d.score = static_cast<double>(rng.range(-60, 60)) / 100;
      d.regime = rng.chance(1, 2) ? "trend" : "range";
      d.summary = "Hold: the score of " + std::to_string(d.score).substr(0, 5) + " does not pass the threshold of 0.35 in a " + d.regime + " regime.";
      const double price = data.series[i].bars.close_f[std::min<std::size_t>(static_cast<std::size_t>(hour) * 4 - 1, data.series[i].bars.size() - 1)];
      for (int role = 0; role < kAgentCount; ++role) d.verdicts.push_back(verdict(static_cast<AgentRole>(role), rng, price));
      r.decisions.push_back(std::move(d));
    }
  }
}

/// Both orders of a trade, their fills and fee postings.
inline void execute(RunResult& r, const JournalEntry& t, OrderPurpose exit, int digits) {
  const Decimal size = Decimal::from_units(t.quantity.v, 3);
  for (const bool entry : {true, false}) {
    OrderOutcome o;
    o.spec.id = OrderId{r.orders.size() + 1};
    o.spec.client_id = {AccountIx{0}, 1, o.spec.id};
    o.spec.instrument = t.instrument;
    o.spec.side = entry ? t.side : opposite(t.side);
    o.spec.quantity = o.filled = t.quantity;
    o.spec.purpose = entry ? OrderPurpose::entry : exit;
    o.state = OrderState::filled;
    o.created_at = o.updated_at = entry ? t.opened_at : t.closed_at;
    Fill f;
    f.trade = VenueTradeId{o.spec.id.v};
    f.order = o.spec.id;
    f.instrument = t.instrument;
    f.side = o.spec.side;
    f.price = {(entry ? t.entry_price : t.exit_price).to_units(digits, Round::half_even).value()};
    f.quantity = t.quantity;
    f.fee = {AssetIx{0}, mul(mul(size, entry ? t.entry_price : t.exit_price, Round::half_even), Decimal::from_units(5, 4), Round::half_even)};
    f.time = o.created_at;
    r.orders.push_back(o);
    r.fills.push_back(f);
    r.postings.push_back({f.time, AccountIx{0}, AssetIx{0}, PostingKind::fee, -f.fee.amount, f.instrument, f.order.v});
  }
}

/// Trades, with their decisions, fills and postings, at about two a day.
inline void trade(RunResult& r, const Dataset& data, int days, Xoshiro256pp& rng) {
  static constexpr std::array<const char*, 4> kExits{"stop_loss", "take_profit", "close", "stop_loss"};
  static constexpr std::array<OrderPurpose, 4> kPurposes{OrderPurpose::stop_loss, OrderPurpose::take_profit, OrderPurpose::close, OrderPurpose::stop_loss};
  const int hours = days * 24;
  for (int n = 0; n < days * 2 + 1; ++n) {
    const int open_hour = std::clamp(n * hours / (days * 2 + 1) + static_cast<int>(rng.below(8)), 1, hours - 10);
    const int close_hour = std::min(hours - 1, open_hour + 2 + static_cast<int>(rng.below(30)));
    const std::size_t i = rng.below(4);
    const BarColumns& bars = data.series[i].bars;
    JournalEntry t;
    t.trade = RoundTripId{static_cast<std::uint64_t>(n + 1)};
    t.instrument = InstrumentIx{static_cast<std::uint16_t>(i)};
    t.pair = PairIx{static_cast<std::uint32_t>(i)};
    t.side = rng.chance(3, 5) ? Side::buy : Side::sell;
    t.decider = "agents";
    t.opened_at = kStart + DurationNs{open_hour * kHour.ns};
    t.closed_at = kStart + DurationNs{close_hour * kHour.ns};
    const std::int64_t in = bars.open[static_cast<std::size_t>(open_hour) * 4], out = bars.open[static_cast<std::size_t>(close_hour) * 4];
    t.entry_price = Decimal::from_units(in, bars.price_digits);
    t.exit_price = Decimal::from_units(out, bars.price_digits);
    t.quantity = {std::max<std::int64_t>(1, static_cast<std::int64_t>(4e6 / t.entry_price.to_double()))};
    const Decimal size = Decimal::from_units(t.quantity.v, 3);
    t.gross = mul(size, t.side == Side::buy ? t.exit_price - t.entry_price : t.entry_price - t.exit_price, Round::half_even);
    t.fees = mul(mul(size, t.entry_price + t.exit_price, Round::half_even), Decimal::from_units(5, 4), Round::half_even);
    t.funding = cents(-static_cast<double>(rng.below(60)) / 100);
    t.slippage = mul(mul(size, t.entry_price + t.exit_price, Round::half_even), Decimal::from_units(1, 4), Round::half_even);
    t.net = t.gross - t.fees + t.funding;
    t.risked = cents(55);
    t.best_excursion = cents(20 + static_cast<double>(rng.below(3'000)) / 100);
    t.worst_excursion = cents(-20 - static_cast<double>(rng.below(3'000)) / 100);
    t.exit_reason = kExits[static_cast<std::size_t>(n) % 4];
    t.regime = "trend";
    const std::size_t decided = static_cast<std::size_t>(open_hour - 1) * 4 + i;
    DecisionRecord& d = r.decisions[decided];
    d.action = t.side == Side::buy ? DecisionAction::open_long : DecisionAction::open_short;
    d.score = t.side == Side::buy ? 0.48 : -0.48;
    d.summary = std::string(t.side == Side::buy ? "Open long" : "Open short") +
                ": six of eight analysts agree, the larger frame supports it; the stop stands 1.8 ATR away.";
    t.decision = d.id;
    t.lesson = t.net.is_negative() ? "Entered late in the move; the larger frame had already turned." : "The trend of the larger frame carried the trade.";
    execute(r, t, kPurposes[static_cast<std::size_t>(n) % 4], bars.price_digits);
    r.trades.push_back(std::move(t));
  }
  std::ranges::sort(r.trades, {}, &JournalEntry::closed_at);
  std::ranges::sort(r.fills, {}, &Fill::time);
}

inline void deny(RunResult& r, int days, Xoshiro256pp& rng) {
  static constexpr std::array<DenialCode, 4> kCodes{DenialCode::trade_risk_above_limit, DenialCode::circuit_breaker_open,
                                                    DenialCode::group_exposure_above_limit, DenialCode::stale_basis};
  for (int n = 0; n < days / 2; ++n) {
    DecisionRecord& d = r.decisions[rng.below(r.decisions.size())];
    if (d.action != DecisionAction::hold) continue;
    d.action = DecisionAction::open_long;
    d.summary = "Open long: the score passes the threshold and the larger frame supports it.";
    DeniedProposal x;
    x.time = d.as_of.time;
    x.proposal.id = ProposalId{static_cast<std::uint64_t>(n + 1)};
    x.proposal.decision = d.id;
    x.proposal.instrument = d.instrument;
    x.proposal.pair = d.pair;
    x.proposal.quantity = {1'250};
    x.proposal.decider = "agents";
    x.proposal.reason = d.summary;
    x.denial = {kCodes[static_cast<std::size_t>(n) % 4], cents(200), cents(263.4)};
    d.proposal = x.proposal;
    r.denials.push_back(std::move(x));
  }
  std::ranges::sort(r.denials, {}, &DeniedProposal::time);
}

inline void account_for(RunResult& r, const Dataset& data, int days, Xoshiro256pp& rng) {
  RunSummary& s = r.summary;
  s.opening_cash = Decimal::from_int(10'000);
  Decimal equity = s.opening_cash;
  std::size_t next = 0;
  for (int hour = 0; hour <= days * 24; ++hour) {
    const TimeNs now = kStart + DurationNs{hour * kHour.ns};
    for (; next < r.trades.size() && r.trades[next].closed_at <= now; ++next) {
      const JournalEntry& t = r.trades[next];
      equity += t.net;
      s.fees += t.fees;
      s.slippage += t.slippage;
      s.funding += t.funding;
      s.wins += t.net.is_positive() ? 1U : 0U;
    }
    r.equity.push_back({now, equity + (hour == days * 24 ? Decimal{} : cents(static_cast<double>(rng.range(-1'500, 1'500)) / 100))});
  }
  s.trades = r.trades.size();
  s.fills = r.fills.size();
  s.orders = r.orders.size();
  s.denials = r.denials.size();
  s.decisions = r.decisions.size();
  s.closing_equity = equity;
  s.net = equity - s.opening_cash;
  s.gross = s.net + s.fees + s.slippage - s.funding;
  s.days = days;
  s.max_drawdown = 0.0714;
  s.sharpe = -1.37;
  s.win_rate = static_cast<double>(s.wins) / static_cast<double>(s.trades);
  s.profit_factor = 0.83;
  s.expectancy = s.net.to_double() / static_cast<double>(s.trades);
  s.net_interval = Interval{s.net.to_double() - 611.3, s.net.to_double() + 702.9};
  s.funding_note = "Funding of BTCUSDT, ETHUSDT, SOLUSDT and XRPUSDT is assumed at 0.01 % per 8 h, because no rate was recorded";
  const auto held = [&](std::string name, const BarColumns& bars) {
    Benchmark b;
    b.name = std::move(name);
    b.trades = 1;
    b.max_drawdown = 0.11;
    for (std::size_t i = 95; i < bars.size(); i += 96) {
      b.equity.push_back({TimeNs{bars.open_time_ns[i]} + bars.interval, cents(10'000 * bars.close_f[i] / bars.open_f[0])});
    }
    b.net = b.equity.back().equity - Decimal::from_int(10'000);
    return b;
  };
  for (const InstrumentData& d : data.series) r.benchmarks.push_back(held("buy and hold " + d.instrument.symbol, d.bars));
  Benchmark basket = r.benchmarks.front();
  basket.name = "buy and hold, equal parts";
  for (std::size_t i = 0; i < basket.equity.size(); ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < kCoins.size(); ++k) sum += r.benchmarks[k].equity[i].equity.to_double();
    basket.equity[i].equity = cents(sum / 4);
  }
  basket.net = basket.equity.back().equity - Decimal::from_int(10'000);
  r.benchmarks.push_back(basket);
  for (const auto& [name, net] :
       {std::pair{"trend_following", -183.2}, {"mean_reversion", -402.77}, {"breakout", 96.04}, {"smc_retest", -12.6}, {"vol_momentum", 41.9}}) {
    r.benchmarks.push_back({"strategy " + std::string(name), cents(net), 0.052, 44, {}});
  }
  r.random_entries = RandomEntries{1'000, 42, cents(-221.4), cents(-903.1), cents(488.7), 0.431};
}

inline Sample run(int days, std::uint64_t seed = 7) {
  Xoshiro256pp rng{seed};
  Sample out;
  out.data = market(days, rng);
  RunResult& r = out.result;
  r.run_id = "20250603-140000-001";
  r.kind = "backtest";
  r.decider = "desk";
  r.quote = "USDT";
  r.digest = "9f2b5c0e7d1a4386b0c5e2f97a61d8340b7c9e15f2a6d3480c1b7e95a4f3d260";
  r.data_sha256 = "3c81f0a2d94b6e57182f3a4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f80";
  r.from = kStart;
  r.to = kStart + DurationNs{days * kDay.ns};
  r.bars = out.data.bar_count();
  r.assets = out.data.assets;
  r.configuration =
      "cash = \"10000\"\nfee_maker = \"0.0002\"\nfee_taker = \"0.0005\"\nslippage_bps = \"2\"\nrisk = \"moderate\"\ndesk_interval = "
      "\"1h\"\n";
  for (const InstrumentData& d : out.data.series) r.instruments.push_back(d.instrument);
  r.postings.push_back({kStart, AccountIx{0}, AssetIx{0}, PostingKind::transfer, Decimal::from_int(10'000), InstrumentIx{0}, 1});
  decide(r, out.data, days, rng);
  trade(r, out.data, days, rng);
  deny(r, days, rng);
  account_for(r, out.data, days, rng);
  r.alerts = {{Severity::warning, UserIx{0}, "circuit_breaker", "Three losses in a row: no new positions until 2025-05-13 00:00 UTC."},
              {Severity::info, UserIx{0}, "agent_without_source", "macro_analyst has no source and abstains; this is said once."}};
  return out;
}

}  // namespace prom::sample
