// Datasets. Any thread.
#include "research/dataset/dataset.h"

#include <algorithm>

#include "base/sha256.h"

namespace prom {
namespace {

template <class T>
void keep_range(std::vector<T>& column, std::size_t from, std::size_t to) {
  if (column.empty()) return;
  column = std::vector<T>(column.begin() + static_cast<std::ptrdiff_t>(from), column.begin() + static_cast<std::ptrdiff_t>(to));
}

}  // namespace

TimeNs Dataset::first() const {
  TimeNs earliest{INT64_MAX};
  for (const InstrumentData& s : series)
    if (!s.bars.empty()) earliest = std::min(earliest, TimeNs{s.bars.open_time_ns.front()});
  return earliest;
}

TimeNs Dataset::last_close() const {
  TimeNs latest{0};
  for (const InstrumentData& s : series)
    if (!s.bars.empty()) latest = std::max(latest, TimeNs{s.bars.open_time_ns.back()} + interval);
  return latest;
}

std::size_t Dataset::bar_count() const {
  std::size_t n = 0;
  for (const InstrumentData& s : series) n += s.bars.size();
  return n;
}

std::string Dataset::digest() const {
  if (series.size() == 1 && series.front().sha256.size() == 64) return series.front().sha256;
  Sha256 sha;
  for (const InstrumentData& s : series) {
    sha.update(instrument_code(s.instrument) + " " + format_interval(interval) + " " + s.sha256 + " ");
    if (!s.bars.empty()) sha.update(std::to_string(s.bars.open_time_ns.front()) + " " + std::to_string(s.bars.open_time_ns.back()));
    sha.update(" " + std::to_string(s.bars.size()) + "\n");
  }
  return sha.hex();
}

Dataset Dataset::slice(TimeNs from, TimeNs to) const {
  Dataset out = *this;
  for (InstrumentData& s : out.series) {
    const std::size_t a = s.bars.lower_bound(from);
    const std::size_t b = std::max(a, s.bars.lower_bound(to));
    for (auto* column : {&s.bars.open_time_ns, &s.bars.open, &s.bars.high, &s.bars.low, &s.bars.close, &s.bars.volume, &s.bars.taker_buy_volume})
      keep_range(*column, a, b);
    s.bars.make_floats();
  }
  return out;
}

std::expected<Dataset, std::string> make_dataset(std::vector<std::string> assets, std::vector<InstrumentData> series) {
  Dataset out;
  out.assets = std::move(assets);
  if (series.empty()) return std::unexpected("the data set has no series");
  out.interval = series.front().bars.interval;
  for (std::size_t i = 0; i < series.size(); ++i) {
    InstrumentData& s = series[i];
    if (s.bars.interval != out.interval)
      return std::unexpected(instrument_code(s.instrument) + " has " + format_interval(s.bars.interval) + " bars and " +
                             instrument_code(series.front().instrument) + " has " + format_interval(out.interval) + ": one run needs one interval");
    if (s.bars.price_digits != s.instrument.price_digits || s.bars.quantity_digits != s.instrument.quantity_digits)
      return std::unexpected(instrument_code(s.instrument) + ": its bars are at another scale than the instrument");
    s.instrument.ix = InstrumentIx{static_cast<std::uint16_t>(i)};
    for (std::size_t j = 0; j < i; ++j)
      if (instrument_code(series[j].instrument) == instrument_code(s.instrument))
        return std::unexpected(instrument_code(s.instrument) + " appears twice in the data set");
  }
  out.series = std::move(series);
  return out;
}

}  // namespace prom
