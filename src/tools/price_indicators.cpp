// Averages, oscillators and statistics of the close for `tools call indicator`. Pure; any thread.
#include "analysis/indicators/chart_lines.h"
#include "analysis/indicators/composite_averages.h"
#include "analysis/indicators/garch.h"
#include "analysis/indicators/hurst.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/oscillators.h"
#include "analysis/indicators/range_volatility.h"
#include "analysis/indicators/trend.h"
#include "analysis/indicators/volatility.h"
#include "tools/indicator_entry.h"

namespace prom {

namespace {

using namespace indicators;

constexpr ArgSpec kKamaArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(10), period_arg(2, "fast"), period_arg(30, "slow")};
constexpr auto kKama = [](const ToolArgs& args, DurationNs) {
  return Kama::Params{args.small_integer("period"), args.small_integer("fast"), args.small_integer("slow")};
};

constexpr ArgSpec kAlmaArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(9), number_arg("offset", "centre of the bell, 0 oldest to 1 newest", 0, 1, 0.85),
                                 number_arg("sigma", "period over the bell's deviation", 0.01, 100, 6)};
constexpr auto kAlma = [](const ToolArgs& args, DurationNs) { return Alma::Params{args.small_integer("period"), args.number("offset"), args.number("sigma")}; };

constexpr ArgSpec kTsiArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(25, "long_period"), period_arg(13, "short_period"), period_arg(7, "signal")};
constexpr auto kTsi = [](const ToolArgs& args, DurationNs) {
  return Tsi::Params{args.small_integer("long_period"), args.small_integer("short_period"), args.small_integer("signal")};
};

constexpr ArgSpec kStochRsiArgs[] = {
    kInstrumentArg, kTimeframeArg, period_arg(14, "rsi_period"), period_arg(14, "stoch_period"), period_arg(3, "k_smooth"), period_arg(3, "d_period")};
constexpr auto kStochRsi = [](const ToolArgs& args, DurationNs) {
  return StochRsi::Params{args.small_integer("rsi_period"), args.small_integer("stoch_period"), args.small_integer("k_smooth"), args.small_integer("d_period")};
};

constexpr ArgSpec kPerYear = number_arg("periods_per_year", "bars in a year; default: those of the timeframe in 365 days; 1 gives it per bar", 0.001, 1e9);
double per_year(const ToolArgs& args, DurationNs timeframe) {
  return args.has("periods_per_year") ? args.number("periods_per_year") : 365.0 * static_cast<double>(kDay.ns) / static_cast<double>(timeframe.ns);
}

constexpr ArgSpec kVolatilityArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(30, "period", 2), kPerYear};
constexpr auto kRealised = [](const ToolArgs& args, DurationNs timeframe) {
  return RealisedVolatility::Params{args.small_integer("period"), per_year(args, timeframe)};
};
constexpr auto kRange = [](const ToolArgs& args, DurationNs timeframe) {
  return RangeVolatilityParams{args.small_integer("period"), per_year(args, timeframe)};
};

constexpr ArgSpec kGarchArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(500, "period", 50), period_arg(20, "refit"), kPerYear};
constexpr auto kGarch = [](const ToolArgs& args, DurationNs timeframe) {
  return Garch::Params{args.small_integer("period"), args.small_integer("refit"), per_year(args, timeframe)};
};

constexpr ToolCategory kTrend = ToolCategory::trend, kMomentum = ToolCategory::momentum, kVolatility = ToolCategory::volatility;

constexpr ToolSpec kIndicators[] = {
    period_entry<Wma, kPeriodArgs<20>>("wma", kTrend, "Linearly weighted average of the close."),
    period_entry<Dema, kPeriodArgs<20>>("dema", kTrend, "Double exponential average of the close (Mulloy)."),
    period_entry<Tema, kPeriodArgs<20>>("tema", kTrend, "Triple exponential average of the close (Mulloy)."),
    period_entry<Hma, kPeriodArgs<20, 2>>("hma", kTrend, "Hull average of the close."),
    indicator_entry<Kama, kKamaArgs, kKama>("kama", kTrend, "Kaufman's adaptive average of the close; fast below slow."),
    indicator_entry<Alma, kAlmaArgs, kAlma>("alma", kTrend, "Arnaud Legoux average of the close: Gaussian weights."),
    period_entry<LinearRegression, kPeriodArgs<14, 2>>(
        "linear_regression", kTrend, "Least-squares line through the closes: slope in quote a bar, fitted value at the newest bar, r squared 0..1."),
    period_entry<Trix, kPeriodArgs<15>>("trix", kMomentum, "TRIX (Hutson): change of a triple exponential average, in percent a bar."),
    indicator_entry<Tsi, kTsiArgs, kTsi>("tsi", kMomentum, "True strength index (Blau), -100..100, and its signal line."),
    indicator_entry<StochRsi, kStochRsiArgs, kStochRsi>("stoch_rsi", kMomentum, "Stochastic of the RSI (Chande and Kroll), k and d, 0..100."),
    period_entry<ZScore, kPeriodArgs<20, 2>>("zscore", kMomentum, "Close less its mean, in population standard deviations."),
    indicator_entry<RealisedVolatility, kVolatilityArgs, kRealised>("historical_volatility", kVolatility,
                                                                    "Sample deviation of the log returns of the close, a fraction a year (0.5 = 50 %)."),
    indicator_entry<Parkinson, kVolatilityArgs, kRange>("parkinson", kVolatility, "Volatility from high and low (Parkinson 1980), a fraction a year."),
    indicator_entry<GarmanKlass, kVolatilityArgs, kRange>("garman_klass", kVolatility,
                                                          "Volatility from the four prices (Garman and Klass 1980), a fraction a year."),
    indicator_entry<RogersSatchell, kVolatilityArgs, kRange>("rogers_satchell", kVolatility,
                                                             "Volatility from the four prices under a drift (Rogers and Satchell 1991), a fraction a year."),
    indicator_entry<YangZhang, kVolatilityArgs, kRange>("yang_zhang", kVolatility,
                                                        "Volatility from the four prices with the gaps between bars (Yang and Zhang 2000), a fraction a year."),
    indicator_entry<Garch, kGarchArgs, kGarch>(
        "garch", kVolatility,
        "GARCH(1,1) by maximum likelihood over the last period returns, fitted anew every refit bars: forecast for the next bar as a fraction a year, "
        "coefficients a bar, log-likelihood of the last fit."),
    period_entry<Hurst, kPeriodArgs<100, 20>>("hurst", kVolatility,
                                              "Hurst exponent of the log returns by rescaled range: 0.5 without memory, above persistent."),
};

}  // namespace

std::span<const ToolSpec> price_indicators() { return kIndicators; }

}  // namespace prom
