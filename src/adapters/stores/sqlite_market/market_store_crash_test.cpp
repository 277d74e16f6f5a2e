// A put is whole or absent: a child process is killed at many moments of it, or runs out of file space at many sizes, and the parent counts rows.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

#include "adapters/stores/sqlite_market/market_store.h"
#include "ports/market_store_contract_bars.h"

namespace prom {
namespace {

constexpr std::int64_t kFirst = 1'000;
constexpr std::int64_t kSecondBatch = 60'000;
const SeriesKey kKey{"binance:spot:BTCUSDT", kMinute};

class MarketStoreCrash : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() / ("prom_market_crash_" + std::to_string(::getpid()));
    std::filesystem::remove_all(dir_);
    path_ = (dir_ / "market.db").string();
    auto store = open_sqlite_market_store(path_);
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->put_bars(kKey, contract_bars(0, kFirst, TakerSide::known), "first"));
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::size_t stored() const {
    auto store = open_sqlite_market_store(path_);
    EXPECT_TRUE(store) << store.error().detail;
    const auto bars = (*store)->bars(kKey, TimeNs{0}, TimeNs{INT64_MAX}, UINT64_MAX);
    EXPECT_TRUE(bars);
    const auto series = (*store)->series();
    EXPECT_EQ(series->at(0).bars, bars->size()) << "the count is of the rows that are there";
    return bars->size();
  }
  std::filesystem::path dir_;
  std::string path_;
};

TEST_F(MarketStoreCrash, KilledPutsAreWholeOrAbsent) {
  const BarColumns batch = contract_bars(kFirst, kSecondBatch, TakerSide::known);
  int absent = 0;
  for (int round = 0; round < 12; ++round) {
    std::array<int, 2> ready{};
    ASSERT_EQ(pipe(ready.data()), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = open_sqlite_market_store(path_);
      (void)!write(ready[1], "x", 1);
      const bool done = store && (*store)->put_bars(kKey, batch, "second");
      _exit(done ? 0 : 1);
    }
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(round * round));
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    close(ready[0]);
    close(ready[1]);
    const auto rows = static_cast<std::int64_t>(stored());
    ASSERT_TRUE(rows == kFirst || rows == kFirst + kSecondBatch) << rows << " rows after round " << round;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      EXPECT_EQ(rows, kFirst + kSecondBatch) << "an acknowledged put is there";
    }
    if (rows == kFirst) ++absent;
  }
  EXPECT_GT(absent, 0) << "no kill came before the commit: the test shows nothing";
}

TEST_F(MarketStoreCrash, RunningOutOfFileSpaceChangesNothing) {
  const BarColumns batch = contract_bars(kFirst, kSecondBatch, TakerSide::known);
  int failed = 0;
  for (const rlim_t limit : {rlim_t{4'000}, rlim_t{50'000}, rlim_t{200'000}, rlim_t{500'000}, rlim_t{1'000'000}}) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = open_sqlite_market_store(path_, {.cache_kib = 64});
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit bound{limit, limit};
      setrlimit(RLIMIT_FSIZE, &bound);
      const auto put = (*store)->put_bars(kKey, batch, "second");
      if (put) _exit(0);
      const bool world = put.error().kind == StoreErrorKind::full || put.error().kind == StoreErrorKind::io;
      _exit(world ? 1 : 2);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
    ASSERT_EQ(WEXITSTATUS(status), 1) << "at " << limit << " bytes";
    EXPECT_EQ(static_cast<std::int64_t>(stored()), kFirst) << "at " << limit << " bytes";
    ++failed;
  }
  EXPECT_EQ(failed, 5);
}

}  // namespace
}  // namespace prom
