// Test twin of FileOps: a file system in memory that fails the n-th changing call, writes short, or loses power, and can then be looked at as the next
// process would find it. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/stores/journal_file/file_ops.h"
#include "base/prng.h"

namespace prom {

enum class FaultAction : std::uint8_t {
  none,
  fail,          ///< the call fails with `code` and changes nothing
  fail_halfway,  ///< a write that stores half of its bytes, then fails (a full disk); other calls: as fail
  write_short,   ///< a write stores one byte less than half and says so; other calls: no fault
  power_cut      ///< the call may have done part of its work; every later call fails until crash()
};

struct FaultPlan {
  FaultAction action = FaultAction::none;
  std::uint64_t at = 0;  ///< which changing call, from 1
  int code = 0;          ///< errno of fail and fail_halfway
};

/// What becomes of work that was not synced when power goes.
enum class Survival : std::uint8_t { none, all, random_prefix, random_sectors };

class FaultyFileOps final : public FileOps {
 public:
  explicit FaultyFileOps(FaultPlan plan = {}) : plan_(plan) {}
  /// Calls so far that change files or directories or make them durable.
  std::uint64_t changing_calls() const { return calls_; }
  /// Called once, behind the next size(): what another process does at that moment.
  void after_size(std::function<void()> then) { after_size_ = std::move(then); }
  /// By read_at, so far.
  std::uint64_t bytes_read() const { return bytes_read_; }
  void set_plan(FaultPlan plan) {
    plan_ = plan;
    calls_ = 0;
  }
  /// Ends the process (all handles and locks are gone; everything written stays).
  void kill();
  /// Ends the machine: what was not synced survives as told.
  void crash(Survival survival, std::uint64_t seed);
  /// Direct access to a file's bytes; asserts that it exists.
  std::vector<std::byte>& contents(const std::string& path);
  bool exists(const std::string& path) const { return names_.contains(path); }

  FileResult<FileHandle> open(const std::string& path, OpenMode mode) override;
  void close(FileHandle file) override;
  FileResult<std::size_t> write(FileHandle file, std::span<const std::byte> bytes) override;
  FileResult<std::size_t> read_at(FileHandle file, std::uint64_t offset, std::span<std::byte> into) override;
  FileResult<std::uint64_t> size(FileHandle file) override;
  FileResult<void> truncate(FileHandle file, std::uint64_t bytes) override;
  FileResult<void> sync_data(FileHandle file) override;
  FileResult<void> sync_directory(const std::string& directory) override;
  FileResult<void> make_directories(const std::string& directory) override;
  FileResult<void> rename(const std::string& from, const std::string& to) override;
  FileResult<void> remove(const std::string& path) override;
  FileResult<std::vector<std::string>> list(const std::string& directory) override;
  FileResult<FileHandle> lock(const std::string& path) override;

 private:
  struct File {
    std::vector<std::byte> now;
    std::vector<std::byte> durable;
  };
  struct Open {
    std::string path;
    std::shared_ptr<File> file;
    OpenMode mode = OpenMode::read;
    std::uint64_t at = 0;  // of the next write in replace mode
  };
  enum class Verdict : std::uint8_t { go, half_then_fail, short_write, cut };
  FileResult<Verdict> changing();
  void after_power_cut(File& file, Survival survival, Xoshiro256pp& random);

  FaultPlan plan_;
  std::uint64_t calls_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::function<void()> after_size_;
  bool dead_ = false;
  std::map<std::string, std::shared_ptr<File>> names_, durable_names_;
  std::map<int, Open> handles_;
  std::map<std::string, int> locks_;
  int next_handle_ = 1;
};

}  // namespace prom
