// Tools over a recorded stretch of a venue's feed: book, trades, and the patterns in both. Declared here for the tables of market and order flow tools. Pure; any
// thread.
#pragma once

#include "tools/spec.h"

namespace prom {

/// Served by the recordings of the market store, or by a file that is named at the call.
inline constexpr FeedNeed kTradesNeed{"tape.trades", "",
                                      "a recording of the venue's trades: promtrade data import --kind trades, or --trades FILE of tools call"};
inline constexpr FeedNeed kBookNeed{"tape.book", "",
                                    "a recording of the venue's depth stream: promtrade data import --kind book, or --book FILE of tools call"};

/// Whether something was told of the context's instrument within the last minute before the instant: agents ask for what rests and trades only then, so that a recording
/// that has not come yet, or is over, changes nothing.
bool tape_is_live(const ToolContext& context);

inline constexpr ArgSpec kDepthArgs[] = {kInstrumentArg, integer_arg("levels", "best levels of each side", 1, 1000, 10)};
inline constexpr ResultField kOrderbookResults[] = {{"bids", ResultType::list, "best first: price (quote per base), quantity (base units)"},
                                                    {"asks", ResultType::list, "best first: price, quantity"},
                                                    {"mid", ResultType::number, "mean of the best prices, quote per base"},
                                                    {"spread_bps", ResultType::number, "between the best prices, 1/10,000 of the mid"},
                                                    {"time", ResultType::time, "last word of the feed, by the venue's clock"}};
ToolResult run_get_orderbook(const ToolContext& context, const ToolArguments& arguments);

inline constexpr ArgSpec kTradesArgs[] = {kInstrumentArg, integer_arg("limit", "how many, newest first", 1, 1000, 50)};
inline constexpr ResultField kTradesResults[] = {
    {"trades", ResultType::list, "newest first: time, side (of the taker), price (quote per base), quantity (base units)"},
    {"buy_volume", ResultType::number, "of these, base units that takers bought"},
    {"sell_volume", ResultType::number, "base units that takers sold"},
    {"recorded", ResultType::integer, "trades recorded up to the instant"}};
ToolResult run_get_trades(const ToolContext& context, const ToolArguments& arguments);

inline constexpr ArgSpec kWhaleArgs[] = {kInstrumentArg, integer_arg("minutes", "how far back", 1, 1440, 60),
                                         number_arg("min_value", "smallest value, quote units", 0, 1e12, 100'000),
                                         number_arg("multiple", "of the mean value of the 1000 trades before it", 1, 1e6, 20),
                                         integer_arg("limit", "longest list to give, newest first", 1, 100, 20)};
inline constexpr ResultField kWhaleResults[] = {
    {"prints", ResultType::list, "newest first: time, side, price, quantity, value (quote units), multiple (0 before 1000 trades were seen)"},
    {"count", ResultType::integer, "large trades in that time"},
    {"buy_value", ResultType::number, "quote units that large takers bought"},
    {"sell_value", ResultType::number, "quote units that they sold"},
    {"since", ResultType::time, "from when on: the stretch asked for, or where the recording begins"}};
ToolResult run_get_whale_trades(const ToolContext& context, const ToolArguments& arguments);

inline constexpr ArgSpec kSpeedArgs[] = {kInstrumentArg, integer_arg("window_seconds", "stretch up to the instant", 1, 3600, 10)};
inline constexpr ResultField kSpeedResults[] = {
    {"trades_per_second", ResultType::number, "in the window"},
    {"volume_per_second", ResultType::number, "base units"},
    {"relative", ResultType::number,
     "against the mean of up to 30 windows before that the recording covers wholly; null where those held no trade, or none is whole",
     ResultPresence::may_be_null},
    {"time", ResultType::time, "the newest trade"}};
ToolResult run_get_tick_speed(const ToolContext& context, const ToolArguments& arguments);

inline constexpr ResultField kBookImbalanceResults[] = {{"imbalance", ResultType::number, "(bids - asks) / (bids + asks) of quantity, -1..1"},
                                                        {"bid_quantity", ResultType::number, "base units"},
                                                        {"ask_quantity", ResultType::number, "base units"},
                                                        {"mid", ResultType::number, "quote per base"},
                                                        {"microprice", ResultType::number, "best prices weighted by the other side's quantity, quote per base"},
                                                        {"spread_bps", ResultType::number, "1/10,000 of the mid"},
                                                        {"bid_levels", ResultType::integer, "levels counted: fewer than asked for where the book has no more"},
                                                        {"ask_levels", ResultType::integer, "levels counted"},
                                                        {"time", ResultType::time, "last word of the feed"}};
ToolResult run_get_orderbook_imbalance(const ToolContext& context, const ToolArguments& arguments);

inline constexpr ArgSpec kPatternArgs[] = {kInstrumentArg, integer_arg("minutes", "how far back", 1, 1440, 15),
                                           integer_arg("limit", "longest list to give, newest first", 1, 50, 10)};
inline constexpr ResultField kIcebergResults[] = {
    {"icebergs", ResultType::list, "newest first: time, side, price (quote per base), tip (base units shown at a time), refills, executed (base units)"},
    {"count", ResultType::integer, "seen in that time"},
    {"since", ResultType::time, "from when on: the stretch asked for, or where the recording begins"}};
ToolResult run_detect_iceberg(const ToolContext& context, const ToolArguments& arguments);
inline constexpr ResultField kSpoofResults[] = {
    {"orders", ResultType::list,
     "newest first: placed, withdrawn, side, price, quantity, multiple (of the mean addition), distance_bps, executed (base units)"},
    {"count", ResultType::integer, "seen in that time; a pattern, nobody's intent"},
    {"since", ResultType::time, "from when on: the stretch asked for, or where the recording begins"}};
ToolResult run_detect_spoofing(const ToolContext& context, const ToolArguments& arguments);

}  // namespace prom
