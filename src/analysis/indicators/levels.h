// Price levels: pivot points of the last complete session, Fibonacci retracements of the last confirmed swing leg.
// Operators with plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "analysis/columns.h"
#include "analysis/indicators/sessions.h"
#include "analysis/indicators/swings.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

enum class PivotMethod { classic, fibonacci, camarilla };

// High, low and close of one complete session.
struct SessionRange {
  double high = 0, low = 0, close = 0;
};

// r4 and s4 exist for camarilla only, and are missing otherwise.
struct PivotValue {
  double pp = kMissing, r1 = kMissing, r2 = kMissing, r3 = kMissing, r4 = kMissing;
  double s1 = kMissing, s2 = kMissing, s3 = kMissing, s4 = kMissing;
  static constexpr std::array<std::string_view, 9> kNames{"pp", "r1", "r2", "r3", "r4", "s1", "s2", "s3", "s4"};
  [[nodiscard]] std::array<double, 9> columns() const { return {pp, r1, r2, r3, r4, s1, s2, s3, s4}; }
};

// classic (floor trader): pp = (h+l+c)/3; r1 = 2pp-l, r2 = pp+(h-l), r3 = h+2(pp-l), supports mirrored.
// fibonacci: pp +- 0.382, 0.618 and 1 times the range. camarilla (Stott 1989): pp = c; c +- range * 1.1/12, /6, /4, /2.
PivotValue pivot_levels(PivotMethod method, const SessionRange& session);

// Levels of the last complete session, from the first bar of the second session on. A session is complete when a bar of a later one
// arrives. With the length of a bar given, a session whose first bar does not open with it or whose last does not close with it gives no
// levels until the next is over; without, a session of which the feed held only a part counts with that part.
class PivotPoints {
 public:
  struct Params {
    PivotMethod method = PivotMethod::classic;
    Session session = Session::utc_day;
    std::int64_t interval_ns = 0;  // of a bar; 0 = not known
  };
  using Value = PivotValue;
  using Input = OhlcvView;

  static ParamResult<PivotPoints> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const { return row_; }

 private:
  explicit PivotPoints(const Params& params) : params_(params) {}
  [[nodiscard]] bool is_whole() const;
  Params params_;
  std::optional<std::int64_t> session_;
  std::int64_t first_ns_ = 0, last_ns_ = 0;  // opening times of the session's first and newest bar
  SessionRange range_;
  std::optional<PivotValue> row_;
};

// The end of the leg is r0, its beginning r1000.
struct FibonacciValue {
  double r0 = kMissing, r236 = kMissing, r382 = kMissing, r500 = kMissing, r618 = kMissing, r786 = kMissing, r1000 = kMissing;
  std::optional<Swing> from, to;  // the leg, in time order; it rises when `to` is a high
  static constexpr std::array<std::string_view, 7> kNames{"r0", "r236", "r382", "r500", "r618", "r786", "r1000"};
  [[nodiscard]] std::array<double, 7> columns() const { return {r0, r236, r382, r500, r618, r786, r1000}; }
};

// Level at `ratio` of the way back from `to` to `from`; above 1 it is an extension.
double fibonacci_level(const Swing& from, const Swing& to, double ratio);

// Retracements of the last confirmed leg. The leg ends at the newest confirmed swing; a further swing of the same kind moves the end only
// when it is more extreme. If one bar is confirmed as a high and a low at once, the high counts first.
class Fibonacci {
 public:
  using Params = SwingDetector::Params;
  using Value = FibonacciValue;
  using Input = OhlcvView;

  static ParamResult<Fibonacci> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const;

 private:
  explicit Fibonacci(SwingDetector swings) : swings_(std::move(swings)) {}
  void take(const Swing& swing);
  SwingDetector swings_;
  std::optional<Swing> from_, to_;
};

}  // namespace prom::indicators
