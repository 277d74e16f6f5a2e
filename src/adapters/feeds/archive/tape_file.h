// Reads a stretch of a venue's feed from a file: recorded WebSocket frames, one a line (Binance, Bybit, OKX), the book archives of Bybit, and files of trades
// (aggTrades). Plain, .xz, .gz or .zip. Blocking file reads; one thread each call.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "adapters/feeds/archive/import.h"
#include "adapters/feeds/archive/import_types.h"
#include "domain/instrument.h"
#include "domain/tape.h"

namespace prom {

/// Frames: every line whose first { begins a JSON text of one of
///   Binance  depthUpdate, trade, aggTrade, bookTicker (bare or in a combined stream) and the REST snapshot of the depth;
///   Bybit    orderbook.N and publicTrade topics;
///   OKX      books and trades channels.
/// What is of another symbol, or none of these, is passed over. The book begins with a snapshot; where the venue's own numbers show that a change is missing it is
/// unknown (TapeKind::clear) until the next one; so it is where OKX's checksum is not that of the book. Where the feed tells no best prices they are taken from the
/// book after each frame. Contracts become base units by the instrument's contract value, those of inverse contracts at the price of the level or trade.
/// A time of receipt in front of a frame (s with a fraction, ms, us or ns) is kept: what the frame says is known from then on, never before the venue's own time.
std::expected<Tape, ImportError> read_book_recording(const std::string& path, const Instrument& instrument, const OnImportProgress& on_progress = {});
/// The same from memory, unpacked.
std::expected<Tape, ImportError> parse_book_recording(std::string_view text, const Instrument& instrument);

/// A file of trades in a dialect that read_bars knows. It does not say when a trade was heard of: it is taken for known at its own time.
std::expected<Tape, ImportError> read_trades(const std::string& path, const Instrument& instrument, const OnImportProgress& on_progress = {});
std::expected<Tape, ImportError> parse_trades(std::string_view text, const Instrument& instrument);

/// Two tapes of one instrument as one (merge_tapes): trades of `trades`, the rest of `book`.
Tape join_tapes(const Tape& book, const Tape& trades);

}  // namespace prom
