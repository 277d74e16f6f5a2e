// Profiles: shipped files equal the built-in ones, a user's folder overrides without a rebuild, mistakes are named with file, line and suggestion.
#include "agents/roles.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tools/tool.h"

namespace prom {
namespace {

const std::string kShipped = std::string(PROM_SOURCE_DIR) + "/assets/prompts";

class UserFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::path(::testing::TempDir()) / ("prom_prompts_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((dir_ / path).parent_path());
    std::ofstream(dir_ / path) << text;
  }
  std::expected<AgentProfiles, Error> load() { return load_agent_profiles(kShipped, dir_.string()); }
  std::filesystem::path dir_;
};

TEST(Profiles, built_in_ones_are_the_shipped_files) {
  const auto shipped = load_agent_profiles(kShipped);
  ASSERT_TRUE(shipped.has_value()) << shipped.error().message;
  EXPECT_EQ(shipped->hash(), built_in_profiles().hash());
  for (const AgentRole role : all_agent_roles()) {
    const AgentProfile& profile = shipped->of(role);
    EXPECT_EQ(profile.role, role);
    EXPECT_EQ(profile.hash, built_in_profiles().of(role).hash);
    EXPECT_EQ(profile.hash.size(), 64U);
    EXPECT_GT(profile.prompt.size(), 400U) << name_of(role);
    EXPECT_FALSE(profile.tools.empty());
    EXPECT_GT(profile.limits.tool_calls, 0U);
    EXPECT_GT(profile.limits.run_timeout.ns, 0);
    EXPECT_TRUE(profile.limits.dollars.is_positive());
    EXPECT_EQ(profile.thresholds.size(), threshold_specs(role).size());
    for (const std::string& tool : profile.tools) {
      ASSERT_NE(find_tool(tool), nullptr);
      if (find_tool(tool)->info.access == ToolAccess::proposing) EXPECT_TRUE(may_propose(role)) << tool;
    }
    EXPECT_EQ(profile.weight > 0, is_analyst(role));
  }
}

TEST_F(UserFolder, overrides_key_by_key_and_changes_the_hash) {
  write("strategy_planner/agent.toml", "[thresholds]\nentry_score = 0.5\n");
  write("executor/system.md", "Only limit orders, please.\n");
  const auto profiles = load();
  ASSERT_TRUE(profiles.has_value()) << profiles.error().message;
  const AgentProfile& planner = profiles->of(AgentRole::strategy_planner);
  EXPECT_EQ(planner.at("entry_score"), 0.5);
  EXPECT_EQ(planner.at("stop_atr"), 2.0);
  EXPECT_NE(planner.hash, built_in_profiles().of(AgentRole::strategy_planner).hash);
  EXPECT_EQ(planner.prompt, built_in_profiles().of(AgentRole::strategy_planner).prompt);
  EXPECT_EQ(profiles->of(AgentRole::executor).prompt, "Only limit orders, please.\n");
  EXPECT_NE(profiles->of(AgentRole::executor).hash, built_in_profiles().of(AgentRole::executor).hash);
  EXPECT_EQ(profiles->of(AgentRole::market_analyst).hash, built_in_profiles().of(AgentRole::market_analyst).hash);
}

TEST_F(UserFolder, mistakes_are_named_with_place_and_suggestion) {
  struct Case {
    const char *path, *text, *message, *hint;
  };
  const Case cases[] = {
      {"strategy_planner/agent.toml", "[thresholds]\n\nentry_scor = 0.5\n", "agent.toml:3: unknown key `thresholds.entry_scor`", "did you mean `entry_score`?"},
      {"strategy_planner/agent.toml", "wieght = 0.5\n", "agent.toml:1: unknown key `wieght`", "did you mean `weight`?"},
      {"strategy_planner/agent.toml", "[limits]\ntool_cals = 5\n", "agent.toml:2: unknown key `limits.tool_cals`", "did you mean `tool_calls`?"},
      {"strategy_planner/agent.toml", "tools = [\"atr\",\n\"get_prise\"]\n", "agent.toml:2: there is no tool `get_prise`", "did you mean `get_price`?"},
      {"strategy_planner/agent.toml", "[thresholds]\nentry_score = 7\n", "agent.toml:2: `entry_score` is 7, outside 0.05 to 1", ""},
      {"strategy_planner/agent.toml", "[thresholds]\nentry_score = \"a\"\n", "agent.toml:2: `entry_score` must be a number", ""},
      {"strategy_planner/agent.toml", "weight = \n", "agent.toml:1: ", ""},
      {"market_analyst/agent.toml", "tools = [\"place_order\"]\n", "agent.toml:1: `place_order` proposes and market_analyst may only read", ""},
      {"macro_analyst/agent.toml", "role = \"onchain_analyst\"\n", "`role` must be \"macro_analyst\"", ""},
      {"risk_manager/agent.toml", "[limits]\nusd = 0.5\n", "agent.toml:2: `usd` must be an amount as text", "usd = \"0.05\""},
      {"stratgy_planner/agent.toml", "weight = 0\n", "stratgy_planner belongs to no agent", "did you mean `strategy_planner`?"},
  };
  for (const Case& one : cases) {
    std::filesystem::remove_all(dir_);
    write(one.path, one.text);
    const auto loaded = load();
    ASSERT_FALSE(loaded.has_value()) << one.text;
    EXPECT_NE(loaded.error().message.find(one.message), std::string::npos) << loaded.error().message;
    EXPECT_NE(loaded.error().hint.find(one.hint), std::string::npos) << loaded.error().hint;
  }
}

TEST(Profiles, a_missing_folder_is_an_error_with_its_path) {
  const auto loaded = load_agent_profiles("/nowhere/prompts");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_NE(loaded.error().message.find("/nowhere/prompts"), std::string::npos);
}

}  // namespace
}  // namespace prom
