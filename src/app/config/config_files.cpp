// Where the configuration lies on this machine, and reading it.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "app/config/config.h"

namespace prom {
namespace {

std::optional<std::string> from_environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

bool is_there(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

/// The first of the search path that exists; empty where none does.
std::string find_toml() {
  std::vector<std::string> places{"promtrade.toml"};
  const auto xdg = from_environment("XDG_CONFIG_HOME");
  const auto home = from_environment("HOME");
  if (xdg && !xdg->empty()) {
    places.push_back(*xdg + "/promtrade/promtrade.toml");
  } else if (home && !home->empty()) {
    places.push_back(*home + "/.config/promtrade/promtrade.toml");
  }
  places.emplace_back("/etc/promtrade/promtrade.toml");
  for (const std::string& place : places) {
    if (is_there(place)) return place;
  }
  return {};
}

std::expected<ConfigSources::File, ConfigProblem> read_file(const std::string& path, std::string_view option) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return std::unexpected(ConfigProblem{path, "", "is a folder, not a file", std::string(option) + " takes a file"});
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return std::unexpected(ConfigProblem{path, "", std::string("cannot be read: ") + std::strerror(errno), "name another file with " + std::string(option)});
  return ConfigSources::File{path, std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>())};
}

}  // namespace

std::expected<Config, std::vector<ConfigProblem>> load_config_files(const ConfigFiles& files) {
  ConfigSources sources;
  std::vector<ConfigProblem> problems;
  const std::string toml = files.config_path.empty() ? find_toml() : files.config_path;
  if (!toml.empty()) {
    auto file = read_file(toml, "--config");
    if (file) {
      sources.toml = std::move(*file);
    } else {
      problems.push_back(file.error());
    }
  }
  const std::string env = files.env_path.empty() ? (is_there(".env") ? ".env" : "") : files.env_path;
  if (!env.empty()) {
    auto file = read_file(env, "--env-file");
    if (file) {
      sources.env = std::move(*file);
    } else {
      problems.push_back(file.error());
    }
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  sources.environment = from_environment;
  return load_config(std::move(sources));
}

}  // namespace prom
