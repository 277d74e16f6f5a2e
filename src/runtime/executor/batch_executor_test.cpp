// Whatever enters leaves once: to the client, or back with a named reason. Order within an instrument, priority, batches, expiry, halts, shutdown; and 100,000
// random commands against these rules.
#include "runtime/executor/batch_executor.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/prng.h"

namespace prom {

/// Stands in for the engine's: Approved<T> befriends the name, so a test can mint what it needs.
class RiskEngine {
 public:
  template <class T>
  static Approved<T> mint(T value, TimeNs expires_at = TimeNs{INT64_MAX}, std::uint32_t halt_epoch = 0) {
    return Approved<T>(std::move(value), expires_at, halt_epoch);
  }
};

namespace {

/// Writes down what reaches it, a line a request.
class Client final : public ExecutionPort {
 public:
  explicit Client(std::size_t limit) : limit_(limit) {}
  void place(const Approved<OrderSpec>& order, TimeNs) override { requests.push_back({order.value().id.v}); }
  std::size_t batch_limit() const override { return limit_; }
  void place_batch(std::span<const Approved<OrderSpec>> orders, TimeNs) override {
    EXPECT_LE(orders.size(), limit_);
    requests.emplace_back();
    for (const auto& order : orders) requests.back().push_back(order.value().id.v);
  }
  void amend(const Approved<AmendSpec>& amend, TimeNs) override { note("amend", amend.value().order); }
  void cancel(const Approved<CancelSpec>& cancel, TimeNs) override { note("cancel", cancel.value().order); }
  void set_leverage(const Approved<LeverageSpec>&, TimeNs) override { note("leverage", {}); }
  void query(const QueryOrder& query, TimeNs) override { note("query", query.order); }
  void query_snapshot(const QuerySnapshot&, TimeNs) override { note("snapshot", {}); }

  std::vector<std::vector<std::uint64_t>> requests;  ///< of orders
  std::vector<std::string> others;                   ///< with the number of orders that came before

 private:
  void note(const char* what, OrderId order) {
    std::size_t before = 0;
    for (const auto& request : requests) before += request.size();
    others.push_back(std::string(what) + " " + std::to_string(order.v) + " after " + std::to_string(before));
  }
  std::size_t limit_;
};

struct World {
  Client client{10};
  std::vector<InputBody> answers;
  std::uint32_t epoch = 0;
  bool permitted = true;
  BatchExecutor executor;
  std::uint64_t next = 1;

  explicit World(BatchExecutorConfig config, std::size_t limit = 10)
      : client(limit),
        executor(config, {.answer = [this](TimeNs, InputBody body) { answers.push_back(std::move(body)); },
                          .halt_epoch = [this] { return epoch; },
                          .may_send = [this] { return permitted; }}) {
    executor.attach(AccountIx{0}, client);
  }
  OrderSpec spec(OrderPurpose purpose = OrderPurpose::entry, std::uint16_t instrument = 0, OrderType type = OrderType::limit) {
    OrderSpec out;
    out.id = OrderId{next++};
    out.client_id = {AccountIx{0}, 1, out.id};
    out.instrument = InstrumentIx{instrument};
    out.type = type;
    out.purpose = purpose;
    out.effect = purpose == OrderPurpose::entry || purpose == OrderPurpose::ladder ? Effect::open_or_add : Effect::reduce_only;
    return out;
  }
  std::uint64_t place(const OrderSpec& order, TimeNs now, TimeNs expires_at = TimeNs{INT64_MAX}) {
    executor.place(RiskEngine::mint(order, expires_at), now);
    return order.id.v;
  }
  std::vector<std::pair<std::uint64_t, std::string>> refused() const {
    std::vector<std::pair<std::uint64_t, std::string>> out;
    for (const InputBody& body : answers)
      if (const auto* r = std::get_if<DispatchRefused>(&body)) out.emplace_back(r->order.v, r->reason);
    return out;
  }
};

using Requests = std::vector<std::vector<std::uint64_t>>;
constexpr DurationNs kWait{5'000'000};

TEST(BatchExecutor, WithoutAnIntervalOrdersGoAtOnce) {
  World w({});
  w.place(w.spec(), TimeNs{1});
  w.place(w.spec(), TimeNs{1});
  EXPECT_EQ(w.client.requests, (Requests{{1}, {2}}));
  EXPECT_EQ(w.executor.next_due(), kNever);
}

// The shard asks for its permit when an order is handed over; one that waited for its batch left after the permit had ended.
TEST(BatchExecutor, WhatWaitsWhenTheRightToSendEndsNeverLeaves) {
  World w({.batch_size = 3, .interval = kWait, .max_queue = 100});
  const std::uint64_t waits = w.place(w.spec(), TimeNs{1});
  w.permitted = false;
  w.executor.run_due(w.executor.next_due());
  EXPECT_TRUE(w.client.requests.empty());
  ASSERT_EQ(w.refused().size(), 1U);
  EXPECT_EQ(w.refused()[0].first, waits);
  EXPECT_EQ(w.refused()[0].second, "the right to send ended before dispatch");
  w.permitted = true;
  w.place(w.spec(), TimeNs{2});
  w.executor.run_due(w.executor.next_due());
  EXPECT_EQ(w.client.requests, (Requests{{2}}));
}

TEST(BatchExecutor, ABatchGoesWhenItIsFullOrDue) {
  World w({.batch_size = 3, .interval = kWait, .max_queue = 100});
  for (int i = 0; i < 4; ++i) w.place(w.spec(), TimeNs{i});
  EXPECT_EQ(w.client.requests, (Requests{{1, 2, 3}}));
  EXPECT_EQ(w.executor.next_due(), TimeNs{3} + kWait) << "of the first that waits";
  w.executor.run_due(w.executor.next_due() - DurationNs{1});
  EXPECT_EQ(w.client.requests.size(), 1U);
  w.executor.run_due(w.executor.next_due());
  EXPECT_EQ(w.client.requests, (Requests{{1, 2, 3}, {4}}));
  EXPECT_EQ(w.executor.next_due(), kNever);
}

TEST(BatchExecutor, TheVenuesOwnLimitBoundsARequest) {
  World w({.batch_size = 5, .interval = kWait, .max_queue = 100}, 2);
  for (int i = 0; i < 5; ++i) w.place(w.spec(), TimeNs{i});
  EXPECT_EQ(w.client.requests, (Requests{{1, 2}, {3, 4}, {5}}));
}

TEST(BatchExecutor, WhatReducesRiskSkipsTheQueue) {
  World w({.batch_size = 10, .interval = kWait, .max_queue = 100});
  w.place(w.spec(), TimeNs{1});
  w.place(w.spec(OrderPurpose::stop_loss), TimeNs{2});
  w.place(w.spec(OrderPurpose::close), TimeNs{3});
  EXPECT_EQ(w.client.requests, (Requests{{2}, {3}}));
}

TEST(BatchExecutor, MarketOrdersGoFirstButNeverPastAnEarlierOneOfTheirInstrument) {
  World w({.batch_size = 10, .interval = kWait, .max_queue = 100});
  w.place(w.spec(OrderPurpose::ladder, 0), TimeNs{1});
  w.place(w.spec(OrderPurpose::entry, 1, OrderType::limit), TimeNs{1});
  w.place(w.spec(OrderPurpose::entry, 2, OrderType::market), TimeNs{1});
  w.place(w.spec(OrderPurpose::entry, 0, OrderType::market), TimeNs{1});
  w.executor.run_due(TimeNs{1} + kWait);
  EXPECT_EQ(w.client.requests, (Requests{{3, 2, 1, 4}}));
}

TEST(BatchExecutor, AnApprovalThatExpiresInTheQueueIsNotSent) {
  World w({.batch_size = 10, .interval = kWait, .max_queue = 100});
  w.place(w.spec(), TimeNs{1}, TimeNs{2});
  w.place(w.spec(), TimeNs{1});
  w.executor.run_due(TimeNs{1} + kWait);
  EXPECT_EQ(w.client.requests, (Requests{{2}}));
  ASSERT_EQ(w.refused().size(), 1U);
  EXPECT_EQ(w.refused()[0], (std::pair<std::uint64_t, std::string>{1, "approval expired before dispatch"}));
}

TEST(BatchExecutor, AHaltVoidsWhatWaitsAndNothingThatReduces) {
  World w({.batch_size = 10, .interval = kWait, .max_queue = 100});
  w.place(w.spec(), TimeNs{1});
  w.epoch = 1;
  w.place(w.spec(OrderPurpose::stop_loss), TimeNs{2});  // approved before the halt, wanted all the same
  w.executor.run_due(TimeNs{1} + kWait);
  EXPECT_EQ(w.client.requests, (Requests{{2}}));
  ASSERT_EQ(w.refused().size(), 1U);
  EXPECT_EQ(w.refused()[0].second, "trading was halted after the approval");
}

TEST(BatchExecutor, CancellingWhatWaitsSettlesItHere) {
  World w({.batch_size = 10, .interval = kWait, .max_queue = 100});
  const OrderSpec waiting = w.spec();
  w.place(waiting, TimeNs{1});
  w.executor.cancel(RiskEngine::mint(CancelSpec{waiting.id, waiting.client_id, waiting.instrument}), TimeNs{2});
  EXPECT_EQ(w.executor.next_due(), kNever);
  ASSERT_EQ(w.answers.size(), 1U);
  EXPECT_EQ(std::get<VenueCancelled>(w.answers[0]).order, waiting.id);
  EXPECT_TRUE(w.client.others.empty()) << "the venue never saw the order";
}

TEST(BatchExecutor, EverythingElseFindsTheQueueEmptied) {
  World w({.batch_size = 10, .interval = kWait, .max_queue = 100});
  const OrderSpec sent = w.spec();
  w.place(sent, TimeNs{1});
  w.executor.query_snapshot(QuerySnapshot{AccountIx{0}, {}}, TimeNs{2});
  w.place(w.spec(), TimeNs{3});
  w.executor.set_leverage(RiskEngine::mint(LeverageSpec{AccountIx{0}, {}, kDecimalOne}), TimeNs{3});
  w.place(w.spec(), TimeNs{4});
  w.executor.amend(RiskEngine::mint(AmendSpec{sent.id, sent.client_id, {}, {}, {}, {}}), TimeNs{4});
  w.place(w.spec(), TimeNs{5});
  w.executor.query(QueryOrder{sent.id, sent.client_id, {}}, TimeNs{5});
  EXPECT_EQ(w.client.others, (std::vector<std::string>{"snapshot 0 after 1", "leverage 0 after 2", "amend 1 after 3", "query 1 after 4"}));
}

TEST(BatchExecutor, AMissingClientAFullQueueAndShutdownAreNamed) {
  World w({.batch_size = 10, .interval = kWait, .max_queue = 2});
  OrderSpec foreign = w.spec();
  foreign.account = foreign.client_id.account = AccountIx{7};
  w.place(foreign, TimeNs{1});
  w.executor.cancel(RiskEngine::mint(CancelSpec{foreign.id, foreign.client_id, {}}), TimeNs{1});
  EXPECT_TRUE(std::holds_alternative<VenueCancelRefused>(w.answers.back())) << "so that the engine asks";
  for (int i = 0; i < 3; ++i) w.place(w.spec(), TimeNs{2});
  w.executor.close(TimeNs{3});
  w.place(w.spec(), TimeNs{3});
  w.place(w.spec(OrderPurpose::close), TimeNs{3});
  const auto refused = w.refused();
  ASSERT_EQ(refused.size(), 5U);
  EXPECT_EQ(refused[0].second, "no venue client serves this account");
  EXPECT_EQ(refused[1].second, "too many orders of this account wait to be sent");
  for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(refused[i].second, "the executor is closing: no new risk");
  EXPECT_EQ(w.client.requests, (Requests{{6}})) << "closing passes to the end";
  w.executor.detach(AccountIx{0}, TimeNs{4});
  w.place(w.spec(OrderPurpose::close), TimeNs{4});
  EXPECT_EQ(w.refused().back().second, "no venue client serves this account");
}

/// Every order has one end, orders of one instrument leave in the order they came, and nothing leaves after its approval ran out.
TEST(BatchExecutor, RandomCommandsLoseAndDoubleNothing) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Xoshiro256pp rng{seed};
    World w({.batch_size = static_cast<std::size_t>(rng.range(1, 6)), .interval = DurationNs{rng.range(0, 40)}, .max_queue = 12},
            static_cast<std::size_t>(rng.range(1, 4)));
    std::map<std::uint64_t, OrderSpec> placed;
    std::set<std::uint64_t> opening;
    TimeNs now{1'000};
    for (int i = 0; i < 500; ++i) {
      now = now + DurationNs{rng.range(0, 15)};
      while (w.executor.next_due() <= now) w.executor.run_due(w.executor.next_due());
      const std::int64_t what = rng.range(0, 20);
      if (what == 0) {
        ++w.epoch;
      } else if (what < 4 && !placed.empty()) {
        const auto at = std::next(placed.begin(), rng.range(0, static_cast<std::int64_t>(placed.size()) - 1));
        w.executor.cancel(RiskEngine::mint(CancelSpec{at->second.id, at->second.client_id, at->second.instrument}), now);
      } else {
        const auto purpose = static_cast<OrderPurpose>(rng.range(0, 5));
        const OrderSpec order = w.spec(purpose, static_cast<std::uint16_t>(rng.range(0, 3)), rng.range(0, 1) == 0 ? OrderType::market : OrderType::limit);
        placed.emplace(order.id.v, order);
        if (order.effect == Effect::open_or_add) opening.insert(order.id.v);
        w.executor.place(RiskEngine::mint(order, now + DurationNs{rng.range(0, 60)}, w.epoch), now);
      }
    }
    w.executor.close(now);
    std::map<std::uint64_t, int> ends;
    std::map<std::uint16_t, std::uint64_t> last;
    for (const auto& request : w.client.requests) {
      for (const std::uint64_t id : request) {
        ++ends[id];
        if (!opening.contains(id)) continue;
        std::uint64_t& before = last[placed.at(id).instrument.v];
        ASSERT_GT(id, before) << "seed " << seed << ": an order overtook one of its instrument";
        before = id;
      }
    }
    for (const InputBody& body : w.answers) {
      if (const auto* refused = std::get_if<DispatchRefused>(&body)) ++ends[refused->order.v];
      if (const auto* cancelled = std::get_if<VenueCancelled>(&body)) ++ends[cancelled->order.v];
    }
    ASSERT_EQ(ends.size(), placed.size()) << "seed " << seed;
    for (const auto& [id, count] : ends) ASSERT_EQ(count, 1) << "seed " << seed << ", order " << id;
    const BatchExecutor::Counts counts = w.executor.counts();
    ASSERT_EQ(counts.sent + counts.sent_at_once + counts.refused + counts.cancelled, placed.size());
    ASSERT_EQ(counts.waiting, 0U);
  }
}

}  // namespace
}  // namespace prom
