// The report of a run: one HTML file of at most 10 MB that opens without network, begins with the verdict in words, and lets a person follow every trade back
// to what each agent said. Any thread.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "research/report/candles.h"
#include "research/results/run_result.h"

namespace prom {

struct ReportOptions {
  std::vector<CandleSeries> candles;  ///< make_candles(); no chart of prices where empty
  std::string command;                ///< what reproduces the run, for a shell
  std::string version;                ///< of the program
  TimeNs created_at{};
  std::vector<std::pair<std::string, std::string>> digests;  ///< name and hex, e.g. {"binary", "9f2b..."}
  const RunResult* held_out = nullptr;                       ///< the same setting on data that no choice was made on; printed beside
};

inline constexpr std::size_t kMaxReportBytes = 10'000'000;

/// Under kMaxReportBytes whatever the run's length: what did not fit is counted and named on the page.
std::string report_html(const RunResult& result, const ReportOptions& options);
/// Whole or not at all. Codes file_write, folder_create; report_too_large where even the shortest form does not fit.
std::expected<void, Error> write_report(const std::string& path, const RunResult& result, const ReportOptions& options);

}  // namespace prom
