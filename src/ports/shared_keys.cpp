// Names and lifetimes of shared state; see the header. Lifetimes are those of the product's list of keys.
#include "ports/shared_keys.h"

namespace prom {

namespace {
// The last fifth of a lifetime is for loading again while the old value still serves.
CacheKey with_lifetime(std::string name, DurationNs lifetime) { return {std::move(name), {lifetime.ns / 5 * 4}, lifetime}; }
}  // namespace

std::string key_part(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return out;
}

CacheKey ticker_key(const TickerOf& of) { return with_lifetime("cache:ticker:" + key_part(of.exchange) + ":" + key_part(of.symbol), {5 * kSecond.ns}); }
CacheKey balance_key(SharedAccountId account) { return with_lifetime("cache:balance:" + std::to_string(account.v), {30 * kSecond.ns}); }
CacheKey regime_key(std::string_view symbol) { return with_lifetime("cache:regime:" + key_part(symbol), {5 * 60 * kSecond.ns}); }
std::string lock_name(std::string_view resource) { return "lock:" + key_part(resource); }
std::string session_name(const SessionOf& of) { return "session:" + std::to_string(of.user.v) + ":" + key_part(of.session); }
std::string rate_name(const RateOf& of) { return "rate:" + std::to_string(of.user.v) + ":" + key_part(of.action); }

}  // namespace prom
