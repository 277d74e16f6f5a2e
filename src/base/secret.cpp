// Storage and wiping of secrets. explicit_bzero (glibc) is not optimised away as a dead memset would be.
#include "base/secret.h"

#include <string.h>

#include <cstring>
#include <utility>

namespace prom {

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // no allocation: reaches bytes beyond the current end
  explicit_bzero(text.data(), text.size());
  text.clear();
}

Secret<std::string>::Secret(std::string&& text) : bytes_(new char[text.size()]), size_(text.size()) {
  std::memcpy(bytes_.get(), text.data(), size_);
  wipe(text);
}

Secret<std::string>::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret<std::string>& Secret<std::string>::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  clear();
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

Secret<std::string>::~Secret() { clear(); }

void Secret<std::string>::clear() noexcept {
  if (bytes_) explicit_bzero(bytes_.get(), size_);
  bytes_.reset();
  size_ = 0;
}

Secret<std::string> Secret<std::string>::clone() const { return Secret(std::string(expose())); }

bool operator==(const Secret<std::string>& a, const Secret<std::string>& b) {
  if (a.size_ != b.size_) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size_; ++i) difference |= static_cast<unsigned char>(a.bytes_[i] ^ b.bytes_[i]);
  return difference == 0;
}

}  // namespace prom
