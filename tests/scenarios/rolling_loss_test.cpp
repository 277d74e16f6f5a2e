// The rolling loss is that of the last 24 hours, also where nothing was sampled for a while or where bars are far apart.
#include "house.h"

namespace prom::scenario {
using namespace literals;
namespace {

/// A house whose rolling loss alone can trip, holding 400 coins at 100 on 100,000.
struct Window : House {
  Window() {
    RiskLimits limits = user().user.limits;
    limits.max_drawdown = "0.9"_dec;
    take(LimitsSet{UserIx{0}, limits});
    open(400'000);
  }
  /// Bars at this price every `step` until `time` has passed.
  void hold(std::int64_t price, DurationNs time, DurationNs step = kHour) {
    for (const TimeNs end = now + time; now < end;) {
      now = now + step;
      take(BarClosed{InstrumentIx{0}, kMinute, Bar{now - kMinute, {price}, {price}, {price}, {price}, {1}}});
    }
  }
  bool tripped() const {
    for (const Event& event : events)
      if (const auto* trip = std::get_if<BreakerTripped>(&event); trip != nullptr && trip->kind == BreakerKind::rolling_loss) return true;
    return false;
  }
};

TEST(RollingLoss, ALossBeforeAGapInTimeIsNotOfTheLastDay) {
  Window house;
  house.hold(10'000, kDay);
  house.hold(9'050, kHour);  // 3.8 % of the equity
  ASSERT_FALSE(house.tripped());
  house.hold(9'050, kHour);
  house.hold(9'050, DurationNs{4 * kDay.ns}, DurationNs{4 * kDay.ns});
  house.hold(8'725, kHour);  // another 1.3 %: together 5.1 %
  EXPECT_FALSE(house.tripped());
  EXPECT_LE(house.user().samples.back().time - house.user().samples.front().time, DurationNs{25 * kHour.ns});
}

TEST(RollingLoss, BarsFarApartDoNotMakeADayOfFour) {
  Window house;
  const DurationNs four{4 * kHour.ns};
  house.hold(10'000, kDay, four);
  house.hold(9'050, four, four);
  house.hold(9'050, DurationNs{28 * kHour.ns}, four);
  house.hold(8'725, four, four);
  EXPECT_FALSE(house.tripped());
}

TEST(RollingLoss, ALossInTwoHalvesOfOneDayTrips) {
  Window house;
  house.hold(10'000, DurationNs{2 * kDay.ns});
  house.hold(9'050, DurationNs{23 * kHour.ns});
  ASSERT_FALSE(house.tripped());
  house.hold(8'700, kHour);  // the first half fell within the last 24 hours
  EXPECT_TRUE(house.tripped());
}

TEST(RollingLoss, TheBaseIsTheEquityTwentyFourHoursAgo) {
  Window house;
  house.hold(10'000, DurationNs{2 * kDay.ns});
  house.hold(9'050, DurationNs{25 * kHour.ns});
  house.hold(8'700, kHour);
  EXPECT_FALSE(house.tripped()) << "the first half is more than a day old";
}

TEST(RollingLoss, ASampleJustBeforeTheWindowIsCarriedIntoIt) {
  Window house;
  house.now = floor_to(house.now, kHour) + DurationNs{30 * kMinute.ns};
  house.hold(10'000, kHour);
  for (int hour = 0; hour < 25; ++hour) house.hold(10'000, kHour);
  const auto& samples = house.user().samples;
  const TimeNs start = samples.back().time - kDay;
  EXPECT_LE(samples.front().time, start) << "the equity at the window's start is known";
  EXPECT_GT(samples.front().time, start - kHour);
  EXPECT_GT(samples[1].time, start);
  EXPECT_LE(samples.size(), 26U);
}

}  // namespace
}  // namespace prom::scenario
