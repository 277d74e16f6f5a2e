// Instruments for tests, with the figures of real venues' records. Tests only.
#pragma once

#include "domain/instrument.h"

namespace prom::testing {

using namespace literals;

/// Binance spot: price in cents, quantity at 1e-5.
inline Instrument spot_btc() {
  Instrument x;
  x.venue = Venue::binance;
  x.symbol = x.venue_symbol = "BTCUSDT";
  x.base = AssetIx(1);
  x.quote = x.settle = AssetIx(0);
  x.price_digits = 2;
  x.quantity_digits = 5;
  x.max_quantity = {900'000'000};
  x.min_notional = "5"_dec;
  x.contract_value = kDecimalOne;
  return x;
}

/// OKX BTC-USDT-SWAP: contracts of 0.01 BTC, tick 0.1, contracts traded at 0.01 steps.
inline Instrument okx_swap() {
  Instrument x;
  x.venue = Venue::okx;
  x.payoff = Payoff::linear;
  x.quantity_kind = QuantityKind::contracts;
  x.symbol = "BTCUSDT";
  x.venue_symbol = "BTC-USDT-SWAP";
  x.base = AssetIx(1);
  x.quote = x.settle = AssetIx(0);
  x.price_digits = 1;
  x.quantity_digits = 2;
  x.contract_value = "0.01"_dec;
  return x;
}

/// Binance COIN-M BTCUSD_PERP: whole contracts of 100 USD, settled in BTC.
inline Instrument inverse_btc() {
  Instrument x;
  x.venue = Venue::binance;
  x.payoff = Payoff::inverse;
  x.quantity_kind = QuantityKind::contracts;
  x.symbol = x.venue_symbol = "BTCUSD_PERP";
  x.base = x.settle = AssetIx(1);
  x.quote = AssetIx(2);
  x.price_digits = 1;
  x.quantity_digits = 0;
  x.contract_value = "100"_dec;
  return x;
}

}  // namespace prom::testing
