// What became known of the market beside the bars, as events for others: liquidations that feeds told, and large prints of recorded trades. docs/event_streams.md
// lists the fields. One thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "domain/tape.h"
#include "ports/event_stream.h"
#include "ports/observations.h"

namespace prom {

class MarketEvents {
 public:
  /// `run` as of FrameEvents. Every revision of a liquidation is an event of its own; prints are those of the tool get_whale_trades with its standard arguments:
  /// at least 100,000 of the quote asset and 20 times the mean of the 1,000 trades before. Copies what it needs of both.
  MarketEvents(const std::string& run, std::span<const Observation> told, std::span<const Tape> tapes);

  /// What became known after the instant of the call before, up to `now`, in the order in which it did; nothing where `now` is not later than before. The first call
  /// sets the beginning and gives nothing: what was known then is history to whoever reads the stream. The same calls give the same events with the same ids.
  std::vector<StreamEvent> until(TimeNs now);

  /// Events that until() has not come to.
  std::size_t left() const { return items_.size() - next_; }

 private:
  struct Item {
    TimeNs known{};
    StreamEvent event;
  };
  void add_liquidation(const std::string& run, const Observation& said);
  void add_prints(const std::string& run, const Tape& tape);

  std::vector<Item> items_;  ///< ascending by `known`, then id
  std::size_t next_ = 0;
  bool begun_ = false;
};

}  // namespace prom
