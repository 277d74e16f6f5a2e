// Signal handlers write to a pipe and to atomics, nothing else; the phases run on a helper thread that shares its state with the main one,
// so that a component which hangs cannot keep the process.
#include "app/shutdown/shutdown.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "base/assert.h"

namespace prom {
namespace {

struct Component {
  ShutdownPhase phase;
  std::string name;
  StopComponent stop;
};

// What the handler touches. Plain globals: a handler has no argument, and they must outlive every object.
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<const char*>::is_always_lock_free);
std::atomic<bool> g_installed = false;
std::atomic<bool> g_requested = false;
std::atomic<int> g_signal = 0;
std::atomic<int> g_wake_write = -1;
std::atomic<const char*> g_phase = nullptr;
std::atomic<const char*> g_component = nullptr;
std::atomic<void (*)() noexcept> g_before_force = nullptr;

void write_stderr(const char* text) noexcept {
  std::size_t left = std::strlen(text);
  while (left > 0) {
    const ssize_t done = ::write(STDERR_FILENO, text, left);
    if (done <= 0) return;
    text += done;
    left -= static_cast<std::size_t>(done);
  }
}

[[noreturn]] void leave_now() noexcept { ::_exit(kExitShutdownForced); }

void run_before_force() noexcept {
  if (void (*const before)() noexcept = g_before_force.load()) before();
}

void wake() noexcept {
  const int descriptor = g_wake_write.load();
  if (descriptor >= 0) {
    // A full pipe is as readable as one byte.
    [[maybe_unused]] const ssize_t ignored = ::write(descriptor, "x", 1);
  }
}

extern "C" void prom_on_stop_signal(int number) {
  const int saved = errno;
  int none = 0;
  if (g_signal.compare_exchange_strong(none, number)) {
    g_requested.store(true);
    wake();
    errno = saved;
    return;
  }
  run_before_force();
  write_stderr("promtrade: second signal, forced to stop at once; ");
  if (const char* const component = g_component.load()) {
    write_stderr("still running: ");
    write_stderr(component);
    write_stderr(" (phase: ");
    write_stderr(g_phase.load());
    write_stderr(")\n");
  } else if (const char* const phase = g_phase.load()) {
    write_stderr("the last phase begun: ");
    write_stderr(phase);
    write_stderr("\n");
  } else {
    write_stderr("the running work had not ended yet, no shutdown phase had begun\n");
  }
  leave_now();
}

Error system_error(std::string_view what) {
  return {"signals_unavailable", std::string("cannot prepare for signals: ") + std::string(what) + ": " + std::strerror(errno), ""};
}

DurationNs monotonic() { return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count()}; }

std::optional<Error> stop_one(const StopComponent& stop) {
  try {
    if (auto done = stop(); !done) return done.error();
    return std::nullopt;
  } catch (const std::exception& thrown) {
    return Error{"shutdown_exception", thrown.what(), ""};
  }
}

// Shared by the main thread and the helper, and so kept alive by whichever ends last.
struct Progress {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Component> components;  // in order of phase; fixed before the helper starts
  std::vector<ShutdownStep> steps;    // under mutex; the component that runs is the one behind the last step
  DurationNs began;                   // under mutex
  bool done() const { return steps.size() == components.size(); }
};

void run_components(Progress& progress) {
  for (const Component& component : progress.components) {
    const DurationNs began = monotonic();
    {
      const std::lock_guard lock(progress.mutex);
      progress.began = began;
    }
    g_phase.store(describe(component.phase).data());
    g_component.store(component.name.c_str());
    std::optional<Error> failure = stop_one(component.stop);
    g_component.store(nullptr);
    const std::lock_guard lock(progress.mutex);
    progress.steps.push_back({component.phase, component.name, monotonic() - began, std::move(failure)});
    progress.changed.notify_all();
  }
}

}  // namespace

std::string_view describe(ShutdownPhase phase) {
  switch (phase) {
    case ShutdownPhase::stop_intake: return "stop intake";
    case ShutdownPhase::settle_orders: return "settle or record in-flight orders";
    case ShutdownPhase::flush: return "flush batches and streams";
    case ShutdownPhase::close_stores: return "close stores";
  }
  PROM_UNREACHABLE();
}

std::string ShutdownReport::describe() const {
  switch (outcome) {
    case Outcome::clean: return "shutdown complete: " + std::to_string(steps.size()) + " components stopped";
    case Outcome::failed: {
      std::string text = "shutdown finished with errors:";
      for (const ShutdownStep& step : steps) {
        if (step.failure) text += " " + step.component + " (phase: " + std::string(prom::describe(step.phase)) + "): " + step.failure->message + ";";
      }
      text.pop_back();
      return text;
    }
    case Outcome::timed_out: {
      std::string text = "shutdown timed out; still running after " + std::to_string(stuck->took.ns / kMillisecond.ns) + " ms: " + stuck->component +
                         " (phase: " + std::string(prom::describe(stuck->phase)) + ")";
      for (std::size_t i = 0; i < not_reached.size(); ++i) text += (i == 0 ? "; not reached: " : ", ") + not_reached[i];
      return text;
    }
  }
  PROM_UNREACHABLE();
}

struct ShutdownManager::State {
  ShutdownOptions options;
  int wake_read = -1;
  int wake_write = -1;
  struct sigaction old_interrupt = {}, old_terminate = {}, old_pipe = {};
  std::shared_ptr<Progress> progress = std::make_shared<Progress>();
  std::thread helper;
  bool ran = false;
};

ShutdownManager::ShutdownManager(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<ShutdownManager>, Error> ShutdownManager::install(const ShutdownOptions& options) {
  PROM_ASSERT(options.timeout.ns > 0, "the shutdown timeout must be positive");
  PROM_ASSERT(!g_installed.exchange(true), "one ShutdownManager at a time");
  auto state = std::make_unique<State>();
  state->options = options;
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    g_installed.store(false);
    return err(system_error("pipe"));
  }
  state->wake_read = ends[0];
  state->wake_write = ends[1];
  g_requested.store(false);
  g_signal.store(0);
  g_phase.store(nullptr);
  g_component.store(nullptr);
  g_before_force.store(options.before_force);
  g_wake_write.store(ends[1]);

  struct sigaction stop = {};
  stop.sa_handler = &prom_on_stop_signal;
  stop.sa_flags = SA_RESTART;  // reads and writes of files under way go on; loops are woken by the pipe
  ::sigemptyset(&stop.sa_mask);
  ::sigaddset(&stop.sa_mask, SIGINT);
  ::sigaddset(&stop.sa_mask, SIGTERM);
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  // These cannot fail: the signals exist and may be caught.
  PROM_ASSERT(::sigaction(SIGINT, &stop, &state->old_interrupt) == 0, "sigaction SIGINT");
  PROM_ASSERT(::sigaction(SIGTERM, &stop, &state->old_terminate) == 0, "sigaction SIGTERM");
  PROM_ASSERT(::sigaction(SIGPIPE, &ignore, &state->old_pipe) == 0, "sigaction SIGPIPE");
  return std::unique_ptr<ShutdownManager>(new ShutdownManager(std::move(state)));
}

ShutdownManager::~ShutdownManager() {
  ::sigaction(SIGINT, &state_->old_interrupt, nullptr);
  ::sigaction(SIGTERM, &state_->old_terminate, nullptr);
  ::sigaction(SIGPIPE, &state_->old_pipe, nullptr);
  g_wake_write.store(-1);
  g_before_force.store(nullptr);
  ::close(state_->wake_read);
  ::close(state_->wake_write);
  if (state_->helper.joinable()) state_->helper.detach();
  g_installed.store(false);
}

bool ShutdownManager::requested() const noexcept { return g_requested.load(std::memory_order_relaxed); }

std::optional<int> ShutdownManager::signal() const noexcept {
  const int number = g_signal.load();
  return number == 0 ? std::nullopt : std::optional(number);
}

void ShutdownManager::request() noexcept {
  g_requested.store(true);
  wake();
}

bool ShutdownManager::wait_for(DurationNs timeout) {
  const DurationNs end = monotonic() + timeout;
  while (!requested()) {
    const DurationNs left = end - monotonic();
    if (left.ns <= 0) break;
    pollfd readable{state_->wake_read, POLLIN, 0};
    const timespec patience{left.ns / kSecond.ns, left.ns % kSecond.ns};
    ::ppoll(&readable, 1, &patience, nullptr);
  }
  return requested();
}

int ShutdownManager::wake_descriptor() const noexcept { return state_->wake_read; }

void ShutdownManager::add(ShutdownPhase phase, std::string component, StopComponent stop) {
  PROM_ASSERT(!state_->ran, "components are added before the shutdown");
  PROM_ASSERT(stop != nullptr, "a component needs a way to stop");
  std::vector<Component>& all = state_->progress->components;
  const auto behind = std::upper_bound(all.begin(), all.end(), phase, [](ShutdownPhase p, const Component& c) { return p < c.phase; });
  all.insert(behind, Component{phase, std::move(component), std::move(stop)});
}

ShutdownReport ShutdownManager::run() {
  PROM_ASSERT(!state_->ran, "the shutdown runs once");
  state_->ran = true;
  std::shared_ptr<Progress> progress = state_->progress;
  state_->helper = std::thread([progress] { run_components(*progress); });

  ShutdownReport report;
  std::unique_lock lock(progress->mutex);
  const bool in_time = progress->changed.wait_for(lock, std::chrono::nanoseconds(state_->options.timeout.ns), [&] { return progress->done(); });
  report.steps = progress->steps;
  if (in_time) {
    lock.unlock();
    state_->helper.join();
    for (const ShutdownStep& step : report.steps) {
      if (step.failure) report.outcome = ShutdownReport::Outcome::failed;
    }
    progress->components.clear();  // what they captured may now go
    return report;
  }
  report.outcome = ShutdownReport::Outcome::timed_out;
  const std::size_t current = progress->steps.size();
  const Component& hanging = progress->components[current];
  report.stuck = ShutdownStep{hanging.phase, hanging.name, monotonic() - progress->began, std::nullopt};
  for (std::size_t i = current + 1; i < progress->components.size(); ++i) report.not_reached.push_back(progress->components[i].name);
  return report;
}

int ShutdownManager::exit_code(const ShutdownReport& report, int without_signal) const {
  switch (report.outcome) {
    case ShutdownReport::Outcome::clean: break;
    case ShutdownReport::Outcome::failed:
    case ShutdownReport::Outcome::timed_out: return kExitShutdownForced;
  }
  const std::optional<int> number = signal();
  return number ? 128 + *number : without_signal;
}

void ShutdownManager::end_forced(const ShutdownReport& report) const {
  run_before_force();
  write_stderr(("promtrade: " + report.describe() + "\n").c_str());
  leave_now();
}

}  // namespace prom
