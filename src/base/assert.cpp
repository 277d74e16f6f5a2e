// The end of the road for a broken invariant: one line on stderr, then abort(), so that a core or a debugger shows where.
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace prom::detail {

void assert_failed(const char* condition, const char* why, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: assertion failed: %s%s%s\n", file, line, condition, *why != '\0' ? ": " : "", why);
  std::fflush(stderr);
  std::abort();
}

}  // namespace prom::detail
