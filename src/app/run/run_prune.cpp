// Listing, judging, removing. Main thread.
#include "app/run/run_prune.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>

#include "app/run/run_state.h"
#include "base/log.h"
#include "base/text.h"
#include "research/registry/run_registry.h"

namespace prom {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSetAside = "previous-";
constexpr std::string_view kRemoving = ".removing-";

CommandError away(const std::string& path, const std::string& why) {
  return {ExitCode::outside_away, "state", path + ": " + why, "check the disk and rights of the state directory", {}};
}

std::uint64_t bytes_of(const fs::path& folder) {
  std::uint64_t out = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (at->is_regular_file(gone) && !at->is_symlink(gone)) {
      const std::uintmax_t size = at->file_size(gone);
      if (!gone) out += size;
    }
  }
  return out;
}

TimeNs written_at(const fs::path& file) {
  std::error_code error;
  const auto time = fs::last_write_time(file, error);
  if (error) return {};
  const auto wall = std::chrono::file_clock::to_sys(time).time_since_epoch();
  return TimeNs{std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count()};
}

/// The lock that a journal's writer holds, taken for as long as this lives.
class JournalLock {
 public:
  explicit JournalLock(const std::string& journal) : fd_(::open((journal + "/writer.lock").c_str(), O_RDONLY | O_CLOEXEC)) {
    held_elsewhere_ = fd_ >= 0 ? ::flock(fd_, LOCK_EX | LOCK_NB) != 0 : errno != ENOENT;
  }
  ~JournalLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  JournalLock(const JournalLock&) = delete;
  JournalLock& operator=(const JournalLock&) = delete;
  bool held_elsewhere() const { return held_elsewhere_; }

 private:
  int fd_;
  bool held_elsewhere_ = false;
};

/// Why a run that was set aside stays whatever the rule says; empty where it may go.
std::string why_it_must_stay(const StatePaths& run) {
  const auto state = load_run_state(run);
  if (!state) return "its run.json cannot be read";
  if (!*state) return "it holds no run.json: what it is cannot be told";
  if ((*state)->status != RunStatus::finished) return "it can be continued with --state " + run.root;
  if (JournalLock(run.journal()).held_elsewhere()) return "a process works in it";
  return {};
}

std::vector<PrunableRun> registered_runs(const RunRegistry& registry, const std::vector<RunEntry>& entries) {
  std::vector<PrunableRun> out;
  for (const RunEntry& entry : entries) {
    PrunableRun run;
    run.name = entry.run_id;
    run.path = registry.folder_of(entry.run_id);
    const auto created = parse_rfc3339(entry.created_at);
    run.at = created ? *created : written_at(run.path);
    run.bytes = bytes_of(run.path);
    out.push_back(std::move(run));
  }
  return out;
}

std::expected<std::vector<PrunableRun>, CommandError> runs_set_aside(const StatePaths& paths) {
  std::vector<PrunableRun> out;
  std::error_code error;
  if (fs::status(paths.root, error).type() == fs::file_type::not_found) return out;
  error.clear();
  for (const fs::directory_entry& entry : fs::directory_iterator(paths.root, error)) {
    const std::string name = entry.path().filename().string();
    std::error_code unknown;
    if (!name.starts_with(kSetAside) || !parse_u64(name.substr(kSetAside.size())) || !entry.is_directory(unknown) || entry.is_symlink(unknown)) continue;
    PrunableRun run;
    run.kind = KeptAs::set_aside;
    run.name = name;
    run.path = entry.path().string();
    run.at = written_at(entry.path() / "run.json");
    run.bytes = bytes_of(entry.path());
    run.why_it_stays = why_it_must_stay({run.path});
    out.push_back(std::move(run));
  }
  if (error) return std::unexpected(away(paths.root, error.message()));
  std::ranges::sort(out, [](const PrunableRun& a, const PrunableRun& b) { return std::tie(a.at, a.name) < std::tie(b.at, b.name); });
  return out;
}

/// `runs` oldest first.
void judge(std::vector<PrunableRun>& runs, const PruneRule& rule, TimeNs now) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    PrunableRun& run = runs[i];
    if (!run.why_it_stays.empty()) continue;
    const std::size_t newer = runs.size() - 1 - i;
    if (!rule.any()) {
      run.why_it_stays = "no rule was given";
    } else if (rule.keep && newer < *rule.keep) {
      run.why_it_stays = fmt::format("it is among the newest {}", *rule.keep);
    } else if (rule.older_than && run.at > now - *rule.older_than) {
      run.why_it_stays = "it is not older than " + format_interval(*rule.older_than);
    }
  }
}

void remove_leftovers(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> left;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (entry.path().filename().string().starts_with(kRemoving)) left.push_back(entry.path());
  for (const fs::path& path : left) fs::remove_all(path, error);
}

}  // namespace

PruneRule prune_rule(const Config& config) {
  PruneRule out;
  if (const std::int64_t keep = config.integer("runs.keep"); keep > 0) out.keep = static_cast<std::uint32_t>(keep);
  if (const std::int64_t days = config.integer("runs.keep_days"); days > 0) out.older_than = kDay * days;
  return out;
}

std::expected<std::vector<PrunableRun>, CommandError> plan_prune(const StatePaths& paths, const PruneRule& rule, TimeNs now) {
  const RunRegistry registry(paths.root);
  const auto entries = registry.list();
  if (!entries) return std::unexpected(command_error(ExitCode::input_data, entries.error()));
  std::vector<PrunableRun> out = registered_runs(registry, *entries);
  judge(out, rule, now);
  PROM_TRY(std::vector<PrunableRun> aside, runs_set_aside(paths));
  judge(aside, rule, now);
  std::ranges::move(aside, std::back_inserter(out));
  return out;
}

std::expected<Pruned, CommandError> prune(const StatePaths& paths, const std::vector<PrunableRun>& plan) {
  Pruned out;
  for (const std::string& folder : {paths.root, paths.runs()}) remove_leftovers(folder);
  for (const PrunableRun& run : plan) {
    if (!run.why_it_stays.empty()) continue;
    const JournalLock lock(run.path + "/journal");
    if (run.kind == KeptAs::set_aside && lock.held_elsewhere()) continue;
    const fs::path path(run.path);
    const fs::path doomed = path.parent_path() / (std::string(kRemoving) + run.name);
    std::error_code error;
    fs::rename(path, doomed, error);
    if (error == std::errc::no_such_file_or_directory) continue;  // another has removed it
    if (error) return std::unexpected(away(run.path, "it cannot be removed: " + error.message()));
    out.removed.push_back(run);
    out.bytes += run.bytes;
    fs::remove_all(doomed, error);
    if (error) return std::unexpected(away(doomed.string(), "it cannot be removed whole: " + error.message()));
  }
  return out;
}

void apply_retention(AppContext& context, const StatePaths& paths) {
  const auto config = context.config();
  if (!config) return;
  const PruneRule rule = prune_rule(**config);
  if (!rule.any()) return;
  const auto plan = plan_prune(paths, rule, wall_clock());
  const auto done = plan ? prune(paths, *plan) : std::expected<Pruned, CommandError>(std::unexpected(plan.error()));
  if (!done) {
    context.note("older runs were not removed as [runs] says: " + done.error().message);
  } else if (!done->removed.empty()) {
    context.note(fmt::format("{} older {} removed as [runs] says, {}", done->removed.size(), done->removed.size() == 1 ? "run was" : "runs were",
                             size_in_words(done->bytes)));
    for (const PrunableRun& run : done->removed) log_event(LogLevel::info, "run_removed", {{"run", run.name}, {"bytes", run.bytes}});
  }
}

std::string size_in_words(std::uint64_t bytes) {
  if (bytes < 1'000) return fmt::format("{} B", bytes);
  constexpr std::array<std::pair<double, std::string_view>, 3> kUnits{{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}}};
  const auto size = static_cast<double>(bytes);
  for (const auto& [unit, name] : kUnits)
    if (size >= unit) return fmt::format("{:.3g} {}", size / unit, name);
  return {};
}

}  // namespace prom
