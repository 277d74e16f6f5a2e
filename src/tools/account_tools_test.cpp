// Trading, risk, memory and evaluation tools: what they propose and compute, with figures worked out by hand. Single thread.
#include <gtest/gtest.h>

#include <variant>

#include "base/proof_test_support.h"
#include "tools/test_support.h"

namespace prom {
namespace {

const TradeProposal& proposal_of(const ToolResult& result, std::size_t i = 0) { return std::get<TradeProposal>(result->actions.at(i)); }

TEST(TradingTools, place_order_proposes_on_the_grid) {
  const test::World world;
  const auto result =
      test::ask(world, "place_order", R"({"side":"buy","quantity":"0.0129","limit":50000.19,"stop":"49000.01","expires_minutes":10,"reason":"retest"})");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  const TradeProposal& p = proposal_of(result);
  EXPECT_EQ(p.intent, Intent::open);
  EXPECT_EQ(p.side, Side::buy);
  EXPECT_EQ(p.quantity.v, 12) << "0.0129 rounds down to a step of 0.001";
  EXPECT_EQ(p.limit, PriceUnits{5'000'010}) << "a buy limit rounds down to the tick of 0.10";
  EXPECT_EQ(p.stop, PriceUnits{4'900'010}) << "its stop rounds up, towards the market";
  EXPECT_EQ(p.as_of, world.context.as_of);
  EXPECT_EQ(p.expires_at, world.context.as_of.time + kMinute * 10);
  EXPECT_EQ(p.source, ProposalSource::agents);
  EXPECT_EQ(result->result.find("notional")->text(), std::nullopt);
  EXPECT_EQ(to_json(*result->result.find("notional")), "\"600.0012\"");
  // 0.012 * (1000.00) + (0.0005 + 0.0005) * 0.012 * (50000.1 + 49000.1) = 12 + 1.1880024
  EXPECT_EQ(to_json(*result->result.find("loss_at_stop")), "\"13.1880024\"");
  test::record_contract("place_order",
                        "quantity, limit and stop stand on the venue's grid, rounded so that risk is not understated; notional and loss at the stop by hand");
}

TEST(TradingTools, stops_and_targets_must_stand_on_their_sides) {
  const test::World world;
  const auto code = [&](std::string_view tool, std::string_view arguments) {
    const auto result = test::ask(world, tool, arguments);
    return result ? "accepted" : std::string(name_of(result.error().code));
  };
  EXPECT_EQ(code("place_order", R"({"side":"buy","quantity":1,"limit":50000,"stop":50001,"reason":"x"})"), "bad_argument");
  EXPECT_EQ(code("place_order", R"({"side":"sell","quantity":1,"limit":50000,"stop":49999,"reason":"x"})"), "bad_argument");
  EXPECT_EQ(code("place_order", R"({"side":"sell","quantity":1,"limit":50000,"stop":50001,"reason":"x"})"), "accepted");
  EXPECT_EQ(code("place_bracket_order", R"({"side":"buy","quantity":1,"limit":50000,"stop":49000,"targets":[{"price":49500,"fraction":1}],"reason":"x"})"),
            "bad_argument");
  EXPECT_EQ(
      code("place_bracket_order",
           R"({"side":"buy","quantity":1,"limit":50000,"stop":49000,"targets":[{"price":51000,"fraction":0.6},{"price":52000,"fraction":0.6}],"reason":"x"})"),
      "bad_argument")
      << "the fractions sum to 1.2";
  EXPECT_EQ(code("place_ladder_order", R"({"side":"buy","quantity":1,"prices":[50000,50100],"stop":49000,"reason":"x"})"), "bad_argument");
  EXPECT_EQ(code("place_ladder_order", R"({"side":"buy","quantity":1,"prices":[50000,48000],"stop":49000,"reason":"x"})"), "bad_argument")
      << "the second rung lies below the stop";
  EXPECT_EQ(code("place_order", R"({"side":"sell","instrument":"ETHUSDT","quantity":1,"reason":"x"})"), "bad_argument") << "a long is open";
  EXPECT_EQ(code("place_order", R"({"side":"buy","quantity":1,"risk_fraction":0.01,"stop":1000,"reason":"x"})"), "bad_argument");
  EXPECT_EQ(code("place_order", R"({"side":"buy","quantity":0.0004,"reason":"x"})"), "bad_argument") << "below one step";
  test::record_contract("place_bracket_order", "stop and targets on their sides and fractions of at most 1, else a typed refusal");
}

TEST(TradingTools, ladder_spreads_over_its_rungs) {
  const test::World world;
  const auto result = test::ask(world, "place_ladder_order", R"({"side":"sell","quantity":3,"prices":[50000,50100.01],"stop":52000,"reason":"x"})");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(proposal_of(result).limit, PriceUnits{5'000'000});
  ASSERT_EQ(proposal_of(result).ladder.size(), 1U);
  EXPECT_EQ(proposal_of(result).ladder[0], PriceUnits{5'010'010}) << "a sell limit rounds up";
  const auto odd = test::ask(world, "place_ladder_order", R"({"side":"sell","quantity":3.001,"prices":[50000,50100],"stop":52000,"reason":"x"})");
  ASSERT_TRUE(odd.has_value()) << odd.error().message;
  EXPECT_EQ(proposal_of(odd).quantity.v, 3'000) << "two rungs share an odd number of steps: the last one is left out";
  const auto small = test::ask(world, "place_ladder_order", R"({"side":"sell","quantity":0.001,"prices":[50000,50100],"stop":52000,"reason":"x"})");
  ASSERT_FALSE(small.has_value());
  EXPECT_NE(small.error().message.find("over 2 prices"), std::string::npos) << small.error().message;
  test::record_contract("place_ladder_order", "one proposal with a rung a price, each on the tick");
}

TEST(TradingTools, closing_takes_the_other_side_and_the_version_that_was_seen) {
  const test::World world;
  const auto half = test::ask(world, "close_position", R"({"instrument":"ETHUSDT","fraction":0.5,"reason":"x"})");
  ASSERT_TRUE(half.has_value());
  EXPECT_EQ(proposal_of(half).intent, Intent::reduce);
  EXPECT_EQ(proposal_of(half).side, Side::sell);
  EXPECT_EQ(proposal_of(half).quantity.v, 250);
  EXPECT_EQ(proposal_of(half).position_version, 4U);
  const auto all = test::ask(world, "close_all_positions", R"({"reason":"x"})");
  ASSERT_EQ(all->actions.size(), 1U);
  EXPECT_EQ(proposal_of(all).intent, Intent::close);
  EXPECT_EQ(proposal_of(all).quantity.v, 500);
  const auto none = test::ask(world, "close_position", R"({"reason":"x"})");
  EXPECT_EQ(none.error().code, ToolErrorCode::bad_argument);
  EXPECT_NE(none.error().hint.find("ETHUSDT"), std::string::npos);
  test::record_contract("close_position", "the other side, the fraction asked for, tied to the version of the position that was seen");
  test::record_contract("close_all_positions", "one closing proposal a position");
}

TEST(TradingTools, protection_only_tightens) {
  test::World world;
  const auto moved = test::ask(world, "move_sl_to_breakeven", R"({"instrument":"ETHUSDT","offset_percent":0.1,"reason":"x"})");
  ASSERT_TRUE(moved.has_value()) << moved.error().message;
  const auto& request = std::get<ProtectionRequested>(moved->actions.at(0));
  EXPECT_EQ(request.stop, PriceUnits{300'300}) << "entry 3000 plus 0.1 %";
  EXPECT_EQ(request.instrument, InstrumentIx(1));
  const auto trailing = test::ask(world, "set_trailing_stop", R"({"instrument":"ETHUSDT","distance_percent":2,"reason":"x"})");
  EXPECT_EQ(std::get<ProtectionRequested>(trailing->actions.at(0)).trailing_distance, PriceUnits{6'400}) << "2 % of 3200";
  world.account.positions[0].mark = {299'000};
  EXPECT_EQ(test::ask(world, "move_sl_to_breakeven", R"({"instrument":"ETHUSDT","reason":"x"})").error().code, ToolErrorCode::bad_argument);
  world.account.positions[0].mark = {320'000};
  world.account.positions[0].stop = PriceUnits{310'000};
  EXPECT_EQ(test::ask(world, "move_sl_to_breakeven", R"({"instrument":"ETHUSDT","reason":"x"})").error().code, ToolErrorCode::bad_argument);
  test::record_contract("move_sl_to_breakeven", "the stop moves to the entry with its offset, never away from the market");
  test::record_contract("set_trailing_stop", "distance from the mark in ticks");
}

TEST(TradingTools, cancelling_is_by_instrument) {
  test::World world;
  const auto one = test::ask(world, "cancel_order", R"({"order_id":41})");
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(std::get<CancelRequested>(one->actions.at(0)).instrument, InstrumentIx(0));
  EXPECT_FALSE(std::get<CancelRequested>(test::ask(world, "cancel_all_orders")->actions.at(0)).instrument.has_value());
  EXPECT_EQ(test::ask(world, "cancel_order", R"({"order_id":42})").error().code, ToolErrorCode::bad_argument);
  world.account.open_orders.push_back(world.account.open_orders[0]);
  world.account.open_orders[1].spec.id = OrderId(42);
  EXPECT_EQ(test::ask(world, "cancel_order", R"({"order_id":42})").error().code, ToolErrorCode::unavailable) << "two entries work in the instrument";
  world.account.open_orders[1].spec.purpose = OrderPurpose::stop_loss;
  EXPECT_EQ(test::ask(world, "cancel_order", R"({"order_id":42})").error().code, ToolErrorCode::bad_argument) << "protection stays";
  test::record_contract("cancel_order", "cancels the entry named, never protection");
  test::record_contract("cancel_all_orders", "asks for every entry; protection stays");
}

TEST(RiskTools, day_and_drawdown_and_exposure) {
  const test::World world;
  const auto day = test::ask(world, "get_daily_pnl");
  EXPECT_EQ(to_json(*day->result.find("pnl")), "\"-200\"");
  EXPECT_NEAR(*day->result.number("percent"), -100.0 * 200 / 10200, 1e-9);
  EXPECT_NEAR(*day->result.number("limit_used"), 200.0 / 10200 / 0.05, 1e-9);
  const auto fall = test::ask(world, "get_max_drawdown");
  EXPECT_NEAR(*fall->result.number("drawdown"), 0.2, 1e-12) << "12,500 to 10,000";
  EXPECT_NEAR(*fall->result.number("limit_used"), 1.0, 1e-12);
  EXPECT_EQ(to_json(*fall->result.find("realised_max_drawdown")), "\"20\"") << "40, then twice -10";
  const auto exposure = test::ask(world, "get_exposure");
  EXPECT_EQ(to_json(*exposure->result.find("total")), "\"1600\"") << "0.5 ETH at 3200";
  EXPECT_NEAR(*exposure->result.number("total_fraction"), 0.16, 1e-12);
}

TEST(RiskTools, unknown_equity_is_never_a_number) {
  test::World world;
  world.account.equity.reset();
  EXPECT_EQ(test::ask(world, "get_daily_pnl").error().code, ToolErrorCode::unavailable);
  EXPECT_EQ(test::ask(world, "get_max_drawdown").error().code, ToolErrorCode::unavailable);
  EXPECT_EQ(test::ask(world, "calculate_position_size", R"({"side":"buy","entry":60000,"stop":59000})").error().code, ToolErrorCode::unavailable);
  EXPECT_FALSE(std::get<bool>(test::ask(world, "check_circuit_breaker")->result.find("can_open")->storage()));
  const auto checks = test::ask(world, "validate_trade", R"({"side":"buy","quantity":0.01,"stop":1000})");
  EXPECT_NE(to_json(*checks->result.find("failed")).find("equity_unknown"), std::string::npos);
}

TEST(RiskTools, size_loses_the_stated_share_at_the_stop) {
  const test::World world;
  const auto result = test::ask(world, "calculate_position_size", R"({"side":"buy","entry":60000,"stop":57000,"risk_fraction":0.01,"slippage_bps":0})");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  // A coin loses 3000 + 0.0005 * 117000 = 3058.5; 1 % of 10,000 pays for 0.0326 coins, 0.032 on the step.
  EXPECT_EQ(to_json(*result->result.find("quantity")), "\"0.032\"");
  EXPECT_EQ(to_json(*result->result.find("loss_at_stop")), "\"97.872\"");
  EXPECT_EQ(result->result.text("limited_by"), "risk");
  // A stop so near that risk alone would allow 150,000 of notional: half of equity is the cap.
  const auto capped = test::ask(world, "calculate_position_size", R"({"side":"buy","entry":60000,"stop":59990,"risk_fraction":0.02,"slippage_bps":0})");
  EXPECT_EQ(capped->result.text("limited_by"), "max_position");
  EXPECT_EQ(to_json(*capped->result.find("quantity")), "\"0.083\"") << "5000 / 60000 on the step";
  const auto small = test::ask(world, "calculate_position_size", R"({"side":"buy","entry":60000,"stop":1000,"risk_fraction":0.0001})");
  EXPECT_EQ(to_json(*small->result.find("quantity")), "\"0\"");
  EXPECT_EQ(small->result.text("limited_by"), "minimum");
}

TEST(RiskTools, validate_trade_names_what_fails) {
  test::World world;
  const auto failed = [&](std::string_view arguments) { return to_json(*test::ask(world, "validate_trade", arguments)->result.find("failed")); };
  EXPECT_EQ(failed(R"({"side":"buy","quantity":0.05})"), R"(["stop_missing"])");
  EXPECT_NE(failed(R"({"side":"buy","quantity":0.05,"limit":100,"stop":99})").find("price_outside_collar"), std::string::npos);
  const std::string big = failed(R"({"side":"buy","quantity":5,"stop":1000})");
  for (const std::string_view code : {"trade_risk_above_limit", "position_above_limit", "insufficient_margin"})
    EXPECT_NE(big.find(code), std::string::npos) << big;
  world.account.kill_phase = KillPhase::flat;
  world.account.trading_state = TradingState::halted;
  const std::string halted = failed(R"({"side":"buy","quantity":0.05})");
  EXPECT_EQ(halted, R"(["kill_switch_engaged","trading_halted","stop_missing"])");
  test::record_contract("validate_trade", "the failing checks in the risk engine's own codes");
}

TEST(RiskTools, emergency_asks_for_the_kill_switch) {
  const test::World world;
  const auto result = test::ask(world, "emergency_close_all", R"({"reason":"venue is down"})");
  const auto& pulled = std::get<KillSwitchPulled>(result->actions.at(0));
  EXPECT_EQ(pulled.user, UserIx(7));
  EXPECT_EQ(pulled.reason, "venue is down");
  test::record_contract("emergency_close_all", "asks for the kill switch of the user with the reason given");
}

TEST(MemoryTools, memories_that_cannot_be_searched_are_unavailable_and_not_none) {
  test::FixedMemory memory;
  memory.unavailable = "the database of memories is away";
  test::World world;
  world.context.memory = &memory;
  const auto result = test::ask(world, "search_memory", R"({"query":"stops"})");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ToolErrorCode::unavailable);
  EXPECT_EQ(result.error().message, "the database of memories is away");
}

TEST(MemoryTools, storing_proposes_a_memory_of_this_instant) {
  const test::World world;
  const auto result = test::ask(world, "store_memory", R"({"kind":"lesson","text":"wait","importance":0.8,"expires_hours":24})");
  const Memory& memory = std::get<MemoryNoted>(result->actions.at(0)).memory;
  EXPECT_EQ(memory.kind, MemoryKind::lesson);
  EXPECT_EQ(memory.importance, 0.8);
  EXPECT_EQ(memory.created_at, world.context.as_of.time);
  EXPECT_EQ(memory.expires_at, world.context.as_of.time + kDay);
  EXPECT_EQ(memory.user, UserIx(7));
  EXPECT_FALSE(test::ask(world, "store_memory", R"({"kind":"lesson","text":"x","scope":"collective"})").has_value());
  test::record_contract("store_memory", "proposes a memory of this instant for this user");
}

TEST(TradingTools, adding_takes_the_side_of_the_position) {
  const test::World world;
  const auto more = test::ask(world, "add_to_position", R"({"instrument":"ETHUSDT","quantity":"0.1009","limit":3100.04,"reason":"x"})");
  ASSERT_TRUE(more.has_value()) << more.error().message;
  EXPECT_EQ(proposal_of(more).side, Side::buy) << "a long is open";
  EXPECT_EQ(proposal_of(more).quantity.v, 100) << "down to the step";
  EXPECT_EQ(proposal_of(more).limit, PriceUnits{310'000}) << "down to the tick";
  EXPECT_EQ(test::ask(world, "add_to_position", R"({"instrument":"BTCUSDT","quantity":1,"limit":3100,"reason":"x"})").error().code, ToolErrorCode::bad_argument)
      << "nothing is open there";
  test::record_contract("add_to_position", "takes the open position's side, on the grid; refused where none is open");
}

TEST(TradingTools, balance_and_positions_are_the_accounts_own_to_the_last_digit) {
  const test::World world;
  const auto balance = test::ask(world, "get_balance");
  EXPECT_EQ(to_json(*balance->result.find("equity")), "\"10000\"");
  EXPECT_EQ(to_json(*balance->result.find("available")), "\"9000\"");
  EXPECT_EQ(to_json(*balance->result.find("balances.0")), R"({"asset":"USDT","amount":"10000"})");
  const auto positions = test::ask(world, "get_positions");
  EXPECT_EQ(positions->result.number("count"), 1.0);
  EXPECT_EQ(to_json(*positions->result.find("positions.0.quantity")), "\"0.5\"");
  EXPECT_EQ(to_json(*positions->result.find("positions.0.entry")), "\"3000\"") << "cost 1500 over 0.5";
  EXPECT_EQ(to_json(*positions->result.find("positions.0.notional")), "\"1600\"");
  EXPECT_EQ(to_json(*positions->result.find("positions.0.stop")), "\"2900\"");
  EXPECT_EQ(positions->result.number("open_orders.0.id"), 41.0);
  EXPECT_EQ(test::ask(world, "get_positions", R"({"instrument":"BTCUSDT"})")->result.number("count"), 0.0);
  test::record_contract("get_balance", "equity, free balance and holdings are the account view's decimals to the last digit");
  test::record_contract("get_positions", "quantity, entry, notional, stop and working orders are the account view's to the last digit");
}

TEST(RiskTools, a_breaker_is_named_with_its_end) {
  test::World world;
  EXPECT_TRUE(std::get<bool>(test::ask(world, "check_circuit_breaker")->result.find("can_open")->storage()));
  world.account.breakers.push_back({BreakerKind::daily_loss, test::kWorldStart + kDay * 16});
  const auto tripped = test::ask(world, "check_circuit_breaker");
  EXPECT_FALSE(std::get<bool>(tripped->result.find("can_open")->storage()));
  EXPECT_EQ(to_json(*tripped->result.find("breakers")), R"([{"kind":"daily_loss","until":"2025-03-17T00:00:00Z"}])");
  test::record_contract("check_circuit_breaker", "each tripped breaker with its end, and no new risk while one stands or equity is unknown");
}

TEST(MemoryTools, what_was_closed_later_is_in_no_list) {
  const test::World world;
  const auto history = test::ask(world, "get_trade_history", R"({"limit":2})");
  EXPECT_EQ(history->result.number("count"), 30.0);
  EXPECT_EQ(history->result.number("trades.0.trade"), 29.0) << "newest first";
  EXPECT_EQ(to_json(*history->result.find("trades.0.net")), "\"-10\"");
  EXPECT_EQ(history->result.find("trades.2"), nullptr);
  const auto journal = test::ask(world, "get_trade_journal", R"({"limit":3})");
  EXPECT_EQ(journal->result.number("count"), 30.0);
  EXPECT_EQ(to_json(*journal->result.find("entries.2.risked")), "\"50\"");
  const auto found = test::ask(world, "search_memory", R"({"query":"stops"})");
  EXPECT_EQ(found->result.number("count"), 1.0) << "the second is of three days later";
  test::record_contract("get_trade_history", "trades closed by the instant, newest first, with the ledger's decimals");
  test::record_contract("get_trade_journal", "the same trades with what was risked");
  test::record_contract("search_memory", "memories made by the instant only");
}

TEST(MemoryTools, notes_are_proposed_with_their_kind) {
  const test::World world;
  const auto noted = [](const ToolResult& result) -> const Memory& { return std::get<MemoryNoted>(result->actions.at(0)).memory; };
  const auto logged = test::ask(world, "log_trade_decision", R"({"action":"hold","reasoning":"no edge","confidence":0.25})");
  EXPECT_EQ(noted(logged).kind, MemoryKind::decision);
  EXPECT_EQ(noted(logged).text, "BTCUSDT hold: no edge");
  EXPECT_EQ(noted(logged).importance, 0.25);
  const auto regime = test::ask(world, "store_market_regime", R"({"regime":"range"})");
  EXPECT_EQ(noted(regime).kind, MemoryKind::regime);
  EXPECT_EQ(noted(regime).created_at, world.context.as_of.time);
  test::record_contract("log_trade_decision", "proposes a memory with the action, the reasoning and the confidence");
  test::record_contract("store_market_regime", "proposes a memory of the regime at this instant");
}

TEST(EvaluationTools, figures_and_judgement_of_closed_trades) {
  const test::World world;
  // Trades 0..29: every third wins 40, the others lose 10; even ones by trend_following, odd ones by agents: five wins and ten losses each.
  const auto stats = test::ask(world, "get_strategy_stats", R"({"decider":"agents"})");
  EXPECT_EQ(stats->result.number("trades"), 15.0);
  EXPECT_EQ(to_json(*stats->result.find("net")), "\"100\"") << "5 * 40 - 10 * 10";
  EXPECT_NEAR(*stats->result.number("win_rate"), 1.0 / 3, 1e-12);
  EXPECT_NEAR(*stats->result.number("profit_factor"), 2.0, 1e-12);
  EXPECT_EQ(stats->result.text("judgement"), "probation") << "a win rate under 35 % after 10 trades";
  const auto ranked = test::ask(world, "get_best_strategies");
  EXPECT_EQ(ranked->result.number("ranked"), 2.0);
  EXPECT_EQ(ranked->result.text("strategies.0.decider"), "agents") << "equal figures: by name";
  EXPECT_EQ(test::ask(world, "get_worst_strategies")->result.text("strategies.0.decider"), "agents") << "a mean's last bit must not decide";
  const auto last = test::ask(world, "evaluate_last_trades", R"({"count":3})");
  EXPECT_EQ(last->result.number("stats.trades"), 3.0);
  EXPECT_NEAR(*last->result.number("average_r"), (40 - 10 - 10) / 50.0 / 3, 1e-12);
  EXPECT_EQ(test::ask(world, "get_strategy_stats", R"({"decider":"nobody"})")->result.text("judgement"), "too_few_trades");
}

}  // namespace
}  // namespace prom
