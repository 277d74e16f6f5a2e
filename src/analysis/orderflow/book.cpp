// Order book pressure. Pure, any thread.
#include "analysis/orderflow/book.h"

#include <cmath>
#include <optional>
#include <string_view>

namespace prom::orderflow {
namespace {

std::optional<ParamError> bad_side(std::string_view name, const BookSide& side) {
  const double prices = static_cast<double>(side.price.size()), quantities = static_cast<double>(side.quantity.size());
  if (side.price.size() != side.quantity.size()) return ParamError{ParamErrorCode::length_mismatch, name, prices, quantities};
  if (side.price.empty()) return ParamError{ParamErrorCode::empty_input, name};
  return std::nullopt;
}

std::optional<ParamError> bad_book(const Book& book) {
  if (auto bad = bad_side("bids", book.bids)) return bad;
  if (auto bad = bad_side("asks", book.asks)) return bad;
  return not_below("bids", book.bids.price.front(), book.asks.price.front());
}

template <class Inside>
double quantity_while(const BookSide& side, Inside inside) {
  double sum = 0;
  for (std::size_t i = 0; i < side.price.size() && inside(i, side.price[i]); ++i) sum += side.quantity[i];
  return sum;
}

template <class Inside>
BookImbalance measure(const Book& book, Inside inside) {
  BookImbalance result;
  const double bid = book.bids.price.front(), ask = book.asks.price.front();
  const double bid_size = book.bids.quantity.front(), ask_size = book.asks.quantity.front();
  result.mid = (bid + ask) / 2.0;
  const double best = bid_size + ask_size;
  result.microprice = best > 0 ? (bid * ask_size + ask * bid_size) / best : result.mid;
  result.spread_bps = (ask - bid) / result.mid * 1e4;
  result.bid_quantity = quantity_while(book.bids, inside);
  result.ask_quantity = quantity_while(book.asks, inside);
  const double both = result.bid_quantity + result.ask_quantity;
  if (both > 0) result.imbalance = (result.bid_quantity - result.ask_quantity) / both;
  return result;
}

}  // namespace

ParamResult<BookImbalance> book_imbalance_by_levels(const Book& book, int levels) {
  PROM_CHECK_PARAM(bad_period("levels", levels));
  PROM_CHECK_PARAM(bad_book(book));
  const std::size_t count = static_cast<std::size_t>(levels);
  return measure(book, [count](std::size_t i, double) { return i < count; });
}

ParamResult<BookImbalance> book_imbalance_by_distance(const Book& book, double bps) {
  PROM_CHECK_PARAM(out_of_range("bps", bps, {0.01, 1e4}));
  PROM_CHECK_PARAM(bad_book(book));
  const double mid = (book.bids.price.front() + book.asks.price.front()) / 2.0, reach = mid * bps / 1e4;
  return measure(book, [mid, reach](std::size_t, double price) { return std::fabs(price - mid) <= reach; });
}

}  // namespace prom::orderflow
