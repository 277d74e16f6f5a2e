// Writes the report of a made-up run: report_sample FILE [DAYS]. For looking at the page, and for the browser test. One thread.
#include <cstdio>
#include <string>

#include "base/text.h"
#include "research/report/report.h"
#include "research/report/sample_run.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: report_sample FILE [DAYS]\n", stderr);
    return 2;
  }
  const auto days = argc > 2 ? prom::parse_i64(argv[2]).value_or(30) : 30;
  const prom::sample::Sample sample = prom::sample::run(static_cast<int>(days));
  prom::ReportOptions options;
  options.candles = prom::make_candles(sample.data);
  options.command = "promtrade backtest --desk --cash 10000 --json";
  options.version = "0.1.0";
  options.created_at = prom::sample::kStart + prom::DurationNs{31 * prom::kDay.ns};
  options.digests = {{"binary", sample.result.digest}, {"configuration", sample.result.data_sha256}, {"prompts", sample.result.digest}};
  const auto done = prom::write_report(argv[1], sample.result, options);
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
