// P26, "PnL shown to a model equals the ledger's": what the account tools tell an agent, against the rows that a projection makes of the journal's bytes. Profit that is still open is worked out
// here anew, from the ledger's quantity and cost and the bar's close.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"
#include "memory_journal.h"
#include "ports/column_market_view.h"
#include "research/simulation/test_data.h"
#include "runtime/views/account_view.h"
#include "tools/tool.h"

namespace prom {
namespace {

constexpr AccountIx kAccount{0};
constexpr std::size_t kBars = 12'000;
constexpr std::int64_t kStart = 1'746'316'800'000'000'000;  // of the made-up bars

std::string shown(const Value& answer, std::string_view path) {
  const Value* value = answer.find(path);
  return value != nullptr ? to_json(*value) : "absent";
}

class P26ModelSeesTheLedger : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<ColumnMarketSource> sources;
    for (const auto& series : data.series) sources.push_back({series.instrument, std::make_shared<BarColumns>(series.bars), {}, "made up"});
    auto made = ColumnMarketView::make(std::move(sources));
    ASSERT_TRUE(made.has_value());
    market = std::make_unique<ColumnMarketView>(*std::move(made));
    auto opened = open_sqlite_ledger({.path = ":memory:"});
    ASSERT_TRUE(opened.has_value());
    ledger = *std::move(opened);
    SimulationParts parts;
    parts.journal = &journal;
    simulation = std::move(Simulation::create(data, test_data::trend_config(data), parts).value());
    ASSERT_TRUE(simulation->begin().has_value());
  }

  Value ask(std::string_view tool, const AccountView& account) {
    ToolContext context;
    context.as_of = account.as_of;
    context.timeframe = kHour;
    context.market = market.get();
    context.account = &account;
    context.asset_names = data.assets;
    auto answer = call_tool(tool, context, {Value(ValueObject{}), SeriesWanted::no});
    EXPECT_TRUE(answer.has_value()) << tool;
    return answer ? answer->result : Value();
  }

  /// The rows of everything that has happened up to now.
  void project() {
    std::vector<RecordedFrame> frames;
    ASSERT_TRUE(journal.read(ledger->applied_seq().value() + 1, [&](const RecordedFrame& frame) {
      frames.push_back(frame);
      return true;
    }));
    ASSERT_TRUE(ledger->project(frames).has_value());
  }

  void compare(std::size_t bar) {
    project();
    const AccountView account = make_account_view(simulation->state(), kAccount);
    const auto postings = ledger->postings(kAccount).value();
    const RiskStateRow risk = ledger->risk_states().value().at(0);

    Decimal cash, transfers;
    for (const Posting& posting : postings) {
      ASSERT_EQ(posting.asset, AssetIx{0});
      cash = cash + posting.amount;
      if (posting.kind == PostingKind::transfer && posting.time > started && posting.time >= *risk.day_start) transfers = transfers + posting.amount;
      funding_rows += posting.kind == PostingKind::funding ? 1 : 0;
    }
    Decimal open_profit;
    std::map<std::string, ValueObject> held;
    for (const Position& position : ledger->positions(kAccount).value()) {
      if (position.is_flat()) continue;
      const auto& series = data.series[position.instrument.v];
      const Decimal close = to_decimal(series.instrument, PriceUnits{series.bars.close[bar]});
      const Decimal unrealised = mul(close, to_decimal(series.instrument, position.quantity), Round::half_even) - position.cost;
      open_profit = open_profit + unrealised;
      held[instrument_code(series.instrument)] = {
          {"unrealised", unrealised}, {"realised", position.realised}, {"fees", position.fees}, {"funding", position.funding}};
    }

    const Value balance = ask("get_balance", account);
    EXPECT_EQ(shown(balance, "balances"), to_json(Value(ValueList{Value(ValueObject{{"asset", "USDT"}, {"amount", cash}})}))) << "bar " << bar;
    EXPECT_EQ(shown(balance, "equity"), to_json(Value(cash + open_profit))) << "bar " << bar;
    const Value day = ask("get_daily_pnl", account);
    // What was paid in before the first price is what the first day began with.
    EXPECT_EQ(shown(day, "pnl"), to_json(Value(cash + open_profit - *risk.day_equity - transfers))) << "bar " << bar;
    const Value positions = ask("get_positions", account);
    ASSERT_EQ(positions.number("count"), static_cast<double>(held.size())) << "bar " << bar;
    for (std::size_t i = 0; i < held.size(); ++i) {
      const std::string row = "positions." + std::to_string(i) + ".";
      const auto mine = held.find(std::string(positions.text(row + "instrument").value_or("")));
      ASSERT_NE(mine, held.end()) << to_json(positions);
      for (const auto& [name, value] : mine->second)
        EXPECT_EQ(shown(positions, row + name), to_json(value)) << "bar " << bar << " " << mine->first << " " << name;
      seen_in_profit += positions.number(row + "unrealised") > 0 ? 1 : 0;
      seen_in_loss += positions.number(row + "unrealised") < 0 ? 1 : 0;
    }
  }

  const TimeNs started{kStart};
  Dataset data = test_data::wave(2, kBars, 17);
  std::unique_ptr<ColumnMarketView> market;
  MemoryJournal journal;
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<Simulation> simulation;
  int seen_in_profit = 0, seen_in_loss = 0, funding_rows = 0;
};

TEST_F(P26ModelSeesTheLedger, p26_pnl_shown_to_a_model_equals_the_ledgers) {
  std::size_t bar = 0;
  SimulationHooks hooks;
  hooks.pace = [&](const Progress&) {
    if (bar % 1'900 == 1'000) EXPECT_TRUE(simulation->inject(TransferBooked{kAccount, Money{AssetIx{0}, Decimal::from_units(12'345, 1)}}).has_value());
    if (bar % 7 == 0) compare(bar);
    if (bar % 1'900 == 1'000) compare(bar);
    ++bar;
    return HasFailure() ? Flow::stop : Flow::go_on;
  };
  ASSERT_TRUE(simulation->run(hooks).has_value());
  EXPECT_EQ(bar, kBars);
  EXPECT_GT(seen_in_profit, 20);
  EXPECT_GT(seen_in_loss, 20);
  EXPECT_GT(funding_rows, 0);
  EXPECT_GT(ledger->trades({}).value().size(), 10U);
}

}  // namespace
}  // namespace prom
