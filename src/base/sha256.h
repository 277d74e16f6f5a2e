// SHA-256 for digests that outsiders recompute (OpenSSL behind it). One thread each object.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace prom {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&& other) noexcept;
  Sha256& operator=(Sha256&& other) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::string_view text);
  void update(std::span<const std::byte> bytes);
  // 64 lower-case hex digits of all bytes so far; the object may go on.
  std::string hex() const;

 private:
  void* context_;  // EVP_MD_CTX, owned
};

std::string sha256_hex(std::string_view text);
// Digest of a file's content; error codes `file_open` and `file_read` name the path.
Result<std::string, Error> sha256_file(const std::string& path);

}  // namespace prom
