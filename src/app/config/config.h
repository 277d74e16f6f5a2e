// The configuration of an installation: environment > .env > promtrade.toml > default, checked whole before anything starts. Loading reads files and the
// environment; the result is immutable, any thread may read it.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/secret.h"
#include "base/time.h"
#include "domain/value.h"

namespace prom {

enum class SettingOrigin : std::uint8_t { standard, toml, env_file, environment };
std::string_view name_of(SettingOrigin origin);

/// One thing that is wrong, as one sentence: place, what, value; and what to do about it.
struct ConfigProblem {
  std::string place;    ///< "promtrade.toml:12", ".env:3", "environment", or a file's name
  std::string key;      ///< as written; empty where none is to blame
  std::string message;  ///< without the place
  std::string hint;     ///< e.g. "did you mean 'http.port'?"; may be empty
  std::string sentence() const { return place.empty() ? message : place + ": " + message; }
};

/// What there is to load. `files` and `environment` are passed in, so that tests and fuzzing need neither.
struct ConfigSources {
  struct File {
    std::string path;  ///< as messages call it
    std::string text;
  };
  std::optional<File> toml;
  std::optional<File> env;
  /// The value of an environment variable, if set; may be null.
  std::function<std::optional<std::string>(std::string_view name)> environment;
};

class Config {
 public:
  /// Every declared setting has a value; each accessor asserts that the key is declared with that type. Keys: the TOML name ("http.port") where there is one,
  /// else the environment name ("POSTGRES_HOST").
  const std::string& text(std::string_view key) const;  ///< also choices, paths, addresses; empty = not set
  std::int64_t integer(std::string_view key) const;
  Decimal decimal(std::string_view key) const;
  std::optional<Decimal> optional_decimal(std::string_view key) const;  ///< none where left to the profile
  std::optional<std::int64_t> optional_integer(std::string_view key) const;
  bool flag(std::string_view key) const;
  DurationNs duration(std::string_view key) const;
  std::vector<std::string> list(std::string_view key) const;
  const SecretString& secret(std::string_view key) const;  ///< empty = not set
  bool is_set(std::string_view key) const { return origin(key) != SettingOrigin::standard; }
  SettingOrigin origin(std::string_view key) const;

  /// The files that were read.
  const std::vector<std::string>& files() const { return files_; }
  /// Effective settings for people and `check-config --json`: name, value (secrets: "set" or ""), origin.
  ValueList describe() const;

 private:
  friend struct ConfigLoader;
  struct Entry {
    std::string text;
    SecretString secret;
    SettingOrigin origin = SettingOrigin::standard;
    std::string place;
  };
  const Entry& entry(std::string_view key) const;
  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<std::string> files_;
};

/// Pure over its sources. All problems at once, in order of the sources.
std::expected<Config, std::vector<ConfigProblem>> load_config(ConfigSources sources);

/// Finds and reads the files, then loads. `config_path` empty = ./promtrade.toml, else $XDG_CONFIG_HOME/promtrade/promtrade.toml (~/.config), else
/// /etc/promtrade/promtrade.toml, else none; `env_path` empty = ./.env where there is one. A named file that is missing is a problem.
struct ConfigFiles {
  std::string config_path;
  std::string env_path;
};
std::expected<Config, std::vector<ConfigProblem>> load_config_files(const ConfigFiles& files);

}  // namespace prom
