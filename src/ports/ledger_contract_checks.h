// Comparisons of a whole ledger with what a random stream should have left in it. Tests only; one thread.
#pragma once

#include <gtest/gtest.h>  // tidy-ok(heavy_headers): helpers that test files include

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "domain/codec/field_codec.h"
#include "ports/ledger_contract_stream.h"

namespace prom::ledger_contract {

template <class T>
std::vector<std::byte> bytes_of(const T& value) {
  std::vector<std::byte> out;
  codec::Encoder<> encoder(out);
  encoder.put(value);
  encoder.flush();
  return out;
}

template <class T>
void expect_rows(const StoreResult<std::vector<T>>& got, const std::vector<T>& want, const std::string& what) {
  ASSERT_TRUE(got) << what << ": " << got.error().detail;
  ASSERT_EQ(got->size(), want.size()) << what;
  for (std::size_t i = 0; i < want.size(); ++i) ASSERT_EQ(bytes_of((*got)[i]), bytes_of(want[i])) << what << " row " << i;
}

inline void expect_orders(const StoreResult<std::vector<OrderRow>>& got, const std::vector<OrderRow>& want, const std::string& what) {
  ASSERT_TRUE(got) << what << ": " << got.error().detail;
  ASSERT_EQ(got->size(), want.size()) << what;
  for (std::size_t i = 0; i < want.size(); ++i) {
    const OrderRow& a = (*got)[i];
    const OrderRow& b = want[i];
    ASSERT_EQ(bytes_of(a.spec), bytes_of(b.spec)) << what << " order " << b.spec.id.v;
    ASSERT_EQ(a.state, b.state) << what << " order " << b.spec.id.v;
    ASSERT_EQ(a.filled, b.filled);
    ASSERT_EQ(a.filled_value, b.filled_value);
    ASSERT_EQ(a.last_text, b.last_text);
    ASSERT_EQ(a.created_at, b.created_at);
    ASSERT_EQ(a.updated_at, b.updated_at);
  }
}

/// The newest `limit` of the rows that pass, newest first.
template <class T, class Pass>
std::vector<T> newest(const std::vector<T>& rows, std::size_t limit, const Pass& pass) {
  std::vector<T> out;
  for (auto row = rows.rbegin(); row != rows.rend() && out.size() < limit; ++row) {
    if (pass(*row)) out.push_back(*row);
  }
  return out;
}

inline std::vector<OrderRow> orders_of(const Expected& expected) {
  std::vector<OrderRow> out;
  for (const auto& [id, row] : expected.orders) out.push_back(row);
  return out;
}

inline void expect_trades(Ledger& ledger, const Expected& expected) {
  for (unsigned mask = 0; mask < 16; ++mask) {
    TradeFilter filter;
    filter.limit = 5;
    if ((mask & 1U) != 0) filter.account = AccountIx{1};
    if ((mask & 2U) != 0) filter.instrument = InstrumentIx{1};
    if ((mask & 4U) != 0) filter.pair = PairIx{1};
    if ((mask & 8U) != 0) filter.decider = "breakout";
    const auto pass = [&](const JournalEntry& entry) {
      return (!filter.account || entry.account == *filter.account) && (!filter.instrument || entry.instrument == *filter.instrument) &&
             (!filter.pair || entry.pair == *filter.pair) && (!filter.decider || entry.decider == *filter.decider);
    };
    expect_rows(ledger.trades(filter), newest(expected.trades, filter.limit, pass), "trades, filter " + std::to_string(mask));
  }
}

inline void expect_money(Ledger& ledger, const Expected& expected) {
  const auto balances = ledger.balances(std::nullopt);
  ASSERT_TRUE(balances) << balances.error().detail;
  ASSERT_EQ(balances->size(), expected.balances.size());
  for (const auto& row : *balances) {
    ASSERT_EQ(row.amount, Decimal::from_mantissa(expected.balances.at({row.account.v, row.asset.v}))) << "balance of account " << row.account.v;
  }
  expect_rows(ledger.postings(std::nullopt), expected.postings, "postings");
  std::vector<Position> positions;
  for (const auto& [key, position] : expected.positions) positions.push_back(position);
  expect_rows(ledger.positions(std::nullopt), positions, "positions");
  for (std::uint32_t account = 0; account < 3; ++account) {
    const AccountIx ix{account};
    std::vector<Posting> own;
    Decimal sum;
    for (const auto& posting : expected.postings) {
      if (posting.account == ix) own.push_back(posting);
      if (posting.account == ix && posting.asset.v == 0) sum += posting.amount;
    }
    expect_rows(ledger.postings(ix), own, "postings of an account");
    const auto of_account = ledger.balances(ix);
    ASSERT_TRUE(of_account);
    for (const auto& row : *of_account) {
      ASSERT_EQ(row.account, ix);
      if (row.asset.v == 0) {
        ASSERT_EQ(row.amount, sum);
      }
    }
    std::vector<Position> held;
    for (const auto& position : positions) {
      if (position.account == ix) held.push_back(position);
    }
    expect_rows(ledger.positions(ix), held, "positions of an account");
  }
}

inline void expect_orders_and_fills(Ledger& ledger, const Expected& expected) {
  const auto orders = orders_of(expected);
  const auto any = [](const auto&) { return true; };
  expect_orders(ledger.orders(std::nullopt, 7), newest(orders, 7, any), "orders");
  expect_rows(ledger.fills(std::nullopt, 7), newest(expected.fills, 7, any), "fills");
  const auto open_of = [&](std::optional<AccountIx> account) {
    std::vector<OrderRow> open;
    for (const auto& row : orders) {
      if (!is_terminal(row.state) && (!account || row.spec.account == *account)) open.push_back(row);
    }
    return open;
  };
  expect_orders(ledger.open_orders(std::nullopt), open_of(std::nullopt), "open orders");
  for (std::uint32_t account = 0; account < 3; ++account) {
    const AccountIx ix{account};
    expect_orders(ledger.orders(ix, 1000), newest(orders, 1000, [&](const OrderRow& row) { return row.spec.account == ix; }), "orders of an account");
    expect_orders(ledger.open_orders(ix), open_of(ix), "open orders of an account");
    expect_rows(ledger.fills(ix, 1000), newest(expected.fills, 1000, [&](const Fill& fill) { return fill.account == ix; }), "fills of an account");
  }
}

inline void expect_decisions(Ledger& ledger, const Expected& expected) {
  std::vector<DecisionRecord> brief = expected.decisions;
  for (auto& record : brief) {
    for (auto& verdict : record.verdicts) verdict.steps.clear();
  }
  expect_rows(ledger.decisions(std::nullopt, 3), newest(brief, 3, [](const auto&) { return true; }), "decisions");
  expect_rows(ledger.decisions(PairIx{2}, 4), newest(brief, 4, [](const auto& record) { return record.pair == PairIx{2}; }), "decisions of a pair");
  for (const auto& record : expected.decisions) {
    const auto got = ledger.decision(record.id);
    ASSERT_TRUE(got) << got.error().detail;
    ASSERT_TRUE(*got);
    ASSERT_EQ(bytes_of(**got), bytes_of(record)) << "decision with its steps";
  }
  const auto absent = ledger.decision(DecisionId{999'999});
  ASSERT_TRUE(absent);
  ASSERT_FALSE(*absent);
}

inline void expect_tools(Ledger& ledger, const Expected& expected) {
  const auto rows_that = [&](const auto& pass) {
    std::vector<ToolStat> out;
    for (const auto& [key, stat] : expected.tools) {
      if (pass(stat)) out.push_back(stat);
    }
    return out;
  };
  expect_rows(ledger.tool_stats({}), rows_that([](const ToolStat&) { return true; }), "tool statistics");
  const TimeNs since = expected.tools.empty() ? TimeNs{} : std::get<0>(expected.tools.rbegin()->first);
  expect_rows(ledger.tool_stats({since, std::nullopt}), rows_that([&](const ToolStat& stat) { return stat.day >= since; }), "tool statistics since a day");
  expect_rows(ledger.tool_stats({std::nullopt, "other"}), rows_that([](const ToolStat& stat) { return stat.tool == "other"; }), "statistics of a tool");
  expect_rows(ledger.tool_stats({since + kDay, "tool"}), {}, "statistics of a tool from tomorrow on");
}

inline void expect_all(Ledger& ledger, const Expected& expected) {
  const auto assets = ledger.assets();
  ASSERT_TRUE(assets) << assets.error().detail;
  ASSERT_EQ(*assets, expected.assets);
  expect_rows(ledger.instruments(), expected.instruments, "instruments");
  expect_rows(ledger.users(), expected.users, "users");
  expect_rows(ledger.accounts(), expected.accounts, "accounts");
  expect_rows(ledger.pairs(), expected.pairs, "pairs");
  expect_money(ledger, expected);
  expect_orders_and_fills(ledger, expected);
  expect_trades(ledger, expected);
  expect_decisions(ledger, expected);
  expect_tools(ledger, expected);
  std::vector<Memory> memories;
  for (const auto& [id, memory] : expected.memories) memories.push_back(memory);
  expect_rows(ledger.memories(), memories, "memories");
  std::vector<RiskStateRow> risk;
  for (const auto& [user, row] : expected.risk) risk.push_back(row);
  expect_rows(ledger.risk_states(), risk, "risk states");
  const auto denials = ledger.denials(4);
  ASSERT_TRUE(denials) << denials.error().detail;
  const auto want = newest(expected.denials, 4, [](const auto&) { return true; });
  ASSERT_EQ(denials->size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    ASSERT_EQ((*denials)[i].time, want[i].time);
    ASSERT_EQ((*denials)[i].denial, want[i].denial);
    ASSERT_EQ(bytes_of((*denials)[i].proposal), bytes_of(want[i].proposal));
  }
}

}  // namespace prom::ledger_contract
