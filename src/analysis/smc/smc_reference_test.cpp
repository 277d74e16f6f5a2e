// Breaks of structure against smart-money-concepts' rows (tests/fixtures/indicators/ORIGIN.md). Its rows look ahead and follow another rule; what must hold is that
// every one of its breaks is ours too, at the same bar, or is told apart by a named difference of the rules.
#include <gtest/gtest.h>

#include <algorithm>

#include <string>

#include "analysis/smc/fair_value_gaps.h"
#include "analysis/smc/market_structure.h"
#include "analysis/smc/order_blocks.h"
#include "analysis/smc/swing_points.h"
#include "analysis/test_support.h"
#include "base/proof_test_support.h"

namespace prom::smc {
namespace {

constexpr std::string_view kReference = "smart-money-concepts on EURUSD 15m, published results";

test::Bars eurusd() {
  const auto quotes = test::load_fixture("smc/eurusd_15m.csv");
  test::Bars bars;
  for (std::size_t i = 0; i < quotes.at("close").size(); ++i) {
    bars.push(quotes.at("open")[i], quotes.at("high")[i], quotes.at("low")[i], quotes.at("close")[i]);
  }
  return bars;
}

// The reference marks bar i >= 9 when it is the extreme of [i-4, i+5] and keeps, looking ahead, the most extreme of consecutive swings of one kind. The same
// reduction of ours gives the same list.
TEST(Reference, swing_points_after_its_reduction) {
  const auto truth = test::load_fixture("smc/swings.csv");
  const auto bars = eurusd();
  std::vector<Swing> kept;
  for (const auto& point : *swing_points(bars.view(), {4, 5})) {
    const Swing& swing = point.swing;
    if (swing.index < 9) continue;
    if (kept.empty() || kept.back().kind != swing.kind) {
      kept.push_back(swing);
    } else if (swing.kind == SwingKind::high ? swing.price > kept.back().price : swing.price < kept.back().price) {
      kept.back() = swing;
    }
  }
  ASSERT_GT(kept.size(), 300u);
  std::size_t values = 0;
  for (std::size_t i = 0; i + 3 < kept.size(); ++i, values += 3) {  // the cut-off end may lack confirmation; its first row is an artificial bound
    ASSERT_EQ(static_cast<double>(kept[i].index), truth.at("index")[i + 1]) << i;
    ASSERT_EQ(kept[i].kind == SwingKind::high ? 1.0 : -1.0, truth.at("kind")[i + 1]) << i;
    ASSERT_EQ(kept[i].price, truth.at("level")[i + 1]) << i;
  }
  test::record_proof({"get_swing_points", test::ProofKind::outside, kReference, "bar, kind, price", values, 0,
                      "the reference keeps the most extreme of consecutive swings of one kind, which looks ahead; compared after the same reduction of ours"});
}

struct Told {
  std::size_t same = 0;         // ours breaks that level at that bar
  std::size_t earlier = 0;      // ours broke it before: the reference looks only from two bars after its fourth swing on
  std::size_t unconfirmed = 0;  // the reference breaks a swing that is not yet confirmed at that bar
  std::size_t replaced = 0;     // a newer swing of the kind was confirmed by then, and only the newest counts for us
};

// Two prices of a printed table are the same number.
bool same(double a, double b) { return std::fabs(a - b) < 1e-12; }

TEST(Reference, every_break_of_the_reference_is_ours_or_told_apart_by_a_rule) {
  const auto truth = test::load_fixture("smc/structure.csv");
  const auto bars = eurusd();
  const auto structure = *market_structure(bars.view(), {{4, 5}, BreakBy::close});
  Told told;
  std::size_t rows = 0;
  for (std::size_t r = 0; r < truth.at("index").size(); ++r) {
    const double broken = truth.at("broken")[r];
    if (std::isnan(broken) || broken >= static_cast<double>(bars.close.size())) continue;
    ++rows;
    const auto at = static_cast<std::size_t>(broken);
    const auto row = static_cast<std::size_t>(truth.at("index")[r]);
    const double level = truth.at("level")[r];
    const bool up = truth.at("direction")[r] > 0;
    const SwingKind kind = up ? SwingKind::high : SwingKind::low;
    // The swing whose level it is: the last one of that price up to the row.
    const SwingPoint* swing = nullptr;
    const SwingPoint* newer = nullptr;
    for (const auto& point : structure.swings) {
      if (point.swing.kind != kind) continue;
      if (same(point.swing.price, level) && point.swing.index <= row) swing = &point;
    }
    ASSERT_NE(swing, nullptr) << "row " << row << " level " << level;
    for (const auto& point : structure.swings) {
      if (point.swing.kind == kind && point.swing.index > swing->swing.index && point.swing.confirmed_index <= at) newer = &point;
    }
    const auto broke = [&](const StructureBreak& b) { return b.swing.kind == kind && same(b.swing.price, level); };
    const auto broke_then = [&](const StructureBreak& b) { return broke(b) && b.index == at; };
    const auto broke_before = [&](const StructureBreak& b) { return broke(b) && b.swing.index == swing->swing.index && b.index < at; };
    if (std::ranges::any_of(structure.breaks, broke_then)) {
      ++told.same;
    } else if (swing->swing.confirmed_index >= at) {
      ++told.unconfirmed;
    } else if (std::ranges::any_of(structure.breaks, broke_before)) {
      ++told.earlier;
    } else {
      ASSERT_NE(newer, nullptr) << "row " << row << " level " << level << " broken " << at << ": no rule tells it apart";
      ++told.replaced;
    }
  }
  EXPECT_GT(rows, 100u);
  EXPECT_EQ(told.same + told.earlier + told.unconfirmed + told.replaced, rows);
  EXPECT_GT(told.same * 3, rows) << "the rules differ in part, not altogether";
  const std::string difference = "of " + std::to_string(rows) + " breaks " + std::to_string(told.same) + " are at the same bar and level; " +
                                 std::to_string(told.unconfirmed) + " break a swing before the bars that confirm it have closed (the reference looks ahead), " +
                                 std::to_string(told.earlier) + " come earlier here (the reference begins two bars after its fourth swing), " +
                                 std::to_string(told.replaced) + " are of a swing that a newer confirmed one had replaced (only the newest counts here)";
  test::record_proof({"get_market_structure", test::ProofKind::outside, kReference, "breaks", told.same, 0, difference});
}

/// The bar that closes beyond the newest swing before the reference's candle. Worked out here by its rule: its rows do not hold that bar.
std::optional<std::size_t> breaking_bar(const test::Bars& bars, const MarketStructure& structure, std::size_t candle, Direction direction) {
  const SwingKind kind = direction == Direction::bullish ? SwingKind::high : SwingKind::low;
  const Swing* newest = nullptr;
  for (const auto& point : structure.swings) {
    if (point.swing.kind == kind && point.swing.index <= candle) newest = &point.swing;
  }
  if (newest == nullptr) return std::nullopt;
  for (std::size_t i = candle + 1; i < bars.close.size(); ++i) {
    if (direction == Direction::bullish ? bars.close[i] > newest->price : bars.close[i] < newest->price) return i;
  }
  return std::nullopt;
}

// The reference takes the candle with the most extreme low (high) since the swing, ours is the last candle against the move. What both
// must agree on is which close makes a block; where the candles are the same one, so are the zones.
TEST(Reference, every_order_block_of_the_reference_has_one_of_its_direction_where_its_rule_confirms_it) {
  const auto truth = test::load_fixture("smc/blocks.csv");
  const auto bars = eurusd();
  const auto structure = *market_structure(bars.view(), {{4, 5}, BreakBy::close});
  OrderBlockParams params;
  params.structure = {{4, 5}, BreakBy::close};
  const auto ours = *order_blocks(bars.view(), params);
  std::size_t confirmed = 0, same_candle = 0;
  const std::size_t rows = truth.at("index").size();
  for (std::size_t r = 0; r < rows; ++r) {
    const auto candle = static_cast<std::size_t>(truth.at("index")[r]);
    const Direction direction = truth.at("direction")[r] > 0 ? Direction::bullish : Direction::bearish;
    const auto at = breaking_bar(bars, structure, candle, direction);
    ASSERT_TRUE(at.has_value()) << "row " << candle;
    const auto block = std::ranges::find_if(ours, [&](const OrderBlock& b) { return b.direction == direction && b.confirmed_index == *at; });
    ASSERT_NE(block, ours.end()) << "row " << candle << ": no block at " << *at;
    ++confirmed;
    if (block->index != candle) continue;
    ++same_candle;
    EXPECT_EQ(block->top, truth.at("top")[r]);
    EXPECT_EQ(block->bottom, truth.at("bottom")[r]);
  }
  EXPECT_GE(rows, 15u);
  EXPECT_GT(same_candle, 0u);
  const std::string difference =
      "the reference takes the candle with the most extreme price since the swing, the tool the last one against the move: the same candle, and zone, in " +
      std::to_string(same_candle) + " of " + std::to_string(rows) +
      "; its rows do not hold the confirming bar: where its rule puts it, a block of that direction is confirmed here too, for all";
  test::record_proof({"detect_order_blocks", test::ProofKind::outside, kReference, "direction, and of the same candle top and bottom",
                      confirmed + 2 * same_candle, 0, difference});
}

}  // namespace
}  // namespace prom::smc
