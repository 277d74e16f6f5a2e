// Order book pressure from plain level arrays. Pure functions, any thread.
#pragma once
#include <cstddef>
#include <span>

#include "analysis/params.h"

namespace prom::orderflow {

// One side of a book, best level first, equal lengths; price in quote, quantity in base units, both positive.
struct BookSide {
  std::span<const double> price, quantity;
};
struct Book {
  BookSide bids, asks;
};

struct BookImbalance {
  double bid_quantity = 0, ask_quantity = 0;  // within the depth
  double imbalance = 0;                       // (bid - ask) / (bid + ask), -1..1; > 0: more is bid
  double mid = 0;                             // (best bid + best ask) / 2
  double microprice = 0;                      // best prices weighted by the opposite side's best quantity (Stoikov 2018's weighted mid)
  double spread_bps = 0;                      // (best ask - best bid) / mid in 1/10,000
};

// The best `levels` (1..10,000) of each side.
ParamResult<BookImbalance> book_imbalance_by_levels(const Book& book, int levels);

// All levels at most `bps` (0.01..10,000) from the mid price.
ParamResult<BookImbalance> book_imbalance_by_distance(const Book& book, double bps);
// Both refuse an empty side (empty_input), columns of different lengths (length_mismatch) and a best bid at or above the best ask
// (not_below_other, parameter "bids").

}  // namespace prom::orderflow
