// The tools of order book and trades over a recording of Binance futures (tests/fixtures/orderflow): the book against the best prices that the venue itself told,
// the rest against tests/fixtures/tools/make_tape_answers.py and make_drawn_library_answers.py. Single thread.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "adapters/feeds/archive/tape_file.h"
#include "base/proof_test_support.h"
#include "tools/test_support.h"

namespace prom {
namespace {

std::string fixture(const char* path) { return std::string(PROM_SOURCE_DIR) + "/tests/fixtures/" + path; }
std::string file_text(const char* path) {
  std::ifstream in(fixture(path));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The recording behind a view without bars.
struct Recording {
  Recording() {
    Instrument instrument = test::perp(0, "BTCUSDT", 1);
    auto read = read_book_recording(fixture("orderflow/usdm_btcusdt_frames.gz"), instrument);
    EXPECT_TRUE(read) << (read ? "" : describe(read.error()));
    if (read) tape = std::move(*read);
    auto bars = std::make_shared<BarColumns>();
    bars->interval = kMinute;
    auto made = ColumnMarketView::make({{instrument, bars, {}, "no bars"}});
    EXPECT_TRUE(made.has_value());
    view.emplace(std::move(*made));
    context.market = &*view;
    context.tapes = std::span(&tape, 1);
    answers = test::json(file_text("tools/tape_answers.json"));
  }
  ToolResult ask(std::int64_t time_ms, std::string_view tool, std::string_view arguments = "{}") {
    context.as_of.time = TimeNs{time_ms * 1'000'000};
    return call_tool(tool, context, {test::json(arguments), SeriesWanted::no});
  }
  const ValueList& list(std::string_view key) const { return std::get<ValueList>(answers.find(key)->storage()); }
  Tape tape;
  std::optional<ColumnMarketView> view;
  ToolContext context;
  Value answers;
};

double number(const Value& value) {
  const auto* whole = std::get_if<std::int64_t>(&value.storage());
  return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value.storage());
}
std::int64_t time_of(const Value& answer) { return static_cast<std::int64_t>(*answer.number("time")); }

TEST(TapeTools, the_book_is_the_venues_own_at_every_change) {
  Recording recording;
  test::WorstError prices, quantities;
  for (const Value& row : recording.list("venue")) {
    const auto& told = std::get<ValueList>(row.storage());
    const auto answer = recording.ask(static_cast<std::int64_t>(number(told[0])), "get_orderbook", R"({"levels":1})");
    ASSERT_TRUE(answer) << answer.error().message;
    const std::string_view sides[] = {"bids", "asks"};
    for (std::size_t side = 0; side < 2; ++side) {
      const Value& best = std::get<ValueList>(answer->result.find(sides[side])->storage()).front();
      EXPECT_EQ(*best.number("price"), number(told[1 + 2 * side]));
      EXPECT_EQ(*best.number("quantity"), number(told[2 + 2 * side]));
      prices.add(*best.number("price"), number(told[1 + 2 * side]));
      quantities.add(*best.number("quantity"), number(told[2 + 2 * side]));
    }
  }
  EXPECT_GT(prices.values(), 400U);
  test::record_proof({"get_orderbook", test::ProofKind::outside, "Binance's own best prices (bookTicker) at every change of the book", "bids, asks",
                      prices.values() + quantities.values(), std::max(prices.worst(), quantities.worst())});
}

/// The numbers of a tool's answers beside the expected ones, output by output; what they have shown is recorded at the end.
class Compared {
 public:
  struct Whose {
    test::ProofKind kind = test::ProofKind::second;
    std::string_view who = "own second implementation in Python over exact fractions";
  };
  Compared(std::string_view tool, std::string_view outputs) : Compared(tool, outputs, Whose{}) {}
  Compared(std::string_view tool, std::string_view outputs, Whose whose) : tool_(tool), outputs_(outputs), whose_(whose) {}
  Compared(const Compared&) = delete;
  Compared& operator=(const Compared&) = delete;
  ~Compared() {
    double worst = 0;
    std::size_t values = 0;
    for (const auto& [output, errors] : of_) {
      EXPECT_LE(errors.worst(), 1e-9) << tool_ << ' ' << output;  // a spread is what is left of two prices
      worst = std::max(worst, errors.worst());
      values += errors.values();
    }
    EXPECT_GT(values, 2U) << tool_;
    test::record_proof({tool_, whose_.kind, whose_.who, outputs_, values, worst});
  }
  /// Every number of an expected answer that the result has too.
  void add(const Value& expected, const Value& result) {
    for (const auto& [name, value] : std::get<ValueObject>(expected.storage())) {
      if (result.find(name) == nullptr || outputs_.find(name) == std::string_view::npos) continue;
      ASSERT_EQ(value.is_null(), result.find(name)->is_null()) << tool_ << ' ' << name;
      if (!value.is_null()) of_[name].add(*result.number(name), number(value));
    }
  }

 private:
  std::string_view tool_, outputs_;
  Whose whose_;
  std::map<std::string, test::WorstError> of_;
};

TEST(TapeTools, agree_with_an_implementation_in_another_language) {
  Recording recording;
  const auto asked = [&](const Value& expected, std::string_view tool, const std::string& arguments) {
    auto answer = recording.ask(time_of(expected), tool, arguments);
    EXPECT_TRUE(answer) << tool << ": " << (answer ? "" : answer.error().message);
    return answer ? answer->result : Value();
  };
  Compared depth("get_orderbook_imbalance", "imbalance, bid_quantity, ask_quantity, mid, microprice, spread_bps");
  Compared whales("get_whale_trades", "count, buy_value, sell_value"), speed("get_tick_speed", "trades_per_second, volume_per_second, relative");
  for (const Value& expected : recording.list("depth")) {
    const Value result = asked(expected, "get_orderbook_imbalance", "{\"levels\":" + std::to_string(static_cast<int>(*expected.number("levels"))) + "}");
    depth.add(expected, result);
  }
  for (const Value& expected : recording.list("whales")) {
    const Value result = asked(expected, "get_whale_trades", R"({"min_value":20000})");
    whales.add(expected, result);
    const auto& newest = std::get<ValueList>(expected.find("newest")->storage());
    const Value& print = std::get<ValueList>(result.find("prints")->storage()).front();
    EXPECT_EQ(print.text("side"), newest[0].text());
    EXPECT_EQ(print.number("price"), number(newest[1]));
    EXPECT_DOUBLE_EQ(*print.number("value"), number(newest[3]));
  }
  for (const Value& expected : recording.list("speed")) {
    const Value result = asked(expected, "get_tick_speed", "{\"window_seconds\":" + std::to_string(static_cast<int>(*expected.number("window_seconds"))) + "}");
    speed.add(expected, result);
  }
}

/// Of the best level alone the venue's own bookTicker gives every figure.
TEST(TapeTools, imbalance_at_the_touch_is_that_of_the_venues_own_best_prices) {
  Recording recording;
  std::map<std::string_view, test::WorstError> errors;
  for (const Value& row : recording.list("venue")) {
    const auto& told = std::get<ValueList>(row.storage());
    const auto answer = recording.ask(static_cast<std::int64_t>(number(told[0])), "get_orderbook_imbalance", R"({"levels":1})");
    ASSERT_TRUE(answer) << answer.error().message;
    const double bid = number(told[1]), bids = number(told[2]), ask = number(told[3]), asks = number(told[4]);
    const std::pair<std::string_view, double> expected[] = {{"imbalance", (bids - asks) / (bids + asks)},
                                                            {"bid_quantity", bids},
                                                            {"ask_quantity", asks},
                                                            {"mid", (bid + ask) / 2},
                                                            {"microprice", (bid * asks + ask * bids) / (bids + asks)}};
    for (const auto& [name, value] : expected) errors[name].add(*answer->result.number(name), value);
  }
  double worst = 0;
  std::size_t values = 0;
  for (const auto& [name, of] : errors) {
    EXPECT_LE(of.worst(), 1e-9) << name;
    worst = std::max(worst, of.worst());
    values += of.values();
  }
  test::record_proof({"get_orderbook_imbalance", test::ProofKind::outside, "Binance's own best prices (bookTicker) at every change of the book",
                      "imbalance, bid_quantity, ask_quantity, mid, microprice of the best level", values, worst});
}

TEST(TapeTools, agree_with_pandas_on_large_trades_and_speed) {
  Recording recording;
  const Value answers = test::json(file_text("tools/library_tape_answers.json"));
  const std::string by(*answers.text("by"));
  Compared whales("get_whale_trades", "count, buy_value, sell_value", {test::ProofKind::outside, by});
  Compared speed("get_tick_speed", "trades_per_second, volume_per_second, relative", {test::ProofKind::outside, by});
  for (const Value& expected : std::get<ValueList>(answers.find("whales")->storage())) {
    const auto answer = recording.ask(time_of(expected), "get_whale_trades", R"({"min_value":20000})");
    ASSERT_TRUE(answer) << answer.error().message;
    whales.add(expected, answer->result);
  }
  for (const Value& expected : std::get<ValueList>(answers.find("speed")->storage())) {
    const std::string arguments = "{\"window_seconds\":" + std::to_string(static_cast<int>(*expected.number("window_seconds"))) + "}";
    const auto answer = recording.ask(time_of(expected), "get_tick_speed", arguments);
    ASSERT_TRUE(answer) << answer.error().message;
    speed.add(expected, answer->result);
  }
}

TEST(TapeTools, list_the_newest_trades_as_the_venue_told_them) {
  Recording recording;
  const Value& expected = *recording.answers.find("trades");
  const auto answer = recording.ask(time_of(expected), "get_trades");
  ASSERT_TRUE(answer) << answer.error().message;
  Compared("get_trades", "buy_volume, sell_volume, recorded").add(expected, answer->result);
  const auto& told = std::get<ValueList>(expected.find("newest")->storage());
  const auto& listed = std::get<ValueList>(answer->result.find("trades")->storage());
  ASSERT_EQ(listed.size(), told.size());
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const auto& row = std::get<ValueList>(told[i].storage());
    EXPECT_EQ(std::get<TimeNs>(listed[i].find("time")->storage()).ns, static_cast<std::int64_t>(number(row[0])) * 1'000'000) << i;
    EXPECT_EQ(listed[i].text("side"), row[1].text()) << i;
    EXPECT_EQ(listed[i].number("price"), number(row[2])) << i;
    EXPECT_EQ(listed[i].number("quantity"), number(row[3])) << i;
  }
  test::record_proof(
      {"get_trades", test::ProofKind::outside, "Binance's recorded trades, as Python reads them", "time, side, price, quantity", 4 * listed.size(), 0});
}

/// The detectors' precision and recall are measured in analysis/orderflow; here: what they report of a tape, within bounds, and nothing later.
TEST(TapeTools, patterns_are_those_of_the_detectors_up_to_the_instant) {
  Tape tape{.instrument = "binance:linear:BTCUSDT", .source = "made", .tells_trades = true, .tells_book = true, .events = {}};
  TimeNs at = test::kWorldStart;
  const auto add = [&](TapeKind kind, BookHalf side, double price, double quantity) { tape.events.push_back({at, kind, side, price, quantity}); };
  add(TapeKind::clear, BookHalf::bid, 0, 0);
  for (int level = 0; level < 50; ++level) add(TapeKind::seed, BookHalf::bid, 1000.0 - level, 5), add(TapeKind::seed, BookHalf::ask, 1001.0 + level, 5);
  for (int k = 0; k < 5000; ++k) {  // what the means are taken from
    at = at + kMillisecond;
    add(TapeKind::level, BookHalf::bid, 999.5 - k / 2 % 4 * 0.1, k % 2 == 0 ? 1 : 0);
    add(TapeKind::trade, BookHalf::ask, 1001, 0.01);
  }
  add(TapeKind::best, BookHalf::ask, 1001, 2);
  for (int refill = 0; refill < 8; ++refill) {  // 2 are shown, bought, and shown again
    at = at + kMillisecond * 10;
    add(TapeKind::trade, BookHalf::ask, 1001, 2);
    add(TapeKind::best, BookHalf::ask, 1001, 2);
  }
  at = at + kSecond;
  add(TapeKind::best, BookHalf::bid, 1000, 5);
  add(TapeKind::level, BookHalf::bid, 999.9, 500);
  at = at + kSecond;
  add(TapeKind::level, BookHalf::bid, 999.9, 0);
  at = at + kSecond;
  add(TapeKind::best, BookHalf::bid, 1000, 5);
  test::World world;
  world.at(at);
  world.context.tapes = std::span(&tape, 1);
  const auto icebergs = test::ask(world, "detect_iceberg"), spoofs = test::ask(world, "detect_spoofing");
  ASSERT_TRUE(icebergs) << icebergs.error().message;
  ASSERT_TRUE(spoofs) << spoofs.error().message;
  ASSERT_GE(*icebergs->result.number("count"), 1.0);
  const Value& ice = std::get<ValueList>(icebergs->result.find("icebergs")->storage()).front();
  EXPECT_EQ(ice.text("side"), "ask");
  EXPECT_EQ(ice.number("price"), 1001.0);
  EXPECT_EQ(ice.number("tip"), 2.0);
  ASSERT_EQ(*spoofs->result.number("count"), 1.0);
  const Value& spoof = std::get<ValueList>(spoofs->result.find("orders")->storage()).front();
  EXPECT_EQ(spoof.number("price"), 999.9);
  EXPECT_EQ(spoof.number("quantity"), 500.0);
  EXPECT_EQ(spoof.number("executed"), 0.0);
  world.at(at - kMillisecond * 1500);
  world.context.tapes = std::span(&tape, 1);
  const auto before = test::ask(world, "detect_spoofing");
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(before->result.number("count"), 0.0) << "it had not been withdrawn yet";
  test::record_contract("detect_iceberg",
                        "what the detector reports of the tape up to the instant; its precision and recall stand in src/analysis/orderflow/README.md");
  test::record_contract("detect_spoofing",
                        "what the detector reports of the tape up to the instant; its precision and recall stand in src/analysis/orderflow/README.md");
}

TEST(TapeTools, say_why_they_cannot_answer) {
  const std::set<std::string_view> tools{"get_orderbook",           "get_trades",     "get_whale_trades", "get_tick_speed",
                                         "get_orderbook_imbalance", "detect_iceberg", "detect_spoofing"};
  Recording recording;
  const std::int64_t begin = recording.tape.events.front().time.ns / 1'000'000, end = recording.tape.events.back().time.ns / 1'000'000;
  const auto reason = [&](std::int64_t time_ms, std::string_view tool) {
    const auto answer = recording.ask(time_ms, tool);
    EXPECT_FALSE(answer) << tool;
    return answer ? std::string() : answer.error().message;
  };
  for (const std::string_view tool : tools) {
    EXPECT_NE(reason(begin - 1, tool).find("begins after"), std::string::npos) << tool;
    EXPECT_NE(reason(end + 61'000, tool).find("stale"), std::string::npos) << tool;
  }
  EXPECT_NE(reason(begin, "get_orderbook").find("no snapshot yet"), std::string::npos);
  recording.tape.instrument = "binance:linear:ETHUSDT";
  for (const std::string_view tool : tools) EXPECT_NE(reason(end, tool).find("is of binance:linear:ETHUSDT"), std::string::npos) << tool;
  recording.context.tapes = {};
  for (const std::string_view tool : tools) EXPECT_NE(reason(end, tool).find("feed in this installation"), std::string::npos) << tool;
}

}  // namespace
}  // namespace prom
