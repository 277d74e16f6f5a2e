// The publisher beside streams that are slow, full, away, ending and refusing: whoever pokes never waits, every event of a durable frame is delivered in order, and
// what will never be taken is counted.
#include "runtime/streams/stream_publisher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>

namespace prom {
namespace {

/// Frames 1 ... n; frame 1 registers an account, each other has one alert.
class Frames final : public JournalReader {
 public:
  explicit Frames(std::uint64_t count) : count_(count) {}
  std::expected<std::uint64_t, JournalError> read(std::uint64_t from_seq, const std::function<bool(const RecordedFrame&)>& visit) override {
    if (broken) return std::unexpected(JournalError{JournalErrorKind::io, "", 0, "the disk is gone"});
    for (std::uint64_t seq = std::max<std::uint64_t>(from_seq, 1); seq <= count_; ++seq) {
      RecordedFrame frame{seq, {TimeNs{static_cast<std::int64_t>(seq)}, seq, TimePassed{}}, {}, {}};
      if (seq > 1) frame.events.emplace_back(KillSwitchMoved{UserIx{1}, KillPhase::cancelling, std::to_string(seq)});
      if (!visit(frame)) return seq;
    }
    return count_;
  }
  std::atomic<bool> broken = false;

 private:
  std::uint64_t count_;
};

/// What all producers of a test stored, and how the next ones behave.
struct Store {
  std::mutex mutex;
  std::vector<std::string> ids;
  bool away = false;                  ///< cannot be opened
  bool hangs = false;                 ///< takes and delivers nothing
  std::size_t room = SIZE_MAX;        ///< events that one producer takes before it is full
  std::size_t dies_after = SIZE_MAX;  ///< events after which a producer has ended
  std::string refuses;                ///< an id that is never taken
  bool forbids = false;               ///< no right to any topic: each delivery fails
  std::string fails_once;             ///< an id whose first delivery fails
  int opened = 0;

  template <class Change>
  void set(Change change) {
    const std::lock_guard lock(mutex);
    change(*this);
  }
  std::vector<std::string> stored() {
    const std::lock_guard lock(mutex);
    return ids;
  }
};

class Scripted final : public StreamProducer {
 public:
  Scripted(Store& store, OnDelivery told) : store_(store), told_(std::move(told)) {}
  PublishResult publish(const StreamEvent& event) override {
    const std::lock_guard lock(store_.mutex);
    if (dead_) return PublishResult::closed;
    if (taken_ >= store_.room) return PublishResult::full;
    ++taken_;
    if (store_.hangs) {
      waiting_.push_back(event);
      return PublishResult::accepted;
    }
    if (taken_ > store_.dies_after) {
      dead_ = true;
      waiting_.push_back(event);
      return PublishResult::accepted;
    }
    deliver(event);
    return PublishResult::accepted;
  }
  std::uint64_t flush(DurationNs) override {
    const std::lock_guard lock(store_.mutex);
    if (!store_.hangs && !dead_) {
      for (const StreamEvent& event : waiting_) deliver(event);
      waiting_.clear();
    }
    return waiting_.size();
  }
  std::vector<Delivery> close(DurationNs) override {
    const std::lock_guard lock(store_.mutex);
    std::vector<Delivery> out;
    for (const StreamEvent& event : waiting_) {
      out.push_back({event.topic, event.key, event.id, std::nullopt, StoreError{StoreErrorKind::away, Retry::in_doubt, "closed", ""}});
      told_(out.back());
    }
    waiting_.clear();
    return out;
  }
  ProducerCounters counters() const override { return {}; }
  std::optional<StoreError> health() const override {
    const std::lock_guard lock(store_.mutex);
    return dead_ ? std::optional(StoreError{StoreErrorKind::io, Retry::never, "it has ended", ""}) : std::nullopt;
  }

 private:
  void deliver(const StreamEvent& event) {
    if (event.id == store_.refuses) return told_({event.topic, event.key, event.id, std::nullopt, StoreError{StoreErrorKind::full, Retry::never, "no", ""}});
    if (store_.forbids) {
      return told_(
          {event.topic, event.key, event.id, std::nullopt, StoreError{StoreErrorKind::bad_argument, Retry::never, "there is no right to publish", "give it"}});
    }
    if (event.id == store_.fails_once) {
      store_.fails_once.clear();
      return told_({event.topic, event.key, event.id, std::nullopt, StoreError{StoreErrorKind::away, Retry::after, "too late", ""}});
    }
    store_.ids.push_back(event.id);
    told_({event.topic, event.key, event.id, StreamPosition{}, std::nullopt});
  }
  Store& store_;
  const OnDelivery told_;
  std::size_t taken_ = 0;
  bool dead_ = false;
  std::vector<StreamEvent> waiting_;
};

struct StreamPublisherTest : testing::Test {
  StreamPublisher::Open open() {
    return [this](OnDelivery told) -> StoreResult<std::unique_ptr<StreamProducer>> {
      const std::lock_guard lock(store.mutex);
      if (store.away) return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, "the stream is away", ""});
      ++store.opened;
      return std::make_unique<Scripted>(store, std::move(told));
    };
  }
  static StreamPublisher::Status wait_for(const StreamPublisher& publisher, const std::function<bool(const StreamPublisher::Status&)>& wanted) {
    for (;;) {
      const StreamPublisher::Status status = publisher.status();
      if (wanted(status)) return status;
      std::this_thread::yield();
    }
  }
  static std::vector<std::string> ids(std::uint64_t from, std::uint64_t to) {
    std::vector<std::string> out;
    for (std::uint64_t seq = from; seq <= to; ++seq) out.push_back("r/" + std::to_string(seq) + "/e0");
    return out;
  }
  static auto published(std::uint64_t seq) {
    return [seq](const StreamPublisher::Status& status) { return status.published == seq; };
  }
  Frames frames{5'000};
  Store store;
};

TEST_F(StreamPublisherTest, EveryDurableFrameIsPublishedInOrderAndNoMore) {
  StreamPublisher publisher(frames, open(), {.run = "r"});
  publisher.poke(10);
  wait_for(publisher, published(10));
  EXPECT_EQ(store.stored(), ids(2, 10));
  publisher.poke(4'321);
  const auto status = wait_for(publisher, published(4'321));
  EXPECT_EQ(store.stored(), ids(2, 4'321));
  EXPECT_EQ(status.delivered, 4'320U);
  EXPECT_EQ(status.lost, 0U);
  EXPECT_EQ(publisher.finish(kMinute).published, 4'321U);
  EXPECT_EQ(publisher.finish(kMinute).published, 4'321U);
}

TEST_F(StreamPublisherTest, ItGoesOnAfterWhatWasPublishedBefore) {
  StreamPublisher publisher(frames, open(), {.run = "r", .published = 2'500});
  publisher.poke(2'503);
  wait_for(publisher, published(2'503));
  EXPECT_EQ(store.stored(), ids(2'501, 2'503));
}

TEST_F(StreamPublisherTest, WhatBecameKnownOfTheMarketIsToldAmongTheFramesOnceHoweverOftenItBegins) {
  const auto liquidated = [](std::int64_t known) {
    return Observation{std::string(series::kLongsLiquidated), "BTC", "x", "", TimeNs{0}, TimeNs{known}, TrustTier::aggregator, 1.0, ""};
  };
  const std::vector<Observation> told{liquidated(1), liquidated(3), liquidated(9)};
  const auto options = [&](std::uint64_t published) {
    return StreamPublisherOptions{"r", published, std::make_unique<MarketEvents>("r", told, std::span<const Tape>{})};
  };
  const auto is_market = [](const std::string& id) { return id.starts_with("r/liquidations/"); };
  {
    StreamPublisher publisher(frames, open(), options(0));
    publisher.poke(5);
    wait_for(publisher, published(5));
  }
  auto stored = store.stored();
  ASSERT_EQ(stored.size(), ids(2, 5).size() + 1) << "what was known with the first frame is history";
  EXPECT_TRUE(is_market(stored[2])) << "behind the frame of its instant";
  {
    StreamPublisher publisher(frames, open(), options(5));
    publisher.poke(20);
    wait_for(publisher, published(20));
  }
  stored = store.stored();
  EXPECT_EQ(std::ranges::count_if(stored, is_market), 2);
  EXPECT_EQ(std::set<std::string>(stored.begin(), stored.end()).size(), stored.size());
  EXPECT_EQ(stored.size(), ids(2, 20).size() + 2);
}

TEST_F(StreamPublisherTest, AStreamThatIsAwayIsTriedAgainAndPokesNeverWait) {
  store.away = true;
  StreamPublisher publisher(frames, open(), {.run = "r"});
  for (std::uint64_t seq = 1; seq <= 1'000; ++seq) publisher.poke(seq);
  wait_for(publisher, [](const auto& status) { return status.why == "the stream is away"; });
  EXPECT_EQ(publisher.status().published, 0U);
  store.set([](Store& s) { s.away = false; });
  const auto status = wait_for(publisher, published(1'000));
  EXPECT_EQ(store.stored(), ids(2, 1'000));
  wait_for(publisher, [](const auto& now) { return now.why.empty(); });
  EXPECT_EQ(status.lost, 0U);
}

TEST_F(StreamPublisherTest, AStreamThatIsFullIsWaitedFor) {
  store.room = 7;
  StreamPublisher publisher(frames, open(), {.run = "r"});
  publisher.poke(20);
  wait_for(publisher, [](const auto& status) { return status.full > 2; });
  EXPECT_EQ(store.stored(), ids(2, 8));
  EXPECT_EQ(publisher.status().published, 0U) << "a batch counts when all of it is delivered";
  store.set([](Store& s) { s.room = SIZE_MAX; });
  wait_for(publisher, published(20));
  EXPECT_EQ(store.stored(), ids(2, 20));
}

TEST_F(StreamPublisherTest, AProducerThatEndsIsReplacedAndWhatItDidNotTellIsPublishedAgain) {
  store.dies_after = 5;
  StreamPublisher publisher(frames, open(), {.run = "r"});
  publisher.poke(12);
  wait_for(publisher, published(12));
  EXPECT_EQ(store.stored(), ids(2, 12)) << "in order, each once here, because the producer told what it had stored";
  EXPECT_EQ(store.opened, 3);
}

TEST_F(StreamPublisherTest, WhatIsRefusedForGoodIsCountedAndTheRestGoesOn) {
  store.refuses = "r/5/e0";
  StreamPublisher publisher(frames, open(), {.run = "r"});
  publisher.poke(8);
  const auto status = wait_for(publisher, published(8));
  EXPECT_EQ(status.lost, 1U);
  EXPECT_EQ(status.delivered, 6U);
  EXPECT_EQ(store.stored().size(), 6U);
}

TEST_F(StreamPublisherTest, WithoutARightOrATopicNothingIsThrownAwayAndAllOfItIsPublishedOnceThatIsMended) {
  store.forbids = true;
  StreamPublisher publisher(frames, open(), {.run = "r"});
  publisher.poke(8);
  const auto waiting = wait_for(publisher, [](const StreamPublisher::Status& status) { return status.why == "there is no right to publish"; });
  EXPECT_EQ(waiting.lost, 0U);
  EXPECT_EQ(waiting.published, 0U);
  store.set([](Store& s) { s.forbids = false; });
  const auto status = wait_for(publisher, published(8));
  EXPECT_EQ(status.lost, 0U);
  EXPECT_EQ(store.stored(), ids(2, 8));
  EXPECT_GE(store.opened, 2) << "another producer, which makes its topics";
}

TEST_F(StreamPublisherTest, WhatFailedIsPublishedAgainBeforeItsFrameCounts) {
  store.fails_once = "r/5/e0";
  StreamPublisher publisher(frames, open(), {.run = "r"});
  publisher.poke(8);
  const auto status = wait_for(publisher, published(8));
  std::vector<std::string> stored = store.stored();
  std::ranges::sort(stored);
  EXPECT_EQ(stored, ids(2, 8)) << "each once: what was told is not sent again";
  EXPECT_EQ(status.lost, 0U);
  EXPECT_EQ(status.delivered, 7U);
}

TEST_F(StreamPublisherTest, AStreamThatHangsDoesNotHoldUpTheEndAndTheNextPublisherGoesOn) {
  std::uint64_t reached = 0;
  {
    StreamPublisher publisher(frames, open(), {.run = "r"});
    publisher.poke(100);
    wait_for(publisher, published(100));
    store.set([](Store& s) { s.hangs = true; });
    publisher.poke(200);
    const auto status = publisher.finish({50 * kMillisecond.ns});
    reached = status.published;
    EXPECT_EQ(reached, 100U);
    EXPECT_EQ(status.durable, 200U);
  }
  store.set([](Store& s) { s.hangs = false; });
  StreamPublisher next(frames, open(), {.run = "r", .published = reached});
  next.poke(200);
  EXPECT_EQ(next.finish(kMinute).published, 200U) << "finishing publishes what is durable";
  EXPECT_EQ(store.stored(), ids(2, 200));
}

TEST_F(StreamPublisherTest, AJournalThatCannotBeReadIsSaidAndTriedAgain) {
  frames.broken = true;
  StreamPublisher publisher(frames, open(), {.run = "r"});
  publisher.poke(3);
  wait_for(publisher, [](const auto& status) { return status.why == "the journal cannot be read: the disk is gone"; });
  frames.broken = false;
  wait_for(publisher, published(3));
  publisher.poke(6'000);
  wait_for(publisher, [](const auto& status) { return status.why == "the journal ends with frame 5000, before what is said to be durable"; });
  EXPECT_EQ(publisher.finish({50 * kMillisecond.ns}).published, 5'000U);
}

}  // namespace
}  // namespace prom
