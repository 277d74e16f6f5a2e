// Black 1976 and Black-Scholes-Merton over the normalised formula. Pure, any thread.
#include "analysis/options/black.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "analysis/options/normalised_black.h"
#include "base/detmath.h"

namespace prom::options {
namespace {

constexpr double kSmallest = 1e-12, kLargest = 1e15, kMaxYears = 100, kMaxVolatility = 100, kMaxRate = 10, kMaxRateTime = 100;

std::optional<ParamError> bad_contract(const Contract& contract) {
  if (auto bad = out_of_range("strike", contract.strike, {kSmallest, kLargest})) return bad;
  return out_of_range("years", contract.years, {1e-9, kMaxYears});
}

std::optional<ParamError> bad_volatility(double volatility) { return out_of_range("volatility", volatility, {1e-6, kMaxVolatility}); }

// Discount factors beyond e^100 would overflow in products.
std::optional<ParamError> bad_rate(std::string_view name, double rate, double years) {
  const double most = std::min(kMaxRate, kMaxRateTime / years);
  return out_of_range(name, rate, {-most, most});
}

std::optional<ParamError> bad_market(const Black76& market, double years) {
  if (auto bad = out_of_range("forward", market.forward, {kSmallest, kLargest})) return bad;
  return bad_rate("rate", market.rate, years);
}

std::optional<ParamError> bad_market(const BlackScholes& market, double years) {
  if (auto bad = out_of_range("spot", market.spot, {kSmallest, kLargest})) return bad;
  if (auto bad = bad_rate("rate", market.rate, years)) return bad;
  return bad_rate("carry_yield", market.carry_yield, years);
}

// Contract and market in the terms of the normalised formula.
struct Terms {
  double x = 0;                   // ln(forward / strike)
  double discounted_forward = 0;  // spot * e^(-carry_yield * years)
  double discounted_strike = 0;
  double root_years = 0;

  [[nodiscard]] double scale() const { return std::sqrt(discounted_forward) * std::sqrt(discounted_strike); }
  [[nodiscard]] double intrinsic(OptionKind kind) const {
    const double call = discounted_forward - discounted_strike;
    return std::max(0.0, kind == OptionKind::call ? call : -call);
  }
  [[nodiscard]] bool in_the_money(OptionKind kind) const { return kind == OptionKind::call ? x > 0 : x < 0; }
  [[nodiscard]] double price(OptionKind kind, double volatility) const {
    const double out = scale() * normalised_call(-std::fabs(x), volatility * root_years);
    return in_the_money(kind) ? intrinsic(kind) + out : out;
  }
};

// ln(underlying / strike). The quotient's rounding alone would move a short option's price in the wings in the tenth digit; near the strike
// the difference is exact.
double log_ratio(double underlying, double strike) {
  const double ratio = underlying / strike;
  return ratio > 0.5 && ratio < 2.0 ? detmath::log1p((underlying - strike) / strike) : detmath::log(ratio);
}

Terms terms_of(const Contract& contract, const Black76& market) {
  const double discount = detmath::exp(-market.rate * contract.years);
  return {log_ratio(market.forward, contract.strike), market.forward * discount, contract.strike * discount, std::sqrt(contract.years)};
}

Terms terms_of(const Contract& contract, const BlackScholes& market) {
  return {log_ratio(market.spot, contract.strike) + (market.rate - market.carry_yield) * contract.years,
          market.spot * detmath::exp(-market.carry_yield * contract.years), contract.strike * detmath::exp(-market.rate * contract.years),
          std::sqrt(contract.years)};
}

// What both models share; `underlying` is what delta is taken by.
struct Density {
  double d1 = 0, d2 = 0, weighted = 0;  // weighted = discounted forward * n(d1)
  double sign = 1;                      // +1 call, -1 put
  double forward_side = 0;              // sign * N(sign * d1)
  double strike_side = 0;               // sign * N(sign * d2)
};
Density density(const Terms& terms, OptionKind kind, double volatility) {
  const double s = volatility * terms.root_years;
  Density d;
  d.d1 = terms.x / s + 0.5 * s;
  d.d2 = terms.x / s - 0.5 * s;
  d.weighted = terms.discounted_forward * detmath::normal_pdf(d.d1);
  d.sign = kind == OptionKind::call ? 1.0 : -1.0;
  d.forward_side = d.sign * detmath::normal_cdf(d.sign * d.d1);
  d.strike_side = d.sign * detmath::normal_cdf(d.sign * d.d2);
  return d;
}

Greeks common_greeks(const Terms& terms, const Density& d, const Contract& contract, double underlying, double volatility) {
  const double s = volatility * terms.root_years;
  Greeks g;
  g.price = terms.price(contract.kind, volatility);
  g.delta = terms.discounted_forward / underlying * d.forward_side;
  g.gamma = d.weighted / underlying / underlying / s;
  g.vega = d.weighted * terms.root_years;
  g.vanna = -d.weighted / underlying * d.d2 / volatility;
  g.volga = g.vega * d.d1 * d.d2 / volatility;
  return g;
}

template <class Market>
std::optional<ParamError> bad_input(const Contract& contract, const Market& market) {
  if (auto bad = bad_contract(contract)) return bad;
  if (auto bad = bad_market(market, contract.years)) return bad;
  if (std::fabs(terms_of(contract, market).x) <= kMaxLogMoneyness) return std::nullopt;
  return ParamError{ParamErrorCode::above_maximum, "strike", contract.strike, kMaxLogMoneyness};
}

template <class Market>
ParamResult<double> price_in(const Contract& contract, const Market& market) {
  PROM_CHECK_PARAM(bad_input(contract, market));
  PROM_CHECK_PARAM(bad_volatility(market.volatility));
  return terms_of(contract, market).price(contract.kind, market.volatility);
}

template <class Market>
ParamResult<double> implied_in(const Contract& contract, const Market& market, double price) {
  PROM_CHECK_PARAM(bad_input(contract, market));
  const Terms terms = terms_of(contract, market);
  const double most = contract.kind == OptionKind::call ? terms.discounted_forward : terms.discounted_strike;
  const double least = terms.in_the_money(contract.kind) ? terms.intrinsic(contract.kind) : 0.0;
  if (!std::isfinite(price)) return std::unexpected(ParamError{ParamErrorCode::not_finite, "price", price, least});
  if (!(price > least)) return std::unexpected(ParamError{ParamErrorCode::below_minimum, "price", price, least});
  if (!(price < most)) return std::unexpected(ParamError{ParamErrorCode::above_maximum, "price", price, most});
  const auto s = normalised_implied(-std::fabs(terms.x), (price - least) / terms.scale());
  if (!s) {  // a price within rounding of a bound
    const bool low = s.error().code == ParamErrorCode::below_minimum;
    return std::unexpected(ParamError{s.error().code, "price", price, low ? least : most});
  }
  const double volatility = *s / terms.root_years;
  PROM_CHECK_PARAM(bad_volatility(volatility));
  return volatility;
}

}  // namespace

ParamResult<double> price(const Contract& contract, const Black76& market) { return price_in(contract, market); }
ParamResult<double> price(const Contract& contract, const BlackScholes& market) { return price_in(contract, market); }

ParamResult<Greeks> greeks(const Contract& contract, const Black76& market) {
  PROM_CHECK_PARAM(bad_input(contract, market));
  PROM_CHECK_PARAM(bad_volatility(market.volatility));
  const Terms terms = terms_of(contract, market);
  const Density d = density(terms, contract.kind, market.volatility);
  Greeks g = common_greeks(terms, d, contract, market.forward, market.volatility);
  g.theta = -0.5 * d.weighted * market.volatility / terms.root_years + market.rate * g.price;
  g.rho = -contract.years * g.price;
  return g;
}

ParamResult<Greeks> greeks(const Contract& contract, const BlackScholes& market) {
  PROM_CHECK_PARAM(bad_input(contract, market));
  PROM_CHECK_PARAM(bad_volatility(market.volatility));
  const Terms terms = terms_of(contract, market);
  const Density d = density(terms, contract.kind, market.volatility);
  Greeks g = common_greeks(terms, d, contract, market.spot, market.volatility);
  const double strike_leg = terms.discounted_strike * d.strike_side;
  g.theta =
      -0.5 * d.weighted * market.volatility / terms.root_years - market.rate * strike_leg + market.carry_yield * terms.discounted_forward * d.forward_side;
  g.rho = contract.years * strike_leg;
  return g;
}

ParamResult<double> implied_volatility(const Contract& contract, const Black76& market, double price) { return implied_in(contract, market, price); }
ParamResult<double> implied_volatility(const Contract& contract, const BlackScholes& market, double price) { return implied_in(contract, market, price); }

}  // namespace prom::options
