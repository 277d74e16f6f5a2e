// Scenarios. Main thread.
#include "app/run/scenario.h"

#include <algorithm>

#include "app/feeds/feeds_at_hand.h"
#include "app/market/tapes_at_hand.h"
#include "app/run/scenario_data.h"
#include "base/sha256.h"
#include "runtime/hosts/strategy_host.h"

namespace prom {
namespace {

constexpr std::size_t kEquityEveryBar = 100'000;  ///< bars of a CSV up to which equity is sampled at each

CommandError usage(std::string code, std::string message, std::string hint = {}) {
  return {ExitCode::usage, std::move(code), std::move(message), std::move(hint), {}};
}

/// A bar is available when it closes; recorded funding when it settles.
std::expected<std::shared_ptr<ColumnMarketView>, CommandError> make_market(const Scenario& scenario) {
  std::vector<ColumnMarketSource> sources;
  for (const InstrumentData& series : scenario.data.series) {
    ColumnMarketSource source;
    source.instrument = series.instrument;
    source.bars = std::make_shared<const BarColumns>(series.bars);
    for (const FundingRow& row : series.funding) source.funding.push_back({row.time, row.time, row.rate.to_double(), Provenance::venue});
    source.source = "replay " + instrument_code(series.instrument) + " " + format_interval(scenario.data.interval);
    sources.push_back(std::move(source));
  }
  auto view = ColumnMarketView::make(std::move(sources));
  if (!view)
    return std::unexpected(CommandError{ExitCode::input_data,
                                        "bad_data",
                                        "series " + std::to_string(view.error().source) + " cannot be shown to the agents: bar " +
                                            std::to_string(view.error().index) + " is out of order or not a number",
                                        {},
                                        {}});
  return std::make_shared<ColumnMarketView>(std::move(*view));
}

CommandError missing_bars(const InstrumentData& series, const std::vector<BarGap>& found) {
  std::uint64_t missing = 0;
  for (const BarGap& gap : found) missing += gap.missing;
  return {ExitCode::input_data,
          "gaps",
          instrument_code(series.instrument) + " misses " + std::to_string(missing) + " bars, the first at " + format_rfc3339(found.front().from),
          "choose another range with --from and --to, or accept it with --allow-gaps",
          {}};
}

/// A series that begins or ends more than a bar apart from the others. Where one ends, its position stays open for ever and its stale price stops the others.
std::optional<CommandError> uneven_ends(const Dataset& data) {
  const auto first = [](const InstrumentData& s) { return TimeNs{s.bars.open_time_ns.front()}; };
  const auto end = [&](const InstrumentData& s) { return TimeNs{s.bars.open_time_ns.back()} + data.interval; };
  const auto by_first = [&](const InstrumentData& a, const InstrumentData& b) { return first(a) < first(b); };
  const auto by_end = [&](const InstrumentData& a, const InstrumentData& b) { return end(a) < end(b); };
  const auto [early, late] = std::minmax_element(data.series.begin(), data.series.end(), by_first);
  const auto [short_one, long_one] = std::minmax_element(data.series.begin(), data.series.end(), by_end);
  std::string what, range;
  const auto add = [&](const InstrumentData& odd, const InstrumentData& other, const char* verb, const char* option, TimeNs at, TimeNs other_at) {
    what += (what.empty() ? "" : "; ") + instrument_code(odd.instrument) + verb + format_rfc3339(at) + " and " + instrument_code(other.instrument) + " at " +
            format_rfc3339(other_at);
    range += (range.empty() ? "" : " ") + std::string(option) + " " + format_rfc3339(at);
  };
  if (first(*late) - first(*early) > data.interval) add(*late, *early, " begins at ", "--from", first(*late), first(*early));
  if (end(*long_one) - end(*short_one) > data.interval) add(*short_one, *long_one, " ends at ", "--to", end(*short_one), end(*long_one));
  if (what.empty()) return std::nullopt;
  return CommandError{ExitCode::input_data, "gaps", what, "choose the range that all have with " + range + ", or accept it with --allow-gaps", {}};
}

std::string shell_word(const std::string& value) {
  const bool plain = !value.empty() && std::ranges::all_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("._-+=:/,@%").find(c) != std::string_view::npos;
  });
  if (plain) return value;
  std::string out = "'";
  for (const char c : value) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string canonical_text(const Scenario& scenario) {
  const ScenarioOptions& o = scenario.options;
  std::string text;
  const auto line = [&](const std::string& key, const std::string& value) { text += key + " = " + value + "\n"; };
  line("decider", o.strategy.empty() ? "desk" : o.strategy);
  for (const StrategyParameter& p : o.parameters) line("set." + p.name, p.value);
  for (const InstrumentData& series : scenario.data.series)
    line("instrument",
         instrument_code(series.instrument) + " maker " + series.instrument.fees.maker.to_string() + " taker " + series.instrument.fees.taker.to_string());
  line("from", format_rfc3339(scenario.data.first()));
  line("to", format_rfc3339(scenario.data.last_close()));
  line("cash", o.cash.to_string());
  line("slippage_bps", o.slippage_bps.to_string());
  line("funding_rate", o.funding_rate ? o.funding_rate->to_string() : "recorded or assumed");
  line("leverage", o.leverage.to_string());
  line("desk_interval", format_interval(o.desk_interval));
  if (!scenario.observations_sha256.empty()) line("feeds", scenario.observations_sha256);
  // Where nothing is gathered the rest of it has no effect.
  if (o.executor.batch_size > 1 && o.executor.interval.ns > 0)
    line("executor", std::to_string(o.executor.batch_size) + " orders, " + std::to_string(o.executor.interval.ns) + " ns, " +
                         std::to_string(o.executor.max_queue) + " waiting");
  if (!scenario.tapes_sha256.empty()) line("recordings", scenario.tapes_sha256);
  RiskLimits::visit_fields(o.limits, [&](const char* name, const auto& value) {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, Decimal>) {
      line(std::string("risk.") + name, value.to_string());
    } else if constexpr (std::is_same_v<T, DurationNs>) {
      line(std::string("risk.") + name, std::to_string(value.ns));
    } else {
      line(std::string("risk.") + name, std::to_string(static_cast<std::uint64_t>(value)));
    }
  });
  return text;
}

}  // namespace

void apply_config(const Config& config, ScenarioOptions& options) {
  const std::string& profile = config.text("run.risk_profile");
  options.profile = profile == "conservative" ? RiskLevel::conservative : profile == "aggressive" ? RiskLevel::aggressive : RiskLevel::moderate;
  options.limits = limits_for(options.profile);
  options.cash = config.decimal("run.cash");
  options.leverage = config.decimal("run.leverage");
  options.desk_interval = config.duration("run.desk_interval");
  if (options.instruments.empty() && options.csv.empty()) options.instruments = config.list("run.instruments");
  RiskLimits& limits = options.limits;
  if (auto v = config.optional_decimal("risk.risk_per_trade")) limits.risk_per_trade = *v;
  if (auto v = config.optional_decimal("risk.max_daily_drawdown")) limits.max_daily_drawdown = *v;
  if (auto v = config.optional_decimal("risk.max_drawdown")) limits.max_drawdown = *v;
  if (auto v = config.optional_decimal("risk.max_leverage")) limits.max_leverage = *v;
  if (auto v = config.optional_integer("risk.max_positions")) limits.max_positions = static_cast<std::uint32_t>(*v);
  if (auto v = config.optional_integer("risk.max_consecutive_losses")) limits.max_consecutive_losses = static_cast<std::uint32_t>(*v);
  if (auto v = config.optional_integer("risk.max_orders_per_minute")) limits.max_orders_per_minute = static_cast<std::uint32_t>(*v);
  options.executor.batch_size = static_cast<std::size_t>(config.integer("executor.batch_size"));
  options.executor.interval = kMillisecond * config.integer("executor.interval_ms");
  options.executor.max_queue = static_cast<std::size_t>(config.integer("executor.max_queue"));
}

std::expected<Scenario, CommandError> make_scenario(AppContext& context, ScenarioOptions options) {
  if (options.from && options.to && *options.from >= *options.to)
    return std::unexpected(usage("bad_range", "--from " + format_rfc3339(*options.from) + " is not before --to " + format_rfc3339(*options.to)));
  Scenario scenario;
  auto loaded = load_scenario_data(context, options);
  if (!loaded) return std::unexpected(loaded.error());
  scenario.data = std::move(loaded->data);
  scenario.title = loaded->title;
  if (options.from || options.to) scenario.data = scenario.data.slice(options.from.value_or(TimeNs{INT64_MIN}), options.to.value_or(kNever));
  for (const InstrumentData& series : scenario.data.series) {
    // Inverse contracts are margined in the coin itself; the paper account holds the quote asset, and every order would be denied for lack of margin.
    if (series.instrument.payoff == Payoff::inverse)
      return std::unexpected(usage("inverse_market",
                                   instrument_code(series.instrument) + " settles in its coin, and the paper account holds its cash in the quote asset",
                                   "trade the linear contract or spot; the tools read inverse markets too"));
    if (series.bars.empty())
      return std::unexpected(CommandError{
          ExitCode::input_data, "no_data", instrument_code(series.instrument) + " has no bars in the range asked for", "see promtrade data list", {}});
    const std::vector<BarGap> found = gaps(series.bars);
    scenario.gaps.insert(scenario.gaps.end(), found.begin(), found.end());
    if (options.gaps == GapPolicy::refuse && !found.empty()) return std::unexpected(missing_bars(series, found));
  }
  if (auto uneven = uneven_ends(scenario.data); uneven && options.gaps == GapPolicy::refuse) return std::unexpected(std::move(*uneven));
  // A limit of leverage below the pair's would deny every proposal: said at once instead.
  if (options.leverage > options.limits.max_leverage)
    return std::unexpected(
        usage("leverage", "run.leverage = " + options.leverage.to_string() + " is above the profile's " + options.limits.max_leverage.to_string()));
  scenario.options = std::move(options);
  auto market = make_market(scenario);
  if (!market) return std::unexpected(market.error());
  scenario.market = std::move(*market);
  std::optional<std::string> own;
  if (auto config = context.config(); config && !(*config)->text("agents.profiles").empty()) own = (*config)->text("agents.profiles");
  auto profiles = load_agent_profiles(context.asset("prompts"), own);
  if (!profiles) return std::unexpected(command_error(ExitCode::usage, profiles.error()));
  scenario.profiles = std::move(*profiles);
  if (scenario.options.strategy.empty()) {
    auto said = observations_over(context, scenario.data.first(), scenario.data.last_close());
    if (!said) return std::unexpected(said.error());
    scenario.observations = std::move(said->table);
    scenario.observations_sha256 = said->sha256;
    // Tools look back a day at most; a book begins with the recording that it is in.
    std::vector<std::string> codes;
    for (const InstrumentData& series : scenario.data.series) codes.push_back(instrument_code(series.instrument));
    PROM_TRY(Tapes recorded, tapes_over(context, codes, scenario.data.first() - kDay, scenario.data.last_close()));
    scenario.tapes = std::move(recorded.tapes);
    scenario.tapes_sha256 = std::move(recorded.sha256);
  }
  scenario.configuration = canonical_text(scenario);
  return scenario;
}

namespace {

/// The strategy on bars of `interval`. Its own timeframe, where nobody named one, gives way to bars that it cannot be made of.
std::expected<std::unique_ptr<Strategy>, CommandError> strategy_for(const std::string& name, std::vector<StrategyParameter> parameters, DurationNs interval) {
  const auto bad = [](const auto& error) { return std::unexpected(usage("bad_strategy", describe(error), "see promtrade strategies list")); };
  const auto fits = [&](DurationNs timeframe) { return timeframe >= interval && timeframe.ns % interval.ns == 0; };
  auto made = make_strategy(name, parameters);
  if (!made) return bad(made.error());
  if (fits((*made)->timeframe())) return std::move(*made);
  const std::string own = format_interval(interval);
  if (std::ranges::any_of(parameters, [](const StrategyParameter& p) { return p.name == "timeframe"; }))
    return std::unexpected(
        usage("bad_timeframe", "timeframe " + format_interval((*made)->timeframe()) + " cannot be made of " + own + " bars", "--set timeframe=" + own));
  parameters.push_back({"timeframe", own});
  made = make_strategy(name, parameters);
  if (!made) return bad(made.error());
  return std::move(*made);
}

}  // namespace

std::expected<SimulationConfig, CommandError> simulation_config(const Scenario& scenario, const std::string& strategy,
                                                                const std::vector<StrategyParameter>& parameters) {
  const ScenarioOptions& o = scenario.options;
  SimulationConfig config;
  config.cash = o.cash;
  config.reporting_asset = scenario.data.series.front().instrument.quote;
  config.user.name = "paper";
  config.user.level = o.profile;
  config.user.limits = o.limits;
  config.venue.slippage = div(o.slippage_bps, Decimal::from_int(10'000), Round::half_even);
  config.venue.funding_rate = o.funding_rate;
  config.desk_interval = o.desk_interval;
  config.executor = o.executor;
  // A file is often held against somebody else's figures: its equity is sampled at every bar, as far as that stays a readable file.
  if (!o.csv.empty() && scenario.data.bar_count() <= kEquityEveryBar) config.equity_interval = scenario.data.interval;
  // Bars coarser than a minute are as fresh as they can be until the next one closes.
  config.user.limits.max_data_age = std::max(config.user.limits.max_data_age, scenario.data.interval + scenario.data.interval);
  for (std::size_t s = 0; s < scenario.data.series.size(); ++s) {
    SimulatedPair pair;
    pair.series = s;
    const Instrument& instrument = scenario.data.series[s].instrument;
    if (instrument.quote != config.reporting_asset)
      return std::unexpected(
          usage("mixed_quotes", "one paper account reports in one asset: " + instrument.symbol + " is quoted in another than the first instrument"));
    pair.leverage = instrument.payoff == Payoff::spot ? kDecimalOne : o.leverage;
    if (!strategy.empty()) {
      PROM_TRY(auto made, strategy_for(strategy, parameters, scenario.data.interval));
      pair.decider = strategy;
      StrategyHostConfig host;
      host.pair = PairIx{static_cast<std::uint32_t>(s)};
      host.base_interval = scenario.data.interval;
      host.expected_slippage = config.venue.slippage;
      pair.strategy = std::make_shared<StrategyHost>(std::move(made), host);
    }
    config.pairs.push_back(std::move(pair));
  }
  return config;
}

std::string command_of(CommandKind kind, const ScenarioOptions& o) {
  std::string out = "promtrade ";
  const auto add = [&out](const char* option, const std::string& value) { out += std::string(" ") + option + " " + shell_word(value); };
  const auto add_number = [&](const char* option, const std::optional<Decimal>& value) {
    if (value) add(option, value->to_string());
  };
  switch (kind) {
    case CommandKind::backtest:
      out += "backtest";
      if (!o.csv.empty()) add("--csv", o.csv);
      break;
    case CommandKind::run:
    case CommandKind::run_anew:
      out += "run --replay";
      if (!o.csv.empty()) out += " " + shell_word(o.csv);
      if (kind == CommandKind::run_anew) out += " --fresh";
      break;
    case CommandKind::host:
      out += "host";
      if (!o.csv.empty()) add("--file", o.csv);
      break;
  }
  for (const std::string& instrument : o.instruments) add("--instrument", instrument);
  if (o.from) add("--from", format_rfc3339(*o.from));
  if (o.to) add("--to", format_rfc3339(*o.to));
  if (!o.strategy.empty()) add("--strategy", o.strategy);
  if (o.strategy.empty() && !o.csv.empty() && kind != CommandKind::host) out += " --desk";
  for (const StrategyParameter& p : o.parameters) add("--set", p.name + "=" + p.value);
  const ScenarioOptions usual;
  if (o.cash != usual.cash) add("--cash", o.cash.to_string());
  add_number("--fee-maker", o.fee_maker);
  add_number("--fee-taker", o.fee_taker);
  if (o.slippage_bps != usual.slippage_bps) add("--slippage-bps", o.slippage_bps.to_string());
  add_number("--funding-rate", o.funding_rate);
  if (o.leverage != usual.leverage) add("--leverage", o.leverage.to_string());
  if (o.gaps == GapPolicy::allow) out += " --allow-gaps";
  return out;
}

std::unique_ptr<RuleDesk> make_desk(const Scenario& scenario, ToolClock clock) {
  DeskOptions options;
  options.clock = clock;
  options.asset_names = scenario.data.assets;
  return std::make_unique<RuleDesk>(scenario.profiles, options);
}

}  // namespace prom
