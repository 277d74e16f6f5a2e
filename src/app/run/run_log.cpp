// Run log. Main thread.
#include "app/run/run_log.h"

#include <string>

#include "base/log.h"

namespace prom {
namespace {

std::string correlation_of(const EngineState& state, const Frame& frame) {
  if (const auto* posted = std::get_if<ProposalPosted>(&frame.input.body)) return "decision-" + std::to_string(posted->proposal.decision.v);
  if (const auto* decided = std::get_if<DecisionRecorded>(&frame.input.body)) return "decision-" + std::to_string(decided->record.id.v);
  if (const auto* filled = std::get_if<VenueFilled>(&frame.input.body)) {
    const Order* order = state.find_order(filled->fill.order);
    return order != nullptr ? to_text(order->spec.client_id) : "venue";
  }
  return "frame-" + std::to_string(frame.seq);
}

LogLevel level_of(Severity severity) {
  switch (severity) {
    case Severity::info: return LogLevel::info;
    case Severity::warning: return LogLevel::warning;
    case Severity::critical: return LogLevel::error;
  }
  return LogLevel::error;
}

void log_event_of(const EngineState& state, const Event& event) {
  const std::string at = format_rfc3339(state.now);
  if (const auto* created = std::get_if<OrderCreated>(&event)) {
    const Instrument& instrument = state.instrument(created->spec.instrument);
    log_event(LogLevel::info, "order_created",
              {{"at", at},
               {"order", created->spec.id.v},
               {"instrument", instrument.symbol},
               {"side", name_of(created->spec.side)},
               {"type", name_of(created->spec.type)},
               {"purpose", name_of(created->spec.purpose)},
               {"quantity", to_decimal(instrument, created->spec.quantity)}});
  } else if (const auto* filled = std::get_if<FillApplied>(&event)) {
    const Instrument& instrument = state.instrument(filled->fill.instrument);
    log_event(LogLevel::info, "order_filled",
              {{"at", at},
               {"order", filled->fill.order.v},
               {"instrument", instrument.symbol},
               {"side", name_of(filled->fill.side)},
               {"price", to_decimal(instrument, filled->fill.price)},
               {"quantity", to_decimal(instrument, filled->fill.quantity)},
               {"fee", filled->fill.fee.amount}});
  } else if (const auto* closed = std::get_if<RoundTripClosed>(&event)) {
    log_event(LogLevel::info, "trade_closed",
              {{"at", at}, {"instrument", state.instrument(closed->entry.instrument).symbol}, {"net", closed->entry.net}, {"exit", closed->entry.exit_reason}});
  } else if (const auto* denied = std::get_if<ProposalDenied>(&event)) {
    log_event(LogLevel::info, "proposal_denied",
              {{"at", at},
               {"proposal", denied->proposal.v},
               {"code", name_of(denied->denial.code)},
               {"limit", denied->denial.limit},
               {"actual", denied->denial.actual}});
  } else if (const auto* tripped = std::get_if<BreakerTripped>(&event)) {
    log_event(LogLevel::warning, "circuit_breaker", {{"at", at}, {"kind", name_of(tripped->kind)}, {"limit", tripped->limit}, {"actual", tripped->actual}});
  } else if (const auto* odd = std::get_if<OddityNoted>(&event)) {
    log_event(LogLevel::warning, "oddity", {{"at", at}, {"what", odd->what}});
  }
}

}  // namespace

void log_frame(const EngineState& state, const Frame& frame) {
  if (frame.events.empty() && frame.commands.empty()) return;
  const std::string correlation = correlation_of(state, frame);
  const LogCorrelation scope(correlation);
  for (const Event& event : frame.events) log_event_of(state, event);
  for (const Command& command : frame.commands)
    if (const auto* alert = std::get_if<Alert>(&command))
      log_event(level_of(alert->severity), "alert", {{"at", format_rfc3339(state.now)}, {"code", alert->code}, {"text", alert->text}});
}

}  // namespace prom
