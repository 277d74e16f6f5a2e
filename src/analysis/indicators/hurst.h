// Hurst exponent by rescaled range. Operator with plain copyable state, one owner at a time.
#pragma once
#include <cstddef>
#include <optional>
#include <span>

#include "analysis/indicators/rolling.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

// Rescaled range R/S (Hurst 1951, Mandelbrot and Wallis 1969) of the last `period` log returns: they are cut into 1, 2, 4, ... 32 equal runs of at least 8 returns (the
// newest bars; a remainder is left out at the old end), R/S = range of the summed deviations over the population standard deviation, averaged over the runs of a
// size, and the exponent is the slope of ln(R/S) against ln(size). 0.5: no memory; above: trends persist; below: they revert. Short windows read high
// (no Anis-Lloyd correction). As Stock.Indicators' hurstExponent. First value at index period; none where a run does not move. O(period) a bar.
class Hurst {
 public:
  struct Params {
    int period = 100;  // at least 20
  };
  using Value = double;
  using Input = std::span<const double>;

  static ParamResult<Hurst> make(const Params& params);
  void update(double price);
  [[nodiscard]] std::optional<double> value() const;

 private:
  explicit Hurst(std::size_t period) : returns_(period) {}
  MirrorWindow returns_;
  double previous_ = 0;
};

}  // namespace prom::indicators
