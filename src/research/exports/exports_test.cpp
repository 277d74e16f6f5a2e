// Exports against what docs/cli.md promises: columns, the digest recomputed from the file, sums, and JSON that is read back by another parser.
#include "research/exports/exports.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "base/text.h"
#include "research/exports/atomic_file.h"
#include "research/report/sample_run.h"
#include "research/results/fill_digest.h"

namespace prom {
namespace {

namespace fs = std::filesystem;

class Exports : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("prom_exports_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string read(const std::string& name) const { return read_whole_file((folder_ / name).string()).value(); }
  fs::path folder_;
};

std::vector<std::vector<std::string>> rows(const std::string& csv) {
  std::vector<std::vector<std::string>> out;
  for (const std::string_view line : split(csv, '\n')) {
    if (line.empty()) continue;
    out.emplace_back();
    for (const std::string_view field : split(line, ',')) out.back().emplace_back(field);
  }
  return out;
}

TEST_F(Exports, every_file_with_the_promised_header) {
  const RunResult r = sample::run(3).result;
  ASSERT_TRUE(write_export(folder_.string(), r).has_value());
  EXPECT_TRUE(read("fills.csv").starts_with("time_ns,venue,instrument,side,price,quantity,fee_asset,fee,liquidity,order_id,reason\n"));
  EXPECT_TRUE(read("equity.csv").starts_with("time_ns,equity\n"));
  EXPECT_TRUE(read("postings.csv").starts_with("time_ns,account,asset,kind,amount,ref\n"));
  for (const char* name : {"trades.csv", "fills.csv", "orders.csv", "equity.csv", "postings.csv"}) {
    const auto table = rows(read(name));
    ASSERT_GT(table.size(), 1U) << name;
    for (const auto& row : table) EXPECT_EQ(row.size(), table[0].size()) << name;
  }
  EXPECT_EQ(rows(read("trades.csv")).size(), r.trades.size() + 1);
  EXPECT_EQ(rows(read("orders.csv")).size(), r.orders.size() + 1);
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    EXPECT_NE(entry.path().extension(), ".new");
    ++files;
  }
  EXPECT_EQ(files, 7U);
}

TEST_F(Exports, digest_can_be_recomputed_from_the_file) {
  const RunResult r = sample::run(3).result;
  FillDigest digest;
  for (const Fill& fill : r.fills) digest.add(fill, r.instruments[fill.instrument.v], r.assets[fill.fee.asset.v]);
  ASSERT_TRUE(write_export(folder_.string(), r).has_value());
  std::string lines;
  for (const auto& row : rows(read("fills.csv"))) {
    if (row[0] == "time_ns") continue;
    for (std::size_t i = 0; i < 8; ++i) lines += (i == 0 ? "" : ",") + row[i];
    lines += '\n';
    EXPECT_TRUE(row[3] == "buy" || row[3] == "sell");
    EXPECT_FALSE(row[10].empty());
  }
  EXPECT_EQ(sha256_hex(lines), digest.hex());
}

TEST_F(Exports, sums_and_closing_equity) {
  const RunResult r = sample::run(3).result;
  ASSERT_TRUE(write_export(folder_.string(), r).has_value());
  const auto equity = rows(read("equity.csv"));
  EXPECT_EQ(equity.back()[1], r.summary.closing_equity.to_string());
  Decimal sum, expected;
  for (const auto& row : rows(read("postings.csv")))
    if (row[0] != "time_ns") sum += Decimal::parse(row[4]).value();
  for (const Posting& p : r.postings) expected += p.amount;
  EXPECT_EQ(sum, expected);
  EXPECT_EQ(rows(read("postings.csv"))[1][3], "transfer");
}

// gross of a trade was taken after slippage while the document's is before it: the rows did not add up to the run.
TEST_F(Exports, gross_less_costs_is_net_in_every_trade_as_in_the_document) {
  RunResult r = sample::run(3).result;
  ASSERT_FALSE(r.trades.empty());
  JournalEntry& t = r.trades.front();
  t.gross = Decimal::parse("7.5").value();  // by the prices of the fills
  t.slippage = Decimal::parse("2.25").value();
  t.fees = Decimal::parse("1.125").value();
  t.funding = Decimal::parse("-0.5").value();
  t.net = Decimal::parse("5.875").value();
  const auto table = rows(trades_csv(r));
  const auto column = [&](const char* name) {
    const auto at = std::find(table[0].begin(), table[0].end(), name);
    EXPECT_NE(at, table[0].end()) << name;
    return Decimal::parse(table[1].at(static_cast<std::size_t>(at - table[0].begin()))).value();
  };
  EXPECT_EQ(column("gross").to_string(), "9.75");
  EXPECT_EQ(column("gross") - column("fees") - column("slippage") + column("funding"), column("net"));
}

TEST_F(Exports, writing_twice_gives_the_same_bytes_and_a_bad_folder_is_named) {
  const RunResult r = sample::run(2).result;
  ASSERT_TRUE(write_export(folder_.string(), r).has_value());
  const std::string first = read("fills.csv") + read("decisions.jsonl") + read("denials.csv");
  ASSERT_TRUE(write_export(folder_.string(), r).has_value());
  EXPECT_EQ(first, read("fills.csv") + read("decisions.jsonl") + read("denials.csv"));
  const auto failed = write_export((folder_ / "fills.csv" / "x").string(), r);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, "folder_create");
  EXPECT_NE(failed.error().message.find("fills.csv"), std::string::npos);
}

TEST_F(Exports, decisions_are_json_lines) {
  const RunResult r = sample::run(1).result;
  ASSERT_TRUE(write_export(folder_.string(), r).has_value());
  std::size_t n = 0;
  const std::string text = read("decisions.jsonl");
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto doc = nlohmann::json::parse(line);
    EXPECT_EQ(doc.at("id"), r.decisions[n].id.v);
    EXPECT_EQ(doc.at("verdicts").size(), 14U);
    ++n;
  }
  EXPECT_EQ(n, r.decisions.size());
}

TEST(ExportsText, fields_with_commas_and_quotes_are_quoted) {
  RunResult r;
  r.instruments = {sample::instrument(0)};
  JournalEntry t;
  t.decider = "a,\"b\"";
  r.trades = {t};
  EXPECT_NE(trades_csv(r).find(",\"a,\"\"b\"\"\","), std::string::npos);
}

TEST(ExportsJson, document_has_the_promised_members_in_their_kinds) {
  RunResult r = sample::run(2).result;
  r.configuration = "\xff";
  r.decider = "bad \xff bytes";
  const auto doc = nlohmann::json::parse(result_to_json(r, {"/tmp/r.html"}));
  for (const char* name : {"net", "gross", "fees", "slippage", "funding", "opening_cash", "closing_equity"}) EXPECT_TRUE(doc.at(name).is_string()) << name;
  for (const char* name : {"max_drawdown", "sharpe", "days", "trades", "fills", "orders", "denials", "decisions"})
    EXPECT_TRUE(doc.at(name).is_number()) << name;
  EXPECT_EQ(doc.at("mode"), "PAPER");
  EXPECT_EQ(doc.at("data").at("from"), "2025-05-04T00:00:00Z");
  EXPECT_EQ(doc.at("data").at("to"), "2025-05-06T00:00:00Z");
  EXPECT_EQ(doc.at("data").at("bars"), 4 * 2 * 96);
  EXPECT_EQ(doc.at("report"), "/tmp/r.html");
  EXPECT_EQ(doc.at("benchmarks").at("strategy breakout").at("net"), "96.04");
  EXPECT_EQ(doc.at("random_entries").at("runs"), 1000);
  EXPECT_EQ(doc.at("random_entries").at("median"), "-221.4");
  EXPECT_TRUE(doc.at("net_interval").at("low").is_string());

  const auto bare = nlohmann::json::parse(result_to_json(RunResult{}));
  EXPECT_TRUE(bare.at("report").is_null());
  EXPECT_TRUE(bare.at("sharpe").is_null());
  EXPECT_TRUE(bare.at("random_entries").is_null());
}

}  // namespace
}  // namespace prom
