// One table of a TOML file, read key by key: unknown keys and wrong types become one sentence with a line. Include only in .cpp files (toml++ is heavy).
#pragma once

#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "base/text.h"
#include "base/toml_document.h"

namespace prom::archive {

/// The table of a TOML text, or the place and reason in one sentence under `code`.
inline std::expected<toml::table, Error> parse_toml(std::string_view text, const std::string& origin, std::string_view code) {
  auto parsed = parse_toml_text(text, origin);
  if (!parsed) return err(Error{std::string(code), origin + ":" + std::to_string(parsed.error().line) + ": " + parsed.error().message, ""});
  return std::move(*parsed);
}

/// Collects the first error; getters return a default value after it, so that a reader reads straight down and asks once.
class TomlReader {
 public:
  TomlReader(const toml::table& table, std::string origin, std::string what, std::string code)
      : table_(table), origin_(std::move(origin)), what_(std::move(what)), code_(std::move(code)) {}

  std::string text(const char* key) {
    const auto* node = need(key);
    if (node == nullptr) return {};
    if (const auto value = node->value_exact<std::string>()) return *value;
    fail(*node, std::string(key) + " must be text in quotes");
    return {};
  }
  std::string text_or(const char* key, std::string fallback) { return has(key) ? text(key) : std::move(fallback); }
  std::int64_t integer(const char* key, std::int64_t least, std::int64_t most) {
    const auto* node = need(key);
    if (node == nullptr) return least;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= least && *value <= most) return *value;
    fail(*node, std::string(key) + " must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return least;
  }
  std::int64_t integer_or(const char* key, std::int64_t least, std::int64_t most, std::int64_t fallback) {
    return has(key) ? integer(key, least, most) : fallback;
  }
  Decimal decimal(const char* key) {
    const std::string value = text(key);
    if (error_) return {};
    const auto parsed = Decimal::parse(value);
    if (!parsed) fail(*table_.get(key), std::string(key) + " = \"" + value + "\" is not a decimal number");
    return parsed ? *parsed : Decimal{};
  }
  const toml::array* array(const char* key) {
    const auto* node = need(key);
    if (node != nullptr && node->as_array() == nullptr) fail(*node, std::string(key) + " must be a list");
    return node == nullptr ? nullptr : node->as_array();
  }
  bool has(const char* key) {
    known_.insert(key);
    return table_.contains(key);
  }
  /// Keys that were never asked for are misspelt.
  void refuse_unknown() {
    for (const auto& [key, node] : table_) {
      if (error_ || known_.contains(std::string(key.str()))) continue;
      const std::vector<std::string_view> candidates(known_.begin(), known_.end());
      const auto nearest = closest(key.str(), candidates);
      fail(node, "unknown key '" + std::string(key.str()) + "'");
      if (nearest) error_->hint = "did you mean '" + std::string(*nearest) + "'?";
    }
  }
  void fail(const toml::node& node, const std::string& message) {
    if (error_) return;
    error_ = Error{code_, origin_ + ":" + std::to_string(node.source().begin.line) + ": " + what_ + ": " + message, ""};
  }
  const std::optional<Error>& error() const { return error_; }
  const toml::table& table() const { return table_; }

 private:
  const toml::node* need(const char* key) {
    known_.insert(key);
    if (error_) return nullptr;
    const toml::node* node = table_.get(key);
    if (node == nullptr) fail(table_, std::string("key '") + key + "' is missing");
    return node;
  }
  const toml::table& table_;
  std::string origin_, what_, code_;
  std::set<std::string, std::less<>> known_;
  std::optional<Error> error_;
};

}  // namespace prom::archive
