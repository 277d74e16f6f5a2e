// Bytes of any plain struct with PROM_FIELDS: numbers little endian at their own width, enums as one checked byte, Decimal as i128, optionals as a 0/1 byte
// and the value, strings and vectors as a u32 count and the items, variants as a u8 index and the alternative. Also for snapshots and digests.
// One thread each object. Include from .cpp files only: every struct it meets is instantiated.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "base/decimal.h"
#include "base/strong.h"
#include "base/time.h"
#include "base/wire.h"
#include "domain/amounts.h"
#include "domain/approved.h"
#include "domain/codec/frame_codec.h"
#include "domain/enum_text.h"

namespace prom::codec {

/// Longest string in bytes and longest list. Writing more is a broken invariant (texts are cut at the edges); reading more is bad_value.
inline constexpr std::size_t kMaxStringBytes = 16u << 20;
inline constexpr std::size_t kMaxListItems = 1u << 20;

struct IgnoreField {
  template <class T>
  void operator()(const char*, T&) const {}
};
template <class T>
concept HasFields = requires(T& x) { T::visit_fields(x, IgnoreField{}); };
template <class T>
concept IsStrongId = requires(T x) {
  typename T::rep;
  x.v;
} && std::integral<typename T::rep>;
template <class T>
concept IsUnits = std::same_as<T, PriceUnits> || std::same_as<T, QuantityUnits>;
template <class T>
concept IsTime = std::same_as<T, TimeNs> || std::same_as<T, DurationNs>;

/// `digest` leaves out what was measured rather than decided: fields named latency_ns and duration_ns.
enum class Scope : std::uint8_t { everything, digest };

/// Collects small writes on the stack, so that the vector grows once a frame instead of once a field. Call flush() at the end.
template <Scope kScope = Scope::everything>
class Encoder {
 public:
  explicit Encoder(std::vector<std::byte>& out) : out_(&out) {}
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void flush() {
    out_->insert(out_->end(), buffer_.data(), buffer_.data() + used_);
    used_ = 0;
  }

  template <class T>
    requires std::is_integral_v<T>
  void put(T value) {
    raw_number(static_cast<std::make_unsigned_t<T>>(value));
  }
  void put(double value) { raw_number(std::bit_cast<std::uint64_t>(value)); }
  void put(float value) { raw_number(std::bit_cast<std::uint32_t>(value)); }
  void put(Decimal value) { raw_number(static_cast<wide::U128>(value.mantissa())); }
  template <class T>
    requires std::is_enum_v<T>
  void put(T value) {
    static_assert(sizeof(T) == 1 && kEnumCount<T> > 0);
    raw_number(static_cast<std::uint8_t>(value));
  }
  template <IsStrongId T>
  void put(T value) {
    put(value.v);
  }
  template <IsUnits T>
  void put(T value) {
    put(value.v);
  }
  template <IsTime T>
  void put(T value) {
    put(value.ns);
  }
  void put(const std::string& text) {
    PROM_ASSERT(text.size() <= kMaxStringBytes, "string too long for a frame");
    put(static_cast<std::uint32_t>(text.size()));
    raw(text.data(), text.size());
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(static_cast<std::uint8_t>(value.has_value() ? 1 : 0));
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& list) {
    PROM_ASSERT(list.size() <= kMaxListItems, "list too long for a frame");
    put(static_cast<std::uint32_t>(list.size()));
    for (const T& item : list) put(item);
  }
  template <class... T>
  void put(const std::variant<T...>& value) {
    static_assert(sizeof...(T) <= 256);
    put(static_cast<std::uint8_t>(value.index()));
    std::visit([this](const auto& alternative) { this->put(alternative); }, value);
  }
  template <class T>
  void put(const Approved<T>& approved) {
    put(approved.value());
  }
  template <HasFields T>
  void put(const T& value) {
    T::visit_fields(value, [this](const char* name, const auto& field) {
      if constexpr (kScope == Scope::digest) {
        const std::string_view text(name);
        if (text == "latency_ns" || text == "duration_ns") return;
      }
      (void)name;
      this->put(field);
    });
  }

 private:
  template <class T>
  void raw_number(T value) {
    value = prom::detail::little_endian(value);
    if (buffer_.size() - used_ < sizeof value) [[unlikely]]
      flush();
    std::memcpy(buffer_.data() + used_, &value, sizeof value);
    used_ += sizeof value;
  }
  void raw(const char* data, std::size_t size) {
    if (size == 0) return;
    if (buffer_.size() - used_ < size) flush();
    if (size > buffer_.size()) {
      const auto* bytes = reinterpret_cast<const std::byte*>(data);
      out_->insert(out_->end(), bytes, bytes + size);
      return;
    }
    std::memcpy(buffer_.data() + used_, data, size);
    used_ += size;
  }

  std::vector<std::byte>* out_;
  std::size_t used_ = 0;
  std::array<std::byte, 512> buffer_;
};

/// Reads what an Encoder wrote. After the first failure ok() stays false, error() says why, and further reads leave their targets alone.
class Decoder {
 public:
  explicit Decoder(std::span<const std::byte> bytes) : reader_(bytes) {}

  bool ok() const { return !error_.has_value(); }
  CodecError error() const { return *error_; }
  bool at_end() const { return reader_.remaining() == 0; }
  void fail(CodecError error) {
    if (!error_) error_ = error;
  }

  template <class T>
    requires std::is_integral_v<T>
  void get(T& value) {
    read_number<std::make_unsigned_t<T>>([&](auto bits) { value = static_cast<T>(bits); });
  }
  void get(double& value) {
    read_number<std::uint64_t>([&](std::uint64_t bits) { value = std::bit_cast<double>(bits); });
  }
  void get(float& value) {
    read_number<std::uint32_t>([&](std::uint32_t bits) { value = std::bit_cast<float>(bits); });
  }
  void get(Decimal& value) {
    read_number<wide::U128>([&](wide::U128 bits) { value = Decimal::from_mantissa(static_cast<wide::I128>(bits)); });
  }
  template <class T>
    requires std::is_enum_v<T>
  void get(T& value) {
    read_number<std::uint8_t>([&](std::uint8_t index) {
      if (index >= kEnumCount<T>) return fail(CodecError::bad_value);
      value = static_cast<T>(index);
    });
  }
  template <IsStrongId T>
  void get(T& value) {
    get(value.v);
  }
  template <IsUnits T>
  void get(T& value) {
    get(value.v);
  }
  template <IsTime T>
  void get(T& value) {
    get(value.ns);
  }
  void get(std::string& text) {
    std::uint32_t size = 0;
    get(size);
    if (!ok()) return;
    if (size > kMaxStringBytes) return fail(CodecError::bad_value);
    const auto bytes = reader_.bytes(size);
    if (!reader_.ok()) return fail(CodecError::truncated);
    text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  template <class T>
  void get(std::optional<T>& value) {
    std::uint8_t present = 0;
    get(present);
    if (!ok()) return;
    if (present > 1) return fail(CodecError::bad_value);
    value.reset();
    if (present == 1) get(value.emplace());
  }
  template <class T>
  void get(std::vector<T>& list) {
    std::uint32_t count = 0;
    get(count);
    if (!ok()) return;
    if (count > kMaxListItems) return fail(CodecError::bad_value);
    // Every item takes at least a byte, so a count beyond what is left is a lie; memory grows only with items that were really there.
    if (count > reader_.remaining()) return fail(CodecError::truncated);
    list.clear();
    for (std::uint32_t i = 0; i < count && ok(); ++i) get(list.emplace_back());
  }
  template <class... T>
  void get(std::variant<T...>& value) {
    std::uint8_t index = 0;
    get(index);
    if (!ok()) return;
    if (index >= sizeof...(T)) return fail(CodecError::unknown_kind);
    get_alternative(value, index, std::index_sequence_for<T...>{});
  }
  template <HasFields T>
  void get(T& value) {
    T::visit_fields(value, [this](const char*, auto& field) {
      if (this->ok()) this->get(field);
    });
  }

 private:
  template <class T, class Use>
  void read_number(Use&& use) {
    if (!ok()) return;
    const auto bytes = reader_.bytes(sizeof(T));
    if (!reader_.ok()) return fail(CodecError::truncated);
    T value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    use(prom::detail::little_endian(value));
  }
  template <class... T, std::size_t... I>
  void get_alternative(std::variant<T...>& value, std::size_t index, std::index_sequence<I...>) {
    (void)((I == index ? (get(value.template emplace<I>()), true) : false) || ...);
  }

  ByteReader reader_;
  std::optional<CodecError> error_;
};

}  // namespace prom::codec
