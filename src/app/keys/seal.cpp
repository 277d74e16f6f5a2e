// AES-256-GCM through OpenSSL's EVP interface.
#include "app/keys/seal.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>

#include "app/keys/base64.h"

namespace prom {
namespace {

constexpr std::size_t kKeyBytes = 32, kNonceBytes = 12, kTagBytes = 16;
constexpr std::string_view kVersion = "v1:";

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void append_length(std::string& out, std::size_t length) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(length >> shift & 255U));
}

/// Lengths stand before the texts: ("ab","c") and ("a","bc") differ.
std::string associated_data(const SealOwner& owner) {
  std::string out = "promtrade credentials v1";
  append_length(out, owner.user.size());
  out += owner.user;
  append_length(out, owner.account.size());
  out += owner.account;
  return out;
}

}  // namespace

std::string_view describe(SealFault fault) {
  switch (fault) {
    case SealFault::bad_key: return "the key is not 32 bytes in base64";
    case SealFault::malformed: return "the sealed text is not one that this program wrote";
    case SealFault::not_authentic: return "the sealed text does not open: another key, another owner, or it was altered";
    case SealFault::too_long: return "the text to seal is longer than 64 KiB";
    case SealFault::no_randomness: return "the system gives no random bytes";
  }
  __builtin_unreachable();
}

std::expected<SealKey, SealFault> SealKey::from_base64(std::string_view text) {
  auto bytes = base64_decode(text);
  if (!bytes || bytes->size() != kKeyBytes) {
    if (bytes) wipe(*bytes);
    return std::unexpected(SealFault::bad_key);
  }
  return SealKey(SecretString(std::move(*bytes)));
}

std::expected<SealKey, SealFault> SealKey::generate() {
  std::string bytes(kKeyBytes, '\0');
  if (RAND_priv_bytes(bytes_of(bytes), kKeyBytes) != 1) return std::unexpected(SealFault::no_randomness);
  return SealKey(SecretString(std::move(bytes)));
}

SecretString SealKey::to_base64() const { return SecretString(base64_encode(bytes_.expose())); }

std::expected<std::string, SealFault> SealKey::seal(const SealOwner& owner, const SecretString& plaintext) const {
  const std::string_view plain = plaintext.expose();
  if (plain.size() > kMaxSealed) return std::unexpected(SealFault::too_long);
  std::string out(kNonceBytes + plain.size() + kTagBytes, '\0');
  if (RAND_bytes(bytes_of(out), kNonceBytes) != 1) return std::unexpected(SealFault::no_randomness);
  const std::string owner_data = associated_data(owner);
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool done = context && EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(bytes_.expose()), bytes_of(out)) == 1 &&
                    EVP_EncryptUpdate(context.get(), nullptr, &written, bytes_of(owner_data), static_cast<int>(owner_data.size())) == 1 &&
                    EVP_EncryptUpdate(context.get(), bytes_of(out) + kNonceBytes, &written, bytes_of(plain), static_cast<int>(plain.size())) == 1 &&
                    EVP_EncryptFinal_ex(context.get(), bytes_of(out) + kNonceBytes + plain.size(), &written) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, bytes_of(out) + kNonceBytes + plain.size()) == 1;
  if (!done) return std::unexpected(SealFault::malformed);
  return std::string(kVersion) + base64_encode(out);
}

std::expected<SecretString, SealFault> SealKey::open(const SealOwner& owner, std::string_view sealed) const {
  if (!sealed.starts_with(kVersion)) return std::unexpected(SealFault::malformed);
  auto raw = base64_decode(sealed.substr(kVersion.size()));
  if (!raw || raw->size() < kNonceBytes + kTagBytes || raw->size() > kNonceBytes + kMaxSealed + kTagBytes) return std::unexpected(SealFault::malformed);
  const std::size_t length = raw->size() - kNonceBytes - kTagBytes;
  const std::string owner_data = associated_data(owner);
  std::string plain(length, '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool authentic = context && EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(bytes_.expose()), bytes_of(*raw)) == 1 &&
                         EVP_DecryptUpdate(context.get(), nullptr, &written, bytes_of(owner_data), static_cast<int>(owner_data.size())) == 1 &&
                         EVP_DecryptUpdate(context.get(), bytes_of(plain), &written, bytes_of(*raw) + kNonceBytes, static_cast<int>(length)) == 1 &&
                         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, bytes_of(*raw) + kNonceBytes + length) == 1 &&
                         EVP_DecryptFinal_ex(context.get(), bytes_of(plain) + length, &written) == 1;
  if (!authentic) {
    wipe(plain);
    return std::unexpected(SealFault::not_authentic);
  }
  return SecretString(std::move(plain));
}

}  // namespace prom
