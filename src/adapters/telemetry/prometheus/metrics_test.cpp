// The page as a scraper reads it: names, types and values by the text format's own rules, bounds on labels, and promtool's verdict where it is at hand.
#include "adapters/telemetry/prometheus/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace prom {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace literals;

const BuildInfo kBuild{"0.1.0", "abc123", "clang 19.1.7", "paper"};

void touch_everything(Metrics& m) {
  m.count_order({.exchange = "sim", .symbol = "BTCUSDT", .side = "buy", .status = "filled"});
  m.count_order({.exchange = "sim", .symbol = "BTCUSDT", .side = "buy", .status = "filled"});
  m.count_order({.exchange = "sim", .symbol = "ETHUSDT", .side = "sell", .status = "rejected"});
  m.set_pnl("BTCUSDT", "-12.5"_dec);
  m.add_realised("30.25"_dec);
  m.add_realised("-7.5"_dec);
  m.add_realised("1.75"_dec);
  m.observe_agent("risk_manager", 3 * kMillisecond);
  m.observe_agent("risk_manager", DurationNs{-5});
  m.count_tool_calls({.agent = "market_analyst", .tool = "rsi"});
  m.count_tool_calls({.agent = "market_analyst", .tool = "rsi"}, 4);
  m.observe_exchange_call({.exchange = "sim", .endpoint = "place_order"}, 40 * kMicrosecond);
  m.observe_worker("projector", 2 * kSecond);
  m.set_journal_durable_sequence(9'007'199'254'740'991ULL);
  m.set_ledger_lag_frames(3);
  m.count_bars(1440);
  m.count_decisions(24);
  m.count_denials(2);
  m.set_equity("100018.25"_dec);
  m.set_drawdown("0.0125"_dec);
  m.set_breaker(Metrics::Breaker::open);
  m.set_open_positions(2);
  Metrics::Shared shared;
  shared.lease = 7 * kSecond;
  shared.lapses = 1;
  shared.asked = 40;
  shared.refused = 2;
  shared.in_doubt = 1;
  m.set_shared(shared);
  shared.lease = 6 * kSecond;
  shared.asked = 42;
  shared.waited = 3 * kSecond;
  shared.cache_hits = 5;
  shared.cache_misses = 4;
  shared.redis = Metrics::Shared::Redis::down;
  m.set_shared(shared);
  m.set_batches({.pushed = 100, .stored = 60, .spilled = 40, .set_aside = 0, .failures = 3, .spill_batches = 2, .memory = 512});
  m.set_batches({.pushed = 120, .stored = 120, .spilled = 40, .set_aside = 1, .failures = 4, .spill_batches = 0, .memory = 0});
}

// The value of the series that begins with `series` and a space; the test fails where there is none.
double value_of(const std::string& page, const std::string& series) {
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  }
  ADD_FAILURE() << "no series " << series << " in\n" << page;
  return 0;
}

std::string type_of(const std::string& page, const std::string& name) {
  const std::string head = "# TYPE " + name + " ";
  const std::size_t at = page.find(head);
  return at == std::string::npos ? "" : page.substr(at + head.size(), page.find('\n', at) - at - head.size());
}

TEST(Metrics, NamesOfTheProductWithTheirTypes) {
  Metrics m(kBuild);
  touch_everything(m);
  const std::string page = m.serialize();
  const std::vector<std::pair<std::string, std::string>> fixed{{"trading_orders_total", "counter"},
                                                               {"trading_pnl", "gauge"},
                                                               {"trading_realised_profit_total", "counter"},
                                                               {"trading_realised_loss_total", "counter"},
                                                               {"agent_execution_duration_seconds", "histogram"},
                                                               {"agent_tool_calls_total", "counter"},
                                                               {"exchange_api_latency_seconds", "histogram"},
                                                               {"worker_execution_duration_seconds", "histogram"}};
  for (const auto& [name, type] : fixed) {
    EXPECT_EQ(type_of(page, name), type) << name;
    EXPECT_THAT(page, HasSubstr("# HELP " + name + " "));
  }
}

TEST(Metrics, Values) {
  Metrics m(kBuild);
  touch_everything(m);
  const std::string page = m.serialize();
  EXPECT_EQ(value_of(page, R"(trading_orders_total{exchange="sim",side="buy",status="filled",symbol="BTCUSDT"})"), 2);
  EXPECT_EQ(value_of(page, R"(trading_orders_total{exchange="sim",side="sell",status="rejected",symbol="ETHUSDT"})"), 1);
  EXPECT_EQ(value_of(page, R"(trading_pnl{symbol="BTCUSDT"})"), -12.5);
  EXPECT_EQ(value_of(page, "trading_realised_profit_total"), 32);
  EXPECT_EQ(value_of(page, "trading_realised_loss_total"), 7.5);
  EXPECT_EQ(value_of(page, R"(agent_execution_duration_seconds_count{agent="risk_manager"})"), 2);
  EXPECT_EQ(value_of(page, R"(agent_execution_duration_seconds_bucket{agent="risk_manager",le="0.002"})"), 1);
  EXPECT_EQ(value_of(page, R"(agent_execution_duration_seconds_bucket{agent="risk_manager",le="0.005"})"), 2);
  EXPECT_NEAR(value_of(page, R"(agent_execution_duration_seconds_sum{agent="risk_manager"})"), 0.003, 1e-12);
  EXPECT_EQ(value_of(page, R"(agent_tool_calls_total{agent="market_analyst",tool="rsi"})"), 5);
  EXPECT_EQ(value_of(page, R"(worker_execution_duration_seconds_bucket{worker="projector",le="1"})"), 0);
  EXPECT_EQ(value_of(page, R"(worker_execution_duration_seconds_bucket{worker="projector",le="+Inf"})"), 1);
  EXPECT_EQ(value_of(page, "promtrade_journal_durable_sequence"), 9'007'199'254'740'991.0);
  EXPECT_EQ(value_of(page, "promtrade_ledger_lag_frames"), 3);
  EXPECT_EQ(value_of(page, "promtrade_bars_total"), 1440);
  EXPECT_EQ(value_of(page, "promtrade_equity"), 100018.25);
  EXPECT_EQ(value_of(page, "promtrade_drawdown_ratio"), 0.0125);
  EXPECT_EQ(value_of(page, "promtrade_circuit_breaker_open"), 1);
  EXPECT_EQ(value_of(page, "promtrade_lease_seconds"), 6);
  EXPECT_EQ(value_of(page, "promtrade_lease_lapses_total"), 1);
  EXPECT_EQ(value_of(page, R"(promtrade_redis_requests_total{outcome="asked"})"), 42);
  EXPECT_EQ(value_of(page, R"(promtrade_redis_requests_total{outcome="refused"})"), 2);
  EXPECT_EQ(value_of(page, "promtrade_redis_request_seconds_total"), 3);
  EXPECT_EQ(value_of(page, "promtrade_redis_up"), 0);
  EXPECT_EQ(value_of(page, "promtrade_cache_hits_total"), 5);
  EXPECT_EQ(value_of(page, "promtrade_cache_misses_total"), 4);
  EXPECT_EQ(value_of(page, R"(promtrade_clickhouse_rows_total{outcome="pushed"})"), 120);
  EXPECT_EQ(value_of(page, R"(promtrade_clickhouse_rows_total{outcome="stored"})"), 120);
  EXPECT_EQ(value_of(page, R"(promtrade_clickhouse_rows_total{outcome="spilled"})"), 40);
  EXPECT_EQ(value_of(page, R"(promtrade_clickhouse_rows_total{outcome="set_aside"})"), 1);
  EXPECT_EQ(value_of(page, "promtrade_clickhouse_failures_total"), 4);
  EXPECT_EQ(value_of(page, "promtrade_clickhouse_spill_batches"), 0);
  EXPECT_EQ(value_of(page, "promtrade_clickhouse_memory_bytes"), 0);
  EXPECT_THAT(Metrics(kBuild).serialize(), Not(HasSubstr("promtrade_clickhouse"))) << "without ClickHouse there are no rows for it";
  EXPECT_THAT(Metrics(kBuild).serialize(), Not(HasSubstr("promtrade_lease"))) << "without Redis there is no lease to speak of";
  EXPECT_EQ(value_of(page, R"(promtrade_build_info{commit="abc123",compiler="clang 19.1.7",mode="paper",version="0.1.0"})"), 1);
  m.set_breaker(Metrics::Breaker::closed);
  EXPECT_EQ(value_of(m.serialize(), "promtrade_circuit_breaker_open"), 0);
}

TEST(Metrics, SeriesOfAFamilyAreBoundedAndTheRestIsCounted) {
  Metrics m(kBuild);
  for (std::size_t i = 0; i < Metrics::kMaxSeries + 100; ++i) m.count_tool_calls({.agent = "a", .tool = "t" + std::to_string(i)});
  const std::string page = m.serialize();
  std::size_t series = 0;
  for (std::size_t at = 0; (at = page.find("\nagent_tool_calls_total{", at)) != std::string::npos; ++at) ++series;
  EXPECT_EQ(series, Metrics::kMaxSeries);
  EXPECT_EQ(value_of(page, R"(agent_tool_calls_total{agent="other",tool="other"})"), 101);
  EXPECT_EQ(value_of(page, "promtrade_metrics_series_limited_total"), 101);
  EXPECT_EQ(value_of(page, R"(agent_tool_calls_total{agent="a",tool="t0"})"), 1);
}

TEST(Metrics, HostileLabelValuesCannotBreakThePage) {
  Metrics m(kBuild);
  m.set_pnl("a\"} 1\ninjected 2", "1"_dec);
  m.set_pnl("\xff\xfe", "2"_dec);
  m.set_pnl(std::string(10'000, 'x'), "3"_dec);
  const std::string page = m.serialize();
  EXPECT_THAT(page, Not(HasSubstr("\ninjected")));
  EXPECT_THAT(page, Not(HasSubstr("\xff")));
  EXPECT_EQ(value_of(page, R"(trading_pnl{symbol="a\"} 1?injected 2"})"), 1);
  EXPECT_EQ(value_of(page, R"(trading_pnl{symbol="??"})"), 2);
  EXPECT_EQ(value_of(page, "trading_pnl{symbol=\"" + std::string(128, 'x') + "\"}"), 3);
}

TEST(Metrics, ManyThreadsLoseNothing) {
  Metrics m(kBuild);
  constexpr int kThreads = 4;
  constexpr int kRounds = 2'000;
  {
    std::vector<std::jthread> writers;
    for (int t = 0; t < kThreads; ++t) {
      writers.emplace_back([&m, t] {
        for (int i = 0; i < kRounds; ++i) {
          m.count_order({.exchange = "sim", .symbol = i % 2 == 0 ? "A" : "B", .side = "buy", .status = "sent"});
          m.observe_agent("agent" + std::to_string(t), kMicrosecond);
          if (i % 500 == 0) (void)m.serialize();
        }
      });
    }
  }
  const std::string page = m.serialize();
  for (const char* const symbol : {"A", "B"}) {
    EXPECT_EQ(value_of(page, std::string(R"(trading_orders_total{exchange="sim",side="buy",status="sent",symbol=")") + symbol + "\"}"), kThreads * kRounds / 2);
  }
}

TEST(Metrics, PromtoolAcceptsThePage) {
  const std::filesystem::path unpacked = std::filesystem::path(PROM_SOURCE_DIR) / "build/promtool/usr/bin/promtool";
  std::string promtool;
  if (std::filesystem::exists(unpacked)) promtool = unpacked.string();
  if (promtool.empty() && std::system("command -v promtool >/dev/null 2>&1") == 0) promtool = "promtool";
  if (promtool.empty()) GTEST_SKIP() << "promtool is not there; dev/promtool.sh unpacks it and dev/check_metrics.py checks the running product";
  Metrics m(kBuild);
  touch_everything(m);
  const std::string file = ::testing::TempDir() + "prom_metrics_page.txt";
  std::ofstream(file) << m.serialize();
  EXPECT_EQ(std::system(("'" + promtool + "' check metrics < '" + file + "'").c_str()), 0);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace prom
