// A run of the product's engine with a journal on disk, from which a publisher reads beside it; and what its streams must hold. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "adapters/stores/journal_file/journal_file.h"
#include "ports/event_stream_contract_events.h"
#include "research/simulation/test_data.h"
#include "runtime/streams/stream_publisher.h"

namespace prom::event_streams {

/// The journal's writer, with word of every commit.
class ToldJournal final : public JournalWriter {
 public:
  ToldJournal(JournalWriter& inner, std::function<void(std::uint64_t)> told) : inner_(inner), told_(std::move(told)) {}
  std::expected<void, JournalError> append(const Frame& frame) override { return inner_.append(frame); }
  std::expected<std::uint64_t, JournalError> commit() override {
    auto durable = inner_.commit();
    if (durable) told_(*durable);
    return durable;
  }
  std::uint64_t durable_seq() const override { return inner_.durable_seq(); }

 private:
  JournalWriter& inner_;
  std::function<void(std::uint64_t)> told_;
};

class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "prom_streams_XXXXXX").string()) { EXPECT_NE(::mkdtemp(path_.data()), nullptr); }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Runs the made-up market to its end while `publisher` reads the journal.
inline void run_market(const std::string& folder, StreamPublisher& publisher) {
  auto writer = open_journal_writer({.directory = folder});
  ASSERT_TRUE(writer);
  ToldJournal told(**writer, [&](std::uint64_t durable) { publisher.poke(durable); });
  const Dataset data = test_data::wave(2, 6'000, 17);
  SimulationParts parts;
  parts.journal = &told;
  auto simulation = std::move(Simulation::create(data, test_data::trend_config(data), parts).value());
  ASSERT_TRUE(simulation->begin().has_value());
  ASSERT_TRUE(simulation->run({}).has_value());
  ASSERT_TRUE(told.commit());
}

/// Counted from the journal by other means than the encoder's.
struct Wanted {
  std::map<Topic, std::size_t> count;
  Decimal net, fees;  ///< of closed trades; of fills
  std::uint64_t last = 0;
};
inline Wanted wanted_of(const std::string& folder) {
  Wanted out;
  const auto reader = open_journal_reader(folder);
  std::map<RoundTripId, bool> opened;
  EXPECT_TRUE(reader->read(1, [&](const RecordedFrame& frame) {
    out.last = frame.seq;
    if (std::holds_alternative<BarClosed>(frame.input.body)) ++out.count[Topic::market_prices];
    for (const Event& event : frame.events) {
      if (std::holds_alternative<OrderCreated>(event)) ++out.count[Topic::orders_placed];
      if (const auto* fill = std::get_if<FillApplied>(&event)) {
        ++out.count[Topic::orders_filled];
        out.fees = out.fees + fill->fill.fee.amount;
      }
      if (const auto* set = std::get_if<PositionSet>(&event); set != nullptr && !set->position.is_flat()) opened[set->position.round_trip] = true;
      if (const auto* closed = std::get_if<RoundTripClosed>(&event)) {
        ++out.count[Topic::trades_closed];
        out.net = out.net + closed->entry.net;
      }
      if (const auto* moved = std::get_if<OrderMoved>(&event)) {
        using enum OrderEventKind;
        const bool ends =
            moved->kind == cancelled || moved->kind == rejected || moved->kind == expired || moved->kind == not_sent || moved->kind == found_absent;
        if (ends) ++out.count[Topic::orders_canceled];
      }
      if (std::holds_alternative<BreakerTripped>(event) || std::holds_alternative<BreakerResumed>(event)) ++out.count[Topic::risk_circuit_breaker];
    }
    for (const RecordedCommand& command : frame.commands) {
      if (std::holds_alternative<Alert>(command)) ++out.count[Topic::risk_alerts];
    }
    return true;
  }));
  out.count[Topic::trades_opened] = opened.size();
  out.count[Topic::notifications_telegram] = opened.size() + out.count[Topic::trades_closed] + out.count[Topic::risk_alerts];
  return out;
}

inline const std::vector<Topic> kPublished{Topic::trades_opened,    Topic::trades_closed,  Topic::orders_placed,        Topic::orders_filled,
                                           Topic::orders_canceled,  Topic::risk_alerts,    Topic::risk_circuit_breaker, Topic::risk_kill_switch,
                                           Topic::agents_decisions, Topic::agents_signals, Topic::market_prices,        Topic::notifications_telegram};

/// Everything that the streams hold, once by id.
inline std::map<std::string, StreamEvent> read_all(StreamConsumer& consumer, std::size_t count) {
  std::map<std::string, StreamEvent> out;
  event_stream_contract::read_until(
      consumer, [&] { return out.size() >= count; }, [&](const StreamRecord& record) { out.emplace(record.event.id, record.event); });
  EXPECT_TRUE(event_stream_contract::quiet(consumer));
  return out;
}

/// The text of a member whose value is a string.
inline std::string member(const std::string& payload, const std::string& name) {
  const std::string before = '"' + name + R"(":")";
  const std::size_t at = payload.find(before);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + before.size();
  return payload.substr(begin, payload.find('"', begin) - begin);
}

inline void expect_whole(const std::map<std::string, StreamEvent>& events, const Wanted& wanted) {
  std::map<Topic, std::size_t> count;
  Decimal net, fees;
  for (const auto& [id, event] : events) {
    ++count[event.topic];
    if (event.topic == Topic::trades_closed) net = net + Decimal::parse(member(event.payload, "net")).value();
    if (event.topic == Topic::orders_filled) fees = fees + Decimal::parse(member(event.payload, "fee")).value();
  }
  for (const Topic topic : kPublished) EXPECT_EQ(count[topic], wanted.count.contains(topic) ? wanted.count.at(topic) : 0U) << spec_of(topic).name;
  EXPECT_EQ(net, wanted.net);
  EXPECT_EQ(fees, wanted.fees);
  EXPECT_GT(count[Topic::trades_closed], 5U) << "the market must trade, else this shows nothing";
  EXPECT_GT(count[Topic::orders_canceled], 0U);
}
inline std::size_t total(const Wanted& wanted) {
  std::size_t sum = 0;
  for (const auto& [topic, count] : wanted.count) sum += count;
  return sum;
}

}  // namespace prom::event_streams
