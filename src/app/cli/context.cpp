// Streams, terminal, state, configuration, assets and times as commands see them.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <ostream>
#include <system_error>
#include <utility>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/logging/logging.h"

namespace prom {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// Folders in which assets may lie, in order.
std::vector<std::string> asset_folders() {
  std::vector<std::string> out;
  if (std::string named = variable("PROM_ASSETS"); !named.empty()) return {std::move(named)};
  std::error_code error;
  const auto binary = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) out.push_back((binary.parent_path().parent_path() / "share/promtrade").string());
  out.emplace_back(PROM_SOURCE_DIR "/assets");
  return out;
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

bool zone_exists(const std::string& name) {
  if (name == "UTC") return true;
  if (name.empty() || name.front() == '/' || name.find("..") != std::string::npos) return false;
  std::error_code error;
  return std::filesystem::is_regular_file("/usr/share/zoneinfo/" + name, error);
}

}  // namespace

CommandError command_error(ExitCode exit, const Error& error) { return {exit, error.code, error.message, error.hint, {}}; }

TimeNs wall_clock() { return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count()}; }

AppContext::AppContext(std::ostream& out_stream, std::ostream& err_stream) : out(out_stream), err(err_stream) {
  out_terminal = ::isatty(STDOUT_FILENO) == 1 ? Terminal::yes : Terminal::no;
  err_terminal = ::isatty(STDERR_FILENO) == 1 ? Terminal::yes : Terminal::no;
  const bool dumb = variable("TERM") == "dumb";
  colours = out_terminal == Terminal::yes && variable("NO_COLOR").empty() && !dumb ? Colours::on : Colours::off;
}

StatePaths AppContext::named_state() {
  if (!options.state.empty()) return {options.state};
  if (const std::string named = variable("PROMTRADE_STATE"); !named.empty()) return {named};
  // .env may name it as well; a configuration that does not load is reported by whoever needs it.
  if (const auto loaded = config(); loaded && !(*loaded)->text("PROMTRADE_STATE").empty()) return {(*loaded)->text("PROMTRADE_STATE")};
  if (const std::string data = variable("XDG_DATA_HOME"); !data.empty()) return {data + "/promtrade"};
  const std::string home = variable("HOME");
  return {(home.empty() ? "/var/lib" : home + "/.local/share") + "/promtrade"};
}

std::expected<StatePaths, CommandError> AppContext::state() {
  StatePaths paths = named_state();
  const auto unreadable = [&](const std::string& why) {
    return std::unexpected(CommandError{ExitCode::outside_away,
                                        "state_not_readable",
                                        "the state directory " + paths.root + " cannot be read: " + why,
                                        "run promtrade as the user who owns it, or name another one with --state or PROMTRADE_STATE",
                                        {}});
  };
  std::error_code error;
  const auto found = std::filesystem::status(paths.root, error);
  if (found.type() == std::filesystem::file_type::not_found && error != std::errc::not_a_directory) return paths;
  if (found.type() == std::filesystem::file_type::none) return unreadable(error.message());
  if (found.type() != std::filesystem::file_type::directory) return unreadable("it is no directory");
  if (::access(paths.root.c_str(), R_OK | X_OK) != 0) return unreadable(std::strerror(errno));
  return paths;
}

std::expected<StatePaths, CommandError> AppContext::make_state() {
  PROM_TRY(StatePaths paths, state());
  if (is_folder(paths.root)) return paths;
  std::error_code error;
  std::filesystem::create_directories(paths.root, error);
  if (error || !is_folder(paths.root)) {
    return std::unexpected(CommandError{ExitCode::outside_away,
                                        "state_not_writable",
                                        "the state directory " + paths.root + " cannot be created: " + error.message(),
                                        "name another one with --state or PROMTRADE_STATE",
                                        {}});
  }
  ::chmod(paths.root.c_str(), 0700);
  return paths;
}

ValueList problem_list(std::span<const ConfigProblem> problems) {
  ValueList out;
  for (const ConfigProblem& problem : problems)
    out.emplace_back(ValueObject{{"place", problem.place}, {"key", problem.key}, {"message", problem.message}, {"hint", problem.hint}});
  return out;
}

std::expected<const Config*, CommandError> AppContext::config() {
  if (config_) return config_.get();
  auto loaded = load_config_files({options.config, options.env_file});
  if (!loaded) {
    const auto& problems = loaded.error();
    std::string sentences;
    for (const ConfigProblem& problem : problems) sentences += (sentences.empty() ? "" : "; ") + problem.sentence();
    return std::unexpected(CommandError{
        ExitCode::usage, "bad_configuration", json() ? problems.front().sentence() : sentences, problems.front().hint, {{"problems", problem_list(problems)}}});
  }
  config_ = std::make_unique<Config>(std::move(*loaded));
  return config_.get();
}

std::expected<void, CommandError> AppContext::start_logs() {
  PROM_TRY(const Config* loaded, config());
  const std::string& level = options.log_level.empty() ? loaded->text("log.level") : options.log_level;
  if (auto started = start_logging({log_level_of(level), loaded->text("log.file")}); !started) {
    return std::unexpected(command_error(ExitCode::usage, started.error()));
  }
  return {};
}

std::string AppContext::asset(std::string_view name) const {
  const std::vector<std::string> folders = asset_folders();
  for (const std::string& folder : folders) {
    if (is_folder(folder)) return folder + "/" + std::string(name);
  }
  return folders.back() + "/" + std::string(name);
}

std::expected<void, CommandError> AppContext::use_time_zone() {
  std::string wanted = options.time_zone;
  if (wanted.empty()) {
    if (const auto loaded = config()) wanted = (*loaded)->text("display.time_zone");
  }
  if (wanted.empty() || wanted == "UTC") return {};
  if (!zone_exists(wanted)) {
    return std::unexpected(CommandError{ExitCode::usage,
                                        "unknown_time_zone",
                                        "there is no time zone '" + wanted + "' on this machine",
                                        "use an IANA name such as Europe/Berlin; package tzdata holds them",
                                        {}});
  }
  zone_ = wanted;
  ::setenv("TZ", (":" + zone_).c_str(), 1);  // before any other thread starts
  ::tzset();
  return {};
}

std::string AppContext::time(TimeNs time) const {
  if (zone_.empty() || json()) return format_rfc3339(time);
  const TimeNs whole = floor_to(time, kSecond);
  const std::time_t seconds = whole.ns / kSecond.ns;
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return format_rfc3339(time);
  // The civil time of the zone, written as UTC and then given its offset: fractions keep their form.
  std::string text = format_rfc3339(time + DurationNs{local.tm_gmtoff * kSecond.ns});
  text.pop_back();
  const long offset = local.tm_gmtoff / 60, size = offset < 0 ? -offset : offset;
  char zone[16];
  std::snprintf(zone, sizeof zone, "%c%02ld:%02ld", offset < 0 ? '-' : '+', size / 60, size % 60);
  return text + zone;
}

void AppContext::print(const Value& document) { out << to_json(document) << '\n'; }

void AppContext::note(std::string_view text) { err << "promtrade: " << printable(text) << '\n'; }

}  // namespace prom
