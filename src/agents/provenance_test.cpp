// P22: decisions as they are pass; ten thousand mutated verdicts a class are all refused. Whether a mutated claim is false is judged by a walk over the
// recorded JSON that shares nothing with the check but the parser. Single thread; seeded.
#include "agents/provenance.h"

#include <cmath>
#include <functional>

#include "agents/levels.h"
#include "agents/test_support.h"
#include "base/text.h"
#include "tools/tool.h"

namespace prom {
namespace {

using namespace prom::testing;

/// Every number of every recorded result by (id, path).
using Truth = std::map<std::pair<std::uint32_t, std::string>, double>;

void walk_value(const Value& value, const std::string& path, std::uint32_t id, Truth& truth) {
  const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  if (const auto* object = std::get_if<ValueObject>(&value.storage())) {
    for (const auto& [key, member] : *object) walk_value(member, below(key), id, truth);
  } else if (const auto* list = std::get_if<ValueList>(&value.storage())) {
    for (std::size_t i = 0; i < list->size(); ++i) walk_value((*list)[i], below(std::to_string(i)), id, truth);
  } else if (const auto text = value.text()) {
    if (const auto number = parse_f64(*text)) truth[{id, path}] = *number;
  } else if (const auto number = value.number()) {
    truth[{id, path}] = *number;
  }
}

Truth truth_of(const DecisionRecord& record) {
  Truth truth;
  for (const Verdict& verdict : record.verdicts) {
    for (const ReasoningStep& step : verdict.steps) {
      if (step.tool_result == 0) continue;
      const auto output = parse_json_value(step.output);
      EXPECT_TRUE(output.has_value());
      if (output) walk_value(*output, "", step.tool_result, truth);
    }
  }
  return truth;
}
bool is_true(const Truth& truth, const Evidence& evidence) {
  const auto found = truth.find({evidence.tool_result, evidence.path});
  return found != truth.end() && std::abs(found->second - evidence.value) <= 1e-9 * std::max(1.0, std::abs(found->second));
}

struct Recorded {
  DecisionRecord record;
  Truth truth;
};

/// Decisions of two markets, with and without an order.
const std::vector<Recorded>& corpus() {
  static const std::vector<Recorded> kCorpus = [] {
    std::vector<Recorded> out;
    for (const WalkSpec& spec :
         {WalkSpec{.seed = 3, .drift = 600}, WalkSpec{.seed = 4, .drift = -500}, WalkSpec{.seed = 8, .drift = 0, .taker = Taker::present}}) {
      World world(spec);
      RuleDesk desk(built_in_profiles());
      std::size_t with = 0, without = 0;
      for (std::size_t bar = 500; bar < 900 && with + without < 40; ++bar) {
        const auto outcome = desk.decide(world.request(bar, bar));
        std::size_t& count = record_of(outcome).proposal ? with : without;
        if (count >= 20) continue;
        ++count;
        out.push_back({record_of(outcome), truth_of(record_of(outcome))});
      }
    }
    return out;
  }();
  return kCorpus;
}
const Instrument& instrument() {
  static const Instrument kInstrument = linear(0, "BTCUSDT");
  return kInstrument;
}

TEST(Provenance, p22_untouched_decisions_are_never_refused) {
  std::size_t orders = 0;
  for (const Recorded& one : corpus()) {
    const auto checked = check_provenance(one.record, instrument());
    EXPECT_TRUE(checked.has_value()) << describe(checked.error());
    orders += one.record.proposal ? 1 : 0;
    for (const Verdict& verdict : one.record.verdicts) {
      for (const Evidence& evidence : verdict.evidence) EXPECT_TRUE(is_true(one.truth, evidence)) << evidence.path;
    }
  }
  EXPECT_GE(corpus().size(), 60U);
  EXPECT_GE(orders, 10U);
}

Evidence* pick(DecisionRecord& record, Xoshiro256pp& random) {
  std::vector<Evidence*> all;
  for (Verdict& verdict : record.verdicts) {
    for (Evidence& evidence : verdict.evidence) all.push_back(&evidence);
  }
  return all.empty() ? nullptr : all[random.below(all.size())];
}

/// Applies `mutate` until it has told 10,000 lies; each must be refused.
void expect_all_refused(std::uint64_t seed, const std::function<void(Evidence&, const Recorded&, Xoshiro256pp&)>& mutate) {
  constexpr int kWanted = 10'000;
  Xoshiro256pp random(seed);
  int lies = 0, accepted = 0;
  for (int attempts = 0; lies < kWanted && attempts < 10 * kWanted; ++attempts) {
    const Recorded& source = corpus()[random.below(corpus().size())];
    // Only the verdicts are copied deep enough to be changed; the copy is cheap against the check.
    DecisionRecord record = source.record;
    Evidence* evidence = pick(record, random);
    if (evidence == nullptr) continue;
    mutate(*evidence, source, random);
    if (is_true(source.truth, *evidence)) continue;  // still a true statement: not a lie
    ++lies;
    accepted += check_provenance(record, instrument()).has_value() ? 1 : 0;
  }
  EXPECT_EQ(lies, kWanted);
  EXPECT_EQ(accepted, 0);
}

TEST(Provenance, p22_changed_values_are_refused) {
  expect_all_refused(1, [](Evidence& e, const Recorded&, Xoshiro256pp& random) {
    const double size = std::max(1e-3, std::abs(e.value));
    e.value += size * (random.chance(1, 2) ? 1 : -1) * std::pow(10.0, -static_cast<double>(random.range(0, 7)));
  });
}
TEST(Provenance, p22_changed_ids_are_refused) {
  expect_all_refused(2, [](Evidence& e, const Recorded& source, Xoshiro256pp& random) {
    auto at = source.truth.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random.below(source.truth.size())));
    e.tool_result = at->first.first;
  });
}
TEST(Provenance, p22_swapped_paths_are_refused) {
  expect_all_refused(3, [](Evidence& e, const Recorded& source, Xoshiro256pp& random) {
    auto at = source.truth.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random.below(source.truth.size())));
    e.path = at->first.second;
  });
}
TEST(Provenance, p22_invented_numbers_are_refused) {
  expect_all_refused(4, [](Evidence& e, const Recorded&, Xoshiro256pp& random) {
    e.value = static_cast<double>(random.range(-10'000'000, 10'000'000)) / 97.0;
    if (random.chance(1, 50)) e.value = std::nan("");
    if (random.chance(1, 50)) e.value = HUGE_VAL;
  });
}
TEST(Provenance, p22_numbers_scaled_by_ten_are_refused) {
  expect_all_refused(5, [](Evidence& e, const Recorded&, Xoshiro256pp& random) { e.value *= random.chance(1, 2) ? 10 : 0.1; });
}
TEST(Provenance, p22_flipped_signs_are_refused) {
  expect_all_refused(6, [](Evidence& e, const Recorded&, Xoshiro256pp&) { e.value = -e.value; });
}
TEST(Provenance, p22_evidence_of_another_decision_is_refused) {
  expect_all_refused(7, [](Evidence& e, const Recorded&, Xoshiro256pp& random) {
    DecisionRecord other = corpus()[random.below(corpus().size())].record;
    if (const Evidence* stale = pick(other, random)) e = *stale;
  });
}

/// Orders whose numbers are not those that were worked out.
TEST(Provenance, p22_orders_with_other_numbers_are_refused) {
  Xoshiro256pp random(8);
  std::vector<const Recorded*> orders;
  for (const Recorded& one : corpus()) {
    if (one.record.proposal && one.record.proposal->intent == Intent::open) orders.push_back(&one);
  }
  ASSERT_FALSE(orders.empty());
  int accepted = 0;
  for (int i = 0; i < 10'000; ++i) {
    DecisionRecord record = orders[random.below(orders.size())]->record;
    TradeProposal& order = *record.proposal;
    const std::int64_t ticks = random.range(1, 1000) * (random.chance(1, 2) ? 10 : -10);
    switch (random.below(9)) {
      case 0: order.stop->v += ticks; break;
      case 1: order.quantity.v += random.range(1, 1000); break;
      case 2: order.targets.at(0).price.v += ticks; break;
      case 3: order.targets.at(0).fraction += "0.1"_dec; break;
      case 4: order.limit = PriceUnits{(order.limit ? order.limit->v : 5'000'000) + ticks}; break;
      case 5: order.ladder.push_back({5'000'000}); break;
      case 6: order.trailing_distance = PriceUnits{100}; break;
      case 7: order.side = opposite(order.side); break;
      default: order.stop.reset(); break;
    }
    accepted += check_provenance(record, instrument()).has_value() ? 1 : 0;
  }
  EXPECT_EQ(accepted, 0);
}

/// The desk's arithmetic itself: a stop that a made-up input or output would give.
TEST(Provenance, p22_arithmetic_that_was_tampered_with_is_refused) {
  for (const Recorded& one : corpus()) {
    if (!one.record.proposal || one.record.proposal->intent != Intent::open) continue;
    for (const auto& [from, to] : {std::pair<std::string, std::string>{"\"stop_atr\":2", "\"stop_atr\":99"},
                                   {"\"path\":\"price\"", "\"path\":\"high_24h\""},
                                   {"\"share\":0.98", "\"share\":0.5"},
                                   {"\"target_r\":2", "\"target_r\":3"}}) {
      DecisionRecord record = one.record;
      bool changed = false;
      for (Verdict& verdict : record.verdicts) {
        for (ReasoningStep& step : verdict.steps) {
          const std::size_t at = step.tool.starts_with("desk.") ? step.input.find(from) : std::string::npos;
          if (at == std::string::npos) continue;
          step.input.replace(at, from.size(), to);
          changed = true;
        }
      }
      ASSERT_TRUE(changed) << from;
      EXPECT_FALSE(check_provenance(record, instrument()).has_value()) << from;
    }
  }
}

TEST(Levels, a_stop_two_ranges_away_and_a_target_at_two_r_worked_by_hand) {
  const Instrument btc = linear(0, "BTCUSDT");  // tick 0.10
  LevelInputs in;
  in.price = 50'000.04;
  in.atr = 400.03;
  // No swing: 50000.04 - 800.06 = 49199.98 -> up to the tick: 49200.00. Risk from the entry's tick 50000.00: 800. Target 50000.04 + 1600 -> down: 51600.00.
  auto levels = compute_levels(btc, in);
  ASSERT_TRUE(levels.has_value());
  EXPECT_EQ(levels->entry.v, 5'000'000);
  EXPECT_EQ(levels->stop.v, 4'920'000);
  EXPECT_EQ(levels->target.v, 5'160'000);
  EXPECT_EQ(levels->fraction, "0.5"_dec);
  // A swing at 49500: 500.04 + 0.25 * 400.03 = 600.0475, nearer than 1.5 ranges (600.045)? Just beyond: stop 49399.9925 -> 49400.00.
  in.swing = 49'500;
  EXPECT_EQ(compute_levels(btc, in)->stop.v, 4'940'000);
  // A far swing is held at three ranges: 50000.04 - 1200.09 = 48799.95 -> 48800.00.
  in.swing = 40'000;
  EXPECT_EQ(compute_levels(btc, in)->stop.v, 4'880'000);
  // A short mirrors: swing ignored below the price; 50800.10 -> down to 50800.10.
  in.side = Side::sell;
  levels = compute_levels(btc, in);
  EXPECT_EQ(levels->stop.v, 5'080'010);
  EXPECT_EQ(compute_size(btc, "1.2345"_dec, 0.5)->v, 617);  // 0.61725 -> 0.617
  in.atr = std::nan("");
  EXPECT_EQ(compute_levels(btc, in).error(), LevelFault::range_not_positive);
  in.atr = 1;
  in.rule.stop_atr = 60;
  EXPECT_EQ(compute_levels(btc, in).error(), LevelFault::rule_out_of_range);
}

}  // namespace
}  // namespace prom
