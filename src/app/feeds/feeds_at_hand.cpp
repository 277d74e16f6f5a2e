// A reply is read whole, within the bound of its parser, and kept under the instant at which it was fetched.
#include "app/feeds/feeds_at_hand.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
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
#include "app/feeds/feed_schedule.h"
#include "app/feeds/feed_sources.h"
#include "app/feeds/observation_copy.h"
#include "app/feeds/observation_load.h"
#include "base/sha256.h"
#include "base/text.h"

namespace prom {
namespace {

enum class NameOf : std::uint8_t { nothing, series, category, source, asset, metric };
using ReadingResult = std::expected<FeedReading, FeedError>;
struct FeedKind {
  std::string_view name;
  NameOf wants = NameOf::nothing;
  ReadingResult (*read)(std::string_view body, std::string_view name, TimeNs fetched_at) = nullptr;
};

template <FeedResult (*Parse)(std::string_view, std::string_view, TimeNs)>
ReadingResult named(std::string_view body, std::string_view name, TimeNs fetched_at) {
  PROM_TRY(auto rows, Parse(body, name, fetched_at));
  return FeedReading{std::move(rows)};
}
template <FeedResult (*Parse)(std::string_view, TimeNs)>
ReadingResult unnamed(std::string_view body, std::string_view /*name*/, TimeNs fetched_at) {
  PROM_TRY(auto rows, Parse(body, fetched_at));
  return FeedReading{std::move(rows)};
}
ReadingResult read_news(std::string_view body, std::string_view name, TimeNs fetched_at) {
  PROM_TRY(auto news, read_rss(body, name, fetched_at));
  return FeedReading{std::move(news.headlines), news.unsound};
}

constexpr FeedKind kKinds[] = {
    {"fear-greed", NameOf::nothing, unnamed<parse_fear_greed>},
    {"coingecko-global", NameOf::nothing, unnamed<parse_coingecko_global>},
    {"coingecko-trending", NameOf::nothing, unnamed<parse_coingecko_trending>},
    {"fred", NameOf::series, named<parse_fred_observations>},
    {"rss", NameOf::source, read_news},
    {"reddit", NameOf::nothing, unnamed<parse_reddit_listing>},
    {"bybit-open-interest", NameOf::nothing, unnamed<parse_bybit_open_interest>},
    {"bybit-long-short", NameOf::category, named<parse_bybit_long_short>},
    {"binance-open-interest", NameOf::nothing, unnamed<parse_binance_open_interest>},
    {"binance-long-short", NameOf::nothing, unnamed<parse_binance_long_short>},
    {"deribit-options", NameOf::nothing, unnamed<parse_deribit_option_summary>},
    {"deribit-option-trades", NameOf::nothing, unnamed<parse_deribit_option_trades>},
    {"coinglass-liquidations", NameOf::asset, named<parse_coinglass_liquidations>},
    {"glassnode", NameOf::metric, named<parse_glassnode_metric>},
    {"santiment", NameOf::metric, named<parse_santiment_metric>},
    {"lunarcrush", NameOf::asset, named<parse_lunarcrush_series>},
    {"trading-economics", NameOf::nothing, unnamed<parse_trading_economics_calendar>},
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

std::expected<std::vector<Observation>, CommandError> loaded(AppContext& context, ObservationStore& store, const ObservationSpan& span) {
  auto out = load_observations(store, span);
  if (!out) return std::unexpected(failed(out.error()));
  if (!out->cut.empty())
    context.note("of " + join(out->cut, ", ") + " more than " + std::to_string(kMostObservations) +
                 " observations each speak of this time; the newest are used");
  return std::move(out->rows);
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

std::expected<FeedReading, FeedError> parse_feed(std::string_view kind, std::string_view body, std::string_view name, TimeNs fetched_at) {
  const auto* found = std::ranges::find(kKinds, kind, &FeedKind::name);
  if (found == std::end(kKinds)) return std::unexpected(FeedError{FeedFault::malformed, "'" + std::string(kind) + "' is no reply that can be read"});
  return found->read(body, name, fetched_at);
}

std::expected<ObservationTable, CommandError> observations_at_hand(AppContext& context, TimeNs as_of) {
  PROM_TRY(const auto store, stored_observations(context));
  if (store == nullptr) return ObservationTable();
  PROM_TRY(auto rows, loaded(context, *store, {.from = as_of, .until = as_of}));
  return ObservationTable(std::move(rows));
}

std::expected<Observed, CommandError> observations_over(AppContext& context, TimeNs from, TimeNs until) {
  PROM_TRY(const auto store, stored_observations(context));
  if (store == nullptr) return Observed{};
  PROM_TRY(auto rows, loaded(context, *store, {.from = from, .until = until, .back = kDay * 400}));
  if (rows.empty()) return Observed{};
  Sha256 hash;
  for (const Observation& o : rows) {
    for (const std::string* text : {&o.series, &o.subject, &o.source, &o.id, &o.text}) hash.update(*text + "\n");
    hash.update(std::to_string(o.event_time.ns) + "," + std::to_string(o.available_at.ns) + "," + (o.value ? format_f64(*o.value) : "") + "\n");
  }
  return Observed{ObservationTable(std::move(rows)), hash.hex()};
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
  const auto read = kind->read(text, job.name, fetched_at);
  if (!read) return std::unexpected(CommandError{ExitCode::input_data, "bad_feed", read.error().detail, "save the reply as the provider sent it", {}});
  PROM_TRY(const StatePaths state, context.make_state());
  const auto store = open_sqlite_observation_store(state.market());
  if (!store) return std::unexpected(failed(store.error()));
  const auto kept = (*store)->put(read->rows);
  if (!kept) return std::unexpected(failed(kept.error()));
  PROM_TRY(Value copied, copy_observations(context, state, **store));
  return Value(ValueObject{{"kind", job.kind},
                           {"read", static_cast<std::int64_t>(read->rows.size())},
                           {"new", static_cast<std::int64_t>(*kept)},
                           {"skipped", static_cast<std::int64_t>(read->unsound)},
                           {"fetched_at", fetched_at},
                           {"clickhouse", std::move(copied)}});
}

std::expected<Value, CommandError> feeds_status(AppContext& context) {
  constexpr std::size_t kMostSubjects = 20'000;  // of one series
  ValueList out, failing;
  PROM_TRY(const auto store, stored_observations(context));
  if (store != nullptr) {
    const auto counts = store->counts(kMostSubjects);
    if (!counts) return std::unexpected(failed(counts.error()));
    std::map<std::string_view, std::size_t> subjects;
    for (const ObservationCount& count : *counts) {
      ++subjects[count.series];
      out.emplace_back(ValueObject{{"series", count.series},
                                   {"subject", count.subject},
                                   {"source", count.source},
                                   {"rows", count.rows},
                                   {"newest_event", count.newest_event},
                                   {"last_known", count.last_known}});
    }
    for (const auto& [series, shown] : subjects)
      if (shown == kMostSubjects)
        context.note("of " + std::string(series) + " the " + std::to_string(kMostSubjects) + " subjects are shown that were last heard of; there may be more");
  }
  PROM_TRY(const StatePaths state, context.state());
  const FeedSchedule schedule = FeedSchedule::load(state.feeds());
  for (const FeedSource& source : feed_sources()) {
    const FeedSchedule::Entry& entry = schedule.of(source.name);
    if (!entry.reason.empty())
      failing.emplace_back(ValueObject{{"source", source.name}, {"failures", entry.failures}, {"reason", entry.reason}, {"next_at", entry.next}});
  }
  return Value(ValueObject{{"feeds", std::move(out)}, {"failing", std::move(failing)}});
}

}  // namespace prom
