// The vocabulary of expected failure: a value or a closed enum with its numbers. No exceptions cross an API.
// Any thread; values only.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <type_traits>
#include <utility>

namespace prom {

template <class T, class E>
using Result = std::expected<T, E>;

template <class E>
using Err = std::unexpected<E>;

// `return err(TimeError::malformed);` in a function that returns a Result.
template <class E>
[[nodiscard]] constexpr Err<std::decay_t<E>> err(E&& error) {
  return Err<std::decay_t<E>>(std::forward<E>(error));
}

// What a caller may do after an error of the outside world.
enum class Retry : std::uint8_t {
  never,     // the same request will fail again
  after,     // nothing happened; try again later
  in_doubt,  // it may have happened: ask before trying again
};

// An error in words for the edges (start-up, import, command line), shown to a person as `message`, then `hint`.
struct Error {
  std::string code;     // stable snake_case word, e.g. "bad_config_key"; programs compare this
  std::string message;  // one sentence: what, where, value, limit
  std::string hint;     // what to do about it; may be empty
  bool operator==(const Error&) const = default;
};

}  // namespace prom

#define PROM_CAT_IMPL(a, b) a##b
#define PROM_CAT(a, b) PROM_CAT_IMPL(a, b)

#define PROM_TRY_IMPL(tmp, decl, ...)                   \
  auto tmp = (__VA_ARGS__);                             \
  if (!tmp.has_value()) [[unlikely]]                    \
    return ::std::unexpected(::std::move(tmp).error()); \
  decl = *::std::move(tmp)

// PROM_TRY(auto x, parse(s)); declares x, or returns the error of parse(s) from the enclosing function.
// A statement at block level, never the lone body of an `if`. `decl` may also be an existing variable: PROM_TRY(x_, parse(s));
#define PROM_TRY(decl, ...) PROM_TRY_IMPL(PROM_CAT(prom_try_, __COUNTER__), decl, __VA_ARGS__)

// PROM_CHECK_OK(save(x)); returns its error from the enclosing function; drops its value, if any.
#define PROM_CHECK_OK(...)                                          \
  do {                                                              \
    auto prom_check_ok = (__VA_ARGS__);                             \
    if (!prom_check_ok.has_value()) [[unlikely]]                    \
      return ::std::unexpected(::std::move(prom_check_ok).error()); \
  } while (false)
