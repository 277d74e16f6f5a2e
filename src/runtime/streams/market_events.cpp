// Made once, handed out by time. An id is a hash of what is told, so that it does not depend on what else is in the store.
#include "runtime/streams/market_events.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

#include "analysis/orderflow/tape_trades.h"
#include "base/hash.h"
#include "base/text.h"
#include "domain/value.h"
#include "runtime/streams/frame_events.h"

namespace prom {
namespace {

std::string id_of(const std::string& run, std::string_view kind, const std::string& identity) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = run + "/" + std::string(kind) + "/";
  for (const std::uint64_t seed : {1U, 2U}) {
    const std::uint64_t hash = hash_bytes(std::string_view(identity), seed);
    for (int shift = 60; shift >= 0; shift -= 4) out += kHex[(hash >> static_cast<unsigned>(shift)) & 15U];
  }
  return out;
}

}  // namespace

MarketEvents::MarketEvents(const std::string& run, std::span<const Observation> told, std::span<const Tape> tapes) {
  for (const Observation& said : told) add_liquidation(run, said);
  for (const Tape& tape : tapes) add_prints(run, tape);
  std::ranges::sort(items_, {}, [](const Item& item) { return std::tie(item.known, item.event.id); });
}

void MarketEvents::add_liquidation(const std::string& run, const Observation& said) {
  const bool longs = said.series == series::kLongsLiquidated;
  if ((!longs && said.series != series::kShortsLiquidated) || !said.value) return;
  if (said.subject.empty() || said.subject.size() > kMaxEventKey) return;
  const std::string identity = said.series + '\n' + said.subject + '\n' + said.source + '\n' + said.id + '\n' + std::to_string(said.event_time.ns) + '\n' +
                               std::to_string(said.available_at.ns);
  ValueObject payload{
      {"asset", said.subject},          {"source", said.source},        {"side", longs ? "longs" : "shorts"}, {"value_usd", format_f64(*said.value)},
      {"period_from", said.event_time}, {"known_at", said.available_at}};
  items_.push_back(
      {said.available_at,
       {Topic::market_liquidations, said.subject, kEventSchema, id_of(run, "liquidations", identity), said.event_time, to_json(Value(std::move(payload)))}});
}

void MarketEvents::add_prints(const std::string& run, const Tape& tape) {
  if (!tape.tells_trades) return;
  const orderflow::TapeTrades trades = orderflow::trades_of(tape.events);
  const auto prints = orderflow::whale_prints(trades.view());
  if (!prints || prints->empty()) return;
  std::vector<TimeNs> known;  // of each trade
  known.reserve(trades.size());
  for (const TapeEvent& event : tape.events)
    if (event.kind == TapeKind::trade) known.push_back(known_at(event));
  for (const orderflow::WhalePrint& print : *prints) {
    const std::size_t i = print.index;
    const std::string price = format_f64(trades.price[i]), quantity = format_f64(trades.quantity[i]);
    // The place among the prints of the tape tells apart those that are alike in all else.
    const std::string identity = tape.instrument + '\n' + std::to_string(trades.time_ns[i]) + '\n' + std::to_string(i) + '\n' + price + '\n' + quantity;
    ValueObject payload{{"instrument", tape.instrument},
                        {"source", tape.source},
                        {"side", print.aggressor == orderflow::Aggressor::buyer ? "buy" : "sell"},
                        {"price", price},
                        {"quantity", quantity},
                        {"value", format_f64(print.value)},
                        {"multiple", format_f64(print.multiple)},
                        {"traded_at", TimeNs{trades.time_ns[i]}},
                        {"known_at", known[i]}};
    items_.push_back({known[i],
                      {Topic::market_whale_alerts, tape.instrument, kEventSchema, id_of(run, "whales", identity), TimeNs{trades.time_ns[i]},
                       to_json(Value(std::move(payload)))}});
  }
}

std::vector<StreamEvent> MarketEvents::until(TimeNs now) {
  std::vector<StreamEvent> out;
  for (; next_ < items_.size() && items_[next_].known <= now; ++next_)
    if (begun_) out.push_back(std::move(items_[next_].event));
  begun_ = true;
  return out;
}

}  // namespace prom
