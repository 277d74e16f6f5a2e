// One provider after the other; each reply is kept as soon as it is read, so that a stop loses nothing that came.
#include "app/feeds/feed_fetch.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "adapters/stores/sqlite_market/observation_store.h"
#include "app/cli/suggestion.h"
#include "app/feeds/feed_schedule.h"
#include "app/feeds/feed_sharing.h"
#include "app/feeds/feed_sources.h"
#include "app/feeds/feeds_at_hand.h"
#include "app/feeds/observation_copy.h"
#include "base/text.h"
#include "io/http/url_client.h"

namespace prom {
namespace {

/// Between two requests to one provider: below what the strictest of them (30 a minute) allows.
constexpr std::chrono::milliseconds kPause{2'100};

struct Counted {
  std::int64_t read = 0, fresh = 0;
};

http::UrlRequest request_of(const FeedRequest& wanted, const FeedSource& source, std::string_view key, const std::string& through) {
  http::UrlRequest out;
  out.url = wanted.url;
  if (!through.empty()) {
    const auto own = http::parse_url(wanted.url);
    out.url = through + (own ? own->target : "/");
  }
  if (!wanted.body.empty()) {
    out.method = "POST";
    out.body = wanted.body;
    out.headers.push_back({"Content-Type", "application/json"});
  }
  const std::string text(key);
  switch (source.place) {
    case KeyPlace::none: break;
    case KeyPlace::query: out.url += "&api_key=" + http::encoded(text); break;
    case KeyPlace::x_api_key: out.headers.push_back({"X-Api-Key", text}); break;
    case KeyPlace::cg_api_key: out.headers.push_back({"CG-API-KEY", text}); break;
    case KeyPlace::bearer: out.headers.push_back({"Authorization", "Bearer " + text}); break;
    case KeyPlace::apikey: out.headers.push_back({"Authorization", "Apikey " + text}); break;
    case KeyPlace::client: out.headers.push_back({"Authorization", "Client " + text}); break;
  }
  return out;
}

std::expected<std::vector<Observation>, FeedFailure> read_reply(const FeedRequest& wanted, const FeedReply& reply) {
  auto read = parse_feed(wanted.kind, reply.body, wanted.name, reply.fetched_at);
  if (!read) return std::unexpected(FeedFailure{read.error().detail});
  return std::move(*read);
}

/// A reply that can be read.
std::expected<FeedReply, FeedFailure> ask(http::UrlClient& client, const FeedRequest& wanted, const http::UrlRequest& request) {
  const auto reply = client.ask(request);
  if (!reply) return std::unexpected(FeedFailure{reply.error().detail});
  if (reply->response.status == 429 || reply->response.status >= 500) {
    const auto seconds = parse_i64(reply->response.header("retry-after").value_or(""));
    std::optional<DurationNs> wait;
    if (seconds && *seconds > 0 && *seconds <= 86'400) wait = DurationNs{*seconds * 1'000'000'000};
    return std::unexpected(FeedFailure{reply->url + " answered with status " + std::to_string(reply->response.status), wait});
  }
  FeedReply out{wall_clock(), reply->response.body};
  if (const auto read = read_reply(wanted, out); !read) {
    const std::string status = reply->response.status == 200 ? "" : " (status " + std::to_string(reply->response.status) + ")";
    return std::unexpected(FeedFailure{read.error().reason + status});
  }
  return out;
}

/// What asking needs, for all providers of one call.
struct Asking {
  http::UrlClient client;
  std::unique_ptr<FeedSharing> sharing;  ///< null where no Redis is named
  std::string through;
  FeedSharing::From from = FeedSharing::From::shared_or_provider;
};

/// All requests of a provider. What came before a failure is kept.
std::expected<Counted, FeedFailure> fetch(Asking& asking, ObservationStore& store, const FeedSource& source, std::string_view key) {
  Counted counted;
  bool first = true;
  for (const FeedRequest& wanted : source.requests()) {
    const auto provider = [&] {
      if (!std::exchange(first, false) && asking.through.empty()) std::this_thread::sleep_for(kPause);
      return ask(asking.client, wanted, request_of(wanted, source, key, asking.through));
    };
    const auto reply =
        asking.sharing ? asking.sharing->fetch(source.name, asking.through + wanted.url + wanted.body, source.interval, asking.from, provider) : provider();
    if (!reply) return std::unexpected(reply.error());
    PROM_TRY(const auto read, read_reply(wanted, *reply));
    const auto kept = store.put(read);
    if (!kept) return std::unexpected(FeedFailure{kept.error().detail});
    counted.read += static_cast<std::int64_t>(read.size());
    counted.fresh += static_cast<std::int64_t>(*kept);
  }
  return counted;
}

Value row(std::string_view source, std::string_view state, const Counted& counted, const std::string& reason, std::optional<TimeNs> next) {
  return Value(ValueObject{
      {"source", source}, {"state", state}, {"read", counted.read}, {"new", counted.fresh}, {"reason", reason}, {"next_at", next ? Value(*next) : Value()}});
}

std::expected<std::vector<const FeedSource*>, CommandError> chosen(const FeedFetch& job) {
  std::vector<const FeedSource*> out;
  std::vector<std::string_view> known;
  for (const FeedSource& source : feed_sources()) {
    known.push_back(source.name);
    if (job.sources.empty() || std::ranges::find(job.sources, source.name) != job.sources.end()) out.push_back(&source);
  }
  for (const std::string& name : job.sources)
    if (std::ranges::find(feed_sources(), name, &FeedSource::name) == feed_sources().end())
      return std::unexpected(CommandError{
          ExitCode::usage, "bad_feed", "'" + name + "' is no source of feeds", suggestion_of(name, known, "name some of: " + join(known, ", ")), {}});
  return out;
}

}  // namespace

std::expected<Value, CommandError> fetch_feeds(AppContext& context, const FeedFetch& job) {
  PROM_TRY(const Config* config, context.config());
  PROM_TRY(const auto sources, chosen(job));
  if (!job.through.empty() && !http::parse_url(job.through))
    return std::unexpected(CommandError{ExitCode::usage, "bad_url", "--through is no http or https address", "write http://127.0.0.1:8080", {}});
  Asking asking;
  asking.through = job.through;
  while (asking.through.ends_with('/')) asking.through.pop_back();
  if (job.again) asking.from = FeedSharing::From::provider;
  PROM_TRY(asking.sharing, FeedSharing::start(context));
  PROM_TRY(const StatePaths state, context.make_state());
  auto store = open_sqlite_observation_store(state.market());
  if (!store) return std::unexpected(CommandError{ExitCode::outside_away, "store", store.error().detail, store.error().hint, {}});
  FeedSchedule schedule = FeedSchedule::load(state.feeds());
  ValueList rows;
  std::size_t asked = 0, failed = 0;
  for (const FeedSource* source : sources) {
    const std::string_view key = source->key.empty() ? std::string_view() : config->secret(source->key).expose();
    const FeedSchedule::Entry& entry = schedule.of(source->name);
    if (!source->key.empty() && key.empty()) {
      rows.push_back(row(source->name, "no_key", {}, "set " + std::string(source->key), std::nullopt));
      continue;
    }
    if (!job.again && wall_clock() < entry.next) {
      rows.push_back(row(source->name, entry.failures > 0 ? "backing_off" : "fresh", {}, entry.reason, entry.next));
      continue;
    }
    ++asked;
    const auto counted = fetch(asking, **store, *source, key);
    if (counted) {
      schedule.answered(source->name, wall_clock(), source->interval);
      rows.push_back(row(source->name, "fetched", *counted, "", schedule.of(source->name).next));
    } else {
      ++failed;
      schedule.failed(source->name, wall_clock(), source->interval, counted.error().retry_after, counted.error().reason);
      rows.push_back(row(source->name, "failed", {}, counted.error().reason, schedule.of(source->name).next));
    }
    // After each: a stop in mid-run must not make the next start ask everybody again.
    if (auto saved = schedule.save(state.feeds()); !saved) return std::unexpected(saved.error());
  }
  PROM_TRY(Value copied, copy_observations(context, state, **store));
  ValueObject members{{"sources", std::move(rows)}, {"clickhouse", std::move(copied)}};
  if (asking.sharing) members.emplace_back("shared_replies", asking.sharing->taken());
  Value document(std::move(members));
  if (asked > 0 && failed == asked) {
    CommandError error{ExitCode::outside_away,
                       "feeds_away",
                       "none of the " + std::to_string(asked) + " providers that were asked answered",
                       "promtrade feeds fetch says which and why",
                       {}};
    for (const Value& one : std::get<ValueList>(document.find("sources")->storage()))
      if (one.text("state") == "failed") {
        error.message += "; " + std::string(*one.text("source")) + ": " + std::string(*one.text("reason"));
        break;
      }
    return std::unexpected(std::move(error));
  }
  return document;
}

}  // namespace prom
