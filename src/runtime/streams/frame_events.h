// What frames of the journal mean to others, as events with JSON payloads: orders, trades, risk, decisions. docs/event_streams.md lists the fields. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/assert.h"
#include "domain/command.h"
#include "ports/event_stream.h"

namespace prom {

/// Of the payloads made here. Raised when a field changes its meaning or goes; a new field does not raise it.
inline constexpr std::uint32_t kEventSchema = 1;

class FrameEvents {
 public:
  /// Ended orders remembered for late fills; older ones are told without what their order was.
  static constexpr std::size_t kOrdersKept = 65'536;

  /// `run` names the journal among all whose events meet in one topic; 1 to 64 bytes. The same journal under the same name gives the same event ids.
  explicit FrameEvents(std::string run) : run_(std::move(run)) { PROM_ASSERT(!run_.empty() && run_.size() <= 64, "a run's name has 1 to 64 bytes"); }

  /// The frame's events in its order. Frames come in order from the journal's first on, because events name accounts, instruments and orders of earlier ones.
  /// Event ids: run/sequence/place, with place `i` (input), `eN` (N-th event) or `cN` (N-th command), with an `n` behind it for the
  /// notification of such an event and an `s` for the signals in a decision: an id is one event, whatever its topic.
  std::vector<StreamEvent> take(const RecordedFrame& frame);

 private:
  struct OrderNote {
    OrderSpec spec;
    OrderState state = OrderState::pending;
    QuantityUnits filled{};
  };
  struct HoldingKey {
    AccountIx account;
    InstrumentIx instrument;
    PositionLeg leg;
    auto operator<=>(const HoldingKey&) const = default;
  };
  struct Maker;

  void note(const Input& input);
  OrderNote* find(OrderId order);
  void forget_old_orders();
  const Instrument* instrument(InstrumentIx ix) const { return ix.v < instruments_.size() && instruments_[ix.v] ? &*instruments_[ix.v] : nullptr; }

  const std::string run_;
  std::vector<std::optional<Instrument>> instruments_;  ///< by index
  std::map<AssetIx, std::string> assets_;
  std::map<AccountIx, Account> accounts_;
  std::map<OrderId, OrderNote> orders_;
  std::map<HoldingKey, RoundTripId> open_;    ///< round trips of positions that are not flat
  std::map<InstrumentIx, TimeNs> signalled_;  ///< the instant of the last signals told of an instrument
};

}  // namespace prom
