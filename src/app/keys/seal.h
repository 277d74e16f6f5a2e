// Sealing of venue keys at rest: AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce each time; user and account are associated data, so that a sealed
// text moved to another user or account does not open. Any thread; randomness comes from OpenSSL.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace prom {

/// Whom a sealed text belongs to.
struct SealOwner {
  std::string user;
  std::string account;
  auto operator<=>(const SealOwner&) const = default;
};

enum class SealFault : std::uint8_t {
  bad_key,        ///< not 32 bytes in base64
  malformed,      ///< not what seal() writes
  not_authentic,  ///< another key, another owner, or altered bytes: which of them cannot be told
  too_long,       ///< plaintext above kMaxSealed
  no_randomness
};
std::string_view describe(SealFault fault);

inline constexpr std::size_t kMaxSealed = 64 * 1024;

/// A 32-byte AES key. Only from text or fresh.
class SealKey {
 public:
  static std::expected<SealKey, SealFault> from_base64(std::string_view text);
  static std::expected<SealKey, SealFault> generate();
  /// For the one place that shows or stores it.
  SecretString to_base64() const;

  /// "v1:" and base64 of nonce (12) | ciphertext | tag (16).
  std::expected<std::string, SealFault> seal(const SealOwner& owner, const SecretString& plaintext) const;
  std::expected<SecretString, SealFault> open(const SealOwner& owner, std::string_view sealed) const;

 private:
  explicit SealKey(SecretString bytes) : bytes_(std::move(bytes)) {}
  SecretString bytes_;
};

}  // namespace prom
