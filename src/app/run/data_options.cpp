// DataTexts of the command line to a scenario; each fault is one sentence. Main thread.
#include "app/run/data_options.h"

#include <algorithm>
#include <utility>

#include "app/cli/command_builder.h"
#include "base/text.h"

namespace prom {
namespace {

std::expected<std::optional<Decimal>, CommandError> number(const std::string& option, const std::string& text, Decimal least, Decimal most) {
  if (text.empty()) return std::nullopt;
  const auto value = Decimal::parse(text);
  if (!value || *value < least || *value > most)
    return std::unexpected(bad_option(option, text, "a number from " + least.to_string() + " to " + most.to_string() + " with at most 12 decimals"));
  return *value;
}

std::expected<std::optional<TimeNs>, CommandError> time(const std::string& option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto value = parse_time_any(text);
  if (!value) return std::unexpected(bad_option(option, text, "a time such as 2025-05-10, 2025-05-10T12:00:00Z or epoch seconds"));
  return *value;
}

std::expected<void, CommandError> read_numbers(const DataTexts& texts, ScenarioOptions& o) {
  const Decimal zero, one = kDecimalOne;
  PROM_TRY(const auto cash, number("--cash", texts.cash, one, Decimal::from_int(1'000'000'000'000)));
  PROM_TRY(const auto maker, number("--fee-maker", texts.fee_maker, -Decimal::from_units(1, 2), Decimal::from_units(1, 1)));
  PROM_TRY(const auto taker, number("--fee-taker", texts.fee_taker, zero, Decimal::from_units(1, 1)));
  PROM_TRY(const auto slippage, number("--slippage-bps", texts.slippage_bps, zero, Decimal::from_int(1'000)));
  PROM_TRY(const auto funding, number("--funding-rate", texts.funding_rate, -Decimal::from_units(1, 1), Decimal::from_units(1, 1)));
  PROM_TRY(const auto leverage, number("--leverage", texts.leverage, one, Decimal::from_int(125)));
  PROM_TRY(o.from, time("--from", texts.from));
  PROM_TRY(o.to, time("--to", texts.to));
  if (cash) o.cash = *cash;
  o.fee_maker = maker;
  o.fee_taker = taker;
  if (slippage) o.slippage_bps = *slippage;
  o.funding_rate = funding;
  if (leverage) o.leverage = *leverage;
  if (leverage && *leverage > o.limits.max_leverage)
    return std::unexpected(CommandError{ExitCode::usage,
                                        "leverage",
                                        "--leverage " + texts.leverage + " is above the profile's " + o.limits.max_leverage.to_string(),
                                        "run.risk_profile and risk.max_leverage set the limit",
                                        {}});
  return {};
}

}  // namespace

CommandError bad_option(const std::string& option, const std::string& value, const std::string& expected) {
  return {ExitCode::usage, "bad_value", option + " " + value + " is not " + expected, {}, {}};
}

std::expected<ScenarioOptions, CommandError> scenario_options(AppContext& context, const DataTexts& texts) {
  ScenarioOptions o;
  o.instruments = texts.instruments;
  o.csv = texts.csv;
  const auto config = context.config();
  if (!config) return std::unexpected(config.error());
  apply_config(**config, o);
  if (auto read = read_numbers(texts, o); !read) return std::unexpected(read.error());
  o.strategy = texts.strategy;
  if (!o.csv.empty() && o.strategy.empty() && !texts.desk) o.strategy = "trend_following";
  o.gaps = texts.allow_gaps ? GapPolicy::allow : GapPolicy::refuse;
  for (const std::string& pair : texts.set) {
    const std::size_t at = pair.find('=');
    if (at == std::string::npos || at == 0) return std::unexpected(bad_option("--set", pair, "KEY=VALUE"));
    o.parameters.push_back({pair.substr(0, at), pair.substr(at + 1)});
  }
  if (!o.parameters.empty() && o.strategy.empty())
    return std::unexpected(CommandError{ExitCode::usage,
                                        "set_without_strategy",
                                        "--set changes a strategy's parameters and needs --strategy NAME",
                                        "the desk's thresholds are in assets/prompts/<agent>/agent.toml",
                                        {}});
  return o;
}

bool names_a_scenario(const DataTexts& t) {
  const std::string* const texts[] = {&t.replay_path, &t.from,      &t.to,           &t.strategy,     &t.cash,
                                      &t.fee_maker,   &t.fee_taker, &t.slippage_bps, &t.funding_rate, &t.leverage};
  return !t.instruments.empty() || !t.set.empty() || t.desk || t.allow_gaps ||
         std::ranges::any_of(texts, [](const std::string* text) { return !text->empty(); });
}

std::expected<std::optional<double>, CommandError> speed_of(AppContext& context, const DataTexts& texts) {
  PROM_TRY(const Config* config, context.config());
  const std::string speed = texts.speed.empty() ? config->text("run.speed") : texts.speed;
  if (speed == "max") return std::nullopt;
  const auto value = parse_i64(speed);
  if (!value || *value < 1 || *value > 100'000'000) return std::unexpected(bad_option("--speed", speed, "a whole number from 1 to 100000000, or max"));
  return static_cast<double>(*value);
}

std::expected<std::optional<int>, CommandError> http_port_of(const DataTexts& texts) {
  if (texts.http_port && (*texts.http_port > 65'535 || *texts.http_port < 0))
    return std::unexpected(bad_option("--http-port", std::to_string(*texts.http_port), "a port from 0 to 65535"));
  return texts.http_port;
}

void add_data_options(CommandBuilder& command, DataTexts& t) {
  command.add_option("--instrument", t.instruments, "What to trade, VENUE:MARKET:SYMBOL; may be repeated (default: the bundled four futures)")
      .type_name("CODE");
  command.add_option("--from", t.from, "First bar to trade").type_name("TIME");
  command.add_option("--to", t.to, "End of the range, exclusive").type_name("TIME");
  command.add_option("--strategy", t.strategy, "One of `promtrade strategies list` instead of the desk").type_name("NAME");
  command.add_option("--set", t.set, "Parameter of the strategy; may be repeated").type_name("KEY=VALUE");
  command.add_option("--cash", t.cash, "Opening balance in the quote asset (default 10000)").type_name("N");
  command.add_option("--fee-maker", t.fee_maker, "Fraction of notional (default: the instrument's)").type_name("RATE");
  command.add_option("--fee-taker", t.fee_taker, "Fraction of notional (default: the instrument's)").type_name("RATE");
  command.add_option("--slippage-bps", t.slippage_bps, "Hundredths of a per cent lost by taker fills (default 2)").type_name("X");
  command.add_option("--funding-rate", t.funding_rate, "Fraction per 8 h instead of recorded or assumed rates").type_name("RATE");
  command.add_option("--leverage", t.leverage, "Of each pair (default 1)").type_name("N");
  command.add_flag("--allow-gaps", t.allow_gaps, "Trade across missing bars instead of refusing them");
}

void add_run_options(CommandBuilder& command, DataTexts& t) {
  add_data_options(command, t);
  command.add_flag("--desk", t.desk, "The fourteen agents decide (default without --csv)").excludes("--strategy");
  command.add_option("--report", t.report, "Where to write the HTML report (default: beside the record of the run)").type_name("PATH");
  command.add_flag("--no-benchmarks", t.quick, "Leave out yardsticks and the held-out run");
}

}  // namespace prom
