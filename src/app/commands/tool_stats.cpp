// Asking the ledger, summing days, and the words. Main thread.
#include "app/commands/tool_stats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include "app/commands/profiles.h"
#include "app/run/run_ledger.h"
#include "app/run/run_state.h"
#include "tools/tool.h"

namespace prom {
namespace {

using Kind = std::pair<std::string_view, std::uint64_t>;

std::array<Kind, 5> kinds_of(const ToolStat& stat) {
  return {Kind{"unavailable", stat.unavailable}, Kind{"not_enough_data", stat.not_enough_data}, Kind{"bad_argument", stat.bad_argument},
          Kind{"refused", stat.refused}, Kind{"failed", stat.failed}};
}

std::expected<void, CommandError> check(const ToolStatsOptions& options) {
  if (!options.tool.empty() && find_tool(options.tool) == nullptr) {
    const ToolResult why = call_tool(options.tool, {}, {});
    return std::unexpected(CommandError{ExitCode::usage, "unknown_tool", why.error().message, why.error().hint, {}});
  }
  if (!options.agent.empty()) PROM_CHECK_OK(agent_named(options.agent));
  return {};
}

/// The ledger of the running or last run; nothing where the directory holds none.
std::expected<std::optional<RunLedger>, CommandError> ledger_of_run(AppContext& context) {
  PROM_TRY(const StatePaths paths, context.state());
  PROM_TRY(const auto state, load_run_state(paths));
  if (!state || state->users > 0) return std::nullopt;  // a host's accounts trade by strategies, which call no tools
  PROM_TRY(const Config* config, context.config());
  std::error_code missing;
  if (config->text("POSTGRES_HOST").empty() && !std::filesystem::exists(paths.ledger(), missing)) return std::nullopt;
  PROM_TRY(RunLedger ledger, open_run_ledger(context, paths, state->ledger));
  return ledger;
}

CommandError failed(const StoreError& error) { return {ExitCode::outside_away, "ledger", error.detail, error.hint, {}}; }

std::vector<ToolStat> summed(const std::vector<ToolStat>& rows, const ToolStatsOptions& options) {
  std::map<std::tuple<TimeNs, std::string, AgentRole>, ToolStat> sums;
  for (const ToolStat& row : rows) {
    const auto [sum, fresh] = sums.try_emplace({options.by_day ? row.day : TimeNs{}, row.tool, row.agent}, row);
    if (fresh) continue;
    sum->second.add(row);
    sum->second.day = std::max(sum->second.day, row.day);
  }
  std::vector<ToolStat> out;
  for (auto& [key, stat] : sums) out.push_back(std::move(stat));
  std::ranges::sort(out, [&](const ToolStat& a, const ToolStat& b) {
    if (options.by_day && a.day != b.day) return a.day > b.day;
    return std::tie(b.calls, a.tool, a.agent) < std::tie(a.calls, b.tool, b.agent);
  });
  return out;
}

Value value_of(const ToolStat& stat) {
  ValueObject kinds;
  for (const auto& [name, count] : kinds_of(stat)) kinds.emplace_back(std::string(name), static_cast<std::int64_t>(count));
  const bool measured = stat.took_total.ns > 0;
  return ValueObject{{"calls", static_cast<std::int64_t>(stat.calls)},
                     {"cached", static_cast<std::int64_t>(stat.cached)},
                     {"failures", static_cast<std::int64_t>(stat.failures())},
                     {"failed", std::move(kinds)},
                     {"average_ns", measured ? Value(stat.took_total.ns / static_cast<std::int64_t>(stat.ran())) : Value()},
                     {"longest_ns", measured ? Value(stat.took_longest.ns) : Value()}};
}

}  // namespace

std::expected<ToolStats, CommandError> tool_stats_of_run(AppContext& context, const ToolStatsOptions& options) {
  PROM_CHECK_OK(check(options));
  PROM_TRY(const auto ledger, ledger_of_run(context));
  ToolStats out;
  if (!ledger) return out;
  out.place = ledger->place;
  ToolStatFilter filter;
  if (!options.tool.empty()) filter.tool = options.tool;
  auto rows = ledger->ledger->tool_stats(filter);
  if (!rows) return std::unexpected(failed(rows.error()));
  if (!options.agent.empty()) std::erase_if(*rows, [&](const ToolStat& row) { return name_of(row.agent) != options.agent; });
  if (rows->empty()) return out;
  out.to = rows->back().day;
  if (options.days > 0) std::erase_if(*rows, [&](const ToolStat& row) { return row.day <= out.to - kDay * options.days; });
  out.from = rows->front().day;
  for (const ToolStat& row : *rows) out.total.add(row);
  out.rows = summed(*rows, options);
  return out;
}

Value document_of(const ToolStats& stats, const ToolStatsOptions& options) {
  ValueList tools;
  for (const ToolStat& stat : stats.rows) {
    ValueObject row{{"tool", stat.tool}, {"agent", std::string(name_of(stat.agent))}};
    if (options.by_day) row.emplace_back("day", stat.day);
    Value numbers = value_of(stat);
    for (auto& member : std::get<ValueObject>(numbers.storage())) row.push_back(std::move(member));
    tools.emplace_back(std::move(row));
  }
  const bool any = !stats.rows.empty();
  return ValueObject{{"ledger", stats.place.empty() ? Value() : Value(stats.place)},
                     {"from", any ? Value(stats.from) : Value()},
                     {"to", any ? Value(stats.to) : Value()},
                     {"tools", std::move(tools)},
                     {"total", value_of(stats.total)}};
}

std::string failures_in_words(const ToolStat& stat) {
  auto kinds = kinds_of(stat);
  std::ranges::sort(kinds, [](const Kind& a, const Kind& b) { return std::tie(b.second, a.first) < std::tie(a.second, b.first); });
  std::string out;
  for (const auto& [name, count] : kinds)
    if (count > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, count);
  return out;
}

std::string duration_in_words(DurationNs took) {
  const auto ns = static_cast<double>(took.ns);
  if (took < kMicrosecond) return fmt::format("{} ns", took.ns);
  if (took < kMillisecond) return fmt::format("{:.1f} us", ns / 1e3);
  if (took < kSecond) return fmt::format("{:.2f} ms", ns / 1e6);
  return fmt::format("{:.2f} s", ns / 1e9);
}

}  // namespace prom
