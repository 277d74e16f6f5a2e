// A small typed tree for tool results: objects keep their order, numbers keep their kind. JSON is made from it only at the edges. Any thread; a value type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"

namespace prom {

class Value;
using ValueList = std::vector<Value>;
using ValueObject = std::vector<std::pair<std::string, Value>>;

/// null, bool, integer, double, Decimal (money and quantities: printed as JSON strings), time (printed as RFC 3339), text, list or object.
class Value {
 public:
  using Storage = std::variant<std::monostate, bool, std::int64_t, double, Decimal, TimeNs, std::string, ValueList, ValueObject>;
  // Compiled once: trees of them are built and dropped all over, and each inline copy of these is a table over all kinds.
  Value() = default;
  Value(bool v) : storage_(v) {}                            // NOLINT(google-explicit-constructor): a literal tree reads better
  Value(std::int64_t v) : storage_(v) {}                    // NOLINT
  Value(int v) : storage_(static_cast<std::int64_t>(v)) {}  // NOLINT
  Value(double v) : storage_(v) {}                          // NOLINT
  Value(Decimal v) : storage_(v) {}                         // NOLINT
  Value(TimeNs v) : storage_(v) {}                          // NOLINT
  Value(std::string v);                                     // NOLINT
  Value(std::string_view v);                                // NOLINT
  Value(const char* v);                                     // NOLINT
  Value(ValueList v);                                       // NOLINT
  Value(ValueObject v);                                     // NOLINT
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  const Storage& storage() const { return storage_; }
  Storage& storage() { return storage_; }
  bool is_null() const { return std::holds_alternative<std::monostate>(storage_); }
  /// The member at a dotted path ("bands.upper", "levels.0.price"), or null pointer.
  const Value* find(std::string_view path) const;
  /// Any number (integer, double, Decimal) as double.
  std::optional<double> number() const;
  std::optional<double> number(std::string_view path) const;
  std::optional<std::string_view> text() const;
  std::optional<std::string_view> text(std::string_view path) const;

 private:
  Storage storage_;
};

/// Compact JSON. NaN and infinities become null (a tool that lets one out has a defect; tests look for it).
std::string to_json(const Value& value);

}  // namespace prom
