// Price, Greeks and implied volatility of one European option: Black 1976 on a forward, Black and Scholes 1973 (with Merton's yield) on a
// spot. Pure functions, any thread.
#pragma once
#include <cstdint>

#include "analysis/params.h"

namespace prom::options {

enum class OptionKind : std::uint8_t { call, put };

// Prices in one currency. rate and carry_yield are continuously compounded per year, as fractions; volatility per square root of a year.
// Ranges: underlying and strike 1e-12..1e15; years 1e-9..100; volatility 1e-6..100; rates -10..10 and rate * years -100..100; |ln(forward /
// strike)| at most 300.
struct Contract {
  OptionKind kind = OptionKind::call;
  double strike = 0;
  double years = 0;  // to expiry
};

// Derivatives of the price: delta and gamma by the underlying (forward or spot), vega by volatility (per 1.00 of it), theta by time passing
// (per year, -d/dyears), rho by the rate (per 1.00), vanna = d2/(d underlying d volatility), volga = d2/d volatility^2. With everything
// else held: in Black 1976 the forward itself when the rate moves.
struct Greeks {
  double price = 0, delta = 0, gamma = 0, vega = 0, theta = 0, rho = 0, vanna = 0, volga = 0;
};

// F. Black, "The pricing of commodity contracts", J. Financial Economics 3 (1976).
struct Black76 {
  double forward = 0, rate = 0, volatility = 0;
};
ParamResult<double> price(const Contract& contract, const Black76& market);
ParamResult<Greeks> greeks(const Contract& contract, const Black76& market);

// F. Black and M. Scholes, J. Political Economy 81 (1973); R. Merton, Bell J. Economics 4 (1973) for the yield.
struct BlackScholes {
  double spot = 0, rate = 0, carry_yield = 0, volatility = 0;
};
ParamResult<double> price(const Contract& contract, const BlackScholes& market);
ParamResult<Greeks> greeks(const Contract& contract, const BlackScholes& market);

// The volatility at which the model gives `price`; the market's own volatility is ignored. Refuses with the limit in the error: a price at
// or below discounted intrinsic value (below_minimum "price") and at or above what any volatility gives, the discounted forward of a call or
// strike of a put (above_maximum "price"); a volatility outside its range (parameter "volatility"). Repricing gives `price` back within 1e-10
// of itself.
ParamResult<double> implied_volatility(const Contract& contract, const Black76& market, double price);
ParamResult<double> implied_volatility(const Contract& contract, const BlackScholes& market, double price);

}  // namespace prom::options
