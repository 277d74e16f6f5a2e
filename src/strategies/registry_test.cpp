// The list of strategies, parameter checking and its messages.
#include "strategies/registry.h"

#include <gtest/gtest.h>

namespace prom {
namespace {

StrategyError error_of(std::string_view name, std::vector<StrategyParameter> parameters) {
  auto made = make_strategy(name, parameters);
  EXPECT_FALSE(made.has_value());
  return made ? StrategyError{} : made.error();
}

TEST(StrategyRegistry, ListsFiveWithSoundSpecs) {
  ASSERT_EQ(all_strategies().size(), 5U);
  std::string_view before;
  for (const auto& spec : all_strategies()) {
    EXPECT_LT(before, spec.name);
    before = spec.name;
    EXPECT_EQ(find_strategy(spec.name), &spec);
    EXPECT_FALSE(spec.source.empty());
    for (const auto& p : spec.parameters) {
      EXPECT_LT(p.minimum, p.maximum) << spec.name << '.' << p.name;
      EXPECT_GE(p.default_value, p.minimum) << spec.name << '.' << p.name;
      EXPECT_LE(p.default_value, p.maximum) << spec.name << '.' << p.name;
      EXPECT_FALSE(p.source.empty());
      // Texts of the default and both ends are read back as the same values.
      for (const double value : {p.default_value, p.minimum, p.maximum}) {
        const std::vector<StrategyParameter> given{{std::string(p.name), parameter_text(p, value)}};
        const auto values = resolve_parameters(spec.name, given);
        if (!values) {
          EXPECT_EQ(values.error().code, StrategyErrorCode::inconsistent) << spec.name << '.' << p.name;
          continue;
        }
        EXPECT_EQ((*values)[static_cast<std::size_t>(&p - spec.parameters.data())], value) << spec.name << '.' << p.name;
      }
    }
    const auto made = make_strategy(spec.name, {});
    ASSERT_TRUE(made.has_value()) << spec.name;
    EXPECT_EQ((*made)->name(), spec.name);
    EXPECT_GT((*made)->warm_up_bars(), 0);
    EXPECT_EQ((*made)->timeframe().ns, static_cast<std::int64_t>(spec.parameters[0].default_value) * kSecond.ns);
  }
}

TEST(StrategyRegistry, UnknownNamesGetSuggestions) {
  auto error = error_of("trend_folowing", {});
  EXPECT_EQ(error.code, StrategyErrorCode::unknown_strategy);
  EXPECT_EQ(error.suggestions, std::vector<std::string>{"trend_following"});
  EXPECT_EQ(describe(error), "there is no strategy 'trend_folowing'; did you mean trend_following?");
  EXPECT_EQ(error_of("xyzzy", {}).suggestions.size(), 5U);
  error = error_of("breakout", {{"entri", "3"}});
  EXPECT_EQ(error.code, StrategyErrorCode::unknown_parameter);
  EXPECT_EQ(error.suggestions.front(), "entry");
}

TEST(StrategyRegistry, BadValuesNameTheRange) {
  auto error = error_of("trend_following", {{"fast", "0"}});
  EXPECT_EQ(error.code, StrategyErrorCode::out_of_range);
  EXPECT_EQ(describe(error), "parameter 'fast' of strategy 'trend_following' is 0; allowed: 1 to 1000");
  error = error_of("trend_following", {{"timeframe", "30s"}});
  EXPECT_EQ(error.code, StrategyErrorCode::out_of_range);
  EXPECT_EQ(error.expected, "1m to 1w");
  for (const auto* bad : {"", "12.5", "abc", "1e3", " 12"}) {
    EXPECT_EQ(error_of("trend_following", {{"fast", bad}}).code, StrategyErrorCode::malformed_value) << bad;
  }
  for (const auto* bad : {"nan", "inf", "1,5", ""}) {
    EXPECT_EQ(error_of("mean_reversion", {{"width", bad}}).code, StrategyErrorCode::malformed_value) << bad;
  }
  EXPECT_EQ(error_of("mean_reversion", {{"timeframe", "1M"}}).code, StrategyErrorCode::malformed_value);
  EXPECT_EQ(error_of("breakout", {{"entry", "30"}, {"entry", "30"}}).code, StrategyErrorCode::repeated_parameter);
  error = error_of("trend_following", {{"fast", "26"}});
  EXPECT_EQ(error.code, StrategyErrorCode::inconsistent);
  EXPECT_EQ(error.expected, "below slow (26)");
  EXPECT_EQ(error_of("breakout", {{"exit", "21"}}).code, StrategyErrorCode::inconsistent);
  EXPECT_EQ(error_of("smc_retest", {{"window", "20"}, {"swing", "6"}}).code, StrategyErrorCode::inconsistent);
}

}  // namespace
}  // namespace prom
