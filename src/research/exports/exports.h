// A run's results for other programs: CSV and JSON Lines in a folder, and the document of `--json`. Formats are stated in docs/cli.md and kept stable.
// Any thread.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/result.h"
#include "research/results/run_result.h"

namespace prom {

/// Writes trades.csv, fills.csv, orders.csv, equity.csv, postings.csv, denials.csv and decisions.jsonl into `folder` (made where missing). Every file is
/// complete under a temporary name before the first is renamed into place; writing the same result again gives the same bytes.
std::expected<void, Error> write_export(const std::string& folder, const RunResult& result);

/// Each file's text; the first line is the header.
std::string trades_csv(const RunResult& result);
std::string fills_csv(const RunResult& result);
std::string orders_csv(const RunResult& result);
std::string equity_csv(const RunResult& result);
std::string postings_csv(const RunResult& result);
std::string denials_csv(const RunResult& result);

/// Where the report lies, if one was written.
struct ReportPath {
  std::optional<std::string> path;
};
/// The one document of `backtest --json` and `run --json`: money as decimal strings in `quote`, ratios as numbers, times RFC 3339. No newline at the end.
std::string result_to_json(const RunResult& result, const ReportPath& report = {});

}  // namespace prom
