// Months of one series become one series.
#include <algorithm>
#include <string>
#include <vector>

#include "adapters/feeds/archive/bar_builder.h"
#include "adapters/feeds/archive/import.h"
#include "base/assert.h"

namespace prom {
namespace {

using archive::kPowersOfTen;
using archive::kUnitLimit;

ImportError failed(ImportFault fault, TimeNs time, std::string message, std::string hint) {
  return archive::make_error(fault, {}, 0, format_rfc3339(time), std::move(message), std::move(hint));
}

// False where a value does not fit at the finer scale.
bool append_scaled(const std::vector<std::int64_t>& from, std::size_t begin, int up, std::vector<std::int64_t>& to) {
  const std::int64_t factor = kPowersOfTen[up];
  for (std::size_t i = begin; i < from.size(); ++i) {
    if (from[i] > kUnitLimit / factor) return false;
    to.push_back(from[i] * factor);
  }
  return true;
}

bool same_bar(const BarColumns& a, std::size_t i, const BarColumns& b, std::size_t j, int price_up, int quantity_up) {
  const std::int64_t p = kPowersOfTen[price_up];
  const std::int64_t q = kPowersOfTen[quantity_up];
  return a.open[i] == b.open[j] * p && a.high[i] == b.high[j] * p && a.low[i] == b.low[j] * p && a.close[i] == b.close[j] * p && a.volume[i] == b.volume[j] * q;
}

}  // namespace

std::expected<BarColumns, ImportError> join_bars(const std::vector<BarColumns>& parts) {
  std::vector<const BarColumns*> order;
  BarColumns out;
  bool taker = true;
  for (const BarColumns& part : parts) {
    if (part.empty()) continue;
    order.push_back(&part);
    out.price_digits = std::max(out.price_digits, part.price_digits);
    out.quantity_digits = std::max(out.quantity_digits, part.quantity_digits);
    taker = taker && !part.taker_buy_volume.empty();
  }
  if (order.empty()) return err(archive::make_error(ImportFault::no_rows, {}, 0, "", "no bars in any of the files", ""));
  std::ranges::sort(order, {}, [](const BarColumns* part) { return part->open_time_ns.front(); });
  out.interval = order.front()->interval;
  for (const BarColumns* part : order) {
    const TimeNs first{part->open_time_ns.front()};
    if (part->interval != out.interval) {
      return err(failed(ImportFault::bad_interval, first,
                        "files of " + format_interval(part->interval) + " and " + format_interval(out.interval) + " bars in one series",
                        "import them under their own intervals"));
    }
    const int price_up = out.price_digits - part->price_digits;
    const int quantity_up = out.quantity_digits - part->quantity_digits;
    std::size_t begin = 0;
    if (!out.empty()) {
      // Only the overlap is compared; what lies after it is new.
      for (std::size_t i = out.lower_bound(first); i < out.size() && begin < part->size(); ++begin) {
        const std::int64_t time = part->open_time_ns[begin];
        if (time > out.open_time_ns.back()) break;
        while (i < out.size() && out.open_time_ns[i] < time) ++i;
        if (i == out.size() || out.open_time_ns[i] != time || !same_bar(out, i, *part, begin, price_up, quantity_up)) {
          return err(failed(ImportFault::conflict, TimeNs{time}, "two files overlap and differ about a bar", "import only one of them"));
        }
      }
    }
    const auto& p = *part;
    out.open_time_ns.insert(out.open_time_ns.end(), p.open_time_ns.begin() + static_cast<std::ptrdiff_t>(begin), p.open_time_ns.end());
    bool fits = append_scaled(p.open, begin, price_up, out.open) && append_scaled(p.high, begin, price_up, out.high) &&
                append_scaled(p.low, begin, price_up, out.low) && append_scaled(p.close, begin, price_up, out.close) &&
                append_scaled(p.volume, begin, quantity_up, out.volume);
    if (taker) fits = fits && append_scaled(p.taker_buy_volume, begin, quantity_up, out.taker_buy_volume);
    if (!fits) return err(failed(ImportFault::off_scale, first, "values do not fit a common scale", "name the instrument, which fixes the scale"));
  }
  out.make_floats();
  return out;
}

}  // namespace prom
