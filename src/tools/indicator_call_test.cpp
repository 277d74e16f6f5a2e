// `tools call indicator`: every indicator answers with its declared columns, arguments arrive where they belong, nothing later is seen, and what is wrong is said
// so that it can be mended. Single thread.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "analysis/indicators/composite_averages.h"
#include "analysis/indicators/money_flow.h"
#include "analysis/indicators/oscillators.h"
#include "analysis/indicators/range_measures.h"
#include "analysis/indicators/range_volatility.h"
#include "analysis/indicators/trend.h"
#include "tools/indicator_call.h"
#include "tools/market_access.h"
#include "tools/test_support.h"

namespace prom {
namespace {

ToolResult ask_indicator(const test::World& world, std::string_view arguments, SeriesWanted series = SeriesWanted::no) {
  return call_indicator(world.context, {test::json(arguments), series});
}

std::string named(std::string_view name, std::string_view more = "") { return "{\"name\":\"" + std::string(name) + "\"" + std::string(more) + "}"; }

// Timeframe of a quarter of an hour, so that the longest default (500 returns) has bars.
std::string at_15m(std::string_view name) { return named(name, R"(,"timeframe":"15m")"); }

TEST(IndicatorCall, names_are_unique_and_none_is_a_tool) {
  std::set<std::string_view> names;
  for (const ToolSpec& spec : indicator_specs()) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_EQ(find_tool(spec.name), nullptr) << spec.name;
    EXPECT_FALSE(spec.description.empty());
  }
  EXPECT_EQ(find_tool(kIndicatorCall), nullptr) << "it stays outside the product's 108";
  for (const std::string_view name : {"adx",
                                      "aroon",
                                      "awesome",
                                      "donchian",
                                      "ad",
                                      "chaikin",
                                      "cmf",
                                      "mfi",
                                      "williams_r",
                                      "trix",
                                      "tsi",
                                      "ultimate",
                                      "stoch_rsi",
                                      "psar",
                                      "hma",
                                      "kama",
                                      "dema",
                                      "tema",
                                      "wma",
                                      "vwma",
                                      "alma",
                                      "linear_regression",
                                      "zscore",
                                      "choppiness",
                                      "mass",
                                      "vortex",
                                      "elder_ray",
                                      "force_index",
                                      "klinger",
                                      "heikin_ashi",
                                      "anchored_vwap",
                                      "historical_volatility",
                                      "parkinson",
                                      "garman_klass",
                                      "yang_zhang",
                                      "garch",
                                      "hurst",
                                      "candles"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(IndicatorCall, every_indicator_gives_its_columns_and_its_series_ends_with_them) {
  const test::World world;
  for (const ToolSpec& spec : indicator_specs()) {
    const auto short_answer = ask_indicator(world, at_15m(spec.name));
    ASSERT_TRUE(short_answer) << spec.name << ": " << short_answer.error().message;
    const auto answer = ask_indicator(world, at_15m(spec.name), SeriesWanted::yes);
    ASSERT_TRUE(answer) << spec.name;
    EXPECT_EQ(to_json(answer->result), to_json(short_answer->result)) << spec.name;
    ASSERT_EQ(answer->series.size(), spec.results.size()) << spec.name;
    const auto& members = std::get<ValueObject>(answer->result.storage());
    ASSERT_EQ(members.size(), spec.results.size()) << spec.name;
    for (std::size_t c = 0; c < spec.results.size(); ++c) {
      EXPECT_EQ(members[c].first, spec.results[c].name);
      EXPECT_EQ(answer->series[c].output, spec.results[c].name);
      EXPECT_EQ(answer->series[c].values.back(), *members[c].second.number()) << spec.name;
      EXPECT_EQ(answer->series[c].values.size(), answer->series[0].values.size());
    }
    ASSERT_EQ(answer->sources.size(), 1U);
    EXPECT_LE(answer->sources[0].time, world.context.as_of.time);
  }
}

// Arguments all different from their defaults and from one another: a mix-up of two would show.
TEST(IndicatorCall, arguments_arrive_where_they_belong) {
  const test::World world;
  const auto bars = closed_bars(world.context, *pick_market(world.context, ToolArgs({}, Value())), SIZE_MAX);
  ASSERT_TRUE(bars);
  const OhlcvView view = ohlcv_of(*bars);
  const auto last = [&]<class Op>(std::type_identity<Op>, const typename Op::Params& params) {
    if constexpr (std::is_same_v<typename Op::Input, OhlcvView>)
      return evaluate<Op>(params, view)->back();
    else
      return evaluate<Op>(params, view.close)->back();
  };
  const auto first = [&](std::string_view arguments) {
    const auto answer = ask_indicator(world, arguments);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
    return answer ? *std::get<ValueObject>(answer->result.storage()).front().second.number() : 0.0;
  };
  using namespace indicators;
  EXPECT_EQ(first(R"({"name":"kama","period":7,"fast":3,"slow":19})"), last(std::type_identity<Kama>{}, {7, 3, 19}));
  EXPECT_EQ(first(R"({"name":"alma","period":11,"offset":0.6,"sigma":4})"), last(std::type_identity<Alma>{}, {11, 0.6, 4}));
  EXPECT_EQ(first(R"({"name":"tsi","long_period":20,"short_period":9,"signal":5})"), last(std::type_identity<Tsi>{}, {20, 9, 5}).tsi);
  EXPECT_EQ(first(R"({"name":"stoch_rsi","rsi_period":9,"stoch_period":12,"k_smooth":4,"d_period":2})"), last(std::type_identity<StochRsi>{}, {9, 12, 4, 2}).k);
  EXPECT_EQ(first(R"({"name":"ultimate","fast":5,"medium":11,"slow":23})"), last(std::type_identity<Ultimate>{}, {5, 11, 23}));
  EXPECT_EQ(first(R"({"name":"klinger","fast":12,"slow":31,"signal":6})"), last(std::type_identity<Klinger>{}, {12, 31, 6}).oscillator);
  EXPECT_EQ(first(R"({"name":"chaikin","fast":4,"slow":13,"seed":"first_value"})"),
            last(std::type_identity<ChaikinOscillator>{}, {4, 13, EmaSeed::first_value}));
  EXPECT_EQ(first(R"({"name":"mass","ema_period":7,"period":20})"), last(std::type_identity<MassIndex>{}, {7, 20}));
  EXPECT_EQ(first(R"({"name":"choppiness","period":9,"span":"true_high_low"})"), last(std::type_identity<Choppiness>{}, {9, ChoppinessSpan::true_high_low}));
  EXPECT_EQ(first(R"({"name":"donchian","period":9,"window":"prior_bars"})"), last(std::type_identity<Donchian>{}, {9, DonchianWindow::prior_bars}).upper);
  EXPECT_EQ(first(R"({"name":"awesome","fast":4,"slow":21})"), last(std::type_identity<Awesome>{}, {4, 21}));
  EXPECT_EQ(first(R"({"name":"parkinson","period":20})"), last(std::type_identity<Parkinson>{}, {20, 365 * 24.0})) << "hourly bars, a year of 365 days";
  EXPECT_EQ(first(R"({"name":"parkinson","period":20,"periods_per_year":1})"), last(std::type_identity<Parkinson>{}, {20, 1}));
  EXPECT_EQ(first(R"({"name":"adx","period":9})"), last(std::type_identity<Dmi>{}, {9}).adx);
}

TEST(IndicatorCall, a_changed_future_changes_nothing) {
  constexpr std::size_t kChanged = 15 * 1440 + 607;
  const test::World world, changed(kChanged);
  for (const ToolSpec& spec : indicator_specs()) {
    const auto a = ask_indicator(world, at_15m(spec.name), SeriesWanted::yes), b = ask_indicator(changed, at_15m(spec.name), SeriesWanted::yes);
    ASSERT_TRUE(a && b) << spec.name;
    EXPECT_EQ(to_json(a->result), to_json(b->result)) << spec.name;
    for (std::size_t c = 0; c < a->series.size(); ++c) {
      const auto &x = a->series[c].values, &y = b->series[c].values;
      ASSERT_TRUE(std::ranges::equal(x, y, [](double p, double q) { return p == q || (std::isnan(p) && std::isnan(q)); })) << spec.name;
    }
  }
}

TEST(IndicatorCall, over_bars_with_gaps) {
  const test::World world(SIZE_MAX, 7);
  for (const ToolSpec& spec : indicator_specs()) EXPECT_TRUE(ask_indicator(world, named(spec.name, R"(,"timeframe":"1m")"))) << spec.name;
}

TEST(IndicatorCall, what_is_wrong_is_said_so_that_it_can_be_mended) {
  const test::World world;
  const auto error = [&](std::string_view arguments) {
    const auto answer = ask_indicator(world, arguments);
    EXPECT_FALSE(answer) << arguments;
    const auto checked = check_indicator_call(test::json(arguments));
    if (checked && !answer) EXPECT_EQ(checked->message, answer.error().message);
    return answer ? ToolError{} : answer.error();
  };
  EXPECT_EQ(error(R"({"name":"adxx"})").message, "there is no indicator `adxx`");
  EXPECT_EQ(error(R"({"name":"adxx"})").hint, "did you mean `adx`?");
  EXPECT_EQ(error(R"({"name":"rsi"})").hint, "`rsi` is a tool of its own: promtrade tools call rsi");
  EXPECT_EQ(error(R"({"name":"a name that is nothing like any of them"})").hint, "`promtrade tools call indicator` lists them");
  EXPECT_EQ(error(R"({"period":14})").message, "argument `name` of indicator is missing");
  EXPECT_EQ(error(R"({"name":14})").message, "argument `name` of indicator must be text");
  EXPECT_EQ(error("[]").message, "the arguments of indicator must be an object");
  EXPECT_EQ(error(R"({"name":"adx","priod":14})").code, ToolErrorCode::bad_argument);
  EXPECT_NE(error(R"({"name":"adx","priod":14})").hint.find("`period`"), std::string::npos);
  EXPECT_EQ(error(R"({"name":"adx","period":1000000000})").message, "argument `period` of adx must be an integer from 2 to 5000, got 1000000000");
  EXPECT_EQ(error(R"({"name":"adx","period":"14"})").code, ToolErrorCode::bad_argument);
  EXPECT_EQ(error(R"({"name":"kama","fast":30,"slow":30})").message, "`fast` (30) must be below 30");
  EXPECT_EQ(error(R"({"name":"psar","step":0.5,"maximum":0.2})").message, "`maximum` must be at least 0.5, got 0.2");
  EXPECT_EQ(error(R"({"name":"adx","instrument":"NOTUSDT"})").code, ToolErrorCode::bad_argument);
  EXPECT_EQ(error(R"({"name":"hma","period":5000})").code, ToolErrorCode::not_enough_data);
  EXPECT_TRUE(error(R"({"name":"wma","period":30,"timeframe":"1d"})").message.starts_with("needs 30 closed bars at this instant, "));
  EXPECT_EQ(error(R"({"name":"anchored_vwap","anchor_time":"2031-01-01T00:00:00Z"})").code, ToolErrorCode::not_enough_data);
}

TEST(IndicatorCall, the_list_names_each_with_its_arguments_and_outputs) {
  const Value list = indicator_list();
  const auto& rows = std::get<ValueList>(list.storage());
  ASSERT_EQ(rows.size(), indicator_specs().size());
  bool seen = false;
  for (const Value& row : rows) {
    if (row.text("name") != "adx") continue;
    seen = true;
    EXPECT_EQ(to_json(*row.find("arguments")), R"({"period":"integer 2..5000, default 14"})");
    EXPECT_EQ(to_json(*row.find("outputs")), R"(["adx","plus_di","minus_di","dx"])");
  }
  EXPECT_TRUE(seen);
  for (const ToolSpec& spec : indicator_specs()) EXPECT_NE(tools_markdown().find("| " + std::string(spec.name) + " |"), std::string::npos) << spec.name;
}

}  // namespace
}  // namespace prom
