// Frames for journal tests: a sequence, a time and one event with a text made from a seed. Tests only.
#pragma once

#include <string>
#include <vector>

#include "adapters/stores/journal_file/journal_file.h"
#include "base/prng.h"
#include "domain/command.h"

namespace prom::journal_test {

inline std::string text_of(std::uint64_t seq, std::size_t max_text) {
  Xoshiro256pp random(seq * 7919 + 1);
  std::string text(static_cast<std::size_t>(random.below(max_text + 1)), '\0');
  for (auto& c : text) c = static_cast<char>(random.below(256));
  return text;
}

inline Frame frame_of(std::uint64_t seq, std::size_t max_text = 300) {
  Frame frame;
  frame.seq = seq;
  frame.input = {TimeNs{static_cast<std::int64_t>(seq) * 1000}, seq * 3, TimePassed{}};
  frame.events.emplace_back(OddityNoted{text_of(seq, max_text)});
  return frame;
}

inline bool same(const RecordedFrame& frame, std::uint64_t seq, std::size_t max_text = 300) {
  if (frame.seq != seq || frame.input.available_at.ns != static_cast<std::int64_t>(seq) * 1000 || frame.input.source_seq != seq * 3) return false;
  if (!std::holds_alternative<TimePassed>(frame.input.body) || frame.events.size() != 1 || !frame.commands.empty()) return false;
  const auto* note = std::get_if<OddityNoted>(&frame.events.front());
  return note != nullptr && note->what == text_of(seq, max_text);
}

struct ReadBack {
  std::uint64_t last = 0;  ///< last sequence, when all frames were as written and in order
  std::string problem;     ///< empty when they were
  std::optional<JournalError> error;
};

/// Reads everything from `from` and checks each frame.
inline ReadBack read_back(FileOps& ops, const std::string& directory, std::uint64_t from = 1, std::size_t max_text = 300) {
  ReadBack out;
  std::uint64_t next = from;
  const auto reader = open_journal_reader(directory, 0, ops);
  const auto result = reader->read(from, [&](const RecordedFrame& frame) {
    if (!same(frame, next, max_text)) out.problem = "frame " + std::to_string(next) + " is not what was written";
    ++next;
    return out.problem.empty();
  });
  out.last = next - 1;
  if (!result) {
    out.error = result.error();
  } else if (*result != next - 1) {
    out.problem = "read() returned another last sequence";
  }
  return out;
}

}  // namespace prom::journal_test
