// What a user is worth: conversion prices that are too old leave it unknown, and coins that come or go are neither gain nor loss.
#include "house.h"

namespace prom::scenario {
namespace {

constexpr AssetIx kUsdt{0}, kCoin{2};

void coins(House& house, std::int64_t amount) { house.take(TransferBooked{AccountIx{0}, Money{kCoin, Decimal::from_int(amount)}}); }
void convert(House& house, std::int64_t price) { house.take(ConversionPrice{kCoin, kUsdt, Decimal::from_int(price)}); }
/// Bars of the traded instrument alone.
void pass(House& house, int minutes, std::int64_t close = 10'000) {
  for (int i = 0; i < minutes; ++i) house.price(close);
}
bool opens(House& house, std::int64_t quantity = 1'000, std::size_t instrument = 0) {
  const std::size_t placed = house.venue.placed.size();
  house.take(ProposalPosted{house.opening(quantity, 9'800, instrument)});
  return house.venue.placed.size() > placed;
}

TEST(Pains, p29_a_conversion_price_that_is_too_old_leaves_equity_unknown_and_blocks_entries) {
  House house(2);
  convert(house, 50);
  coins(house, 3);
  pass(house, 10);
  EXPECT_FALSE(opens(house));
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::equity_unknown);
  convert(house, 50);
  EXPECT_TRUE(opens(house));
}

TEST(Pains, p29_a_coin_priced_by_a_market_that_went_silent_leaves_equity_unknown_and_blocks_entries) {
  House house(2, Payoff::spot);
  coins(house, 3);
  house.price(10'000, 1);
  pass(house, 10);
  EXPECT_FALSE(opens(house));
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::equity_unknown);
  house.price(10'000, 1);
  house.price(10'000);
  EXPECT_TRUE(opens(house));
}

TEST(Pains, p29_an_equity_that_rests_on_an_old_price_trips_nothing_and_closing_goes_on) {
  House house(2);
  convert(house, 50);
  coins(house, 3);
  house.open(200'000, 10'000);
  house.take(VenueAccepted{house.venue.placed.back().id});
  pass(house, 10);
  house.bar(10'000, 7'400, 10'000);  // 5,200 of 100,000
  EXPECT_TRUE(house.user().breakers.empty());
  convert(house, 50);
  house.bar(10'000, 7'400, 10'000);
  EXPECT_EQ(house.user().breakers.size(), 2U) << "calendar day and rolling 24 h, as soon as it is known again";
  pass(house, 10);
  house.take(ProposalPosted{house.closing()});
  EXPECT_EQ(house.venue.placed.back().purpose, OrderPurpose::close);
}

TEST(Pains, p29_no_day_begins_with_an_equity_that_rests_on_an_old_price) {
  House house(2);
  convert(house, 50);
  coins(house, 1'000);
  const TimeNs before = house.user().day_start;
  house.now = floor_to(house.now, kDay) + kDay;
  pass(house, 10);
  EXPECT_EQ(house.user().day_start, before);
  convert(house, 60);
  pass(house, 2);
  EXPECT_GT(house.user().day_start, before);
  EXPECT_EQ(house.user().day_start_equity, Decimal::from_int(160'000));
}

TEST(Pains, p29_coins_that_are_withdrawn_are_no_loss) {
  House house(2);
  convert(house, 50);
  coins(house, 1'000);  // worth 50,000
  pass(house, 1);
  EXPECT_EQ(house.user().peak_equity, Decimal::from_int(150'000));
  EXPECT_EQ(house.user().day_transfers, Decimal::from_int(50'000)) << "the cash came before the first day began";
  house.open(1'000);
  house.take(VenueAccepted{house.venue.placed.back().id});
  coins(house, -900);  // 30 % of the equity
  pass(house, 1);
  EXPECT_TRUE(house.user().breakers.empty());
  EXPECT_EQ(house.user().peak_equity, Decimal::from_int(105'000));
}

TEST(Pains, p29_coins_that_are_deposited_hide_no_loss) {
  House house(2);
  house.wait(kMinute);
  convert(house, 50);
  house.open(200'000, 10'000);
  house.take(VenueAccepted{house.venue.placed.back().id});
  coins(house, 1'000);
  house.bar(10'000, 5'000, 10'000);  // 10,000 of 150,000: more than 5 % of what there is with the deposit
  EXPECT_EQ(house.user().breakers.size(), 2U) << "calendar day and rolling 24 h";
}

TEST(Pains, p29_coins_whose_price_comes_later_are_no_gain_when_it_comes) {
  House house(2);
  house.wait(kMinute);
  const Decimal peak = house.user().peak_equity, day = house.user().day_transfers;
  coins(house, 1'000);
  EXPECT_EQ(house.user().peak_equity, peak) << "nobody knows what they are worth";
  const auto restored = decode_snapshot(encode_snapshot(house.state()));
  ASSERT_TRUE(restored.has_value());
  EXPECT_EQ(restored->users[0].unpriced.size(), 1U);
  convert(house, 50);
  EXPECT_EQ(house.user().peak_equity, peak + Decimal::from_int(50'000));
  EXPECT_EQ(house.user().day_transfers, day + Decimal::from_int(50'000));
  EXPECT_TRUE(house.user().unpriced.empty());
  convert(house, 60);
  EXPECT_EQ(house.user().day_transfers, day + Decimal::from_int(50'000)) << "once; from then on it is gain";
}

TEST(Pains, p29_coins_that_the_first_bar_of_their_market_prices_are_no_gain) {
  House house(0);
  house.take(AssetRegistered{AssetIx{1}, "COIN"});
  Instrument spot = test_data::perpetual(0);
  spot.payoff = Payoff::spot;
  spot.tiers.clear();
  spot.funding_interval = DurationNs{};
  house.take(InstrumentRegistered{spot});
  house.take(TransferBooked{AccountIx{0}, Money{AssetIx{1}, Decimal::from_int(10)}});
  EXPECT_EQ(house.user().peak_equity, Decimal::from_int(100'000));
  house.price(10'000);
  EXPECT_EQ(house.user().peak_equity, Decimal::from_int(101'000));
}

}  // namespace
}  // namespace prom::scenario
