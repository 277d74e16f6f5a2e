// {"run": name, "published": frame} beside the journal. Lost or old, it makes events be published again, under the ids that they had.
#include "app/run/run_streams.h"

#include <array>
#include <utility>
#include <vector>

#include "adapters/stores/journal_file/journal_file.h"
#include "adapters/streams/kafka/kafka_streams.h"
#include "app/shared/kafka_settings.h"
#include "base/log.h"
#include "research/exports/atomic_file.h"
#include "tools/tool.h"

namespace prom {
namespace {

/// What a run tells of; the other topics have other writers.
constexpr std::array kOfRuns{Topic::trades_opened, Topic::trades_closed,          Topic::orders_placed,       Topic::orders_filled,      Topic::orders_canceled,
                             Topic::risk_alerts,   Topic::risk_circuit_breaker,   Topic::risk_kill_switch,    Topic::agents_decisions,   Topic::agents_signals,
                             Topic::market_prices, Topic::notifications_telegram, Topic::market_liquidations, Topic::market_whale_alerts};

/// How far an earlier start of this run came.
std::uint64_t published_before(const std::string& path, const std::string& run) {
  const auto text = read_whole_file(path);
  const auto document = text ? parse_json_value(*text) : std::unexpected(ToolError{});
  if (!document || document->text("run") != run) return 0;
  const auto frames = document->number("published");
  return frames && *frames > 0 ? static_cast<std::uint64_t>(*frames) : 0;
}

}  // namespace

RunStreams::RunStreams(AppContext& context, std::string path, std::string run, const std::string& journal)
    : context_(context), path_(std::move(path)), run_(std::move(run)), reader_(open_journal_reader(journal)) {}

std::expected<std::unique_ptr<RunStreams>, CommandError> RunStreams::start(AppContext& context, const StatePaths& paths, const std::string& run,
                                                                           const std::function<std::unique_ptr<MarketEvents>()>& market) {
  PROM_TRY(const Config* config, context.config());
  const std::string brokers = config->text("KAFKA_BROKERS");
  if (brokers.empty()) return nullptr;
  std::unique_ptr<RunStreams> out(new RunStreams(context, paths.streams(), run, paths.journal()));
  out->remembered_ = published_before(out->path_, run);
  const KafkaOptions options = kafka_options(*config);
  StreamPublisherOptions publishing;
  publishing.run = run;
  publishing.published = out->remembered_;
  publishing.market = market();
  const std::vector<Topic> topics(kOfRuns.begin(), kOfRuns.end());
  out->publisher_ = std::make_unique<StreamPublisher>(
      *out->reader_, [options, topics](OnDelivery told) { return open_kafka_producer(options, topics, std::move(told)); }, std::move(publishing));
  context.note("events are published to Kafka at " + brokers + ", under the name " + run);
  return out;
}

void RunStreams::poke(std::uint64_t durable) {
  durable_ = durable;
  publisher_->poke(durable);
  const StreamPublisher::Status status = publisher_->status();
  if (status.why != said_) {
    said_ = status.why;
    if (said_.empty()) {
      log_event(LogLevel::info, "streams", {{"mode", "PAPER"}, {"reachable", "yes"}});
    } else {
      log_event(LogLevel::warning, "streams", {{"mode", "PAPER"}, {"reachable", "no"}, {"why", said_}});
      context_.note("events are not published now, and will be: " + said_);
    }
  }
  const auto now = std::chrono::steady_clock::now();
  if (status.published != remembered_ && now - remembered_at_ > std::chrono::seconds(2)) {
    remembered_at_ = now;
    remember(status);
  }
}

void RunStreams::remember(const StreamPublisher::Status& status) {
  const Value document(ValueObject{{"run", run_},
                                   {"published", static_cast<std::int64_t>(status.published)},
                                   {"delivered", static_cast<std::int64_t>(status.delivered)},
                                   {"lost", static_cast<std::int64_t>(status.lost)}});
  if (const auto kept = write_file_atomically(path_, to_json(document) + "\n"); !kept)
    log_event(LogLevel::warning, "streams", {{"mode", "PAPER"}, {"why", kept.error().message}});
  remembered_ = status.published;
}

std::string RunStreams::finish(DurationNs timeout) {
  const StreamPublisher::Status status = publisher_->finish(timeout);
  remember(status);
  if (status.lost > 0) context_.note(std::to_string(status.lost) + " events were refused by Kafka for good; the log names each");
  if (status.published >= durable_) return {};
  return "frames " + std::to_string(status.published + 1) + " to " + std::to_string(durable_) + " are not published yet; the next start publishes them" +
         (status.why.empty() ? "" : " (" + status.why + ")");
}

}  // namespace prom
