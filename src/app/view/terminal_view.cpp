// The picture on a terminal, by ncursesw. The terminal is given back on every way out: finish, destructor, exit(), crash signals, forced exits.
// The thread that made the view drives it; restore_terminal_now may come from a signal handler.
// Our headers come first and <term.h> is not included: curses defines many short words as macros.
#include "app/view/layout.h"
#include "app/view/view_clock.h"
#include "base/assert.h"

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

extern "C" char* tigetstr(const char*);  // of <term.h>

namespace prom::view {
namespace {

// Whoever handles one of the last four keeps it; the others are handed on after the terminal is back.
constexpr std::array kCrashSignals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGHUP, SIGINT, SIGTERM};
constexpr std::size_t kOnlyUnhandledFrom = 5;

// What a signal handler needs to give the terminal back: written before `active` is set, never while it is.
struct Rescue {
  std::atomic<bool> active = false;
  termios modes{};
  std::array<char, 256> sequence{};
  std::size_t length = 0;
  std::array<struct sigaction, kCrashSignals.size()> before{};
};
static_assert(std::atomic<bool>::is_always_lock_free);
Rescue g_rescue;
std::atomic<bool> g_view_exists = false;

extern "C" void prom_on_crash_signal(int number) {
  restore_terminal_now();
  for (std::size_t i = 0; i < kCrashSignals.size(); ++i) {
    if (kCrashSignals.at(i) == number) ::sigaction(number, &g_rescue.before.at(i), nullptr);
  }
  ::raise(number);  // delivered when this handler returns, to whoever had it before
}

// A capability as bytes: padding marks "$<..>" are for slow terminals of old.
void add_capability(const char* name) {
  const char* const text = ::tigetstr(name);
  if (text == nullptr || reinterpret_cast<std::intptr_t>(text) == -1) return;
  for (const char* at = text; *at != '\0' && g_rescue.length < g_rescue.sequence.size(); ++at) {
    if (at[0] == '$' && at[1] == '<') {
      const char* const end = std::strchr(at, '>');
      if (end == nullptr) return;
      at = end;
      continue;
    }
    g_rescue.sequence.at(g_rescue.length++) = *at;
  }
}

void prepare_rescue(const termios& modes) {
  g_rescue.modes = modes;
  g_rescue.length = 0;
  for (const char* const name : {"sgr0", "op", "cnorm", "rmcup"}) add_capability(name);
  g_rescue.active.store(true);
  for (std::size_t i = 0; i < kCrashSignals.size(); ++i) {
    struct sigaction crash{};
    crash.sa_handler = &prom_on_crash_signal;
    crash.sa_flags = SA_ONSTACK;
    ::sigemptyset(&crash.sa_mask);
    ::sigaction(kCrashSignals.at(i), nullptr, &g_rescue.before.at(i));
    const auto handler = g_rescue.before.at(i).sa_handler;
    if (handler == SIG_DFL || (handler != SIG_IGN && i < kOnlyUnhandledFrom)) ::sigaction(kCrashSignals.at(i), &crash, nullptr);
  }
  static std::once_flag once;
  std::call_once(once, [] { std::atexit([] { restore_terminal_now(); }); });
}

void end_rescue() {
  g_rescue.active.store(false);
  for (std::size_t i = 0; i < kCrashSignals.size(); ++i) {
    struct sigaction now{};
    ::sigaction(kCrashSignals.at(i), nullptr, &now);  // somebody may have taken it over since
    if (now.sa_handler == &prom_on_crash_signal) ::sigaction(kCrashSignals.at(i), &g_rescue.before.at(i), nullptr);
  }
}

// curses needs a UTF-8 locale for the bars; a bare system has none set, and C.UTF-8 is always there.
void choose_locale() {
  std::setlocale(LC_CTYPE, "");
  if (std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

// Keeps curses from taking the signals that shutdown owns; it sets its own where nobody has set any.
class KeepSignals {
 public:
  KeepSignals() {
    for (std::size_t i = 0; i < kKept.size(); ++i) ::sigaction(kKept.at(i), nullptr, &before_.at(i));
  }
  ~KeepSignals() {
    for (std::size_t i = 0; i < kKept.size(); ++i) ::sigaction(kKept.at(i), &before_.at(i), nullptr);
  }
  KeepSignals(const KeepSignals&) = delete;
  KeepSignals& operator=(const KeepSignals&) = delete;

 private:
  static constexpr std::array kKept{SIGINT, SIGTERM, SIGWINCH};
  std::array<struct sigaction, kKept.size()> before_{};
};

enum Pair : short { kGreen = 1, kRed, kYellow };

class TerminalView final : public RunView {
 public:
  TerminalView(SCREEN* screen, Colours colours) : screen_(screen) {
    ::cbreak();
    ::noecho();
    ::nodelay(::stdscr, TRUE);
    ::leaveok(::stdscr, TRUE);
    ::scrollok(::stdscr, FALSE);
    ::curs_set(0);
    if (colours == Colours::on && ::has_colors()) {
      ::start_color();
      ::use_default_colors();
      ::init_pair(kGreen, COLOR_GREEN, -1);
      ::init_pair(kRed, COLOR_RED, -1);
      ::init_pair(kYellow, COLOR_YELLOW, -1);
      coloured_ = true;
    }
  }
  ~TerminalView() override {
    close();
    g_view_exists.store(false);
  }

  bool due() const override { return screen_ != nullptr && (!drawn_ || monotonic_now() - last_draw_ >= kRedrawEvery); }

  void update(const RunViewModel& model) override {
    if (screen_ == nullptr || (!due() && model.notice == notice_)) return;
    last_draw_ = monotonic_now();
    drawn_ = true;
    notice_ = model.notice;
    while (::wgetch(::stdscr) != ERR) {
      // Keys do nothing here; what is typed must not appear at the prompt afterwards.
    }
    follow_size();
    draw(render(model, static_cast<std::size_t>(COLS), static_cast<std::size_t>(LINES)));
  }

  void finish(const std::vector<std::string>& summary_lines) override {
    if (screen_ == nullptr) return;
    close();
    for (const std::string& line : summary_lines) std::fprintf(stdout, "%s\n", line.c_str());
    std::fflush(stdout);
  }

 private:
  void close() {
    if (screen_ == nullptr) return;
    ::endwin();
    end_rescue();
    ::delscreen(screen_);
    screen_ = nullptr;
  }

  // Asked at each picture, so that no handler for SIGWINCH is needed.
  static void follow_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return;
    if (size.ws_row == LINES && size.ws_col == COLS) return;
    ::resizeterm(size.ws_row, size.ws_col);
    ::wclear(::stdscr);
  }

  attr_t attributes(Tone tone) const {
    const auto pair = [this](short number) { return coloured_ ? static_cast<attr_t>(COLOR_PAIR(number)) : attr_t{A_NORMAL}; };
    switch (tone) {
      case Tone::normal: return A_NORMAL;
      case Tone::faint: return A_DIM;
      case Tone::strong: return A_BOLD;
      case Tone::badge: return A_BOLD | A_REVERSE | pair(kYellow);
      case Tone::gain: return pair(kGreen);
      case Tone::loss: return pair(kRed);
      case Tone::warning: return A_BOLD | pair(kYellow);
    }
    PROM_UNREACHABLE();
  }

  void draw(const std::vector<StyledLine>& picture) const {
    ::werase(::stdscr);
    int row = 0;
    for (const StyledLine& line : picture) {
      ::wmove(::stdscr, row++, 0);
      for (const Span& span : line.spans) {
        ::wattrset(::stdscr, static_cast<int>(attributes(span.tone)));
        ::waddstr(::stdscr, span.text.c_str());
      }
    }
    ::wattrset(::stdscr, A_NORMAL);
    ::wrefresh(::stdscr);
  }

  SCREEN* screen_;
  bool coloured_ = false;
  bool drawn_ = false;
  DurationNs last_draw_;
  std::string notice_;
};

Error unusable(std::string reason) { return {"terminal_unusable", "The live view cannot be shown: " + std::move(reason) + ".", "run with plain output"}; }

}  // namespace

void restore_terminal_now() noexcept {
  if (!g_rescue.active.exchange(false)) return;
  std::size_t done = 0;
  while (done < g_rescue.length) {
    const ssize_t wrote = ::write(STDOUT_FILENO, g_rescue.sequence.data() + done, g_rescue.length - done);
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  ::tcsetattr(STDOUT_FILENO, TCSANOW, &g_rescue.modes);
}

Colours colours_wanted() {
  const char* const none = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  if (none != nullptr && *none != '\0') return Colours::off;
  return term == nullptr || std::strcmp(term, "dumb") == 0 ? Colours::off : Colours::on;
}

Screen screen_of_stdout() {
  const char* const term = std::getenv("TERM");
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) return Screen::plain;
  if (term == nullptr || *term == '\0' || std::strcmp(term, "dumb") == 0) return Screen::plain;
  return Screen::terminal;
}

Result<std::unique_ptr<RunView>, Error> make_terminal_view(Colours colours) {
  if (screen_of_stdout() == Screen::plain) return err(unusable("stdin and stdout are not a terminal that can move the cursor"));
  if (g_view_exists.exchange(true)) return err(unusable("there is one already"));
  termios modes{};
  if (::tcgetattr(STDOUT_FILENO, &modes) != 0) {
    g_view_exists.store(false);
    return err(unusable(std::strerror(errno)));
  }
  choose_locale();
  SCREEN* screen = nullptr;
  {
    const KeepSignals keep;
    screen = ::newterm(nullptr, stdout, stdin);
  }
  if (screen == nullptr || ::tigetstr("cup") == nullptr) {
    if (screen != nullptr) {
      ::endwin();
      ::delscreen(screen);
    }
    g_view_exists.store(false);
    return err(unusable("TERM names a terminal that is not known here"));
  }
  prepare_rescue(modes);
  return std::unique_ptr<RunView>(std::make_unique<TerminalView>(screen, colours));
}

}  // namespace prom::view
