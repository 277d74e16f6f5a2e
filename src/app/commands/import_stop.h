// What imports of bars and of recordings share: a signal stops the reading of a file, and every failure is told in the same words. Main thread.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/feeds/archive/import.h"
#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/shutdown/shutdown.h"
#include "domain/value.h"
#include "ports/store_error.h"

namespace prom {

/// SIGINT and SIGTERM as long as it lives. What was read whole by then is still stored: a signal after that stops nothing.
class ImportStop {
 public:
  static std::expected<ImportStop, CommandError> watch();

  /// Shows the progress of one file and ends its reading once a signal came. `unit` is what its rows are called; both outlive the function.
  OnImportProgress on_progress(ProgressLine& line, std::string_view unit) const;
  bool requested() const { return manager_->requested(); }
  /// Code `stopped` with the exit code of the signal; `what` names the file or files that were not read. Without a hint and details.
  CommandError error(const std::string& what) const;

 private:
  explicit ImportStop(std::unique_ptr<ShutdownManager> manager) : manager_(std::move(manager)) {}
  std::unique_ptr<ShutdownManager> manager_;
};

/// What the market store refused: exit code 4 where it may be there later, else 3.
CommandError store_failed(const StoreError& error);

/// A row of `errors` in the document of a failed import: the place beside the sentence.
Value place_of(const ImportError& error);

}  // namespace prom
