// No detector looks ahead: what was known at bar k is the same whatever follows. Random bars share their past and differ from bar k on.
#include <gtest/gtest.h>

#include <ios>
#include <sstream>

#include "analysis/smc/fair_value_gaps.h"
#include "analysis/smc/imbalances.h"
#include "analysis/smc/liquidity.h"
#include "analysis/smc/market_structure.h"
#include "analysis/smc/order_blocks.h"
#include "analysis/smc/premium_discount.h"
#include "analysis/test_support.h"

namespace prom::smc {
namespace {

// Everything that was known at the close of bar `now`, as text: an event that came later is left out, a later date is written as "-".
class Known {
 public:
  explicit Known(std::size_t now) : now_(now) { text_ << std::hexfloat; }
  [[nodiscard]] bool at(std::size_t index) const { return index <= now_; }
  [[nodiscard]] std::string date(const std::optional<std::size_t>& index) const { return index && at(*index) ? std::to_string(*index) : "-"; }
  template <class... Args>
  void add(const Args&... args) {
    ((text_ << args << ' '), ...);
    text_ << '\n';
  }
  [[nodiscard]] std::string text() const { return text_.str(); }

 private:
  std::size_t now_;
  std::ostringstream text_;  // hexadecimal doubles: all bits
};

std::string known_at(const OhlcvView& bars, std::size_t now) {
  Known known(now);
  const SwingParams swings{3, 3};
  for (const auto& gap : *fair_value_gaps(bars)) {
    if (known.at(gap.confirmed_index))
      known.add("gap", static_cast<int>(gap.direction), gap.index, gap.top, gap.bottom, known.date(gap.touched_index), known.date(gap.mitigated_index));
  }
  for (const auto& gap : imbalances(bars)) {
    if (known.at(gap.confirmed_index))
      known.add("imbalance", static_cast<int>(gap.kind), static_cast<int>(gap.direction), gap.top, gap.bottom, known.date(gap.filled_index));
  }
  const auto structure = *market_structure(bars, {swings, BreakBy::close});
  for (const auto& point : structure.swings) {
    if (known.at(point.swing.confirmed_index)) known.add("swing", point.swing.index, point.swing.price, point.label ? static_cast<int>(*point.label) : -1);
  }
  for (const auto& event : structure.breaks) {
    if (known.at(event.index)) known.add("break", static_cast<int>(event.kind), static_cast<int>(event.direction), event.index, event.swing.index);
  }
  for (const auto& block : *order_blocks(bars, {{swings, BreakBy::close}, 14, 20})) {
    if (known.at(block.confirmed_index))
      known.add("block", static_cast<int>(block.direction), block.index, block.top, block.bottom, block.strength, known.date(block.touched_index),
                known.date(block.broken_index));
  }
  const auto map = *liquidity(bars, {swings, 0.25, 14, 2, 20});
  for (const auto& pool : map.pools) {
    for (const auto& member : pool.members) {
      if (known.at(member.confirmed_index)) known.add("member", pool.members.front().index, member.index, known.date(pool.taken_index));
    }
  }
  for (const auto& sweep : map.sweeps) {
    if (known.at(sweep.confirmed_index)) known.add("sweep", sweep.pool, sweep.index, sweep.level, sweep.penetration, sweep.relative_volume);
  }
  return known.text();
}

TEST(Causality, what_was_known_does_not_depend_on_what_follows) {
  std::size_t lines = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    constexpr std::size_t kBars = 600;
    const auto bars = test::random_bars(seed, kBars);
    for (const std::size_t cut : {50u, 130u, 299u, 300u, 301u, 457u, 599u}) {
      const auto altered = test::random_bars(seed, kBars, cut);
      const std::string past = known_at(bars.view(cut), cut - 1);
      ASSERT_EQ(known_at(bars.view(), cut - 1), past) << "seed " << seed << " cut " << cut;
      ASSERT_EQ(known_at(altered.view(), cut - 1), past) << "seed " << seed << " cut " << cut;
      lines += static_cast<std::size_t>(std::count(past.begin(), past.end(), '\n'));
    }
  }
  EXPECT_GT(lines, 5000u);
}

TEST(Causality, premium_discount_is_an_operator_like_any_other) {
  const auto rows = *evaluate<PremiumDiscount>({3, 3}, test::random_bars(7, 900).view());
  std::size_t first = 0;
  while (std::isnan(rows[first].position)) ++first;
  test::check_operator<PremiumDiscount>({3, 3}, first);
}

// Naive definitions, quadratic and straight from the header, on random bars with equal prices.
TEST(Definition, gaps_and_blocks_equal_a_naive_search) {
  const auto bars = test::random_bars(11, 800);
  const auto view = bars.view();
  for (const auto& gap : *fair_value_gaps(view)) {
    std::optional<std::size_t> touched, mitigated;
    for (std::size_t i = gap.confirmed_index + 1; i < view.size(); ++i) {
      const bool up = gap.direction == Direction::bullish;
      if (!touched && (up ? view.low[i] <= gap.top : view.high[i] >= gap.bottom)) touched = i;
      if (!mitigated && (up ? view.low[i] <= gap.bottom : view.high[i] >= gap.top)) mitigated = i;
    }
    ASSERT_EQ(gap.touched_index, touched);
    ASSERT_EQ(gap.mitigated_index, mitigated);
  }
  const auto blocks = *order_blocks(view, {{{3, 3}, BreakBy::close}, 14, 20});
  ASSERT_GT(blocks.size(), 20u);
  for (const auto& block : blocks) {
    std::optional<std::size_t> touched, broken;
    for (std::size_t i = block.confirmed_index + 1; i < view.size(); ++i) {
      const bool up = block.direction == Direction::bullish;
      if (!touched && (up ? view.low[i] <= block.top : view.high[i] >= block.bottom)) touched = i;
      if (!broken && (up ? view.close[i] < block.bottom : view.close[i] > block.top)) broken = i;
    }
    ASSERT_EQ(block.touched_index, touched);
    ASSERT_EQ(block.broken_index, broken);
  }
}

}  // namespace
}  // namespace prom::smc
