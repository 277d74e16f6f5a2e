// The naive account against numbers worked out by hand.
#include "sim/oracle/account_oracle.h"

#include <gtest/gtest.h>

#include <vector>

namespace prom::oracle {
namespace {

using namespace prom::literals;

constexpr AssetIx kUsdt{0}, kBtc{1};
constexpr InstrumentIx kSpot{0}, kPerp{1}, kInverse{2};
constexpr AccountIx kAccount{0};

Instrument make(InstrumentIx ix, Payoff payoff) {
  Instrument inst;
  inst.ix = ix;
  inst.payoff = payoff;
  inst.base = kBtc;
  inst.quote = kUsdt;
  inst.settle = payoff == Payoff::inverse ? kBtc : kUsdt;
  inst.price_digits = 1;
  inst.quantity_digits = payoff == Payoff::inverse ? 0 : 3;
  inst.contract_value = payoff == Payoff::inverse ? "100"_dec : "1"_dec;
  return inst;
}

std::vector<Instrument> instruments() { return {make(kSpot, Payoff::spot), make(kPerp, Payoff::linear), make(kInverse, Payoff::inverse)}; }

TEST(ExactRatio, RoundsHalfEvenOnPaper) {
  EXPECT_EQ(static_cast<std::int64_t>(exact_ratio(7, 1, 1, 2, 1)), 4);
  EXPECT_EQ(static_cast<std::int64_t>(exact_ratio(5, 1, 1, 2, 1)), 2);
  EXPECT_EQ(static_cast<std::int64_t>(exact_ratio(0, 9, 9, 7, 3)), 0);
  EXPECT_EQ(static_cast<std::int64_t>(exact_ratio(1'000'000'007, 998'244'353, 1, 1'000, 1)), 998'244'359'987'710);
  EXPECT_EQ(static_cast<std::int64_t>(exact_ratio(2, 1, 1, 3, 1)), 1);
}

Fill fill(InstrumentIx ix, Side side, std::int64_t price, std::int64_t quantity, Money fee) {
  Fill f;
  f.account = kAccount;
  f.instrument = ix;
  f.side = side;
  f.price = {price};
  f.quantity = {quantity};
  f.fee = fee;
  return f;
}

TEST(AccountOracle, LinearRoundTripAndTurn) {
  const auto list = instruments();
  AccountOracle account(list);
  account.transfer(kAccount, {kUsdt, "1000"_dec});
  account.fill(fill(kPerp, Side::buy, 1000, 3000, {kUsdt, "0.15"_dec}));   // 3 at 100
  account.fill(fill(kPerp, Side::sell, 1100, 1000, {kUsdt, "0.05"_dec}));  // 1 at 110: +10
  account.fill(fill(kPerp, Side::sell, 900, 5000, {kUsdt, "0.25"_dec}));   // 2 at 90: -20, then short 3 at 90
  account.fill(fill(kPerp, Side::buy, 800, 3000, {kUsdt, "0"_dec}));       // +30
  EXPECT_EQ(account.state().balance(kAccount, kUsdt), "1019.55"_dec);
  EXPECT_EQ(account.state().quantity(kAccount, kPerp), 0);
}

TEST(AccountOracle, InverseEarnsInBase) {
  const auto list = instruments();
  AccountOracle account(list);
  account.fill(fill(kInverse, Side::sell, 100000, 100, {kBtc, "0"_dec}));  // 10,000 quote at 10,000: 1 coin
  account.fill(fill(kInverse, Side::buy, 80000, 100, {kBtc, "0"_dec}));    // at 8,000: 1.25 coins
  EXPECT_EQ(account.state().balance(kAccount, kBtc), "0.25"_dec);
}

TEST(AccountOracle, SpotMovesBothAssets) {
  const auto list = instruments();
  AccountOracle account(list);
  account.transfer(kAccount, {kUsdt, "100"_dec});
  account.fill(fill(kSpot, Side::buy, 1000, 500, {kBtc, "0.0005"_dec}));
  EXPECT_EQ(account.state().balance(kAccount, kUsdt), "50"_dec);
  EXPECT_EQ(account.state().balance(kAccount, kBtc), "0.4995"_dec);
}

}  // namespace
}  // namespace prom::oracle
