// Candles against sums worked out by hand.
#include "research/report/candles.h"

#include <gtest/gtest.h>

#include "research/report/sample_run.h"

namespace prom {
namespace {

Dataset bars(std::vector<std::int64_t> minutes) {
  InstrumentData d;
  d.instrument = sample::instrument(0);
  d.bars.interval = kMinute;
  d.bars.price_digits = 2;
  d.bars.quantity_digits = 3;
  std::int64_t price = 100;
  for (const std::int64_t m : minutes) {
    d.bars.open_time_ns.push_back(m * kMinute.ns);
    d.bars.open.push_back(price);
    d.bars.high.push_back(price + 5);
    d.bars.low.push_back(price - 7);
    d.bars.close.push_back(price + 1);
    d.bars.volume.push_back(1);
    price += 10;
  }
  d.bars.make_floats();
  return make_dataset({"USDT", "BTC"}, {std::move(d)}).value();
}

TEST(Candles, kept_as_they_are_where_they_fit) {
  const auto c = make_candles(bars({0, 1, 3}), 10);
  ASSERT_EQ(c.size(), 1U);
  EXPECT_EQ(c[0].interval, kMinute);
  EXPECT_EQ(c[0].open_time_ns, (std::vector<std::int64_t>{0, kMinute.ns, 3 * kMinute.ns}));
}

TEST(Candles, merged_on_the_grid_of_the_coarser_step) {
  // Minutes 3..11 with at most 5 candles: five minutes; grid cells 0-4, 5-9, 10-14.
  const auto c = make_candles(bars({3, 4, 5, 6, 7, 8, 9, 10, 11}), 5);
  EXPECT_EQ(c[0].interval, (DurationNs{5 * kMinute.ns}));
  EXPECT_EQ(c[0].open_time_ns, (std::vector<std::int64_t>{0, 5 * kMinute.ns, 10 * kMinute.ns}));
  EXPECT_EQ(c[0].open, (std::vector<std::int64_t>{100, 120, 170}));
  EXPECT_EQ(c[0].high, (std::vector<std::int64_t>{115, 165, 185}));
  EXPECT_EQ(c[0].low, (std::vector<std::int64_t>{93, 113, 163}));
  EXPECT_EQ(c[0].close, (std::vector<std::int64_t>{111, 161, 181}));
}

TEST(Candles, never_more_than_asked_for) {
  const Dataset month = sample::run(30).data;
  for (const std::size_t most : {8U, 50U, 333U, 1'500U})
    for (const CandleSeries& c : make_candles(month, most)) EXPECT_LE(c.open_time_ns.size(), most);
}

}  // namespace
}  // namespace prom
