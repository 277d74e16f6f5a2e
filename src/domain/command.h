// What the engine wants done in the world once its frame is durable. Anything that reaches a venue is Approved; what is read back from a journal is not.
// Engine thread makes them, the dispatcher consumes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/sum_type.h"
#include "domain/approved.h"
#include "domain/event.h"
#include "domain/input.h"
#include "domain/order.h"

namespace prom {

struct AmendSpec {
  OrderId order{};
  ClientOrderId client_id{};
  InstrumentIx instrument{};
  QuantityUnits quantity{};
  std::optional<PriceUnits> limit, trigger;
  PROM_FIELDS(order, client_id, instrument, quantity, limit, trigger)
};
struct CancelSpec {
  OrderId order{};
  ClientOrderId client_id{};
  InstrumentIx instrument{};
  PROM_FIELDS(order, client_id, instrument)
};
struct LeverageSpec {
  AccountIx account{};
  InstrumentIx instrument{};
  Decimal leverage;
  MarginMode margin_mode = MarginMode::cross;
  PROM_FIELDS(account, instrument, leverage, margin_mode)
};

enum class Severity : std::uint8_t { info, warning, critical };
/// Something a person must hear of. Delivered by whichever channels are configured; never blocks trading.
struct Alert {
  Severity severity = Severity::info;
  UserIx user{};
  std::string code;
  std::string text;
  PROM_FIELDS(severity, user, code, text)
};
struct QueryOrder {
  OrderId order{};
  ClientOrderId client_id{};
  InstrumentIx instrument{};
  PROM_FIELDS(order, client_id, instrument)
};
/// Asks for what the venue holds. The answer comes in this order: every fill and funding record at or after `since` again (the engine applies each once), then a
/// VenueSnapshot.
struct QuerySnapshot {
  AccountIx account{};
  TimeNs since{};
  PROM_FIELDS(account, since)
};

struct Command : std::variant<Approved<OrderSpec>, Approved<AmendSpec>, Approved<CancelSpec>, Approved<LeverageSpec>, QueryOrder, QuerySnapshot, Alert> {
  PROM_SUM_TYPE(Command);
};

/// A command as history: it can be shown and compared, never sent.
struct RecordedCommand : std::variant<OrderSpec, AmendSpec, CancelSpec, LeverageSpec, QueryOrder, QuerySnapshot, Alert> {
  RecordedCommand() = default;
  PROM_SUM_TYPE(RecordedCommand);
};

/// One step of the engine. Commands leave when the journal says that `seq` is durable.
struct Frame {
  std::uint64_t seq = 0;
  Input input;
  std::vector<Event> events;
  std::vector<Command> commands;
};

/// A frame read back from a journal.
struct RecordedFrame {
  std::uint64_t seq = 0;
  Input input;
  std::vector<Event> events;
  std::vector<RecordedCommand> commands;
};

}  // namespace prom
