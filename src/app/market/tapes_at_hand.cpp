// Chooses between the two stores, as market_at_hand.cpp does for bars.
#include "app/market/tapes_at_hand.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "adapters/stores/clickhouse/clickhouse_tapes.h"
#include "adapters/stores/sqlite_market/tape_store.h"
#include "app/cli/output.h"
#include "app/market/clickhouse_settings.h"
#include "base/sha256.h"

namespace prom {
namespace {

CommandError failed(const StoreError& error) { return {ExitCode::outside_away, "market_store", error.detail, error.hint, {}}; }

std::expected<std::unique_ptr<TapeStore>, CommandError> on_server(const Config& config) {
  auto opened = open_clickhouse_tape_store(clickhouse_settings(config));
  if (!opened) return std::unexpected(failed(opened.error()));
  return std::move(*opened);
}

std::expected<std::unique_ptr<TapeStore>, CommandError> embedded(AppContext& context) {
  PROM_TRY(const StatePaths state, context.state());
  const std::string path = state.market();
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return nullptr;
  auto store = open_sqlite_tape_store(path, {.access = StoreAccess::read_only});
  // An older schema is brought up to date.
  if (!store && store.error().kind == StoreErrorKind::version) store = open_sqlite_tape_store(path, {.access = StoreAccess::read_write});
  if (!store) return std::unexpected(failed(store.error()));
  return std::move(*store);
}

}  // namespace

std::expected<std::unique_ptr<TapeStore>, CommandError> stored_tapes(AppContext& context) {
  PROM_TRY(const Config* config, context.config());
  return config->text("CLICKHOUSE_HOST").empty() ? embedded(context) : on_server(*config);
}

std::expected<std::unique_ptr<TapeStore>, CommandError> tapes_to_write(AppContext& context) {
  PROM_TRY(const Config* config, context.config());
  if (!config->text("CLICKHOUSE_HOST").empty()) return on_server(*config);
  PROM_TRY(const StatePaths state, context.make_state());
  auto store = open_sqlite_tape_store(state.market());
  if (!store) return std::unexpected(failed(store.error()));
  return std::move(*store);
}

std::expected<Tapes, CommandError> tapes_over(AppContext& context, const std::vector<std::string>& instruments, TimeNs from, TimeNs until) {
  Tapes out;
  PROM_TRY(const auto store, stored_tapes(context));
  if (store == nullptr) return out;
  const auto all = store->recordings();
  if (!all) return std::unexpected(failed(all.error()));
  Sha256 hash;
  for (const std::string& code : instruments) {
    std::vector<Tape> parts;
    std::uint64_t events = 0;
    for (const RecordingInfo& info : *all) {
      if (info.instrument != code || info.known < from || info.first > until) continue;
      events += info.events;
      if (events > kMaxTapeEvents) {
        return std::unexpected(CommandError{ExitCode::input_data,
                                            "too_many_events",
                                            "the recordings of " + code + " over this time hold more than " + std::to_string(kMaxTapeEvents) + " events",
                                            "choose a shorter time",
                                            {}});
      }
      auto part = store->load(info.sha256);
      if (!part) return std::unexpected(failed(part.error()));
      hash.update(info.sha256 + "\n");
      parts.push_back(std::move(*part));
    }
    if (!parts.empty()) out.tapes.push_back(merge_tapes(parts));
  }
  if (!out.tapes.empty()) out.sha256 = hash.hex();
  return out;
}

std::expected<std::vector<RecordingInfo>, CommandError> recordings_kept(AppContext& context) {
  PROM_TRY(const auto store, stored_tapes(context));
  if (store == nullptr) return std::vector<RecordingInfo>{};
  auto all = store->recordings();
  if (!all) return std::unexpected(failed(all.error()));
  return std::move(*all);
}

std::expected<ValueList, CommandError> move_recordings_to_server(AppContext& context) {
  PROM_TRY(const Config* config, context.config());
  PROM_TRY(const auto from, embedded(context));
  ValueList out;
  if (from == nullptr) return out;
  PROM_TRY(const auto to, on_server(*config));
  const auto all = from->recordings();
  if (!all) return std::unexpected(failed(all.error()));
  ProgressLine progress(context, "recordings");
  for (std::size_t i = 0; i < all->size(); ++i) {
    const RecordingInfo& info = (*all)[i];
    progress.update(i, all->size(), info.instrument);
    const auto tape = from->load(info.sha256);
    if (!tape) return std::unexpected(failed(tape.error()));
    if (const auto put = to->put(*tape, info.origin, OverlapRule::refuse); !put) return std::unexpected(failed(put.error()));
    // A store gives nothing back whose digest is another.
    if (const auto there = to->load(info.sha256); !there) return std::unexpected(failed(there.error()));
    out.emplace_back(ValueObject{{"instrument", info.instrument}, {"events", static_cast<std::int64_t>(info.events)}, {"sha256", info.sha256}});
  }
  return out;
}

}  // namespace prom
