// Tapes: what is known at an instant, what is no tape, and several recordings as one. Single thread.
#include "domain/tape.h"

#include <gtest/gtest.h>

#include <limits>

namespace prom {
namespace {

constexpr TimeNs at(std::int64_t ms) { return TimeNs{1'700'000'000'000'000'000 + ms * 1'000'000}; }
TapeEvent event(std::int64_t ms, TapeKind kind, double price, std::int64_t late_ms = 0) {
  return {at(ms), kind, BookHalf::bid, price, 1, DurationNs{late_ms * 1'000'000}};
}
Tape tape(std::vector<TapeEvent> events) {
  Tape out{.instrument = "binance:spot:X", .source = "made", .tells_trades = false, .tells_book = false, .events = std::move(events)};
  for (const TapeEvent& e : out.events) (e.kind == TapeKind::trade ? out.tells_trades : out.tells_book) = true;
  return out;
}

TEST(Tape, shows_at_an_instant_what_had_come_by_then) {
  const Tape late = tape({event(0, TapeKind::trade, 1, 100), event(10, TapeKind::trade, 2, 200), event(20, TapeKind::trade, 3, 190)});
  EXPECT_TRUE(tape_until(late, at(99)).empty()) << "it happened, and nobody here knew";
  EXPECT_EQ(tape_until(late, at(100)).size(), 1U);
  EXPECT_EQ(tape_until(late, at(209)).size(), 1U);
  EXPECT_EQ(tape_until(late, at(210)).size(), 3U);
}

TEST(Tape, says_what_is_wrong_with_events) {
  EXPECT_FALSE(fault_of(tape({event(0, TapeKind::seed, 1), event(0, TapeKind::trade, 1, 5)})));
  const auto bad = [](std::vector<TapeEvent> events, std::string_view words) {
    const auto fault = fault_of(tape(std::move(events)));
    ASSERT_TRUE(fault) << words;
    EXPECT_NE(fault->find(words), std::string::npos) << *fault;
  };
  bad({}, "nothing");
  bad({event(5, TapeKind::trade, 1), event(4, TapeKind::trade, 1)}, "out of order");
  bad({event(5, TapeKind::trade, 1, 50), event(6, TapeKind::trade, 1, 40)}, "out of order");
  bad({event(5, TapeKind::trade, 1, -1)}, "no time");
  bad({event(5, TapeKind::trade, 0)}, "not sound");
  bad({event(5, TapeKind::level, std::numeric_limits<double>::quiet_NaN())}, "not sound");
  Tape nameless = tape({event(0, TapeKind::trade, 1)});
  nameless.instrument.clear();
  EXPECT_TRUE(fault_of(nameless));
}

TEST(Tape, is_known_by_what_it_holds) {
  const Tape one = tape({event(0, TapeKind::trade, 1), event(1, TapeKind::trade, 2, 7)});
  Tape same = one;
  same.source = "another file";
  EXPECT_EQ(sha256_of(one), sha256_of(same));
  for (const auto spoil : {+[](TapeEvent& e) { e.late.ns += 1; }, +[](TapeEvent& e) { e.price += 1e-9; }, +[](TapeEvent& e) { e.side = BookHalf::ask; },
                           +[](TapeEvent& e) { e.kind = TapeKind::best; }}) {
    Tape other = one;
    spoil(other.events.back());
    EXPECT_NE(sha256_of(one), sha256_of(other));
  }
}

TEST(Tape, recordings_become_one_without_a_book_that_is_carried_over) {
  const Tape first = tape({event(0, TapeKind::clear, 0), event(0, TapeKind::seed, 10), event(5, TapeKind::level, 10)});
  const Tape second = tape({event(100, TapeKind::best, 11), event(101, TapeKind::clear, 0), event(101, TapeKind::seed, 11)});
  const Tape trades = tape({event(3, TapeKind::trade, 10), event(102, TapeKind::trade, 11)});
  const std::vector<Tape> parts{first, second, trades};
  const Tape all = merge_tapes(parts);
  EXPECT_FALSE(fault_of(all)) << *fault_of(all);
  EXPECT_TRUE(all.tells_book);
  EXPECT_TRUE(all.tells_trades);
  ASSERT_EQ(all.events.size(), 9U) << "and the mark that the book of the first ended";
  EXPECT_EQ(all.events[4].kind, TapeKind::clear);
  EXPECT_EQ(all.events[4].time, at(100));
  EXPECT_EQ(all.events[2].kind, TapeKind::trade);
}

TEST(Tape, what_is_behind_a_late_event_is_known_no_earlier) {
  const Tape book = tape({event(0, TapeKind::clear, 0), event(10, TapeKind::level, 10, 90)});
  const Tape trades = tape({event(11, TapeKind::trade, 10), event(200, TapeKind::trade, 10)});
  const std::vector<Tape> parts{book, trades};
  const Tape all = merge_tapes(parts);
  EXPECT_FALSE(fault_of(all));
  EXPECT_EQ(tape_until(all, at(99)).size(), 1U);
  EXPECT_EQ(tape_until(all, at(100)).size(), 3U);
  EXPECT_EQ(known_at(all.events.back()), at(200));
}

}  // namespace
}  // namespace prom
