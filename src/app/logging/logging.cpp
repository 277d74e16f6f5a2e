// The sink and the clock of the log. A line that cannot be written (full disk, closed pipe) is dropped: logging never stops trading.
#include "app/logging/logging.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/assert.h"

namespace prom {
namespace {

int log_descriptor = STDERR_FILENO;  // set before threads start

void write_line(std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(log_descriptor, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

TimeNs log_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() / kMicrosecond.ns * kMicrosecond.ns};
}

}  // namespace

LogLevel log_level_of(std::string_view name) {
  if (name == "debug") return LogLevel::debug;
  if (name == "warning") return LogLevel::warning;
  if (name == "error") return LogLevel::error;
  PROM_ASSERT(name == "info", "a log level that the configuration has checked");
  return LogLevel::info;
}

std::expected<void, Error> start_logging(const LogOptions& options) {
  int descriptor = STDERR_FILENO;
  if (!options.file.empty()) {
    descriptor = ::open(options.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor < 0) return std::unexpected(Error{"log_file", "cannot open the log file " + options.file + ": " + std::strerror(errno), "set [log] file"});
  }
  stop_logging();
  log_descriptor = descriptor;
  set_log_level(options.level);
  set_log_clock(&log_time);
  set_log_sink(&write_line);
  return {};
}

void stop_logging() {
  set_log_sink(nullptr);
  set_log_clock(nullptr);
  set_log_level(LogLevel::info);
  if (log_descriptor != STDERR_FILENO) ::close(log_descriptor);
  log_descriptor = STDERR_FILENO;
}

}  // namespace prom
