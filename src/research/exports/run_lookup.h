// Names and values of what a result refers to by index, tolerant of indexes that it does not know. Any thread.
#pragma once

#include <optional>
#include <string>

#include "research/results/run_result.h"

namespace prom {

/// Null where the result does not know it.
inline const Instrument* find_instrument(const RunResult& result, InstrumentIx ix) {
  return ix.v < result.instruments.size() ? &result.instruments[ix.v] : nullptr;
}
/// "binance:linear:BTCUSDT"; empty where unknown.
inline std::string code_of(const RunResult& result, InstrumentIx ix) {
  const Instrument* instrument = find_instrument(result, ix);
  return instrument == nullptr ? std::string() : instrument_code(*instrument);
}
/// "BTCUSDT"; empty where unknown.
inline std::string symbol_of(const RunResult& result, InstrumentIx ix) {
  const Instrument* instrument = find_instrument(result, ix);
  return instrument == nullptr ? std::string() : instrument->symbol;
}
inline std::string asset_of(const RunResult& result, AssetIx ix) { return ix.v < result.assets.size() ? result.assets[ix.v] : std::string(); }
/// The asset that an instrument's profit is paid in.
inline std::string settle_of(const RunResult& result, InstrumentIx ix) {
  const Instrument* instrument = find_instrument(result, ix);
  return instrument == nullptr ? std::string() : asset_of(result, instrument->settle);
}
/// Price or quantity as text; empty where absent or unknown.
template <class Units>
std::string units_text(const RunResult& result, InstrumentIx ix, const std::optional<Units>& units) {
  const Instrument* instrument = find_instrument(result, ix);
  return instrument == nullptr || !units ? std::string() : to_decimal(*instrument, *units).to_string();
}
template <class Units>
std::string units_text(const RunResult& result, InstrumentIx ix, Units units) {
  return units_text(result, ix, std::optional<Units>(units));
}

}  // namespace prom
