// Connects base/log.h to the world at start-up: level, wall clock, and stderr or a file. Called by the main thread before others start.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/result.h"

namespace prom {

struct LogOptions {
  LogLevel level = LogLevel::info;
  std::string file;  ///< appended to, created with mode 0600; empty = stderr
};

/// "debug" "info" "warning" "error", as the configuration has checked it.
LogLevel log_level_of(std::string_view name);

/// Code log_file where the file cannot be opened. Each line is written whole by one write(2), so that lines of several processes do not mix.
std::expected<void, Error> start_logging(const LogOptions& options);
/// Back to the defaults; closes the file.
void stop_logging();

}  // namespace prom
