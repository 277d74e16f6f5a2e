// Graceful shutdown: signals become a request, phases stop named components in order within one timeout, a second signal forces.
// requested(), signal() and request() from any thread; everything else from the main thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace prom {

/// In this order (PRODUCT.md, Operations).
enum class ShutdownPhase : std::uint8_t { stop_intake, settle_orders, flush, close_stores };
inline constexpr std::array kShutdownPhases{ShutdownPhase::stop_intake, ShutdownPhase::settle_orders, ShutdownPhase::flush, ShutdownPhase::close_stores};
/// "stop intake", "settle or record in-flight orders", "flush batches and streams", "close stores".
std::string_view describe(ShutdownPhase phase);

/// Exit code of a shutdown that was forced, timed out or failed (docs/cli.md).
inline constexpr int kExitShutdownForced = 7;

struct ShutdownOptions {
  DurationNs timeout = 10 * kSecond;          ///< for all phases together; > 0
  void (*before_force)() noexcept = nullptr;  ///< run before a forced exit, e.g. restore_terminal_now; must be async-signal-safe
};

struct ShutdownStep {
  ShutdownPhase phase = ShutdownPhase::stop_intake;
  std::string component;
  DurationNs took;
  std::optional<Error> failure;
};

struct ShutdownReport {
  enum class Outcome : std::uint8_t {
    clean,
    failed,     ///< every component ran, at least one reported an error
    timed_out,  ///< `stuck` did not end in time; it is still running
  };
  Outcome outcome = Outcome::clean;
  std::vector<ShutdownStep> steps;       ///< ended ones, in order
  std::optional<ShutdownStep> stuck;     ///< the one that hangs
  std::vector<std::string> not_reached;  ///< components behind the stuck one
  /// One sentence for the log or stderr.
  std::string describe() const;
};

/// Stops one component; may block. Exceptions that escape are reported as failures (code "shutdown_exception").
using StopComponent = std::function<Result<void, Error>()>;

class ShutdownManager {
 public:
  /// Takes SIGINT and SIGTERM for the process and ignores SIGPIPE; the destructor gives all three back. One at a time (asserted).
  /// Code "signals_unavailable" where the system refuses.
  static Result<std::unique_ptr<ShutdownManager>, Error> install(const ShutdownOptions& options = {});
  ~ShutdownManager();
  ShutdownManager(const ShutdownManager&) = delete;
  ShutdownManager& operator=(const ShutdownManager&) = delete;

  /// Whether a stop was asked for, by a signal or by request(). One relaxed atomic load: poll it per bar.
  bool requested() const noexcept;
  /// The first signal received: SIGINT, SIGTERM or none.
  std::optional<int> signal() const noexcept;
  /// Asks for the same graceful stop from inside the program. It does not count as a first signal.
  void request() noexcept;
  /// Waits until a stop is requested or `timeout` has passed; returns requested(). The descriptor below serves other loops.
  bool wait_for(DurationNs timeout);
  /// Readable from the moment a stop is requested; never read it.
  int wake_descriptor() const noexcept;

  /// Components of one phase stop in the order in which they were added. Names are shown to the operator. Not after run().
  void add(ShutdownPhase phase, std::string component, StopComponent stop);
  /// Runs every phase on a helper thread and waits for it, at most `timeout` in all. Call once. After `timed_out` the helper still runs: the caller must
  /// leave by end_forced(). Everything that components use must outlive a timed-out run.
  ShutdownReport run();

  /// Code for a process that ends now: `without_signal` where no signal came and the shutdown was clean, 130 (SIGINT) or 143 (SIGTERM) after a clean
  /// shutdown, else kExitShutdownForced.
  int exit_code(const ShutdownReport& report, int without_signal = 0) const;
  /// Names the stuck component on stderr, runs before_force and ends the process at once with kExitShutdownForced; destructors do not run.
  [[noreturn]] void end_forced(const ShutdownReport& report) const;

 private:
  struct State;
  explicit ShutdownManager(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace prom
