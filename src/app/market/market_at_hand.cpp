// Chooses between the two stores.
#include "app/market/market_at_hand.h"

#include <filesystem>
#include <utility>

#include "adapters/stores/clickhouse/clickhouse_market.h"
#include "adapters/stores/sqlite_market/market_store.h"
#include "app/cli/output.h"
#include "app/market/clickhouse_settings.h"
#include "base/sha256.h"
#include "base/text.h"

namespace prom {
namespace {

CommandError failed(const StoreError& error) { return {ExitCode::outside_away, "market_store", error.detail, error.hint, {}}; }

std::expected<std::unique_ptr<MarketStore>, CommandError> on_server(const Config& config) {
  auto opened = open_clickhouse_market_store(clickhouse_settings(config));
  if (!opened) return std::unexpected(failed(opened.error()));
  return std::move(*opened);
}

std::expected<std::unique_ptr<MarketStore>, CommandError> embedded(AppContext& context) {
  PROM_TRY(const StatePaths state, context.state());
  const std::string path = state.market();
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return nullptr;
  auto store = open_sqlite_market_store(path, {.access = StoreAccess::read_only});
  // An older schema is brought up to date.
  if (!store && store.error().kind == StoreErrorKind::version) store = open_sqlite_market_store(path, {.access = StoreAccess::read_write});
  if (!store) return std::unexpected(failed(store.error()));
  return std::move(*store);
}

/// Of values, not of bytes at a scale: the stores may keep more digits than came.
std::string sum_of(const BarColumns& bars) {
  Sha256 hash;
  const auto shortest = [](std::int64_t units, int digits) { return Decimal::from_units(units, digits).to_string(); };
  for (std::size_t i = 0; i < bars.size(); ++i) {
    std::string line = std::to_string(bars.open_time_ns[i]);
    for (const auto* column : {&bars.open, &bars.high, &bars.low, &bars.close}) line += "," + shortest((*column)[i], bars.price_digits);
    line += "," + shortest(bars.volume[i], bars.quantity_digits);
    if (!bars.taker_buy_volume.empty()) line += "," + shortest(bars.taker_buy_volume[i], bars.quantity_digits);
    hash.update(line + "\n");
  }
  return hash.hex();
}

}  // namespace

std::expected<std::unique_ptr<MarketStore>, CommandError> stored_market(AppContext& context) {
  PROM_TRY(const Config* config, context.config());
  return config->text("CLICKHOUSE_HOST").empty() ? embedded(context) : on_server(*config);
}

std::expected<std::unique_ptr<MarketStore>, CommandError> market_to_write(AppContext& context) {
  PROM_TRY(const Config* config, context.config());
  if (!config->text("CLICKHOUSE_HOST").empty()) return on_server(*config);
  PROM_TRY(const StatePaths state, context.make_state());
  auto store = open_sqlite_market_store(state.market());
  if (!store) return std::unexpected(failed(store.error()));
  return std::move(*store);
}

std::expected<ValueList, CommandError> move_market_to_server(AppContext& context) {
  PROM_TRY(const Config* config, context.config());
  PROM_TRY(const auto from, embedded(context));
  PROM_TRY(const auto to, on_server(*config));
  ValueList out;
  if (from == nullptr) return out;
  const auto all = from->series();
  if (!all) return std::unexpected(failed(all.error()));
  ProgressLine progress(context, "market data");
  for (std::size_t i = 0; i < all->size(); ++i) {
    const SeriesInfo& info = (*all)[i];
    const std::string name = info.key.instrument + " " + format_interval(info.key.interval);
    progress.update(i, all->size(), name);
    const auto bars = from->bars(info.key, TimeNs{INT64_MIN}, TimeNs{INT64_MAX}, UINT64_MAX);
    if (!bars) return std::unexpected(failed(bars.error()));
    if (const auto put = to->put_bars(info.key, *bars, info.origin); !put) return std::unexpected(failed(put.error()));
    const auto there = to->bars(info.key, TimeNs{INT64_MIN}, TimeNs{INT64_MAX}, UINT64_MAX);
    if (!there) return std::unexpected(failed(there.error()));
    const std::string ours = sum_of(*bars);
    if (there->size() != bars->size() || sum_of(*there) != ours)
      return std::unexpected(
          CommandError{ExitCode::check_failed,
                       "stores_differ",
                       name + " is not the same there: " + std::to_string(bars->size()) + " bars here, " + std::to_string(there->size()) + " there",
                       "the server may hold bars of another installation under that name; use another CLICKHOUSE_DB",
                       {}});
    out.emplace_back(ValueObject{{"instrument", info.key.instrument},
                                 {"interval", format_interval(info.key.interval)},
                                 {"bars", static_cast<std::int64_t>(bars->size())},
                                 {"sha256", ours}});
  }
  const auto held = from->funding_held();
  if (!held) return std::unexpected(failed(held.error()));
  for (const FundingInfo& info : *held) {
    const auto rates = from->funding(info.instrument, TimeNs{INT64_MIN}, TimeNs{INT64_MAX});
    if (!rates) return std::unexpected(failed(rates.error()));
    if (const auto put = to->put_funding(info.instrument, *rates); !put) return std::unexpected(failed(put.error()));
  }
  return out;
}

}  // namespace prom
