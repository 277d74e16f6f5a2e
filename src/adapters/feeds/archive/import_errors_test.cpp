// What is wrong with a file is told with its line and its text; order, duplicates, gaps and unfinished bars follow the rules of P33.
#include <gtest/gtest.h>

#include <string>

#include "adapters/feeds/archive/import.h"

namespace prom {
namespace {

const std::string kHeader = "time,open,high,low,close,volume\n";

struct BadRow {
  const char* row;
  ImportFault fault;
  std::uint32_t column;
  const char* text;
};

TEST(ImportErrors, NameLineColumnAndText) {
  const BadRow rows[] = {{"60,1,x,1,1,1", ImportFault::bad_number, 3, "x"},
                         {"60,nan,2,1,1,1", ImportFault::bad_number, 2, "nan"},
                         {"60,1,inf,1,1,1", ImportFault::bad_number, 3, "inf"},
                         {"60,1,2,1,1,", ImportFault::bad_number, 6, ""},
                         {"yesterday,1,2,1,1,1", ImportFault::bad_time, 1, "yesterday"},
                         {"-60,1,2,1,1,1", ImportFault::bad_time, 1, "-60"},
                         {"9735689600000000,1,2,1,1,1", ImportFault::bad_time, 1, "9735689600000000"},  // beyond int64 in ns; found by fuzzing
                         {"9735689600000,1,2,1,1,1", ImportFault::bad_time, 1, "9735689600000"},
                         {"60,0,2,0,1,1", ImportFault::bad_bar, 0, "60,0,2,0,1,1"},
                         {"60,1,2,-1,1,1", ImportFault::bad_bar, 0, "60,1,2,-1,1,1"},
                         {"60,1,2,3,1,1", ImportFault::bad_bar, 0, "60,1,2,3,1,1"},
                         {"60,5,2,1,1,1", ImportFault::bad_bar, 0, "60,5,2,1,1,1"},
                         {"60,1,2,1,3,1", ImportFault::bad_bar, 0, "60,1,2,1,3,1"},
                         {"60,1,2,1,1,-1", ImportFault::bad_bar, 0, "60,1,2,1,1,-1"},
                         {"60,1,2", ImportFault::too_few_columns, 0, "60,1,2"},
                         {"60,1,2,1,1,\"1,234.5\"", ImportFault::too_many_columns, 0, "60,1,2,1,1,\"1,234.5\""},  // was read as a volume of 1
                         {"60,1,2,1,1,1,7", ImportFault::too_many_columns, 0, "60,1,2,1,1,1,7"}};
  for (const BadRow& bad : rows) {
    const auto in = parse_bars(kHeader + "0,1,2,1,1,1\n" + bad.row + "\n120,1,2,1,1,1\n", {});
    ASSERT_FALSE(in) << bad.row;
    EXPECT_EQ(in.error().fault, bad.fault) << bad.row << " " << describe(in.error());
    EXPECT_EQ(in.error().line, 3u) << bad.row;
    EXPECT_EQ(in.error().column, bad.column) << bad.row;
    EXPECT_EQ(in.error().text, bad.text);
  }
}

TEST(ImportErrors, SeparatorsAtTheEndOfALineAreNoColumns) {
  const auto in = parse_bars(kHeader + "0,1,2,1,1,1,\n60,1,2,1,1,1,,\n", {});
  ASSERT_TRUE(in) << describe(in.error());
  EXPECT_EQ(in->bars.size(), 2u);
}

TEST(ImportErrors, ReadAsOneSentence) {
  const auto in = parse_bars(kHeader + "0,1,oops,1,1,1\n", {});
  ASSERT_FALSE(in);
  EXPECT_EQ(describe(in.error()), "line 2, column 3: not a number: \"oops\"");
  const auto long_row = parse_bars(kHeader + "0,1,2,1,1," + std::string(500, 'z') + "\n", {});
  EXPECT_EQ(long_row.error().text.size(), 80u) << "clipped";
}

TEST(ImportErrors, WrongRowsBehindTheFirstAreToldToo) {
  const std::string csv = kHeader + "0,1,2,1,1,1\n60,1,oops,1,1,1\n120,1,2,1,1,1\nnever,1,2,1,1,1\n180,1,2,1\n240,1,2,1,1,1\n";
  const auto in = parse_bars(csv, {});
  ASSERT_FALSE(in);
  EXPECT_EQ(in.error().line, 3u);
  ASSERT_EQ(in.error().more.size(), 2u);
  EXPECT_EQ(in.error().more[0].line, 5u);
  EXPECT_EQ(in.error().more[0].fault, ImportFault::bad_time);
  EXPECT_EQ(in.error().more[1].line, 6u);
  EXPECT_EQ(in.error().more[1].fault, ImportFault::too_few_columns);
  const auto rows = parse_bars("[[0,1,2,1,1,1],\n[60,1,\"oops\",1,1,1],\n[120,1,2,1,1,\"-1\"],\n[180,1,2,1,1,1]]", {});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().line, 2u);
  ASSERT_EQ(rows.error().more.size(), 1u);
  EXPECT_EQ(rows.error().more[0].line, 3u);
  const auto cut = parse_bars("[[0,1,2,1,1,1],\n[60,1,\"oops\",1,1,1],\n[120,1,2,1", {});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().line, 2u);
  ASSERT_EQ(cut.error().more.size(), 1u) << "the damage behind the wrong row";
  EXPECT_EQ(cut.error().more[0].fault, ImportFault::unknown_format);
}

TEST(ImportErrors, AFileOfNothingButWrongRowsIsGivenUp) {
  std::string text = kHeader;
  for (int i = 0; i < 1'000; ++i) text += std::to_string(60 * i) + ",x,2,1,1,1\n";
  const auto in = parse_bars(text, {});
  ASSERT_FALSE(in);
  EXPECT_EQ(in.error().line, 2u);
  ASSERT_EQ(in.error().more.size() + 1, kMostWrongRows);
  EXPECT_EQ(in.error().more.back().line, 1 + kMostWrongRows);
}

TEST(ImportErrors, UnknownColumnsAreListed) {
  const auto in = parse_bars("time,open,high,low,volume\n0,1,1,1,1\n", {});
  ASSERT_FALSE(in);
  EXPECT_EQ(in.error().fault, ImportFault::unknown_format);
  EXPECT_NE(in.error().message.find("no column close"), std::string::npos) << in.error().message;
  EXPECT_FALSE(parse_bars("hello world\nthis is not data\n", {}));
  EXPECT_EQ(parse_bars("", {}).error().fault, ImportFault::no_rows);
  EXPECT_EQ(parse_bars(kHeader, {}).error().fault, ImportFault::no_rows);
  EXPECT_EQ(parse_bars(std::string(100'000, 'a'), {}).error().fault, ImportFault::unknown_format) << "an endless line";
}

TEST(ImportErrors, AColumnThatIsGivenTwiceIsRefused) {
  const auto twice = parse_bars("time,open,high,low,close,close,volume\n1700000040,1,2,0.5,1.5,1.6,3\n", {});
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().message.find("the column close is given twice"), std::string::npos) << twice.error().message;
  EXPECT_TRUE(parse_bars("time,open,high,low,close,volume,note,note\n1700000040,1,2,0.5,1.5,3,a,b\n1700000100,1,2,0.5,1.5,3,a,b\n", {}))
      << "of no meaning here";
  const auto by_case = parse_bars(R"([{"t":1700000040000,"T":1700000099999,"o":"1","h":"2","l":"0.5","c":"1.5","v":"3","V":"1"},
                                      {"t":1700000100000,"T":1700000159999,"o":"1","h":"2","l":"0.5","c":"1.5","v":"3","V":"1"}])",
                                  {});
  ASSERT_TRUE(by_case) << describe(by_case.error());
  EXPECT_EQ(by_case->bars.open_time_ns.at(0), 1'700'000'040'000'000'000);
  const auto rates = parse_funding("calc_time,last_funding_rate,last_funding_rate\n1704067200000,0.0001,0.0002\n");
  ASSERT_FALSE(rates);
  EXPECT_NE(rates.error().message.find("given twice"), std::string::npos) << rates.error().message;
}

TEST(ImportErrors, IdenticalRepetitionsAreIgnoredAndCounted) {
  const auto in = parse_bars(kHeader + "0,1,2,1,1,1\n60,1,2,1,1,1\n60,1.0,2,1,1,1.00\n", {});
  ASSERT_TRUE(in) << describe(in.error());
  EXPECT_EQ(in->bars.size(), 2u);
  EXPECT_EQ(in->duplicates, 1u);
  EXPECT_EQ(in->rows, 3u);
}

TEST(ImportErrors, DifferentBarsForOneTimeAreRefused) {
  const auto in = parse_bars(kHeader + "0,1,2,1,1,1\n60,1,2,1,1,1\n120,1,2,1,1,1\n60,1,2,1,1,7\n", {});
  ASSERT_FALSE(in);
  EXPECT_EQ(in.error().fault, ImportFault::conflict);
  EXPECT_EQ(in.error().line, 5u);
  EXPECT_NE(in.error().message.find("line 3"), std::string::npos) << in.error().message;
}

TEST(ImportErrors, OutOfOrderIsSortedUnlessRefused) {
  const std::string text = kHeader + "120,3,3,3,3,3\n0,1,1,1,1,1\n60,2,2,2,2,2\n";
  const auto in = parse_bars(text, {});
  ASSERT_TRUE(in);
  EXPECT_EQ(in->bars.open, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(in->bars.volume, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(in->reordered, 1u) << "one row came before its place; the rest follows it in order";
  BarsOptions strict;
  strict.out_of_order = OutOfOrder::refuse;
  const auto refused = parse_bars(text, strict);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, ImportFault::out_of_order);
  EXPECT_EQ(refused.error().line, 3u);
}

// P33: gaps are listed, exactly.
TEST(ImportErrors, p33_gaps_are_listed) {
  const auto in = parse_bars(kHeader + "0,1,1,1,1,1\n60,1,1,1,1,1\n240,1,1,1,1,1\n300,1,1,1,1,1\n420,1,1,1,1,1\n", {});
  ASSERT_TRUE(in);
  ASSERT_EQ(in->gaps.size(), 2u);
  EXPECT_EQ(in->gaps[0].from.ns, 120 * kSecond.ns);
  EXPECT_EQ(in->gaps[0].to.ns, 240 * kSecond.ns);
  EXPECT_EQ(in->gaps[0].missing, 2u);
  EXPECT_EQ(in->gaps[1].missing, 1u);
}

// P33: only closed bars.
TEST(ImportErrors, p33_bars_that_close_after_the_instant_are_left_out) {
  const std::string text = kHeader + "0,1,1,1,1,1\n60,1,1,1,1,1\n120,1,1,1,1,1\n";
  BarsOptions options;
  options.as_of = TimeNs{179 * kSecond.ns};
  EXPECT_EQ(parse_bars(text, options)->bars.size(), 2u);
  EXPECT_EQ(parse_bars(text, options)->unfinished, 1u);
  options.as_of = TimeNs{180 * kSecond.ns};
  EXPECT_EQ(parse_bars(text, options)->bars.size(), 3u) << "a bar is known at the instant it closes";
  BarsOptions drop;
  drop.last_bar = LastBar::drop;
  EXPECT_EQ(parse_bars(text, drop)->bars.size(), 2u);
  options.as_of = TimeNs{1};
  EXPECT_EQ(parse_bars(text, options).error().fault, ImportFault::no_rows);
}

TEST(ImportErrors, IntervalIsCheckedAgainstTheData) {
  BarsOptions minutes;
  minutes.interval = kMinute;
  std::string hourly = kHeader;
  for (int i = 0; i < 12; ++i) hourly += std::to_string(i * 3600) + ",1,1,1,1,1\n";
  const auto refused = parse_bars(hourly, minutes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, ImportFault::bad_interval);
  EXPECT_NE(refused.error().message.find("1h"), std::string::npos);
  BarsOptions hours;
  hours.interval = kHour;
  const auto off_grid = parse_bars(kHeader + "0,1,1,1,1,1\n60,1,1,1,1,1\n", hours);
  ASSERT_FALSE(off_grid);
  EXPECT_EQ(off_grid.error().line, 3u);
  EXPECT_EQ(parse_bars(kHeader + "0,1,1,1,1,1\n", {}).error().fault, ImportFault::bad_interval);
  EXPECT_EQ(parse_bars(kHeader + "7,1,1,1,1,1\n67,1,1,1,1,1\n", {}).error().fault, ImportFault::bad_bar) << "bars must open on their grid";
}

// Found by fuzzing: the large price took the digit that the small one consisted of, and a bar with a price of zero came out as sound.
TEST(ImportErrors, APriceThatVanishesBesideALargeOneIsRefusedWithItsLine) {
  const auto refused = parse_bars(kHeader + "0,0.4,0.4,0.4,0.4,1\n60,5e17,5e17,5e17,5e17,1\n", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, ImportFault::off_scale);
  EXPECT_EQ(refused.error().line, 2);
}

// The volume of a bar is a sum of trades: a later, finer quantity must not push the sum beyond 64 bits.
TEST(ImportErrors, AFinerTradeBesideALargeSumOfTradesKeepsTheSum) {
  std::string trades = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n";
  for (int i = 0; i < 20; ++i) trades += std::to_string(i) + ",10,90000000000000000,1,1,1700006400000,false\n";
  trades += "20,10,0.123456,1,1,1700006460000,false\n";
  BarsOptions options;
  options.last_bar = LastBar::drop;
  const auto in = parse_bars(trades, options);
  ASSERT_TRUE(in) << describe(in.error());
  ASSERT_EQ(in->bars.size(), 1U);
  EXPECT_EQ(in->bars.quantity_digits, 0);
  EXPECT_EQ(in->bars.volume[0], 1'800'000'000'000'000'000);
}

TEST(ImportErrors, PricesFinerThanTheInstrumentAreRefused) {
  Instrument instrument;
  instrument.price_digits = 1;
  instrument.quantity_digits = 1;
  instrument.tick = {5};
  BarsOptions options;
  options.instrument = instrument;
  const auto refused = parse_bars(kHeader + "0,1.5,2,1,1,1\n60,1.25,2,1,1,1\n", options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, ImportFault::off_scale);
  EXPECT_EQ(refused.error().line, 3u);
  EXPECT_NE(refused.error().message.find("price_digits"), std::string::npos);
  const auto in = parse_bars(kHeader + "0,1.5,2,1,1,1.19\n60,1.4,2,1,1,1\n", options);
  ASSERT_TRUE(in);
  EXPECT_EQ(in->bars.volume[0], 11) << "volumes are rounded down";
  EXPECT_EQ(in->cut_volumes, 1u);
  EXPECT_EQ(in->off_tick, 1u) << "1.4 is no multiple of 0.5";
}

TEST(ImportErrors, DamagedJsonNamesItsLine) {
  const auto cut = parse_bars("[\n [0,1,1,1,1,1],\n [60,1,1", {});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().line, 3u);
  const auto bad = parse_bars("[\n [0,1,1,1,1,1],\n [60,1,\"x\",1,1,1]\n]", {});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().fault, ImportFault::bad_number);
  EXPECT_EQ(bad.error().line, 3u);
  EXPECT_FALSE(parse_bars("[[0,1,1],[1,2,3]]", {}));
  EXPECT_FALSE(parse_bars("[[0,1,1,1,1,null],[60,1,1,1,1,1]]", {}));
  EXPECT_FALSE(parse_bars(std::string(1000, '['), {}));
}

TEST(ImportErrors, TradesOutOfOrderAreRefused) {
  const auto in = parse_bars(
      "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
      "1,1,1,1,1,1729295940000,false\n2,1,1,1,1,1729295930000,false\n",
      {});
  ASSERT_FALSE(in);
  EXPECT_EQ(in.error().line, 3u);
  const auto flag = parse_bars("1,1,1,1,1,1729295940000,True\n2,1,1,1,1,1729295940000,maybe\n", {});
  ASSERT_FALSE(flag);
  EXPECT_EQ(flag.error().fault, ImportFault::bad_flag);
}

TEST(ImportErrors, FundingIsJudgedToo) {
  EXPECT_EQ(parse_funding("open_time,funding_rate\n0,zero\n").error().line, 2u);
  EXPECT_EQ(parse_funding("open_time,funding_rate\n0,5\n").error().fault, ImportFault::bad_number) << "500 % is no rate";
  EXPECT_EQ(parse_funding("a,b\n0,0.1\n").error().fault, ImportFault::unknown_format);
  EXPECT_EQ(parse_funding("0,0.1\n0,0.1\n")->duplicates, 1u);
  EXPECT_EQ(parse_funding("0,0.1\n0,0.2\n").error().fault, ImportFault::conflict);
  EXPECT_EQ(parse_funding("").error().fault, ImportFault::no_rows);
}

TEST(JoinBars, MonthsTouchOverlapOrDiffer) {
  const auto part = [](const char* text) { return parse_bars(text, {})->bars; };
  const BarColumns first = part("0,1,1,1,1,1\n60,2,2,2,2,2\n");
  const BarColumns second = part("60,2,2,2,2,2\n120,3.5,3.5,3.5,3.5,3\n");
  const auto joined = join_bars({second, first});
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->open, (std::vector<std::int64_t>{10, 20, 35}));
  EXPECT_EQ(joined->open_f[2], 3.5);
  const auto differs = join_bars({first, part("60,9,9,9,9,2\n120,3,3,3,3,3\n")});
  ASSERT_FALSE(differs);
  EXPECT_EQ(differs.error().fault, ImportFault::conflict);
  EXPECT_FALSE(join_bars({first, part("0,1,1,1,1,1\n3600,1,1,1,1,1\n")})) << "different intervals";
}

}  // namespace
}  // namespace prom
