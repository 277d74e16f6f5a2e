// The fourteen roles as data: prompt, allowed tools, limits, thresholds and weight of each, shipped as files, editable by a user without a rebuild.
// Immutable after loading; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/verdict.h"

namespace prom {

/// Bounds of one run of an agent. Rule brains meet only the tool calls; the others bound a language model in its place.
struct AgentLimits {
  std::uint32_t tool_calls = 1;       ///< a run
  DurationNs tool_timeout{};          ///< one call
  DurationNs run_timeout{};           ///< the whole run
  std::uint32_t thinking_tokens = 0;  ///< a run; 0 = no thinking
  Decimal dollars;                    ///< a run
};

struct Threshold {
  std::string key;
  double value = 0;
};

struct AgentProfile {
  AgentRole role = AgentRole::market_analyst;
  std::string prompt;              ///< system prompt of a language-model brain; part of the hash for rules too
  std::vector<std::string> tools;  ///< the agent may call these and nothing else
  AgentLimits limits;
  double weight = 0;                  ///< share in the desk's score, [0, 1]; zero for roles that do not vote
  std::vector<Threshold> thresholds;  ///< one for each of threshold_specs(role), in that order
  std::string hash;                   ///< SHA-256 hex over prompt and settings as they were read

  bool allows(std::string_view tool) const;
  /// Asserts that the role declares `key`.
  double at(std::string_view key) const;
};

/// A number that a role's agent.toml must (shipped) or may (user's) set.
struct ThresholdSpec {
  std::string_view key;
  double minimum = 0, maximum = 0;
  std::string_view meaning;  ///< units named
};
std::span<const ThresholdSpec> threshold_specs(AgentRole role);
/// Analysts run once per instrument and instant and are shared by all pairs.
constexpr bool is_analyst(AgentRole role) { return role <= AgentRole::onchain_analyst; }
/// Whether a role may be given tools that propose: analysts and the planner may not.
constexpr bool may_propose(AgentRole role) { return role > AgentRole::strategy_planner; }
std::span<const AgentRole> all_agent_roles();

class AgentProfiles {
 public:
  const AgentProfile& of(AgentRole role) const { return profiles_[static_cast<std::size_t>(role)]; }
  AgentProfile& of(AgentRole role) { return profiles_[static_cast<std::size_t>(role)]; }
  /// SHA-256 over the fourteen hashes: one word for a run's record.
  std::string hash() const;

 private:
  std::array<AgentProfile, kAgentCount> profiles_;
};

/// The texts of one role's files.
struct AgentTexts {
  std::string prompt, settings;
  std::string prompt_path, settings_path;  ///< for error messages
};
/// Reads `<dir>/<role>/system.md` and `<dir>/<role>/agent.toml` of every role; where `user_dir` is given, a file of the same name there overrides: the
/// prompt as a whole, the settings key by key. Errors name the file and line and, for an unknown key, tool or folder, the nearest known name.
std::expected<AgentProfiles, Error> load_agent_profiles(const std::string& shipped_dir, const std::optional<std::string>& user_dir = std::nullopt);
/// The shipped files as they were when this was built: what runs where no folder is at hand.
const AgentProfiles& built_in_profiles();
/// One role's embedded texts.
AgentTexts built_in_texts(AgentRole role);

}  // namespace prom
