// A reply is read whole, within the bound of its parser, and kept under the instant at which it was fetched.
#include "app/feeds/feeds_at_hand.h"
#include "app/feeds/observation_copy.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "adapters/feeds/alternative_me/alternative_me.h"
#include "adapters/feeds/binance_statistics/binance_statistics.h"
#include "adapters/feeds/bybit_statistics/bybit_statistics.h"
#include "adapters/feeds/coingecko/coingecko.h"
#include "adapters/feeds/coinglass/coinglass.h"
#include "adapters/feeds/deribit/deribit.h"
#include "adapters/feeds/fred/fred.h"
#include "adapters/feeds/glassnode/glassnode.h"
#include "adapters/feeds/lunarcrush/lunarcrush.h"
#include "adapters/feeds/reddit/reddit.h"
#include "adapters/feeds/rss/rss.h"
#include "adapters/feeds/santiment/santiment.h"
#include "adapters/feeds/trading_economics/trading_economics.h"
#include "adapters/stores/sqlite_market/observation_store.h"
#include "app/cli/suggestion.h"
#include "base/sha256.h"
#include "base/text.h"

namespace prom {
namespace {

enum class NameOf : std::uint8_t { nothing, series, category, source, asset, metric };
struct FeedKind {
  std::string_view name;
  NameOf wants = NameOf::nothing;
  FeedResult (*parse)(std::string_view body, std::string_view name, TimeNs fetched_at) = nullptr;
};
constexpr FeedKind kKinds[] = {
    {"fear-greed", NameOf::nothing, [](std::string_view body, std::string_view, TimeNs at) { return parse_fear_greed(body, at); }},
    {"coingecko-global", NameOf::nothing, [](std::string_view body, std::string_view, TimeNs at) { return parse_coingecko_global(body, at); }},
    {"coingecko-trending", NameOf::nothing, [](std::string_view body, std::string_view, TimeNs at) { return parse_coingecko_trending(body, at); }},
    {"fred", NameOf::series, parse_fred_observations},
    {"rss", NameOf::source, parse_rss},
    {"reddit", NameOf::nothing, [](std::string_view body, std::string_view, TimeNs at) { return parse_reddit_listing(body, at); }},
    {"bybit-open-interest", NameOf::nothing, [](std::string_view body, std::string_view, TimeNs at) { return parse_bybit_open_interest(body, at); }},
    {"bybit-long-short", NameOf::category, parse_bybit_long_short},
    {"binance-open-interest", NameOf::nothing, [](std::string_view body, std::string_view, TimeNs at) { return parse_binance_open_interest(body, at); }},
    {"binance-long-short", NameOf::nothing, [](std::string_view body, std::string_view, TimeNs at) { return parse_binance_long_short(body, at); }},
    {"deribit-options", NameOf::nothing, [](std::string_view body, std::string_view, TimeNs at) { return parse_deribit_option_summary(body, at); }},
    {"deribit-option-trades", NameOf::nothing, [](std::string_view body, std::string_view, TimeNs at) { return parse_deribit_option_trades(body, at); }},
    {"coinglass-liquidations", NameOf::asset, parse_coinglass_liquidations},
    {"glassnode", NameOf::metric, parse_glassnode_metric},
    {"santiment", NameOf::metric, parse_santiment_metric},
    {"lunarcrush", NameOf::asset, parse_lunarcrush_series},
    {"trading-economics", NameOf::nothing, [](std::string_view body, std::string_view, TimeNs at) { return parse_trading_economics_calendar(body, at); }},
};

std::string_view hint_of(NameOf wants) {
  switch (wants) {
    case NameOf::nothing: return "";
    case NameOf::series: return "add --name with FRED's series id, such as CPIAUCSL";
    case NameOf::category: return "add --name linear or --name inverse";
    case NameOf::asset: return "add --name with the coin, such as BTC";
    case NameOf::metric: return "add --name with coin and metric, such as BTC:indicators/sopr of Glassnode or BTC:mvrv_usd of Santiment";
    case NameOf::source: return "add --name with the outlet, such as CoinDesk";
  }
  PROM_UNREACHABLE();
}

CommandError failed(const StoreError& error) { return {ExitCode::outside_away, "store", error.detail, error.hint, {}}; }
CommandError usage(std::string code, std::string message, std::string hint) {
  return {ExitCode::usage, std::move(code), std::move(message), std::move(hint), {}};
}

/// Null where there is no market store yet.
std::expected<std::unique_ptr<ObservationStore>, CommandError> stored_observations(AppContext& context) {
  PROM_TRY(const StatePaths state, context.state());
  const std::string path = state.market();
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return nullptr;
  auto store = open_sqlite_observation_store(path, {.access = StoreAccess::read_only});
  // An older schema is brought up to date.
  if (!store && store.error().kind == StoreErrorKind::version) store = open_sqlite_observation_store(path);
  if (!store) return std::unexpected(failed(store.error()));
  return std::move(*store);
}

std::expected<std::string, CommandError> file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) {
    text.resize(kMaxFeedBytes + 1);  // one more than a parser takes, so that a longer file is refused and not cut
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (!file.bad()) return text;
  }
  return std::unexpected(CommandError{ExitCode::input_data, "bad_file", "'" + path + "' cannot be read", "name a file with one reply of the provider", {}});
}

}  // namespace

std::string feed_kinds() {
  std::string out;
  for (const FeedKind& kind : kKinds) out += (out.empty() ? "" : ", ") + std::string(kind.name);
  return out;
}

FeedResult parse_feed(std::string_view kind, std::string_view body, std::string_view name, TimeNs fetched_at) {
  const auto* found = std::ranges::find(kKinds, kind, &FeedKind::name);
  if (found == std::end(kKinds)) return std::unexpected(FeedError{FeedFault::malformed, "'" + std::string(kind) + "' is no reply that can be read"});
  return found->parse(body, name, fetched_at);
}

std::expected<ObservationTable, CommandError> observations_at_hand(AppContext& context, TimeNs as_of) {
  PROM_TRY(const auto store, stored_observations(context));
  if (store == nullptr) return ObservationTable();
  constexpr DurationNs kBack = kDay * 3 * 366;
  auto rows = store->load(as_of - kBack, as_of, kMostObservations);
  if (!rows) return std::unexpected(failed(rows.error()));
  return ObservationTable(std::move(*rows));
}

std::expected<Observed, CommandError> observations_over(AppContext& context, TimeNs from, TimeNs until) {
  PROM_TRY(const auto store, stored_observations(context));
  if (store == nullptr) return Observed{};
  auto rows = store->load(from - kDay * 400, until, kMostObservations);
  if (!rows) return std::unexpected(failed(rows.error()));
  if (rows->empty()) return Observed{};
  if (rows->size() == kMostObservations)
    context.note("more than " + std::to_string(kMostObservations) + " observations of feeds speak of this range; the newest are used");
  Sha256 hash;
  for (const Observation& o : *rows) {
    for (const std::string* text : {&o.series, &o.subject, &o.source, &o.id, &o.text}) hash.update(*text + "\n");
    hash.update(std::to_string(o.event_time.ns) + "," + std::to_string(o.available_at.ns) + "," + (o.value ? format_f64(*o.value) : "") + "\n");
  }
  return Observed{ObservationTable(std::move(*rows)), hash.hex()};
}

std::expected<Value, CommandError> import_feed(AppContext& context, const FeedImport& job) {
  const auto* kind = std::ranges::find(kKinds, job.kind, &FeedKind::name);
  if (kind == std::end(kKinds)) {
    std::vector<std::string_view> known;
    for (const FeedKind& one : kKinds) known.push_back(one.name);
    return std::unexpected(
        usage("bad_feed", "'" + job.kind + "' is no reply that can be read", suggestion_of(job.kind, known, "name one of: " + feed_kinds())));
  }
  if (kind->wants != NameOf::nothing && job.name.empty()) {
    return std::unexpected(usage("bad_feed", "a reply of " + job.kind + " does not say what it is about", std::string(hint_of(kind->wants))));
  }
  TimeNs fetched_at = wall_clock();
  if (!job.fetched_at.empty()) {
    const auto given = parse_rfc3339(job.fetched_at);
    if (!given || *given > fetched_at) {
      return std::unexpected(usage("bad_time", "--fetched-at '" + job.fetched_at + "' is no instant up to now", "write 2025-05-01T12:00:00Z"));
    }
    fetched_at = *given;
  }
  PROM_TRY(const std::string text, file_text(job.path));
  const auto read = kind->parse(text, job.name, fetched_at);
  if (!read) return std::unexpected(CommandError{ExitCode::input_data, "bad_feed", read.error().detail, "save the reply as the provider sent it", {}});
  PROM_TRY(const StatePaths state, context.make_state());
  const auto store = open_sqlite_observation_store(state.market());
  if (!store) return std::unexpected(failed(store.error()));
  const auto kept = (*store)->put(*read);
  if (!kept) return std::unexpected(failed(kept.error()));
  PROM_TRY(Value copied, copy_observations(context, state, **store));
  return Value(ValueObject{{"kind", job.kind},
                           {"read", static_cast<std::int64_t>(read->size())},
                           {"new", static_cast<std::int64_t>(*kept)},
                           {"fetched_at", fetched_at},
                           {"clickhouse", std::move(copied)}});
}

std::expected<Value, CommandError> feeds_status(AppContext& context) {
  struct Row {
    std::int64_t rows = 0;
    TimeNs event{INT64_MIN}, known{INT64_MIN};
  };
  std::map<std::tuple<std::string, std::string, std::string>, Row> all;
  PROM_TRY(const auto store, stored_observations(context));
  if (store != nullptr) {
    const auto rows = store->load(TimeNs{INT64_MIN}, TimeNs{INT64_MAX}, kMostObservations);
    if (!rows) return std::unexpected(failed(rows.error()));
    for (const Observation& o : *rows) {
      Row& row = all[{o.series, o.subject, o.source}];
      ++row.rows;
      row.event = std::max(row.event, o.event_time);
      row.known = std::max(row.known, o.available_at);
    }
  }
  ValueList out;
  for (const auto& [key, row] : all) {
    out.emplace_back(ValueObject{{"series", std::get<0>(key)},
                                 {"subject", std::get<1>(key)},
                                 {"source", std::get<2>(key)},
                                 {"rows", row.rows},
                                 {"newest_event", row.event},
                                 {"last_known", row.known}});
  }
  return Value(ValueObject{{"feeds", std::move(out)}});
}

}  // namespace prom
