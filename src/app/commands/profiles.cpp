// Where the profiles lie.
#include "app/commands/profiles.h"

#include <filesystem>
#include <system_error>

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

}  // namespace prom
