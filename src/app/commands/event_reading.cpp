// Events from the cluster onto stdout: written first, committed after. Main thread; the consumer is asked from here only.
#include "app/commands/event_reading.h"

#include <unistd.h>

#include <csignal>
#include <map>
#include <memory>
#include <ostream>
#include <utility>

#include "adapters/streams/kafka/kafka_streams.h"
#include "app/cli/output.h"
#include "app/cli/suggestion.h"
#include "app/shared/kafka_settings.h"
#include "app/shutdown/shutdown.h"

namespace prom {
namespace {

constexpr DurationNs kFirstWait{30 * kSecond.ns};  ///< until the cluster has given us partitions
constexpr DurationNs kCaughtUp{2 * kSecond.ns};    ///< without an event: the end of what is there
constexpr DurationNs kPoll{200 * kMillisecond.ns};

CommandError away(const StoreError& error) {
  const bool argument = error.kind == StoreErrorKind::bad_argument;
  return {argument ? ExitCode::usage : ExitCode::outside_away, "streams", error.detail, error.hint, {}};
}

std::expected<std::vector<Topic>, CommandError> topics_of(const std::vector<std::string>& names) {
  std::vector<Topic> out;
  for (const std::string& name : names) {
    const auto topic = parse_topic(name);
    if (!topic) {
      std::vector<std::string_view> known;
      for (const TopicSpec& spec : kTopics) known.push_back(spec.name);
      return std::unexpected(CommandError{
          ExitCode::usage, "unknown_topic", "there is no topic '" + name + "'", suggestion_of(name, known, "promtrade events topics lists them"), {}});
    }
    out.push_back(*topic);
  }
  if (names.empty())
    for (const TopicSpec& spec : kTopics) out.push_back(spec.topic);
  return out;
}

void write(AppContext& context, const StreamRecord& record) {
  const StreamEvent& event = record.event;
  if (context.json()) {
    const Value head(ValueObject{{"topic", spec_of(event.topic).name},
                                 {"partition", static_cast<std::int64_t>(record.at.partition)},
                                 {"offset", record.at.offset},
                                 {"key", event.key},
                                 {"id", event.id},
                                 {"schema_version", static_cast<std::int64_t>(event.schema_version)},
                                 {"occurred_at", event.occurred_at}});
    std::string line = to_json(head);
    line.back() = ',';
    context.out << line << R"("payload":)" << event.payload << "}\n";
    return;
  }
  context.out << context.time(event.occurred_at) << "  " << spec_of(event.topic).name << "  " << printable(event.key) << "  " << printable(event.payload)
              << '\n';
}

/// The effect is that a line has been written: only then it counts as read.
class Reader {
 public:
  Reader(AppContext& context, const EventReading& job, StreamConsumer& consumer) : context_(context), job_(job), consumer_(consumer) {}

  CommandResult read(ShutdownManager& stop, const bool& assigned) {
    DurationNs quiet{0};
    while (!stop.requested() && (job_.limit == 0 || read_ < job_.limit)) {
      const auto record = consumer_.poll(kPoll);
      if (!record) {
        if (job_.until == ReadUntil::caught_up) return std::unexpected(away(record.error()));
        context_.note("no events now: " + record.error().detail);
        continue;
      }
      if (!*record) {
        if (auto settled = settle(); !settled) return std::unexpected(std::move(settled.error()));
        quiet = quiet + kPoll;
        if (!assigned && quiet >= kFirstWait)
          return std::unexpected(CommandError{ExitCode::outside_away,
                                              "streams",
                                              "the cluster gave us no partition to read within 30 s",
                                              "another reader of the group KAFKA_GROUP_ID may have them all",
                                              {}});
        if (assigned && job_.until == ReadUntil::caught_up && quiet >= kCaughtUp) break;
        continue;
      }
      quiet = {0};
      write(context_, **record);
      done_[{(*record)->at.topic, (*record)->at.partition}] = (*record)->at;
      if (++read_ % 500 == 0)
        if (auto settled = settle(); !settled) return std::unexpected(std::move(settled.error()));
    }
    if (auto settled = settle(); !settled) return std::unexpected(std::move(settled.error()));
    if (!context_.json())
      context_.note(std::to_string(read_) + (read_ == 1 ? " event" : " events") + " read" + (job_.as == ReadAs::group ? " and committed" : ""));
    if (const auto by = stop.signal()) return *by == SIGINT ? ExitCode::sigint : ExitCode::sigterm;
    return ExitCode::done;
  }

 private:
  std::expected<void, CommandError> settle() {
    if (!context_.out.flush())
      return std::unexpected(CommandError{ExitCode::outside_away, "output", "stdout takes nothing more", "events that were not written come again", {}});
    if (job_.as == ReadAs::group) {
      for (const auto& [partition, at] : done_) {
        // Another's by now: that one reads it again, and tells it by its id.
        if (const auto done = consumer_.commit(at); !done && done.error().kind != StoreErrorKind::conflict) return std::unexpected(away(done.error()));
      }
    }
    done_.clear();
    return {};
  }

  AppContext& context_;
  const EventReading& job_;
  StreamConsumer& consumer_;
  std::map<StreamPartition, StreamPosition> done_;  ///< the last of each partition that was written and is not committed
  std::uint64_t read_ = 0;
};

}  // namespace

Value event_topics() {
  ValueList topics;
  for (const TopicSpec& spec : kTopics) {
    topics.emplace_back(ValueObject{{"topic", spec.name},
                                    {"key", spec.key == KeyOf::user ? "user" : "instrument"},
                                    {"partitions", static_cast<std::int64_t>(spec.partitions)},
                                    {"kept_days", spec.retention.ns / kDay.ns}});
  }
  return ValueObject{{"topics", Value(std::move(topics))}};
}

CommandResult read_events(AppContext& context, const EventReading& job) {
  PROM_TRY(const Config* config, context.config());
  PROM_TRY(std::vector<Topic> topics, topics_of(job.topics));
  const KafkaOptions kafka = kafka_options(*config);
  if (kafka.brokers.empty()) {
    return std::unexpected(CommandError{ExitCode::usage,
                                        "no_brokers",
                                        "no broker is named, so events do not leave the process that makes them",
                                        "set KAFKA_BROKERS to host:port, for run as well as here",
                                        {}});
  }
  auto shutdown = ShutdownManager::install();
  if (!shutdown) return std::unexpected(command_error(ExitCode::broken_invariant, shutdown.error()));
  bool assigned = false;
  ConsumerOptions reading;
  reading.group =
      job.as == ReadAs::group ? config->text("KAFKA_GROUP_ID") : "promtrade-onlooker-" + std::to_string(::getpid()) + "-" + std::to_string(wall_clock().ns);
  reading.topics = std::move(topics);
  reading.on_rebalance = [&](const Rebalance& change, StreamConsumer&) { assigned = assigned || change.kind == Rebalance::Kind::assigned; };
  auto consumer = open_kafka_consumer(kafka, std::move(reading));
  if (!consumer) return std::unexpected(away(consumer.error()));
  auto result = Reader(context, job, **consumer).read(**shutdown, assigned);
  if (const auto closed = (*consumer)->close(); !closed && result) return std::unexpected(away(closed.error()));
  return result;
}

}  // namespace prom
