// What a view shows at an instant, held against a naive reading of the same rows.
#include "ports/observation_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/prng.h"

namespace prom {
namespace {

Observation said(std::string subject, std::int64_t event, std::int64_t available, double value) {
  return {"macro.series", std::move(subject), "FRED", "", TimeNs{event}, TimeNs{available}, TrustTier::official, value, ""};
}

TEST(ObservationTable, a_revision_is_seen_from_the_instant_it_was_known) {
  const ObservationTable table({said("GDP", 10, 100, 1.0), said("GDP", 10, 200, 1.5), said("GDP", 20, 150, 2.0)});
  const auto at = [&](std::int64_t now) {
    std::vector<double> out;
    for (const Observation* o : table.known({.series = "macro.series", .subject = "GDP", .as_of = TimeNs{now}, .limit = 9})) out.push_back(*o->value);
    return out;
  };
  EXPECT_EQ(at(99), (std::vector<double>{}));
  EXPECT_EQ(at(100), (std::vector<double>{1.0}));
  EXPECT_EQ(at(150), (std::vector<double>{2.0, 1.0}));
  EXPECT_EQ(at(200), (std::vector<double>{2.0, 1.5}));
}

TEST(ObservationTable, agrees_with_a_naive_reading) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Xoshiro256pp rng(seed);
    std::vector<Observation> rows;
    for (int k = 0; k < 60; ++k) {
      Observation row = said(rng.below(2) == 0 ? "A" : "B", static_cast<std::int64_t>(rng.below(8)), static_cast<std::int64_t>(rng.below(20)), k);
      // A store never holds two sayings of one identity and one instant.
      const bool there = std::ranges::any_of(
          rows, [&](const Observation& o) { return o.subject == row.subject && o.event_time == row.event_time && o.available_at == row.available_at; });
      if (!there) rows.push_back(std::move(row));
    }
    const ObservationTable table(rows);
    for (std::int64_t now = 0; now < 20; ++now) {
      std::map<std::pair<std::int64_t, std::string>, const Observation*> latest;  // by falling event time, then subject
      for (const Observation& o : rows) {
        if (o.available_at.ns > now || o.event_time.ns < 2 || o.event_time.ns > 6) continue;
        auto& slot = latest[{-o.event_time.ns, o.subject}];
        if (slot == nullptr || o.available_at >= slot->available_at) slot = &o;
      }
      std::vector<double> expected, got;
      for (const auto& [at, o] : latest) expected.push_back(*o->value);
      for (const Observation* o : table.known({.series = "macro.series", .as_of = TimeNs{now}, .from = TimeNs{2}, .until = TimeNs{6}, .limit = 99})) {
        got.push_back(*o->value);
      }
      EXPECT_EQ(got, expected) << "seed " << seed << " at " << now;
    }
  }
}

TEST(Observation, what_cannot_be_kept_is_named) {
  EXPECT_FALSE(fault_of(said("GDP", 1, 2, 3)));
  Observation bad = said("GDP", 1, 2, 3);
  bad.value = std::nullopt;
  EXPECT_TRUE(fault_of(bad));
  bad.text = std::string(kMaxObservationText + 1, 'x');
  EXPECT_TRUE(fault_of(bad));
  EXPECT_TRUE(fault_of(said(std::string(600, 'x'), 1, 2, 3)));
  EXPECT_TRUE(fault_of(said("GDP", 1, 2, 1.0 / 0.0)));
}

}  // namespace
}  // namespace prom
