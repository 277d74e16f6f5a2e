// Shards taken, worked at, handed over and lost: several hosts on the in-process leases, whose clock is the test's, with leases that are away at times.
#include "runtime/shards/shard_host.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "runtime/shards/test_support.h"

namespace prom {
namespace {

constexpr std::uint32_t kCount = 4;

/// Leases in memory, as the stores of ports/shared_state_contract.h keep them.
class Store {
 public:
  std::optional<Lease> acquire(const std::string& resource, DurationNs lifetime, std::int64_t now) {
    const std::lock_guard lock(mutex_);
    Lease& held = held_[resource];
    if (now < held.expires) return std::nullopt;
    held = {resource, std::to_string(++fences_), fences_, now + lifetime.ns};
    return held;
  }
  /// lifetime zero: gives it back.
  LeaseFate keep(Lease& lease, DurationNs lifetime, std::int64_t now) {
    const std::lock_guard lock(mutex_);
    Lease& held = held_[lease.resource];
    if (held.owner != lease.owner || now >= held.expires) return LeaseFate::lost;
    lease.expires = held.expires = now + lifetime.ns;
    return LeaseFate::kept;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Lease> held_;
  std::uint64_t fences_ = 0;
};

/// A ground on which time passes only while nobody acts: what holds before an act holds during it.
struct Ground {
  std::shared_mutex acting;  ///< shared: somebody acts; alone: time passes
  std::atomic<std::int64_t> now{1};
  Store store;
  std::atomic<bool> over{false};
  std::thread clock{[this] {
    while (!over) {
      {
        const std::unique_lock lock(acting);
        now += kMillisecond.ns;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }};
  ~Ground() {
    over = true;
    clock.join();
  }

  std::mutex mutex;
  std::array<int, kCount> open{};             ///< works that are open
  std::array<int, kCount> acting_now{};       ///< works that act at this moment
  std::array<std::uint64_t, kCount> fence{};  ///< of the last act
  std::array<std::uint64_t, kCount> acts{};
  std::uint64_t wrong = 0;  ///< acts beside another's, or of a tenure that another had followed
};

/// The store over a net that can be cut.
class Cut final : public Leases {
 public:
  explicit Cut(Ground& ground) : ground_(ground) {}
  StoreResult<Acquired> acquire(const std::string& resource, DurationNs lifetime) override {
    if (away) return std::unexpected(gone());
    const std::int64_t asked = ground_.now;
    const auto got = ground_.store.acquire(resource, lifetime, asked);
    return got ? Acquired{*got} : Acquired{LeaseHeld{lifetime}};
  }
  StoreResult<LeaseFate> renew(Lease& lease, DurationNs lifetime) override {
    if (away) return std::unexpected(gone());
    return ground_.store.keep(lease, lifetime, ground_.now);
  }
  StoreResult<LeaseFate> release(const Lease& lease) override {
    if (away) return std::unexpected(gone());
    Lease given = lease;
    return ground_.store.keep(given, DurationNs{0}, ground_.now);
  }
  std::int64_t monotonic_ns() const override { return ground_.now; }
  std::atomic<bool> away{false};

 private:
  static StoreError gone() { return {StoreErrorKind::away, Retry::after, "the store is away", ""}; }
  Ground& ground_;
};

class Work final : public ShardWork {
 public:
  Work(Ground& ground, ShardTenure& tenure) : ground_(ground), tenure_(tenure) {
    const std::lock_guard lock(ground_.mutex);
    ++ground_.open[tenure.shard()];
  }
  ~Work() override {
    const std::lock_guard lock(ground_.mutex);
    --ground_.open[tenure_.shard()];
  }
  std::expected<End, std::string> run() override {
    const std::uint32_t shard = tenure_.shard();
    while (tenure_.go_on(kMillisecond)) {
      const std::shared_lock act(ground_.acting);
      if (!tenure_.holds()) continue;
      {
        const std::lock_guard lock(ground_.mutex);
        if (++ground_.acting_now[shard] > 1 || tenure_.fence() < ground_.fence[shard]) ++ground_.wrong;
        ground_.fence[shard] = tenure_.fence();
        ++ground_.acts[shard];
      }
      std::this_thread::yield();
      const std::lock_guard lock(ground_.mutex);
      --ground_.acting_now[shard];
    }
    return End::told;
  }

 private:
  Ground& ground_;
  ShardTenure& tenure_;
};

struct Instance {
  explicit Instance(Ground& ground, OpenShard open = {})
      : leases(ground),
        host(leases, open ? std::move(open) : OpenShard([&ground](ShardTenure& tenure) { return std::make_unique<Work>(ground, tenure); }), options()) {}
  static ShardHostOptions options() {
    ShardHostOptions out;
    out.shards = kCount;
    out.lease = kSecond;
    out.margin = 200 * kMillisecond;
    out.retry_after = 20 * kMillisecond;
    return out;
  }
  std::uint32_t hosted() const {
    std::uint32_t n = 0;
    for (const Seat& seat : host.seats()) n += seat.state == SeatState::hosted ? 1 : 0;
    return n;
  }
  Cut leases;
  ShardHost host;
};

const std::vector<std::uint32_t> kAll{0, 1, 2, 3};

TEST(ShardHost, TheSecondInstanceStandsByAndFollowsTheFirst) {
  Ground ground;
  Instance second(ground);
  {
    Instance first(ground);
    first.host.want(kAll);
    ASSERT_TRUE(comes([&] { return first.hosted() == kCount; }));
    second.host.want(kAll);
    ASSERT_TRUE(comes([&] { return second.host.seats()[3].state == SeatState::waiting && second.host.seats()[3].why == "another instance has it"; }));
    EXPECT_EQ(second.hosted(), 0U);
  }
  EXPECT_TRUE(comes([&] { return second.hosted() == kCount; })) << "given back, not waited for";
  EXPECT_EQ(ground.wrong, 0U);
}

TEST(ShardHost, AShardMovesWhereItIsWanted) {
  Ground ground;
  Instance one(ground), two(ground);
  one.host.want(kAll);
  ASSERT_TRUE(comes([&] { return one.hosted() == kCount; }));
  one.host.want({0, 1});
  EXPECT_TRUE(one.host.settle(60 * kSecond));
  {
    const std::lock_guard lock(ground.mutex);
    EXPECT_EQ(ground.open[2] + ground.open[3], 0) << "settled: closed";
  }
  two.host.want({2, 3});
  EXPECT_TRUE(comes([&] { return two.hosted() == 2 && one.hosted() == 2; }));
  EXPECT_EQ(one.host.seats()[2].state, SeatState::idle);
}

TEST(ShardHost, AnInstanceThatIsCutOffIsFollowedAndActsNoMore) {
  Ground ground;
  Instance one(ground), two(ground);
  one.host.want(kAll);
  ASSERT_TRUE(comes([&] { return one.hosted() == kCount; }));
  two.host.want(kAll);
  one.leases.away = true;
  ASSERT_TRUE(comes([&] { return two.hosted() == kCount; }));
  EXPECT_TRUE(comes([&] { return one.host.seats()[0].lapses > 0; }));
  EXPECT_GT(two.host.seats()[0].fence, one.host.seats()[0].fence);
  one.leases.away = false;
  EXPECT_TRUE(comes([&] { return one.host.seats()[0].why == "another instance has it"; }));
  EXPECT_EQ(ground.wrong, 0U);
}

TEST(ShardHost, AtNoMomentDoTwoActForAShard) {
  Ground ground;
  Instance one(ground), two(ground), three(ground);
  const std::array hosts{&one, &two, &three};
  Xoshiro256pp rng{17};
  for (Instance* host : hosts) host->host.want(kAll);
  for (int i = 0; i < 400; ++i) {
    Instance& host = *hosts.at(static_cast<std::size_t>(rng.range(0, 2)));
    switch (rng.range(0, 4)) {
      case 0: host.leases.away = true; break;
      case 1: host.host.want({static_cast<std::uint32_t>(rng.range(0, 3)), static_cast<std::uint32_t>(rng.range(0, 3))}); break;
      case 2: host.host.want(kAll); break;
      default: host.leases.away = false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(12));
  }
  for (Instance* host : hosts) {
    host->leases.away = false;
    host->host.want(kAll);
  }
  EXPECT_TRUE(comes([&] { return one.hosted() + two.hosted() + three.hosted() == kCount; })) << "in the end each has one host";
  for (Instance* host : hosts) host->host.stop();
  EXPECT_EQ(ground.wrong, 0U);
  for (std::uint32_t shard = 0; shard < kCount; ++shard) {
    EXPECT_GT(ground.acts[shard], 0U);
    EXPECT_EQ(ground.open[shard], 0);
  }
}

TEST(ShardHost, AShardThatCannotBeOpenedIsGivenBackForOthersAndTriedAgain) {
  Ground ground;
  std::atomic<bool> broken{true};
  Instance one(ground, [&](ShardTenure& tenure) -> std::expected<std::unique_ptr<ShardWork>, std::string> {
    if (broken && tenure.shard() == 1) return std::unexpected("the disk is full");
    return std::make_unique<Work>(ground, tenure);
  });
  one.host.want(kAll);
  ASSERT_TRUE(comes([&] { return one.hosted() == kCount - 1 && one.host.seats()[1].state == SeatState::failed; }));
  EXPECT_EQ(one.host.seats()[1].why, "the disk is full");
  Instance two(ground);
  two.host.want({1});
  EXPECT_TRUE(comes([&] { return two.hosted() == 1; }));
  two.host.stop();
  broken = false;
  EXPECT_TRUE(comes([&] { return one.hosted() == kCount; }));
}

TEST(ShardHost, WorkThatIsDoneStaysDone) {
  struct Short final : ShardWork {
    std::expected<End, std::string> run() override { return End::done; }
  };
  Ground ground;
  std::atomic<int> opened{0};
  Instance one(ground, [&](ShardTenure&) {
    ++opened;
    return std::make_unique<Short>();
  });
  one.host.want({0, 2});
  EXPECT_TRUE(comes([&] { return one.host.seats()[0].state == SeatState::done && one.host.seats()[2].state == SeatState::done; }));
  EXPECT_TRUE(one.host.settle(60 * kSecond));
  EXPECT_EQ(opened, 2);
  EXPECT_EQ(one.host.seats()[1].state, SeatState::idle);
}

}  // namespace
}  // namespace prom
