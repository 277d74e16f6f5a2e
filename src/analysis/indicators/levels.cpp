// Pivot points and Fibonacci levels. Pure, any thread.
#include "analysis/indicators/levels.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace prom::indicators {

PivotValue pivot_levels(PivotMethod method, const SessionRange& session) {
  const double high = session.high, low = session.low, close = session.close, range = high - low;
  PivotValue v;
  v.pp = (high + low + close) / 3.0;
  const auto around = [](double centre, double reach) { return std::pair{centre + reach, centre - reach}; };
  switch (method) {
    case PivotMethod::classic:
      v.r1 = 2.0 * v.pp - low;
      v.s1 = 2.0 * v.pp - high;
      std::tie(v.r2, v.s2) = around(v.pp, range);
      v.r3 = high + 2.0 * (v.pp - low);
      v.s3 = low - 2.0 * (high - v.pp);
      break;
    case PivotMethod::fibonacci:
      std::tie(v.r1, v.s1) = around(v.pp, 0.382 * range);
      std::tie(v.r2, v.s2) = around(v.pp, 0.618 * range);
      std::tie(v.r3, v.s3) = around(v.pp, range);
      break;
    case PivotMethod::camarilla:
      v.pp = close;
      std::tie(v.r1, v.s1) = around(close, 1.1 / 12.0 * range);
      std::tie(v.r2, v.s2) = around(close, 1.1 / 6.0 * range);
      std::tie(v.r3, v.s3) = around(close, 1.1 / 4.0 * range);
      std::tie(v.r4, v.s4) = around(close, 1.1 / 2.0 * range);
      break;
  }
  return v;
}

ParamResult<PivotPoints> PivotPoints::make(const Params& params) { return PivotPoints(params); }

bool PivotPoints::is_whole() const {
  if (params_.interval_ns == 0) return true;
  return session_number(params_.session, first_ns_ - 1) != *session_ && session_number(params_.session, last_ns_ + params_.interval_ns) != *session_;
}

void PivotPoints::update(const OhlcvBar& bar) {
  const std::int64_t session = session_number(params_.session, bar.open_time_ns);
  if (session_ == session) {
    last_ns_ = bar.open_time_ns;
    range_ = {std::max(range_.high, bar.high), std::min(range_.low, bar.low), bar.close};
    return;
  }
  if (session_) row_ = is_whole() ? std::optional(pivot_levels(params_.method, range_)) : std::nullopt;
  session_ = session;
  first_ns_ = last_ns_ = bar.open_time_ns;
  range_ = {bar.high, bar.low, bar.close};
}

double fibonacci_level(const Swing& from, const Swing& to, double ratio) { return to.price + ratio * (from.price - to.price); }

ParamResult<Fibonacci> Fibonacci::make(const Params& params) {
  auto swings = SwingDetector::make(params);
  if (!swings) return std::unexpected(swings.error());
  return Fibonacci(std::move(*swings));
}

void Fibonacci::update(const OhlcvBar& bar) {
  const auto found = swings_.update(bar);
  if (found.high) take(*found.high);
  if (found.low) take(*found.low);
}

void Fibonacci::take(const Swing& swing) {
  if (to_ && to_->kind == swing.kind) {
    const bool further = swing.kind == SwingKind::high ? swing.price > to_->price : swing.price < to_->price;
    if (further) to_ = swing;
    return;
  }
  from_ = to_;
  to_ = swing;
}

std::optional<FibonacciValue> Fibonacci::value() const {
  if (!from_) return std::nullopt;
  const auto level = [this](double ratio) { return fibonacci_level(*from_, *to_, ratio); };
  return FibonacciValue{level(0), level(0.236), level(0.382), level(0.5), level(0.618), level(0.786), level(1), from_, to_};
}

}  // namespace prom::indicators
