// Loading: each source in order of precedence, lowest first, then what must fit together. Accessors of the result.
#include "app/config/config.h"

#include <algorithm>
#include <limits>

#include "app/config/env_file.h"
#include "app/config/settings.h"
#include "app/config/toml_values.h"
#include "base/assert.h"
#include "base/text.h"

namespace prom {

std::string_view name_of(SettingOrigin origin) {
  switch (origin) {
    case SettingOrigin::standard: return "default";
    case SettingOrigin::toml: return "toml";
    case SettingOrigin::env_file: return "env_file";
    case SettingOrigin::environment: return "environment";
  }
  __builtin_unreachable();
}

struct ConfigLoader {
  Config config;
  std::vector<ConfigProblem> problems;

  void defaults() {
    for (const SettingSpec& spec : all_settings()) {
      Config::Entry entry;
      entry.text = std::string(spec.standard);
      config.entries_.emplace(std::string(spec.key()), std::move(entry));
    }
  }

  void set(const SettingSpec& spec, std::string text, SettingOrigin origin, std::string place) {
    const bool hidden = spec.secrecy == Secrecy::secret;
    const std::string_view name = origin == SettingOrigin::toml ? spec.toml : spec.env;
    if (const std::string fault = check_value(spec, text); !fault.empty()) {
      // A secret's value is never repeated, not even a wrong one: logs keep it for ever.
      const std::string shown = hidden || text.size() > 80 ? std::string() : " = " + text;
      problems.push_back({std::move(place), std::string(name), std::string(name) + shown + " " + fault, ""});
      wipe(text);
      return;
    }
    Config::Entry& entry = config.entries_.find(spec.key())->second;
    if (hidden) {
      entry.secret = SecretString(std::move(text));
    } else {
      entry.text = canonical_value(spec, text.empty() ? spec.standard : std::string_view(text));
    }
    entry.origin = origin;
    entry.place = std::move(place);
  }

  void unknown(std::string place, const std::string& key, const std::vector<std::string_view>& known, std::string_view otherwise) {
    // Long keys may be a little further off; a wrong guess costs less than none.
    const auto nearest = closest(key, known, std::max<std::size_t>(3, key.size() / 3));
    problems.push_back(
        {std::move(place), key, "unknown key '" + key.substr(0, 80) + "'", nearest ? "did you mean '" + std::string(*nearest) + "'?" : std::string(otherwise)});
  }

  void toml(const ConfigSources::File& file) {
    config.files_.push_back(file.path);
    auto values = read_toml(file.text);
    if (!values) {
      problems.push_back({file.path + ":" + std::to_string(values.error().line), "", values.error().message, ""});
      return;
    }
    for (TomlValue& value : *values) {
      std::string place = file.path + ":" + std::to_string(value.line);
      if (const SettingSpec* spec = find_toml_setting(value.key)) {
        set(*spec, std::move(value.text), SettingOrigin::toml, std::move(place));
      } else if (find_env_setting(value.key) != nullptr) {
        problems.push_back({std::move(place), value.key, value.key + " is not read from this file", "set it in the environment or in .env"});
      } else {
        unknown(std::move(place), value.key, toml_names(), "promtrade check-config --settings lists what there is");
      }
    }
  }

  void env_file(const ConfigSources::File& file) {
    config.files_.push_back(file.path);
    EnvText text = parse_env(file.text);
    auto fault = text.faults.begin();
    const auto place_of = [&](std::uint32_t line) { return file.path + ":" + std::to_string(line); };
    const auto tell_until = [&](std::uint32_t line) {
      for (; fault != text.faults.end() && fault->line < line; ++fault) problems.push_back({place_of(fault->line), "", fault->message, fault->hint});
    };
    for (EnvLine& line : text.lines) {
      tell_until(line.line);
      std::string place = place_of(line.line);
      if (const SettingSpec* spec = find_env_setting(line.key)) {
        set(*spec, std::move(line.value), SettingOrigin::env_file, std::move(place));
      } else {
        unknown(std::move(place), line.key, env_names(), "promtrade check-config --settings lists what there is");
      }
    }
    tell_until(std::numeric_limits<std::uint32_t>::max());
  }

  void environment(const std::function<std::optional<std::string>(std::string_view)>& read) {
    for (const SettingSpec& spec : all_settings()) {
      if (spec.env.empty()) continue;
      if (auto value = read(spec.env)) set(spec, std::move(*value), SettingOrigin::environment, "environment");
    }
  }

  bool present(std::string_view key) const {
    const Config::Entry& entry = config.entry(key);
    return !entry.secret.empty() || (entry.origin != SettingOrigin::standard && !entry.text.empty());
  }
  const std::string& place(std::string_view key) const { return config.entry(key).place; }
  /// `key` was set, so `other` must be too.
  void needs(std::string_view key, std::string_view other, std::string_view why) {
    if (present(key) && !present(other)) {
      problems.push_back({place(key), std::string(key), std::string(key) + " is set but " + std::string(other) + " is not", std::string(why)});
    }
  }
  void together() {
    for (const std::string_view venue : {"BINANCE", "BYBIT", "OKX"}) {
      const std::string stem = std::string(venue) + "_MARKET_DATA_";
      needs(stem + "API_KEY", stem + "SECRET", "a key works with its secret only");
      needs(stem + "SECRET", stem + "API_KEY", "a secret works with its key only");
    }
    needs("OKX_MARKET_DATA_API_KEY", "OKX_MARKET_DATA_PASSPHRASE", "OKX keys have a passphrase");
    needs("TELEGRAM_WEBHOOK_URL", "TELEGRAM_BOT_TOKEN", "a webhook needs the bot's token");
    if (config.entry("ERROR_TRACKING_ENABLED").text == "true") needs("ERROR_TRACKING_ENABLED", "SENTRY_DSN", "set SENTRY_DSN, or switch error tracking off");
    const std::string& provider = config.entry("DEFAULT_AI_PROVIDER").text;
    if (provider != "rules") needs("DEFAULT_AI_PROVIDER", to_upper(provider) + "_API_KEY", "set the key, or DEFAULT_AI_PROVIDER=rules");
  }
};

std::expected<Config, std::vector<ConfigProblem>> load_config(ConfigSources sources) {
  ConfigLoader loader;
  loader.defaults();
  if (sources.toml) loader.toml(*sources.toml);
  if (sources.env) {
    loader.env_file(*sources.env);
    wipe(sources.env->text);
  }
  if (sources.environment) loader.environment(sources.environment);
  if (loader.problems.empty()) loader.together();
  if (!loader.problems.empty()) return std::unexpected(std::move(loader.problems));
  return std::move(loader.config);
}

const Config::Entry& Config::entry(std::string_view key) const {
  const auto found = entries_.find(key);
  PROM_ASSERT(found != entries_.end(), "a setting that is not declared");
  return found->second;
}

SettingOrigin Config::origin(std::string_view key) const { return entry(key).origin; }
const std::string& Config::text(std::string_view key) const { return entry(key).text; }
const SecretString& Config::secret(std::string_view key) const { return entry(key).secret; }
bool Config::flag(std::string_view key) const { return entry(key).text == "true"; }

std::optional<std::int64_t> Config::optional_integer(std::string_view key) const {
  if (entry(key).text.empty()) return std::nullopt;
  const auto value = parse_i64(entry(key).text);
  PROM_ASSERT(value.has_value(), "an integer setting was checked at load");
  return value;
}
std::int64_t Config::integer(std::string_view key) const {
  const auto value = optional_integer(key);
  PROM_ASSERT(value.has_value(), "an integer setting with a default");
  return *value;
}
std::optional<Decimal> Config::optional_decimal(std::string_view key) const {
  if (entry(key).text.empty()) return std::nullopt;
  const auto value = Decimal::parse(entry(key).text);
  PROM_ASSERT(value.has_value(), "a decimal setting was checked at load");
  return *value;
}
Decimal Config::decimal(std::string_view key) const {
  const auto value = optional_decimal(key);
  PROM_ASSERT(value.has_value(), "a decimal setting with a default");
  return *value;
}
DurationNs Config::duration(std::string_view key) const {
  const auto value = parse_interval(entry(key).text);
  PROM_ASSERT(value.has_value(), "a duration setting was checked at load");
  return *value;
}

std::vector<std::string> Config::list(std::string_view key) const {
  std::vector<std::string> out;
  for (const std::string_view part : split(entry(key).text, ',')) {
    if (!trim(part).empty()) out.emplace_back(trim(part));
  }
  return out;
}

ValueList Config::describe() const {
  ValueList out;
  for (const SettingSpec& spec : all_settings()) {
    const Entry& entry = this->entry(spec.key());
    const bool hidden = spec.secrecy == Secrecy::secret;
    out.emplace_back(ValueObject{{"name", Value(spec.key())},
                                 {"value", Value(hidden ? (entry.secret.empty() ? "" : "set") : entry.text)},
                                 {"origin", Value(name_of(entry.origin))},
                                 {"place", Value(entry.place)},
                                 {"secret", Value(hidden)}});
  }
  return out;
}

}  // namespace prom
