// The rules of the lexicon; and, where a file of rated texts is named, how often people agree (README.md).
#include "analysis/sentiment/sentiment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace prom::sentiment {
namespace {

TEST(Mood, is_the_bounded_sum_of_valences) {
  EXPECT_DOUBLE_EQ(mood_of("Bitcoin surges").score, 3.0 / 7.0);
  EXPECT_DOUBLE_EQ(mood_of("Exchange hacked, tokens stolen").score, -6.0 / 10.0);
  EXPECT_EQ(mood_of("The committee met on Tuesday").words, 0U);
  EXPECT_EQ(mood_of("The committee met on Tuesday").score, 0.0);
  EXPECT_EQ(mood_of("").score, 0.0);
  EXPECT_EQ(mood_of("BITCOIN SURGES").score, mood_of("bitcoin surges").score);
}

TEST(Mood, negation_turns_round_and_weakens_within_three_words_of_a_sentence) {
  EXPECT_DOUBLE_EQ(mood_of("Bitcoin is not bullish").score, -2.22 / 6.22);
  EXPECT_DOUBLE_EQ(mood_of("not a very bullish day").score, -2.775 / 6.775) << "booster and negation";
  EXPECT_DOUBLE_EQ(mood_of("not one two three bullish").score, 3.0 / 7.0) << "out of reach";
  EXPECT_DOUBLE_EQ(mood_of("No. Bullish").score, 3.0 / 7.0) << "another sentence";
  EXPECT_GT(mood_of("Firm denies insolvency").score, 0);
}

TEST(Mood, typographic_apostrophes_are_apostrophes) {
  EXPECT_DOUBLE_EQ(mood_of("Bitcoin won't crash").score, 2.22 / 6.22);
  EXPECT_DOUBLE_EQ(mood_of("Bitcoin won\u2019t crash").score, 2.22 / 6.22);
  EXPECT_DOUBLE_EQ(mood_of("Bitcoin won\u2018t crash").score, 2.22 / 6.22);
  EXPECT_DOUBLE_EQ(mood_of("\u2018Crash\u2019 ahead").score, -3.0 / 7.0) << "around a word they are quotation marks";
  EXPECT_DOUBLE_EQ(mood_of("'Crash' ahead").score, -3.0 / 7.0);
  EXPECT_EQ(mood_of("\u2019 ' \u2018").words, 0U);
  EXPECT_EQ(mood_of("\xE2\x80").words, 0U) << "a character that was cut";
}

TEST(Mood, a_point_within_a_number_or_an_abbreviation_ends_no_sentence) {
  EXPECT_DOUBLE_EQ(mood_of("not a 3.5% crash").score, 2.22 / 6.22);
  EXPECT_DOUBLE_EQ(mood_of("no U.S. crash").score, 2.22 / 6.22);
  EXPECT_DOUBLE_EQ(mood_of("not coinbase.com crash").score, 2.22 / 6.22);
  EXPECT_DOUBLE_EQ(mood_of("It was not. Crash").score, -3.0 / 7.0);
  EXPECT_DOUBLE_EQ(mood_of("not 3.5. Crash").score, -3.0 / 7.0) << "the second point ends one";
  EXPECT_DOUBLE_EQ(mood_of("not... crash").score, -3.0 / 7.0);
}

TEST(Mood, intensity_orders_texts) {
  const double plain = mood_of("ether falls").score;
  EXPECT_LT(mood_of("ether sharply falls").score, plain);
  EXPECT_GT(mood_of("ether slightly falls").score, plain);
}

TEST(Mood, phrases_outrank_their_words) {
  EXPECT_DOUBLE_EQ(mood_of("an all-time low").score, -3.0 / 7.0);
  EXPECT_DOUBLE_EQ(mood_of("Fed announces rate cut").score, 2.0 / 6.0);
  EXPECT_DOUBLE_EQ(mood_of("all-time. High").score, 1.0 / 5.0) << "two sentences";
}

TEST(Mood, stays_within_its_bounds_on_any_text) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "crash ";
  const Mood mood = mood_of(text);
  EXPECT_EQ(mood.words, 400U);
  EXPECT_GT(mood.score, -1.0);
  text.assign(1'000'000, '\xFF');
  EXPECT_EQ(mood_of(text).words, 0U);
}

TEST(Mentions, are_names_tickers_in_capitals_and_dollar_tickers) {
  using List = std::vector<std::string>;
  EXPECT_EQ(mentioned_assets("Bitcoin and ETH rally; $sol lags"), (List{"BTC", "ETH", "SOL"}));
  EXPECT_EQ(mentioned_assets("Bitcoin's bitcoin-based BTC-USD"), (List{"BTC"}));
  EXPECT_EQ(mentioned_assets("click the link near the sol dot"), List{});
  EXPECT_EQ(mentioned_assets("LINK gains"), (List{"LINK"}));
  EXPECT_EQ(mentioned_assets(""), List{});
}

TEST(Mentions, of_typeset_texts_are_the_same) {
  using List = std::vector<std::string>;
  EXPECT_EQ(mentioned_assets("Bitcoin\u2019s rise lifts \u2018ETH\u2019"), (List{"BTC", "ETH"}));
}

TEST(Mentions, of_one_coin_need_no_list) {
  EXPECT_TRUE(names_asset("AAVE hacked", "AAVE"));
  EXPECT_TRUE(names_asset("Buying $paxg today", "PAXG"));
  EXPECT_TRUE(names_asset("PAXG's premium", "PAXG"));
  EXPECT_FALSE(names_asset("paxg", "PAXG")) << "neither in capitals nor behind a $";
  EXPECT_FALSE(names_asset("AAVE hacked", "PAXG"));
  EXPECT_TRUE(names_asset("Bitcoin rises", "BTC")) << "by name, as before";
  EXPECT_FALSE(names_asset("OP wins", "OP"));
  EXPECT_TRUE(names_asset("$OP wins", "OP"));
  EXPECT_TRUE(names_asset("PEPE falls", "1000PEPE"));
  EXPECT_FALSE(names_asset("- $- $", ""));
}

// PROM_MOOD_TRUTH names a file of lines `id <tab> mean of people's ratings <tab> text` (README.md says whose were measured).
TEST(LabelledTexts, moods_have_the_sign_that_people_gave) {
  const char* path = std::getenv("PROM_MOOD_TRUTH");
  if (path == nullptr) GTEST_SKIP() << "PROM_MOOD_TRUTH names no file of rated texts: not compared";
  std::ifstream in(path);
  std::string line;
  int texts = 0, known = 0, clear = 0, agreed = 0;
  while (std::getline(in, line)) {
    const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
    ASSERT_NE(second, std::string::npos) << line;
    const double people = std::stod(line.substr(first + 1, second - first - 1));
    const Mood mood = mood_of(std::string_view(line).substr(second + 1));
    ++texts;
    known += mood.words > 0 ? 1 : 0;
    if (mood.score == 0 || std::abs(people) < 0.5) continue;
    ++clear;
    agreed += (mood.score > 0) == (people > 0) ? 1 : 0;
  }
  ASSERT_GT(clear, 100) << path << " rates too few texts that the lexicon knows a word of";
  RecordProperty("texts", texts);
  RecordProperty("known", known);
  RecordProperty("clear", clear);
  RecordProperty("agreed", agreed);
  std::printf("%d texts, a known word in %d; of %d that people rated clearly the sign agrees in %.3f\n", texts, known, clear, 1.0 * agreed / clear);
  EXPECT_GT(agreed, 0.55 * clear);
}

}  // namespace
}  // namespace prom::sentiment
