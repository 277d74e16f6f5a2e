// See the header.
#include "adapters/stores/clickhouse/bar_rows.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "adapters/stores/clickhouse/row_binary.h"
#include "adapters/stores/market_rows/market_rows.h"
#include "base/decimal.h"

namespace prom::clickhouse {
namespace {
constexpr std::size_t kRowGuess = 96;  // bytes of a row beside its texts

/// From the instrument to the digits of quantities.
void append_values(RowWriter& row, const SeriesKey& key, const BarColumns& bars, std::size_t i) {
  row.text(key.instrument).u64(static_cast<std::uint64_t>(key.interval.ns / market_rows::kMsNs)).i64(bars.open_time_ns[i] / market_rows::kMsNs);
  row.i64(bars.open[i]).i64(bars.high[i]).i64(bars.low[i]).i64(bars.close[i]).i64(bars.volume[i]);
  row.maybe_i64(bars.taker_buy_volume.empty() ? std::nullopt : std::optional(bars.taker_buy_volume[i]));
  row.u8(static_cast<std::uint8_t>(bars.price_digits)).u8(static_cast<std::uint8_t>(bars.quantity_digits));
}

}  // namespace

void append_bars(std::string& out, const SeriesKey& key, const BarColumns& bars, std::string_view origin, std::uint64_t put) {
  out.reserve(out.size() + bars.size() * (kRowGuess + key.instrument.size() + origin.size()));
  RowWriter row(out);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    append_values(row, key, bars, i);
    row.text(origin).u64(put);
  }
}

void append_run_bar(std::string& out, std::string_view run, const SeriesKey& key, const BarColumns& bars, std::size_t index) {
  RowWriter row(out);
  row.text(run);
  append_values(row, key, bars, index);
}

StoreResult<BarColumns> read_bars(std::string_view rows, DurationNs interval, int price_digits, int quantity_digits) {
  BarColumns out;
  out.interval = interval;
  std::vector<std::uint8_t> price_of;
  std::vector<std::uint8_t> quantity_of;
  bool taker = true;
  bool in_range = true;
  RowReader row(rows);
  while (!row.at_end()) {
    in_range = !__builtin_mul_overflow(row.i64(), market_rows::kMsNs, &out.open_time_ns.emplace_back()) && in_range;
    for (auto* column : {&out.open, &out.high, &out.low, &out.close, &out.volume}) column->push_back(row.i64());
    const auto bought = row.maybe_i64();
    taker = taker && bought.has_value();
    out.taker_buy_volume.push_back(bought.value_or(0));
    price_of.push_back(row.u8());
    quantity_of.push_back(row.u8());
    price_digits = std::max<int>(price_digits, price_of.back());
    quantity_digits = std::max<int>(quantity_digits, quantity_of.back());
  }
  if (row.broken() || !in_range || price_digits > Decimal::kDigits || quantity_digits > Decimal::kDigits)
    return err(StoreError{StoreErrorKind::corrupt, Retry::never, "the market store's answer is not made of bars", ""});
  if (!taker) out.taker_buy_volume.clear();
  out.price_digits = price_digits;
  out.quantity_digits = quantity_digits;
  bool fits = true;
  const auto scale = [&fits](std::vector<std::int64_t>& column, const std::vector<std::uint8_t>& digits, int finest) {
    for (std::size_t i = 0; i < column.size(); ++i) fits = !__builtin_mul_overflow(column[i], detail::kPow10[finest - digits[i]], &column[i]) && fits;
    std::ranges::reverse(column);
  };
  for (auto* column : {&out.open, &out.high, &out.low, &out.close}) scale(*column, price_of, price_digits);
  for (auto* column : {&out.volume, &out.taker_buy_volume}) scale(*column, quantity_of, quantity_digits);
  std::ranges::reverse(out.open_time_ns);
  if (!fits) return err(StoreError{StoreErrorKind::conflict, Retry::never, "stored bars do not fit the finest scale of their series", ""});
  out.make_floats();
  return out;
}

}  // namespace prom::clickhouse
