// Stops, targets, waiting prices and sizes on the instrument's grid. Pure; any thread.
#include "agents/levels.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/assert.h"
#include "base/on_grid.h"

namespace prom {

namespace {

std::expected<PriceUnits, LevelFault> tick_price(const Instrument& instrument, double price, Round round) {
  const auto units = on_grid(price, instrument.tick.v, instrument.price_digits, round);
  if (!units || *units <= 0) return std::unexpected(LevelFault::off_grid);
  return PriceUnits{*units};
}

bool within(double x, double low, double high) { return std::isfinite(x) && x >= low && x <= high; }

std::optional<LevelFault> check(const LevelInputs& in) {
  constexpr double kLargestPrice = 1e12;
  if (!within(in.price, 0, kLargestPrice) || in.price <= 0) return LevelFault::not_a_price;
  if (!within(in.atr, 0, kLargestPrice) || in.atr <= 0) return LevelFault::range_not_positive;
  const LevelRule& rule = in.rule;
  const bool fits = within(rule.stop_atr, 0.5, 6) && within(rule.min_stop_atr, 0.5, 6) && within(rule.max_stop_atr, 0.5, 10) &&
                    rule.min_stop_atr <= rule.max_stop_atr && within(rule.buffer_atr, 0, 2) && within(rule.target_r, 0.5, 20) &&
                    within(rule.target_fraction, 0.05, 1);
  if (!fits) return LevelFault::rule_out_of_range;
  return std::nullopt;
}

Value ref_value(const ResultRef& ref) { return ValueObject{{"result", static_cast<std::int64_t>(ref.result)}, {"path", ref.path}}; }

ReasoningStep step_of(std::uint32_t id, std::string_view tool, std::string text, ValueObject input, ValueObject output) {
  ReasoningStep step;
  step.kind = StepKind::tool_call;
  step.text = std::move(text);
  step.tool = std::string(tool);
  step.input = to_json(Value(std::move(input)));
  step.output = to_json(Value(std::move(output)));
  step.tool_result = id;
  return step;
}

}  // namespace

std::string_view describe(LevelFault fault) {
  switch (fault) {
    case LevelFault::not_a_price: return "the price is not a positive number";
    case LevelFault::range_not_positive: return "the average true range is not positive";
    case LevelFault::rule_out_of_range: return "a setting is outside its range";
    case LevelFault::off_grid: return "a price is not on the instrument's grid";
    case LevelFault::stop_not_beyond: return "the stop is not on its side of the entry";
  }
  PROM_UNREACHABLE();
}

std::expected<Levels, LevelFault> compute_levels(const Instrument& instrument, const LevelInputs& in) {
  if (const auto fault = check(in)) return std::unexpected(*fault);
  const bool buys = in.side == Side::buy;
  double distance = in.rule.stop_atr * in.atr;
  if (in.swing && std::isfinite(*in.swing) && (buys ? *in.swing < in.price : *in.swing > in.price)) {
    distance = std::abs(in.price - *in.swing) + in.rule.buffer_atr * in.atr;
  }
  distance = std::clamp(distance, in.rule.min_stop_atr * in.atr, in.rule.max_stop_atr * in.atr);
  const auto entry = tick_price(instrument, in.price, Round::half_even);
  if (!entry) return std::unexpected(entry.error());
  const auto stop = tick_price(instrument, buys ? in.price - distance : in.price + distance, buys ? Round::ceil : Round::floor);
  if (!stop) return std::unexpected(stop.error());
  if (buys ? *stop >= *entry : *stop <= *entry) return std::unexpected(LevelFault::stop_not_beyond);
  const double risk = std::abs(to_decimal(instrument, *entry).to_double() - to_decimal(instrument, *stop).to_double());
  const double reach = in.rule.target_r * risk;
  const auto target = tick_price(instrument, buys ? in.price + reach : in.price - reach, buys ? Round::floor : Round::ceil);
  if (!target) return std::unexpected(target.error());
  if (buys ? *target <= *entry : *target >= *entry) return std::unexpected(LevelFault::off_grid);
  constexpr int kFractionDigits = 9;
  const auto fraction = on_grid(in.rule.target_fraction, 1, kFractionDigits, Round::half_even);
  return Levels{*entry, *stop, *target, Decimal::from_units(*fraction, kFractionDigits)};
}

std::expected<EntryPrices, LevelFault> compute_entry(const Instrument& instrument, const LevelInputs& in, const EntryRule& rule) {
  if (const auto fault = check(in)) return std::unexpected(*fault);
  if (!within(rule.offset_atr, 0, 2) || (rule.ladder_atr && !within(*rule.ladder_atr, 0.05, 2))) return std::unexpected(LevelFault::rule_out_of_range);
  const double sign = in.side == Side::buy ? -1 : 1;
  const Round round = in.side == Side::buy ? Round::floor : Round::ceil;
  EntryPrices prices;
  const auto limit = tick_price(instrument, in.price + sign * rule.offset_atr * in.atr, round);
  if (!limit) return std::unexpected(limit.error());
  prices.limit = *limit;
  if (rule.ladder_atr) {
    const auto rung = tick_price(instrument, in.price + sign * (rule.offset_atr + *rule.ladder_atr) * in.atr, round);
    if (!rung) return std::unexpected(rung.error());
    if (*rung == prices.limit) return std::unexpected(LevelFault::off_grid);
    prices.ladder.push_back(*rung);
  }
  return prices;
}

std::expected<QuantityUnits, LevelFault> compute_size(const Instrument& instrument, Decimal quantity, double share) {
  if (!within(share, 0, 1) || share <= 0 || quantity.is_negative()) return std::unexpected(LevelFault::rule_out_of_range);
  constexpr int kShareDigits = 9;
  const auto factor = on_grid(share, 1, kShareDigits, Round::half_even);
  return quantity_to_step(instrument, mul(quantity, Decimal::from_units(*factor, kShareDigits), Round::down));
}

ReasoningStep levels_step(std::uint32_t id, const Instrument& instrument, const LevelRefs& refs, const LevelInputs& in, const Levels& levels) {
  const LevelRule& rule = in.rule;
  return step_of(id, kLevelsStep, "stop and target from price, average true range and swing",
                 {{"side", in.side == Side::buy ? "buy" : "sell"},
                  {"price", ref_value(refs.price)},
                  {"atr", ref_value(refs.atr)},
                  {"swing", refs.swing ? ref_value(*refs.swing) : Value()},
                  {"stop_atr", rule.stop_atr},
                  {"min_stop_atr", rule.min_stop_atr},
                  {"max_stop_atr", rule.max_stop_atr},
                  {"buffer_atr", rule.buffer_atr},
                  {"target_r", rule.target_r},
                  {"target_fraction", rule.target_fraction}},
                 {{"entry", to_decimal(instrument, levels.entry)},
                  {"stop", to_decimal(instrument, levels.stop)},
                  {"target", to_decimal(instrument, levels.target)},
                  {"fraction", levels.fraction}});
}

ReasoningStep entry_step(std::uint32_t id, const Instrument& instrument, const LevelRefs& refs, const LevelInputs& in, const EntryRule& rule,
                         const EntryPrices& prices) {
  ValueList ladder;
  for (const PriceUnits rung : prices.ladder) ladder.emplace_back(to_decimal(instrument, rung));
  return step_of(id, kEntryStep, "waiting entry prices behind the market",
                 {{"side", in.side == Side::buy ? "buy" : "sell"},
                  {"price", ref_value(refs.price)},
                  {"atr", ref_value(refs.atr)},
                  {"offset_atr", rule.offset_atr},
                  {"ladder_atr", rule.ladder_atr ? Value(*rule.ladder_atr) : Value()}},
                 {{"limit", to_decimal(instrument, prices.limit)}, {"ladder", std::move(ladder)}});
}

ReasoningStep size_step(std::uint32_t id, const Instrument& instrument, const ResultRef& quantity, double share, QuantityUnits size) {
  return step_of(id, kSizeStep, "the share of the calculated size that is asked for", {{"quantity", ref_value(quantity)}, {"share", share}},
                 {{"quantity", to_decimal(instrument, size)}});
}

}  // namespace prom
