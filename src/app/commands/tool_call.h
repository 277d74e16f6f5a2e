// One tool asked from the command line: its market, its instant, and the answer as a document. Main thread.
#pragma once

#include <expected>
#include <string>

#include "app/cli/command.h"

namespace prom {

struct ToolCallOptions {
  std::string tool;
  std::string arguments = "{}";  ///< JSON
  std::string instrument;        ///< empty: binance:spot:BTCUSDT with a file, else binance:linear:BTCUSDT
  std::string timeframe;         ///< empty: the file's own, else 1h
  std::string as_of;             ///< empty: the last event of the recording, else the close of the last bar
  std::string csv;               ///< OHLCV file; empty: market store, else bundled data
  std::string book;              ///< recording of the venue's feed; empty: none
  std::string trades;            ///< file of trades, which then stand for those of the recording; empty: none
  std::string cash = "10000";    ///< of the paper account that tools of account and risk look at; it has not traded
  bool series = false;
};

/// {"tool","instrument","timeframe","as_of","result","sources"}, with `notes` where reading the file lost something, and with `series` {"series":{output:[...]}}: one value a bar, null during warm-up.
/// The tool `indicator` is for people only (tools/indicator_call.h); with empty arguments it gives {"tool","indicators":[...]} and asks for no market.
/// A tool that proposes answers `unavailable`: without an engine nobody would take its proposal.
std::expected<Value, CommandError> call_from_command_line(AppContext& context, const ToolCallOptions& options);

/// Every tool: name, category, access, agents that may call it, available, reason, description, schema.
std::expected<Value, CommandError> list_tools(AppContext& context);

}  // namespace prom
