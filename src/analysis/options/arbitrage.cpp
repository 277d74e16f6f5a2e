// Static arbitrage among the quoted strikes of a surface. Pure, any thread.
#include <algorithm>
#include <cmath>
#include <optional>

#include "analysis/options/normalised_black.h"
#include "analysis/options/surface.h"

namespace prom::options {
namespace {

struct CallAt {
  double strike = 0, price = 0;  // undiscounted
};

// With the call of strike 0, which is worth the forward.
std::vector<CallAt> calls_of(const Slice& slice) {
  std::vector<CallAt> calls{{0, slice.forward}};
  for (const SurfacePoint& p : slice.points) {
    const double out = std::sqrt(slice.forward) * std::sqrt(p.strike) * normalised_call(-std::fabs(p.k), std::sqrt(p.total_variance));
    calls.push_back({p.strike, out + std::max(0.0, slice.forward - p.strike)});
  }
  return calls;
}

void check_vertical(std::span<const CallAt> calls, std::size_t slice, double tolerance, std::vector<Violation>& found) {
  for (std::size_t i = 1; i < calls.size(); ++i) {
    const double fall = calls[i - 1].price - calls[i].price, most = calls[i].strike - calls[i - 1].strike;
    const double amount = std::max(-fall, fall - most);
    if (amount > tolerance) found.push_back({Arbitrage::vertical_spread, slice, {calls[i - 1].strike, calls[i].strike, 0}, amount});
  }
}

void check_butterfly(std::span<const CallAt> calls, std::size_t slice, double tolerance, std::vector<Violation>& found) {
  for (std::size_t i = 1; i + 1 < calls.size(); ++i) {
    const CallAt &a = calls[i - 1], &b = calls[i], &c = calls[i + 1];
    const double share = (b.strike - a.strike) / (c.strike - a.strike), amount = b.price - ((1.0 - share) * a.price + share * c.price);
    if (amount > tolerance) found.push_back({Arbitrage::butterfly, slice, {a.strike, b.strike, c.strike}, amount});
  }
}

// Total variance of a slice at k where it is quoted or lies between quotes.
std::optional<double> quoted_variance(const Slice& slice, double k) {
  if (k < slice.points.front().k || k > slice.points.back().k) return std::nullopt;
  const auto above = std::lower_bound(slice.points.begin(), slice.points.end(), k, [](const SurfacePoint& p, double x) { return p.k < x; });
  if (above == slice.points.begin()) return above->total_variance;
  const SurfacePoint &a = *(above - 1), &b = *above;
  return a.total_variance + (b.total_variance - a.total_variance) * ((k - a.k) / (b.k - a.k));
}

// The difference of two piecewise linear functions is most negative at a node of one of them.
void check_calendar(const Surface& surface, std::size_t earlier, double tolerance, std::vector<Violation>& found) {
  const Slice &a = surface.slices[earlier], &b = surface.slices[earlier + 1];
  std::size_t i = 0, j = 0;
  while (i < a.points.size() || j < b.points.size()) {
    const bool of_a = j == b.points.size() || (i < a.points.size() && a.points[i].k <= b.points[j].k);
    const SurfacePoint& at = of_a ? a.points[i++] : b.points[j++];
    if (of_a && j < b.points.size() && b.points[j].k == at.k) ++j;
    const auto before = quoted_variance(a, at.k), after = quoted_variance(b, at.k);
    if (before && after && *before - *after > tolerance) found.push_back({Arbitrage::calendar, earlier, {at.strike, 0, 0}, *before - *after});
  }
}

}  // namespace

std::string_view name_of(Arbitrage kind) {
  switch (kind) {
    case Arbitrage::vertical_spread: return "vertical_spread";
    case Arbitrage::butterfly: return "butterfly";
    case Arbitrage::calendar: return "calendar";
  }
  return "?";
}

std::vector<Violation> find_arbitrage(const Surface& surface, const ArbitrageTolerance& tolerance) {
  std::vector<Violation> found;
  for (std::size_t i = 0; i < surface.slices.size(); ++i) {
    const auto calls = calls_of(surface.slices[i]);
    const double price = tolerance.price * surface.slices[i].forward;
    check_vertical(calls, i, price, found);
    check_butterfly(calls, i, price, found);
    if (i + 1 < surface.slices.size()) check_calendar(surface, i, tolerance.variance, found);
  }
  return found;
}

}  // namespace prom::options
