// Reads the roles' files: system.md and agent.toml of each, shipped and user's. The only file of this floor that knows TOML. Any thread.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "agents/roles.h"
#include "base/assert.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/toml_document.h"
#include "tools/tool.h"

namespace prom {

namespace {

constexpr std::size_t kMaxFileBytes = 256 * 1024;
constexpr std::string_view kPromptFile = "system.md", kSettingsFile = "agent.toml";

Error config_error(std::string message, std::string hint = {}) { return {"bad_agent_profile", std::move(message), std::move(hint)}; }

std::string place(const std::string& path, const toml::node& node) { return fmt::format("{}:{}", path, node.source().begin.line); }

std::string did_you_mean(std::string_view text, std::span<const std::string_view> known) {
  const auto near = closest(text, known, 4);
  return near ? fmt::format("did you mean `{}`?", *near) : fmt::format("known: {}", join(known, ", "));
}

std::expected<double, Error> number_in(const std::string& path, std::string_view key, const toml::node& node, double low, double high) {
  const auto value = node.value<double>();
  if (!node.is_number() || !value || !std::isfinite(*value)) {
    return std::unexpected(config_error(fmt::format("{}: `{}` must be a number", place(path, node), key)));
  }
  if (*value < low || *value > high) {
    return std::unexpected(config_error(fmt::format("{}: `{}` is {}, outside {} to {}", place(path, node), key, *value, low, high)));
  }
  return *value;
}

std::expected<void, Error> read_limits(AgentLimits& limits, const std::string& path, const toml::table& table) {
  constexpr std::string_view kKeys[] = {"tool_calls", "tool_ms", "run_ms", "thinking_tokens", "usd"};
  for (const auto& [key, node] : table) {
    const std::string_view name = key.str();
    if (name == "usd") {
      const auto text = node.value<std::string>();
      const auto amount = text ? Decimal::parse(*text) : Decimal::parse("");
      if (!amount || amount->is_negative()) {
        return std::unexpected(config_error(fmt::format("{}: `usd` must be an amount as text", place(path, node)), "write it like usd = \"0.05\""));
      }
      limits.dollars = *amount;
      continue;
    }
    if (std::ranges::find(kKeys, name) == std::end(kKeys)) {
      return std::unexpected(config_error(fmt::format("{}: unknown key `limits.{}`", place(path, node), name), did_you_mean(name, kKeys)));
    }
    const auto value = number_in(path, name, node, name == "thinking_tokens" ? 0 : 1, 10'000'000);
    if (!value) return std::unexpected(value.error());
    const auto whole = static_cast<std::int64_t>(*value);
    if (name == "tool_calls") limits.tool_calls = static_cast<std::uint32_t>(whole);
    if (name == "tool_ms") limits.tool_timeout = kMillisecond * whole;
    if (name == "run_ms") limits.run_timeout = kMillisecond * whole;
    if (name == "thinking_tokens") limits.thinking_tokens = static_cast<std::uint32_t>(whole);
  }
  return {};
}

std::expected<void, Error> read_tools(AgentProfile& profile, const std::string& path, const toml::node& node) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return std::unexpected(config_error(fmt::format("{}: `tools` must be a list of names", place(path, node))));
  profile.tools.clear();
  for (const toml::node& item : *list) {
    const auto name = item.value<std::string>();
    if (!name) return std::unexpected(config_error(fmt::format("{}: `tools` must hold names", place(path, item))));
    const Tool* tool = find_tool(*name);
    if (tool == nullptr) {
      std::vector<std::string_view> names;
      for (const Tool& known : all_tools()) names.push_back(known.info.name);
      const auto near = closest(*name, names, 4);
      return std::unexpected(config_error(fmt::format("{}: there is no tool `{}`", place(path, item), *name),
                                          near ? fmt::format("did you mean `{}`?", *near) : "`promtrade tools list` shows all of them"));
    }
    if (tool->info.access == ToolAccess::proposing && !may_propose(profile.role)) {
      return std::unexpected(config_error(fmt::format("{}: `{}` proposes and {} may only read", place(path, item), *name, name_of(profile.role))));
    }
    profile.tools.push_back(*name);
  }
  return {};
}

std::expected<void, Error> read_thresholds(AgentProfile& profile, const std::string& path, const toml::table& table) {
  const auto specs = threshold_specs(profile.role);
  std::vector<std::string_view> keys;
  for (const ThresholdSpec& spec : specs) keys.push_back(spec.key);
  for (const auto& [key, node] : table) {
    const auto spec = std::ranges::find(specs, key.str(), &ThresholdSpec::key);
    if (spec == specs.end()) {
      return std::unexpected(config_error(fmt::format("{}: unknown key `thresholds.{}` for {}", place(path, node), key.str(), name_of(profile.role)),
                                          keys.empty() ? "this role has no thresholds" : did_you_mean(key.str(), keys)));
    }
    const auto value = number_in(path, key.str(), node, spec->minimum, spec->maximum);
    if (!value) return std::unexpected(value.error());
    const auto known = std::ranges::find(profile.thresholds, spec->key, &Threshold::key);
    if (known != profile.thresholds.end()) {
      known->value = *value;
    } else {
      profile.thresholds.push_back({std::string(spec->key), *value});
    }
  }
  return {};
}

/// Lays the settings of one file over the profile.
std::expected<void, Error> apply_settings(AgentProfile& profile, const std::string& text, const std::string& path) {
  constexpr std::string_view kKeys[] = {"role", "weight", "tools", "limits", "thresholds"};
  const auto parsed = parse_toml_text(text, path);
  if (!parsed) return std::unexpected(config_error(fmt::format("{}:{}: {}", path, parsed.error().line, parsed.error().message)));
  for (const auto& [key, node] : *parsed) {
    const std::string_view name = key.str();
    std::expected<void, Error> done;
    if (name == "role") {
      if (node.value<std::string>() != std::string(name_of(profile.role))) {
        done = std::unexpected(config_error(fmt::format("{}: `role` must be \"{}\" in this folder", place(path, node), name_of(profile.role))));
      }
    } else if (name == "weight") {
      const auto weight = number_in(path, name, node, 0, 1);
      if (!weight) return std::unexpected(weight.error());
      profile.weight = *weight;
    } else if (name == "tools") {
      done = read_tools(profile, path, node);
    } else if (name == "limits" && node.is_table()) {
      done = read_limits(profile.limits, path, *node.as_table());
    } else if (name == "thresholds" && node.is_table()) {
      done = read_thresholds(profile, path, *node.as_table());
    } else {
      done = std::unexpected(config_error(fmt::format("{}: unknown key `{}`", place(path, node), name), did_you_mean(name, kKeys)));
    }
    if (!done) return done;
  }
  return {};
}

/// Sorts the thresholds into the declared order; a shipped file that leaves one out is an error.
std::expected<void, Error> complete(AgentProfile& profile, const std::string& path) {
  std::vector<Threshold> ordered;
  for (const ThresholdSpec& spec : threshold_specs(profile.role)) {
    const auto found = std::ranges::find(profile.thresholds, spec.key, &Threshold::key);
    if (found == profile.thresholds.end()) {
      return std::unexpected(config_error(fmt::format("{}: `thresholds.{}` is missing", path, spec.key), std::string(spec.meaning)));
    }
    ordered.push_back(*found);
  }
  profile.thresholds = std::move(ordered);
  return {};
}

std::expected<AgentProfile, Error> make_profile(AgentRole role, const AgentTexts& shipped, const AgentTexts* user) {
  AgentProfile profile;
  profile.role = role;
  profile.prompt = user != nullptr && !user->prompt.empty() ? user->prompt : shipped.prompt;
  if (trim(profile.prompt).empty()) return std::unexpected(config_error(fmt::format("{} is empty", shipped.prompt_path)));
  PROM_CHECK_OK(apply_settings(profile, shipped.settings, shipped.settings_path));
  if (user != nullptr && !user->settings.empty()) PROM_CHECK_OK(apply_settings(profile, user->settings, user->settings_path));
  PROM_CHECK_OK(complete(profile, shipped.settings_path));
  Sha256 sha;
  const std::string_view separator("\0", 1);
  sha.update(profile.prompt);
  sha.update(separator);
  sha.update(shipped.settings);
  if (user != nullptr && !user->settings.empty()) {
    sha.update(separator);
    sha.update(user->settings);
  }
  profile.hash = sha.hex();
  return profile;
}

/// Nothing when there is no such file.
std::expected<std::optional<std::string>, Error> read_file(const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) return std::optional<std::string>{};
  if (std::filesystem::file_size(path, failed) > kMaxFileBytes || failed) {
    return std::unexpected(config_error(fmt::format("{} is not a file of at most {} bytes", path.string(), kMaxFileBytes)));
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return std::unexpected(config_error(fmt::format("{} cannot be read", path.string())));
  return std::optional<std::string>(text.str());
}

std::expected<AgentTexts, Error> read_texts(const std::filesystem::path& folder) {
  AgentTexts texts;
  texts.prompt_path = (folder / kPromptFile).string();
  texts.settings_path = (folder / kSettingsFile).string();
  PROM_TRY(auto prompt, read_file(folder / kPromptFile));
  PROM_TRY(auto settings, read_file(folder / kSettingsFile));
  texts.prompt = prompt.value_or("");
  texts.settings = settings.value_or("");
  return texts;
}

/// A folder or file that belongs to no role is a typing error, not something to skip.
std::expected<void, Error> check_folder(const std::string& dir) {
  std::error_code failed;
  std::vector<std::string> found;
  for (std::filesystem::directory_iterator at(dir, failed), end; !failed && at != end; at.increment(failed)) found.push_back(at->path().filename().string());
  if (failed) return std::unexpected(config_error(fmt::format("the prompts folder {} cannot be read: {}", dir, failed.message())));
  std::ranges::sort(found);
  std::vector<std::string_view> names;
  for (const AgentRole role : all_agent_roles()) names.push_back(name_of(role));
  for (const std::string& name : found) {
    if (name.starts_with('.') || name.starts_with("README") || parse_agent_role(name)) continue;
    return std::unexpected(config_error(fmt::format("{}/{} belongs to no agent", dir, name), did_you_mean(name, names)));
  }
  return {};
}

}  // namespace

std::expected<AgentProfiles, Error> load_agent_profiles(const std::string& shipped_dir, const std::optional<std::string>& user_dir) {
  PROM_CHECK_OK(check_folder(shipped_dir));
  if (user_dir) PROM_CHECK_OK(check_folder(*user_dir));
  AgentProfiles profiles;
  for (const AgentRole role : all_agent_roles()) {
    const std::string name(name_of(role));
    PROM_TRY(const AgentTexts shipped, read_texts(std::filesystem::path(shipped_dir) / name));
    if (shipped.prompt.empty()) return std::unexpected(config_error(fmt::format("{} is missing or empty", shipped.prompt_path)));
    if (shipped.settings.empty()) return std::unexpected(config_error(fmt::format("{} is missing or empty", shipped.settings_path)));
    AgentTexts user;
    if (user_dir) {
      PROM_TRY(user, read_texts(std::filesystem::path(*user_dir) / name));
    }
    PROM_TRY(profiles.of(role), make_profile(role, shipped, user_dir ? &user : nullptr));
  }
  return profiles;
}

const AgentProfiles& built_in_profiles() {
  static const AgentProfiles kBuiltIn = [] {
    AgentProfiles profiles;
    for (const AgentRole role : all_agent_roles()) {
      auto profile = make_profile(role, built_in_texts(role), nullptr);
      PROM_ASSERT(profile.has_value(), "the embedded agent files must load; a test reads them too");
      profiles.of(role) = std::move(*profile);
    }
    return profiles;
  }();
  return kBuiltIn;
}

}  // namespace prom
