// Entries that wait at a venue are withdrawn when new risk is barred: they were approved before it was.
#include "house.h"

namespace prom::scenario {
namespace {

/// Two markets: an entry waits on the second, and something is held on the first where `held` is not 0.
struct Waiting {
  explicit Waiting(std::int64_t held = 0) {
    if (held != 0) {
      house.open(held);
      house.take(VenueAccepted{house.venue.placed.back().id});
    }
    TradeProposal proposal = house.opening(1'000, 9'700, 1);
    proposal.limit = PriceUnits{9'900};
    house.take(ProposalPosted{proposal});
    entry = house.venue.placed.back();
    house.take(VenueAccepted{entry.id});
  }
  bool withdrawn() const {
    return std::ranges::any_of(house.venue.cancelled, [&](const CancelSpec& cancel) { return cancel.order == entry.id; });
  }

  House house{2};
  OrderSpec entry;
};

TEST(WithdrawnEntries, ABreakerOfLossesTakesThemBack) {
  Waiting w(200'000);
  ASSERT_FALSE(w.withdrawn());
  w.house.bar(10'000, 7'400, 10'000);
  ASSERT_FALSE(w.house.user().breakers.empty());
  EXPECT_TRUE(w.withdrawn()) << "no new positions means those that wait as well";
}

TEST(WithdrawnEntries, ASilentFeedTakesThemBack) {
  Waiting w(1'000);
  w.house.wait(DurationNs{600'000'000'000});
  ASSERT_FALSE(w.house.user().breakers.empty());
  EXPECT_TRUE(w.withdrawn());
}

TEST(WithdrawnEntries, AUserWhoReducesOrHaltsTakesThemBack) {
  for (const TradingState state : {TradingState::reducing, TradingState::halted}) {
    Waiting w;
    w.house.take(TradingStateSet{UserIx{0}, state, "test"});
    EXPECT_TRUE(w.withdrawn()) << static_cast<int>(state);
  }
  Waiting w;
  w.house.take(TradingStateSet{UserIx{0}, TradingState::active, "test"});
  EXPECT_FALSE(w.withdrawn());
}

TEST(WithdrawnEntries, APausedPairAndADisabledDeciderTakeBackTheirOwn) {
  Waiting other;
  other.house.take(PairStateSet{PairIx{0}, PairState::paused, "test"});
  other.house.take(DeciderStatusSet{PairIx{0}, DeciderStatus::disabled, "test"});
  EXPECT_FALSE(other.withdrawn());
  Waiting paused;
  paused.house.take(PairStateSet{PairIx{1}, PairState::paused, "test"});
  EXPECT_TRUE(paused.withdrawn());
  Waiting disabled;
  disabled.house.take(DeciderStatusSet{PairIx{1}, DeciderStatus::probation, "test"});
  EXPECT_FALSE(disabled.withdrawn());
  disabled.house.take(DeciderStatusSet{PairIx{1}, DeciderStatus::disabled, "test"});
  EXPECT_TRUE(disabled.withdrawn());
}

TEST(WithdrawnEntries, AQuarantineTakesBackThoseOfItsInstrument) {
  for (const std::uint16_t instrument : {0, 1}) {
    Waiting w;
    VenueSnapshot there;
    there.positions.push_back({InstrumentIx{instrument}, PositionLeg::net, {700}});
    VenueOpenOrder order;
    order.client_id = w.entry.client_id;
    order.instrument = w.entry.instrument;
    order.quantity = w.entry.quantity;
    order.limit = w.entry.limit;
    there.orders.push_back(order);
    for (std::uint32_t i = 0; i < EngineOptions{}.reconcile_attempts; ++i) w.house.take(there);
    EXPECT_EQ(w.withdrawn(), instrument == 1) << instrument;
  }
}

TEST(WithdrawnEntries, ABreakerThatTripsAfterAMidnightWithoutEquityLastsToTheNext) {
  House house;
  house.take(TransferBooked{AccountIx{0}, Money{AssetIx{1}, Decimal::from_int(3)}});  // a coin that nothing prices: equity is unknown
  house.wait(DurationNs{2 * kDay.ns});
  house.price(10'000);
  ASSERT_LE(house.user().next_day, house.now) << "the day could not begin";
  RiskLimits limits = house.user().user.limits;
  limits.max_errors_per_hour = 1;
  house.take(LimitsSet{UserIx{0}, limits});
  house.take(ConversionPrice{AssetIx{1}, AssetIx{0}, Decimal::from_int(50)});
  house.take(ProposalPosted{house.opening(1'000, 9'800)});
  ASSERT_FALSE(house.venue.placed.empty());
  house.take(VenueRejected{house.venue.placed.back().id, RejectCode::unknown, "test"});
  ASSERT_EQ(house.user().breakers.size(), 1U);
  EXPECT_GT(house.user().breakers[0].until, house.now);
  EXPECT_EQ(house.user().breakers[0].until.ns % kDay.ns, 0);
}

}  // namespace
}  // namespace prom::scenario
