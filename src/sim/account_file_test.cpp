// The account file: a reloaded venue equals the live one at every line, a torn end is cut off, damage is named, re-sent phases change nothing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "sim/oracle/account_oracle.h"
#include "sim/test_support.h"

namespace prom::sim_test {
namespace {

class AccountFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("prom_sim_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  static std::string read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::string& file, std::string_view text) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
  }
  static SimVenueConfig config(const std::string& file) {
    SimVenueConfig c;
    c.slippage = "0.0005"_dec;
    c.participation = "0.5"_dec;
    c.file = file;
    return c;
  }
  std::filesystem::path folder_;
};

// Everything that the venue shows of its state.
std::string state_of(SimVenue& venue, TimeNs now) {
  std::ostringstream out;
  for (const SimPosition& p : venue.positions(kAccount)) out << "position " << p.instrument.v << ' ' << int(p.leg) << ' ' << p.quantity.v << '\n';
  for (const Money& m : venue.balances(kAccount)) out << "balance " << m.asset.v << ' ' << m.amount.to_string() << '\n';
  for (const VenueOpenOrder& o : venue.open_orders(kAccount))
    out << "order " << to_text(o.client_id) << ' ' << o.quantity.v << ' ' << o.filled.v << ' ' << (o.limit ? o.limit->v : 0) << ' '
        << (o.trigger ? o.trigger->v : 0) << '\n';
  Input in;
  while (venue.poll(TimeNs{INT64_MAX - 1}, in)) continue;
  venue.query_snapshot({kAccount, TimeNs{0}}, now);
  while (venue.poll(TimeNs{INT64_MAX - 1}, in)) {
    if (const auto* f = std::get_if<VenueFilled>(&in.body)) {
      out << "fill " << f->fill.trade.v << ' ' << f->fill.order.v << ' ' << f->fill.price.v << ' ' << f->fill.quantity.v << ' '
          << f->fill.fee.amount.to_string() << ' ' << f->fill.slippage.to_string() << ' ' << f->fill.time.ns << '\n';
    } else if (const auto* g = std::get_if<VenueFunding>(&in.body)) {
      out << "funding " << g->funding_time.ns << ' ' << g->amount.amount.to_string() << ' ' << int(g->provenance) << '\n';
    }
  }
  return out.str();
}

// One step of a scenario that touches every kind of line.
void step(World& w, std::vector<OrderSpec>& specs, int n) {
  const TimeNs now = at_bar(n);
  switch (n) {
    case 1: w.venue->transfer(kAccount, {kUsdt, "100000"_dec}, now); break;
    case 2: w.venue->set_leverage(RiskEngine::mint(LeverageSpec{kAccount, kPerp, "5"_dec, MarginMode::cross}), now); break;
    case 3: specs.push_back(w.place(w.trader.order(kPerp, Side::buy, 3000), now)); break;
    case 4: {
      OrderSpec stop = w.trader.exit(kPerp, Side::sell, 3000, OrderType::stop_market, 95000);
      OrderSpec target = w.trader.exit(kPerp, Side::sell, 3000, OrderType::limit, 104000);
      stop.oco_group = target.oco_group = 3;
      specs.push_back(w.place(stop, now));
      specs.push_back(w.place(target, now));
      break;
    }
    case 5: w.venue->amend(RiskEngine::mint(AmendSpec{specs[1].id, specs[1].client_id, kPerp, {3000}, {}, PriceUnits{96000}}), now); break;
    case 6: {
      OrderSpec trail = w.trader.exit(kPerp, Side::sell, 1000, OrderType::trailing_stop, 97000);
      trail.trailing_distance = PriceUnits{2000};
      specs.push_back(w.place(trail, now));
      break;
    }
    case 7: specs.push_back(w.place(w.trader.limit(kPerp, Side::buy, 0, 90000), now)); break;
    case 8: specs.push_back(w.place(w.trader.limit(kPerp, Side::buy, 500, 99000), now)); break;
    case 9: w.venue->on_funding(kPerp, now, std::nullopt, {100000}); break;
    case 10: specs.push_back(w.place(w.trader.limit(kSpot, Side::buy, 500, 90000), now)); break;
    case 11: w.cancel(specs.back(), now); break;
    case 12: {
      OrderSpec fok = w.trader.limit(kPerp, Side::buy, 500, 90000);
      fok.time_in_force = TimeInForce::fok;
      specs.push_back(w.place(fok, now));
      break;
    }
    default: break;
  }
  const std::int64_t drift = n < 10 ? n * 150 : 3000 - n * 500;
  w.play(kPerp, bar(n, 100000 + drift, 100700 + drift, 99300 + drift, 100150 + drift, 4000));
}

TEST_F(AccountFileTest, ReloadEqualsLiveAfterEveryStep) {
  World live(config(path("a")));
  std::vector<OrderSpec> specs;
  for (int n = 1; n <= 16; ++n) {
    step(live, specs, n);
    write(path("b"), read(path("a")));
    World again(config(path("b")));
    const TimeNs now = at_bar(n + 1) - kNanosecond;
    ASSERT_EQ(state_of(*again.venue, now), state_of(*live.venue, now)) << "after step " << n;
  }
  EXPECT_EQ(live.position(kPerp), 0);
  const std::string text = read(path("a"));
  for (const char* kind : {"venue", "asset", "instrument", "transfer", "leverage", "order", "fill", "amend", "trail", "reject", "funding", "funded", "cancel",
                           "expire", "trigger", "cursor"})
    EXPECT_NE(text.find("\t" + std::string(kind) + "\t"), std::string::npos) << kind;
}

TEST_F(AccountFileTest, ContinuedAfterReloadEqualsUninterrupted) {
  World live(config(path("a")));
  std::vector<OrderSpec> specs;
  for (int n = 1; n <= 16; ++n) step(live, specs, n);
  for (int cut = 1; cut < 16; ++cut) {
    std::vector<OrderSpec> placed;
    const std::string file = path("c" + std::to_string(cut));
    Trader trader;
    {
      World first(config(file));
      for (int n = 1; n <= cut; ++n) step(first, placed, n);
      trader = first.trader;
    }
    World second(config(file));
    second.trader = trader;
    // The market is sent again from two bars before: nothing may happen twice.
    for (int n = std::max(1, cut - 2); n <= cut; ++n) {
      const std::int64_t drift = n < 10 ? n * 150 : 3000 - n * 500;
      second.play(kPerp, bar(n, 100000 + drift, 100700 + drift, 99300 + drift, 100150 + drift, 4000));
    }
    second.venue->on_funding(kPerp, at_bar(cut >= 9 ? 9 : 1), std::nullopt, {100000});
    if (cut < 9) second.venue->on_funding(kPerp, at_bar(0), std::nullopt, {100000});
    for (int n = cut + 1; n <= 16; ++n) step(second, placed, n);
    if (cut >= 9 || cut < 3) EXPECT_EQ(state_of(*second.venue, at_bar(20)), state_of(*live.venue, at_bar(20))) << "cut after " << cut;
  }
}

TEST_F(AccountFileTest, TruncatedAtEveryByteIsTheStateAfterAWholeGroup) {
  std::vector<std::string> states;
  std::vector<std::size_t> sizes;
  {
    World live(config(path("a")));
    std::vector<OrderSpec> specs;
    for (int n = 1; n <= 6; ++n) step(live, specs, n);
    sizes.push_back(read(path("a")).size());
    states.push_back(state_of(*live.venue, at_bar(30)));
    // One phase with several lines: the stop fires, its sibling and the trailing stop go.
    live.venue->on_bar_open(kPerp, bar(7, 90000, 90000, 90000, 90000, 1'000'000), kBarLength);
    sizes.push_back(read(path("a")).size());
    states.push_back(state_of(*live.venue, at_bar(30)));
    ASSERT_NE(states[0], states[1]);
  }
  const std::string text = read(path("a"));
  for (std::size_t size = sizes[0]; size <= sizes[1]; ++size) {
    write(path("b"), std::string_view(text).substr(0, size));
    World again(config(path("b")));
    ASSERT_EQ(state_of(*again.venue, at_bar(30)), states[size == sizes[1] ? 1 : 0]) << "cut at byte " << size;
    ASSERT_EQ(read(path("b")).size(), size == sizes[1] ? sizes[1] : sizes[0]);
  }
}

TEST_F(AccountFileTest, DamageIsNamedWithItsLine) {
  {
    World live(config(path("a")));
    std::vector<OrderSpec> specs;
    for (int n = 1; n <= 5; ++n) step(live, specs, n);
  }
  const std::string text = read(path("a"));
  const auto error_of = [&](std::string damaged) {
    write(path("b"), damaged);
    const auto made = SimVenue::create(config(path("b")), instruments(), assets());
    return made ? std::string("accepted") : made.error();
  };
  std::string flipped = text;
  flipped[text.find("\ttransfer\t") + 3] = 'X';
  EXPECT_NE(error_of(flipped).find("line 9: the checksum"), std::string::npos) << error_of(flipped);
  const std::size_t second = text.find('\n') + 1;
  EXPECT_NE(error_of(text.substr(0, second) + text.substr(text.find('\n', second) + 1)).find("line 2: a line is missing"), std::string::npos);
  EXPECT_NE(error_of("hello\nworld\n").find("line 1"), std::string::npos);
  auto others = instruments();
  others[1].symbol = "DOGEUSDT";
  write(path("b"), text);
  EXPECT_FALSE(SimVenue::create(config(path("b")), others, assets()).has_value());
}

// By it a run whose journal is gone is told from one that was cut off in its beginning.
TEST_F(AccountFileTest, ItTellsHowMuchItHadTold) {
  const auto told = [&] { return (*SimVenue::create(config(path("a")), instruments(), assets()))->history(); };
  EXPECT_EQ(told(), SimHistory::none);
  EXPECT_EQ(told(), SimHistory::none) << "a heading says nothing of an account";
  std::vector<OrderSpec> specs;
  {
    World live(config(path("a")));
    step(live, specs, 1);
    EXPECT_EQ(live.venue->history(), SimHistory::none) << "what happens from now on does not change it";
  }
  EXPECT_EQ(told(), SimHistory::paid_in);
  {
    World live(config(path("a")));
    for (int n = 2; n <= 5; ++n) step(live, specs, n);
  }
  EXPECT_EQ(told(), SimHistory::lived);
}

TEST_F(AccountFileTest, TheOracleReadsTheSameBalancesOutOfIt) {
  World live(config(path("a")));
  std::vector<OrderSpec> specs;
  for (int n = 1; n <= 16; ++n) step(live, specs, n);
  const auto list = instruments();
  oracle::AccountOracle witness(list);
  ASSERT_TRUE(witness.read_account_file(read(path("a"))).has_value());
  const auto state = witness.state();
  EXPECT_EQ(state.balance(kAccount, kUsdt), live.balance(kUsdt));
  EXPECT_NE(live.balance(kUsdt), "100000"_dec);
  EXPECT_EQ(state.quantity(kAccount, kPerp), live.position(kPerp));
}

}  // namespace
}  // namespace prom::sim_test
