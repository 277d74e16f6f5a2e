// One pass over the events.
#include "analysis/orderflow/tape_trades.h"

namespace prom::orderflow {

Aggressor aggressor_of(const TapeEvent& trade) { return trade.side == BookHalf::ask ? Aggressor::buyer : Aggressor::seller; }

TapeTrades trades_of(std::span<const TapeEvent> events) {
  TapeTrades out;
  for (const TapeEvent& e : events) {
    if (e.kind != TapeKind::trade) continue;
    out.time_ns.push_back(e.time.ns);
    out.price.push_back(e.price);
    out.quantity.push_back(e.quantity);
    out.aggressor.push_back(aggressor_of(e));
  }
  return out;
}

}  // namespace prom::orderflow
