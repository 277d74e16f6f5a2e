// The parts of the report that need no script: verdict, key figures, comparison, how to reproduce. HTML with every text escaped. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "research/report/report.h"

namespace prom::report {

std::string html_escape(std::string_view text);

std::string title_of(const RunResult& result);
std::string header_html(const RunResult& result);
std::string verdict_html(const RunResult& result);
std::string figures_html(const RunResult& result);
std::string comparison_html(const RunResult& result);
/// Empty without a held-out run.
std::string held_out_html(const ReportOptions& options);
std::string about_html(const RunResult& result, const ReportOptions& options, const std::vector<std::string>& left_out);

}  // namespace prom::report
