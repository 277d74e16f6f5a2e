// The registry against the product's list, and every tool called once with valid arguments. Single thread.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/proof_test_support.h"
#include "tools/spec.h"
#include "tools/test_support.h"

namespace prom {
namespace {

/// PRODUCT's list, in its order.
constexpr std::string_view kProduct[] = {"get_price",
                                         "get_ohlcv",
                                         "get_orderbook",
                                         "get_trades",
                                         "get_funding_rate",
                                         "get_open_interest",
                                         "get_long_short_ratio",
                                         "get_liquidations",
                                         "get_trade_imbalance",
                                         "get_cvd",
                                         "get_whale_trades",
                                         "get_tick_speed",
                                         "get_orderbook_imbalance",
                                         "detect_iceberg",
                                         "detect_spoofing",
                                         "get_absorption_zones",
                                         "rsi",
                                         "stochastic",
                                         "cci",
                                         "roc",
                                         "atr",
                                         "bollinger",
                                         "keltner",
                                         "sma",
                                         "ema",
                                         "ema_ribbon",
                                         "macd",
                                         "supertrend",
                                         "ichimoku",
                                         "vwap",
                                         "obv",
                                         "volume_profile",
                                         "delta_volume",
                                         "fibonacci",
                                         "pivot_points",
                                         "detect_fvg",
                                         "detect_order_blocks",
                                         "detect_liquidity_zones",
                                         "detect_stop_hunt",
                                         "get_market_structure",
                                         "detect_imbalances",
                                         "get_swing_points",
                                         "get_fear_greed",
                                         "get_social_sentiment",
                                         "get_news",
                                         "get_trending",
                                         "get_funding_sentiment",
                                         "get_whale_movements",
                                         "get_exchange_flows",
                                         "get_miner_reserves",
                                         "get_active_addresses",
                                         "get_nvt_ratio",
                                         "get_sopr",
                                         "get_mvrv",
                                         "get_realized_pnl",
                                         "get_stablecoin_flows",
                                         "get_economic_calendar",
                                         "get_fed_rate",
                                         "get_fed_watch",
                                         "get_cpi",
                                         "get_pmi",
                                         "get_macro_impact",
                                         "get_options_oi",
                                         "get_max_pain",
                                         "get_put_call_ratio",
                                         "get_gamma_exposure",
                                         "get_options_flow",
                                         "get_iv_surface",
                                         "btc_dominance",
                                         "usdt_dominance",
                                         "altcoin_correlation",
                                         "stock_correlation",
                                         "dxy_correlation",
                                         "gold_correlation",
                                         "get_session_volume",
                                         "get_balance",
                                         "get_positions",
                                         "place_order",
                                         "place_bracket_order",
                                         "place_ladder_order",
                                         "place_iceberg_order",
                                         "cancel_order",
                                         "cancel_all_orders",
                                         "close_position",
                                         "close_all_positions",
                                         "set_leverage",
                                         "set_margin_mode",
                                         "move_sl_to_breakeven",
                                         "set_trailing_stop",
                                         "add_to_position",
                                         "check_circuit_breaker",
                                         "get_daily_pnl",
                                         "get_max_drawdown",
                                         "get_exposure",
                                         "calculate_position_size",
                                         "validate_trade",
                                         "emergency_close_all",
                                         "store_memory",
                                         "search_memory",
                                         "get_trade_history",
                                         "get_market_regime",
                                         "store_market_regime",
                                         "get_strategy_stats",
                                         "log_trade_decision",
                                         "get_trade_journal",
                                         "evaluate_last_trades",
                                         "get_best_strategies",
                                         "get_worst_strategies"};

TEST(Registry, holds_exactly_the_108_tools_of_the_product_in_order) {
  std::vector<std::string_view> names;
  for (const Tool& tool : all_tools()) names.push_back(tool.info.name);
  ASSERT_EQ(names.size(), 108U);
  EXPECT_EQ(names, std::vector<std::string_view>(std::begin(kProduct), std::end(kProduct)));
  EXPECT_EQ(std::set<std::string_view>(names.begin(), names.end()).size(), 108U);
  for (const Tool& tool : all_tools()) EXPECT_EQ(find_tool(tool.info.name), &tool);
  EXPECT_EQ(find_tool("rs"), nullptr);
  EXPECT_EQ(find_tool("zzz"), nullptr);
}

TEST(Registry, every_tool_works_or_says_which_source_would_serve_it) {
  const test::World world;
  std::size_t working = 0;
  for (const Tool& tool : all_tools()) {
    const ToolResult result = call_tool(tool.info.name, world.context, {test::sample_of(tool.info.name), SeriesWanted::no});
    if (!tool.info.unavailable.empty()) {
      ASSERT_FALSE(result.has_value()) << tool.info.name;
      EXPECT_EQ(result.error().code, ToolErrorCode::unavailable) << tool.info.name;
      EXPECT_EQ(result.error().message, tool.info.unavailable);
      EXPECT_GT(tool.info.unavailable.size(), 30U) << tool.info.name << " must name its source";
      test::record_contract(tool.info.name, "answers unavailable, never a number: " + std::string(tool.info.unavailable));
      continue;
    }
    ++working;
    ASSERT_TRUE(result.has_value()) << tool.info.name << ": " << result.error().message << " | " << result.error().hint;
    ASSERT_FALSE(result->sources.empty()) << tool.info.name;
    for (const ToolSource& source : result->sources) {
      EXPECT_FALSE(source.name.empty()) << tool.info.name;
      EXPECT_LE(source.time, world.context.as_of.time) << tool.info.name;
      EXPECT_GT(source.time.ns, 0) << tool.info.name;
    }
    if (tool.info.access == ToolAccess::read_only) EXPECT_TRUE(result->actions.empty()) << tool.info.name;
    if (tool.info.access == ToolAccess::proposing) EXPECT_FALSE(result->actions.empty()) << tool.info.name;
    EXPECT_LT(to_json(result->result).size(), 20'000U) << tool.info.name << " is not bounded";
    EXPECT_TRUE(result->series.empty()) << tool.info.name;
  }
  EXPECT_GE(working, 60U);
}

TEST(Registry, results_have_exactly_the_declared_members) {
  const test::World world;
  for (const ToolSpec& spec : all_tool_specs()) {
    if (spec.run == nullptr) continue;
    const ToolResult result = call_tool(spec.name, world.context, {test::sample_of(spec.name), SeriesWanted::no});
    ASSERT_TRUE(result.has_value()) << spec.name;
    const auto* object = std::get_if<ValueObject>(&result->result.storage());
    ASSERT_NE(object, nullptr) << spec.name;
    std::vector<std::string_view> got, declared;
    for (const auto& [key, value] : *object) got.push_back(key);
    for (const ResultField& field : spec.results) declared.push_back(field.name);
    EXPECT_EQ(got, declared) << spec.name;
  }
}

TEST(Registry, every_tool_has_an_example_that_keeps_to_its_schema) {
  for (const ToolSpec& spec : all_tool_specs()) {
    const auto example = parse_json_value(example_of(spec));
    ASSERT_TRUE(example.has_value()) << spec.name << ": " << example_of(spec);
    const auto fault = check_arguments(spec.name, spec.arguments, *example);
    EXPECT_FALSE(fault.has_value()) << spec.name << ": " << example_of(spec) << ": " << fault->message;
  }
}

TEST(Registry, unknown_names_suggest_the_nearest_tool) {
  const test::World world;
  const auto result = test::ask(world, "get_prise");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ToolErrorCode::unknown_tool);
  EXPECT_NE(result.error().hint.find("`get_price`"), std::string::npos);
  EXPECT_EQ(test::ask(world, std::string(100'000, 'x')).error().code, ToolErrorCode::unknown_tool);
}

TEST(Registry, the_reference_page_names_every_tool) {
  const std::string page = tools_markdown();
  for (const Tool& tool : all_tools()) EXPECT_NE(page.find("### " + std::string(tool.info.name) + "\n"), std::string::npos) << tool.info.name;
}

}  // namespace
}  // namespace prom
