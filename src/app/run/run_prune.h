// Which of the runs that a state directory keeps may go, and removing them: the registry's (runs/ID) and those that were set aside (previous-N, with their journals).
// Never the run that the directory itself holds, one that can be continued, or one that a process holds. Main thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/command.h"

namespace prom {

/// A run goes only where every rule that is given lets it go; without any, none goes.
struct PruneRule {
  std::optional<std::uint32_t> keep;     ///< the newest so many stay, of each kind
  std::optional<DurationNs> older_than;  ///< younger ones stay
  bool any() const { return keep || older_than; }
};

enum class KeptAs : std::uint8_t { registered, set_aside };
struct PrunableRun {
  KeptAs kind = KeptAs::registered;
  std::string name;  ///< its id, or previous-N
  std::string path;
  TimeNs at{};               ///< when it was saved, or last written to
  std::uint64_t bytes = 0;   ///< of its files
  std::string why_it_stays;  ///< empty: it goes
};

/// As [runs] keep and keep_days say.
PruneRule prune_rule(const Config& config);
/// Everything there is, oldest first, registered ones before those set aside; changes nothing.
std::expected<std::vector<PrunableRun>, CommandError> plan_prune(const StatePaths& paths, const PruneRule& rule, TimeNs now);

struct Pruned {
  std::vector<PrunableRun> removed;
  std::uint64_t bytes = 0;
};
/// Removes those that go, each whole or (where that fails) not at all: it is renamed first, and what a killed removal left goes with the next. One that a process
/// has taken since the plan stays.
std::expected<Pruned, CommandError> prune(const StatePaths& paths, const std::vector<PrunableRun>& plan);
/// What the settings ask for, after a run was kept. Never fails the run: what went, or why nothing could go, is noted.
void apply_retention(AppContext& context, const StatePaths& paths);

/// "512 B", "12.3 kB", "1.20 GB".
std::string size_in_words(std::uint64_t bytes);

}  // namespace prom
