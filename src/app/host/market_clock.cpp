// {"market_ns", "wall_ns", "seen_ns"}: replaced whole by whoever notes something; all write the same but for seen_ns.
#include "app/host/market_clock.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "research/exports/atomic_file.h"
#include "tools/tool.h"

namespace prom {
namespace {

std::optional<TimeNs> time_of(const Value& document, const char* name) {
  const auto text = document.text(name);
  const auto value = text ? parse_i64(*text) : std::nullopt;
  return value ? std::optional(TimeNs{*value}) : std::nullopt;
}

}  // namespace

std::expected<MarketClock, CommandError> MarketClock::join(const std::string& path, TimeNs first, double speed, Others others) {
  MarketClock out;
  out.path_ = path;
  out.speed_ = speed;
  out.market_ = first;
  out.wall_ = wall_clock();
  if (std::filesystem::exists(path)) {
    const auto text = read_whole_file(path);
    const auto document = text ? parse_json_value(*text) : std::unexpected(ToolError{});
    const auto market = document ? time_of(*document, "market_ns") : std::nullopt;
    const auto wall = document ? time_of(*document, "wall_ns") : std::nullopt;
    const auto seen = document ? time_of(*document, "seen_ns") : std::nullopt;
    if (!market || !wall || !seen)
      return std::unexpected(CommandError{ExitCode::input_data,
                                          "market_clock",
                                          path + " is not what a host writes there",
                                          "promtrade host --fresh sets it aside with its shards and begins anew",
                                          {}});
    MarketClock was = out;
    was.market_ = *market;
    was.wall_ = *wall;
    if (others == Others::at_work) return was;
    out.market_ = std::max(first, was.at(*seen));
  }
  if (auto kept = out.keep(); !kept)
    return std::unexpected(CommandError{ExitCode::outside_away, "state", std::move(kept.error()), "check the disk and rights of the state directory", {}});
  return out;
}

std::expected<void, std::string> MarketClock::keep() const {
  const Value document(
      ValueObject{{"market_ns", std::to_string(market_.ns)}, {"wall_ns", std::to_string(wall_.ns)}, {"seen_ns", std::to_string(wall_clock().ns)}});
  if (const auto kept = write_file_atomically(path_, to_json(document) + "\n"); !kept) return std::unexpected(kept.error().message);
  return {};
}

}  // namespace prom
