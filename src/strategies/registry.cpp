// Specs, checking of parameters, and factories. Pure; any thread.
#include "strategies/registry.h"

#include <array>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "strategies/breakout.h"
#include "strategies/mean_reversion.h"
#include "strategies/smc_retest.h"
#include "strategies/trend_following.h"
#include "strategies/vol_momentum.h"

namespace prom {

namespace {

using enum ParameterKind;

constexpr double kMinuteS = 60, kHourS = 3600, kDayS = 86'400, kWeekS = 7 * kDayS;
constexpr std::string_view kWilder = "Wilder, New Concepts in Technical Trading Systems, 1978";
constexpr std::string_view kTurtles = "Faith, The Original Turtle Trading Rules, 2003";
constexpr std::string_view kBollinger = "Bollinger, Bollinger on Bollinger Bands, 2001";
constexpr std::string_view kMoskowitz = "Moskowitz, Ooi, Pedersen, Time Series Momentum, JFE 2012";
constexpr std::string_view kLiu = "Liu, Tsyvinski, Risks and Returns of Cryptocurrency, RFS 2021 (one to four weeks)";
constexpr std::string_view kAppel = "Appel, The Moving Average Convergence-Divergence Trading Method, 1979";
constexpr std::string_view kOurs = "our convention";

constexpr std::array kBreakout{
    ParameterSpec{"timeframe", timeframe, kDayS, kMinuteS, kWeekS, "bars that decide", kTurtles},
    ParameterSpec{"entry", integer, 20, 2, 500, "bars of the entry channel", kTurtles},
    ParameterSpec{"exit", integer, 10, 1, 500, "bars of the exit channel, at most entry", kTurtles},
    ParameterSpec{"atr_period", integer, 20, 1, 500, "bars of the average true range N", kTurtles},
    ParameterSpec{"stop_atr", real, 2, 0.1, 20, "distance of the stop in N", kTurtles},
};
constexpr std::array kMeanReversion{
    ParameterSpec{"timeframe", timeframe, kHourS, kMinuteS, kWeekS, "bars that decide", kOurs},
    ParameterSpec{"period", integer, 20, 2, 500, "bars of the band", kBollinger},
    ParameterSpec{"width", real, 2, 0.1, 10, "half width of the band in standard deviations", kBollinger},
    ParameterSpec{"rsi_period", integer, 14, 1, 500, "bars of the RSI", kWilder},
    ParameterSpec{"oversold", real, 30, 1, 50, "RSI below which to buy; 100 minus it is overbought", kWilder},
    ParameterSpec{"atr_period", integer, 14, 1, 500, "bars of the average true range", kWilder},
    ParameterSpec{"stop_atr", real, 3, 0.1, 20, "distance of the stop in average true ranges (Wilder's volatility stop)", kWilder},
};
constexpr std::array kSmcRetest{
    ParameterSpec{"timeframe", timeframe, kHourS, kMinuteS, kWeekS, "bars that decide", kOurs},
    ParameterSpec{"window", integer, 200, 20, 2000, "bars that structure and zones are read from", kOurs},
    ParameterSpec{"swing", integer, 5, 1, 50, "bars on each side of a swing point", "Williams, Trading Chaos, 1995 (fractals use 2); 5 for fewer"},
    ParameterSpec{"min_gap", real, 0.001, 0, 0.1, "smallest fair value gap as a fraction of price", kOurs},
    ParameterSpec{"atr_period", integer, 14, 1, 500, "bars of the average true range", kWilder},
    ParameterSpec{"buffer_atr", real, 0.25, 0, 10, "stop beyond the zone in average true ranges", kOurs},
    ParameterSpec{"reward", real, 2, 0.1, 20, "target as a multiple of the risk", kOurs},
};
constexpr std::array kTrendFollowing{
    ParameterSpec{"timeframe", timeframe, 4 * kHourS, kMinuteS, kWeekS, "bars that decide", kOurs},
    ParameterSpec{"fast", integer, 12, 1, 1000, "bars of the fast average, below slow", kAppel},
    ParameterSpec{"slow", integer, 26, 2, 2000, "bars of the slow average", kAppel},
    ParameterSpec{"atr_period", integer, 14, 1, 500, "bars of the average true range", kWilder},
    ParameterSpec{"stop_atr", real, 2, 0.1, 20, "distance of the stop in average true ranges", kTurtles},
};
constexpr std::array kVolMomentum{
    ParameterSpec{"timeframe", timeframe, kDayS, kMinuteS, kWeekS, "bars that decide", kMoskowitz},
    ParameterSpec{"lookback", integer, 28, 1, 2000, "bars of the return whose sign decides", kLiu},
    ParameterSpec{"rebalance", integer, 7, 1, 500, "bars between looks at an unchanged sign", kLiu},
    ParameterSpec{"vol_com", real, 60, 1, 1000, "centre of mass of the variance's weights, bars", kMoskowitz},
    ParameterSpec{"target_vol", real, 0.4, 0.01, 5, "volatility aimed at, a year", kMoskowitz},
    ParameterSpec{"atr_period", integer, 14, 1, 500, "bars of the average true range", kWilder},
    ParameterSpec{"stop_atr", real, 3, 0.1, 20, "distance of the stop in average true ranges", kWilder},
};

constexpr std::array kStrategies{
    StrategySpec{"breakout", "buys above the high of 20 bars, leaves below the low of 10", kTurtles, kBreakout},
    StrategySpec{"mean_reversion", "buys below the Bollinger band while the RSI is oversold, leaves at the middle", kBollinger, kMeanReversion},
    StrategySpec{"smc_retest", "joins the structure's direction at the first retest of a fair value gap or order block",
                 "definitions of the smart-money-concepts library; docs of analysis/smc", kSmcRetest},
    StrategySpec{"trend_following", "long while the fast average has crossed above the slow one, else flat", kAppel, kTrendFollowing},
    StrategySpec{"vol_momentum", "follows the sign of the past return, sized by a volatility target", kMoskowitz, kVolMomentum},
};

/// Up to three names within three edits or with a common beginning of three letters, in registry order.
template <class Specs>
std::vector<std::string> near_names(std::string_view text, const Specs& specs) {
  std::vector<std::string> out;
  const std::string wanted = to_lower(text);
  for (const auto& spec : specs) {
    const bool alike = edit_distance(wanted, spec.name) <= 3 || (wanted.size() >= 3 && spec.name.starts_with(std::string_view(wanted).substr(0, 3)));
    if (alike && out.size() < 3) out.emplace_back(spec.name);
  }
  return out;
}

template <class Specs>
std::vector<std::string> all_names(const Specs& specs) {
  std::vector<std::string> out;
  for (const auto& spec : specs) out.emplace_back(spec.name);
  return out;
}

std::optional<double> parse_value(ParameterKind kind, std::string_view text) {
  switch (kind) {
    case integer: {
      const auto value = parse_i64(text);
      return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
    }
    case real: return parse_f64(text);
    case timeframe: {
      const auto value = parse_interval(text);
      if (!value || value->ns % kSecond.ns != 0) return std::nullopt;
      return static_cast<double>(value->ns / kSecond.ns);
    }
  }
  PROM_UNREACHABLE();
}

std::string range_text(const ParameterSpec& spec) { return parameter_text(spec, spec.minimum) + " to " + parameter_text(spec, spec.maximum); }

std::string form_text(const ParameterSpec& spec) {
  switch (spec.kind) {
    case integer: return "a whole number, " + range_text(spec);
    case real: return "a number, " + range_text(spec);
    case timeframe: return "a timeframe like 15m, 4h or 1d, " + range_text(spec);
  }
  PROM_UNREACHABLE();
}

/// Values by name, for the factories.
class Resolved {
 public:
  Resolved(const StrategySpec& spec, const std::vector<double>& values) : spec_(&spec), values_(&values) {}
  double real_value(std::string_view name) const {
    for (std::size_t i = 0; i < spec_->parameters.size(); ++i) {
      if (spec_->parameters[i].name == name) return (*values_)[i];
    }
    PROM_UNREACHABLE();
  }
  std::int64_t whole(std::string_view name) const { return static_cast<std::int64_t>(real_value(name)); }
  DurationNs duration(std::string_view name) const { return kSecond * whole(name); }

 private:
  const StrategySpec* spec_;
  const std::vector<double>* values_;
};

/// The relation between parameters that does not hold, if any: the parameter and what is expected of it.
struct Relation {
  std::string_view parameter;
  std::string expected;
};
std::optional<Relation> broken_relation(const StrategySpec& spec, const Resolved& values) {
  if (spec.name == "trend_following" && values.whole("fast") >= values.whole("slow"))
    return Relation{"fast", "below slow (" + std::to_string(values.whole("slow")) + ")"};
  if (spec.name == "breakout" && values.whole("exit") > values.whole("entry"))
    return Relation{"exit", "at most entry (" + std::to_string(values.whole("entry")) + ")"};
  if (spec.name == "smc_retest" && values.whole("window") < 4 * values.whole("swing"))
    return Relation{"window", "at least four times swing (" + std::to_string(4 * values.whole("swing")) + ")"};
  return std::nullopt;
}

std::unique_ptr<Strategy> build(std::string_view name, const Resolved& v) {
  using namespace strategies;
  if (name == TrendFollowing::kName)
    return std::make_unique<TrendFollowing>(
        TrendFollowing::Params{v.duration("timeframe"), v.whole("fast"), v.whole("slow"), v.whole("atr_period"), v.real_value("stop_atr")});
  if (name == MeanReversion::kName)
    return std::make_unique<MeanReversion>(MeanReversion::Params{v.duration("timeframe"), v.whole("period"), v.real_value("width"), v.whole("rsi_period"),
                                                                 v.real_value("oversold"), v.whole("atr_period"), v.real_value("stop_atr")});
  if (name == Breakout::kName)
    return std::make_unique<Breakout>(
        Breakout::Params{v.duration("timeframe"), v.whole("entry"), v.whole("exit"), v.whole("atr_period"), v.real_value("stop_atr")});
  if (name == SmcRetest::kName)
    return std::make_unique<SmcRetest>(SmcRetest::Params{v.duration("timeframe"), v.whole("window"), v.whole("swing"), v.real_value("min_gap"),
                                                         v.whole("atr_period"), v.real_value("buffer_atr"), v.real_value("reward")});
  PROM_ASSERT(name == VolMomentum::kName, "a strategy in the list has no factory");
  return std::make_unique<VolMomentum>(VolMomentum::Params{v.duration("timeframe"), v.whole("lookback"), v.whole("rebalance"), v.real_value("vol_com"),
                                                           v.real_value("target_vol"), v.whole("atr_period"), v.real_value("stop_atr")});
}

}  // namespace

std::span<const StrategySpec> all_strategies() { return kStrategies; }

const StrategySpec* find_strategy(std::string_view name) {
  for (const StrategySpec& spec : kStrategies) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

std::string parameter_text(const ParameterSpec& spec, double value) {
  switch (spec.kind) {
    case integer: return std::to_string(static_cast<std::int64_t>(value));
    case real: return format_f64(value);
    case timeframe: return format_interval(kSecond * static_cast<std::int64_t>(value));
  }
  PROM_UNREACHABLE();
}

Result<std::vector<double>, StrategyError> resolve_parameters(std::string_view strategy, std::span<const StrategyParameter> given) {
  StrategyError error;
  error.strategy = strategy;
  const StrategySpec* spec = find_strategy(strategy);
  if (spec == nullptr) {
    error.suggestions = near_names(strategy, kStrategies);
    if (error.suggestions.empty()) error.suggestions = all_names(kStrategies);
    return err(error);
  }
  std::vector<double> values;
  for (const ParameterSpec& parameter : spec->parameters) values.push_back(parameter.default_value);
  std::vector<bool> seen(values.size());
  for (const StrategyParameter& one : given) {
    error.parameter = one.name;
    error.value = one.value;
    std::size_t i = 0;
    while (i < values.size() && spec->parameters[i].name != one.name) ++i;
    if (i == values.size()) {
      error.code = StrategyErrorCode::unknown_parameter;
      error.suggestions = near_names(one.name, spec->parameters);
      if (error.suggestions.empty()) error.suggestions = all_names(spec->parameters);
      return err(error);
    }
    const ParameterSpec& parameter = spec->parameters[i];
    if (seen[i]) {
      error.code = StrategyErrorCode::repeated_parameter;
      return err(error);
    }
    seen[i] = true;
    const auto value = parse_value(parameter.kind, one.value);
    if (!value) {
      error.code = StrategyErrorCode::malformed_value;
      error.expected = form_text(parameter);
      return err(error);
    }
    if (*value < parameter.minimum || *value > parameter.maximum) {
      error.code = StrategyErrorCode::out_of_range;
      error.expected = range_text(parameter);
      return err(error);
    }
    values[i] = *value;
  }
  if (const auto relation = broken_relation(*spec, Resolved(*spec, values))) {
    error.code = StrategyErrorCode::inconsistent;
    error.parameter = relation->parameter;
    error.value = std::to_string(Resolved(*spec, values).whole(relation->parameter));
    error.expected = relation->expected;
    return err(error);
  }
  return values;
}

std::string describe(const StrategyError& error) {
  const std::string of = "parameter '" + error.parameter + "' of strategy '" + error.strategy + "'";
  const std::string nearest = "; did you mean " + join(error.suggestions, ", ") + "?";
  switch (error.code) {
    case StrategyErrorCode::unknown_strategy: return "there is no strategy '" + error.strategy + "'" + nearest;
    case StrategyErrorCode::unknown_parameter: return "there is no " + of + nearest;
    case StrategyErrorCode::repeated_parameter: return of + " is given twice";
    case StrategyErrorCode::malformed_value: return of + " is '" + error.value + "'; expected " + error.expected;
    case StrategyErrorCode::out_of_range: return of + " is " + error.value + "; allowed: " + error.expected;
    case StrategyErrorCode::inconsistent: return of + " is " + error.value + "; it must be " + error.expected;
  }
  PROM_UNREACHABLE();
}

Result<std::unique_ptr<Strategy>, StrategyError> make_strategy(std::string_view name, std::span<const StrategyParameter> parameters) {
  PROM_TRY(const std::vector<double> values, resolve_parameters(name, parameters));
  const StrategySpec* spec = find_strategy(name);
  return build(name, Resolved(*spec, values));
}

}  // namespace prom
