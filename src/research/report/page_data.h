// What the report's scripts draw from: curves, candles, trades and denials as compact JSON, each list bounded. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "research/report/report.h"

namespace prom::report {

struct PageData {
  std::string json;                   ///< object without "decisions"; the closing brace is left to the caller
  std::vector<std::string> left_out;  ///< sentences
};

PageData make_page_data(const RunResult& result, const ReportOptions& options);

}  // namespace prom::report
