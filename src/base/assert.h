// Assertions that stay on in every build: a broken invariant stops the process instead of trading on.
// For what the world may do wrong use Result (base/result.h). Any thread.
#pragma once

namespace prom::detail {

// Prints "file:line: assertion failed: condition: why" to stderr and aborts. `why` may be empty.
[[noreturn, gnu::cold, gnu::noinline]] void assert_failed(const char* condition, const char* why, const char* file, int line) noexcept;

}  // namespace prom::detail

// PROM_ASSERT(cond) or PROM_ASSERT(cond, "why"). `why` is a string literal. Put a condition that holds a bare comma in parentheses.
#define PROM_ASSERT(cond, ...) \
  (__builtin_expect(static_cast<bool>(cond), 1) ? static_cast<void>(0) : ::prom::detail::assert_failed(#cond, "" __VA_ARGS__, __FILE__, __LINE__))

// Marks a point that no valid value reaches, e.g. after an exhaustive enum switch.
#define PROM_UNREACHABLE() ::prom::detail::assert_failed("unreachable code reached", "", __FILE__, __LINE__)
