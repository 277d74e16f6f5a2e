// The table of settings as Markdown and as example files.
#include <fmt/format.h>

#include "app/config/settings.h"
#include "base/text.h"

namespace prom {
namespace {

std::string kind_of(const SettingSpec& spec) {
  switch (spec.type) {
    case SettingType::text: return "text";
    case SettingType::choice: {
      std::string out;
      for (const std::string_view choice : split(spec.choices, '|')) out += fmt::format("{}`{}`", out.empty() ? "" : " ", choice);
      return out;
    }
    case SettingType::integer: return fmt::format("whole number {}..{}", spec.minimum, spec.maximum);
    case SettingType::decimal: return fmt::format("number {}..{}", spec.minimum, spec.maximum);
    case SettingType::flag: return "`true` `false`";
    case SettingType::duration: return "time (`30s`, `1h`)";
    case SettingType::speed: return "whole number or `max`";
    case SettingType::address: return "IP address";
    case SettingType::url: return "URL";
    case SettingType::text_list: return "list";
    case SettingType::integer_list: return "list of whole numbers";
    case SettingType::host_port_list: return "`host:port,host:port`";
    case SettingType::instrument_list: return "list of VENUE:MARKET:SYMBOL";
    case SettingType::key32: return "32 bytes in base64";
  }
  __builtin_unreachable();
}

std::string section_of(const SettingSpec& spec) { return std::string(spec.toml.substr(0, spec.toml.find('.'))); }

bool needs_quotes(const SettingSpec& spec) { return spec.type != SettingType::integer && spec.type != SettingType::flag && spec.type != SettingType::decimal; }

std::string row(const SettingSpec& spec, std::string_view name) {
  const std::string standard = spec.standard.empty() ? "" : fmt::format("`{}`", spec.standard);
  return fmt::format("| `{}` | {}{} | {} | {} |\n", name, kind_of(spec), spec.secrecy == Secrecy::secret ? ", secret" : "", standard, spec.meaning);
}

}  // namespace

std::string settings_markdown() {
  std::string out = "### promtrade.toml\n\n| key | value | default | what |\n|---|---|---|---|\n";
  for (const SettingSpec& spec : all_settings()) {
    if (!spec.toml.empty()) out += row(spec, spec.toml);
  }
  out += "\n### Environment and .env\n\n| variable | value | default | what |\n|---|---|---|---|\n";
  for (const SettingSpec& spec : all_settings()) {
    if (!spec.env.empty()) out += row(spec, spec.env);
  }
  return out;
}

std::string env_example() {
  std::string out = "# Settings of promtrade by environment; copy to .env and uncomment. A store that is not named runs embedded. Keep .env out of git.\n";
  for (const SettingSpec& spec : all_settings()) {
    if (!spec.env.empty()) out += fmt::format("\n# {}\n#{}={}\n", spec.meaning, spec.env, spec.standard);
  }
  return out;
}

std::string toml_example() {
  std::string out = "# promtrade.toml: every setting at its default. An unknown key is an error.\n";
  std::string section;
  for (const SettingSpec& spec : all_settings()) {
    if (spec.toml.empty()) continue;
    if (section_of(spec) != section) {
      section = section_of(spec);
      out += fmt::format("\n[{}]\n", section);
    }
    const std::string_view name = spec.toml.substr(section.size() + 1);
    const std::string value = spec.type == SettingType::instrument_list ? "[]"
                              : needs_quotes(spec)                      ? fmt::format("\"{}\"", spec.standard)
                                                                        : std::string(spec.standard);
    out += fmt::format("# {}\n{}{} = {}\n", spec.meaning, spec.standard.empty() ? "# " : "", name, value);
  }
  return out;
}

}  // namespace prom
