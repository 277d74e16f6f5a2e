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

/// `again`: how many with this payload came before.
std::string id_of(const std::string& run, std::string_view kind, const std::string& payload, std::uint64_t again) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = run + "/" + std::string(kind) + "/";
  for (const std::uint64_t part : {0U, 1U}) {
    const std::uint64_t hash = hash_bytes(std::string_view(payload), 2 * again + part);
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
  ValueObject payload{
      {"asset", said.subject},          {"source", said.source},        {"side", longs ? "longs" : "shorts"}, {"value_usd", format_f64(*said.value)},
      {"period_from", said.event_time}, {"known_at", said.available_at}};
  std::string text = to_json(Value(std::move(payload)));
  std::string id = id_of(run, "liquidations", text, 0);
  items_.push_back({said.available_at, {Topic::market_liquidations, said.subject, kEventSchema, std::move(id), said.event_time, std::move(text)}});
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
  std::string last;
  std::uint64_t again = 0;
  for (const orderflow::WhalePrint& print : *prints) {
    const std::size_t i = print.index;
    ValueObject payload{{"instrument", tape.instrument},
                        {"source", tape.source},
                        {"side", print.aggressor == orderflow::Aggressor::buyer ? "buy" : "sell"},
                        {"price", format_f64(trades.price[i])},
                        {"quantity", format_f64(trades.quantity[i])},
                        {"value", format_f64(print.value)},
                        {"multiple", format_f64(print.multiple)},
                        {"traded_at", TimeNs{trades.time_ns[i]}},
                        {"known_at", known[i]}};
    std::string text = to_json(Value(std::move(payload)));
    // Two of one instant may be alike in all; they stand beside each other.
    again = text == last ? again + 1 : 0;
    last = text;
    std::string id = id_of(run, "whales", text, again);
    items_.push_back({known[i], {Topic::market_whale_alerts, tape.instrument, kEventSchema, std::move(id), TimeNs{trades.time_ns[i]}, std::move(text)}});
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
