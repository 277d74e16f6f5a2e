// Replay verification. One thread.
#include "runtime/replay/verify.h"

#include "domain/codec/frame_codec.h"

namespace prom {
namespace {

std::vector<std::byte> bytes_of(const std::vector<Event>& events) {
  std::vector<std::byte> out;
  for (const Event& event : events) encode_event(event, out);
  return out;
}

bool same(const RecordedFrame& recorded, const Frame& decided) {
  if (recorded.seq != decided.seq || bytes_of(recorded.events) != bytes_of(decided.events)) return false;
  std::vector<std::byte> was, is;
  for (const RecordedCommand& command : recorded.commands) encode_recorded(command, was);
  for (const Command& command : decided.commands) encode_command(command, is);
  return was == is;
}

std::string text_of(const std::vector<Event>& events) {
  std::string out;
  for (const Event& event : events) out += event_to_json(event) + "\n";
  return out;
}

}  // namespace

std::expected<ReplayVerdict, JournalError> verify_replay(JournalReader& journal, const EngineOptions& options) {
  Engine engine(options);
  ReplayVerdict verdict;
  Frame frame;
  const auto walked = journal.read(1, [&](const RecordedFrame& recorded) {
    engine.step(recorded.input, frame);
    ++verdict.frames;
    if (same(recorded, frame)) return true;
    verdict.first_difference = ReplayDifference{recorded.seq, text_of(recorded.events), text_of(frame.events)};
    return false;
  });
  if (!walked) return std::unexpected(walked.error());
  verdict.state_digest = digest_of(engine.state());
  return verdict;
}

}  // namespace prom
