// The best and the worst of a trade: prices from its entry fill to its exit fill, both of which count.
#include "house.h"

namespace prom::scenario {
using namespace literals;
namespace {

JournalEntry last_trade(const House& house) {
  for (auto it = house.events.rbegin(); it != house.events.rend(); ++it)
    if (const auto* closed = std::get_if<RoundTripClosed>(&*it)) return closed->entry;
  ADD_FAILURE() << "no round trip was closed";
  return {};
}

void close_at(House& house, std::int64_t quantity, std::int64_t price) {
  house.take(ProposalPosted{house.closing()});
  const OrderId exit = house.venue.placed.back().id;
  house.take(VenueAccepted{exit});
  house.take(VenueFilled{house.fill(exit, quantity, price)});
}

TEST(Excursion, PricesBeforeTheEntryDoNotCount) {
  House house;
  house.price(10'060);
  house.open(1'000, 10'000);  // filled below the last close
  EXPECT_EQ(house.holding()->best.v, 10'000);
  EXPECT_EQ(house.holding()->worst.v, 10'000);
  house.bar(10'020, 9'990, 10'000);
  close_at(house, 1'000, 10'010);
  EXPECT_EQ(last_trade(house).best_excursion, "0.2"_dec);
  EXPECT_EQ(last_trade(house).worst_excursion, "-0.1"_dec);
}

TEST(Excursion, TheExitFillCounts) {
  House house;
  house.open(1'000, 10'000);
  house.bar(10'010, 9'990, 10'000);
  close_at(house, 1'000, 9'500);
  EXPECT_EQ(last_trade(house).gross, "-5"_dec);
  EXPECT_EQ(last_trade(house).worst_excursion, "-5"_dec) << "a trade was never better than its worst";
  house.open(1'000, 10'000);
  close_at(house, 1'000, 10'700);
  EXPECT_EQ(last_trade(house).best_excursion, "7"_dec);
}

TEST(Excursion, ATurnBeginsAtItsFill) {
  House house;
  house.open(1'000, 10'000);
  house.bar(10'050, 9'950, 10'000);
  Fill turn = house.fill(OrderId{999}, 3'000, 9'900);  // of nobody's order: closes the long and opens a short
  turn.side = Side::sell;
  house.take(VenueFilled{turn});
  EXPECT_EQ(last_trade(house).worst_excursion, "-1"_dec);
  ASSERT_EQ(house.holding()->position.quantity.v, -2'000);
  EXPECT_EQ(house.holding()->best.v, 9'900);
  EXPECT_EQ(house.holding()->worst.v, 9'900);
}

TEST(Excursion, ATrailingStopFollowsFromTheEntryNotFromWhatWasBefore) {
  House house;
  house.price(10'100);
  TradeProposal proposal = house.opening(1'000, 9'800);
  proposal.trailing_distance = PriceUnits{200};
  house.take(ProposalPosted{proposal});
  const OrderId entry = house.venue.placed.back().id;
  house.take(VenueAccepted{entry});
  house.take(VenueFilled{house.fill(entry, 1'000, 10'000)});
  const OrderSpec stop = house.venue.placed.back();
  ASSERT_EQ(stop.purpose, OrderPurpose::stop_loss);
  house.take(VenueAccepted{stop.id});
  house.bar(10'050, 10'000, 10'050);
  ASSERT_FALSE(house.venue.amended.empty());
  EXPECT_EQ(house.venue.amended.back().trigger, PriceUnits{9'850}) << "200 below the best since the entry, not below 101.00";
}

}  // namespace
}  // namespace prom::scenario
