// Construction checks and the two binary searches of ColumnMarketView. Pure; any thread.
#include "ports/column_market_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace prom {

namespace {

constexpr std::array<DurationNs, 6> kIntervals{kMinute, kMinute * 5, kMinute * 15, kHour, kHour * 4, kDay};

bool same_lengths(const BarColumns& c) {
  const std::size_t n = c.size();
  const bool taker_fits = c.taker_buy_volume.empty() || c.taker_buy_volume.size() == n;
  return c.open.size() == n && c.high.size() == n && c.low.size() == n && c.close.size() == n && c.volume.size() == n && taker_fits;
}

bool has_floats(const BarColumns& c) {
  const std::size_t n = c.size();
  return c.open_f.size() == n && c.high_f.size() == n && c.low_f.size() == n && c.close_f.size() == n && c.volume_f.size() == n &&
         c.taker_buy_volume_f.size() == c.taker_buy_volume.size();
}

bool is_price(double x) { return std::isfinite(x) && x > 0; }

std::optional<ColumnViewError> check_columns(const BarColumns& c) {
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (i > 0 && c.open_time_ns[i] <= c.open_time_ns[i - 1]) return ColumnViewError{ColumnViewFault::not_ascending, 0, i};
    const bool prices = is_price(c.open_f[i]) && is_price(c.high_f[i]) && is_price(c.low_f[i]) && is_price(c.close_f[i]);
    const bool taker = c.taker_buy_volume_f.empty() || std::isfinite(c.taker_buy_volume_f[i]);
    if (!prices || !std::isfinite(c.volume_f[i]) || !taker) return ColumnViewError{ColumnViewFault::value_not_finite, 0, i};
  }
  return std::nullopt;
}

std::shared_ptr<const BarColumns> with_floats(std::shared_ptr<const BarColumns> bars) {
  if (has_floats(*bars)) return bars;
  auto copy = std::make_shared<BarColumns>(*bars);
  copy->make_floats();
  return copy;
}

/// Newest open time that is closed at as_of; saturates instead of overflowing at the ends of time.
std::int64_t latest_closed_open(TimeNs as_of, DurationNs interval) {
  std::int64_t open = 0;
  return __builtin_sub_overflow(as_of.ns, interval.ns, &open) ? std::numeric_limits<std::int64_t>::min() : open;
}

}  // namespace

std::span<const DurationNs> view_intervals() { return kIntervals; }

std::expected<ColumnMarketView, ColumnViewError> ColumnMarketView::make(std::vector<ColumnMarketSource> sources) {
  ColumnMarketView view;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    ColumnMarketSource& from = sources[s];
    if (!from.bars || from.bars->interval.ns <= 0) return std::unexpected(ColumnViewError{ColumnViewFault::no_bars, s, 0});
    if (!same_lengths(*from.bars)) return std::unexpected(ColumnViewError{ColumnViewFault::length_mismatch, s, 0});
    auto base = with_floats(std::move(from.bars));
    if (auto fault = check_columns(*base)) return std::unexpected(ColumnViewError{fault->fault, s, fault->index});
    for (std::size_t i = 0; i < from.funding.size(); ++i) {
      if (!std::isfinite(from.funding[i].rate)) return std::unexpected(ColumnViewError{ColumnViewFault::value_not_finite, s, i});
    }
    const std::size_t ix = from.instrument.ix.v;
    if (view.slot_of_.size() <= ix) view.slot_of_.resize(ix + 1, -1);
    if (view.slot_of_[ix] >= 0) return std::unexpected(ColumnViewError{ColumnViewFault::duplicate_instrument, s, 0});
    view.slot_of_[ix] = static_cast<std::int32_t>(view.instruments_.size());

    Market market;
    market.columns.push_back(base);
    for (const DurationNs interval : kIntervals) {
      if (interval <= base->interval || interval.ns % base->interval.ns != 0) continue;
      auto coarse = resample(*base, interval);
      if (!has_floats(coarse)) coarse.make_floats();
      market.columns.push_back(std::make_shared<const BarColumns>(std::move(coarse)));
    }
    market.funding = std::move(from.funding);
    std::ranges::sort(market.funding, [](const FundingObservation& a, const FundingObservation& b) {
      return std::pair(a.available_at, a.time) < std::pair(b.available_at, b.time);
    });
    market.source = std::move(from.source);
    view.instruments_.push_back(std::move(from.instrument));
    view.markets_.push_back(std::move(market));
  }
  return view;
}

const ColumnMarketView::Market* ColumnMarketView::market_of(InstrumentIx instrument) const {
  if (instrument.v >= slot_of_.size() || slot_of_[instrument.v] < 0) return nullptr;
  return &markets_[static_cast<std::size_t>(slot_of_[instrument.v])];
}

BarWindow ColumnMarketView::bars(InstrumentIx instrument, DurationNs interval, std::size_t count, TimeNs as_of) const {
  BarWindow window;
  window.interval = interval;
  const Market* market = market_of(instrument);
  if (market == nullptr) return window;
  for (const auto& columns : market->columns) {
    if (columns->interval != interval) continue;
    const auto& times = columns->open_time_ns;
    const auto end = static_cast<std::size_t>(std::ranges::upper_bound(times, latest_closed_open(as_of, interval)) - times.begin());
    const std::size_t length = std::min(count, end);
    const std::size_t first = end - length;
    const auto cut = [&](const auto& column) { return std::span(column).subspan(first, length); };
    window.open_time_ns = cut(times);
    window.open = cut(columns->open_f);
    window.high = cut(columns->high_f);
    window.low = cut(columns->low_f);
    window.close = cut(columns->close_f);
    window.volume = cut(columns->volume_f);
    if (!columns->taker_buy_volume_f.empty()) window.taker_buy_volume = cut(columns->taker_buy_volume_f);
    return window;
  }
  return window;
}

std::optional<FundingView> ColumnMarketView::funding(InstrumentIx instrument, TimeNs as_of) const {
  const Market* market = market_of(instrument);
  if (market == nullptr) return std::nullopt;
  const auto after = std::ranges::upper_bound(market->funding, as_of, {}, &FundingObservation::available_at);
  if (after != market->funding.begin()) {
    const FundingObservation& row = *std::prev(after);
    return FundingView{row.rate, row.time, row.provenance};
  }
  const Instrument& spec = instruments_[static_cast<std::size_t>(slot_of_[instrument.v])];
  if (spec.payoff == Payoff::spot || spec.funding_interval.ns <= 0) return std::nullopt;
  return FundingView{spec.assumed_funding_rate.to_double(), floor_to(as_of, spec.funding_interval), Provenance::assumed};
}

std::string ColumnMarketView::source(InstrumentIx instrument) const {
  const Market* market = market_of(instrument);
  return market == nullptr ? std::string() : market->source;
}

}  // namespace prom
