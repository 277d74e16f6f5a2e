// Recordings of venues' feeds: snapshots, gaps in the venue's own numbers, dialects, contracts, and what is refused. Single thread.
#include "adapters/feeds/archive/tape_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "adapters/feeds/archive/okx_checksum.h"

namespace prom {
namespace {

Instrument of(std::string symbol, Venue venue = Venue::binance, Payoff payoff = Payoff::linear) {
  Instrument i;
  i.venue = venue;
  i.payoff = payoff;
  i.symbol = i.venue_symbol = std::move(symbol);
  i.contract_value = kDecimalOne;
  return i;
}

std::size_t count(const Tape& tape, TapeKind kind) { return static_cast<std::size_t>(std::ranges::count(tape.events, kind, &TapeEvent::kind)); }

constexpr std::string_view kSnapshot = R"(1 {"lastUpdateId":10,"E":1700000000000,"bids":[["99","1"],["98","2"]],"asks":[["101","3"]]})"
                                       "\n";
std::string change(int first, int last, int before, std::string_view bids) {
  return R"(2 {"stream":"x@depth","data":{"e":"depthUpdate","E":1700000000)" + std::to_string(100 + last) + R"(,"s":"X","U":)" + std::to_string(first) +
         R"(,"u":)" + std::to_string(last) + R"(,"pu":)" + std::to_string(before) + R"(,"b":[)" + std::string(bids) + R"(],"a":[]}})" + "\n";
}

TEST(TapeFile, changes_before_the_snapshot_are_applied_behind_it) {
  const auto tape = parse_book_recording(
      change(8, 9, 7, R"(["99","5"])") + change(10, 11, 9, R"(["99","7"])") + std::string(kSnapshot) + change(12, 13, 11, R"(["98","0"])"), of("X"));
  ASSERT_TRUE(tape) << describe(tape.error());
  EXPECT_TRUE(tape->tells_book);
  EXPECT_FALSE(tape->tells_trades);
  EXPECT_EQ(count(*tape, TapeKind::clear), 1U);
  EXPECT_EQ(count(*tape, TapeKind::seed), 3U);
  ASSERT_EQ(count(*tape, TapeKind::level), 2U) << "number 9 is in the snapshot";
  EXPECT_TRUE(std::ranges::is_sorted(tape->events, {}, &TapeEvent::time));
  const auto best = std::ranges::find_if(tape->events, [](const TapeEvent& e) { return e.kind == TapeKind::best && e.side == BookHalf::bid; });
  ASSERT_NE(best, tape->events.end());
  EXPECT_EQ(best->price, 99.0);
  EXPECT_EQ(best->quantity, 7.0) << "taken from the book, where the feed tells none";
}

TEST(TapeFile, a_lost_change_makes_the_book_unknown_until_the_next_snapshot) {
  const auto tape = parse_book_recording(std::string(kSnapshot) + change(10, 11, 9, R"(["99","7"])") + change(14, 15, 13, R"(["99","8"])"), of("X"));
  ASSERT_TRUE(tape) << describe(tape.error());
  EXPECT_EQ(tape->events.back().kind, TapeKind::clear);
  EXPECT_EQ(count(*tape, TapeKind::level), 1U);
}

// Spot's bookTicker and REST snapshot tell no time; what stands in front of the first snapshot is held.
TEST(TapeFile, a_spot_recording_begins_when_its_frames_say_and_not_in_1970) {
  const std::string ticker = R"(2 {"stream":"x@bookTicker","data":{"u":9,"s":"X","b":"99","B":"1","a":"101","A":"3"}})"
                             "\n";
  const std::string snapshot = R"(3 {"lastUpdateId":10,"bids":[["99","1"]],"asks":[["101","3"]]})"
                               "\n";
  const std::string first = change(8, 9, 7, R"(["99","5"])"), next = change(10, 11, 9, R"(["99","7"])");
  constexpr TimeNs kFirst{1'700'000'000'109'000'000}, kNext{1'700'000'000'111'000'000};
  for (const auto& [text, begins] : {std::pair(first + ticker + snapshot + next, kFirst), std::pair(ticker + first + ticker + snapshot + next, kFirst),
                                     std::pair(snapshot + next, kNext), std::pair(snapshot + ticker + next, kNext),
                                     std::pair("/depth?symbol=X -> " + snapshot + ticker + next, kNext), std::pair(ticker + snapshot + next, kNext)}) {
    const auto tape = parse_book_recording(text, of("X"));
    ASSERT_TRUE(tape) << describe(tape.error());
    EXPECT_EQ(tape->events.front().time, begins) << text;
    EXPECT_TRUE(tape->tells_book) << text;
    EXPECT_EQ(count(*tape, TapeKind::level), 1U) << text;
  }
  const auto untimed = parse_book_recording(ticker + snapshot, of("X"));
  ASSERT_FALSE(untimed);
  EXPECT_EQ(untimed.error().message, "no frame of X tells when it was");
}

TEST(TapeFile, a_recording_from_before_there_were_such_markets_is_refused) {
  const auto book = parse_book_recording(R"({"e":"trade","E":1230767999999,"s":"X","p":"5","q":"1","m":true})", of("X"));
  ASSERT_FALSE(book);
  EXPECT_EQ(book.error().fault, ImportFault::bad_time);
  EXPECT_TRUE(parse_book_recording(R"({"e":"trade","E":1230768000000,"s":"X","p":"5","q":"1","m":true})", of("X")));
  const auto trades = parse_trades("time,price,quantity,is_buyer_maker\n1000,5,1,true\n2000,5,1,true\n", of("X"));
  ASSERT_FALSE(trades);
  EXPECT_EQ(trades.error().fault, ImportFault::bad_time) << describe(trades.error());
}

// Binance's REST snapshot names no symbol.
TEST(TapeFile, a_snapshot_is_nobodys_until_the_recording_says_whose) {
  const std::string theirs = R"(2 {"e":"trade","E":1700000000100,"s":"Y","p":"5","q":"1","m":true})"
                             "\n";
  const std::string named = "https://host/depth?symbol=X&limit=5 -> " + std::string(kSnapshot);
  EXPECT_FALSE(parse_book_recording(theirs + std::string(kSnapshot), of("X"))) << "it may be of Y";
  EXPECT_FALSE(parse_book_recording(std::string(kSnapshot) + theirs, of("X")));
  EXPECT_FALSE(parse_book_recording(std::string(kSnapshot), of("X")));
  EXPECT_FALSE(parse_book_recording(named, of("XY"))) << "another symbol that begins alike";
  const auto ours = parse_book_recording(theirs + named, of("X"));
  ASSERT_TRUE(ours) << describe(ours.error());
  EXPECT_EQ(count(*ours, TapeKind::seed), 3U);
}

TEST(TapeFile, reads_bybit) {
  constexpr std::string_view kText =
      R"({"topic":"orderbook.500.XRPUSDT","type":"snapshot","ts":1733011200691,"data":{"s":"XRPUSDT","b":[["1.9","10"]],"a":[["2.0","20"]],"u":7,"seq":1}}
{"topic":"orderbook.500.XRPUSDT","type":"delta","ts":1733011200793,"data":{"s":"XRPUSDT","b":[["1.9","0"],["1.8","4"]],"a":[],"u":8,"seq":2}}
{"topic":"publicTrade.XRPUSDT","type":"snapshot","ts":1733011200800,"data":[{"T":1733011200799,"s":"XRPUSDT","S":"Sell","v":"3","p":"1.8"}]}
{"topic":"orderbook.500.XRPUSDT","type":"delta","ts":1733011200893,"data":{"s":"XRPUSDT","b":[["1.7","1"]],"a":[],"u":10,"seq":4}}
)";
  const auto tape = parse_book_recording(kText, of("XRPUSDT", Venue::bybit));
  ASSERT_TRUE(tape) << describe(tape.error());
  EXPECT_EQ(count(*tape, TapeKind::level), 2U);
  EXPECT_EQ(tape->events.back().kind, TapeKind::clear) << "number 9 is missing";
  const auto trade = std::ranges::find(tape->events, TapeKind::trade, &TapeEvent::kind);
  ASSERT_NE(trade, tape->events.end());
  EXPECT_EQ(trade->side, BookHalf::bid) << "a taker who sells meets a bid";
}

TEST(TapeFile, counts_okx_contracts_in_base_units) {
  constexpr std::string_view kText =
      R"(wss <- {"arg":{"channel":"books","instId":"UNI-USDT-SWAP"},"action":"snapshot","data":[{"asks":[["5.2","60","0","1"]],"bids":[["5.1","2","0","1"]],"ts":"1652459225500","checksum":574478386}]}
wss <- {"arg":{"channel":"trades","instId":"UNI-USDT-SWAP"},"data":[{"instId":"UNI-USDT-SWAP","tradeId":"1","px":"5.2","sz":"3","side":"buy","ts":"1652459225600"}]}
)";
  Instrument swap = of("UNIUSDT", Venue::okx);
  swap.venue_symbol = "UNI-USDT-SWAP";
  swap.contract_value = *Decimal::parse("10");
  const auto tape = parse_book_recording(kText, swap);
  ASSERT_TRUE(tape) << describe(tape.error());
  EXPECT_EQ(tape->events.back().quantity, 30.0);
  EXPECT_EQ(tape->events[1].quantity, 20.0);
  swap.payoff = Payoff::inverse;
  const auto inverse = parse_book_recording(kText, swap);
  ASSERT_TRUE(inverse) << describe(inverse.error());
  EXPECT_DOUBLE_EQ(inverse->events.back().quantity, 3 * 10 / 5.2) << "three contracts of ten dollars";
  EXPECT_DOUBLE_EQ(inverse->events[1].quantity, 2 * 10 / 5.1);
}

// The two books stand in OKX's documentation of the channel as examples of the checksum's text; their CRC-32 is zlib's, by Python.
TEST(OkxChecksum, is_that_of_the_documented_text) {
  archive::OkxChecksum book;
  book.set(BookHalf::bid, 3366.1, "3366.1", "7");
  book.set(BookHalf::ask, 3366.8, "3366.8", "9");
  book.set(BookHalf::ask, 3368, "3368", "8");
  book.set(BookHalf::ask, 3372, "3372", "8");
  EXPECT_EQ(book.value(), 831078360) << "bids end before asks";
  book.set(BookHalf::bid, 3366, "3366", "6");
  book.set(BookHalf::ask, 3372, "3372", "0");
  EXPECT_EQ(book.value(), -1881014294);
}

/// What OKX sent on 2022-05-13 (ORIGIN.md): every message carries the checksum of the book after it.
TEST(OkxChecksum, every_recorded_book_keeps_its_own_and_a_changed_digit_does_not) {
  std::ifstream file(std::string(PROM_SOURCE_DIR) + "/tests/fixtures/orderflow/okx_uni_usd_swap.log");
  std::stringstream text;
  text << file.rdbuf();
  Instrument swap = of("UNIUSD", Venue::okx, Payoff::inverse);
  swap.venue_symbol = "UNI-USD-SWAP";
  swap.contract_value = *Decimal::parse("10");
  const auto tape = parse_book_recording(text.str(), swap);
  ASSERT_TRUE(tape) << describe(tape.error());
  EXPECT_EQ(count(*tape, TapeKind::clear), 1U) << "the snapshot's own";
  EXPECT_GT(count(*tape, TapeKind::level), 100U);
  EXPECT_GT(count(*tape, TapeKind::trade), 0U);
  EXPECT_GT(tape->events.back().late.ns, 0) << "the log says when it came";
  std::string spoilt = text.str();
  const std::size_t at = spoilt.find(R"("5.148","60")");
  ASSERT_NE(at, std::string::npos);
  spoilt[at + 9] = '7';
  const auto lost = parse_book_recording(spoilt, swap);
  ASSERT_TRUE(lost) << describe(lost.error());
  EXPECT_EQ(count(*lost, TapeKind::clear), 2U) << "unknown from then on, until another snapshot";
  EXPECT_EQ(count(*lost, TapeKind::level), 0U);
}

TEST(TapeFile, what_came_late_is_known_late_and_never_before_it_happened) {
  const auto line = [](std::string_view before, int ms) {
    return std::string(before) + R"({"e":"trade","E":1700000000)" + std::to_string(ms) + R"(,"s":"X","p":"5","q":"1","m":true})" + "\n";
  };
  const auto late_ns = [&](std::string_view before) {
    const auto tape = parse_book_recording(line(before, 100), of("X"));
    EXPECT_TRUE(tape) << before;
    return tape ? tape->events.front().late.ns : -1;
  };
  EXPECT_EQ(late_ns("1700000000150000007 "), 50'000'007);
  EXPECT_EQ(late_ns("1700000000150007: "), 50'007'000);
  EXPECT_EQ(late_ns("1700000000150 "), 50'000'000);
  EXPECT_EQ(late_ns("wss://host <- 1700000000.15: "), 50'000'000);
  EXPECT_EQ(late_ns("wss://host <- 1700000000.050: "), 0) << "a clock that is behind the venue's";
  EXPECT_FALSE(parse_book_recording(line("3652459225600000007 ", 100), of("X"))) << "of 2085: no tape could say how late it is";
  for (const char* before : {"", "7 ", "no time ", "-1700000000.15: ", "99999999999999999999 "}) EXPECT_EQ(late_ns(before), 0) << before;
  const auto two = parse_book_recording(line("1700000000.3: ", 100) + line("1700000000.2: ", 150), of("X"));
  ASSERT_TRUE(two);
  EXPECT_EQ(known_at(two->events[1]), known_at(two->events[0])) << "the second stood behind the first";
}

TEST(TapeFile, trades_alone_are_in_order_and_known_at_once) {
  const auto tape = parse_trades("1,5.5,1.0,1,1,1700000000100,False\n2,5.0,2.0,2,2,1700000000200,true\n", of("X"));
  ASSERT_TRUE(tape) << describe(tape.error());
  ASSERT_EQ(tape->events.size(), 2U);
  EXPECT_EQ(tape->events[0].price, 5.5);
  EXPECT_EQ(tape->events[0].side, BookHalf::ask);
  EXPECT_EQ(tape->events[1].late.ns, 0);
  EXPECT_FALSE(fault_of(*tape));
  EXPECT_FALSE(parse_trades("2,5.0,2.0,2,2,1700000000200,true\n1,5.5,1.0,1,1,1700000000100,False\n", of("X"))) << "out of order";
  EXPECT_FALSE(parse_trades("time,open,high,low,close,volume\n1700000000,1,2,1,2,5\n1700000060,1,2,1,2,5\n", of("X")));
}

TEST(TapeFile, a_file_that_is_none_of_trades_is_told_what_trades_look_like) {
  for (const char* text : {"garbage\n", "time,price,quantity\n1700000000,1,2\n", "1,2,3\n", R"([{"a":1}])"}) {
    const auto tape = parse_trades(text, of("X"));
    ASSERT_FALSE(tape) << text;
    EXPECT_NE(tape.error().hint.find("time,price,quantity,is_buyer_maker"), std::string::npos) << describe(tape.error());
    EXPECT_EQ(tape.error().message.find("open"), std::string::npos) << describe(tape.error());
  }
  const auto json = parse_trades(R"([{"time":1700000000,"price":5.5,"quantity":2,"is_buyer_maker":true}])", of("X"));
  ASSERT_TRUE(json) << describe(json.error());
  EXPECT_EQ(json->events.size(), 1U);
}

TEST(TapeFile, what_cannot_be_read_is_an_error_with_its_line) {
  const auto cut = parse_book_recording(std::string(kSnapshot) + R"(2 {"e":"depthUpdate","s":"X")", of("X"));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().line, 2U);
  const auto word = parse_book_recording(R"({"lastUpdateId":1,"bids":[["nan","1"]],"asks":[]})", of("X"));
  ASSERT_FALSE(word);
  EXPECT_NE(word.error().message.find("no number"), std::string::npos);
  const auto negative = parse_book_recording(R"({"lastUpdateId":1,"bids":[[99,-1]],"asks":[]})", of("X"));
  ASSERT_FALSE(negative);
  EXPECT_EQ(negative.error().fault, ImportFault::unknown_format) << "a level is taken away with 0";
  const auto other = parse_book_recording(change(1, 2, 0, R"(["1","1"])"), of("Y"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().fault, ImportFault::no_rows);
}

}  // namespace
}  // namespace prom
