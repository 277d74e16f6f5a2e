// One provider after the other; each reply is kept as soon as it is read, so that a stop loses nothing that came.
#include "app/feeds/feed_fetch.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "adapters/stores/sqlite_market/observation_store.h"
#include "app/cli/suggestion.h"
#include "app/feeds/feed_pages.h"
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

/// What came of all requests of one provider.
struct Counted {
  std::int64_t read = 0, fresh = 0, skipped = 0;
  std::size_t requests = 0, failed = 0, unasked = 0;
  std::string failure;                    ///< the first, with the request that failed
  std::string left_out;                   ///< what an answer had that was not taken, each with its request
  std::optional<DurationNs> retry_after;  ///< the longest that was asked for
  bool closed = false;                    ///< every host of the source is away or wants no more

  std::size_t answered() const { return requests - failed - unasked; }
  /// What failed, in one sentence; empty where nothing did.
  std::string failures() const {
    if (failed == 0 || requests == 1) return failure;
    return std::to_string(failed) + " of " + std::to_string(requests) + " requests failed" +
           (unasked > 0 ? ", " + std::to_string(unasked) + " not asked" : "") + "; " + failure;
  }
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

std::expected<FeedReading, FeedFailure> read_reply(const FeedRequest& wanted, const FeedReply& reply) {
  auto read = parse_feed(wanted.kind, reply.body, wanted.name, reply.fetched_at);
  if (!read) return std::unexpected(FeedFailure{read.error().detail, std::nullopt, FailureOf::request});
  return std::move(*read);
}

/// A reply that can be read.
std::expected<FeedReply, FeedFailure> ask(http::UrlClient& client, const FeedRequest& wanted, const http::UrlRequest& request) {
  const auto reply = client.ask(request);
  if (!reply) {
    const http::ErrorKind kind = reply.error().kind;
    const bool of_request =
        kind == http::ErrorKind::bad_request || kind == http::ErrorKind::too_large;  // a redirect that may not be followed, a reply too long
    return std::unexpected(FeedFailure{reply.error().detail, std::nullopt, of_request ? FailureOf::request : FailureOf::provider});
  }
  if (reply->response.status == 429 || reply->response.status >= 500) {
    const auto seconds = parse_i64(reply->response.header("retry-after").value_or(""));
    std::optional<DurationNs> wait;
    if (seconds && *seconds > 0 && *seconds <= 86'400) wait = DurationNs{*seconds * 1'000'000'000};
    return std::unexpected(FeedFailure{reply->url + " answered with status " + std::to_string(reply->response.status), wait});
  }
  FeedReply out{wall_clock(), reply->response.body};
  const std::string status = std::to_string(reply->response.status);
  if (const auto read = read_reply(wanted, out); !read)
    return std::unexpected(FeedFailure{read.error().reason + (status == "200" ? "" : " (status " + status + ")"), std::nullopt, FailureOf::request});
  // A page that says that nothing is there may be sound XML or JSON without an item.
  if (reply->response.status >= 400) return std::unexpected(FeedFailure{reply->url + " answered with status " + status, std::nullopt, FailureOf::request});
  return out;
}

/// What asking needs, for all providers of one call.
struct Asking {
  http::UrlClient client;
  std::unique_ptr<FeedSharing> sharing;  ///< null where no Redis is named
  std::string through;
  FeedSharing::From from = FeedSharing::From::shared_or_provider;
};

Value row(std::string_view source, std::string_view state, const Counted& counted, const std::string& reason, std::optional<TimeNs> next) {
  return Value(ValueObject{{"source", source},
                           {"state", state},
                           {"read", counted.read},
                           {"new", counted.fresh},
                           {"skipped", counted.skipped},
                           {"reason", reason},
                           {"next_at", next ? Value(*next) : Value()}});
}

/// For people, without a key.
std::string name_of(const FeedRequest& wanted) {
  return wanted.kind + " " + (wanted.name.empty() ? wanted.url : wanted.name) + (wanted.page > 1 ? ", page " + std::to_string(wanted.page) : "");
}

/// Asks once and keeps what came; the request for the page before it, where there is one that is wanted.
std::expected<std::optional<FeedRequest>, FeedFailure> fetch_one(Asking& asking, ObservationStore& store, const FeedSource& source, std::string_view key,
                                                                 const FeedRequest& wanted, Counted& counted) {
  const auto provider = [&] {
    if (counted.requests - counted.unasked > 1 && asking.through.empty()) std::this_thread::sleep_for(kPause);
    return ask(asking.client, wanted, request_of(wanted, source, key, asking.through));
  };
  PROM_TRY(const FeedReply reply,
           asking.sharing ? asking.sharing->fetch(source.name, asking.through + wanted.url + wanted.body, source.interval, asking.from, provider) : provider());
  PROM_TRY(const FeedReading read, read_reply(wanted, reply));
  const auto kept = store.put(read.rows);
  if (!kept) {
    const bool of_reply = kept.error().kind == StoreErrorKind::conflict || kept.error().kind == StoreErrorKind::bad_argument;
    return std::unexpected(FeedFailure{kept.error().detail, std::nullopt, of_reply ? FailureOf::request : FailureOf::provider});
  }
  counted.read += static_cast<std::int64_t>(read.rows.size());
  counted.fresh += static_cast<std::int64_t>(*kept);
  counted.skipped += static_cast<std::int64_t>(read.unsound);
  if (read.unsound > 0)
    counted.left_out +=
        (counted.left_out.empty() ? "" : "; ") + name_of(wanted) + ": " + std::to_string(read.unsound) + " items without all that is needed were skipped";
  return page_before(wanted, reply, read.rows, *kept);
}

/// All requests of a source, each for itself: one that fails does not keep the others from being asked, unless its host is away or wants no more.
Counted fetch(Asking& asking, ObservationStore& store, const FeedSource& source, std::string_view key) {
  Counted counted;
  std::vector<FeedRequest> wanted = source.requests();
  std::set<std::string> hosts, closed;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto url = http::parse_url(wanted[i].url);
    const std::string host = url ? url->host : std::string();
    hosts.insert(host);
    ++counted.requests;
    if (closed.contains(host)) {
      ++counted.unasked;
      continue;
    }
    auto before = fetch_one(asking, store, source, key, wanted[i], counted);
    if (!before) {
      ++counted.failed;
      if (counted.failure.empty()) counted.failure = name_of(wanted[i]) + ": " + before.error().reason;
      if (before.error().whose == FailureOf::request) continue;
      closed.insert(host);
      if (before.error().retry_after) counted.retry_after = std::max(*before.error().retry_after, counted.retry_after.value_or(DurationNs{}));
    } else if (*before && (*before)->page > kMostPages) {
      counted.left_out +=
          (counted.left_out.empty() ? "" : "; ") + name_of(wanted[i]) + " is the last that is asked for at once, what lies before it is not read";
    } else if (*before) {
      wanted.insert(wanted.begin() + static_cast<std::ptrdiff_t>(i) + 1, *std::move(*before));
    }
  }
  counted.closed = closed.size() == hosts.size();
  return counted;
}

/// Tells the schedule what came of a source and gives its row. A source is backed off from where nothing was answered, or where whoever serves it wants no more.
Value noted(FeedSchedule& schedule, const FeedSource& source, const Counted& counted) {
  const std::string failures = counted.failures();
  const TimeNs now = wall_clock();
  if (counted.failed > 0 && (counted.answered() == 0 || counted.closed)) {
    schedule.failed(source.name, now, source.interval, counted.retry_after, failures);
  } else {
    // One of several hosts may have named a longer wait; it is kept for all of them.
    schedule.answered(source.name, now, std::max(source.interval, std::min(counted.retry_after.value_or(DurationNs{}), kDay)), failures);
  }
  const std::string_view state = counted.failed == 0 ? "fetched" : counted.answered() == 0 ? "failed" : "partly";
  const std::string reason = failures + (failures.empty() || counted.left_out.empty() ? "" : "; ") + counted.left_out;
  return row(source.name, state, counted, reason, schedule.of(source.name).next);
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
    const Counted counted = fetch(asking, **store, *source, key);
    if (counted.answered() == 0) ++failed;
    rows.push_back(noted(schedule, *source, counted));
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
