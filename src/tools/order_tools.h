// The entry tools' argument tables and functions, listed by trading_tools.cpp. Constant data and pure functions; any thread.
#pragma once

#include "tools/proposals.h"

namespace prom {

inline constexpr ArgSpec kTargetFields[] = {required(amount_arg("price", "quote per base")),
                                            required(number_arg("fraction", "of the position taken off there", 0.01, 1))};
inline constexpr ArgSpec kTargetsArg{.name = "targets",
                                     .type = ArgType::object_list,
                                     .description = "take-profit levels; their fractions sum to at most 1",
                                     .max_items = 10,
                                     .fields = kTargetFields};

inline constexpr ArgSpec kPlaceOrderArgs[] = {kInstrumentArg, kSideArg, kQuantityArg, kRiskArg, kLimitPriceArg, kStopArg, kTargetsArg, kExpiresArg, kReasonArg};
inline constexpr ArgSpec kBracketArgs[] = {kInstrumentArg,        kSideArg,    kQuantityArg, kRiskArg, kLimitPriceArg, required(kStopArg),
                                           required(kTargetsArg), kExpiresArg, kReasonArg};
inline constexpr ArgSpec kLadderArgs[] = {kInstrumentArg,
                                          kSideArg,
                                          kQuantityArg,
                                          kRiskArg,
                                          required({.name = "prices",
                                                    .type = ArgType::amount_list,
                                                    .description = "limit prices, quote per base, best first; the quantity is split evenly over them",
                                                    .max_items = 10}),
                                          required(kStopArg),
                                          kTargetsArg,
                                          kExpiresArg,
                                          kReasonArg};
inline constexpr ArgSpec kAddArgs[] = {kInstrumentArg, kQuantityArg, kRiskArg, kLimitPriceArg, kStopArg, kExpiresArg, kReasonArg};

ToolResult run_place_order(const ToolContext& context, const ToolArguments& arguments);
ToolResult run_place_bracket_order(const ToolContext& context, const ToolArguments& arguments);
ToolResult run_place_ladder_order(const ToolContext& context, const ToolArguments& arguments);
ToolResult run_add_to_position(const ToolContext& context, const ToolArguments& arguments);

}  // namespace prom
