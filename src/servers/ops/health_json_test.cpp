// The documents of /health and /ready, read back by a JSON parser.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "servers/ops/ops_server.h"

namespace prom {
namespace {

HealthReport report_with(HealthState journal) {
  return {.mode = "PAPER",
          .version = "0.1.0",
          .uptime = 90 * kSecond + 999 * kMillisecond,
          .components = {{"engine", HealthState::ok, ""}, {"journal", journal, journal == HealthState::ok ? "" : "disk is full"}},
          .readiness = Readiness::ready,
          .not_ready_reason = ""};
}

TEST(HealthJson, OkDocument) {
  const auto read = nlohmann::json::parse(health_json(report_with(HealthState::ok)));
  EXPECT_EQ(read.at("status"), "ok");
  EXPECT_EQ(read.at("mode"), "PAPER");
  EXPECT_EQ(read.at("version"), "0.1.0");
  EXPECT_EQ(read.at("uptime_seconds"), 90);
  EXPECT_EQ(read.at("ready"), true);
  ASSERT_EQ(read.at("components").size(), 2U);
  EXPECT_EQ(read.at("components")[0], nlohmann::json({{"name", "engine"}, {"state", "ok"}}));
}

TEST(HealthJson, TheWorstComponentDecides) {
  EXPECT_EQ(report_with(HealthState::degraded).state(), HealthState::degraded);
  EXPECT_EQ(report_with(HealthState::failed).state(), HealthState::failed);
  EXPECT_EQ(HealthReport{}.state(), HealthState::ok);
  const auto read = nlohmann::json::parse(health_json(report_with(HealthState::failed)));
  EXPECT_EQ(read.at("status"), "failed");
  EXPECT_EQ(read.at("ready"), false);
  EXPECT_EQ(read.at("components")[1].at("reason"), "disk is full");
}

TEST(HealthJson, ReadyFollowsReadinessAndFailure) {
  EXPECT_TRUE(is_ready(report_with(HealthState::ok)));
  EXPECT_TRUE(is_ready(report_with(HealthState::degraded)));
  EXPECT_FALSE(is_ready(report_with(HealthState::failed)));
  HealthReport starting = report_with(HealthState::ok);
  starting.readiness = Readiness::not_ready;
  starting.not_ready_reason = "applying the journal";
  EXPECT_FALSE(is_ready(starting));
  const auto read = nlohmann::json::parse(ready_json(starting));
  EXPECT_EQ(read, nlohmann::json({{"ready", false}, {"mode", "PAPER"}, {"reason", "applying the journal"}}));
  EXPECT_EQ(nlohmann::json::parse(ready_json(report_with(HealthState::failed))).at("reason"), "journal: disk is full");
  EXPECT_FALSE(nlohmann::json::parse(ready_json(report_with(HealthState::ok))).contains("reason"));
}

TEST(HealthJson, ReasonsThatAreNotTextStillGiveADocument) {
  HealthReport report = report_with(HealthState::degraded);
  report.components[1].reason = "venue said \"\xff\xfe\"\n";
  EXPECT_TRUE(nlohmann::json::accept(health_json(report)));
}

}  // namespace
}  // namespace prom
