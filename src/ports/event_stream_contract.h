// What every implementation of event streams must do, as tests: include from one test file of the implementation and instantiate EventStreamContract with a maker
// of harnesses. Tests only.
#pragma once

#include <gtest/gtest.h>  // tidy-ok(heavy_headers): a suite that test files include

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ports/event_stream_contract_events.h"

namespace prom::event_stream_contract {

/// One empty ground on which producers and consumers meet.
class Harness {
 public:
  virtual ~Harness() = default;
  /// Why there is no ground (a server that is missing), in one sentence; empty when there is.
  virtual std::string why_not() const { return ""; }
  virtual std::unique_ptr<StreamProducer> producer(OnDelivery told) = 0;
  virtual StoreResult<std::unique_ptr<StreamConsumer>> consumer(ConsumerOptions options) = 0;
};
using MakeHarness = std::function<std::unique_ptr<Harness>()>;

class EventStreamContract : public ::testing::TestWithParam<MakeHarness> {
 protected:
  void SetUp() override {
    harness_ = GetParam()();
    if (const std::string why = harness_->why_not(); !why.empty()) GTEST_SKIP() << why;
    producer_ = harness_->producer([this](const Delivery& delivery) {
      const std::lock_guard lock(mutex_);
      told_.push_back(delivery);
    });
    ASSERT_TRUE(producer_);
  }
  void publish(const StreamEvent& event) { ASSERT_EQ(producer_->publish(event), PublishResult::accepted); }
  void publish_many(const std::vector<std::string>& keys, int each) {
    for (int number = 0; number < each; ++number) {
      for (const std::string& key : keys) publish(event_of(key, number));
    }
    ASSERT_EQ(producer_->flush(kPatience), 0U);
  }
  std::unique_ptr<StreamConsumer> join(const std::string& group = "readers", OnRebalance heard = {}, std::uint32_t max_failures = 3) {
    auto joined = harness_->consumer({group, {Topic::orders_filled}, max_failures, std::move(heard)});
    EXPECT_TRUE(joined) << joined.error().detail;
    return joined ? *std::move(joined) : nullptr;
  }
  std::vector<Delivery> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  std::unique_ptr<Harness> harness_;
  std::mutex mutex_;
  std::vector<Delivery> told_;
  std::unique_ptr<StreamProducer> producer_;  // last: its callback uses what stands above
};

TEST_P(EventStreamContract, AnEventArrivesAsItWasPublished) {
  StreamEvent event = event_of("user-7", 1);
  event.schema_version = 4'000'000'000;
  event.occurred_at = TimeNs{-1'234'567'890'123'456'789};
  event.payload = "{\"text\":\"caf\xc3\xa9 \xe2\x82\xac \\u0000 \\\"\",\"price\":\"0.000000000001\"}";
  StreamEvent odd = event_of("a key:/%\n\xc3\xa9", 2);
  odd.payload = "{}";
  publish(event);
  publish(odd);
  ASSERT_EQ(producer_->flush(kPatience), 0U);
  auto got = read(*join(), 2);
  ASSERT_EQ(got.size(), 2U);
  std::ranges::sort(got, {}, [](const StreamRecord& record) { return record.event.id; });
  EXPECT_EQ(got[0].event, odd);
  EXPECT_EQ(got[1].event, event);
  EXPECT_EQ(got[0].failures, 0U);
}

TEST_P(EventStreamContract, ALargePayloadArrivesAndALargerOneIsRefused) {
  StreamEvent event = event_of("user-7", 1);
  event.payload = R"({"text":")" + std::string(kMaxEventPayload - 11, 'x') + R"("})";
  ASSERT_EQ(event.payload.size(), kMaxEventPayload);
  publish(event);
  event.payload += ' ';
  EXPECT_EQ(producer_->publish(event), PublishResult::too_large);
  event.payload = "{}";
  event.key.clear();
  EXPECT_EQ(producer_->publish(event), PublishResult::malformed);
  ASSERT_EQ(producer_->flush(kPatience), 0U);
  EXPECT_EQ(read(*join(), 1).at(0).event.payload.size(), kMaxEventPayload);
  EXPECT_EQ(producer_->counters().refused, 2U);
}

TEST_P(EventStreamContract, EachAcceptedEventIsToldOnceWithItsPlace) {
  publish_many({"a", "b", "c", "d"}, 25);
  std::map<std::string, StreamPosition> places;
  for (const Delivery& delivery : told()) {
    ASSERT_TRUE(delivery.at) << delivery.failed->detail;
    EXPECT_FALSE(delivery.failed);
    EXPECT_TRUE(places.emplace(delivery.id, *delivery.at).second) << delivery.id << " told twice";
  }
  EXPECT_EQ(places.size(), 100U);
  for (const StreamRecord& record : read(*join(), 100)) EXPECT_EQ(places.at(record.event.id), record.at);
  const ProducerCounters counted = producer_->counters();
  EXPECT_EQ(counted.accepted, 100U);
  EXPECT_EQ(counted.delivered, 100U);
  EXPECT_EQ(counted.failed + counted.refused + counted.waiting, 0U);
  EXPECT_FALSE(producer_->health());
}

TEST_P(EventStreamContract, EventsOfAKeyStayInOrderInOnePartition) {
  std::vector<std::string> keys;
  for (int i = 0; i < 40; ++i) keys.push_back("user-" + std::to_string(i));
  publish_many(keys, 10);
  std::map<std::string, std::vector<std::string>> seen;
  std::map<std::string, std::set<std::int32_t>> partitions;
  std::set<std::int32_t> all;
  for (const StreamRecord& record : read(*join(), 400)) {
    seen[record.event.key].push_back(record.event.id);
    partitions[record.event.key].insert(record.at.partition);
    all.insert(record.at.partition);
  }
  EXPECT_EQ(seen.size(), 40U);
  for (const auto& [key, ids] : seen) {
    std::vector<std::string> wanted;
    for (int number = 0; number < 10; ++number) wanted.push_back(key + "-" + std::to_string(number));
    EXPECT_EQ(ids, wanted);
    EXPECT_EQ(partitions[key].size(), 1U) << key;
  }
  EXPECT_EQ(all.size(), spec_of(Topic::orders_filled).partitions) << "40 keys use all partitions";
}

TEST_P(EventStreamContract, ThreadsPublishAtOnceAndEachKeepsItsOrder) {
  {
    std::vector<std::jthread> threads;  // tidy-ok(tsan_targets): runs in the folders of the implementations, which are listed
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([this, thread] {
        for (int number = 0; number < 100; ++number) publish(event_of("t" + std::to_string(thread), number));
      });
    }
  }
  ASSERT_EQ(producer_->flush(kPatience), 0U);
  std::map<std::string, std::int64_t> next;
  for (const StreamRecord& record : read(*join(), 400)) {
    const std::int64_t number = record.event.occurred_at.ns - 1'700'000'000'000'000'000;
    EXPECT_EQ(number, next[record.event.key]++) << record.event.key;
  }
  EXPECT_EQ(next.size(), 4U);
}

TEST_P(EventStreamContract, AClosedProducerTakesNothingMore) {
  publish(event_of("a", 1));
  EXPECT_TRUE(producer_->close(kPatience).empty()) << "everything was delivered";
  EXPECT_EQ(told().size(), 1U);
  EXPECT_EQ(producer_->publish(event_of("a", 2)), PublishResult::closed);
  EXPECT_TRUE(producer_->close(kPatience).empty());
  EXPECT_EQ(producer_->flush(kPatience), 0U);
  EXPECT_EQ(producer_->counters().refused, 1U);
}

TEST_P(EventStreamContract, AGroupGoesOnAfterItsCommitAndWhatWasNotCommittedComesAgain) {
  publish_many({"a"}, 10);
  {
    const auto first = join();
    const auto got = read(*first, 7);
    ASSERT_EQ(got.size(), 7U);
    ASSERT_TRUE(first->commit(got[3].at)) << "and those before it";
    ASSERT_TRUE(first->commit(got[1].at)) << "never moves back";
    EXPECT_EQ(first->counters().commits, 1U);
    EXPECT_EQ(first->counters().records, 7U);
  }
  const auto got = read(*join(), 6);
  ASSERT_EQ(got.size(), 6U);
  EXPECT_EQ(got.front().event.id, "a-4");
  EXPECT_EQ(got.back().event.id, "a-9");
}

TEST_P(EventStreamContract, AReaderThatDiesBetweenEffectAndCommitLosesNothing) {
  publish_many({"a", "b", "c"}, 20);
  std::map<std::string, int> effects;
  for (int life = 0; effects.size() < 60 && life < 30; ++life) {
    const auto reader = join();
    int done = 0;
    read_until(
        *reader, [&] { return done == 3 || effects.size() == 60; },
        [&](const StreamRecord& record) {
          ++effects[record.event.id];
          // Two in three lives end before the last commit.
          if (++done < 3 || life % 3 == 0) EXPECT_TRUE(reader->commit(record.at));
        });
  }
  EXPECT_EQ(effects.size(), 60U);
  EXPECT_TRUE(std::ranges::any_of(effects, [](const auto& effect) { return effect.second > 1; })) << "some had to come twice, else the test shows nothing";
}

TEST_P(EventStreamContract, GroupsReadForThemselves) {
  publish_many({"a", "b"}, 5);
  const auto one = join("one"), two = join("two");
  for (const auto* reader : {&one, &two}) {
    const auto got = read(**reader, 10);
    EXPECT_EQ(ids_of(got).size(), 10U);
    for (const StreamRecord& record : got) EXPECT_TRUE((*reader)->commit(record.at));
    EXPECT_TRUE(quiet(**reader));
  }
}

TEST_P(EventStreamContract, LagIsWhatTheGroupHasNotCommitted) {
  publish_many({"a"}, 10);
  const auto reader = join();
  const auto total = [&] {
    const auto lags = reader->lag();
    EXPECT_TRUE(lags) << lags.error().detail;
    std::int64_t sum = 0;
    for (const PartitionLag& lag : *lags) sum += lag.lag();
    return sum;
  };
  const auto got = read(*reader, 10);
  ASSERT_EQ(got.size(), 10U);
  EXPECT_EQ(total(), 10);
  ASSERT_TRUE(reader->commit(got[5].at));
  EXPECT_EQ(total(), 4);
  EXPECT_EQ(reader->lag()->size(), spec_of(Topic::orders_filled).partitions);
  publish_many({"a"}, 3);
  EXPECT_EQ(total(), 7);
}

TEST_P(EventStreamContract, WhatWasNotHandedOutIsNotCommitted) {
  publish_many({"a"}, 3);
  const auto reader = join();
  const auto got = read(*reader, 2);
  ASSERT_EQ(got.size(), 2U);
  StreamPosition later = got[1].at;
  ++later.offset;
  EXPECT_EQ(reader->commit(later).error().kind, StoreErrorKind::bad_argument);
  EXPECT_EQ(reader->commit({Topic::risk_alerts, 0, 0}).error().kind, StoreErrorKind::conflict) << "not of this consumer";
  EXPECT_EQ(reader->counters().commits, 0U);
  ASSERT_TRUE(reader->close());
  EXPECT_FALSE(reader->poll(kShort));
  EXPECT_FALSE(reader->commit(got[0].at));
}

TEST_P(EventStreamContract, AFailedEventComesAgainBeforeLaterOnesAndEndsInTheDeadLetters) {
  publish_many({"a"}, 5);
  const auto reader = join();
  auto got = read(*reader, 4);
  ASSERT_EQ(got.size(), 4U);
  ASSERT_TRUE(reader->commit(got[0].at));
  for (std::uint32_t failures = 1; failures < 3; ++failures) {
    EXPECT_EQ(reader->fail(got[1], "no table"), FailOutcome::again);
    EXPECT_EQ(reader->commit(got[2].at).error().kind, StoreErrorKind::bad_argument) << "one before it failed";
    const auto again = read(*reader, 1).at(0);
    EXPECT_EQ(again.event, got[1].event);
    EXPECT_EQ(again.failures, failures);
  }
  EXPECT_EQ(reader->fail(got[1], "no table, still"), FailOutcome::dead_lettered);
  ASSERT_TRUE(reader->commit(got[1].at));
  const auto rest = read(*reader, 3);
  EXPECT_EQ(ids_of(rest), (std::set<std::string>{"a-2", "a-3", "a-4"}));
  EXPECT_EQ(rest.at(0).failures, 0U);
  EXPECT_EQ(reader->counters().failures, 3U);
  EXPECT_EQ(reader->counters().dead_lettered, 1U);
  auto undertaker = harness_->consumer({"undertaker", {Topic::dead_letters}, 3, {}});
  ASSERT_TRUE(undertaker);
  const auto letter = read(**undertaker, 1).at(0);
  EXPECT_EQ(letter.event, dead_letter({got[1], "readers", "no table, still", 3}));
}

TEST_P(EventStreamContract, ReplayReadsAgainAndDoesNotMoveTheCommitBack) {
  publish_many({"a"}, 6);
  StreamPosition start;
  {
    const auto reader = join();
    const auto got = read(*reader, 6);
    ASSERT_EQ(got.size(), 6U);
    ASSERT_TRUE(reader->commit(got[4].at));
    start = got[1].at;
    ASSERT_TRUE(reader->replay(start));
    const auto again = read(*reader, 5);
    EXPECT_EQ(again.at(0).event.id, "a-1");
    EXPECT_EQ(again.at(4).event.id, "a-5");
    ASSERT_TRUE(reader->commit(again[2].at));
    EXPECT_EQ(reader->replay({Topic::risk_alerts, 0, 0}).error().kind, StoreErrorKind::conflict);
    EXPECT_EQ(reader->replay({start.topic, start.partition, -1}).error().kind, StoreErrorKind::bad_argument);
    EXPECT_EQ(reader->replay({start.topic, start.partition, got[5].at.offset + 2}).error().kind, StoreErrorKind::bad_argument);
  }
  EXPECT_EQ(read(*join(), 1).at(0).event.id, "a-5");
}

TEST_P(EventStreamContract, TwoReadersShareThePartitionsAndNothingIsLostWhenOneComesOrGoes) {
  std::vector<std::string> keys;
  for (int i = 0; i < 30; ++i) keys.push_back("user-" + std::to_string(i));
  std::set<std::string> effects;
  // Each commits what it has done, at the latest when a partition is taken away.
  struct Reader {
    std::map<StreamPartition, StreamPosition> done;
    std::set<StreamPartition> mine;
    std::unique_ptr<StreamConsumer> stream;
    void hear(const Rebalance& change, StreamConsumer& self) {
      for (const StreamPartition& partition : change.partitions) {
        if (change.kind == Rebalance::Kind::assigned) {
          mine.insert(partition);
          continue;
        }
        mine.erase(partition);
        if (const auto found = done.find(partition); found != done.end()) {
          if (change.kind == Rebalance::Kind::revoked) {
            const auto committed = self.commit(found->second);
            EXPECT_TRUE(committed) << committed.error().detail;
          }
          done.erase(found);
        }
      }
    }
  };
  Reader one, two;
  const auto work = [&](Reader& reader) {
    const auto record = reader.stream->poll({20 * kMillisecond.ns});
    if (!record || !*record) return;
    EXPECT_TRUE(reader.mine.contains(StreamPartition{(*record)->at.topic, (*record)->at.partition}));
    effects.insert((*record)->event.id);
    reader.done[{(*record)->at.topic, (*record)->at.partition}] = (*record)->at;
  };
  const auto work_until = [&](const std::function<bool()>& done, const std::vector<Reader*>& readers) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(kPatience.ns);
    while (!done() && std::chrono::steady_clock::now() < end) {
      for (Reader* reader : readers) work(*reader);
    }
    EXPECT_TRUE(done());
  };
  publish_many(keys, 4);
  const std::size_t all = spec_of(Topic::orders_filled).partitions;
  one.stream = join("sharing", [&](const Rebalance& change, StreamConsumer& self) { one.hear(change, self); });
  work_until([&] { return one.mine.size() == all && effects.size() > 20; }, {&one});
  two.stream = join("sharing", [&](const Rebalance& change, StreamConsumer& self) { two.hear(change, self); });
  work_until([&] { return one.mine.size() == all / 2 && two.mine.size() == all / 2; }, {&one, &two});
  ASSERT_TRUE(std::ranges::none_of(one.mine, [&](const auto& partition) { return two.mine.contains(partition); }));
  const StreamPartition given = *two.mine.begin();
  EXPECT_EQ(one.stream->commit({given.topic, given.partition, 0}).error().kind, StoreErrorKind::conflict) << "it is the other's now";
  publish_many({"late-1", "late-2", "late-3"}, 10);
  work_until([&] { return effects.size() >= 100; }, {&one, &two});
  ASSERT_TRUE(one.stream->close());
  work_until([&] { return two.mine.size() == all && effects.size() == 150; }, {&two});
  EXPECT_GE(two.stream->counters().rebalances, 2U);
}

TEST_P(EventStreamContract, AConsumerThatCannotBeIsRefusedInASentence) {
  for (const ConsumerOptions& wrong :
       {ConsumerOptions{"", {Topic::orders_filled}, 3, {}}, ConsumerOptions{"g", {}, 3, {}}, ConsumerOptions{"g", {Topic::orders_filled}, 0, {}}}) {
    const auto refused = harness_->consumer(wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, StoreErrorKind::bad_argument);
    EXPECT_FALSE(refused.error().detail.empty());
  }
}

}  // namespace prom::event_stream_contract
