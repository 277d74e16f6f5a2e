// The signals are the shutdown's; an import has nothing else to stop in order.
#include "app/commands/import_stop.h"

#include <csignal>
#include <utility>

namespace prom {

std::expected<ImportStop, CommandError> ImportStop::watch() {
  auto manager = ShutdownManager::install();
  if (!manager) return std::unexpected(command_error(ExitCode::outside_away, manager.error()));
  return ImportStop(std::move(*manager));
}

OnImportProgress ImportStop::on_progress(ProgressLine& line, std::string_view unit) const {
  return [&line, unit, manager = manager_.get()](const ImportProgress& at) {
    line.update(at.bytes_read, at.bytes_total, std::to_string(at.rows) + " " + std::string(unit));
    return manager->requested() ? ImportFlow::stop : ImportFlow::go_on;
  };
}

CommandError ImportStop::error(const std::string& what) const {
  const bool interrupted = manager_->signal() != SIGTERM;
  return {interrupted ? ExitCode::sigint : ExitCode::sigterm,
          "stopped",
          "the import was stopped by " + std::string(interrupted ? "SIGINT" : "SIGTERM") + " before " + what + " was read whole",
          "",
          {}};
}

CommandError store_failed(const StoreError& error) {
  const bool away = error.retry != Retry::never || error.kind == StoreErrorKind::away || error.kind == StoreErrorKind::full;
  return {away ? ExitCode::outside_away : ExitCode::input_data, away ? "store_away" : "market_store", error.detail, error.hint, {}};
}

Value place_of(const ImportError& error) {
  const auto count = [](std::uint64_t n) { return Value(static_cast<std::int64_t>(n)); };
  return ValueObject{{"path", error.path}, {"line", count(error.line)}, {"column", count(error.column)},
                     {"text", error.text}, {"message", error.message},  {"hint", error.hint}};
}

}  // namespace prom
