// Events that leave the engine for others: the topics, an event, who publishes and who reads. A stream carries copies of history and is never its record: the
// journal is. Contract tests in ports/event_stream_contract.h run on every implementation.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "ports/store_error.h"

namespace prom {

enum class Topic : std::uint8_t {
  trades_opened,
  trades_closed,
  orders_placed,
  orders_filled,
  orders_canceled,
  risk_alerts,
  risk_circuit_breaker,
  risk_kill_switch,
  market_prices,
  market_liquidations,
  market_whale_alerts,
  agents_decisions,
  agents_signals,
  notifications_telegram,
  dead_letters,  ///< what a consumer could not act upon; written by consumers, not by publishers
  shards,        ///< nothing is published there: its partitions are the shards, and its consumer group divides them among instances
};

/// Whose events stay in order: those of one key come in the order in which they were published, those of different keys in any.
enum class KeyOf : std::uint8_t { user, instrument };

struct TopicSpec {
  Topic topic;
  std::string_view name;     ///< as in Kafka
  KeyOf key;                 ///< of dead letters: that of the event that failed
  std::uint16_t partitions;  ///< how many consumers of a group can share the work; changing it moves keys to other partitions
  DurationNs retention;      ///< how long an event can be read again
};
inline constexpr std::size_t kTopicCount = 16;
inline constexpr std::array<TopicSpec, kTopicCount> kTopics{{
    {Topic::trades_opened, "trades.opened", KeyOf::user, 6, 30 * kDay},
    {Topic::trades_closed, "trades.closed", KeyOf::user, 6, 30 * kDay},
    {Topic::orders_placed, "orders.placed", KeyOf::user, 6, 30 * kDay},
    {Topic::orders_filled, "orders.filled", KeyOf::user, 6, 30 * kDay},
    {Topic::orders_canceled, "orders.canceled", KeyOf::user, 6, 30 * kDay},
    {Topic::risk_alerts, "risk.alerts", KeyOf::user, 3, 90 * kDay},
    {Topic::risk_circuit_breaker, "risk.circuit_breaker", KeyOf::user, 3, 90 * kDay},
    {Topic::risk_kill_switch, "risk.kill_switch", KeyOf::user, 3, 90 * kDay},
    {Topic::market_prices, "market.prices", KeyOf::instrument, 6, 1 * kDay},
    {Topic::market_liquidations, "market.liquidations", KeyOf::instrument, 3, 7 * kDay},
    {Topic::market_whale_alerts, "market.whale_alerts", KeyOf::instrument, 3, 7 * kDay},
    {Topic::agents_decisions, "agents.decisions", KeyOf::user, 6, 90 * kDay},
    {Topic::agents_signals, "agents.signals", KeyOf::instrument, 6, 30 * kDay},
    {Topic::notifications_telegram, "notifications.telegram", KeyOf::user, 3, 7 * kDay},
    {Topic::dead_letters, "dead_letters", KeyOf::user, 1, 90 * kDay},
    {Topic::shards, "shards", KeyOf::user, 12, 1 * kDay},
}};
constexpr const TopicSpec& spec_of(Topic topic) { return kTopics[static_cast<std::size_t>(topic)]; }
std::optional<Topic> parse_topic(std::string_view name);

inline constexpr std::size_t kMaxEventKey = 256;          ///< bytes
inline constexpr std::size_t kMaxEventId = 128;           ///< bytes
inline constexpr std::size_t kMaxEventPayload = 900'000;  ///< bytes; Kafka's own default limit is 1,048,588 with everything round it

struct StreamEvent {
  Topic topic = Topic::orders_placed;
  std::string key;                   ///< 1 to kMaxEventKey bytes
  std::uint32_t schema_version = 1;  ///< of the payload's shape, from 1
  std::string id;                    ///< 1 to kMaxEventId bytes; the same event published twice has the same id, so that readers can tell
  TimeNs occurred_at{};
  std::string payload;  ///< one JSON object, UTF-8, at most kMaxEventPayload bytes; taken as it is
  bool operator==(const StreamEvent&) const = default;
};

/// Where an event lies. Offsets of a partition rise; they are dense unless the store says otherwise.
struct StreamPosition {
  Topic topic = Topic::orders_placed;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  auto operator<=>(const StreamPosition&) const = default;
};
/// "orders.filled/2@17"
std::string to_text(const StreamPosition& position);

// --- publishing ---

enum class PublishResult : std::uint8_t {
  accepted,
  full,       ///< as many wait as may: try again later, or drop it and count
  closed,     ///< nothing is taken any more; health() says why where it was not close()
  too_large,  ///< payload beyond kMaxEventPayload
  malformed,  ///< key, id or schema version out of range
};
std::string_view name_of(PublishResult result);
/// What every producer refuses before it looks at anything else.
PublishResult check_event(const StreamEvent& event);

/// What became of an accepted event: told once for each.
struct Delivery {
  Topic topic = Topic::orders_placed;
  std::string key, id;
  std::optional<StreamPosition> at;  ///< it is stored there
  std::optional<StoreError> failed;  ///< or why not; Retry::in_doubt: it may be stored all the same
};
/// Called on a thread of the producer, or on that which publishes; it must be quick and must not call the producer.
using OnDelivery = std::function<void(const Delivery&)>;

struct ProducerCounters {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  ///< full, closed, too large or malformed
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;   ///< accepted and not delivered, those in doubt included
  std::uint64_t waiting = 0;  ///< accepted and without an outcome yet
};

/// Any thread. Events of one key that one thread publishes are stored in that order.
class StreamProducer {
 public:
  virtual ~StreamProducer() = default;
  /// Never waits for a server or for room.
  [[nodiscard]] virtual PublishResult publish(const StreamEvent& event) = 0;
  /// Waits until no accepted event waits for its outcome, at most `timeout`; returns how many still do.
  virtual std::uint64_t flush(DurationNs timeout) = 0;
  /// Takes no more, flushes, and gives up what is not delivered by then. Returns all accepted events that were not delivered and had not been told as failed
  /// before, in the order of publishing. A second call returns nothing.
  virtual std::vector<Delivery> close(DurationNs timeout) = 0;
  virtual ProducerCounters counters() const = 0;
  /// Why events do not get through now; nothing while they do.
  virtual std::optional<StoreError> health() const = 0;
};

// --- reading ---

struct StreamRecord {
  StreamPosition at;
  StreamEvent event;
  std::uint32_t failures = 0;  ///< times that this consumer has called fail() for it
};

struct StreamPartition {
  Topic topic = Topic::orders_placed;
  std::int32_t partition = 0;
  auto operator<=>(const StreamPartition&) const = default;
};
/// Which partitions this consumer of a group reads has changed.
struct Rebalance {
  enum class Kind : std::uint8_t {
    assigned,  ///< these are new; none, where the group has nothing (more) for this consumer
    revoked,  ///< the group shares them out anew after this call, perhaps to this consumer; what is done may be committed within it (where refused it comes again)
    lost,     ///< another may have them already: nothing of them can be committed
  } kind = Kind::assigned;
  std::vector<StreamPartition> partitions;
};
class StreamConsumer;
/// Called within poll() and close(), on the caller's thread. Of the consumer only commit() may be called from here.
using OnRebalance = std::function<void(const Rebalance&, StreamConsumer&)>;

struct ConsumerOptions {
  std::string group = "prometheus";  ///< KAFKA_GROUP_ID; consumers of one group share the partitions, each group reads everything
  std::vector<Topic> topics;         ///< at least one
  std::uint32_t max_failures = 5;    ///< fail() of one event for which it goes to the dead letters; at least 1
  OnRebalance on_rebalance;
};
/// `bad_argument` for a group without a name, no topic, or no failure allowed.
StoreResult<void> check_consumer(const ConsumerOptions& options);

struct PartitionLag {
  StreamPartition partition;
  std::int64_t committed = 0;  ///< the next offset to be read by the group
  std::int64_t end = 0;        ///< the offset that the next event gets
  std::int64_t lag() const { return end > committed ? end - committed : 0; }
};

enum class FailOutcome : std::uint8_t { again, dead_lettered };

struct ConsumerCounters {
  std::uint64_t records = 0;        ///< handed out, repeats included
  std::uint64_t commits = 0;        ///< that moved something
  std::uint64_t failures = 0;       ///< calls of fail()
  std::uint64_t dead_lettered = 0;  ///< by fail()
  std::uint64_t unreadable = 0;     ///< no event of ours: sent to the dead letters without being handed out
  std::uint64_t skipped = 0;        ///< offsets that were gone before they were read (retention)
  std::uint64_t rebalances = 0;
};

/// Reads the topics of a group from its last commit on (a new group: from the oldest event kept). At least once: what was handed out and not committed comes
/// again, to this or another consumer; readers tell repeats by the event's id. One thread.
class StreamConsumer {
 public:
  virtual ~StreamConsumer() = default;  ///< leaves the group; what is not committed comes again to others
  /// The next event; nothing when none has come within `timeout`. `away`: the server cannot be reached (told once each time that it is
  /// lost); go on polling. A consumer that does not poll for
  /// five minutes loses its partitions.
  virtual StoreResult<std::optional<StreamRecord>> poll(DurationNs timeout) = 0;
  /// The effects of this event and of all before it in its partition are done. `conflict`: the partition is another's by now, and nothing was committed: the
  /// event comes (or came) to that one too. `bad_argument`: it was not handed out, or one before it failed and has not come again. Never moves back.
  virtual StoreResult<void> commit(const StreamPosition& done) = 0;
  /// The effect failed: the event comes again before any later one of its partition; after max_failures times it is stored in the dead letters with `reason`
  /// and does not come again: commit it like one that is done. An error: it comes again.
  virtual StoreResult<FailOutcome> fail(const StreamRecord& record, const std::string& reason) = 0;
  /// Of each partition that is this consumer's.
  virtual StoreResult<std::vector<PartitionLag>> lag() = 0;
  /// The next event of that partition will be that at `from` (or the oldest kept after it). Commits do not move back by it. `conflict`: the partition is not
  /// this consumer's; `bad_argument`: behind its end.
  virtual StoreResult<void> replay(const StreamPosition& from) = 0;
  /// Leaves the group. Afterwards poll() is an error.
  virtual StoreResult<void> close() = 0;
  virtual ConsumerCounters counters() const = 0;
};

/// The error of replay() for an offset behind the end.
StoreError beyond_the_end(const StreamPosition& from);

/// What is stored in the dead letters for an event whose effect failed: same key, id and time; the payload names where it lay, who gave up and why, and holds
/// the event's payload as text.
struct GivenUp {
  const StreamRecord& record;
  std::string_view group, reason;
  std::uint32_t failures = 0;
};
StreamEvent dead_letter(const GivenUp& given_up);

}  // namespace prom
