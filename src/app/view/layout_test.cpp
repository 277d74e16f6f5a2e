// The picture at the sizes that people have, and at every other: inside the bounds, badge first, nothing that moves a cursor, nothing that jumps.
#include "app/view/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "app/view/demo_model.h"

namespace prom::view {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> texts(const std::vector<StyledLine>& picture) {
  std::vector<std::string> out;
  for (const StyledLine& line : picture) out.push_back(line.text());
  return out;
}

std::string all(const std::vector<StyledLine>& picture) {
  std::string out;
  for (const StyledLine& line : picture) out += line.text() + "\n";
  return out;
}

void expect_fits(const std::vector<StyledLine>& picture, std::size_t columns, std::size_t rows) {
  ASSERT_LE(picture.size(), rows) << columns << " x " << rows;
  for (const StyledLine& line : picture) {
    ASSERT_LE(line.width(), columns) << columns << " x " << rows << ": " << line.text();
    for (const char c : line.text()) ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << columns << " x " << rows;
  }
  if (columns >= 5 && rows > 0) {
    ASSERT_FALSE(picture.empty());
    ASSERT_THAT(picture.front().text(), HasSubstr("PAPER")) << columns << " x " << rows;
    ASSERT_EQ(picture.front().spans.front().tone, Tone::badge);
  }
}

std::size_t row_of(const std::vector<StyledLine>& picture, std::string_view word) {
  for (std::size_t i = 0; i < picture.size(); ++i) {
    if (picture[i].text().find(word) != std::string::npos) return i;
  }
  ADD_FAILURE() << "no " << word;
  return 0;
}

TEST(Layout, EightyByTwentyFour) {
  const auto picture = render(demo_model(0.5), 80, 24);
  ASSERT_EQ(picture.size(), 24U);
  expect_fits(picture, 80, 24);
  const auto lines = texts(picture);
  EXPECT_EQ(lines[0], " PAPER   Replay of bundled data                    2025-05-04 to 2025-06-03 UTC ");
  EXPECT_EQ(lines[1], " 2025-05-19 00:00  ████████████░░░░░░░░░░░░░  50 %   14,400x    1 min 30 s left");
  EXPECT_EQ(lines[2], "");
  EXPECT_EQ(lines[3], " Equity    101,234.56 USDT    Net    +1,234.56  (+1.23 %)    Drawdown    0.81 %");
  EXPECT_EQ(lines[4], " Cash       71,240.12         Today    -120.30               Deepest     2.14 %");
  EXPECT_EQ(lines[7], " POSITIONS  3      quantity        entry         mark  unrealised         stop");
  EXPECT_EQ(lines[8], " BTCUSDT    long       0.12   103,450.10   103,900.00      +53.99   101,000.00");
  EXPECT_EQ(lines[10], " XRPUSDT    long    5,210.5       2.1534       2.1688      +80.24     no stop!");
  EXPECT_THAT(lines[13], StartsWith(" DECISIONS  144, 12 denied by risk"));
  EXPECT_THAT(lines[14], HasSubstr("XRPUSDT   hold    No setup"));  // newest first
  EXPECT_THAT(lines[18], StartsWith(" TRADES  17 closed, 35 fills"));
  EXPECT_THAT(lines[22], StartsWith(" AGENTS  9 of 14 have data; without: sentiment, onchain, macro"));
  EXPECT_EQ(lines[23], " Ctrl-C stops cleanly, nothing is lost             http://127.0.0.1:8081/health ");
}

TEST(Layout, HundredTwentyByFortyShowsEveryAgentAndItsReason) {
  const auto picture = render(demo_model(0.5), 120, 40);
  ASSERT_EQ(picture.size(), 40U);
  expect_fits(picture, 120, 40);
  const std::string text = all(picture);
  EXPECT_THAT(text, HasSubstr("sentiment         abstains: no news source"));
  EXPECT_THAT(text, HasSubstr("orchestrator      has data"));
  EXPECT_THAT(text, HasSubstr("Correlated exposure would be 41 %, the limit is 40 %."));
  // Trades and agents side by side.
  EXPECT_EQ(row_of(picture, "TRADES"), row_of(picture, "AGENTS"));
}

TEST(Layout, FortyByFifteenKeepsWhatMatters) {
  const auto picture = render(demo_model(0.5), 40, 15);
  ASSERT_EQ(picture.size(), 15U);
  expect_fits(picture, 40, 15);
  const std::string text = all(picture);
  for (const char* const word :
       {"PAPER", "50 %", "101,234.56", "+1,234.56", "-120.30", "0.81 %", "BTCUSDT", "XRPUSDT!", "DECISIONS", "9 of 14 have data", "Ctrl-C"}) {
    EXPECT_THAT(text, HasSubstr(word));
  }
}

RunViewModel hostile() {
  RunViewModel m = demo_model(0.9);
  const std::string evil = "\x1b]0;owned\x07\xff\n" + std::string(200, 'w');
  m.title = m.asset = m.trading_reason = m.notice = m.ops_address = m.zone = evil;
  m.cash = m.equity = kDecimalMax;
  m.net = m.day_pnl = kDecimalMin;
  m.drawdown = m.max_drawdown = kDecimalMax;
  m.net_ratio = kDecimalMin + kDecimalOne;
  m.speed = 1e300;
  m.eta_seconds = -1;
  m.bars_total = 1;
  m.equity_history = {1, std::numeric_limits<double>::infinity(), -1e308, 1e308, std::numeric_limits<double>::quiet_NaN()};
  for (int i = 0; i < 20; ++i) {
    m.positions.push_back({evil, Exposure::short_position, kDecimalMax, kDecimalMax, kDecimalEpsilon, kDecimalMin + kDecimalOne, kDecimalMax});
    m.decisions.push_back({1, m.now, evil, evil, evil, DecisionRow::Kind::acts});
    m.trades.push_back({1, m.now, evil, evil, kDecimalMax, kDecimalEpsilon, kDecimalMax});
    m.agents.push_back({evil, AgentRow::State::abstains, evil});
    m.alerts.push_back({m.now, evil});
  }
  return m;
}

TEST(Layout, EverySizeStaysInsideItsBounds) {
  const std::vector<RunViewModel> models{RunViewModel{}, demo_model(0), demo_model(1), hostile()};
  for (const RunViewModel& model : models) {
    for (std::size_t columns = 0; columns <= 140; columns += columns < 45 || (columns > 70 && columns < 84) ? 1 : 11) {
      for (std::size_t rows = 0; rows <= 62; rows += rows < 26 ? 1 : 4) {
        expect_fits(render(model, columns, rows), columns, rows);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(Layout, BlocksStayWhereTheyAreAsFiguresComeAndGo) {
  for (const auto& [columns, rows] : {std::pair{80, 24}, std::pair{120, 40}, std::pair{80, 50}, std::pair{40, 15}}) {
    const auto c = static_cast<std::size_t>(columns);
    const auto r = static_cast<std::size_t>(rows);
    const auto full = render(demo_model(0.5), c, r);
    RunViewModel empty = demo_model(0.5);
    empty.positions.clear();
    empty.decisions.clear();
    empty.trades.clear();
    empty.equity_history.clear();
    empty.notice = "Stopping: settling orders";
    const auto bare = render(empty, c, r);
    for (const char* const word : {"POSITIONS", "DECISIONS", "AGENTS"}) EXPECT_EQ(row_of(full, word), row_of(bare, word)) << word << ' ' << columns;
  }
}

TEST(Layout, WhatIsOutOfTheOrdinaryIsSaidInWords) {
  RunViewModel m = demo_model(0.5);
  m.alerts = {{m.now, "Ledger is 40 frames behind."}};
  EXPECT_THAT(texts(render(m, 80, 24))[2], HasSubstr("Ledger is 40 frames behind."));
  m.trading = TradingState::breaker_open;
  m.trading_reason = "drawdown of the day 5 %";
  EXPECT_THAT(texts(render(m, 80, 24))[2], HasSubstr("CIRCUIT BREAKER OPEN, no new risk: drawdown of the day 5 %"));
  m.trading = TradingState::killed;
  EXPECT_THAT(texts(render(m, 40, 15))[2], HasSubstr("KILL SWITCH"));
  EXPECT_EQ(render(m, 80, 24)[2].spans.back().tone, Tone::warning);
  m.notice = "Stopping: settling orders";
  EXPECT_THAT(texts(render(m, 80, 24))[2], HasSubstr("Stopping: settling orders"));
  EXPECT_THAT(texts(render(m, 80, 24))[23], HasSubstr("Ctrl-C again stops at once"));
}

TEST(Layout, MorePositionsThanRowsAreCounted) {
  RunViewModel m = demo_model(0.5);
  while (m.positions.size() < 9) m.positions.push_back(m.positions.front());
  const std::string text = all(render(m, 80, 24));
  EXPECT_THAT(text, HasSubstr("POSITIONS  9"));
  EXPECT_THAT(text, HasSubstr("and 6 more"));
}

TEST(Layout, HundredPercentOnlyWhenDone) {
  RunViewModel m = demo_model(0.5);
  m.bars_done = m.bars_total - 1;
  EXPECT_THAT(texts(render(m, 80, 24))[1], HasSubstr(" 99 %"));
  m.bars_done = m.bars_total;
  EXPECT_THAT(texts(render(m, 80, 24))[1], HasSubstr("100 %"));
  EXPECT_THAT(texts(render(m, 80, 24))[1], Not(HasSubstr("left")));
}

}  // namespace
}  // namespace prom::view
