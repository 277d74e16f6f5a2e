// Kept runs: ids, saving, finding. One thread each object.
#include "research/registry/run_registry.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <ranges>
#include <system_error>

#include "research/exports/atomic_file.h"
#include "research/registry/decision_file.h"
#include "research/registry/run_json.h"
#include "research/registry/stored_run.h"

namespace prom {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnfinished = ".saving-";
constexpr std::size_t kSecondLetters = 15;  // YYYYMMDD-HHMMSS
constexpr int kMaxRunsPerSecond = 999;

std::string second_text(TimeNs now) {
  const CivilTime c = to_civil(now);
  return fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}", c.date.year, c.date.month, c.date.day, c.hour, c.minute, c.second);
}

/// The id after `newest` at `now`: later than every id there is, even where the clock was set back.
std::string next_id(const std::string& newest, TimeNs now) {
  const std::string second = second_text(now);
  if (newest.size() < kSecondLetters + 4 || newest.substr(0, kSecondLetters) < second) return second + "-001";
  const int last = std::atoi(newest.c_str() + kSecondLetters + 1);
  return fmt::format("{}-{:03}", newest.substr(0, kSecondLetters), last + 1);
}

/// Leftovers of a save that was killed; a day old, so that no running save is touched.
void remove_leftovers(const std::string& runs) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(runs, error)) {
    if (!entry.path().filename().string().starts_with(kUnfinished)) continue;
    const auto age = fs::file_time_type::clock::now() - entry.last_write_time(error);
    if (!error && age > std::chrono::hours(24)) fs::remove_all(entry.path(), error);
  }
}

Error not_found(std::string_view run) {
  return {"run_not_found", fmt::format("there is no run {}", run), "`promtrade runs list` names the runs that are kept"};
}

}  // namespace

std::string_view name_of(RunPart part) {
  switch (part) {
    case RunPart::binary: return "binary";
    case RunPart::configuration: return "configuration";
    case RunPart::data: return "data";
    case RunPart::strategy: return "strategy";
    case RunPart::prompts: return "prompts";
  }
  PROM_UNREACHABLE();
}

namespace {

/// "20250603-134000-001". What else lies in the folder, such as a copy made by hand, is no run and must not become the latest.
bool is_run_id(std::string_view name) {
  constexpr std::string_view kShape = "dddddddd-dddddd-ddd";
  return name.size() >= kShape.size() && std::ranges::all_of(std::views::iota(std::size_t{0}, name.size()), [&](std::size_t i) {
           return i < kShape.size() && kShape[i] == '-' ? name[i] == '-' : name[i] >= '0' && name[i] <= '9';
         });
}

}  // namespace

RunRegistry::RunRegistry(std::string state_dir) : runs_(std::move(state_dir) + "/runs") {}

std::string RunRegistry::folder_of(std::string_view run_id) const { return runs_ + "/" + std::string(run_id); }

std::expected<std::vector<std::string>, Error> RunRegistry::ids() const {
  std::vector<std::string> out;
  std::error_code error;
  if (fs::status(runs_, error).type() == fs::file_type::not_found) return out;
  error.clear();
  for (const fs::directory_entry& entry : fs::directory_iterator(runs_, error)) {
    const std::string name = entry.path().filename().string();
    if (is_run_id(name) && entry.is_directory()) out.push_back(name);
  }
  if (error) return err(Error{"file_read", "cannot read " + runs_ + ": " + error.message(), ""});
  std::ranges::sort(out);
  return out;
}

std::expected<std::string, Error> RunRegistry::save(const RunResult& result, const RunDigests& digests, TimeNs now, std::span<const CandleSeries> candles) {
  PROM_CHECK_OK(make_folder(runs_));
  remove_leftovers(runs_);
  std::string folder = runs_ + "/" + std::string(kUnfinished) + "XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return err(Error{"folder_create", "cannot make a folder in " + runs_ + ": " + std::strerror(errno), ""});
  const auto give_up = [&](Error why) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    return err(std::move(why));
  };
  if (auto done = registry::write_decisions(folder, result.decisions); !done) return give_up(done.error());

  for (int attempt = 0; attempt < kMaxRunsPerSecond; ++attempt) {
    const auto known = ids();
    if (!known) return give_up(known.error());
    const std::string id = next_id(known->empty() ? std::string() : known->back(), now);
    if (auto done = registry::write_result(folder + "/result.bin", result, id, candles); !done) return give_up(done.error());
    if (auto done = write_file_atomically(folder + "/run.json", registry::run_json(result, id, digests, now) + "\n"); !done) return give_up(done.error());
    // Fails where another process took the id meanwhile: a folder that is not empty is never replaced.
    if (::rename(folder.c_str(), folder_of(id).c_str()) == 0) return id;
    if (errno != EEXIST && errno != ENOTEMPTY) return give_up({"file_write", "cannot put the run in " + runs_ + ": " + std::strerror(errno), ""});
  }
  return give_up({"run_ids_exhausted", "too many runs were saved within one second", "try again"});
}

std::expected<std::vector<RunEntry>, Error> RunRegistry::list() const {
  PROM_TRY(const std::vector<std::string> names, ids());
  std::vector<RunEntry> out;
  for (const std::string& name : names) {
    auto read = entry(name);
    if (!read) {
      RunEntry damaged;
      damaged.run_id = name;
      damaged.fault = read.error();
      read = std::move(damaged);
    }
    out.push_back(std::move(*read));
  }
  return out;
}

std::expected<std::string, Error> RunRegistry::resolve(std::string_view run) const {
  PROM_TRY(const std::vector<std::string> names, ids());
  if (run == "latest") {
    if (names.empty()) return err(not_found(run));
    return names.back();
  }
  std::vector<std::string> fitting;
  for (const std::string& name : names) {
    if (name == run) return name;
    if (!run.empty() && name.starts_with(run)) fitting.push_back(name);
  }
  if (fitting.empty()) return err(not_found(run));
  if (fitting.size() > 1) {
    return err(Error{"run_ambiguous", fmt::format("{} runs begin with {}: {}, ..., {}", fitting.size(), run, fitting.front(), fitting.back()),
                     "write more of the id"});
  }
  return fitting.front();
}

std::expected<std::string, Error> RunRegistry::show_json(std::string_view run) const {
  PROM_TRY(const std::string id, resolve(run));
  PROM_TRY(std::string text, read_whole_file(folder_of(id) + "/run.json"));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::expected<RunEntry, Error> RunRegistry::entry(std::string_view run) const {
  PROM_TRY(const std::string id, resolve(run));
  PROM_TRY(const std::string text, show_json(id));
  auto read = registry::parse_run_json(text);
  if (!read || read->run_id != id)
    return err(Error{"run_corrupted", folder_of(id) + "/run.json is damaged", "run it again: the same command gives the same result"});
  return std::move(*read);
}

std::expected<StoredRun, Error> RunRegistry::load(std::string_view run) const {
  PROM_TRY(const RunEntry head, entry(run));
  const std::string folder = folder_of(head.run_id);
  PROM_TRY(registry::StoredResult stored, registry::read_result(folder + "/result.bin"));
  PROM_TRY(stored.result.decisions, registry::read_decisions(folder));
  return StoredRun{std::move(stored.result), head.digests, std::move(stored.candles)};
}

std::expected<DecisionRecord, Error> RunRegistry::find_decision(DecisionId id, std::string_view run) const {
  PROM_TRY(const std::string name, resolve(run));
  PROM_TRY(const std::vector<registry::DecisionEntry> index, registry::read_decision_index(folder_of(name)));
  const auto found = std::ranges::find(index, id, &registry::DecisionEntry::id);
  if (found == index.end()) {
    const std::string range = index.empty() ? "it recorded none" : fmt::format("it recorded {} to {}", index.front().id.v, index.back().id.v);
    return err(Error{"decision_not_found", fmt::format("run {} has no decision {}: {}", name, id.v, range), ""});
  }
  return registry::read_decision(folder_of(name), *found);
}

}  // namespace prom
