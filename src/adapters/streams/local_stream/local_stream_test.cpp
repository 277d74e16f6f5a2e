// The contract on streams in process, and their bounds.
#include "adapters/streams/local_stream/local_stream.h"

#include <gtest/gtest.h>

#include "ports/event_stream_contract.h"

namespace prom {
namespace {

using event_stream_contract::event_of;
using event_stream_contract::EventStreamContract;
using event_stream_contract::kShort;

class LocalHarness final : public event_stream_contract::Harness {
 public:
  std::unique_ptr<StreamProducer> producer(OnDelivery told) override { return stream_->producer(std::move(told)); }
  StoreResult<std::unique_ptr<StreamConsumer>> consumer(ConsumerOptions options) override { return stream_->consumer(std::move(options)); }

 private:
  std::shared_ptr<LocalStream> stream_ = LocalStream::create();
};

INSTANTIATE_TEST_SUITE_P(Local, EventStreamContract, testing::Values([] { return std::make_unique<LocalHarness>(); }));

struct LocalStreamBounds : testing::Test {
  std::unique_ptr<StreamConsumer> join(const char* group) { return *stream->consumer({group, {Topic::orders_filled}, 1, {}}); }
  StreamRecord next(StreamConsumer& consumer) { return **consumer.poll(kShort); }
  std::shared_ptr<LocalStream> stream = LocalStream::create({.events_a_partition = 4, .bytes = 4'000});
  std::unique_ptr<StreamProducer> producer = stream->producer({});
};

TEST_F(LocalStreamBounds, WithoutReadersTheOldestGoes) {
  for (int number = 0; number < 10; ++number) EXPECT_EQ(producer->publish(event_of("a", number)), PublishResult::accepted);
  const auto reader = join("late");
  EXPECT_EQ(next(*reader).event.id, "a-6") << "the four newest are kept";
  EXPECT_EQ(reader->counters().skipped, 0U) << "a new group begins with the oldest that is kept";
}

TEST_F(LocalStreamBounds, WhatAGroupHasNotCommittedIsKeptAndMoreIsFull) {
  const auto reader = join("g");
  const auto other = join("h");
  for (int number = 0; number < 4; ++number) ASSERT_EQ(producer->publish(event_of("a", number)), PublishResult::accepted);
  EXPECT_EQ(producer->publish(event_of("a", 4)), PublishResult::full);
  EXPECT_EQ(producer->counters().refused, 1U);
  const StreamRecord first = next(*reader);
  ASSERT_TRUE(reader->commit(first.at));
  EXPECT_EQ(producer->publish(event_of("a", 4)), PublishResult::full) << "the other group has not";
  ASSERT_TRUE(other->commit(next(*other).at));
  EXPECT_EQ(producer->publish(event_of("a", 4)), PublishResult::accepted);
  EXPECT_EQ(producer->publish(event_of("a", 5)), PublishResult::full);
  EXPECT_EQ(next(*reader).event.id, "a-1");
}

TEST_F(LocalStreamBounds, BytesAreBoundedOverAllPartitions) {
  const auto reader = join("g");
  StreamEvent event = event_of("a", 1);
  event.payload.assign(1'500, ' ');
  ASSERT_EQ(producer->publish(event), PublishResult::accepted);
  ASSERT_EQ(producer->publish(event), PublishResult::accepted);
  event.topic = Topic::risk_alerts;
  EXPECT_EQ(producer->publish(event), PublishResult::full);
  ASSERT_TRUE(reader->commit(next(*reader).at));
  EXPECT_EQ(producer->publish(event), PublishResult::accepted) << "what everybody has done made room";
}

TEST_F(LocalStreamBounds, ReplayOfWhatIsGoneGoesOnWithTheOldestKept) {
  const auto reader = join("g");
  std::optional<StreamPosition> last;
  for (int number = 0; number < 10; ++number) {
    ASSERT_EQ(producer->publish(event_of("a", number)), PublishResult::accepted);
    last = next(*reader).at;
    ASSERT_TRUE(reader->commit(*last));
  }
  ASSERT_TRUE(reader->replay({last->topic, last->partition, 0}));
  EXPECT_EQ(next(*reader).event.id, "a-6");
}

TEST_F(LocalStreamBounds, AFullDeadLetterTopicIsAnErrorAndTheEventComesAgain) {
  const auto undertaker = *stream->consumer({"u", {Topic::dead_letters}, 1, {}});
  const auto reader = join("g");
  for (int number = 0; number < 4; ++number) {
    StreamEvent letter = event_of("a", number, Topic::dead_letters);
    ASSERT_EQ(producer->publish(letter), PublishResult::accepted);
  }
  ASSERT_EQ(producer->publish(event_of("b", 1)), PublishResult::accepted);
  const StreamRecord record = next(*reader);
  EXPECT_EQ(reader->fail(record, "no").error().kind, StoreErrorKind::full);
  EXPECT_EQ(next(*reader).event.id, "b-1");
  ASSERT_TRUE(undertaker->commit(next(*undertaker).at));
  EXPECT_EQ(reader->fail(record, "no"), FailOutcome::dead_lettered);
  EXPECT_EQ(reader->counters().dead_lettered, 1U);
}

}  // namespace
}  // namespace prom
