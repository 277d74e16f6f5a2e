// Where the profiles lie.
#include "app/commands/profiles.h"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "app/cli/suggestion.h"

namespace prom {

std::expected<AgentProfiles, CommandError> load_profiles(AppContext& context) {
  PROM_TRY(const Config* config, context.config());
  const std::string& own = config->text("agents.profiles");
  const std::string shipped = context.asset("prompts");
  std::error_code error;
  const bool at_hand = std::filesystem::is_directory(shipped, error);
  if (!at_hand && own.empty()) return built_in_profiles();
  auto profiles = load_agent_profiles(shipped, own.empty() ? std::nullopt : std::optional(own));
  if (!profiles) return std::unexpected(command_error(ExitCode::usage, profiles.error()));
  return std::move(*profiles);
}

std::expected<AgentRole, CommandError> agent_named(const std::string& name) {
  if (const auto role = parse_agent_role(name)) return *role;
  std::vector<std::string_view> known;
  for (const AgentRole role : all_agent_roles()) known.push_back(name_of(role));
  return std::unexpected(CommandError{
      ExitCode::usage, "unknown_agent", "there is no agent '" + name + "'", suggestion_of(name, known, "promtrade agents list names the fourteen"), {}});
}

}  // namespace prom
