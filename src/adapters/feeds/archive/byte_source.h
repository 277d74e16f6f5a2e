// The content of a file, unpacked while it is read: .xz, .gz, .zip (one member) or plain. Bounded against archives that unpack without end.
// One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/feeds/archive/bar_builder.h"

namespace prom::archive {

struct UnpackLimits {
  std::uint64_t max_bytes = std::uint64_t{32} << 30;  ///< unpacked, in all
  std::uint64_t max_ratio = 1000;                     ///< unpacked to packed, judged once `ratio_from` bytes are out
  std::uint64_t ratio_from = std::uint64_t{64} << 20;
};

class ByteSource {
 public:
  static Parsed<std::unique_ptr<ByteSource>> open(const std::string& path, const UnpackLimits& limits = {});
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// The next piece; empty at the end. Valid until the next call. Damage and truncation are errors, never a silent end.
  Parsed<std::string_view> next();
  /// Bytes read from disk so far, and the file's size: for progress.
  std::uint64_t packed_read() const;
  std::uint64_t packed_size() const;
  /// SHA-256 of the whole file as it lies on disk. Call after next() gave the end.
  Parsed<std::string> sha256();

 private:
  ByteSource();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace prom::archive
