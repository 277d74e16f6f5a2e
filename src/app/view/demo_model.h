// Invented figures for the demo and the tests of the views: four instruments, fourteen agents, at any point of a run. Pure.
#pragma once

#include <cmath>

#include "app/view/run_view.h"

namespace prom::view {

/// `done` is the fraction of the run, 0 to 1.
inline RunViewModel demo_model(double done) {
  using namespace literals;
  RunViewModel m;
  m.title = "Replay of bundled data";
  m.data_from = {1'746'316'800 * kSecond.ns};  // 2025-05-04
  m.data_to = {1'748'908'800 * kSecond.ns};    // 2025-06-03
  m.bars_total = 172'800;
  m.bars_done = static_cast<std::uint64_t>(done * 172'800);
  const std::int64_t minutes = (m.data_to - m.data_from).ns / kMinute.ns;
  m.now = m.data_from + DurationNs{static_cast<std::int64_t>(done * static_cast<double>(minutes)) * kMinute.ns};
  m.speed = 14'400;
  m.eta_seconds = (1 - done) * 180;
  m.cash = "71240.118"_dec;
  m.equity = "101234.56"_dec;
  m.net = "1234.56"_dec;
  m.net_ratio = "0.0123456"_dec;
  m.day_pnl = "-120.3"_dec;
  m.drawdown = "0.0081"_dec;
  m.max_drawdown = "0.0214"_dec;
  for (int i = 0; i < static_cast<int>(done * 300) + 2; ++i) m.equity_history.push_back(100'000 + 40.0 * i + 900 * std::sin(i / 9.0));
  m.positions = {{"BTCUSDT", Exposure::long_position, "0.120"_dec, "103450.1"_dec, "103900"_dec, "53.988"_dec, "101000"_dec},
                 {"ETHUSDT", Exposure::short_position, "4.2"_dec, "2510.25"_dec, "2531.4"_dec, "-88.83"_dec, "2590"_dec},
                 {"XRPUSDT", Exposure::long_position, "5210.5"_dec, "2.1534"_dec, "2.1688"_dec, "80.2417"_dec, std::nullopt}};
  const DurationNs hour = kHour;
  m.decisions = {
      {141, m.now - 3 * hour, "SOLUSDT", "hold", "Trend and order flow disagree; the desk waits.", DecisionRow::Kind::holds},
      {142, m.now - 2 * hour, "ETHUSDT", "sell", "Lower high on 4 h under the 50 EMA, risk 0.5 % of equity, stop above the swing.", DecisionRow::Kind::acts},
      {143, m.now - hour, "BTCUSDT", "denied", "Correlated exposure would be 41 %, the limit is 40 %.", DecisionRow::Kind::acts},
      {144, m.now, "XRPUSDT", "hold", "No setup: inside the range of the last 20 hours.", DecisionRow::Kind::holds}};
  m.trades = {{33, m.now - 26 * hour, "SOLUSDT", "sell", "12.5"_dec, "171.22"_dec, "-64.1"_dec},
              {34, m.now - 12 * hour, "BTCUSDT", "buy", "0.12"_dec, "103450.1"_dec, std::nullopt},
              {35, m.now - 2 * hour, "ETHUSDT", "sell", "4.2"_dec, "2510.25"_dec, "212.75"_dec}};
  const auto has = AgentRow::State::has_data;
  const auto abstains = AgentRow::State::abstains;
  m.agents = {{"market_analyst", has, ""},
              {"smc_analyst", has, ""},
              {"sentiment_analyst", abstains, "no news source"},
              {"onchain_analyst", abstains, "no chain source"},
              {"correlation_analyst", has, ""},
              {"macro_analyst", abstains, "no calendar source"},
              {"orderflow_analyst", abstains, "no taker volume in these files"},
              {"derivatives_analyst", abstains, "no open interest"},
              {"strategy_planner", has, ""},
              {"risk_manager", has, ""},
              {"executor", has, ""},
              {"position_manager", has, ""},
              {"self_evaluator", has, ""},
              {"orchestrator", has, ""}};
  m.decisions_total = 144;
  m.trades_total = 17;
  m.fills_total = 35;
  m.denials_total = 12;
  m.ops_address = "127.0.0.1:8081";
  return m;
}

}  // namespace prom::view
