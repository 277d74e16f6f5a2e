// Inputs, events, commands and decisions as JSON for people and `--json`. Writes text only; nothing is read back from it. Pure; any thread.
#include <cmath>
#include <concepts>

#include "base/text.h"
#include "domain/codec/field_codec.h"
#include "domain/codec/frame_codec.h"
#include "domain/enum_text.h"

namespace prom {

namespace {

/// Name of a struct in snake_case: BarClosed -> bar_closed.
template <class T>
std::string kind_name() {
  // clang writes "... [T = prom::BarClosed]".
  std::string_view text = __PRETTY_FUNCTION__;
  text = text.substr(0, text.rfind(']'));
  text = text.substr(text.rfind(':') + 1);
  std::string out;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out += '_';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

std::string duration_text(DurationNs duration) {
  if (duration.ns == 0) return "0s";
  if (duration.ns == INT64_MIN) return "-9223372036854775808ns";  // has no positive twin
  return duration.ns > 0 ? format_interval(duration) : "-" + format_interval(-duration);
}

class JsonWriter {
 public:
  template <class T>
    requires std::is_integral_v<T>
  void put(T value) {
    out_ += std::to_string(value);
  }
  void put(double value) { out_ += std::isfinite(value) ? format_f64(value) : "null"; }
  void put(float value) { put(static_cast<double>(value)); }
  void put(Decimal value) { append_json_string(out_, value.to_string()); }
  template <class T>
    requires std::is_enum_v<T>
  void put(T value) {
    append_json_string(out_, enum_text(value));
  }
  template <codec::IsStrongId T>
  void put(T value) {
    put(value.v);
  }
  template <codec::IsUnits T>
  void put(T value) {
    put(value.v);
  }
  void put(TimeNs value) { append_json_string(out_, format_rfc3339(value)); }
  void put(DurationNs value) { append_json_string(out_, duration_text(value)); }
  void put(const std::string& text) { append_json_string(out_, text); }
  void put(const ClientOrderId& id) { append_json_string(out_, to_text(id)); }
  template <class T>
  void put(const std::optional<T>& value) {
    if (value) {
      put(*value);
    } else {
      out_ += "null";
    }
  }
  template <class T>
  void put(const std::vector<T>& list) {
    out_ += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i != 0) out_ += ',';
      put(list[i]);
    }
    out_ += ']';
  }
  template <codec::HasFields T>
  void put(const T& value) {
    out_ += '{';
    members(value);
    out_ += '}';
  }

  void open() { out_ += '{'; }
  void close() { out_ += '}'; }
  template <class T>
  void member(std::string_view name, const T& value) {
    if (out_.back() != '{') out_ += ',';
    append_json_string(out_, name);
    out_ += ':';
    put(value);
  }
  template <codec::HasFields T>
  void members(const T& value) {
    T::visit_fields(value, [this](const char* name, const auto& field) { this->member(name, field); });
  }
  template <class... T>
  void tagged(std::string_view tag, const std::variant<T...>& value) {
    std::visit(
        [&](const auto& alternative) {
          member(tag, kind_name<std::remove_cvref_t<decltype(alternative)>>());
          members(alternative);
        },
        value);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace

std::string input_to_json(const Input& input) {
  JsonWriter writer;
  writer.open();
  writer.member("available_at", input.available_at);
  writer.member("source_seq", input.source_seq);
  writer.tagged("input", input.body);
  writer.close();
  return writer.take();
}

std::string event_to_json(const Event& event) {
  JsonWriter writer;
  writer.open();
  writer.tagged("event", event);
  writer.close();
  return writer.take();
}

std::string command_to_json(const RecordedCommand& command) {
  JsonWriter writer;
  writer.open();
  writer.tagged("command", command);
  writer.close();
  return writer.take();
}

std::string decision_to_json(const DecisionRecord& record) {
  JsonWriter writer;
  writer.put(record);
  return writer.take();
}

}  // namespace prom
