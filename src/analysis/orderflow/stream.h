// What the stream detectors are fed: one event of a venue's feed at a time, in the order of the feed. Plain values, any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "analysis/orderflow/trades.h"
#include "analysis/params.h"

namespace prom::orderflow {

enum class BookSideKind : std::uint8_t { bid, ask };

// The side that an aggressor trades with.
inline BookSideKind passive_side(Aggressor aggressor) { return aggressor == Aggressor::buyer ? BookSideKind::ask : BookSideKind::bid; }
// What `side` has at its best price from now on. Real time (Binance bookTicker and its like).
struct BestPrice {
  std::int64_t time_ns = 0;
  BookSideKind side = BookSideKind::bid;
  double price = 0, quantity = 0;
};
// What stands at a price from now on, all orders together; 0 = nothing.
struct LevelChange {
  std::int64_t time_ns = 0;
  BookSideKind side = BookSideKind::bid;
  double price = 0, quantity = 0;
};
struct TradePrint {
  std::int64_t time_ns = 0;
  double price = 0, quantity = 0;
  Aggressor aggressor = Aggressor::buyer;
};

// Every detector refuses an event whose price is not above 0, whose quantity is negative or not finite (parameter "price", "quantity"), and
// one that is earlier than the last (below_minimum "time_ns"); its state is then as before. Two events may have one time.
struct StreamEventNumbers {
  std::int64_t time_ns = 0;
  double price = 0, quantity = 0;
};
inline std::optional<ParamError> bad_event(const StreamEventNumbers& event, std::int64_t newest_ns) {
  if (auto bad = out_of_range("price", event.price, {1e-12, 1e15})) return bad;
  if (auto bad = out_of_range("quantity", event.quantity, {0, 1e18})) return bad;
  if (event.time_ns >= newest_ns) return std::nullopt;
  return ParamError{ParamErrorCode::below_minimum, "time_ns", static_cast<double>(event.time_ns), static_cast<double>(newest_ns)};
}

}  // namespace prom::orderflow
