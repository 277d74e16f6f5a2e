// OpenSSL's EVP digest behind Sha256. Its calls fail only for want of memory or a broken build, which is a broken invariant here.
#include "base/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "base/assert.h"

namespace prom {
namespace {

EVP_MD_CTX* as_context(void* pointer) { return static_cast<EVP_MD_CTX*>(pointer); }

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  PROM_ASSERT(context_ != nullptr && EVP_DigestInit_ex(as_context(context_), EVP_sha256(), nullptr) == 1, "OpenSSL has no SHA-256");
}

Sha256::~Sha256() { EVP_MD_CTX_free(as_context(context_)); }

Sha256::Sha256(Sha256&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

Sha256& Sha256::operator=(Sha256&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}

void Sha256::update(std::string_view text) { update(std::as_bytes(std::span(text.data(), text.size()))); }

void Sha256::update(std::span<const std::byte> bytes) {
  PROM_ASSERT(context_ != nullptr, "a Sha256 that was moved from");
  PROM_ASSERT(EVP_DigestUpdate(as_context(context_), bytes.data(), bytes.size()) == 1, "SHA-256 update");
}

std::string Sha256::hex() const {
  PROM_ASSERT(context_ != nullptr, "a Sha256 that was moved from");
  // Finalising ends a context, so a copy of it is finalised.
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> copy(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<unsigned char, 32> digest{};
  PROM_ASSERT(copy && EVP_MD_CTX_copy_ex(copy.get(), as_context(context_)) == 1, "SHA-256 copy");
  PROM_ASSERT(EVP_DigestFinal_ex(copy.get(), digest.data(), nullptr) == 1, "SHA-256 final");
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  out.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.hex();
}

Result<std::string, Error> sha256_file(const std::string& path) {
  const auto failure = [&](std::string code, std::string_view doing) {
    return err(Error{std::move(code), "cannot " + std::string(doing) + " " + path + ": " + std::strerror(errno), ""});
  };
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file) return failure("file_open", "open");
  Sha256 hash;
  std::array<std::byte, 64 * 1024> buffer;
  for (;;) {
    const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get());
    hash.update(std::span<const std::byte>(buffer.data(), count));
    if (count < buffer.size()) break;
  }
  if (std::ferror(file.get()) != 0) return failure("file_read", "read");
  return hash.hex();
}

}  // namespace prom
