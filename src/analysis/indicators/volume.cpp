// Volume indicators. Pure, any thread.
#include "analysis/indicators/volume.h"

#include "analysis/indicators/bulk.h"
#include "analysis/indicators/sessions.h"

namespace prom::indicators {

ParamResult<Vwap> Vwap::make(const Params& params) { return Vwap(params); }

void Vwap::update(const OhlcvBar& bar) {
  if (params_.anchor == VwapAnchor::anchored) {
    if (bar.open_time_ns < params_.anchor_ns) return;
  } else {
    const std::int64_t day = utc_day_of(bar.open_time_ns);
    if (day_ != day) {
      traded_ = {};
      volume_ = {};
    }
    day_ = day;
  }
  traded_.add(typical_price(bar) * bar.volume);
  volume_.add(bar.volume);
}

std::optional<double> Vwap::value() const {
  const double volume = volume_.total();
  return volume > 0 ? std::optional(traded_.total() / volume) : std::nullopt;
}

ParamResult<Obv> Obv::make(const Params&) { return Obv(); }

void Obv::update(const OhlcvBar& bar) {
  if (previous_close_) total_.add(signed_volume(bar.close, *previous_close_, bar.volume));
  previous_close_ = bar.close;
}

void Obv::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  in_chunks(from, bars.size(), [&](std::size_t first, std::size_t n) {
    double* out = columns[0].data() + first;
    const auto one = [&](std::size_t i) { return signed_volume(bars.close[first + i], bars.close[first + i - 1], bars.volume[first + i]); };
    total_.run(out, n, one,
               [&](std::size_t i, CarriedSum& sum, std::size_t count) { bulk_kernels().volume_line(bars_from(bars, first + i), sum, out + i, count); });
  });
  previous_close_ = bars.close.back();
}

ParamResult<DeltaVolume> DeltaVolume::make(const Params&) { return DeltaVolume(); }

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::Vwap);
PROM_BATCH_HERE(indicators::Obv);
}  // namespace prom
