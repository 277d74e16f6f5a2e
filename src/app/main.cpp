// The executable `promtrade`: makes sure of the three standard descriptors, ignores SIGPIPE (a reader that goes away must not stop trading) and hands over
// to the command line.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "app/cli/cli.h"

namespace {

/// Started with stdout or stderr closed (`>&-`), the next file that is opened, a log or a journal, would take its number and receive what is printed.
/// Read-only, so that printing fails as it should.
void hold_standard_descriptors() {
  for (;;) {
    const int descriptor = ::open("/dev/null", O_RDONLY);
    if (descriptor < 0) return;
    if (descriptor > 2) {
      ::close(descriptor);
      return;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  hold_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  return prom::run_command_line(argc, argv, std::cout, std::cerr);
}
