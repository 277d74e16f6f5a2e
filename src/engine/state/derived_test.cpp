// Derived fields: what apply() keeps by small steps must be what rebuild_derived() makes from nothing, after every kind of event and input in any order, or a
// recovered engine would review otherwise than one that ran on. The review is held against its plain form along the way.
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "engine/risk/review_reference.h"
#include "engine/risk/review_states.h"
#include "engine/state/apply_input.h"
#include "engine/state/snapshot.h"

namespace prom {
namespace {

using review_states::Maker;

/// What differs, in a word; empty where nothing does.
std::string difference(const EngineState& a, const EngineState& b) {
  if (!(a.gates == b.gates)) return "instrument gates";
  if (a.spot_of_asset != b.spot_of_asset) return "spot prices of assets";
  for (std::size_t i = 0; i < a.accounts.size(); ++i) {
    if (!(a.accounts[i].hot == b.accounts[i].hot)) return "hot holdings of account " + std::to_string(i);
    if (!(a.accounts[i].book == b.accounts[i].book)) return "risk book of account " + std::to_string(i);
  }
  for (std::size_t i = 0; i < a.pairs.size(); ++i)
    if (!(a.pairs[i].gate == b.pairs[i].gate)) return "gate of pair " + std::to_string(i);
  for (std::size_t i = 0; i < a.users.size(); ++i)
    if (a.users[i].loss_floor != b.users[i].loss_floor) return "loss floor of user " + std::to_string(i);
  return {};
}

void expect_rebuilt_the_same(const EngineState& state, const std::string& after) {
  EngineState rebuilt = state;
  rebuild_derived(rebuilt);
  EXPECT_EQ(difference(state, rebuilt), "") << after;
  const auto restored = decode_snapshot(encode_snapshot(state));
  ASSERT_TRUE(restored.has_value()) << after;
  EXPECT_EQ(difference(state, *restored), "") << "restored, " << after;
}

void take(EngineState& state, InputBody body) { apply_input(state, Input{state.now, state.seq + 1, std::move(body)}); }

/// One random event or input on a state; returns its name.
class Mover {
 public:
  explicit Mover(Maker& make) : make_(make) {}

  std::string move(EngineState& state) {
    switch (make_.rng.below(16)) {
      case 0: return price(state);
      case 1: return post(state);
      case 2:
      case 3: return position(state);
      case 4:
      case 5: return order(state);
      case 6:
      case 7: return order_moves(state);
      case 8: return fill(state);
      case 9: return approve(state);
      case 10: return user_event(state);
      case 11: return setting(state);
      case 12: return limits(state);
      case 13: return pair(state);
      case 14: return account(state);
      default: return reconcile(state);
    }
  }

 private:
  template <class T>
  std::size_t any(const std::vector<T>& table) {
    return make_.rng.below(table.size());
  }
  std::string price(EngineState& state) {
    const auto ix = any(state.instruments);
    const PriceUnits last{make_.sized(7)};
    apply_market(state, InstrumentIx{static_cast<std::uint16_t>(ix)}, last, last, last, state.now);
    return "a price";
  }
  std::string post(EngineState& state) {
    Posting posting;
    posting.account = AccountIx{static_cast<std::uint32_t>(any(state.accounts))};
    posting.asset = AssetIx{static_cast<std::uint16_t>(make_.one_in(4) ? any(state.assets) : 0)};
    posting.amount = Decimal::from_mantissa(make_.sized(17) - make_.sized(16));
    apply(state, Posted{posting});
    return "a posting";
  }
  std::string position(EngineState& state) {
    Position p;
    p.account = AccountIx{static_cast<std::uint32_t>(any(state.accounts))};
    p.instrument = InstrumentIx{static_cast<std::uint16_t>(any(state.instruments))};
    p.leg = leg(state, p.account);
    p.quantity = {make_.one_in(3) ? 0 : make_.sized(6) * (make_.one_in(3) ? -1 : 1)};
    p.cost = p.is_flat() ? Decimal{} : Decimal::from_mantissa(make_.sized(17));
    p.version = make_.rng.below(3);
    apply(state, PositionSet{p, {}});
    return "a position";
  }
  PositionLeg leg(const EngineState& state, AccountIx account) {
    if (state.accounts[account.v].account.position_mode == PositionMode::one_way) return PositionLeg::net;
    return make_.pick<PositionLeg>({PositionLeg::long_leg, PositionLeg::short_leg});
  }
  std::string order(EngineState& state) {
    OrderSpec spec;
    spec.id = OrderId{state.next_order};
    spec.account = AccountIx{static_cast<std::uint32_t>(any(state.accounts))};
    spec.instrument = InstrumentIx{static_cast<std::uint16_t>(any(state.instruments))};
    spec.leg = leg(state, spec.account);
    spec.side = make_.pick<Side>({Side::buy, Side::sell});
    spec.effect = make_.one_in(4) ? Effect::reduce_only : Effect::open_or_add;
    spec.quantity = {make_.sized(6)};
    apply(state, OrderCreated{spec}, state.now);
    return "an order";
  }
  std::string order_moves(EngineState& state) {
    if (state.orders.empty()) return order(state);
    const Order& order = state.orders[make_.rng.below(state.orders.size())];
    const auto kind = static_cast<OrderEventKind>(make_.rng.below(static_cast<std::uint64_t>(OrderEventKind::filled) + 1));
    if (kind == OrderEventKind::filled || kind == OrderEventKind::partially_filled || !next_state(order.state, kind)) return "nothing";
    apply(state, OrderMoved{order.spec.id, kind, {}}, state.now);
    return "an order's move";
  }
  std::string fill(EngineState& state) {
    if (state.orders.empty()) return order(state);
    const Order& order = state.orders[make_.rng.below(state.orders.size())];
    Fill fill;
    fill.trade = VenueTradeId{++trades_};
    fill.order = order.spec.id;
    fill.account = order.spec.account;
    fill.instrument = order.spec.instrument;
    fill.leg = order.spec.leg;
    fill.side = order.spec.side;
    fill.price = {100};
    fill.quantity = {std::max<std::int64_t>(1, order.remaining().v / make_.rng.range(1, 2))};
    apply(state, FillApplied{fill}, state.now);
    return "a fill";
  }
  std::string approve(EngineState& state) {
    TradeProposal proposal = make_.proposal(state);
    if (proposal.intent > Intent::close) return "nothing";
    if (proposal.pair.v >= state.pairs.size() || proposal.account.v >= state.accounts.size() || proposal.instrument.v >= state.instruments.size())
      return "nothing";
    proposal.id = ProposalId{state.next_proposal};
    apply(state, ProposalReceived{proposal});
    apply(state, ProposalApproved{proposal.id, proposal.quantity, Decimal{}});
    return "an approval";
  }
  std::string user_event(EngineState& state) {
    const UserIx user{static_cast<std::uint32_t>(any(state.users))};
    const auto kind = static_cast<BreakerKind>(make_.rng.below(6));
    switch (make_.rng.below(5)) {
      case 0: apply(state, BreakerTripped{user, kind, Decimal{}, Decimal{}, kNever}); break;
      case 1:
      case 2: apply(state, BreakerResumed{user, kind}); break;
      case 3: apply(state, KillSwitchMoved{user, make_.pick<KillPhase>({KillPhase::cancelling, KillPhase::flat}), "test"}); break;
      default: apply(state, KillSwitchMoved{user, KillPhase::released, {}}); break;
    }
    return "a breaker or the kill switch";
  }
  std::string setting(EngineState& state) {
    const PairIx pair{static_cast<std::uint32_t>(any(state.pairs))};
    switch (make_.rng.below(3)) {
      case 0:
        take(state, TradingStateSet{UserIx{static_cast<std::uint32_t>(any(state.users))},
                                    make_.pick<TradingState>({TradingState::active, TradingState::active, TradingState::reducing}),
                                    {}});
        break;
      case 1: take(state, PairStateSet{pair, make_.pick<PairState>({PairState::active, PairState::paused}), {}}); break;
      default: take(state, DeciderStatusSet{pair, make_.pick<DeciderStatus>({DeciderStatus::active, DeciderStatus::probation}), {}}); break;
    }
    return "a setting";
  }
  std::string limits(EngineState& state) {
    const UserIx user{static_cast<std::uint32_t>(any(state.users))};
    if (make_.one_in(2)) {
      take(state, LimitsSet{user, make_.limits()});
    } else {
      User again = state.users[user.v].user;
      again.limits = make_.limits();
      take(state, UserRegistered{again});
    }
    return "limits";
  }
  std::string pair(EngineState& state) {
    TradingPair again = state.pairs[any(state.pairs)].pair;
    again.leverage = Decimal::from_int(make_.rng.range(1, 9));
    again.budget = make_.one_in(2) ? Decimal{} : Decimal::from_int(1'000);
    take(state, PairRegistered{again});
    return "a pair registered again";
  }
  std::string account(EngineState& state) {
    if (make_.one_in(2)) {
      Instrument again = make_.instrument(static_cast<std::uint16_t>(any(state.instruments)), Payoff::linear);
      take(state, InstrumentRegistered{again});
      return "an instrument registered again";
    }
    Account again = state.accounts[any(state.accounts)].account;
    again.user = UserIx{static_cast<std::uint32_t>(any(state.users))};
    again.reporting_asset = AssetIx{static_cast<std::uint16_t>(make_.rng.below(2))};
    take(state, AccountRegistered{again});
    return "an account registered again";
  }
  std::string reconcile(EngineState& state) {
    apply(state, ReconcileSet{AccountIx{static_cast<std::uint32_t>(any(state.accounts))}, make_.one_in(3) ? 1U : 0U, kNever});
    return "a reconciliation";
  }

  Maker& make_;
  std::uint64_t trades_ = 0;
};

TEST(DerivedState, IsWhatARebuildMakesAfterAnyEvents) {
  constexpr std::uint64_t kSeed = 77;
  Maker make(kSeed);
  Mover mover(make);
  for (int world = 0; world < 1'000 && !HasFailure(); ++world) {
    EngineState state = make.state();
    std::string history;
    for (int n = 0; n < 60 && !HasFailure(); ++n) {
      history = "seed " + std::to_string(kSeed) + ", world " + std::to_string(world) + ", step " + std::to_string(n) + ": " + mover.move(state);
      expect_rebuilt_the_same(state, history);
      const TradeProposal proposal = make.proposal(state);
      const auto expected = reference::review(state, proposal);
      const auto got = RiskEngine::review(state, proposal);
      ASSERT_EQ(got.has_value(), expected.has_value()) << history;
      if (got) EXPECT_TRUE(got->quantity == expected->quantity && got->risked == expected->risked) << history;
      if (!got) EXPECT_TRUE(got.error() == expected.error()) << history;
    }
  }
}

/// The margin that positions of a pair tie up followed its first leverage while the engine ran, and its last one after a restart.
TEST(DerivedState, MarginFollowsAPairRegisteredAgainWithAnotherLeverage) {
  Maker make(1);
  EngineState state = make.state();
  const PairIx pair{0};
  TradeProposal proposal;
  proposal.id = ProposalId{state.next_proposal};
  proposal.pair = pair;
  proposal.account = state.pairs[0].pair.account;
  proposal.instrument = state.pairs[0].pair.instrument;
  apply(state, ProposalReceived{proposal});
  apply(state, ProposalApproved{proposal.id, {1}, Decimal{}});
  TradingPair again = state.pairs[0].pair;
  again.leverage = Decimal::from_int(8);
  take(state, PairRegistered{again});
  const std::size_t index = static_cast<std::size_t>(state.find_holding(proposal.account, proposal.instrument, PositionLeg::net) -
                                                     state.accounts[proposal.account.v].holdings.data());
  EXPECT_EQ(state.accounts[proposal.account.v].hot[index].margin_ppm, 125'000U);
  expect_rebuilt_the_same(state, "a pair registered again");
}

/// The exposure of holdings kept the group of an instrument's first registration while the engine ran, and had the last one after a restart.
TEST(DerivedState, GroupFollowsAnInstrumentRegisteredAgain) {
  Maker make(3);
  EngineState state = make.state();
  Position position;
  position.quantity = {5};
  apply(state, PositionSet{position, {}});
  Instrument again = state.instruments[0];
  again.group = 4'242;
  take(state, InstrumentRegistered{again});
  const AccountState& account = state.accounts[0];
  EXPECT_EQ(account.hot[account.by_instrument[0] - 1].group, 4'242);
  expect_rebuilt_the_same(state, "an instrument registered again");
}

/// An engine that runs, one that recovers frame by frame from what the first recorded, and one restored from its snapshot.
TEST(DerivedState, IsTheSameAfterRecoveryAndRestoreAsInARunThatWentOn) {
  Maker make(11);
  Engine live, recovered;
  Frame frame;
  std::uint64_t sequence = 0, trade = 0;
  TimeNs now = review_states::kNow;
  const auto step = [&](InputBody body) {
    now = now + kSecond;
    live.step(Input{now, ++sequence, std::move(body)}, frame);
    recovered.recover(RecordedFrame{frame.seq, frame.input, frame.events, {}});
  };
  for (std::uint16_t a = 0; a < 4; ++a) step(AssetRegistered{AssetIx{a}, "A" + std::to_string(a)});
  for (std::uint16_t i = 0; i < 3; ++i) {
    step(InstrumentRegistered{make.instrument(i, i == 2 ? Payoff::spot : Payoff::linear)});
    step(BarClosed{InstrumentIx{i}, kMinute, Bar{now - kMinute, {1'000}, {1'000}, {1'000}, {1'000}, {1}}});
  }
  User user;
  user.limits = limits_for(RiskLevel::aggressive);
  step(UserRegistered{user});
  step(AccountRegistered{Account{}});
  for (std::uint32_t p = 0; p < 3; ++p) {
    TradingPair pair;
    pair.ix = PairIx{p};
    pair.instrument = InstrumentIx{static_cast<std::uint16_t>(p)};
    pair.leverage = kDecimalOne;
    step(PairRegistered{pair});
  }
  step(TransferBooked{AccountIx{0}, Money{AssetIx{0}, Decimal::from_int(1'000'000'000)}});
  for (int n = 0; n < 400; ++n) {
    const auto ix = static_cast<std::uint16_t>(make.rng.below(3));
    switch (make.rng.below(3)) {
      case 0: step(TradePrinted{InstrumentIx{ix}, {make.rng.range(900, 1'100)}, {1}, Side::buy}); break;
      case 1: {
        TradeProposal proposal = make.proposal(live.state());
        proposal.as_of.time = proposal.expires_at = now + kMinute;
        proposal.as_of.time = now;
        step(ProposalPosted{proposal});
        break;
      }
      default: {
        Fill fill;
        fill.trade = VenueTradeId{++trade};
        fill.instrument = InstrumentIx{ix};
        fill.order = OrderId{make.rng.below(live.state().next_order + 1)};
        if (const Order* order = live.state().find_order(fill.order)) fill.instrument = order->spec.instrument;
        fill.source = FillSource::liquidation;
        fill.side = make.pick<Side>({Side::buy, Side::sell});
        fill.price = {1'000};
        fill.quantity = {make.sized(4)};
        step(VenueFilled{fill});
      }
    }
    ASSERT_EQ(digest_of(live.state()), digest_of(recovered.state())) << n;
    ASSERT_EQ(difference(live.state(), recovered.state()), "") << n;
    Engine restored;
    restored.restore(decode_snapshot(encode_snapshot(live.state())).value());
    ASSERT_EQ(difference(live.state(), restored.state()), "") << n;
  }
  EXPECT_GT(live.state().orders.size(), 5U);
  EXPECT_GT(live.state().accounts[0].book.in_use, 0U);
}

}  // namespace
}  // namespace prom
