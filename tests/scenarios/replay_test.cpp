// Recovery applies, replay decides again: both must end in the state of the uninterrupted run; a changed input or rule must be caught.
#include <gtest/gtest.h>

#include "domain/codec/frame_codec.h"
#include "engine/state/snapshot.h"
#include "memory_journal.h"
#include "research/simulation/test_data.h"
#include "runtime/replay/verify.h"

namespace prom {
namespace {

class Replay : public ::testing::Test {
 protected:
  void SetUp() override {
    data = test_data::wave(2, 6'000, 17);
    SimulationParts parts;
    parts.journal = &journal;
    simulation = std::move(Simulation::create(data, test_data::trend_config(data), parts).value());
    ASSERT_TRUE(simulation->begin().has_value());
    ASSERT_TRUE(simulation->run({}).has_value());
    ASSERT_GT(simulation->state().next_order, 20U);
  }
  Dataset data;
  MemoryJournal journal;
  std::unique_ptr<Simulation> simulation;
};

TEST_F(Replay, deciding_again_gives_the_same_events_commands_and_state) {
  const auto verdict = verify_replay(journal, EngineOptions{});
  ASSERT_TRUE(verdict.has_value());
  EXPECT_FALSE(verdict->first_difference.has_value()) << verdict->first_difference->recorded << "----\n" << verdict->first_difference->decided;
  EXPECT_EQ(verdict->frames, journal.frames.size());
  EXPECT_EQ(verdict->state_digest, digest_of(simulation->state()));
}

TEST_F(Replay, applying_gives_the_same_state_and_so_does_a_snapshot_plus_the_rest) {
  Engine applied;
  Engine from_snapshot;
  const std::size_t cut = journal.frames.size() / 2;
  for (std::size_t i = 0; i < journal.frames.size(); ++i) {
    const auto frame = decode_frame(journal.frames[i]).value();
    if (i == cut) from_snapshot.restore(decode_snapshot(encode_snapshot(applied.state())).value());
    applied.recover(frame);
    if (i >= cut) from_snapshot.recover(frame);
  }
  EXPECT_EQ(digest_of(applied.state()), digest_of(simulation->state()));
  EXPECT_EQ(digest_of(from_snapshot.state()), digest_of(simulation->state()));
}

TEST_F(Replay, canary_a_mutated_engine_is_caught) {
  EngineOptions mutated;
  mutated.coverage_deadline.ns += 1;
  const auto verdict = verify_replay(journal, mutated);
  ASSERT_TRUE(verdict.has_value());
  EXPECT_TRUE(verdict->first_difference.has_value()) << "a rule that changed by one nanosecond must show";
}

TEST_F(Replay, canary_a_single_changed_price_is_caught) {
  std::uint64_t target = 0;
  for (std::size_t i = 0; i < journal.frames.size() && target == 0; ++i) {
    const auto frame = decode_frame(journal.frames[i]).value();
    if (std::holds_alternative<VenueFilled>(frame.input.body)) target = frame.seq;
  }
  ASSERT_GT(target, 0U);
  journal.mutate = [&](RecordedFrame& frame) {
    if (frame.seq == target) std::get<VenueFilled>(frame.input.body).fill.price.v += 1;
  };
  const auto verdict = verify_replay(journal, EngineOptions{});
  ASSERT_TRUE(verdict.has_value());
  ASSERT_TRUE(verdict->first_difference.has_value());
  EXPECT_EQ(verdict->first_difference->seq, target);
}

}  // namespace
}  // namespace prom
