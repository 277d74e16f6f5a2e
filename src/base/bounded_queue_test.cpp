// The queue alone and under threads (run under ThreadSanitizer as well): nothing lost, nothing twice, order per producer, the bound holds.
#include "base/bounded_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>  // det-ok: the subject of this test

namespace prom {
namespace {

using namespace std::chrono_literals;  // det-ok
constexpr auto kLong = 60s;            // a hang fails the test by its time limit; no assertion depends on time passing

TEST(BoundedQueue, KeepsOrderAndBound) {
  BoundedQueue<int> queue(3);
  EXPECT_EQ(queue.capacity(), 3U);
  EXPECT_FALSE(queue.try_pop());
  for (int round = 0; round < 5; ++round) {  // wraps round the ring
    EXPECT_EQ(queue.try_push(1), PushResult::pushed);
    EXPECT_EQ(queue.try_push(2), PushResult::pushed);
    EXPECT_EQ(queue.try_push(3), PushResult::pushed);
    EXPECT_EQ(queue.try_push(4), PushResult::full);
    EXPECT_EQ(queue.push_wait(4, 0s), PushResult::full);
    EXPECT_EQ(queue.try_pop(), 1);
    EXPECT_EQ(queue.try_push(4), PushResult::pushed);
    EXPECT_EQ(queue.size(), 3U);
    std::vector<int> batch;
    EXPECT_EQ(queue.pop_batch(batch, 2, 0s), 2U);
    EXPECT_EQ(batch, (std::vector<int>{2, 3}));
    EXPECT_EQ(queue.pop_wait(0s), 4);
  }
  EXPECT_EQ(queue.high_water(), 3U);
  EXPECT_FALSE(queue.pop_wait(0s));
}

TEST(BoundedQueue, RefusedItemsStayWithTheCaller) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  auto item = std::make_unique<int>(5);
  EXPECT_EQ(queue.try_push(std::make_unique<int>(1)), PushResult::pushed);
  EXPECT_EQ(queue.try_push(std::move(item)), PushResult::full);
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(*item, 5);
  queue.close();
  EXPECT_EQ(queue.push_wait(std::move(item), kLong), PushResult::closed);
  ASSERT_NE(item, nullptr);
}

TEST(BoundedQueue, CloseDrains) {
  BoundedQueue<int> queue(4);
  EXPECT_EQ(queue.try_push(1), PushResult::pushed);
  queue.close();
  EXPECT_EQ(queue.try_push(2), PushResult::closed);
  EXPECT_TRUE(queue.closed());
  EXPECT_FALSE(queue.drained());
  EXPECT_EQ(queue.pop_wait(kLong), 1);
  EXPECT_FALSE(queue.pop_wait(kLong));  // returns at once
  EXPECT_TRUE(queue.drained());
}

TEST(BoundedQueue, ItemsDieWhenPoppedOrWithTheQueue) {
  const auto alive = std::make_shared<int>(0);
  {
    BoundedQueue<std::shared_ptr<int>> queue(2);
    EXPECT_EQ(queue.try_push(alive), PushResult::pushed);
    EXPECT_EQ(queue.try_push(alive), PushResult::pushed);
    EXPECT_EQ(alive.use_count(), 3);
    static_cast<void>(queue.try_pop());
    EXPECT_EQ(alive.use_count(), 2);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(BoundedQueue, CloseWakesWaiters) {
  BoundedQueue<int> empty(1);
  BoundedQueue<int> full(1);
  EXPECT_EQ(full.try_push(1), PushResult::pushed);
  std::thread popper([&] { EXPECT_FALSE(empty.pop_wait(kLong)); });                      // det-ok
  std::thread pusher([&] { EXPECT_EQ(full.push_wait(2, kLong), PushResult::closed); });  // det-ok
  empty.close();
  full.close();
  popper.join();
  pusher.join();
}

TEST(BoundedQueue, ManyProducersLoseNothing) {
  constexpr int kProducers = 4;
  constexpr int kEach = 20'000;
  BoundedQueue<std::pair<int, int>> queue(16);
  std::vector<std::thread> producers;  // det-ok
  for (int p = 0; p < kProducers; ++p) {
    producers.emplace_back([&queue, p] {
      for (int i = 0; i < kEach; ++i) {
        while (queue.try_push({p, i}) == PushResult::full) {
          if (queue.push_wait({p, i}, kLong) == PushResult::pushed) break;
        }
      }
    });
  }
  std::vector<int> next(kProducers, 0);
  int received = 0;
  std::vector<std::pair<int, int>> batch;
  while (received < kProducers * kEach) {
    batch.clear();
    if (received % 2 == 0) {
      queue.pop_batch(batch, 8, kLong);
    } else if (auto item = queue.pop_wait(kLong)) {
      batch.push_back(*item);
    }
    for (const auto& [producer, value] : batch) {
      ASSERT_EQ(value, next[static_cast<std::size_t>(producer)]++);
      ++received;
    }
  }
  for (auto& thread : producers) thread.join();
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_GE(queue.high_water(), 1U);
  EXPECT_LE(queue.high_water(), 16U);
}

}  // namespace
}  // namespace prom
