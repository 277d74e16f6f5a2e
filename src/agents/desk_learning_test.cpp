// What the desk learns and says: disabling and the way back, lessons, opinions, explanations. Single thread.
#include "agents/desk.h"
#include "agents/explain.h"
#include "agents/opinion.h"
#include "agents/test_support.h"

namespace prom {
namespace {

using namespace prom::testing;

TEST(RuleDesk, thirty_clear_losses_disable_the_desk_and_it_goes_on_in_shadow) {
  World world({.seed = 11, .drift = 300, .noise = 7000, .bars = 1700});
  auto trades = std::make_shared<std::vector<JournalEntry>>();
  for (std::uint64_t i = 0; i < 30; ++i)
    trades->push_back(closed_trade(i, after_bars(300) + kHour * static_cast<std::int64_t>(i), i % 5 == 0 ? "10"_dec : "-100"_dec));
  world.history = trades;
  RuleDesk desk = new_desk();
  const auto first = desk.decide(world.request(400, 400));
  const auto* status = find_input<DeciderStatusSet>(first);
  ASSERT_NE(status, nullptr);
  EXPECT_EQ(status->status, DeciderStatus::disabled);
  EXPECT_NE(status->reason.find("upper bound"), std::string::npos);
  std::size_t shadowed = 0, posted = 0;
  std::optional<DeciderStatusSet> returned;
  for (std::size_t bar = 401; bar < 1700 && !returned; ++bar) {
    const auto outcome = desk.decide(world.request(bar, bar));
    posted += opens(outcome) ? 1 : 0;
    shadowed += record_of(outcome).proposal && record_of(outcome).summary.starts_with("In shadow") ? 1 : 0;
    if (const auto* change = find_input<DeciderStatusSet>(outcome)) returned = *change;
  }
  EXPECT_EQ(posted, 0U);
  EXPECT_GT(shadowed, 3U);
  // In a market that rises on the whole the shadow recovers, and the desk comes back at half size.
  ASSERT_TRUE(returned.has_value()) << desk.shadow_nets(world.pair.ix).size();
  EXPECT_EQ(returned->status, DeciderStatus::probation);
  EXPECT_EQ(desk.status(world.pair.ix), DeciderStatus::probation);
}

TEST(RuleDesk, a_closed_trade_becomes_a_lesson_once_with_the_situation_of_its_entry) {
  World world(kUp);
  RuleDesk desk = new_desk();
  const auto opened = first_where(desk, world, opens);
  ASSERT_TRUE(opened.has_value());
  const auto bar = static_cast<std::size_t>((record_of(*opened).as_of.time - kWorldStart) / kHour);
  JournalEntry entry = closed_trade(5, after_bars(bar) + kMinute * 30, "-100"_dec);
  entry.decision = record_of(*opened).id;
  world.history = std::make_shared<std::vector<JournalEntry>>(std::vector{entry});
  const auto next = desk.decide(world.request(bar + 1, bar + 1));
  const auto* noted = find_input<MemoryNoted>(next);
  ASSERT_NE(noted, nullptr);
  EXPECT_EQ(noted->memory.kind, MemoryKind::lesson);
  EXPECT_EQ(noted->memory.trade, RoundTripId(5));
  ASSERT_EQ(noted->memory.situation.size(), 16U);
  EXPECT_FLOAT_EQ(noted->memory.situation[0], static_cast<float>(record_of(*opened).score));
  EXPECT_NE(noted->memory.text.find("-1.00 R"), std::string::npos) << noted->memory.text;
  EXPECT_EQ(find_input<MemoryNoted>(desk.decide(world.request(bar + 2, bar + 2))), nullptr);
}

TEST(Opinion, groups_without_votes_take_no_part) {
  Opinion opinion;
  opinion.group("a", 0.5);
  opinion.vote(1, 3);
  opinion.vote(-1, 1);  // mean 0.5
  opinion.group("empty", 0.4);
  opinion.group("b", 0.25);
  opinion.vote(-2);  // clamped to -1
  EXPECT_DOUBLE_EQ(opinion.score(), (0.5 * 0.5 - 0.25) / 0.75);
}

TEST(Explain, tells_every_agent_and_the_numbers) {
  World world(kUp);
  RuleDesk desk = new_desk();
  const auto opened = first_where(desk, world, opens);
  ASSERT_TRUE(opened.has_value());
  const std::string text = explain(record_of(*opened));
  for (const AgentRole role : all_agent_roles()) EXPECT_NE(text.find(name_of(role)), std::string::npos);
  for (const char* part : {"Bull:", "Bear:", "Judge:", "desk.levels", "calculate_position_size", "proposal: buy"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
  EXPECT_LT(explain(record_of(*opened), ExplainDetail::summary).size(), text.size() / 2);
}

}  // namespace
}  // namespace prom
