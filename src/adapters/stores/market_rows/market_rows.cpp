// Checks before storing: what is in the store is sound, so readers need not ask again.
#include "adapters/stores/market_rows/market_rows.h"

#include <string>

#include "base/decimal.h"
#include "base/time.h"

namespace prom::market_rows {
namespace {

StoreError bad(std::string detail) { return {StoreErrorKind::bad_argument, Retry::never, std::move(detail), ""}; }

bool scale_up(std::vector<std::int64_t>& column, int digits) {
  const std::int64_t factor = detail::kPow10[digits];
  for (std::int64_t& value : column) {
    if (__builtin_mul_overflow(value, factor, &value)) return false;
  }
  return true;
}

}  // namespace

StoreResult<void> check(const SeriesKey& key, const BarColumns& bars) {
  const std::string name = key.instrument + " " + (key.interval.ns > 0 ? format_interval(key.interval) : std::string("without interval"));
  if (key.instrument.empty() || key.interval.ns <= 0) return err(bad("a series needs an instrument and an interval: " + name));
  if (bars.interval != key.interval) return err(bad("bars of another interval put under " + name));
  const int most = Decimal::kDigits;
  if (bars.price_digits < 0 || bars.price_digits > most || bars.quantity_digits < 0 || bars.quantity_digits > most)
    return err(bad(name + ": digits must be 0..12"));
  const std::size_t size = bars.size();
  for (const auto* column : {&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume}) {
    if (column->size() != size) return err(bad(name + ": columns of different lengths"));
  }
  if (!bars.taker_buy_volume.empty() && bars.taker_buy_volume.size() != size) return err(bad(name + ": columns of different lengths"));
  for (std::size_t i = 0; i < size; ++i) {
    const bool ascends = i == 0 || bars.open_time_ns[i - 1] < bars.open_time_ns[i];
    const bool taker_sound = bars.taker_buy_volume.empty() || (bars.taker_buy_volume[i] >= 0 && bars.taker_buy_volume[i] <= bars.volume[i]);
    if (ascends && taker_sound && bars.open_time_ns[i] % kMsNs == 0 && check_bar(bars.at(i), key.interval) == BarFault::none) continue;
    return err(bad(name + ": the bar at " + format_rfc3339(TimeNs{bars.open_time_ns[i]}) + (ascends ? " is not sound" : " is out of order")));
  }
  return {};
}

StoreResult<BarColumns> at_digits(const BarColumns& bars, int price_digits, int quantity_digits) {
  BarColumns out = bars;
  const int price_up = price_digits - bars.price_digits;
  const int quantity_up = quantity_digits - bars.quantity_digits;
  bool fits = true;
  for (auto* column : {&out.open, &out.high, &out.low, &out.close}) fits = fits && scale_up(*column, price_up);
  for (auto* column : {&out.volume, &out.taker_buy_volume}) fits = fits && scale_up(*column, quantity_up);
  if (!fits)
    return err(
        StoreError{StoreErrorKind::conflict, Retry::never, "bars do not fit the scale of the stored series", "import them with the instrument's own scale"});
  out.price_digits = price_digits;
  out.quantity_digits = quantity_digits;
  return out;
}

std::int64_t ceil_ms(TimeNs time) {
  const std::int64_t whole = time.ns / kMsNs;
  return time.ns % kMsNs > 0 ? whole + 1 : whole;
}

}  // namespace prom::market_rows
