// What is said of a run's funding against what it is charged.
#include <gtest/gtest.h>

#include "app/run/backtest_runner.h"
#include "research/simulation/test_data.h"

namespace prom {
namespace {

constexpr DurationNs kEightHours{8 * 3'600'000'000'000};

/// Two days from midnight: six settlements, of which the one at the end is no longer the run's. The first `recorded` have a recorded rate.
Scenario two_days(int recorded) {
  Scenario scenario;
  scenario.data = test_data::wave(1, 2 * 1'440, 1);
  for (int i = 1; i <= recorded; ++i)
    scenario.data.series[0].funding.push_back({TimeNs{scenario.data.first() + DurationNs{i * kEightHours.ns}}, Decimal::from_units(1, 4)});
  return scenario;
}

// Records of a part of the range made it "as recorded", although the rest was charged at the assumed rate.
TEST(FundingNote, says_that_a_part_was_assumed) {
  EXPECT_EQ(funding_note(two_days(5)), "Funding as recorded by the venue");
  EXPECT_EQ(funding_note(two_days(2)), "Funding as recorded by the venue, and at an assumed rate where no rate was recorded");
  EXPECT_EQ(funding_note(two_days(0)), "Funding at an assumed rate: no recorded rates for this range");
  Scenario given = two_days(2);
  given.options.funding_rate = Decimal{};
  EXPECT_EQ(funding_note(given), "Funding at the rate given on the command line");
}

}  // namespace
}  // namespace prom
