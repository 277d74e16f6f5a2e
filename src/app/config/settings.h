// The one declaration of every setting: name, type, default, range and meaning. check-config, docs/configuration.md, .env.example and the errors at start-up
// are all made from this table. Constant data and pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace prom {

enum class SettingType : std::uint8_t {
  text,
  choice,     ///< one of `choices`, any case
  integer,    ///< minimum..maximum
  decimal,    ///< minimum..maximum, exact
  flag,       ///< true or false (also yes/no, on/off, 1/0)
  duration,   ///< "30s", "5m", "1h"
  speed,      ///< a whole number of times real time, or max
  address,    ///< an IPv4 or IPv6 address to listen on
  url,        ///< begins with http:// or https://
  text_list,  ///< separated by commas; in TOML a list
  integer_list,
  host_port_list,   ///< host:port,host:port
  instrument_list,  ///< VENUE:MARKET:SYMBOL
  key32             ///< 32 bytes in base64
};
enum class Secrecy : std::uint8_t { open, secret };

struct SettingSpec {
  std::string_view toml;  ///< "http.port"; empty where it may be set by environment only
  std::string_view env;   ///< "LOG_LEVEL"; empty where it may be set in promtrade.toml only
  SettingType type = SettingType::text;
  std::string_view standard;              ///< the default as written; empty = not set
  std::string_view meaning;               ///< one sentence, units named
  std::string_view choices = {};          ///< separated by |
  std::int64_t minimum = 0, maximum = 0;  ///< integers, and decimals in whole units
  Secrecy secrecy = Secrecy::open;

  /// The name that Config answers to.
  std::string_view key() const { return toml.empty() ? env : toml; }
};

std::span<const SettingSpec> all_settings();
const SettingSpec* find_setting(std::string_view key);
const SettingSpec* find_toml_setting(std::string_view key);
const SettingSpec* find_env_setting(std::string_view name);
/// Names for "did you mean".
std::vector<std::string_view> toml_names();
std::vector<std::string_view> env_names();

/// What is wrong with this text as a value of the setting: "must be a whole number from 1 to 65535". Empty = nothing.
std::string check_value(const SettingSpec& spec, std::string_view text);
/// The text in its one canonical spelling: choices in lower case, flags true or false. Only for texts that check_value() accepts.
std::string canonical_value(const SettingSpec& spec, std::string_view text);

/// docs/configuration.md's tables, and the shipped example files: every setting commented out at its default.
std::string settings_markdown();
std::string env_example();
std::string toml_example();

}  // namespace prom
