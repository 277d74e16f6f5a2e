// A secret in memory: it cannot be printed, logged, formatted or compared by accident, and its bytes are wiped when it dies.
// The only way out is expose(), which is easy to search for. One thread at a time.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace prom {

template <class T>
class Secret;

template <>
class Secret<std::string> {
 public:
  Secret() = default;  // empty
  // Takes a copy of the bytes and wipes `text`. A caller's temporaries (a line of .env) are his to wipe: see wipe().
  explicit Secret(std::string&& text);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  // The bytes, for the one call that needs them; do not keep the view.
  [[nodiscard]] std::string_view expose() const { return {bytes_.get(), size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // An explicit copy.
  [[nodiscard]] Secret clone() const;

  // Takes time that depends only on the lengths.
  friend bool operator==(const Secret& a, const Secret& b);

 private:
  void clear() noexcept;
  std::unique_ptr<char[]> bytes_;  // own heap block: a moved std::string may leave a copy in its small buffer
  std::size_t size_ = 0;
};

using SecretString = Secret<std::string>;

// Overwrites the string's whole capacity with zeros in a way the compiler keeps, then empties it.
void wipe(std::string& text) noexcept;

// Printing a secret does not compile, whatever the stream. There is no fmt formatter and no LogField either.
template <class Stream, class T>
Stream& operator<<(Stream& stream, const Secret<T>& secret) = delete;

}  // namespace prom
