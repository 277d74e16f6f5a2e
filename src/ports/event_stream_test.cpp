// The topics are those that the product names, events out of range are refused, and a dead letter says everything and fits.
#include "ports/event_stream.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "ports/consumer_book.h"

namespace prom {
namespace {

TEST(EventStream, TopicsAreThoseOfTheProductAndTheDeadLetters) {
  const std::set<std::string_view> wanted{"trades.opened",        "trades.closed",
                                          "orders.placed",        "orders.filled",
                                          "orders.canceled",      "risk.alerts",
                                          "risk.kill_switch",     "market.prices",
                                          "market.liquidations",  "market.whale_alerts",
                                          "risk.circuit_breaker", "agents.decisions",
                                          "agents.signals",       "notifications.telegram",
                                          "dead_letters",         "shards"};
  std::set<std::string_view> named;
  for (const TopicSpec& spec : kTopics) {
    named.insert(spec.name);
    EXPECT_EQ(parse_topic(spec.name), spec.topic);
    EXPECT_EQ(spec_of(spec.topic).name, spec.name);
    EXPECT_GE(spec.partitions, 1);
    EXPECT_GE(spec.retention, kDay);
    EXPECT_EQ(spec.key == KeyOf::instrument, spec.name.starts_with("market.") || spec.name == "agents.signals") << spec.name;
  }
  EXPECT_EQ(named, wanted);
  EXPECT_EQ(parse_topic("orders"), std::nullopt);
  EXPECT_EQ(parse_topic(""), std::nullopt);
}

StreamEvent sound() { return {Topic::orders_filled, "user-7", 1, "run-12-0", TimeNs{1}, R"({"a":1})"}; }

TEST(EventStream, WhatIsOutOfRangeIsRefused) {
  EXPECT_EQ(check_event(sound()), PublishResult::accepted);
  const auto with = [](auto change) {
    StreamEvent event = sound();
    change(event);
    return check_event(event);
  };
  EXPECT_EQ(with([](auto& e) { e.key.clear(); }), PublishResult::malformed);
  EXPECT_EQ(with([](auto& e) { e.key.assign(kMaxEventKey, 'k'); }), PublishResult::accepted);
  EXPECT_EQ(with([](auto& e) { e.key.assign(kMaxEventKey + 1, 'k'); }), PublishResult::malformed);
  EXPECT_EQ(with([](auto& e) { e.id.clear(); }), PublishResult::malformed);
  EXPECT_EQ(with([](auto& e) { e.id.assign(kMaxEventId + 1, 'i'); }), PublishResult::malformed);
  EXPECT_EQ(with([](auto& e) { e.schema_version = 0; }), PublishResult::malformed);
  EXPECT_EQ(with([](auto& e) { e.payload.assign(kMaxEventPayload, ' '); }), PublishResult::accepted);
  EXPECT_EQ(with([](auto& e) { e.payload.assign(kMaxEventPayload + 1, ' '); }), PublishResult::too_large);
  EXPECT_EQ(name_of(PublishResult::too_large), "too_large");
}

TEST(EventStream, ADeadLetterSaysWhereWhoAndWhy) {
  const StreamRecord record{{Topic::orders_filled, 2, 17}, sound(), 4};
  EXPECT_EQ(to_text(record.at), "orders.filled/2@17");
  const StreamEvent letter = dead_letter({record, "accounts", "the ledger says \"no\"", 5});
  EXPECT_EQ(check_event(letter), PublishResult::accepted);
  EXPECT_EQ(letter.topic, Topic::dead_letters);
  EXPECT_EQ(letter.key, "user-7");
  EXPECT_EQ(letter.id, "run-12-0");
  EXPECT_EQ(letter.occurred_at, TimeNs{1});
  const auto read = nlohmann::json::parse(letter.payload);
  const nlohmann::json wanted{{"group", "accounts"}, {"reason", "the ledger says \"no\""},
                              {"failures", 5},       {"topic", "orders.filled"},
                              {"partition", 2},      {"offset", 17},
                              {"schema_version", 1}, {"payload", R"({"a":1})"}};
  EXPECT_EQ(read, wanted);
}

TEST(EventStream, ADeadLetterOfTheLongestEventStillFits) {
  StreamRecord record{{Topic::orders_filled, 2, 17}, sound(), 4};
  for (const char byte : {'x', '\x01', '\xff', '"'}) {
    record.event.payload.assign(kMaxEventPayload, byte);
    const StreamEvent letter = dead_letter({record, "accounts", std::string(10'000, byte), 5});
    EXPECT_EQ(check_event(letter), PublishResult::accepted);
    const auto read = nlohmann::json::parse(letter.payload);
    EXPECT_EQ(read.value("cut_from_bytes", std::size_t{0}), kMaxEventPayload);
    EXPECT_GT(read["payload"].get<std::string>().size(), 100'000U);
  }
}

TEST(ConsumerBook, WhatIsMissingBetweenTwoEventsIsCountedAsSkippedButNotBeforeTheFirstOfANewGroup) {
  ConsumerBook book;
  book.assign({Topic::orders_filled, 0}, std::nullopt);
  book.assign({Topic::orders_filled, 1}, 10);
  book.hand_out({Topic::orders_filled, 0, 500});
  EXPECT_EQ(book.counters.skipped, 0U);
  book.hand_out({Topic::orders_filled, 0, 503});
  EXPECT_EQ(book.counters.skipped, 2U);
  book.hand_out({Topic::orders_filled, 1, 15});
  EXPECT_EQ(book.counters.skipped, 7U) << "committed up to 10, and 10 to 14 are gone";
  ASSERT_TRUE(book.replay({Topic::orders_filled, 1, 0}));
  EXPECT_FALSE(book.may_commit({Topic::orders_filled, 1, 15})) << "nothing has been handed out since";
  book.hand_out({Topic::orders_filled, 1, 12});
  EXPECT_EQ(book.counters.skipped, 7U);
  EXPECT_EQ(book.may_commit({Topic::orders_filled, 1, 12}), true);
}

TEST(ConsumerBook, AGapIsAskedForAgainOnceBeforeItIsTakenForGone) {
  ConsumerBook book;
  book.assign({Topic::orders_filled, 0}, 10);
  const auto at = [](std::int64_t offset) { return StreamPosition{Topic::orders_filled, 0, offset}; };
  EXPECT_EQ(book.passed_over(at(10)), std::nullopt);
  book.hand_out(at(10));
  EXPECT_EQ(book.passed_over(at(13)), 11);
  EXPECT_EQ(book.passed_over(at(11)), std::nullopt) << "they were there";
  book.hand_out(at(11));
  EXPECT_EQ(book.passed_over(at(13)), 12) << "another gap";
  EXPECT_EQ(book.passed_over(at(13)), std::nullopt) << "it is gone";
  book.hand_out(at(13));
  EXPECT_EQ(book.counters.skipped, 1U);
  EXPECT_EQ(book.passed_over(at(12)), std::nullopt) << "again is no gap";
  book.assign({Topic::orders_filled, 0}, std::nullopt);
  EXPECT_EQ(book.passed_over(at(500)), std::nullopt) << "a new group begins where the events begin";
}

TEST(ConsumerBook, FailuresAreCountedForTheEventThatFailed) {
  ConsumerBook book;
  book.assign({Topic::orders_filled, 0}, 0);
  const auto at = [](std::int64_t offset) { return StreamPosition{Topic::orders_filled, 0, offset}; };
  EXPECT_EQ(book.hand_out(at(0)), 0U);
  EXPECT_EQ(book.fail(at(0)), 1U);
  book.again(at(0));
  EXPECT_FALSE(book.fail(at(0))) << "it is to come again first";
  EXPECT_EQ(book.hand_out(at(0)), 1U);
  EXPECT_EQ(book.fail(at(0)), 2U);
  book.again(at(0));
  EXPECT_EQ(book.hand_out(at(0)), 2U);
  EXPECT_EQ(book.hand_out(at(1)), 0U);
  EXPECT_EQ(book.fail(at(1)), 1U);
  book.revoke({Topic::orders_filled, 0});
  EXPECT_EQ(book.fail(at(1)).error().kind, StoreErrorKind::conflict);
}

}  // namespace
}  // namespace prom
