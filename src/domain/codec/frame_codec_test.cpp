// Frames survive the way through bytes; cut, twisted and absurd bytes are refused; the byte layout is pinned by a frame written by hand.
#include "domain/codec/frame_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "domain/codec/random_fields.h"

namespace prom {

/// Stands where the real engine's class would: the only name that can make an approval.
class RiskEngine {
 public:
  template <class T>
  static Approved<T> mint(T value, TimeNs expires_at = TimeNs{99}, std::uint32_t epoch = 7) {
    return Approved<T>(std::move(value), expires_at, epoch);
  }
};

namespace {

using testing::Dump;
using testing::RandomFields;

struct ToCommand {
  Command operator()(const OrderSpec& x) const { return RiskEngine::mint(x); }
  Command operator()(const AmendSpec& x) const { return RiskEngine::mint(x); }
  Command operator()(const CancelSpec& x) const { return RiskEngine::mint(x); }
  Command operator()(const LeverageSpec& x) const { return RiskEngine::mint(x); }
  Command operator()(const QueryOrder& x) const { return x; }
  Command operator()(const QuerySnapshot& x) const { return x; }
  Command operator()(const Alert& x) const { return x; }
};

struct RandomFrame {
  Frame frame;
  RecordedFrame expected;
};

RandomFrame random_frame(std::uint64_t seed) {
  RandomFields random(seed);
  RandomFrame out;
  random.fill(out.expected.seq);
  random.fill(out.expected.input);
  // Walk the alternatives in turn, so that each one is met.
  random.fill_alternative(out.expected.input.body, seed % std::variant_size_v<InputBody::variant>,
                          std::make_index_sequence<std::variant_size_v<InputBody::variant>>{});
  random.fill(out.expected.events);
  Event event;
  random.fill_alternative(event, seed % std::variant_size_v<Event::variant>, std::make_index_sequence<std::variant_size_v<Event::variant>>{});
  out.expected.events.push_back(event);
  random.fill(out.expected.commands);
  RecordedCommand command;
  random.fill_alternative(command, seed % std::variant_size_v<RecordedCommand::variant>,
                          std::make_index_sequence<std::variant_size_v<RecordedCommand::variant>>{});
  out.expected.commands.push_back(command);
  out.frame.seq = out.expected.seq;
  out.frame.input = out.expected.input;
  out.frame.events = out.expected.events;
  for (const auto& recorded : out.expected.commands) out.frame.commands.push_back(std::visit(ToCommand{}, recorded));
  return out;
}

std::vector<std::byte> bytes_of(const Frame& frame) {
  std::vector<std::byte> out;
  encode_frame(frame, out);
  return out;
}

std::string dump(const RecordedFrame& frame) {
  Dump dump;
  dump.put(frame);
  return dump.text();
}

TEST(FrameCodec, RandomFramesComeBack) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    const RandomFrame random = random_frame(seed);
    const auto bytes = bytes_of(random.frame);
    const auto back = decode_frame(bytes);
    ASSERT_TRUE(back.has_value()) << "seed " << seed;
    ASSERT_EQ(dump(*back), dump(random.expected)) << "seed " << seed;
    std::vector<std::byte> again;
    encode_recorded_frame(*back, again);
    ASSERT_EQ(again, bytes) << "seed " << seed;
  }
}

TEST(FrameCodec, CutAnywhereIsTruncated) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto bytes = bytes_of(random_frame(seed).frame);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      // A copy of its own, so that the address sanitizer sees a read beyond the end.
      const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      const auto result = decode_frame(cut);
      ASSERT_FALSE(result.has_value()) << "seed " << seed << " size " << size;
      ASSERT_EQ(result.error(), CodecError::truncated) << "seed " << seed << " size " << size;
    }
    auto longer = bytes;
    longer.push_back(std::byte{0});
    ASSERT_EQ(decode_frame(longer).error(), CodecError::trailing_bytes);
  }
}

TEST(FrameCodec, TwistedBytesNeverDecodeToSomethingElseUnnoticed) {
  Xoshiro256pp random(4);
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    auto bytes = bytes_of(random_frame(seed).frame);
    for (int i = 0; i < 20; ++i) {
      auto twisted = bytes;
      twisted[random.below(twisted.size())] ^= static_cast<std::byte>(1U << random.below(8));
      const auto result = decode_frame(twisted);
      if (!result) continue;
      std::vector<std::byte> again;
      encode_recorded_frame(*result, again);
      ASSERT_EQ(again, twisted) << "what is accepted must be what was written";
    }
  }
}

/// version 1, seq 5, available_at 6, source_seq 7, BarClosed{instrument 2, interval 60 s, bar}, one event InputTaken, no command.
std::string hand_written_bar_frame() {
  std::string out;
  StringWriter w(out);
  w.u16(1);
  w.u64(5);
  w.i64(6);
  w.u64(7);
  w.u8(0);
  w.u16(2);
  w.i64(60'000'000'000);
  for (const std::int64_t field : {1'000, 10, 12, 9, 11, 500}) w.i64(field);
  w.u32(1);
  w.u8(0);
  w.u32(0);
  return out;
}

Frame bar_frame() {
  Frame frame;
  frame.seq = 5;
  frame.input = {TimeNs{6}, 7, BarClosed{InstrumentIx(2), kMinute, Bar{TimeNs{1'000}, {10}, {12}, {9}, {11}, {500}}}};
  frame.events.push_back(InputTaken{});
  return frame;
}

TEST(FrameCodec, LayoutIsPinned) {
  const std::string expected = hand_written_bar_frame();
  const auto bytes = bytes_of(bar_frame());
  ASSERT_EQ(bytes.size(), expected.size());
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), reinterpret_cast<const std::byte*>(expected.data())));
}

TEST(FrameCodec, RefusesWhatCannotBe) {
  const std::string good = hand_written_bar_frame();
  const auto decode = [](std::string_view text) { return decode_frame(std::as_bytes(std::span(text.data(), text.size()))); };
  ASSERT_TRUE(decode(good).has_value());
  std::string bad = good;
  bad[0] = 2;
  EXPECT_EQ(decode(bad).error(), CodecError::unknown_version);
  bad[0] = 0;
  EXPECT_EQ(decode(bad).error(), CodecError::unknown_version);
  bad = good;
  bad[26] = static_cast<char>(std::variant_size_v<InputBody::variant>);  // the input's kind
  EXPECT_EQ(decode(bad).error(), CodecError::unknown_kind);
  // A count of 2^32-1 events: refused before anything is allocated.
  bad = good;
  for (std::size_t i = 0; i < 4; ++i) bad[good.size() - 9 + i] = '\xff';
  EXPECT_EQ(decode(bad).error(), CodecError::bad_value);
  // An enum beyond its last enumerator, and an optional that is neither absent nor present.
  Frame frame = bar_frame();
  frame.input.body = CancelRequested{AccountIx(1), std::nullopt};
  frame.events.clear();
  auto bytes = bytes_of(frame);
  bytes[bytes.size() - 9] = std::byte{2};
  EXPECT_EQ(decode_frame(bytes).error(), CodecError::bad_value);
  frame.input.body = LedgerHealth{Switch::on};
  bytes = bytes_of(frame);
  bytes[bytes.size() - 9] = std::byte{2};
  EXPECT_EQ(decode_frame(bytes).error(), CodecError::bad_value);
  // A string that claims 4 GB.
  frame.input.body = AssetRegistered{AssetIx(1), "USDT"};
  bytes = bytes_of(frame);
  for (std::size_t i = 0; i < 4; ++i) bytes[bytes.size() - 8 - 8 + i] = std::byte{0xff};
  EXPECT_EQ(decode_frame(bytes).error(), CodecError::bad_value);
}

TEST(FrameCodec, PartsAreTheSameBytesAsInFrames) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const RandomFrame random = random_frame(seed);
    for (std::size_t i = 0; i < random.frame.commands.size(); ++i) {
      std::vector<std::byte> live, recorded, via;
      encode_command(random.frame.commands[i], live);
      encode_recorded(random.expected.commands[i], recorded);
      encode_recorded(to_recorded(random.frame.commands[i]), via);
      ASSERT_EQ(live, recorded);
      ASSERT_EQ(live, via);
    }
    // version, seq, then the input; events and commands follow with their counts.
    std::vector<std::byte> parts;
    ByteWriter w(parts);
    w.u16(kFrameFormatVersion);
    w.u64(random.frame.seq);
    encode_input(random.frame.input, parts);
    w.u32(static_cast<std::uint32_t>(random.frame.events.size()));
    for (const auto& event : random.frame.events) encode_event(event, parts);
    w.u32(static_cast<std::uint32_t>(random.frame.commands.size()));
    for (const auto& command : random.frame.commands) encode_command(command, parts);
    ASSERT_EQ(parts, bytes_of(random.frame));
  }
}

TEST(DecisionDigest, LeavesOutMeasuredTimeOnly) {
  RandomFields random(3);
  DecisionRecord record;
  random.fill(record);
  record.verdicts.resize(2);
  record.verdicts[1].steps.resize(1);
  const auto digest = digest_of(record);
  DecisionRecord other = record;
  other.verdicts[0].latency_ns += 1;
  other.verdicts[1].steps[0].duration_ns += 1;
  EXPECT_EQ(digest_of(other), digest);
  other.verdicts[1].steps[0].output += "x";
  EXPECT_NE(digest_of(other), digest);
  other = record;
  other.verdicts[1].weight = other.verdicts[1].weight == 0.5 ? 0.25 : 0.5;
  EXPECT_NE(digest_of(other), digest);
}

TEST(FrameJson, PrintsWhateverCanBeDecoded) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const RandomFrame random = random_frame(seed);
    EXPECT_TRUE(input_to_json(random.expected.input).starts_with("{\"available_at\":"));
    for (const auto& event : random.expected.events) EXPECT_TRUE(event_to_json(event).starts_with("{\"event\":"));
    for (const auto& command : random.expected.commands) EXPECT_TRUE(command_to_json(command).starts_with("{\"command\":"));
  }
  // The shortest duration of all has no positive twin (found by the fuzzer).
  BarClosed bar;
  bar.interval = DurationNs{INT64_MIN};
  EXPECT_NE(input_to_json({TimeNs{INT64_MIN}, 0, bar}).find("-9223372036854775808ns"), std::string::npos);
}

TEST(FrameJson, KnownTexts) {
  const Input input = bar_frame().input;
  EXPECT_EQ(input_to_json(input), R"({"available_at":"1970-01-01T00:00:00.000000006Z","source_seq":7,"input":"bar_closed","instrument":2,"interval":"1m",)"
                                  R"("bar":{"open_time":"1970-01-01T00:00:00.000001Z","open":10,"high":12,"low":9,"close":11,"volume":500}})");
  using namespace literals;
  EXPECT_EQ(event_to_json(ProposalDenied{ProposalId(3), {DenialCode::stop_missing, {}, "1.5"_dec}}),
            R"({"event":"proposal_denied","proposal":3,"denial":{"code":"stop_missing","limit":"0","actual":"1.5"}})");
  EXPECT_EQ(command_to_json(CancelSpec{OrderId(9), {AccountIx(1), 2, OrderId(9)}, InstrumentIx(4)}),
            R"({"command":"cancel_spec","order":9,"client_id":"p1e2s9","instrument":4})");
  DecisionRecord record;
  record.score = std::numeric_limits<double>::quiet_NaN();
  record.summary = "a \"quoted\"\n\xff";
  const std::string json = decision_to_json(record);
  EXPECT_TRUE(json.starts_with(R"({"id":0,)")) << json;
  EXPECT_NE(json.find(R"("score":null)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"(a \"quoted\"\n)"), std::string::npos) << json;
  EXPECT_TRUE(json.ends_with(R"("verdicts":[],"proposal":null})")) << json;
}

}  // namespace
}  // namespace prom
