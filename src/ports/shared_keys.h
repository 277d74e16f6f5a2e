// The names and lifetimes of what instances share. A key carries its lifetime, so that no caller can store a ticker for the time of a regime. Any thread; values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/strong.h"
#include "base/time.h"

namespace prom {

/// A part of a key as it may stand in one: letters, digits and `._-` unchanged, every other byte as %XX, so that no part can reach into another.
std::string key_part(std::string_view text);

using SharedUserId = StrongId<struct SharedUserTag, std::int64_t>;
using SharedAccountId = StrongId<struct SharedAccountTag, std::int64_t>;

/// What is cached under `name` is fresh for `fresh`, then stale (usable, but somebody should load it again) until `lifetime` is over.
struct CacheKey {
  std::string name;
  DurationNs fresh;
  DurationNs lifetime;
};

struct TickerOf {
  std::string_view exchange;
  std::string_view symbol;
};
CacheKey ticker_key(const TickerOf& of);           ///< cache:ticker:{exchange}:{symbol}, 5 s
CacheKey balance_key(SharedAccountId account);     ///< cache:balance:{account_id}, 30 s
CacheKey regime_key(std::string_view symbol);      ///< cache:regime:{symbol}, 5 min
std::string lock_name(std::string_view resource);  ///< lock:{resource}

struct SessionOf {
  SharedUserId user;
  std::string_view session;
};
std::string session_name(const SessionOf& of);  ///< session:{user_id}:{session_id}

struct RateOf {
  SharedUserId user;
  std::string_view action;
};
std::string rate_name(const RateOf& of);  ///< rate:{user_id}:{action}

inline constexpr DurationNs kLockLifetime{30 * kSecond.ns};
inline constexpr DurationNs kSessionLifetime{24 * kHour.ns};
inline constexpr DurationNs kRateWindow{60 * kSecond.ns};

}  // namespace prom
