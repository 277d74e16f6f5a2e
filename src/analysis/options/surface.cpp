// Building and reading a volatility surface. Pure, any thread.
#include "analysis/options/surface.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/detmath.h"

namespace prom::options {
namespace {

struct Candidate {
  double strike = 0, price = 0;
  std::size_t quote = 0;
};

// Out of the money; a strike at the forward is a call.
bool is_used(const Quote& quote, double forward) { return (quote.kind == OptionKind::call) == (quote.strike >= forward); }

std::optional<DropReason> place_quote(const Expiry& expiry, const Candidate& candidate, Slice& slice) {
  const OptionKind kind = candidate.strike >= expiry.forward ? OptionKind::call : OptionKind::put;
  const auto volatility = implied_volatility({kind, candidate.strike, expiry.years}, Black76{expiry.forward, expiry.rate, 0}, candidate.price);
  if (volatility) {
    const double k = detmath::log(candidate.strike / expiry.forward);
    slice.points.push_back({candidate.strike, k, *volatility, *volatility * *volatility * expiry.years});
    return std::nullopt;
  }
  const ParamError& error = volatility.error();
  if (error.parameter != "price") return DropReason::bad_number;
  if (error.code == ParamErrorCode::below_minimum) return DropReason::at_or_below_intrinsic;
  return error.code == ParamErrorCode::above_maximum ? DropReason::at_or_above_maximum : DropReason::bad_number;
}

Slice build_slice(const Expiry& expiry, std::size_t index, std::vector<DroppedQuote>& dropped) {
  std::vector<Candidate> used;
  for (std::size_t i = 0; i < expiry.quotes.size(); ++i) {
    const Quote& quote = expiry.quotes[i];
    if (!std::isfinite(quote.strike) || !std::isfinite(quote.price)) {
      dropped.push_back({index, i, DropReason::bad_number});
    } else if (is_used(quote, expiry.forward)) {
      used.push_back({quote.strike, quote.price, i});
    } else {
      dropped.push_back({index, i, DropReason::in_the_money});
    }
  }
  std::sort(used.begin(), used.end(), [](const Candidate& a, const Candidate& b) { return std::pair(a.strike, a.quote) < std::pair(b.strike, b.quote); });
  Slice slice{expiry.years, expiry.forward, {}};
  for (std::size_t i = 0; i < used.size(); ++i) {
    const bool twice = i > 0 && used[i].strike == used[i - 1].strike;
    const auto reason = twice ? std::optional(DropReason::duplicate) : place_quote(expiry, used[i], slice);
    if (reason) dropped.push_back({index, used[i].quote, *reason});
  }
  return slice;
}

std::optional<ParamError> bad_terms(double years, const Black76& market) {
  // A strike and volatility that always do: what is wrong is then in years, forward or rate.
  const auto probe = price({OptionKind::call, 1.0, years}, market);
  return probe ? std::nullopt : std::optional(probe.error());
}

ParamResult<Surface> in_order(Surface surface) {
  std::erase_if(surface.slices, [](const Slice& slice) { return slice.points.empty(); });
  if (surface.slices.empty()) return std::unexpected(ParamError{ParamErrorCode::empty_input, "quotes"});
  std::sort(surface.slices.begin(), surface.slices.end(), [](const Slice& a, const Slice& b) { return a.years < b.years; });
  for (std::size_t i = 1; i < surface.slices.size(); ++i) PROM_CHECK_PARAM(not_below("years", surface.slices[i - 1].years, surface.slices[i].years));
  return surface;
}

// Of a slice at k, linear inside and of flat volatility outside.
double variance_at(const Slice& slice, double k) {
  const auto above = std::lower_bound(slice.points.begin(), slice.points.end(), k, [](const SurfacePoint& p, double x) { return p.k < x; });
  if (above == slice.points.begin()) return above->total_variance;
  if (above == slice.points.end()) return slice.points.back().total_variance;
  const SurfacePoint &a = *(above - 1), &b = *above;
  return a.total_variance + (b.total_variance - a.total_variance) * ((k - a.k) / (b.k - a.k));
}

}  // namespace

ParamResult<Surface> build_surface(std::span<const Expiry> expiries) {
  std::size_t quotes = 0;
  for (const Expiry& expiry : expiries) {
    PROM_CHECK_PARAM(bad_terms(expiry.years, {expiry.forward, expiry.rate, 1.0}));
    quotes += expiry.quotes.size();
  }
  PROM_CHECK_PARAM(out_of_range("quotes", static_cast<double>(quotes), {0, static_cast<double>(kMaxSurfaceQuotes)}));
  Surface surface;
  for (std::size_t i = 0; i < expiries.size(); ++i) surface.slices.push_back(build_slice(expiries[i], i, surface.dropped));
  return in_order(std::move(surface));
}

ParamResult<Surface> surface_of(std::span<const VolatilityColumn> columns) {
  Surface surface;
  std::size_t quotes = 0;
  for (const VolatilityColumn& column : columns) {
    PROM_CHECK_PARAM(bad_terms(column.years, {column.forward, 0.0, 1.0}));
    const double strikes = static_cast<double>(column.strikes.size()), volatilities = static_cast<double>(column.volatilities.size());
    if (strikes != volatilities) return std::unexpected(ParamError{ParamErrorCode::length_mismatch, "volatilities", volatilities, strikes});
    quotes += column.strikes.size();
    PROM_CHECK_PARAM(out_of_range("quotes", static_cast<double>(quotes), {0, static_cast<double>(kMaxSurfaceQuotes)}));
    Slice slice{column.years, column.forward, {}};
    for (std::size_t i = 0; i < column.strikes.size(); ++i) {
      const double strike = column.strikes[i], volatility = column.volatilities[i];
      const auto probe = price({OptionKind::call, strike, column.years}, Black76{column.forward, 0, volatility});
      if (!probe) return std::unexpected(probe.error());
      slice.points.push_back({strike, detmath::log(strike / column.forward), volatility, volatility * volatility * column.years});
    }
    std::sort(slice.points.begin(), slice.points.end(), [](const SurfacePoint& a, const SurfacePoint& b) { return a.strike < b.strike; });
    for (std::size_t i = 1; i < slice.points.size(); ++i) PROM_CHECK_PARAM(not_below("strikes", slice.points[i - 1].strike, slice.points[i].strike));
    surface.slices.push_back(std::move(slice));
  }
  return in_order(std::move(surface));
}

ParamResult<double> volatility_at(const Surface& surface, const Place& place) {
  if (surface.slices.empty()) return std::unexpected(ParamError{ParamErrorCode::empty_input, "surface"});
  PROM_CHECK_PARAM(out_of_range("strike", place.strike, {1e-12, 1e15}));
  PROM_CHECK_PARAM(out_of_range("years", place.years, {1e-9, 100}));
  const auto& slices = surface.slices;
  const auto later = std::lower_bound(slices.begin(), slices.end(), place.years, [](const Slice& slice, double years) { return slice.years < years; });
  if (later == slices.begin() || later == slices.end()) {
    const Slice& nearest = later == slices.begin() ? slices.front() : slices.back();
    return std::sqrt(variance_at(nearest, detmath::log(place.strike / nearest.forward)) / nearest.years);
  }
  const Slice& before = *(later - 1);
  const double share = (place.years - before.years) / (later->years - before.years);
  const double log_forward = detmath::log(before.forward) + share * detmath::log(later->forward / before.forward);
  const double k = detmath::log(place.strike) - log_forward;
  const double variance = (1.0 - share) * variance_at(before, k) + share * variance_at(*later, k);
  return std::sqrt(variance / place.years);
}

}  // namespace prom::options
