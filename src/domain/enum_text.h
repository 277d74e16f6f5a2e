// Names and counts of our enums, taken from their enumerators by the compiler, so that no table can fall behind. All our enums count up from 0 without
// gaps. Pure; any thread. Include from .cpp files only: it costs compile time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace prom {

namespace detail {

// clang writes "... [V = prom::Side::buy]" for an enumerator and "... [V = (prom::Side)7]" for a number without one.
template <auto V>
consteval std::string_view enumerator_name() {
  const std::string_view text = __PRETTY_FUNCTION__;
  const std::size_t end = text.rfind(']');
  const std::size_t colon = text.rfind(':', end);
  const std::size_t paren = text.rfind(')', end);
  if (paren != std::string_view::npos && (colon == std::string_view::npos || paren > colon)) return {};
  return text.substr(colon + 1, end - colon - 1);
}

/// The first number from I on that is no enumerator. One by one, for most lists are short and every name that is looked for costs compile time.
template <class E, std::size_t I = 0>
consteval std::size_t count_enumerators() {
  if constexpr (enumerator_name<static_cast<E>(I)>().empty()) {
    return I;
  } else {
    return count_enumerators<E, I + 1>();
  }
}

template <class E, std::size_t... I>
consteval auto enumerator_names(std::index_sequence<I...>) {
  return std::array<std::string_view, sizeof...(I)>{enumerator_name<static_cast<E>(I)>()...};
}
template <class E>
inline constexpr auto kEnumerators = enumerator_names<E>(std::make_index_sequence<count_enumerators<E>()>{});

}  // namespace detail

/// Number of enumerators of E.
template <class E>
  requires std::is_enum_v<E>
inline constexpr std::size_t kEnumCount = detail::kEnumerators<E>.size();

/// The enumerator's name as written in the source; empty for a number that is none of them.
template <class E>
  requires std::is_enum_v<E>
constexpr std::string_view enum_text(E value) {
  const auto index = static_cast<std::size_t>(value);
  return index < kEnumCount<E> ? detail::kEnumerators<E>[index] : std::string_view{};
}

template <class E>
  requires std::is_enum_v<E>
constexpr std::optional<E> parse_enum(std::string_view name) {
  for (std::size_t i = 0; i < kEnumCount<E>; ++i) {
    if (detail::kEnumerators<E>[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace prom
