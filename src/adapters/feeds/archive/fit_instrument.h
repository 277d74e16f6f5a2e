// An instrument of the catalogue and bars from elsewhere brought to one scale. Any thread.
#pragma once

#include "domain/bar.h"
#include "domain/instrument.h"

namespace prom {

/// The instrument with scales that hold the data: where the data's are finer it takes those, and of prices their tick. Its filters keep their meaning.
Instrument fit_scales(Instrument instrument, const BarColumns& bars);
/// Widens the columns to the instrument's scales, which are nowhere coarser. False where a value would not fit; the columns are then of no use.
bool to_scales_of(const Instrument& instrument, BarColumns& bars);

}  // namespace prom
