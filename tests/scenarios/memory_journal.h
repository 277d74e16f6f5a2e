// A journal in memory that goes through the real bytes. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <vector>

#include "domain/codec/frame_codec.h"
#include "ports/journal.h"

namespace prom {

class MemoryJournal final : public JournalWriter, public JournalReader {
 public:
  std::expected<void, JournalError> append(const Frame& frame) override {
    if (frames.size() >= room) return std::unexpected(JournalError{JournalErrorKind::io, "memory", frames.size(), "no room"});
    encode_frame(frame, frames.emplace_back());
    return {};
  }
  std::expected<std::uint64_t, JournalError> commit() override { return frames.size(); }
  std::uint64_t durable_seq() const override { return frames.size(); }
  std::expected<std::uint64_t, JournalError> read(std::uint64_t from, const std::function<bool(const RecordedFrame&)>& visit) override {
    for (std::size_t i = from - 1; i < frames.size(); ++i) {
      auto frame = decode_frame(frames[i]);
      if (!frame) return std::unexpected(JournalError{JournalErrorKind::corrupt, "memory", i, "undecodable"});
      if (mutate) mutate(*frame);
      if (!visit(*frame)) break;
    }
    return frames.size();
  }
  std::vector<std::vector<std::byte>> frames;
  std::size_t room = SIZE_MAX;  ///< frames that fit; the next one fails and is not kept
  std::function<void(RecordedFrame&)> mutate;
};

}  // namespace prom
