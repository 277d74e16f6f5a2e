// Batches on disk while their server is away: one checksummed file each, in order. One thread at a time; a folder belongs to one open spill.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>

#include "adapters/stores/clickhouse/batch_sink.h"

namespace prom {

class BatchSpill {
 public:
  /// Makes the folder and finds what an earlier run left. `conflict` where another program has it open.
  static StoreResult<BatchSpill> open(const std::filesystem::path& folder, std::uint64_t most_bytes);
  BatchSpill(BatchSpill&& other) noexcept;
  BatchSpill& operator=(BatchSpill&&) = delete;
  ~BatchSpill();

  bool empty() const { return files_.empty(); }
  std::size_t batches() const { return files_.size(); }
  std::uint64_t bytes() const { return bytes_; }
  /// Durable when it returns (file and folder are synced). `full` beyond most_bytes or where the disk is.
  StoreResult<void> append(const Batch& batch);
  /// The oldest batch; it stays until drop_front(). `corrupt` where the file is damaged: set_front_aside() keeps it for a person.
  StoreResult<Batch> front() const;
  void drop_front();
  /// Renames the oldest to NAME.`reason`, where nothing sends it any more.
  void set_front_aside(const char* reason);

 private:
  BatchSpill(std::filesystem::path folder, std::uint64_t most_bytes, int lock) : folder_(std::move(folder)), most_bytes_(most_bytes), lock_(lock) {}
  struct File {
    std::filesystem::path path;
    std::uint64_t bytes = 0;
  };
  std::filesystem::path folder_;
  std::uint64_t most_bytes_;
  int lock_ = -1;
  std::uint64_t next_ = 1;
  std::uint64_t bytes_ = 0;
  std::deque<File> files_;
};

}  // namespace prom
