// Puts the report together. Any thread.
#include "research/report/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.h"
#include "research/exports/atomic_file.h"
#include "research/report/assets.h"
#include "research/report/page.h"
#include "research/report/page_data.h"
#include "research/report/reasoning.h"

namespace prom {
namespace {

/// Kept free for the closing parts of the page.
constexpr std::size_t kReserveBytes = 50'000;

std::string base64_of_hex(std::string_view hex) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto digit = [](char c) { return static_cast<std::uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 6) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 6; ++k) bits = bits << 4 | (i + k < hex.size() ? digit(hex[i + k]) : 0);
    const std::size_t bytes = std::min<std::size_t>(3, (hex.size() - i) / 2);
    for (std::size_t k = 0; k < 4; ++k) out += k <= bytes ? kLetters[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

/// Only our two scripts may run, and nothing may be loaded from anywhere: a text that slipped through escaping would still be inert.
std::string policy(std::string_view chart_script, std::string_view script) {
  return fmt::format("default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{}' 'sha256-{}'",
                     base64_of_hex(sha256_hex(chart_script)), base64_of_hex(sha256_hex(script)));
}

struct Part {
  std::string_view name;
  std::string text;
};

/// Replaces {{name}} in one pass, so that a text that looks like a placeholder stays what it is.
std::string fill_in(std::string_view page, const std::vector<Part>& parts) {
  std::string out;
  for (;;) {
    const std::size_t open = page.find("{{");
    out += page.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = page.find("}}", open);
    PROM_ASSERT(close != std::string_view::npos, "a placeholder of the report's page is not closed");
    const std::string_view name = page.substr(open + 2, close - open - 2);
    bool known = false;
    for (const Part& part : parts) {
      if (part.name != name) continue;
      out += part.text;
      known = true;
    }
    PROM_ASSERT(known, "the report's page has a placeholder that nothing fills");
    page.remove_prefix(close + 2);
  }
}

std::vector<std::string> reasoning_notes(const RunResult& result, const report::Reasoning& r) {
  std::vector<std::string> out;
  if (result.decisions.empty()) return {"No reasoning was recorded: a strategy decided by its rules."};
  if (r.acted_shown < r.acted) out.push_back(fmt::format("{} of {} decisions to act are shown, the earliest first.", r.acted_shown, r.acted));
  if (r.holds_shown < r.holds) out.push_back(fmt::format("{} of {} decisions to hold are shown, evenly over the run.", r.holds_shown, r.holds));
  if (r.output_limit == 0) out.emplace_back("Outputs of tools are left out.");
  if (r.output_limit != 0 && r.output_limit < 4'000) out.push_back(fmt::format("Outputs of tools are cut at {} characters.", r.output_limit));
  return out;
}

}  // namespace

std::string report_html(const RunResult& result, const ReportOptions& options) {
  const report::Assets& assets = report::assets();
  report::PageData data = report::make_page_data(result, options);
  std::vector<Part> parts{{"title", report::title_of(result)},
                          {"policy", policy(assets.chart_script, assets.script)},
                          {"chart_style", std::string(assets.chart_style)},
                          {"style", std::string(assets.style)},
                          {"chart_script", std::string(assets.chart_script)},
                          {"script", std::string(assets.script)},
                          {"header", report::header_html(result)},
                          {"verdict", report::verdict_html(result)},
                          {"figures", report::figures_html(result)},
                          {"comparison", report::comparison_html(result)},
                          {"held_out", report::held_out_html(options)}};
  std::size_t used = assets.page.size() + data.json.size() + std::min<std::size_t>(result.configuration.size(), 100'000) * 6 + kReserveBytes;
  for (const Part& part : parts) used += part.text.size();
  const report::Reasoning reasoning = report::choose_reasoning(result, used < kMaxReportBytes ? kMaxReportBytes - used : 0);

  std::string note;
  for (const std::string& line : reasoning_notes(result, reasoning)) {
    note += (note.empty() ? "" : " ") + line;
    if (!result.decisions.empty()) data.left_out.push_back(line + " promtrade agents explain ID shows any of them in full.");
  }
  parts.push_back({"reasoning_note", report::html_escape(note)});
  parts.push_back({"about", report::about_html(result, options, data.left_out)});
  parts.push_back({"data", std::move(data.json) + ",\"decisions\":" + reasoning.json + "}"});
  return fill_in(assets.page, parts);
}

std::expected<void, Error> write_report(const std::string& path, const RunResult& result, const ReportOptions& options) {
  const std::string html = report_html(result, options);
  if (html.size() > kMaxReportBytes) {
    return err(
        Error{"report_too_large", fmt::format("the report would take {} bytes; at most {}", html.size(), kMaxReportBytes), "use --export for long runs"});
  }
  if (const std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0) PROM_CHECK_OK(make_folder(path.substr(0, slash)));
  return write_file_atomically(path, html);
}

}  // namespace prom
