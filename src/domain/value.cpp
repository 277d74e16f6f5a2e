// Looking into a Value and printing it as JSON. Pure; any thread.
#include "domain/value.h"

#include <cmath>

#include "base/text.h"

namespace prom {

namespace {

const Value* child(const Value& value, std::string_view key) {
  if (const auto* object = std::get_if<ValueObject>(&value.storage())) {
    for (const auto& [name, member] : *object) {
      if (name == key) return &member;
    }
    return nullptr;
  }
  if (const auto* list = std::get_if<ValueList>(&value.storage())) {
    const auto index = parse_u64(key);
    return index && *index < list->size() ? &(*list)[*index] : nullptr;
  }
  return nullptr;
}

void append(std::string& out, const Value& value);

struct JsonAppender {
  std::string& out;
  void operator()(std::monostate) const { out += "null"; }
  void operator()(bool v) const { out += v ? "true" : "false"; }
  void operator()(std::int64_t v) const { out += std::to_string(v); }
  void operator()(double v) const { out += std::isfinite(v) ? format_f64(v) : "null"; }
  void operator()(Decimal v) const { append_json_string(out, v.to_string()); }
  void operator()(TimeNs v) const { append_json_string(out, format_rfc3339(v)); }
  void operator()(const std::string& v) const { append_json_string(out, v); }
  void operator()(const ValueList& list) const {
    out += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i != 0) out += ',';
      append(out, list[i]);
    }
    out += ']';
  }
  void operator()(const ValueObject& object) const {
    out += '{';
    for (std::size_t i = 0; i < object.size(); ++i) {
      if (i != 0) out += ',';
      append_json_string(out, object[i].first);
      out += ':';
      append(out, object[i].second);
    }
    out += '}';
  }
};

void append(std::string& out, const Value& value) { std::visit(JsonAppender{out}, value.storage()); }

}  // namespace

Value::Value(std::string v) : storage_(std::move(v)) {}
Value::Value(std::string_view v) : storage_(std::string(v)) {}
Value::Value(const char* v) : storage_(std::string(v)) {}
Value::Value(ValueList v) : storage_(std::move(v)) {}
Value::Value(ValueObject v) : storage_(std::move(v)) {}
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

const Value* Value::find(std::string_view path) const {
  const Value* at = this;
  while (at != nullptr && !path.empty()) {
    const std::size_t dot = path.find('.');
    at = child(*at, path.substr(0, dot));
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
    if (path.empty()) return nullptr;  // a dot at the end names nothing
  }
  return at;
}

std::optional<double> Value::number() const {
  if (const auto* integer = std::get_if<std::int64_t>(&storage_)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&storage_)) return *real;
  if (const auto* decimal = std::get_if<Decimal>(&storage_)) return decimal->to_double();
  return std::nullopt;
}

std::optional<double> Value::number(std::string_view path) const {
  const Value* found = find(path);
  return found != nullptr ? found->number() : std::nullopt;
}

std::optional<std::string_view> Value::text() const {
  const auto* text = std::get_if<std::string>(&storage_);
  return text != nullptr ? std::optional<std::string_view>(*text) : std::nullopt;
}

std::optional<std::string_view> Value::text(std::string_view path) const {
  const Value* found = find(path);
  return found != nullptr ? found->text() : std::nullopt;
}

std::string to_json(const Value& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace prom
