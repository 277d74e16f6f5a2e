// Walks the parsed tables of promtrade.toml.
#include "app/config/toml_values.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/text.h"
#include "base/toml_document.h"

namespace prom {
namespace {

std::uint32_t line_of(const toml::node& node) { return static_cast<std::uint32_t>(node.source().begin.line); }

std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto value = node.value_exact<std::string>()) return *value;
  if (const auto value = node.value_exact<std::int64_t>()) return std::to_string(*value);
  if (const auto value = node.value_exact<bool>()) return std::string(*value ? "true" : "false");
  if (const auto value = node.value_exact<double>()) return format_f64(*value);
  return std::nullopt;
}

class Walk {
 public:
  std::optional<TomlFault> fault;
  std::vector<TomlValue> values;

  void table(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      if (fault) return;
      const std::string key = prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
      if (const auto* inner = node.as_table()) {
        this->table(*inner, key);
      } else if (const auto* list = node.as_array()) {
        array(*list, key);
      } else if (const auto text = scalar_text(node)) {
        values.push_back({key, *text, line_of(node)});
      } else {
        fault = TomlFault{line_of(node), key + " is a date; no setting takes one"};
      }
    }
  }

 private:
  void array(const toml::array& list, const std::string& key) {
    std::string joined;
    for (const toml::node& item : list) {
      const auto text = scalar_text(item);
      if (!text) {
        fault = TomlFault{line_of(item), key + " must be a list of texts or numbers"};
        return;
      }
      if (!joined.empty()) joined += ',';
      joined += *text;
    }
    values.push_back({key, joined, line_of(list)});
  }
};

}  // namespace

std::expected<std::vector<TomlValue>, TomlFault> read_toml(std::string_view text) {
  if (text.size() > kMaxTomlText) return std::unexpected(TomlFault{1, "the file is larger than 1 MiB"});
  const auto parsed = parse_toml_text(text);
  if (!parsed) return std::unexpected(TomlFault{parsed.error().line, parsed.error().message});
  Walk walk;
  walk.table(*parsed, "");
  if (walk.fault) return std::unexpected(*walk.fault);
  std::ranges::sort(walk.values, {}, [](const TomlValue& value) { return std::tie(value.line, value.key); });
  return walk.values;
}

}  // namespace prom
