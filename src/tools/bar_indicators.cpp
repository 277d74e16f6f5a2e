// Indicators of whole bars for `tools call indicator`: direction, ranges, money flow, patterns. Pure; any thread.
#include "analysis/indicators/candle_patterns.h"
#include "analysis/indicators/chart_lines.h"
#include "analysis/indicators/composite_averages.h"
#include "analysis/indicators/money_flow.h"
#include "analysis/indicators/oscillators.h"
#include "analysis/indicators/range_measures.h"
#include "analysis/indicators/trend.h"
#include "analysis/indicators/volume.h"
#include "tools/indicator_entry.h"

namespace prom {

namespace {

using namespace indicators;

constexpr std::string_view kWindowNames[] = {"through_current", "prior_bars"};
constexpr ArgSpec kDonchianArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(20),
                                     choice_arg("window", "with the newest bar, or the bars before it", kWindowNames, "through_current")};
constexpr auto kDonchian = [](const ToolArgs& args, DurationNs) {
  const bool prior = args.text("window") == kWindowNames[1];
  return Donchian::Params{args.small_integer("period"), prior ? DonchianWindow::prior_bars : DonchianWindow::through_current};
};

constexpr ArgSpec kSarArgs[] = {kInstrumentArg, kTimeframeArg, number_arg("step", "acceleration at each new extreme", 1e-6, 1, 0.02),
                                number_arg("maximum", "largest acceleration, at least step", 1e-6, 1, 0.2)};
constexpr auto kSar = [](const ToolArgs& args, DurationNs) { return ParabolicSar::Params{args.number("step"), args.number("maximum")}; };

template <int fast, int slow>
constexpr ArgSpec kFastSlowArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(fast, "fast"), period_arg(slow, "slow")};
constexpr auto kAwesome = [](const ToolArgs& args, DurationNs) { return Awesome::Params{args.small_integer("fast"), args.small_integer("slow")}; };

constexpr std::string_view kSeedNames[] = {"sma", "first_value"};
constexpr ArgSpec kSeedArg = choice_arg("seed", "how an exponential average begins: mean of its first period, or its first value", kSeedNames, "sma");
EmaSeed seed_of(const ToolArgs& args) { return args.text("seed") == kSeedNames[1] ? EmaSeed::first_value : EmaSeed::sma; }

constexpr ArgSpec kChaikinArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(3, "fast"), period_arg(10, "slow"), kSeedArg};
constexpr auto kChaikin = [](const ToolArgs& args, DurationNs) {
  return ChaikinOscillator::Params{args.small_integer("fast"), args.small_integer("slow"), seed_of(args)};
};

constexpr ArgSpec kUltimateArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(7, "fast"), period_arg(14, "medium"), period_arg(28, "slow")};
constexpr auto kUltimate = [](const ToolArgs& args, DurationNs) {
  return Ultimate::Params{args.small_integer("fast"), args.small_integer("medium"), args.small_integer("slow")};
};

constexpr ArgSpec kKlingerArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(34, "fast"), period_arg(55, "slow"), period_arg(13, "signal")};
constexpr auto kKlinger = [](const ToolArgs& args, DurationNs) {
  return Klinger::Params{args.small_integer("fast"), args.small_integer("slow"), args.small_integer("signal")};
};

constexpr std::string_view kSpanNames[] = {"high_low", "true_high_low"};
constexpr ArgSpec kChoppinessArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(14, "period", 2),
                                       choice_arg("span", "range of the window, or with the closes before its bars", kSpanNames, "high_low")};
constexpr auto kChoppiness = [](const ToolArgs& args, DurationNs) {
  const bool gaps = args.text("span") == kSpanNames[1];
  return Choppiness::Params{args.small_integer("period"), gaps ? ChoppinessSpan::true_high_low : ChoppinessSpan::high_low};
};

constexpr ArgSpec kMassArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(9, "ema_period"), period_arg(25), kSeedArg};
constexpr auto kMass = [](const ToolArgs& args, DurationNs) {
  return MassIndex::Params{args.small_integer("ema_period"), args.small_integer("period"), seed_of(args)};
};

constexpr ArgSpec kAnchorArgs[] = {
    kInstrumentArg,
    kTimeframeArg,
    {.name = "anchor_time", .type = ArgType::time, .description = "average from the first bar that opens then; default: the first bar there is"}};
constexpr auto kAnchor = [](const ToolArgs& args, DurationNs) {
  const auto anchor = args.time("anchor_time");
  return Vwap::Params{VwapAnchor::anchored, anchor ? anchor->ns : INT64_MIN};
};

constexpr ToolCategory kTrend = ToolCategory::trend, kMomentum = ToolCategory::momentum, kVolume = ToolCategory::volume;

constexpr ToolSpec kIndicators[] = {
    period_entry<Dmi, kPeriodArgs<14, 2>>("adx", kTrend, "Directional movement (Wilder): ADX, +DI, -DI and DX, 0..100."),
    period_entry<Aroon, kPeriodArgs<25>>("aroon", kTrend, "Aroon (Chande): up and down 0..100, oscillator their difference."),
    indicator_entry<Donchian, kDonchianArgs, kDonchian>("donchian", kTrend, "Highest high, lowest low and their mean, quote per base."),
    indicator_entry<ParabolicSar, kSarArgs, kSar>("psar", kTrend, "Parabolic stop and reverse (Wilder), quote per base; direction 1 up, -1 down."),
    plain_entry<HeikinAshi>("heikin_ashi", kTrend, "Heikin-Ashi bar, quote per base."),
    period_entry<Vortex, kPeriodArgs<14>>("vortex", kTrend, "Vortex (Botes and Siepman), plus and minus."),
    indicator_entry<Choppiness, kChoppinessArgs, kChoppiness>("choppiness", kTrend, "Choppiness index (Dreiss), 0..100, high where price goes nowhere."),
    indicator_entry<MassIndex, kMassArgs, kMass>("mass", kTrend, "Mass index (Dorsey): a bulge over 27 that falls under 26.5 warns of a turn."),
    plain_entry<CandlePatterns>("candles", kTrend,
                                "Candle patterns by TA-Lib's definitions: 100 bullish, -100 bearish, 0 absent; 80 where engulfing or harami share one end."),
    indicator_entry<Awesome, kFastSlowArgs<5, 34>, kAwesome>("awesome", kMomentum, "Awesome oscillator (Williams), quote per base; fast below slow."),
    period_entry<WilliamsR, kPeriodArgs<14>>("williams_r", kMomentum, "Williams %R, -100..0."),
    indicator_entry<Ultimate, kUltimateArgs, kUltimate>("ultimate", kMomentum, "Ultimate oscillator (Williams), 0..100; fast below medium below slow."),
    period_entry<ElderRay, kPeriodArgs<13>>("elder_ray", kMomentum, "Elder ray: bull and bear power, quote per base."),
    plain_entry<AccumulationDistribution>("ad", kVolume, "Accumulation/distribution line (Chaikin), base units since the first bar there is."),
    indicator_entry<ChaikinOscillator, kChaikinArgs, kChaikin>("chaikin", kVolume, "Chaikin oscillator of the accumulation/distribution line, base units."),
    period_entry<Cmf, kPeriodArgs<20>>("cmf", kVolume, "Chaikin money flow, -1..1."),
    period_entry<Mfi, kPeriodArgs<14>>("mfi", kVolume, "Money flow index (Quong and Soudack), 0..100."),
    period_entry<ForceIndex, kPeriodArgs<13>>("force_index", kVolume, "Force index (Elder), quote units."),
    indicator_entry<Klinger, kKlingerArgs, kKlinger>("klinger", kVolume, "Klinger volume oscillator and its signal line, base units * 100."),
    period_entry<Vwma, kPeriodArgs<20>>("vwma", kVolume, "Volume-weighted average of the last closes, quote per base."),
    indicator_entry<Vwap, kAnchorArgs, kAnchor>("anchored_vwap", kVolume, "Volume-weighted average of the typical price since a moment, quote per base."),
};

}  // namespace

std::span<const ToolSpec> bar_indicators() { return kIndicators; }

}  // namespace prom
