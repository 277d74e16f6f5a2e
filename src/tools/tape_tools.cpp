// Book, trades and their patterns from the tape of a context. Pure; any thread.
#include "tools/tape_tools.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "analysis/orderflow/book.h"
#include "analysis/orderflow/iceberg.h"
#include "analysis/orderflow/spoofing.h"
#include "analysis/orderflow/tape_trades.h"
#include "domain/instrument.h"
#include "tools/market_access.h"

namespace prom {

namespace {

using orderflow::Aggressor;

constexpr DurationNs kStale = kMinute;  ///< a feed that said nothing for longer speaks of another market
constexpr DurationNs kStaleTrades =
    kMinute * 15;  ///< so long may nobody trade while the book is told; where two recordings are one tape, the trades may have ended
constexpr std::string_view kNoTrades = "no trade feed in this installation; a file of trades or a recording of the venue's feed serves it";
constexpr std::string_view kNoBook = "no order book feed in this installation; a recording of the venue's depth stream serves it";
constexpr std::string_view kTapeHint =
    "promtrade data import FILE --kind book (or trades) keeps a recording; tools call NAME --book FILE reads one for a single call";

enum class Part : std::uint8_t { trades, book };

/// What a feed told of the instrument up to the instant.
struct Told {
  const Tape* tape;
  std::span<const TapeEvent> events;  ///< not empty
};

/// Unavailable where there is no tape of the instrument, or where it fell silent before.
std::expected<Told, ToolError> told(const ToolContext& context, const ToolArgs& args, Part part) {
  const std::string missing(part == Part::trades ? kNoTrades : kNoBook);
  const auto tells = [&](const Tape& tape) { return part == Part::trades ? tape.tells_trades : tape.tells_book; };
  const auto any = std::ranges::find_if(context.tapes, tells);
  if (any == context.tapes.end()) return std::unexpected(tool_unavailable(missing, std::string(kTapeHint)));
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  const std::string code = instrument_code(**instrument);
  const auto tape = std::ranges::find(context.tapes, code, &Tape::instrument);
  if (tape == context.tapes.end() || !tells(*tape))
    return std::unexpected(tool_unavailable("the recording is of " + any->instrument, "ask for that instrument"));
  const auto events = tape_until(*tape, context.as_of.time);
  if (events.empty()) return std::unexpected(tool_unavailable("the recording begins after the instant of the call"));
  if (context.as_of.time - events.back().time > kStale)
    return std::unexpected(tool_unavailable("stale: the recording ends at " + format_rfc3339(events.back().time), "ask at an instant within it"));
  const auto of_part = [&](const TapeEvent& e) { return (e.kind == TapeKind::trade) == (part == Part::trades); };
  const auto newest = std::find_if(events.rbegin(), events.rend(), of_part);
  if (newest != events.rend() && context.as_of.time - newest->time > (part == Part::trades ? kStaleTrades : kStale)) {
    return std::unexpected(tool_unavailable(
        std::string("stale: the recording tells nothing of ") + (part == Part::trades ? "trades" : "the book") + " since " + format_rfc3339(newest->time),
        "ask at an instant within it"));
  }
  return Told{&*tape, events};
}

ToolOutput output_of_tape(const Tape& tape, TimeNs newest, ValueObject result) {
  ToolOutput out;
  out.result = Value(std::move(result));
  out.sources.push_back({tape.source, newest});
  return out;
}

std::string_view side_of(Aggressor aggressor) { return aggressor == Aggressor::buyer ? "buy" : "sell"; }

/// The book as the events leave it, best level first.
struct Levels {
  std::array<std::vector<double>, 2> price, quantity;
  orderflow::Book view() const { return {{price[0], quantity[0]}, {price[1], quantity[1]}}; }
};
std::expected<Levels, ToolError> book_after(std::span<const TapeEvent> events) {
  std::array<std::map<double, double>, 2> halves;
  const auto cleared = std::ranges::find(events.rbegin(), events.rend(), TapeKind::clear, &TapeEvent::kind);
  for (const TapeEvent& e : std::span(cleared.base(), events.end())) {
    if (e.kind != TapeKind::seed && e.kind != TapeKind::level) continue;
    auto& half = halves[static_cast<std::size_t>(e.side)];
    if (e.quantity == 0) {
      half.erase(e.price);
    } else {
      half[e.price] = e.quantity;
    }
  }
  if (halves[0].empty() || halves[1].empty())
    return std::unexpected(tool_unavailable("the book is unknown at this instant: no snapshot yet, or a change of it was lost", "ask a moment later"));
  if (halves[0].rbegin()->first >= halves[1].begin()->first)
    return std::unexpected(tool_unavailable("the recorded book is crossed at this instant", "ask a moment later"));
  Levels out;
  for (auto level = halves[0].rbegin(); level != halves[0].rend(); ++level) out.price[0].push_back(level->first), out.quantity[0].push_back(level->second);
  for (const auto& [price, quantity] : halves[1]) out.price[1].push_back(price), out.quantity[1].push_back(quantity);
  return out;
}

ValueList levels_of(const Levels& book, BookHalf half, std::size_t most) {
  const auto side = static_cast<std::size_t>(half);
  ValueList out;
  for (std::size_t i = 0; i < std::min(most, book.price[side].size()); ++i)
    out.emplace_back(ValueObject{{"price", book.price[side][i]}, {"quantity", book.quantity[side][i]}});
  return out;
}

orderflow::BookSideKind kind_of(BookHalf half) { return half == BookHalf::bid ? orderflow::BookSideKind::bid : orderflow::BookSideKind::ask; }
std::string_view name_of_side(orderflow::BookSideKind side) { return side == orderflow::BookSideKind::bid ? "bid" : "ask"; }

/// The newest `limit` of what was found at or after `since`, and how many there are.
template <class Found, class Row>
std::pair<ValueList, std::int64_t> newest_first(const std::vector<Found>& found, TimeNs since, std::size_t limit, Row row) {
  ValueList list;
  std::int64_t count = 0;
  for (auto one = found.rbegin(); one != found.rend() && one->time_ns >= since.ns; ++one, ++count)
    if (list.size() < limit) list.emplace_back(row(*one));
  return {std::move(list), count};
}

/// The stretch that was asked for, or what the recording covers of it.
TimeNs back_by(const ToolContext& context, const ToolArgs& args, const Told& feed) {
  return std::max(context.as_of.time - kMinute * static_cast<std::int64_t>(args.count("minutes")), feed.events.front().time);
}

}  // namespace

bool tape_is_live(const ToolContext& context) {
  if (context.market == nullptr) return false;
  const auto instruments = context.market->instruments();
  const auto instrument = std::ranges::find(instruments, context.instrument, &Instrument::ix);
  if (instrument == instruments.end()) return false;
  const auto tape = std::ranges::find(context.tapes, instrument_code(*instrument), &Tape::instrument);
  if (tape == context.tapes.end()) return false;
  const auto events = tape_until(*tape, context.as_of.time);
  return !events.empty() && context.as_of.time - events.back().time <= kStale;
}

ToolResult run_get_orderbook(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kDepthArgs, arguments.object);
  PROM_TRY(const Told feed, told(context, args, Part::book));
  PROM_TRY(const Levels book, book_after(feed.events));
  const double bid = book.price[0][0], ask = book.price[1][0], mid = (bid + ask) / 2;
  const TimeNs newest = feed.events.back().time;
  return output_of_tape(*feed.tape, newest,
                        {{"bids", levels_of(book, BookHalf::bid, args.count("levels"))},
                         {"asks", levels_of(book, BookHalf::ask, args.count("levels"))},
                         {"mid", mid},
                         {"spread_bps", 1e4 * (ask - bid) / mid},
                         {"time", newest}});
}

ToolResult run_get_trades(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kTradesArgs, arguments.object);
  PROM_TRY(const Told feed, told(context, args, Part::trades));
  const orderflow::TapeTrades trades = orderflow::trades_of(feed.events);
  if (trades.size() == 0) return std::unexpected(tool_unavailable("no trade was recorded up to this instant"));
  ValueList list;
  double bought = 0, sold = 0;
  for (std::size_t i = trades.size(); i-- > 0 && list.size() < args.count("limit");) {
    (trades.aggressor[i] == Aggressor::buyer ? bought : sold) += trades.quantity[i];
    list.emplace_back(
        ValueObject{{"time", TimeNs{trades.time_ns[i]}}, {"side", side_of(trades.aggressor[i])}, {"price", trades.price[i]}, {"quantity", trades.quantity[i]}});
  }
  return output_of_tape(*feed.tape, TimeNs{trades.time_ns.back()},
                        {{"trades", std::move(list)}, {"buy_volume", bought}, {"sell_volume", sold}, {"recorded", static_cast<std::int64_t>(trades.size())}});
}

ToolResult run_get_whale_trades(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kWhaleArgs, arguments.object);
  PROM_TRY(const Told feed, told(context, args, Part::trades));
  const orderflow::TapeTrades trades = orderflow::trades_of(feed.events);
  const auto prints = orderflow::whale_prints(trades.view(), {.min_value = args.number("min_value"), .multiple = args.number("multiple"), .window = 1000});
  if (!prints) return std::unexpected(parameter_error(prints.error()));
  const TimeNs since = back_by(context, args, feed);
  ValueList list;
  std::int64_t count = 0;
  double bought = 0, sold = 0;
  for (auto print = prints->rbegin(); print != prints->rend() && trades.time_ns[print->index] >= since.ns; ++print, ++count) {
    (print->aggressor == Aggressor::buyer ? bought : sold) += print->value;
    if (list.size() >= args.count("limit")) continue;
    list.emplace_back(ValueObject{{"time", TimeNs{trades.time_ns[print->index]}},
                                  {"side", side_of(print->aggressor)},
                                  {"price", trades.price[print->index]},
                                  {"quantity", trades.quantity[print->index]},
                                  {"value", print->value},
                                  {"multiple", print->multiple}});
  }
  return output_of_tape(*feed.tape, feed.events.back().time,
                        {{"prints", std::move(list)}, {"count", count}, {"buy_value", bought}, {"sell_value", sold}, {"since", since}});
}

ToolResult run_get_tick_speed(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kSpeedArgs, arguments.object);
  PROM_TRY(const Told feed, told(context, args, Part::trades));
  const orderflow::TapeTrades trades = orderflow::trades_of(feed.events);
  if (trades.size() == 0) return std::unexpected(tool_unavailable("no trade was recorded up to this instant"));
  const TimeNs begin = feed.events.front().time, wanted = context.as_of.time - kSecond * static_cast<std::int64_t>(args.count("window_seconds"));
  if (begin > wanted) {
    return std::unexpected(ToolError{ToolErrorCode::not_enough_data, "the recording begins at " + format_rfc3339(begin) + ", inside the window",
                                     "ask for a shorter window, or at a later instant"});
  }
  const orderflow::TickSpeedParams params{
      .window_ns = kSecond.ns * static_cast<std::int64_t>(args.count("window_seconds")), .baseline_windows = 30, .record_begin_ns = begin.ns};
  const auto speed = orderflow::tick_speed(trades.view(), context.as_of.time.ns, params);
  if (!speed) return std::unexpected(parameter_error(speed.error()));
  const TimeNs newest{trades.time_ns.back()};
  return output_of_tape(*feed.tape, newest,
                        {{"trades_per_second", speed->trades_per_second},
                         {"volume_per_second", speed->volume_per_second},
                         {"relative", number_or_null(speed->relative)},
                         {"time", newest}});
}

ToolResult run_get_orderbook_imbalance(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kDepthArgs, arguments.object);
  PROM_TRY(const Told feed, told(context, args, Part::book));
  PROM_TRY(const Levels book, book_after(feed.events));
  const auto found = orderflow::book_imbalance_by_levels(book.view(), static_cast<int>(args.count("levels")));
  if (!found) return std::unexpected(parameter_error(found.error()));
  const TimeNs newest = feed.events.back().time;
  return output_of_tape(*feed.tape, newest,
                        {{"imbalance", found->imbalance},
                         {"bid_quantity", found->bid_quantity},
                         {"ask_quantity", found->ask_quantity},
                         {"mid", found->mid},
                         {"microprice", found->microprice},
                         {"spread_bps", found->spread_bps},
                         {"bid_levels", static_cast<std::int64_t>(std::min(args.count("levels"), book.price[0].size()))},
                         {"ask_levels", static_cast<std::int64_t>(std::min(args.count("levels"), book.price[1].size()))},
                         {"time", newest}});
}

ToolResult run_detect_iceberg(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kPatternArgs, arguments.object);
  PROM_TRY(const Told feed, told(context, args, Part::book));
  if (!feed.tape->tells_trades) return std::unexpected(tool_unavailable(std::string(kNoTrades), std::string(kTapeHint)));
  auto detector = *orderflow::IcebergDetector::make({});
  std::vector<orderflow::Iceberg> found;
  for (const TapeEvent& e : feed.events) {
    if (e.kind == TapeKind::trade) {
      if (const auto bad = detector.update(orderflow::TradePrint{e.time.ns, e.price, e.quantity, orderflow::aggressor_of(e)}))
        return std::unexpected(parameter_error(*bad));
    } else if (e.kind == TapeKind::best) {
      const auto seen = detector.update(orderflow::BestPrice{e.time.ns, kind_of(e.side), e.price, e.quantity});
      if (!seen) return std::unexpected(parameter_error(seen.error()));
      if (*seen) found.push_back(**seen);
    }
  }
  const TimeNs since = back_by(context, args, feed);
  auto [list, count] = newest_first(found, since, args.count("limit"), [](const orderflow::Iceberg& one) {
    return ValueObject{{"time", TimeNs{one.time_ns}},
                       {"side", name_of_side(one.side)},
                       {"price", one.price},
                       {"tip", one.tip},
                       {"refills", static_cast<std::int64_t>(one.refills)},
                       {"executed", one.executed}};
  });
  return output_of_tape(*feed.tape, feed.events.back().time, {{"icebergs", std::move(list)}, {"count", count}, {"since", since}});
}

ToolResult run_detect_spoofing(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kPatternArgs, arguments.object);
  PROM_TRY(const Told feed, told(context, args, Part::book));
  auto detector = *orderflow::SpoofDetector::make({});
  std::vector<orderflow::SpoofLike> found;
  std::optional<ParamError> fault;
  const auto take = [&](const ParamResult<std::vector<orderflow::SpoofLike>>& seen) {
    if (!seen) fault = seen.error();
    if (seen) found.insert(found.end(), seen->begin(), seen->end());
  };
  for (const TapeEvent& e : feed.events) {
    const orderflow::LevelChange change{e.time.ns, kind_of(e.side), e.price, e.quantity};
    switch (e.kind) {
      case TapeKind::clear: detector = *orderflow::SpoofDetector::make({}); break;
      case TapeKind::seed: fault = detector.seed(change); break;
      case TapeKind::level: take(detector.update(change)); break;
      case TapeKind::best: take(detector.update(orderflow::BestPrice{e.time.ns, kind_of(e.side), e.price, e.quantity})); break;
      case TapeKind::trade: take(detector.update(orderflow::TradePrint{e.time.ns, e.price, e.quantity, orderflow::aggressor_of(e)})); break;
    }
    if (fault) return std::unexpected(parameter_error(*fault));
  }
  const TimeNs since = back_by(context, args, feed);
  auto [list, count] = newest_first(found, since, args.count("limit"), [](const orderflow::SpoofLike& one) {
    return ValueObject{{"placed", TimeNs{one.placed_ns}},  {"withdrawn", TimeNs{one.withdrawn_ns}},
                       {"side", name_of_side(one.side)},   {"price", one.price},
                       {"quantity", one.quantity},         {"multiple", one.multiple},
                       {"distance_bps", one.distance_bps}, {"executed", one.executed}};
  });
  return output_of_tape(*feed.tape, feed.events.back().time, {{"orders", std::move(list)}, {"count", count}, {"since", since}});
}

}  // namespace prom
