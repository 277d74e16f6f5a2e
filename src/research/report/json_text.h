// Compact JSON that may stand inside an HTML script element: '<' never appears, so nothing a text says can end the element. Report only; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/text.h"

namespace prom::report {

/// Puts commas where they belong. Keys and values alternate as the caller calls them.
class JsonText {
 public:
  JsonText& open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
    return *this;
  }
  JsonText& close(char bracket) {
    out_ += bracket;
    first_ = false;
    return *this;
  }
  JsonText& key(std::string_view name) {
    text(name);
    out_ += ':';
    first_ = true;
    return *this;
  }
  JsonText& text(std::string_view value) {
    separate();
    std::string quoted;
    append_json_string(quoted, value);
    for (const char c : quoted) {
      if (c == '<') {
        out_ += "\\u003c";
      } else {
        out_ += c;
      }
    }
    return *this;
  }
  JsonText& number(std::int64_t value) { return raw(std::to_string(value)); }
  JsonText& number(std::uint64_t value) { return raw(std::to_string(value)); }
  /// NaN and infinities become null.
  JsonText& number(double value) {
    const std::string said = format_f64(value);
    return raw(said.find_first_of("in") == std::string::npos ? said : "null");
  }
  /// Rounded for display; exports keep every digit.
  JsonText& amount(Decimal value, int digits) {
    const auto units = value.to_units(digits, Round::half_even);
    return raw(units ? Decimal::from_units(*units, digits).to_string() : value.to_string());
  }
  /// JSON made by another JsonText.
  JsonText& raw(std::string_view value) {
    separate();
    out_ += value;
    return *this;
  }
  std::size_t size() const { return out_.size(); }
  std::string take() { return std::move(out_); }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  std::string out_;
  bool first_ = true;
};

}  // namespace prom::report
