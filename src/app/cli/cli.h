// The command line as a whole: parse, run the one command that was asked for, show its error, give its exit code. Main thread.
#pragma once

#include <iosfwd>

namespace prom {

/// `argv[0]` is the program. Returns the process's exit code. Catches what standard and third-party code throws at start-up.
int run_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

}  // namespace prom
