// A volatility surface from quoted options, and what an arbitrageur would find in it. Pure functions and plain values, any thread.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analysis/options/black.h"
#include "analysis/params.h"

namespace prom::options {

inline constexpr std::size_t kMaxSurfaceQuotes = 100'000;

// One quoted price, in the currency of the strike, not discounted further.
struct Quote {
  OptionKind kind = OptionKind::call;
  double strike = 0, price = 0;
};
struct Expiry {
  double years = 0, forward = 0, rate = 0;
  std::span<const Quote> quotes;  // in any order
};

// One strike of an expiry: k = ln(strike / forward), total variance w = volatility^2 * years.
struct SurfacePoint {
  double strike = 0, k = 0, volatility = 0, total_variance = 0;
};
struct Slice {
  double years = 0, forward = 0;
  std::vector<SurfacePoint> points;  // strikes rising
};

// Why a quote is not on the surface.
enum class DropReason : std::uint8_t {
  in_the_money,  // the option on the other side of the forward says the same with more digits
  at_or_below_intrinsic,
  at_or_above_maximum,
  bad_number,  // strike or price outside the ranges of black.h
  duplicate,   // a second quote of that strike and kind
};
struct DroppedQuote {
  std::size_t expiry = 0, quote = 0;  // indices into what was given
  DropReason reason = DropReason::in_the_money;
};

// Expiries rising, each with at least one point.
struct Surface {
  std::vector<Slice> slices;
  std::vector<DroppedQuote> dropped;
};

// Uses the quotes out of the money: puts below the forward, calls from it on. Expiries may come in any order but only once each
// (not_below_other "years"). Refuses years, forward or rate outside black.h's ranges, more than kMaxSurfaceQuotes quotes (above_maximum
// "quotes") and a surface on which no quote is left (empty_input "quotes"). O(n log n).
ParamResult<Surface> build_surface(std::span<const Expiry> expiries);

// A surface of volatilities that a venue publishes itself; `volatilities` stands beside `strikes`.
struct VolatilityColumn {
  double years = 0, forward = 0;
  std::span<const double> strikes, volatilities;  // equal lengths, strikes in any order, none twice
};
ParamResult<Surface> surface_of(std::span<const VolatilityColumn> columns);

// Between strikes total variance is linear in k, outside them volatility is flat; between expiries total variance is linear in time at
// equal k, before the first and after the last volatility is flat. The forward between expiries is geometric.
struct Place {
  double strike = 0, years = 0;
};
ParamResult<double> volatility_at(const Surface& surface, const Place& place);

// Static arbitrage among the quoted strikes.
enum class Arbitrage : std::uint8_t {
  vertical_spread,  // a call costs more than one of a lower strike, or less by more than the strikes differ
  butterfly,        // the middle of three neighbouring strikes costs more than the mixture of its neighbours: a negative probability
  calendar,         // total variance at one k falls from an expiry to the next
};
std::string_view name_of(Arbitrage kind);

struct Violation {
  Arbitrage kind = Arbitrage::butterfly;
  std::size_t slice = 0;            // calendar: the earlier of the two
  std::array<double, 3> strikes{};  // rising; a vertical spread has two, a calendar one (of the slice that quotes it), the rest are 0
  double amount = 0;                // by how much: undiscounted price of one option; calendar: total variance
};
struct ArbitrageTolerance {
  double price = 1e-9;     // as a part of the forward; a tick of the quotes over the forward is a sensible choice
  double variance = 1e-9;  // total variance
};
// P. Carr and D. Madan, "A note on sufficient conditions for no arbitrage", Finance Research Letters 2 (2005), strike 0 included, for the
// first two; J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), lemma 2.1, for the third,
// at the strikes of both expiries where both are quoted. By slice, then kind, then strike. O(n).
std::vector<Violation> find_arbitrage(const Surface& surface, const ArbitrageTolerance& tolerance = {});

}  // namespace prom::options
