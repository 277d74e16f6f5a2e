// Events through the streams, one reader: in process, and through the Kafka that KAFKA_BROKERS names (dev/servers.py env), in topics of its own that it removes.
// publish: until every event is delivered. through: published and read back with a commit every 500. encode: frames of an order to events. A payload has 300 bytes.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

#include "adapters/streams/kafka/kafka_internal.h"
#include "adapters/streams/local_stream/local_stream.h"
#include "runtime/streams/frame_events.h"

namespace prom {
namespace {

constexpr DurationNs kPatience{60 * kSecond.ns};

StreamEvent event(std::int64_t number) {
  StreamEvent out{Topic::orders_filled, std::to_string(number % 1'000), 1, "bench/" + std::to_string(number) + "/e0", TimeNs{number}, R"({"text":")"};
  out.payload.append(288, 'x').append(R"("})");
  return out;
}

bool publish_all(StreamProducer& producer, std::int64_t from, std::int64_t count) {
  for (std::int64_t number = from; number < from + count; ++number) {
    const StreamEvent one = event(number);
    for (PublishResult result = producer.publish(one); result != PublishResult::accepted; result = producer.publish(one)) {
      if (result != PublishResult::full) return false;
      producer.flush({kMillisecond.ns});
    }
  }
  return producer.flush(kPatience) == 0;
}
bool read_all(StreamConsumer& consumer, std::int64_t count) {
  std::map<std::int32_t, StreamPosition> done;
  const auto commit = [&] {
    bool fine = true;
    for (const auto& [partition, at] : done) fine = consumer.commit(at).has_value() && fine;
    return fine;
  };
  for (std::int64_t read = 0; read < count;) {
    const auto record = consumer.poll(kPatience);
    if (!record || !*record) return false;
    done[(*record)->at.partition] = (*record)->at;
    if (++read % 500 == 0 && !commit()) return false;
  }
  return commit();
}

/// Where a bench runs; nothing where it cannot.
struct Ground {
  std::unique_ptr<StreamProducer> producer;
  std::unique_ptr<StreamConsumer> consumer;
  KafkaOptions kafka;
  std::shared_ptr<LocalStream> local;
};

bool open_kafka(benchmark::State& state, Ground& ground) {
  const char* brokers = std::getenv("KAFKA_BROKERS");
  if (brokers == nullptr) {
    state.SkipWithError("no Kafka: dev/servers.py up kafka, then eval \"$(dev/servers.py env)\"");
    return false;
  }
  ground.kafka.brokers = brokers;
  ground.kafka.prefix = "bench" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()) + ".";
  auto producer = open_kafka_producer(ground.kafka, {Topic::orders_filled}, {});
  auto consumer = open_kafka_consumer(ground.kafka, {"bench", {Topic::orders_filled}, 3, {}});
  if (!producer || !consumer) {
    state.SkipWithError((producer ? consumer.error() : producer.error()).detail.c_str());
    return false;
  }
  ground.producer = *std::move(producer);
  ground.consumer = *std::move(consumer);
  // Connections, producer id and group membership are had before the clock starts.
  if (publish_all(*ground.producer, 0, 1'000) && read_all(*ground.consumer, 1'000)) return true;
  state.SkipWithError("nothing gets through");
  return false;
}
void close_kafka(Ground& ground) {
  ground.producer.reset();
  ground.consumer.reset();
  kafka::ClientOwner owner;
  auto conf = kafka::configure(ground.kafka, owner, {});
  if (!conf) return;
  const auto client = kafka::make_client(RD_KAFKA_PRODUCER, *std::move(conf));
  if (!client) return;
  rd_kafka_DeleteTopic_t* topics[] = {rd_kafka_DeleteTopic_new(kafka::topic_name(ground.kafka, Topic::orders_filled).c_str()),
                                      rd_kafka_DeleteTopic_new(kafka::topic_name(ground.kafka, Topic::dead_letters).c_str())};
  const kafka::Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client->get()));
  rd_kafka_DeleteTopics(client->get(), topics, std::size(topics), nullptr, queue.get());
  const kafka::Owned<rd_kafka_event_t> done(rd_kafka_queue_poll(queue.get(), 10'000));
  rd_kafka_DeleteTopic_destroy_array(topics, std::size(topics));
}
void open_local(Ground& ground) {
  ground.local = LocalStream::create({.events_a_partition = 100'000});
  ground.producer = ground.local->producer({});
}
void count(benchmark::State& state, std::int64_t events) {
  state.counters["events/s"] = benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}

void publish(benchmark::State& state, Ground& ground) {
  std::int64_t number = 0;
  for (auto _ : state) {
    if (!publish_all(*ground.producer, number, state.range(0))) return state.SkipWithError("not delivered");
    number += state.range(0);
  }
  count(state, number);
}
void through(benchmark::State& state, Ground& ground) {
  std::int64_t number = 0;
  for (auto _ : state) {
    if (!publish_all(*ground.producer, number, state.range(0)) || !read_all(*ground.consumer, state.range(0))) return state.SkipWithError("not read");
    number += state.range(0);
  }
  count(state, number);
}

void local_publish(benchmark::State& state) {
  Ground ground;
  open_local(ground);
  publish(state, ground);
}
void local_through(benchmark::State& state) {
  Ground ground;
  open_local(ground);
  ground.consumer = *ground.local->consumer({"bench", {Topic::orders_filled}, 3, {}});
  through(state, ground);
}
void kafka_publish(benchmark::State& state) {
  Ground ground;
  if (open_kafka(state, ground)) publish(state, ground);
  close_kafka(ground);
}
void kafka_through(benchmark::State& state) {
  Ground ground;
  if (open_kafka(state, ground)) through(state, ground);
  close_kafka(ground);
}
BENCHMARK(local_publish)->Arg(10'000)->UseRealTime();
BENCHMARK(local_through)->Arg(10'000)->UseRealTime();
BENCHMARK(kafka_publish)->Arg(10'000)->MinTime(2)->UseRealTime();
BENCHMARK(kafka_through)->Arg(10'000)->MinTime(2)->UseRealTime();

/// What publish() costs its caller: nothing of it waits for a broker.
void kafka_publish_call(benchmark::State& state) {
  Ground ground;
  if (!open_kafka(state, ground)) return;
  std::int64_t number = 0;
  const StreamEvent one = event(1);
  for (auto _ : state) {
    if (ground.producer->publish(one) != PublishResult::accepted) return state.SkipWithError("full");
    if (++number % 10'000 == 0) {
      state.PauseTiming();
      ground.producer->flush(kPatience);
      state.ResumeTiming();
    }
  }
  ground.producer->flush(kPatience);
  close_kafka(ground);
}
BENCHMARK(kafka_publish_call)->Iterations(50'000);

/// An order placed, accepted and filled: two events.
void encode(benchmark::State& state) {
  FrameEvents events("bench");
  Instrument instrument;
  instrument.symbol = instrument.venue_symbol = "BTCUSDT";
  instrument.price_digits = 2;
  instrument.quantity_digits = 3;
  instrument.contract_value = kDecimalOne;
  std::uint64_t seq = 0;
  static_cast<void>(events.take({++seq, {TimeNs{1}, 1, InstrumentRegistered{instrument}}, {}, {}}));
  std::uint64_t order = 0, made = 0;
  for (auto _ : state) {
    OrderSpec spec;
    spec.id = OrderId{++order};
    spec.quantity = {1'000};
    Fill fill;
    fill.order = spec.id;
    fill.price = {9'500'000};
    fill.quantity = {1'000};
    made += events.take({++seq, {TimeNs{1}, seq, TimePassed{}}, {OrderCreated{spec}, OrderMoved{spec.id, OrderEventKind::accepted, {}}}, {}}).size();
    made += events.take({++seq, {TimeNs{1}, seq, TimePassed{}}, {FillApplied{fill}}, {}}).size();
  }
  count(state, static_cast<std::int64_t>(made));
}
BENCHMARK(encode);

}  // namespace
}  // namespace prom
