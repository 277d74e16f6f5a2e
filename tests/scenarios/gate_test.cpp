// P26: 100,000 random and hostile proposals through the gate. No limit is breached, counted by an oracle of its own; every exit is allowed.
#include <span>

#include "base/prng.h"
#include "house.h"

namespace prom::scenario {
namespace {

/// Prices, sizes and fields as an adversary would send them: mostly plausible, sometimes absurd.
TradeProposal random_proposal(const House& house, Xoshiro256pp& rng) {
  const std::size_t instrument = rng.below(5);
  TradeProposal p = house.opening(1, 1, instrument);
  const std::int64_t last = house.state().market[instrument].last.v;
  const auto price = [&]() -> std::int64_t {
    switch (rng.below(12)) {
      case 0: return 0;
      case 1: return -last;
      case 2: return INT64_MAX;
      case 3: return INT64_MIN;
      default: return last + rng.range(-last / 20, last / 20);
    }
  };
  p.intent = static_cast<Intent>(rng.below(3));
  p.side = rng.chance(1, 2) ? Side::buy : Side::sell;
  p.quantity = {rng.chance(1, 20) ? (rng.chance(1, 2) ? INT64_MAX : -5) : rng.range(0, rng.chance(1, 4) ? 5'000'000 : 60'000)};
  p.stop.reset();
  if (!rng.chance(1, 8)) p.stop = PriceUnits{rng.chance(1, 6) ? price() : last + (p.side == Side::buy ? -1 : 1) * rng.range(1, last / 10)};
  if (rng.chance(1, 3)) p.limit = PriceUnits{price()};
  if (rng.chance(1, 4)) p.targets = {{PriceUnits{price()}, Decimal::from_units(rng.range(-5, 15), 1)}};
  if (rng.chance(1, 50)) p.targets.assign(2'000, {PriceUnits{price()}, kDecimalMax});
  if (rng.chance(1, 6)) p.ladder = {PriceUnits{price()}, PriceUnits{price()}};
  if (rng.chance(1, 200)) p.ladder.assign(5'000, PriceUnits{price()});
  if (rng.chance(1, 20)) p.expires_at = house.now - kMinute;
  if (rng.chance(1, 20)) p.position_version += 1;
  if (rng.chance(1, 20)) p.account = AccountIx{static_cast<std::uint32_t>(rng.below(1'000'000))};
  if (rng.chance(1, 20)) p.instrument = InstrumentIx{static_cast<std::uint16_t>(rng.below(60'000))};
  if (rng.chance(1, 20)) p.pair = PairIx{static_cast<std::uint32_t>(rng.below(1'000'000))};
  if (rng.chance(1, 20)) p.as_of.time = house.now + kDay;
  if (rng.chance(1, 20)) p.leg = rng.chance(1, 2) ? PositionLeg::long_leg : PositionLeg::short_leg;
  if (rng.chance(1, 10)) p.trailing_distance = PriceUnits{price()};
  return p;
}

/// The oracle: exposure and risk from the raw positions and orders, in wide floating point, none of the engine's sums.
struct Book {
  long double equity = 0, total = 0, largest = 0;
  int positions = 0;
};
Book book_of(const House& house) {
  Book book;
  const AccountState& account = house.state().accounts[0];
  book.equity = static_cast<long double>(balance_of(account, AssetIx{0}).to_double());
  for (const Holding& holding : account.holdings) {
    const long double price = static_cast<long double>(house.state().market[holding.position.instrument.v].last.v) / 100;
    const long double held = static_cast<long double>(holding.position.quantity.v) / 1'000;
    long double buys = 0, sells = 0;
    for (const OrderId id : holding.working) {
      const Order* order = house.state().find_order(id);
      if (order->spec.effect == Effect::reduce_only) continue;
      (order->spec.side == Side::buy ? buys : sells) += static_cast<long double>(order->remaining().v) / 1'000;
    }
    const long double worst = std::max(std::fabs(held + buys), std::fabs(held - sells)) * price;
    book.total += worst;
    book.largest = std::max(book.largest, worst);
    book.equity += held * price - static_cast<long double>(holding.position.cost.to_double());
    if (worst > 0) ++book.positions;
  }
  return book;
}

/// What these entries lose, each from its own price to the stop that the position has or will have. Those that ended are left out.
long double risk_of(const House& house, std::span<const OrderSpec> entries) {
  long double risk = 0;
  for (const OrderSpec& spec : entries) {
    if (spec.effect == Effect::reduce_only || is_terminal(house.state().find_order(spec.id)->state)) continue;
    const Holding* holding = house.holding(spec.instrument.v);
    const auto stop = holding->coverage.stop ? holding->coverage.stop : holding->plan ? holding->plan->stop : std::nullopt;
    if (!stop) return HUGE_VALL;
    const std::int64_t price = spec.limit ? spec.limit->v : house.state().market[spec.instrument.v].last.v;
    risk += static_cast<long double>(std::abs(price - stop->v)) / 100 * static_cast<long double>(spec.quantity.v) / 1'000;
  }
  return risk;
}

/// The entries of one proposal and what it may lose.
struct Plan {
  std::vector<OrderSpec> entries;
  long double allowed = 0;
};

/// Every cancel of an entry succeeds.
void settle_cancels(House& house) {
  for (const CancelSpec& cancel : std::exchange(house.venue.cancelled, {})) {
    const Order* order = house.state().find_order(cancel.order);
    if (order != nullptr && !is_terminal(order->state) && order->spec.effect == Effect::open_or_add) house.take(VenueCancelled{cancel.order});
  }
}

/// Plays the venue: entries fill, are cancelled or rest, stops are accepted, amends are confirmed.
void settle_entries(House& house, Xoshiro256pp& rng, std::size_t from) {
  for (std::size_t i = from; i < house.venue.placed.size(); ++i) {
    while (!house.venue.amended.empty()) {
      const AmendSpec amend = house.venue.amended.front();
      house.venue.amended.erase(house.venue.amended.begin());
      house.take(VenueAmended{amend.order, amend.quantity, amend.limit, amend.trigger});
    }
    const OrderSpec spec = house.venue.placed[i];
    const std::int64_t last = house.state().market[spec.instrument.v].last.v;
    house.take(VenueAccepted{spec.id});
    if (spec.type == OrderType::market) {
      house.take(VenueFilled{house.fill(spec.id, spec.quantity.v, last)});
    } else if (spec.type == OrderType::limit && spec.purpose != OrderPurpose::take_profit) {
      if (rng.chance(1, 2)) continue;
      house.take(rng.chance(1, 2) ? InputBody{VenueFilled{house.fill(spec.id, spec.quantity.v, spec.limit->v)}} : InputBody{VenueCancelled{spec.id}});
    }
  }
  for (const AmendSpec& amend : std::exchange(house.venue.amended, {})) house.take(VenueAmended{amend.order, amend.quantity, amend.limit, amend.trigger});
}

/// What waits at last fills or is cancelled, seldom enough that others are proposed meanwhile.
void settle_waiting(House& house, Xoshiro256pp& rng) {
  for (std::size_t ix = 0; ix < 5; ++ix) {
    const Holding* holding = house.holding(ix);
    if (holding == nullptr) continue;
    const std::vector<OrderId> working = holding->working;
    for (const OrderId id : working) {
      const Order* order = house.state().find_order(id);
      if (order == nullptr || order->state != OrderState::accepted || order->spec.effect == Effect::reduce_only || !rng.chance(1, 2)) continue;
      const std::size_t before = house.venue.placed.size();
      const OrderSpec spec = order->spec;
      house.take(rng.chance(1, 2) ? InputBody{VenueFilled{house.fill(id, spec.quantity.v, spec.limit->v)}} : InputBody{VenueCancelled{id}});
      settle_entries(house, rng, before);
    }
  }
}

void move_market(House& house, Xoshiro256pp& rng) {
  const std::size_t ix = rng.below(5);
  const std::int64_t last = house.state().market[ix].last.v;
  house.price(std::max<std::int64_t>(1'000, last + rng.range(-last / 500, last / 500)), ix);
  for (std::size_t other = 0; other < 5; ++other)
    if (house.state().market[other].updated_at < house.now - kMinute) house.price(house.state().market[other].last.v, other);
}

/// Between two proposals. What the run loses is paid in again, so that proposals go on being approved.
void play_between(House& house, Xoshiro256pp& rng) {
  if (rng.chance(1, 100)) settle_waiting(house, rng);
  settle_cancels(house);
  if (balance_of(house.state().accounts[0], AssetIx{0}) < Decimal::from_int(60'000))
    house.take(TransferBooked{AccountIx{0}, Money{AssetIx{0}, Decimal::from_int(40'000)}});
}

TEST(Pains, p26_one_hundred_thousand_hostile_proposals_breach_no_limit_and_every_exit_is_allowed) {
  House house(5);
  RiskLimits limits = limits_for(RiskLevel::moderate);
  limits.max_orders_per_minute = 1'000'000;
  limits.circuit_breaker = Switch::off;  // trading must go on for the whole run; the breakers have tests of their own
  house.take(LimitsSet{UserIx{0}, limits});
  Xoshiro256pp rng{26};
  std::vector<Plan> plans;
  std::uint64_t approved = 0, exits = 0, waited = 0;
  for (int i = 0; i < 100'000; ++i) {
    if (i % 10 == 0) move_market(house, rng);
    play_between(house, rng);
    const std::size_t before = house.venue.placed.size();
    const TradeProposal proposal = random_proposal(house, rng);
    const std::size_t events = house.events.size();
    house.take(ProposalPosted{proposal});
    const bool allowed = std::any_of(house.events.begin() + static_cast<std::ptrdiff_t>(events), house.events.end(),
                                     [](const Event& e) { return std::holds_alternative<ProposalApproved>(e); });
    if (allowed && proposal.intent != Intent::reduce) {
      ++approved;
      const Book book = book_of(house);
      const long double slack = 1.0000001L;
      ASSERT_LE(book.total, book.equity * limits.max_total_exposure.to_double() * slack) << "proposal " << i;
      ASSERT_LE(book.largest, book.equity * limits.max_position.to_double() * slack) << "proposal " << i;
      ASSERT_LE(book.positions, static_cast<int>(limits.max_positions));
      plans.push_back({{house.venue.placed.begin() + static_cast<std::ptrdiff_t>(before), house.venue.placed.end()},
                       book.equity * limits.risk_per_trade.to_double() * slack});
      ASSERT_TRUE(proposal.stop.has_value() || proposal.intent == Intent::add);
      for (std::size_t o = before; o < house.venue.placed.size(); ++o) {
        const OrderSpec& spec = house.venue.placed[o];
        ASSERT_GT(spec.quantity.v, 0);
        if (spec.limit) ASSERT_GT(spec.limit->v, 0);
      }
    }
    // What waits keeps the stop that it was approved with, whatever was approved after it.
    for (const Plan& plan : plans) ASSERT_LE(risk_of(house, plan.entries), plan.allowed) << "proposal " << i;
    settle_entries(house, rng, before);
    std::erase_if(plans, [&](const Plan& plan) { return risk_of(house, plan.entries) == 0; });
    waited += plans.size();
    if (rng.chance(1, 2)) {
      const std::size_t ix = rng.below(5);
      const Holding* holding = house.holding(ix);
      if (holding == nullptr || holding->position.is_flat()) continue;
      const std::size_t placed = house.venue.placed.size();
      TradeProposal exit = house.closing(ix);
      // Whatever blocks opening must not block this: an old basis, an old deadline, any trading state.
      exit.position_version = rng.below(5);
      if (rng.chance(1, 2)) exit.expires_at = house.now - kDay;
      const TradingState mood = static_cast<TradingState>(rng.below(3));
      house.take(TradingStateSet{UserIx{0}, mood, "test"});
      house.take(ProposalPosted{exit});
      ASSERT_GT(house.venue.placed.size(), placed) << "exit refused at proposal " << i << ": " << explain(*house.last_denial());
      ++exits;
      house.take(TradingStateSet{UserIx{0}, TradingState::active, "test"});
      settle_entries(house, rng, placed);
      settle_cancels(house);
      ASSERT_TRUE(house.holding(ix)->position.is_flat());
    }
    if (house.events.size() > 50'000) house.events.clear();
    if (house.venue.placed.size() > 50'000) house.venue.placed.clear();
  }
  EXPECT_GT(approved, 500U) << "the run must exercise the approving path";
  EXPECT_GT(exits, 500U);
  EXPECT_GT(waited, 500U) << "entries must wait while others are proposed";
}

TEST(Pains, p26_a_second_plan_does_not_move_the_stop_under_entries_that_wait) {
  House house;
  TradeProposal first = house.opening(400'000, 9'550);
  first.limit = PriceUnits{9'950};
  house.take(ProposalPosted{first});
  const OrderId waiting = house.venue.placed.back().id;
  house.take(VenueAccepted{waiting});
  TradeProposal second = house.opening(60'000, 7'000);
  second.limit = PriceUnits{9'950};
  house.take(ProposalPosted{second});
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::entries_waiting);
  TradeProposal other_way = house.opening(60'000, 10'200);
  other_way.side = Side::sell;
  house.take(ProposalPosted{other_way});
  EXPECT_EQ(house.last_denial()->code, DenialCode::entries_waiting);
  house.take(VenueFilled{house.fill(waiting, 400'000, 9'950)});
  EXPECT_EQ(house.venue.placed.back().purpose, OrderPurpose::stop_loss);
  EXPECT_EQ(house.venue.placed.back().trigger, PriceUnits{9'550});
}

TEST(Gate, the_first_failing_check_is_named_with_its_numbers) {
  const auto code_of = [](const std::function<void(TradeProposal&)>& change) {
    House house;
    TradeProposal proposal = house.opening();
    change(proposal);
    house.take(ProposalPosted{proposal});
    return house.last_denial() ? house.last_denial()->code : DenialCode::malformed;
  };
  EXPECT_EQ(code_of([](auto& p) { p.stop.reset(); }), DenialCode::stop_missing);
  EXPECT_EQ(code_of([](auto& p) { p.stop = PriceUnits{10'100}; }), DenialCode::stop_wrong_side);
  EXPECT_EQ(code_of([](auto& p) { p.targets = {{PriceUnits{9'900}, kDecimalOne}}; }), DenialCode::target_wrong_side);
  EXPECT_EQ(code_of([](auto& p) { p.quantity = {10'000'000}; }), DenialCode::insufficient_margin);
  EXPECT_EQ(code_of([](auto& p) {
              p.quantity = {40};
              p.stop = PriceUnits{9'999};
            }),
            DenialCode::notional_below_minimum);
  EXPECT_EQ(code_of([](auto& p) { p.limit = PriceUnits{11'000}; }), DenialCode::price_outside_collar);
  EXPECT_EQ(code_of([](auto& p) { p.stop = PriceUnits{4'000}; }), DenialCode::liquidation_before_stop);
  EXPECT_EQ(code_of([](auto& p) {
              p.intent = Intent::close;
              p.side = Side::sell;
            }),
            DenialCode::nothing_to_close);
  EXPECT_EQ(code_of([](auto& p) { p.instrument = InstrumentIx{9}; }), DenialCode::instrument_unknown);
  EXPECT_EQ(code_of([](auto& p) { p.account = AccountIx{9}; }), DenialCode::account_unknown);
  EXPECT_EQ(code_of([](auto& p) { p.position_version = 3; }), DenialCode::stale_basis);
  EXPECT_EQ(code_of([](auto& p) { p.expires_at = kStart; }), DenialCode::expired);
}

TEST(Gate, a_sale_below_the_market_counts_at_the_market) {
  House house;
  TradeProposal sale = house.opening(515'000, 10'010);  // 51,500 at the market, 49,955 at its limit; 50,000 may be held
  sale.side = Side::sell;
  sale.limit = PriceUnits{9'700};
  house.take(ProposalPosted{sale});
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::position_above_limit);
}

TEST(Gate, the_orders_of_a_ladder_count_one_by_one_against_the_order_rate) {
  House house;
  RiskLimits limits = limits_for(RiskLevel::moderate);
  limits.max_orders_per_minute = 3;
  house.take(LimitsSet{UserIx{0}, limits});
  TradeProposal ladder = house.opening(4'000, 9'700);
  ladder.limit = PriceUnits{9'950};
  ladder.ladder = {PriceUnits{9'940}, PriceUnits{9'930}, PriceUnits{9'920}};
  house.take(ProposalPosted{ladder});
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::order_rate_exceeded);
  ladder.ladder.pop_back();
  ladder.quantity = {3'000};
  house.take(ProposalPosted{ladder});
  EXPECT_EQ(house.venue.placed.size(), 3U);
}

TEST(Gate, orders_of_the_last_minute_count_against_a_rate_that_was_set_after_them) {
  House house(3);
  for (std::size_t i = 0; i < 2; ++i) house.take(ProposalPosted{house.opening(1'000, 9'800, i)});
  RiskLimits limits = limits_for(RiskLevel::moderate);
  limits.max_orders_per_minute = 2;
  house.take(LimitsSet{UserIx{0}, limits});
  house.take(ProposalPosted{house.opening(1'000, 9'800, 2)});
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::order_rate_exceeded);
}

TEST(Gate, what_is_held_and_waits_must_fit_into_one_order_that_closes_it) {
  House house;
  Instrument small = house.state().instruments[0];
  small.max_quantity = {2'000};
  house.take(InstrumentRegistered{small});
  house.open(1'500);
  TradeProposal add = house.opening(600);
  add.intent = Intent::add;
  house.take(ProposalPosted{add});
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::quantity_above_maximum);
  add.quantity = {500};
  const std::size_t placed = house.venue.placed.size();
  house.take(ProposalPosted{add});
  EXPECT_EQ(house.venue.placed.size(), placed + 1);
}

TEST(Gate, a_stale_market_takes_no_new_risk) {
  House house;
  house.wait(DurationNs{600'000'000'000});
  house.take(ProposalPosted{house.opening()});
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::market_data_stale);
}

TEST(Gate, the_same_decision_twice_is_a_duplicate) {
  House house;
  TradeProposal proposal = house.opening();
  proposal.decision = DecisionId{4};
  proposal.limit = PriceUnits{9'950};
  house.take(ProposalPosted{proposal});
  house.take(ProposalPosted{proposal});
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::duplicate);
  EXPECT_EQ(house.venue.placed.size(), 1U);
}

TEST(Gate, a_doubtful_entry_counts_as_filled) {
  House house;
  house.open();
  TradeProposal add = house.opening(400'000, 9'960);  // 40,000 of the 50,000 that one position may have
  add.intent = Intent::add;
  house.take(ProposalPosted{add});
  const OrderId first = house.venue.placed.back().id;
  house.take(VenueInDoubt{first});
  TradeProposal second = house.opening(200'000, 9'960);
  second.intent = Intent::add;
  house.take(ProposalPosted{second});
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::position_above_limit);
  EXPECT_EQ(house.venue.queried.back(), first);
}

}  // namespace
}  // namespace prom::scenario
