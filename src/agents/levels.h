// The desk's own arithmetic: stop and target from price, average true range and swing; waiting entry prices; the asked-for share of a size. Each is written to
// the log like a tool call whose inputs name the tool results that the numbers came from, so that a check can compute it again. Pure; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/instrument.h"
#include "domain/value.h"
#include "domain/verdict.h"

namespace prom {

inline constexpr std::string_view kLevelsStep = "desk.levels";
inline constexpr std::string_view kEntryStep = "desk.entry";
inline constexpr std::string_view kSizeStep = "desk.size";

/// A number in a tool result of the same decision.
struct ResultRef {
  std::uint32_t result = 0;
  std::string path;
};

/// The policy numbers; the ranges are those of the planner's settings and are checked again.
struct LevelRule {
  double stop_atr = 2, min_stop_atr = 1.5, max_stop_atr = 3;  ///< in average true ranges
  double buffer_atr = 0.25;                                   ///< beyond the swing
  double target_r = 2, target_fraction = 0.5;
};
struct LevelRefs {
  ResultRef price, atr;
  std::optional<ResultRef> swing;
};
struct LevelInputs {
  Side side = Side::buy;
  double price = 0, atr = 0;
  std::optional<double> swing;  ///< last swing low for a buy, high for a sell; ignored on the wrong side of the price
  LevelRule rule;
};
struct Levels {
  PriceUnits entry{}, stop{}, target{};
  Decimal fraction;  ///< of the position taken off at the target
};
enum class LevelFault : std::uint8_t { not_a_price, range_not_positive, rule_out_of_range, off_grid, stop_not_beyond };
std::string_view describe(LevelFault fault);

/// Distance d = |price - swing| + buffer * atr held within [min, max] * atr; without a swing stop_atr * atr. stop = price -+ d rounded towards the market,
/// target = price +- target_r * (distance from entry to the rounded stop), rounded towards the market.
std::expected<Levels, LevelFault> compute_levels(const Instrument& instrument, const LevelInputs& inputs);

/// A limit `offset_atr` ranges behind the price, and with a ladder a second rung `ladder_atr` further; rounded away from the market.
struct EntryRule {
  double offset_atr = 0;
  std::optional<double> ladder_atr;
};
struct EntryPrices {
  PriceUnits limit{};
  std::vector<PriceUnits> ladder;
};
std::expected<EntryPrices, LevelFault> compute_entry(const Instrument& instrument, const LevelInputs& inputs, const EntryRule& rule);

/// quantity * share (0, 1], rounded down to the step.
std::expected<QuantityUnits, LevelFault> compute_size(const Instrument& instrument, Decimal quantity, double share);

ReasoningStep levels_step(std::uint32_t id, const Instrument& instrument, const LevelRefs& refs, const LevelInputs& inputs, const Levels& levels);
ReasoningStep entry_step(std::uint32_t id, const Instrument& instrument, const LevelRefs& refs, const LevelInputs& inputs, const EntryRule& rule,
                         const EntryPrices& prices);
ReasoningStep size_step(std::uint32_t id, const Instrument& instrument, const ResultRef& quantity, double share, QuantityUnits size);

}  // namespace prom
