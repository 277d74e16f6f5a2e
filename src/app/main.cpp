// The executable `promtrade`: ignores SIGPIPE (a reader that goes away must not stop trading) and hands over to the command line.
#include <csignal>
#include <iostream>

#include "app/cli/cli.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  return prom::run_command_line(argc, argv, std::cout, std::cerr);
}
