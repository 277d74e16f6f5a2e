// The terminal view on a real pseudo-terminal: what it draws, that signals stay as they were, that the terminal comes back on every way out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>

#include "app/view/demo_model.h"
#include "app/view/run_view.h"

namespace prom::view {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const char* const kEnterScreen = "\x1b[?1049h";  // xterm: smcup begins with it
const char* const kLeaveScreen = "\x1b[?1049l";  // xterm: rmcup

struct Shown {
  std::string bytes;
  int status = 0;
  termios modes{};
};

// Runs `body` in a child on a terminal of 80 x 24 and collects what it writes.
Shown on_terminal(const char* term, const std::function<int()>& body) {
  winsize size{24, 80, 0, 0};
  int master = -1;
  int slave = -1;
  EXPECT_EQ(::openpty(&master, &slave, nullptr, nullptr, &size), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("TERM", term, 1);
    ::unsetenv("NO_COLOR");
    ::close(master);
    ::login_tty(slave);
    ::alarm(60);
    ::_exit(body());
  }
  Shown shown;
  for (bool ended = false; !ended;) {
    // The slave stays open here, so that its modes can be read afterwards; the child's end is asked for instead of an end of file.
    ended = ::waitpid(child, &shown.status, WNOHANG) == child;
    pollfd readable{master, POLLIN, 0};
    while (::poll(&readable, 1, ended ? 0 : 20) > 0) {
      char buffer[4096];
      const ssize_t got = ::read(master, buffer, sizeof buffer);
      if (got <= 0) break;
      shown.bytes.append(buffer, static_cast<std::size_t>(got));
    }
  }
  ::tcgetattr(slave, &shown.modes);
  ::close(master);
  ::close(slave);
  return shown;
}

std::unique_ptr<RunView> made() {
  auto view = make_terminal_view(colours_wanted());
  if (!view) ::_exit(90);
  return std::move(*view);
}

void expect_given_back(const Shown& shown) {
  EXPECT_THAT(shown.bytes, HasSubstr(kEnterScreen));
  EXPECT_GT(shown.bytes.rfind(kLeaveScreen) + 1, shown.bytes.rfind(kEnterScreen) + 1);
  EXPECT_NE(shown.bytes.rfind(kLeaveScreen), std::string::npos);
  EXPECT_NE(shown.modes.c_lflag & ECHO, 0U);
  EXPECT_NE(shown.modes.c_lflag & ICANON, 0U);
}

TEST(TerminalView, DrawsAndGivesTheTerminalBackBeforeTheSummary) {
  const Shown shown = on_terminal("xterm-256color", [] {
    auto view = made();
    view->update(demo_model(0.5));
    view->finish({"Net result: +1,234.56 USDT"});
    view->update(demo_model(0.6));
    return 0;
  });
  EXPECT_EQ(shown.status, 0);
  expect_given_back(shown);
  EXPECT_THAT(shown.bytes, HasSubstr("PAPER"));
  EXPECT_THAT(shown.bytes, HasSubstr("101,234.56"));
  EXPECT_THAT(shown.bytes, HasSubstr("█"));
  EXPECT_GT(shown.bytes.find("Net result"), shown.bytes.rfind(kLeaveScreen));
}

TEST(TerminalView, DestructorGivesTheTerminalBack) {
  expect_given_back(on_terminal("xterm-256color", [] {
    auto view = made();
    view->update(demo_model(0.5));
    return 0;
  }));
}

TEST(TerminalView, ExitWithoutDestructorGivesTheTerminalBack) {
  expect_given_back(on_terminal("xterm-256color", []() -> int {
    RunView* const forgotten = made().release();
    forgotten->update(demo_model(0.5));
    std::exit(0);
  }));
}

TEST(TerminalView, CrashGivesTheTerminalBackAndStillCrashes) {
  const Shown shown = on_terminal("xterm-256color", []() -> int {
    auto view = made();
    view->update(demo_model(0.5));
    std::abort();
  });
  expect_given_back(shown);
  EXPECT_TRUE(WIFSIGNALED(shown.status));
  EXPECT_EQ(WTERMSIG(shown.status), SIGABRT);
}

TEST(TerminalView, InterruptThatNobodyHandlesGivesTheTerminalBack) {
  const Shown shown = on_terminal("xterm-256color", []() -> int {
    auto view = made();
    view->update(demo_model(0.5));
    ::raise(SIGINT);
    return 0;
  });
  expect_given_back(shown);
  EXPECT_TRUE(WIFSIGNALED(shown.status));
  EXPECT_EQ(WTERMSIG(shown.status), SIGINT);
}

TEST(TerminalView, ForcedExitGivesTheTerminalBackOnce) {
  const Shown shown = on_terminal("xterm-256color", []() -> int {
    auto view = made();
    view->update(demo_model(0.5));
    restore_terminal_now();
    restore_terminal_now();
    ::_exit(7);
  });
  expect_given_back(shown);
  EXPECT_EQ(shown.bytes.find(kLeaveScreen), shown.bytes.rfind(kLeaveScreen));
  EXPECT_EQ(WEXITSTATUS(shown.status), 7);
}

volatile std::sig_atomic_t g_interrupts = 0;

TEST(TerminalView, LeavesTheSignalsOfTheShutdownAlone) {
  const Shown shown = on_terminal("xterm-256color", [] {
    struct sigaction mine{};
    mine.sa_handler = [](int) { g_interrupts = g_interrupts + 1; };
    ::sigaction(SIGINT, &mine, nullptr);
    auto view = made();
    struct sigaction interrupt{};
    ::sigaction(SIGINT, nullptr, &interrupt);
    ::raise(SIGINT);
    // A handler that comes after the view stays when the view goes.
    ::sigaction(SIGTERM, &mine, nullptr);
    view->finish({});
    struct sigaction terminate{};
    struct sigaction aborted{};
    ::sigaction(SIGTERM, nullptr, &terminate);
    ::sigaction(SIGABRT, nullptr, &aborted);
    const bool kept = interrupt.sa_handler == mine.sa_handler && terminate.sa_handler == mine.sa_handler;
    return kept && aborted.sa_handler == SIG_DFL && g_interrupts == 1 ? 0 : 1;
  });
  EXPECT_EQ(shown.status, 0);
}

TEST(TerminalView, FollowsTheSizeOfTheTerminal) {
  const Shown shown = on_terminal("xterm-256color", [] {
    auto view = made();
    view->update(demo_model(0.5));
    const winsize wide{40, 120, 0, 0};
    ::ioctl(STDOUT_FILENO, TIOCSWINSZ, &wide);
    RunViewModel model = demo_model(0.5);
    model.notice = "Stopping";  // a changed notice is shown at once
    view->update(model);
    view->finish({});
    return 0;
  });
  EXPECT_THAT(shown.bytes, HasSubstr("orchestrator"));  // the agents' list needs the larger screen
}

TEST(TerminalView, NoColourIsSentWhereItIsOff) {
  const auto colours = [](Colours wanted) {
    return on_terminal("xterm-256color", [wanted] {
      auto view = make_terminal_view(wanted);
      if (!view) return 90;
      (*view)->update(demo_model(0.5));
      (*view)->finish({});
      return 0;
    });
  };
  EXPECT_THAT(colours(Colours::on).bytes, HasSubstr("\x1b[31m"));
  EXPECT_THAT(colours(Colours::off).bytes, Not(HasSubstr("\x1b[31m")));
}

TEST(TerminalView, UnknownTerminalsAreRefusedNotFatal) {
  for (const char* const term : {"dumb", "no-such-terminal", ""}) {
    const Shown shown = on_terminal(term, [] {
      const auto view = make_terminal_view(Colours::on);
      return !view && view.error().code == "terminal_unusable" ? 0 : 1;
    });
    EXPECT_EQ(shown.status, 0) << term;
  }
}

TEST(TerminalView, OnlyOneAtATimeAndAgainAfterIt) {
  const Shown shown = on_terminal("xterm-256color", [] {
    {
      auto first = made();
      if (make_terminal_view(Colours::off)) return 1;
    }
    auto next = made();
    return 0;
  });
  EXPECT_EQ(shown.status, 0);
}

}  // namespace
}  // namespace prom::view
