// What an account shows as available on spot: its cash less what resting entries will pay. Coins that were bought are paid for already.
#include "house.h"
#include "runtime/views/account_view.h"

namespace prom::scenario {
using namespace literals;
namespace {

TEST(Available, CoinsThatAreHeldAreNotTakenOffTheCashAgain) {
  House house(1, Payoff::spot);
  house.open(400'000);  // 400 coins at 100: 40,000, and a fee of 20
  ASSERT_EQ(house.holding()->position.quantity.v, 400'000);
  const Decimal cash = balance_of(house.state().accounts[0], AssetIx{0});
  ASSERT_EQ(cash, "59980"_dec);
  EXPECT_EQ(make_account_view(house.state(), AccountIx{0}).available, cash);
  house.price(15'000);
  EXPECT_EQ(make_account_view(house.state(), AccountIx{0}).available, cash) << "coins that rise are no cash";
  house.price(9'900);
  EXPECT_EQ(make_account_view(house.state(), AccountIx{0}).available, cash) << "coins that fall take none";
}

TEST(Available, ARestingEntryOnSpotReservesWhatItWillPay) {
  House house(2, Payoff::spot);
  house.open(300'000);
  TradeProposal second = house.opening(200'000, 9'800, 1);
  second.limit = PriceUnits{10'000};
  house.take(ProposalPosted{second});
  ASSERT_EQ(house.holding(1)->pending_buy.v, 200'000) << (house.last_denial() ? std::string(name_of(house.last_denial()->code)) : "");
  EXPECT_EQ(make_account_view(house.state(), AccountIx{0}).available, balance_of(house.state().accounts[0], AssetIx{0}) - "20000"_dec);
}

TEST(Available, ADerivativeStillTakesItsMargin) {
  House house;
  house.open(400'000);  // at twice: half of 40,000
  const Decimal cash = balance_of(house.state().accounts[0], AssetIx{0});
  EXPECT_EQ(make_account_view(house.state(), AccountIx{0}).available, cash - "20000"_dec);
  house.price(9'900);
  EXPECT_EQ(make_account_view(house.state(), AccountIx{0}).available, cash - "400"_dec - "19800"_dec) << "a loss that is not realised is gone too";
}

}  // namespace
}  // namespace prom::scenario
