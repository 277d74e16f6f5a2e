// The logger behind log.h: builds one line in the calling thread, hands lines to the sink one at a time.
#include "base/log.h"

#include <atomic>  // det-ok: the sink, clock and level are set once by app/
#include <cmath>
#include <cstdio>
#include <mutex>  // det-ok: lines of several threads must not mix
#include <string>

#include "base/text.h"

namespace prom {
namespace {

void write_stderr(std::string_view line) { std::fwrite(line.data(), 1, line.size(), stderr); }

std::atomic<LogSink> g_sink{&write_stderr};     // det-ok: output only, never read by a decision
std::atomic<LogClock> g_clock{nullptr};         // det-ok: supplied by app/
std::atomic<LogLevel> g_level{LogLevel::info};  // det-ok: output only
std::mutex g_sink_mutex;                        // det-ok: output only
thread_local std::string_view t_correlation;    // det-ok: output only

void append_text(std::string& out, std::string_view key, std::string_view text) {
  append_json_string(out, key);
  out += ':';
  append_json_string(out, text);
}

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  PROM_UNREACHABLE();
}

void LogField::append_json(std::string& out) const {
  append_json_string(out, key_);
  out += ':';
  switch (kind_) {
    case Kind::text: return append_json_string(out, text_);
    case Kind::signed_integer: out += std::to_string(signed_); return;
    case Kind::unsigned_integer: out += std::to_string(unsigned_); return;
    case Kind::real: out += std::isfinite(real_) ? format_f64(real_) : "null"; return;
    case Kind::flag: out += unsigned_ != 0 ? "true" : "false"; return;
    case Kind::decimal: return append_json_string(out, decimal_.to_string());
  }
  PROM_UNREACHABLE();
}

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < g_level.load(std::memory_order_relaxed)) return;  // det-ok
  std::string line;
  line.reserve(160);
  line += '{';
  if (const LogClock clock = g_clock.load(std::memory_order_acquire)) {  // det-ok
    append_text(line, "time", format_rfc3339(clock()));
    line += ',';
  }
  append_text(line, "level", to_string(level));
  line += ',';
  append_text(line, "event", event);
  if (!t_correlation.empty()) {
    line += ',';
    append_text(line, "correlation_id", t_correlation);
  }
  for (const LogField& field : fields) {
    line += ',';
    field.append_json(line);
  }
  line += "}\n";
  const std::lock_guard lock(g_sink_mutex);      // det-ok
  g_sink.load(std::memory_order_acquire)(line);  // det-ok
}

void set_log_sink(LogSink sink) { g_sink.store(sink != nullptr ? sink : &write_stderr, std::memory_order_release); }
void set_log_clock(LogClock clock) { g_clock.store(clock, std::memory_order_release); }
void set_log_level(LogLevel level) { g_level.store(level, std::memory_order_relaxed); }

LogCorrelation::LogCorrelation(std::string_view id) : outer_(t_correlation) { t_correlation = id; }
LogCorrelation::~LogCorrelation() { t_correlation = outer_; }

}  // namespace prom
