// A run's result as one file (all but its decisions), exact to the last digit, so that exports and the report can be made again. One thread.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "research/report/candles.h"
#include "research/results/run_result.h"

namespace prom::registry {

struct StoredResult {
  RunResult result;  ///< without decisions
  std::vector<CandleSeries> candles;
};

/// `run_id` is kept in place of the result's own.
std::expected<void, Error> write_result(const std::string& path, const RunResult& result, const std::string& run_id, std::span<const CandleSeries> candles);
/// Codes `file_read`, `run_corrupted` (cut or flipped) and `run_version` (written by a version with other fields).
std::expected<StoredResult, Error> read_result(const std::string& path);

}  // namespace prom::registry
