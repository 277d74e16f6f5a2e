// What a view shows at an instant: closed bars only, every interval, no data from after as_of, funding by its availability. Single thread.
#include "ports/column_market_view.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace prom {
namespace {

constexpr TimeNs kStart{1'700'006'400'000'000'000};  // 2023-11-15T00:00:00Z, a UTC midnight

Instrument instrument(std::uint16_t ix, Payoff payoff = Payoff::linear) {
  Instrument i;
  i.ix = InstrumentIx{ix};
  i.payoff = payoff;
  i.symbol = "BTCUSDT";
  i.price_digits = 2;
  i.quantity_digits = 3;
  i.contract_value = Decimal::from_int(1);
  if (payoff != Payoff::spot) i.funding_interval = kHour * 8;
  i.assumed_funding_rate = Decimal::from_units(1, 4);
  return i;
}

/// Bar k opens at kStart + k*interval at price 100 + k (in units 10000 + 100k), high +0.50, low -0.50, close +0.25, volume k + 1.
std::shared_ptr<BarColumns> ramp(std::size_t n, DurationNs interval = kMinute) {
  auto c = std::make_shared<BarColumns>();
  c->price_digits = 2;
  c->quantity_digits = 3;
  c->interval = interval;
  for (std::size_t k = 0; k < n; ++k) {
    const auto i = static_cast<std::int64_t>(k);
    const std::int64_t price = 10'000 + 100 * i;
    c->open_time_ns.push_back(kStart.ns + i * interval.ns);
    c->open.push_back(price);
    c->high.push_back(price + 50);
    c->low.push_back(price - 50);
    c->close.push_back(price + 25);
    c->volume.push_back(1000 * (i + 1));
  }
  return c;
}

ColumnMarketView view_of(std::shared_ptr<BarColumns> bars, std::vector<FundingObservation> funding = {}, Payoff payoff = Payoff::linear) {
  std::vector<ColumnMarketSource> sources;
  sources.push_back({instrument(3, payoff), std::move(bars), std::move(funding), "test feed"});
  auto view = ColumnMarketView::make(std::move(sources));
  EXPECT_TRUE(view.has_value());
  return std::move(*view);
}

TEST(ColumnMarketView, shows_a_bar_from_its_close_on_and_not_a_nanosecond_earlier) {
  const auto view = view_of(ramp(10));
  const InstrumentIx ix{3};
  EXPECT_EQ(view.bars(ix, kMinute, 5, kStart).size(), 0U);
  EXPECT_EQ(view.bars(ix, kMinute, 5, kStart + kMinute - kNanosecond).size(), 0U);
  const BarWindow one = view.bars(ix, kMinute, 5, kStart + kMinute);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one.open_time_ns[0], kStart.ns);
  EXPECT_EQ(one.open[0], 100.0);
  EXPECT_EQ(one.high[0], 100.5);
  EXPECT_EQ(one.low[0], 99.5);
  EXPECT_EQ(one.close[0], 100.25);
  EXPECT_EQ(one.volume[0], 1.0);
  EXPECT_TRUE(one.taker_buy_volume.empty());
}

TEST(ColumnMarketView, gives_the_last_count_bars_oldest_first) {
  const auto view = view_of(ramp(10));
  const BarWindow w = view.bars(InstrumentIx{3}, kMinute, 3, kStart + kMinute * 7);
  ASSERT_EQ(w.size(), 3U);
  EXPECT_EQ(w.open[0], 104.0);
  EXPECT_EQ(w.open[2], 106.0);
  EXPECT_EQ(view.bars(InstrumentIx{3}, kMinute, std::numeric_limits<std::size_t>::max(), kStart + kDay).size(), 10U);
}

TEST(ColumnMarketView, coarser_bars_appear_when_they_are_closed) {
  const auto view = view_of(ramp(130));
  const InstrumentIx ix{3};
  EXPECT_EQ(view.bars(ix, kHour, 10, kStart + kHour - kNanosecond).size(), 0U);
  const BarWindow hour = view.bars(ix, kHour, 10, kStart + kHour);
  ASSERT_EQ(hour.size(), 1U);
  EXPECT_EQ(hour.open[0], 100.0);
  EXPECT_EQ(hour.high[0], 159.5);
  EXPECT_EQ(hour.low[0], 99.5);
  EXPECT_EQ(hour.close[0], 159.25);
  EXPECT_EQ(hour.volume[0], 60 * 61 / 2.0);
  EXPECT_EQ(view.bars(ix, kMinute * 5, 100, kStart + kMinute * 29).size(), 5U);
  EXPECT_EQ(view.bars(ix, kDay, 10, kStart + kDay * 5).size(), 0U) << "the day is not complete";
}

TEST(ColumnMarketView, every_interval_keeps_to_as_of_at_random_instants) {
  const auto view = view_of(ramp(3 * 1440));
  std::uint64_t state = 7;
  for (int i = 0; i < 2000; ++i) {
    state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    const TimeNs as_of = kStart + DurationNs{static_cast<std::int64_t>((state >> 20) % static_cast<std::uint64_t>((kDay * 3).ns))};
    for (const DurationNs interval : view_intervals()) {
      const BarWindow w = view.bars(InstrumentIx{3}, interval, 7, as_of);
      const auto closed = static_cast<std::size_t>((as_of - kStart) / interval);
      ASSERT_EQ(w.size(), std::min<std::size_t>(7, closed));
      if (w.size() > 0) {
        ASSERT_LE(w.open_time_ns.back() + interval.ns, as_of.ns);
        ASSERT_GT(w.open_time_ns.back() + 2 * interval.ns, as_of.ns);
      }
    }
  }
}

TEST(ColumnMarketView, unknown_instruments_intervals_and_the_ends_of_time_are_empty) {
  const auto view = view_of(ramp(10));
  EXPECT_EQ(view.bars(InstrumentIx{2}, kMinute, 5, kStart + kDay).size(), 0U);
  EXPECT_EQ(view.bars(InstrumentIx{900}, kMinute, 5, kStart + kDay).size(), 0U);
  EXPECT_EQ(view.bars(InstrumentIx{3}, kMinute * 7, 5, kStart + kDay).size(), 0U);
  EXPECT_EQ(view.bars(InstrumentIx{3}, kMinute, 5, TimeNs{std::numeric_limits<std::int64_t>::min()}).size(), 0U);
  EXPECT_EQ(view.bars(InstrumentIx{3}, kMinute, 5, TimeNs{std::numeric_limits<std::int64_t>::max()}).size(), 5U);
  EXPECT_EQ(view.source(InstrumentIx{3}), "test feed");
  EXPECT_EQ(view.source(InstrumentIx{0}), "");
}

TEST(ColumnMarketView, an_odd_base_interval_is_served_itself) {
  const auto view = view_of(ramp(30, kMinute * 2));
  EXPECT_EQ(view.bars(InstrumentIx{3}, kMinute * 2, 50, kStart + kDay).size(), 30U);
  EXPECT_EQ(view.bars(InstrumentIx{3}, kMinute, 50, kStart + kDay).size(), 0U);
  EXPECT_EQ(view.bars(InstrumentIx{3}, kHour, 50, kStart + kDay).size(), 1U);
  EXPECT_EQ(view.bars(InstrumentIx{3}, kMinute * 5, 50, kStart + kDay).size(), 0U) << "5 is no multiple of 2";
}

TEST(ColumnMarketView, funding_follows_availability_not_funding_time) {
  const FundingObservation late{kStart + kHour * 2, kStart, 0.0003, Provenance::venue};
  const FundingObservation next{kStart + kHour * 8, kStart + kHour * 8, -0.0001, Provenance::venue};
  const auto view = view_of(ramp(10), {next, late});
  const auto before = view.funding(InstrumentIx{3}, kStart + kHour);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->provenance, Provenance::assumed);
  EXPECT_EQ(before->rate, 0.0001);
  EXPECT_EQ(before->time, kStart);
  const auto known = view.funding(InstrumentIx{3}, kStart + kHour * 2);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->provenance, Provenance::venue);
  EXPECT_EQ(known->rate, 0.0003);
  EXPECT_EQ(view.funding(InstrumentIx{3}, kStart + kDay)->rate, -0.0001);
}

TEST(ColumnMarketView, spot_has_no_funding) {
  const auto view = view_of(ramp(10), {}, Payoff::spot);
  EXPECT_FALSE(view.funding(InstrumentIx{3}, kStart + kDay));
}

TEST(ColumnMarketView, refuses_what_it_cannot_serve) {
  const auto fault_of = [](std::shared_ptr<const BarColumns> bars) {
    std::vector<ColumnMarketSource> sources;
    sources.push_back({instrument(0), std::move(bars), {}, ""});
    auto view = ColumnMarketView::make(std::move(sources));
    EXPECT_FALSE(view.has_value());
    return view.has_value() ? ColumnViewError{} : view.error();
  };
  EXPECT_EQ(fault_of(nullptr).fault, ColumnViewFault::no_bars);
  auto shuffled = ramp(5);
  std::swap(shuffled->open_time_ns[2], shuffled->open_time_ns[3]);
  EXPECT_EQ(fault_of(shuffled).fault, ColumnViewFault::not_ascending);
  EXPECT_EQ(fault_of(shuffled).index, 3U);
  auto ragged = ramp(5);
  ragged->close.pop_back();
  EXPECT_EQ(fault_of(ragged).fault, ColumnViewFault::length_mismatch);
  auto broken = ramp(5);
  broken->make_floats();
  broken->close_f[4] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(fault_of(broken).fault, ColumnViewFault::value_not_finite);
  EXPECT_EQ(fault_of(broken).index, 4U);

  std::vector<ColumnMarketSource> twice;
  twice.push_back({instrument(1), ramp(3), {}, ""});
  twice.push_back({instrument(1), ramp(3), {}, ""});
  EXPECT_EQ(ColumnMarketView::make(std::move(twice)).error().fault, ColumnViewFault::duplicate_instrument);
}

}  // namespace
}  // namespace prom
