// Replies in the form of Deribit's API reference: public/get_book_summary_by_currency and public/get_last_trades_by_currency.
#include "adapters/feeds/deribit/deribit.h"

#include <gtest/gtest.h>

#include <string>

namespace prom {
namespace {

constexpr TimeNs kFetched{1'790'000'000'000'000'000};

constexpr const char* kReply =
    R"({"jsonrpc":"2.0","result":[{"volume":12.5,"underlying_price":99250.4,"underlying_index":"BTC-27DEC24","quote_currency":"BTC","open_interest":4021.7,"mid_price":0.0415,"mark_price":0.0412,"mark_iv":55.31,"interest_rate":0.0,"instrument_name":"BTC-27DEC24-100000-C","creation_timestamp":1733000000000,"base_currency":"BTC","ask_price":0.042},
{"volume":0.0,"underlying_price":99250.4,"open_interest":310.2,"mark_iv":61.02,"instrument_name":"BTC-27DEC24-80000-P","creation_timestamp":1733000000000,"bid_price":null},
{"volume":100.0,"open_interest":50.0,"instrument_name":"BTC-PERPETUAL","creation_timestamp":1733000000000}],"usIn":1,"usOut":2,"usDiff":1,"testnet":false})";

TEST(Deribit, reads_what_a_summary_says_of_each_option_and_nothing_of_futures) {
  const auto got = parse_deribit_option_summary(kReply, kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 8u) << "four figures of two options";
  EXPECT_EQ(got->front().subject, "BTC-27DEC24-100000-C");
  EXPECT_EQ(got->front().series, series::kOptionOpenInterest);
  EXPECT_DOUBLE_EQ(*got->front().value, 4021.7);
  EXPECT_EQ(format_rfc3339(got->front().event_time), "2024-11-30T20:53:20Z");
  EXPECT_EQ((*got)[2].series, series::kOptionVolatility);
  EXPECT_NEAR(*(*got)[2].value, 0.5531, 1e-12) << "a fraction, not percent";
  EXPECT_DOUBLE_EQ(*(*got)[3].value, 99250.4);
}

TEST(Deribit, reads_trades_by_their_legs_with_the_takers_side) {
  const auto got = parse_deribit_option_trades(
      R"({"jsonrpc":"2.0","result":{"trades":[{"timestamp":1733000000100,"price":0.064,"amount":0.1,"direction":"sell","instrument_name":"BTC-CS-27DEC24-95000_100000","trade_id":"9001","legs":[{"timestamp":1733000000100,"iv":41.0,"amount":0.1,"direction":"buy","instrument_name":"BTC-27DEC24-100000-C","trade_id":"9002"},
{"timestamp":1733000000100,"iv":83.4,"amount":0.2,"direction":"sell","instrument_name":"BTC-27DEC24-95000-C","trade_id":"9003"}]},
{"timestamp":1733000000200,"amount":3.0,"direction":"sell","instrument_name":"BTC-27DEC24-80000-P","trade_id":"9004"}],"has_more":true}})",
      kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 3u) << "the combination itself is no option";
  EXPECT_EQ((*got)[0].subject, "BTC-27DEC24-100000-C");
  EXPECT_EQ((*got)[0].id, "9002");
  EXPECT_DOUBLE_EQ(*(*got)[0].value, 0.1);
  EXPECT_DOUBLE_EQ(*(*got)[1].value, -0.2) << "the taker sold";
  EXPECT_EQ((*got)[2].subject, "BTC-27DEC24-80000-P");
  EXPECT_DOUBLE_EQ(*(*got)[2].value, -3.0);
}

TEST(Deribit, a_page_of_trades_says_until_when_the_next_one_goes) {
  const auto until = [](const char* body) { return deribit_older_trades_until(body); };
  EXPECT_EQ(until(R"({"result":{"trades":[{"timestamp":1733000000200},{"timestamp":1733000000100},{"timestamp":1733000000300}],"has_more":true}})"),
            TimeNs{1'733'000'000'100'000'000});
  for (const auto* none : {R"({"result":{"trades":[{"timestamp":1733000000200}],"has_more":false}})", R"({"result":{"trades":[{"timestamp":1733000000200}]}})",
                           R"({"result":{"trades":[],"has_more":true}})", R"({"result":{"has_more":true}})", R"({"error":{"code":1}})", "[]", "{", ""})
    EXPECT_FALSE(until(none)) << none;
}

TEST(Deribit, tells_a_refusal_from_a_reply) {
  const auto refused = parse_deribit_option_summary(R"({"error":{"code":11050,"message":"bad_request"}})", kFetched);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, FeedFault::refused);
  for (const auto* bad : {R"({"result":{}})", R"({"result":[{"instrument_name":"BTC-27DEC24-100000-C"}]})",
                          R"({"result":[{"instrument_name":"BTC-27DEC24-100000-C","creation_timestamp":1733000000000,"open_interest":-1}]})"}) {
    EXPECT_EQ(parse_deribit_option_summary(bad, kFetched).error().fault, FeedFault::malformed) << bad;
  }
}

TEST(Deribit, every_torn_reply_is_an_error) {
  const std::string whole = kReply;
  for (std::size_t n = 0; n + 2 < whole.size(); n += 5) EXPECT_FALSE(parse_deribit_option_summary(whole.substr(0, n), kFetched)) << n;
  EXPECT_EQ(parse_deribit_option_summary(std::string(kMaxFeedBytes + 1, ' '), kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
