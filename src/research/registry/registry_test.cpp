// Kept runs: what goes in comes out to the last digit, ids sort, damage is reported and never fatal, diff names the first difference.
#include "research/registry/run_registry.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "domain/codec/frame_codec.h"
#include "research/exports/exports.h"
#include "research/report/sample_run.h"

namespace prom {
namespace {

namespace fs = std::filesystem;

constexpr TimeNs kNow{1'748'958'000'000'000'000};  // 2025-06-03T13:40:00Z

class Registry : public ::testing::Test {
 protected:
  void SetUp() override {
    state_ = fs::temp_directory_path() / ("prom_registry_" + std::to_string(::getpid()));
    fs::remove_all(state_);
    registry_.emplace(state_.string());
  }
  void TearDown() override { fs::remove_all(state_); }
  std::string save(const RunResult& r, const RunDigests& digests = {}, TimeNs now = kNow) {
    const auto id = registry_->save(r, digests, now);
    EXPECT_TRUE(id.has_value()) << id.error().message;
    return id.value_or("");
  }
  void damage(const std::string& id, const std::string& file, std::size_t at) {
    std::fstream f(state_ / "runs" / id / file, std::ios::in | std::ios::out | std::ios::binary);
    f.seekg(static_cast<std::streamoff>(at));
    const char c = static_cast<char>(f.get() ^ 0x20);
    f.seekp(static_cast<std::streamoff>(at));
    f.put(c);
  }
  fs::path state_;
  std::optional<RunRegistry> registry_;
};

TEST_F(Registry, what_goes_in_comes_out) {
  const sample::Sample s = sample::run(3);
  const std::vector<CandleSeries> candles{{InstrumentIx{1}, kHour, 2, {0, 3}, {1, 2}, {3, 4}, {1, 1}, {2, 2}}};
  const auto id = registry_->save(s.result, {"b", "c", "d", "s", "p"}, kNow, candles);
  ASSERT_TRUE(id.has_value()) << id.error().message;
  EXPECT_EQ(*id, "20250603-134000-001");
  const auto back = registry_->load(*id);
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back->result.run_id, *id);
  RunResult expected = s.result;
  expected.run_id = *id;
  EXPECT_EQ(result_to_json(back->result), result_to_json(expected));
  for (const auto text : {trades_csv, fills_csv, orders_csv, equity_csv, postings_csv, denials_csv}) EXPECT_EQ(text(back->result), text(expected));
  ASSERT_EQ(back->result.decisions.size(), expected.decisions.size());
  for (std::size_t i = 0; i < expected.decisions.size(); ++i) ASSERT_EQ(decision_to_json(back->result.decisions[i]), decision_to_json(expected.decisions[i]));
  EXPECT_EQ(back->result.configuration, expected.configuration);
  ASSERT_EQ(back->result.benchmarks.size(), expected.benchmarks.size());
  EXPECT_EQ(back->result.benchmarks[2].equity.back().equity, expected.benchmarks[2].equity.back().equity);
  ASSERT_EQ(back->result.alerts.size(), 2U);
  EXPECT_EQ(back->result.alerts[1].text, expected.alerts[1].text);
  EXPECT_EQ(back->digests, (RunDigests{"b", "c", "d", "s", "p"}));
  ASSERT_EQ(back->candles.size(), 1U);
  EXPECT_EQ(back->candles[0].high, (std::vector<std::int64_t>{3, 4}));
}

TEST_F(Registry, ids_are_unique_and_sort_even_when_the_clock_is_set_back) {
  const RunResult r = sample::run(1).result;
  EXPECT_TRUE(registry_->list()->empty());
  EXPECT_EQ(save(r), "20250603-134000-001");
  EXPECT_EQ(save(r), "20250603-134000-002");
  EXPECT_EQ(save(r, {}, kNow - kDay), "20250603-134000-003");
  EXPECT_EQ(save(r, {}, kNow + kSecond), "20250603-134001-001");
  EXPECT_EQ(registry_->list()->size(), 4U);
  EXPECT_EQ(registry_->resolve("latest").value(), "20250603-134001-001");
  EXPECT_EQ(registry_->resolve("20250603-134001").value(), "20250603-134001-001");
  EXPECT_EQ(registry_->resolve("2025").error().code, "run_ambiguous");
  EXPECT_EQ(registry_->resolve("1999").error().code, "run_not_found");
}

// A folder that somebody put there sorted behind every run and was taken for the latest.
TEST_F(Registry, what_is_no_run_is_not_the_latest) {
  const RunResult r = sample::run(1).result;
  const std::string id = save(r);
  for (const char* name : {"backup", "99999999", "20250603-134000-00x", "old 20250603-134000-001"})
    std::filesystem::create_directories(std::filesystem::path(registry_->folder_of(id)).parent_path() / name);
  EXPECT_EQ(registry_->resolve("latest").value(), id);
  EXPECT_EQ(registry_->list()->size(), 1U);
}

TEST_F(Registry, damage_is_reported_and_the_rest_still_lists) {
  const RunResult r = sample::run(1).result;
  const std::string first = save(r), second = save(r), third = save(r), fourth = save(r);
  damage(first, "run.json", 1);
  damage(second, "result.bin", 200);
  damage(third, "decisions.bin", 40);
  fs::resize_file(state_ / "runs" / fourth / "result.bin", fs::file_size(state_ / "runs" / fourth / "result.bin") - 20);
  fs::create_directories(state_ / "runs" / ".saving-x");
  const auto list = registry_->list();
  ASSERT_EQ(list->size(), 4U);
  EXPECT_EQ((*list)[0].fault.value().code, "run_corrupted");
  EXPECT_FALSE((*list)[1].fault.has_value());
  for (const std::string& id : {second, third, fourth}) EXPECT_EQ(registry_->load(id).error().code, "run_corrupted") << id;
  const auto doc = nlohmann::json::parse(runs_to_json(*list));
  EXPECT_EQ(doc.at("runs").at(0).at("error").at("code"), "run_corrupted");
  EXPECT_EQ(doc.at("runs").at(1).at("net"), r.summary.net.to_string());
}

TEST_F(Registry, every_flipped_byte_of_the_result_is_noticed) {
  RunResult r = sample::run(1).result;
  r.decisions.clear();
  const std::string id = save(r);
  const std::size_t size = fs::file_size(state_ / "runs" / id / "result.bin");
  for (std::size_t at = 0; at < size; at += 97) {
    damage(id, "result.bin", at);
    EXPECT_FALSE(registry_->load(id).has_value()) << at;
    damage(id, "result.bin", at);
  }
  EXPECT_TRUE(registry_->load(id).has_value());
}

TEST_F(Registry, one_decision_by_its_id) {
  const RunResult r = sample::run(2).result;
  save(r);
  const auto found = registry_->find_decision(DecisionId{100}, "latest");
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(decision_to_json(*found), decision_to_json(r.decisions[99]));
  const auto absent = registry_->find_decision(DecisionId{9'999}, "latest");
  EXPECT_EQ(absent.error().code, "decision_not_found");
  EXPECT_NE(absent.error().message.find("1 to 192"), std::string::npos) << absent.error().message;
}

TEST_F(Registry, diff_names_the_parts_and_the_first_differing_decision) {
  RunResult r = sample::run(1).result;
  const std::string a = save(r, {"b1", "c", "d", "s", "p1"});
  const auto same = registry_->diff(a, a);
  EXPECT_TRUE(same->differing.empty());
  EXPECT_FALSE(same->first_decision.has_value());
  EXPECT_FALSE(same->first_fill.has_value());

  r.decisions[7].verdicts[0].latency_ns += 5;  // measured: no difference
  r.decisions[30].score += 0.01;
  r.decisions[60].score += 0.01;
  r.fills[1].price.v += 1;
  const std::string b = save(r, {"b2", "c", "d", "s", "p2"});
  const auto diff = registry_->diff(a, b);
  ASSERT_TRUE(diff.has_value()) << diff.error().message;
  EXPECT_EQ(diff->differing, (std::vector{RunPart::binary, RunPart::prompts}));
  ASSERT_TRUE(diff->first_decision.has_value());
  EXPECT_EQ(diff->first_decision->index, 30U);
  EXPECT_EQ(diff->first_decision->a->id.v, 31U);
  EXPECT_EQ(diff->first_decision->a->instrument, "binance:linear:SOLUSDT");
  EXPECT_EQ(diff->first_fill->index, 1U);
  const auto doc = nlohmann::json::parse(diff_to_json(*diff));
  EXPECT_EQ(doc.at("differing").at(1), "prompts");
  EXPECT_EQ(doc.at("first_differing_decision").at("a").at("id"), 31);

  r.decisions.resize(10);
  const auto shorter = registry_->diff(a, save(r));
  EXPECT_EQ(shorter->first_decision->index, 10U);
  EXPECT_FALSE(shorter->first_decision->b.has_value());
}

}  // namespace
}  // namespace prom
