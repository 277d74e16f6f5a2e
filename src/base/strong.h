// Integer identities that cannot be mixed up: StrongId<struct OrderTag, uint64_t> and StrongId<struct UserTag, uint32_t> do not compare.
// No std::hash on purpose: the deterministic floors use ordered or indexed containers. Any thread.
#pragma once
#include <compare>
#include <concepts>

namespace prom {

// `Rep` is an integer type. There is no "none" value: use std::optional where an id may be missing.
template <class Tag, std::integral Rep>
struct StrongId {
  using rep = Rep;
  Rep v{};

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : v(value) {}
  constexpr auto operator<=>(const StrongId&) const = default;
};

}  // namespace prom
