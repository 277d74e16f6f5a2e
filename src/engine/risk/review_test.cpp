// The review against its plain form (review_reference.h): the same answer, code, limit, actual, quantity and risk in every made-up state, and on both sides of
// the point at which a proposal stops to pass.
#include <gtest/gtest.h>

#include <array>

#include "engine/risk/equity.h"
#include "engine/risk/review_reference.h"
#include "engine/risk/review_states.h"
#include "engine/risk/risk_engine.h"

namespace prom {
namespace {

using Answer = std::expected<Review, Denial>;

bool same(const Answer& a, const Answer& b) {
  if (a.has_value() != b.has_value()) return false;
  if (!a) return a.error() == b.error();
  return a->quantity == b->quantity && a->risked == b->risked;
}

std::string text(const Answer& answer) {
  if (answer) return "approved " + std::to_string(answer->quantity.v) + " risking " + answer->risked.to_string();
  return std::string(name_of(answer.error().code)) + " limit " + answer.error().limit.to_string() + " actual " + answer.error().actual.to_string();
}

/// Reviews by both forms; says where they part.
class Court {
 public:
  explicit Court(std::uint64_t seed) : seed_(seed) {}

  /// The code that the plain form gives; kDenialCodeCount where it lets pass.
  int judge(const EngineState& state, const TradeProposal& proposal) {
    const Answer expected = reference::review(state, proposal);
    const Answer got = RiskEngine::review(state, proposal);
    if (!same(expected, got)) {
      ++differences_;
      if (differences_ <= 3) ADD_FAILURE() << "seed " << seed_ << ", review " << judged << ": " << text(got) << ", must be " << text(expected);
    }
    ++judged;
    const int code = expected ? kDenialCodeCount : static_cast<int>(expected.error().code);
    ++seen[static_cast<std::size_t>(code)];
    return code;
  }

  std::uint64_t judged = 0;
  std::array<std::uint64_t, kDenialCodeCount + 1> seen{};

 private:
  std::uint64_t seed_;
  int differences_ = 0;
};

/// Halves the way between two values of a number that get different answers, then judges both sides of the place where the answer turns.
template <class Set>
void to_the_edge(Court& court, EngineState& state, const TradeProposal& proposal, wide::I128 a, wide::I128 b, const Set& set) {
  TradeProposal p = proposal;
  const auto code_at = [&](wide::I128 x) {
    set(state, p, x);
    return court.judge(state, p);
  };
  if (a > b) std::swap(a, b);
  const int low = code_at(a);
  if (code_at(b) == low) return;
  while (b - a > 1) {
    const wide::I128 middle = a + (b - a) / 2;
    (code_at(middle) == low ? a : b) = middle;
  }
  for (wide::I128 x = a - 1; x <= b + 1; ++x) code_at(x);
}

/// One number of the state or of the proposal, moved until the answer turns. The state is put back.
void try_edges(Court& court, review_states::Maker& make, EngineState& state, const TradeProposal& proposal) {
  if (proposal.account.v >= state.accounts.size() || proposal.instrument.v >= state.instruments.size() || proposal.pair.v >= state.pairs.size()) return;
  const EngineState before = state;
  const UserIx user = state.accounts[proposal.account.v].account.user;
  const auto of_limits = [&](Decimal RiskLimits::* member) {
    to_the_edge(court, state, proposal, 0, 100'000'000'000'000, [user, member](EngineState& s, TradeProposal&, wide::I128 x) {
      s.users[user.v].user.limits.*member = Decimal::from_mantissa(x);
      rebuild_derived(s);
    });
  };
  switch (make.rng.below(13)) {
    case 0: of_limits(&RiskLimits::risk_per_trade); break;
    case 1: of_limits(&RiskLimits::max_position); break;
    case 2: of_limits(&RiskLimits::max_instrument_exposure); break;
    case 3: of_limits(&RiskLimits::max_group_exposure); break;
    case 4: of_limits(&RiskLimits::max_total_exposure); break;
    case 5: of_limits(&RiskLimits::max_leverage); break;
    case 6: of_limits(&RiskLimits::price_collar); break;
    case 7: of_limits(&RiskLimits::min_liquidation_distance); break;
    case 8: {
      const std::int64_t unit = state.instruments[proposal.instrument.v].step.v * (static_cast<std::int64_t>(proposal.ladder.size()) + 1);
      to_the_edge(court, state, proposal, 1, state.instruments[proposal.instrument.v].max_quantity.v / unit + 2,
                  [unit](EngineState&, TradeProposal& p, wide::I128 x) { p.quantity.v = static_cast<std::int64_t>(x) * unit; });
      break;
    }
    case 9:
      if (state.accounts[proposal.account.v].balances.empty()) break;
      to_the_edge(court, state, proposal, 0, state.accounts[proposal.account.v].balances[0].amount.mantissa() * 4,
                  [](EngineState& s, TradeProposal& p, wide::I128 x) {
                    s.accounts[p.account.v].balances[0].amount = Decimal::from_mantissa(x);
                    rebuild_derived(s);
                  });
      break;
    case 10:
      to_the_edge(court, state, proposal, 1'000'000'000'000, 60'000'000'000'000, [](EngineState& s, TradeProposal& p, wide::I128 x) {
        s.pairs[p.pair.v].pair.leverage = Decimal::from_mantissa(x);
        rebuild_derived(s);
      });
      break;
    case 11:
      to_the_edge(court, state, proposal, 1, wide::I128{1} << 90, [](EngineState& s, TradeProposal& p, wide::I128 x) {
        s.pairs[p.pair.v].pair.budget = Decimal::from_mantissa(x);
        rebuild_derived(s);
      });
      break;
    default: {
      const Instrument& instrument = state.instruments[proposal.instrument.v];
      const std::int64_t tick = instrument.tick.v;
      to_the_edge(court, state, proposal, 1, std::max<std::int64_t>(1, state.market[proposal.instrument.v].last.v) / tick * 3 + 3,
                  [tick](EngineState&, TradeProposal& p, wide::I128 x) { p.stop = PriceUnits{static_cast<std::int64_t>(x) * tick}; });
      break;
    }
  }
  state = before;
}

TEST(Review, GivesTheAnswersOfThePlainFormInEveryState) {
  constexpr std::uint64_t kSeed = 20'261;
  review_states::Maker make(kSeed);
  Court court(kSeed);
  for (int world = 0; world < 40'000; ++world) {
    EngineState state = make.state();
    for (int n = 0; n < 24; ++n) {
      // Prices move under standing positions: what is kept about an account must not keep an old price.
      const auto ix = make.rng.below(state.instruments.size());
      state.market[ix].last.v = std::max<std::int64_t>(1, state.market[ix].last.v + make.rng.range(-5, 5));
      court.judge(state, make.proposal(state));
    }
    if (world % 4 == 0)
      for (int n = 0; n < 3; ++n) try_edges(court, make, state, make.proposal(state));
    if (HasFailure()) return;
  }
  EXPECT_GE(court.judged, 1'000'000U);
  for (int code = 0; code <= kDenialCodeCount; ++code) {
    if (code == static_cast<int>(DenialCode::position_unknown) || code == static_cast<int>(DenialCode::equity_unknown)) continue;
    EXPECT_GE(court.seen[static_cast<std::size_t>(code)], 20U) << (code == kDenialCodeCount ? "approved" : name_of(static_cast<DenialCode>(code)));
  }
  EXPECT_GE(court.seen[kDenialCodeCount], court.judged / 20);
}

TEST(Exposure, IsThatOfThePlainWalk) {
  constexpr std::uint64_t kSeed = 4'711;
  review_states::Maker make(kSeed);
  for (int world = 0; world < 5'000 && !HasFailure(); ++world) {
    EngineState state = make.state();
    for (const AccountState& account : state.accounts) {
      const auto instrument = static_cast<std::uint16_t>(make.rng.below(state.instruments.size()));
      const std::uint16_t group = state.instruments[make.rng.below(state.instruments.size())].group;
      const reference::Exposure expected = reference::exposure_of(state, account, instrument, group);
      const Exposure got = exposure_of(state, account, instrument, group);
      EXPECT_EQ(got.holdings_in_use, expected.holdings_in_use);
      EXPECT_EQ(got.known, expected.known);
      EXPECT_EQ(got.plain, expected.plain);
      EXPECT_TRUE(got.total == expected.total && got.group == expected.group && got.margin == expected.margin && got.instrument == expected.instrument)
          << "seed " << kSeed << ", world " << world;
      EXPECT_TRUE(expected.plain == Known::no || got.unrealised == expected.unrealised) << "seed " << kSeed << ", world " << world;
    }
  }
}

}  // namespace
}  // namespace prom
