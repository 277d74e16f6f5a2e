// Real signals in child processes: which one came, the code at the end, and the second signal that forces.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>

#include "app/shutdown/shutdown.h"

namespace prom {
namespace {

struct Ended {
  int code = -1;
  std::string stderr_text;
};

// Runs `body` in a child whose stderr is read here. `body` gets a descriptor: a byte written to it lets `at_ready` run in the parent with the child's id.
class Child {
 public:
  explicit Child(const std::function<int(int ready)>& body) {
    int out[2] = {-1, -1};
    int ready[2] = {-1, -1};
    EXPECT_EQ(::pipe(out), 0);
    EXPECT_EQ(::pipe(ready), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], STDERR_FILENO);
      ::close(out[0]);
      ::close(out[1]);
      ::close(ready[0]);
      ::alarm(60);
      ::_exit(body(ready[1]));
    }
    ::close(out[1]);
    ::close(ready[1]);
    out_ = out[0];
    ready_ = ready[0];
  }
  ~Child() {
    ::close(out_);
    ::close(ready_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  bool wait_ready() {
    char byte = 0;
    return ::read(ready_, &byte, 1) == 1;
  }
  void send(int number) const { ::kill(pid_, number); }
  Ended end() {
    Ended ended;
    char buffer[512];
    for (ssize_t got = 0; (got = ::read(out_, buffer, sizeof buffer)) > 0;) ended.stderr_text.append(buffer, static_cast<std::size_t>(got));
    int status = 0;
    ::waitpid(pid_, &status, 0);
    ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    return ended;
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  int ready_ = -1;
};

void say_ready(int descriptor) { EXPECT_EQ(::write(descriptor, "r", 1), 1); }

int graceful(int ready) {
  auto manager = std::move(*ShutdownManager::install({.timeout = 20 * kSecond}));
  manager->add(ShutdownPhase::close_stores, "journal", []() -> Result<void, Error> { return {}; });
  say_ready(ready);
  if (!manager->wait_for(kMinute)) return 99;
  return manager->exit_code(manager->run());
}

TEST(ShutdownSignal, InterruptEndsCleanlyWith130) {
  Child child(&graceful);
  ASSERT_TRUE(child.wait_ready());
  child.send(SIGINT);
  EXPECT_EQ(child.end().code, 130);
}

TEST(ShutdownSignal, TerminateEndsCleanlyWith143) {
  Child child(&graceful);
  ASSERT_TRUE(child.wait_ready());
  child.send(SIGTERM);
  EXPECT_EQ(child.end().code, 143);
}

void give_back() noexcept { [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, "[terminal back]", 15); }

TEST(ShutdownSignal, SecondSignalNamesWhatStillRunsAndForces7) {
  Child child([](int ready) {
    auto manager = std::move(*ShutdownManager::install({.timeout = kMinute, .before_force = &give_back}));
    manager->add(ShutdownPhase::settle_orders, "order dispatcher", [ready]() -> Result<void, Error> {
      say_ready(ready);
      for (;;) ::pause();
    });
    say_ready(ready);
    manager->wait_for(kMinute);
    return manager->exit_code(manager->run());
  });
  ASSERT_TRUE(child.wait_ready());
  child.send(SIGINT);
  ASSERT_TRUE(child.wait_ready());
  child.send(SIGTERM);
  const Ended ended = child.end();
  EXPECT_EQ(ended.code, 7);
  EXPECT_EQ(ended.stderr_text,
            "[terminal back]promtrade: second signal, forced to stop at once; still running: order dispatcher (phase: settle or record in-flight orders)\n");
}

TEST(ShutdownSignal, SecondSignalBeforeAnyPhaseForces7) {
  Child child([](int ready) {
    auto manager = std::move(*ShutdownManager::install());
    say_ready(ready);
    manager->wait_for(kMinute);
    say_ready(ready);
    for (;;) ::pause();  // work that never looks
    return 0;
  });
  ASSERT_TRUE(child.wait_ready());
  child.send(SIGINT);
  ASSERT_TRUE(child.wait_ready());
  child.send(SIGINT);
  const Ended ended = child.end();
  EXPECT_EQ(ended.code, 7);
  EXPECT_NE(ended.stderr_text.find("no shutdown phase had begun"), std::string::npos) << ended.stderr_text;
}

TEST(ShutdownSignal, HangingComponentEndsWith7AndItsName) {
  Child child([](int) -> int {
    auto manager = std::move(*ShutdownManager::install({.timeout = 50 * kMillisecond, .before_force = &give_back}));
    manager->add(ShutdownPhase::flush, "projector", []() -> Result<void, Error> {
      for (;;) ::pause();
    });
    manager->request();
    const ShutdownReport report = manager->run();
    manager->end_forced(report);
  });
  const Ended ended = child.end();
  EXPECT_EQ(ended.code, 7);
  EXPECT_NE(ended.stderr_text.find("[terminal back]promtrade: shutdown timed out"), std::string::npos) << ended.stderr_text;
  EXPECT_NE(ended.stderr_text.find("projector (phase: flush batches and streams)"), std::string::npos) << ended.stderr_text;
}

}  // namespace
}  // namespace prom
