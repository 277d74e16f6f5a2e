// From the text fields of one row to a bar or a trade in the builder, for CSV lines and JSON rows alike. One thread; pure.
#pragma once

#include <span>
#include <string_view>

#include "adapters/feeds/archive/bar_builder.h"
#include "adapters/feeds/archive/columns_of.h"

namespace prom::archive {

inline constexpr std::string_view kExpectedColumns =
    "expected Binance klines (12 columns), aggTrades, OKX or Bybit candles, or a header with time,open,high,low,close,volume";
inline constexpr std::string_view kExpectedRows = "expected an array of bars";

/// Epoch s, ms, us, ns by magnitude, or RFC 3339 (without a zone: UTC). Only 1970..2199 is a time of a market.
std::optional<TimeNs> parse_row_time(std::string_view text);

class RowReader {
 public:
  RowReader(const ColumnMap& columns, BarBuilder& builder) : columns_(columns), builder_(builder) {}
  Parsed<void> read(std::span<const std::string_view> fields, const Place& place);
  const ColumnMap& columns() const { return columns_; }

 private:
  Parsed<Number> number(std::span<const std::string_view> fields, int column, const Place& place) const;
  ColumnMap columns_;
  BarBuilder& builder_;
};

}  // namespace prom::archive
