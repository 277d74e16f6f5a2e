// See the header.
#include "adapters/feeds/archive/fit_instrument.h"

#include <initializer_list>
#include <vector>

namespace prom {

Instrument fit_scales(Instrument instrument, const BarColumns& bars) {
  if (bars.price_digits > instrument.price_digits) {
    instrument.price_digits = static_cast<std::uint8_t>(bars.price_digits);
    instrument.tick = {1};
  }
  while (instrument.quantity_digits < bars.quantity_digits) {
    ++instrument.quantity_digits;
    instrument.step.v *= 10;
    instrument.min_quantity.v *= 10;
    instrument.max_quantity.v = instrument.max_quantity.v > INT64_MAX / 10 ? INT64_MAX : instrument.max_quantity.v * 10;
  }
  return instrument;
}

bool to_scales_of(const Instrument& instrument, BarColumns& bars) {
  const auto widen = [](std::initializer_list<std::vector<std::int64_t>*> columns, int digits) {
    std::int64_t factor = 1;
    for (int i = 0; i < digits; ++i) factor *= 10;
    for (auto* column : columns) {
      for (std::int64_t& value : *column) {
        if (value > INT64_MAX / factor) return false;
        value *= factor;
      }
    }
    return true;
  };
  if (!widen({&bars.open, &bars.high, &bars.low, &bars.close}, instrument.price_digits - bars.price_digits) ||
      !widen({&bars.volume, &bars.taker_buy_volume}, instrument.quantity_digits - bars.quantity_digits))
    return false;
  bars.price_digits = instrument.price_digits;
  bars.quantity_digits = instrument.quantity_digits;
  bars.make_floats();
  return true;
}

}  // namespace prom
