// The n-th write or sync of the database's files fails, for every n: a batch is stored whole or not at all, and projecting goes on afterwards.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <map>

#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"
#include "ports/ledger_contract_checks.h"
#include "ports/ledger_contract_stream.h"

namespace prom {
namespace {

// A copy of the default VFS whose files count writes and syncs, and fail one of them. Global because SQLite's callbacks are; tests run one at a time.
struct Faults {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  std::map<const sqlite3_io_methods*, sqlite3_io_methods> methods;  // SQLite has one table for the database and one for its journals
  const sqlite3_io_methods* real_methods = nullptr;                 // all of them write and sync alike
  std::uint64_t calls = 0;
  std::uint64_t fail_at = 0;  // 0 = never
  int code = SQLITE_FULL;
};
Faults& faults() {
  static Faults instance;
  return instance;
}

bool fails_now() { return ++faults().calls == faults().fail_at; }
int faulty_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (fails_now()) return faults().code;
  return faults().real_methods->xWrite(file, data, size, offset);
}
int faulty_sync(sqlite3_file* file, int flags) {
  if (fails_now()) return SQLITE_IOERR_FSYNC;
  return faults().real_methods->xSync(file, flags);
}
int faulty_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  Faults& f = faults();
  const int rc = f.real->xOpen(f.real, name, file, flags, out_flags);
  if (rc != SQLITE_OK || file->pMethods == nullptr) return rc;
  auto [entry, is_new] = f.methods.try_emplace(file->pMethods, *file->pMethods);
  if (is_new) {
    f.real_methods = file->pMethods;
    entry->second.xWrite = faulty_write;
    entry->second.xSync = faulty_sync;
  }
  file->pMethods = &entry->second;
  return rc;
}

class SqliteFault : public ::testing::TestWithParam<Durability> {
 protected:
  void SetUp() override {
    Faults& f = faults();
    f.real = sqlite3_vfs_find(nullptr);
    f.vfs = *f.real;
    f.vfs.zName = "prom_faulty";
    f.vfs.xOpen = faulty_open;
    f.fail_at = 0;
    ASSERT_EQ(sqlite3_vfs_register(&f.vfs, 1), SQLITE_OK);
    std::string name = (std::filesystem::temp_directory_path() / "prom_ledger_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override {
    sqlite3_vfs_unregister(&faults().vfs);
    sqlite3_vfs_register(faults().real, 1);
    std::filesystem::remove_all(directory_);
  }
  StoreResult<std::unique_ptr<Ledger>> open(std::uint64_t n) {
    SqliteLedgerOptions options;
    options.path = directory_ + "/" + std::to_string(n) + ".db";
    options.durability = GetParam();
    return open_sqlite_ledger(options);
  }
  std::string directory_;
};

TEST_P(SqliteFault, EveryWriteFails) {
  using ledger_contract::Stream;
  Stream stream(31);
  const auto frames = stream.take(60);
  constexpr std::size_t kBatch = 20;
  ASSERT_TRUE(open(0));  // an empty, migrated database to copy
  std::uint64_t failed = 0;
  for (std::uint64_t n = 1;; ++n) {
    SCOPED_TRACE("write " + std::to_string(n));
    std::filesystem::copy_file(directory_ + "/0.db", directory_ + "/" + std::to_string(n) + ".db");
    std::uint64_t acknowledged = 0;
    bool saw_error = false;
    {
      const auto ledger = open(n);
      ASSERT_TRUE(ledger);
      faults().calls = 0;
      faults().fail_at = n;
      faults().code = n % 2 == 0 ? SQLITE_FULL : SQLITE_IOERR_WRITE;
      for (std::size_t at = 0; at < frames.size() && !saw_error; at += kBatch) {
        const auto done = (*ledger)->project(std::span(frames).subspan(at, kBatch));
        saw_error = !done;
        if (done) acknowledged = at + kBatch;
        if (!done) {
          ASSERT_TRUE(done.error().kind == StoreErrorKind::full || done.error().kind == StoreErrorKind::io) << done.error().detail;
        }
      }
    }
    const bool reached = faults().calls >= n;
    faults().fail_at = 0;
    const auto again = open(n);
    ASSERT_TRUE(again) << again.error().detail;
    const std::uint64_t applied = *(*again)->applied_seq();
    ASSERT_GE(applied, acknowledged);
    ASSERT_EQ(applied % kBatch, 0U) << "part of a batch was stored";
    ASSERT_TRUE((*again)->project(frames));
    ledger_contract::expect_all(**again, stream.expected());
    failed += saw_error ? 1U : 0U;
    if (!reached || ::testing::Test::HasFatalFailure()) break;
  }
  EXPECT_GT(failed, 20U);
}

INSTANTIATE_TEST_SUITE_P(Durability, SqliteFault, ::testing::Values(Durability::process, Durability::power));

}  // namespace
}  // namespace prom
