// Lines of a recording to frames; files of trades to a tape.
#include "adapters/feeds/archive/tape_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "adapters/feeds/archive/bars_text.h"
#include "adapters/feeds/archive/byte_source.h"
#include "adapters/feeds/archive/row_reader.h"
#include "adapters/feeds/archive/tape_frames.h"

namespace prom {
namespace {

constexpr std::size_t kMaxLine = 8U << 20U;

/// Cuts chunks into lines.
class Lines {
 public:
  explicit Lines(archive::TapeFrames& to) : to_(&to) {}
  archive::Parsed<void> feed(std::string_view chunk) {
    for (;;) {
      const std::size_t end = chunk.find('\n');
      rest_ += chunk.substr(0, end);
      if (rest_.size() > kMaxLine)
        return err(archive::make_error(ImportFault::unknown_format, {number_ + 1, rest_}, 0, rest_, "a line of more than 8 MiB", ""));
      if (end == std::string_view::npos) return {};
      PROM_CHECK_OK(finish());
      chunk.remove_prefix(end + 1);
    }
  }
  archive::Parsed<void> finish() {
    ++number_;
    const std::string line = std::exchange(rest_, {});
    return to_->line({number_, line});
  }

 private:
  archive::TapeFrames* to_;
  std::string rest_;
  std::uint64_t number_ = 0;
};

std::expected<Tape, ImportError> with_path(std::expected<Tape, ImportError> result, const std::string& path, std::string_view what) {
  if (!result) {
    result.error().path = path;
  } else {
    result->source = std::string(what) + " of " + result->instrument + " in " + path.substr(path.rfind('/') + 1);
  }
  return result;
}

std::expected<Tape, ImportError> recording_of(const std::string& path, const Instrument& instrument, const OnImportProgress& on_progress) {
  archive::TapeFrames frames(instrument);
  Lines lines(frames);
  PROM_TRY(const auto source, archive::ByteSource::open(path));
  for (;;) {
    PROM_TRY(const std::string_view chunk, source->next());
    if (chunk.empty()) break;
    PROM_CHECK_OK(lines.feed(chunk));
    if (on_progress && on_progress({source->packed_read(), source->packed_size(), frames.size()}) == ImportFlow::stop) return err(archive::stopped());
  }
  PROM_CHECK_OK(lines.finish());
  return frames.finish();
}

double real(const archive::Number& number) { return static_cast<double>(number.mantissa) / std::pow(10.0, number.digits); }

/// Trades as they come out of the text of a file.
class TradesText {
 public:
  explicit TradesText(const Instrument& instrument) : parser_({}) {
    tape_.instrument = instrument_code(instrument);
    tape_.tells_trades = true;
    parser_.tell_trades([this](const archive::RawTrade& trade) {
      too_many_ = tape_.events.size() >= kMaxTapeEvents;
      if (too_many_) return;
      const BookHalf resting = trade.taker == Side::buy ? BookHalf::ask : BookHalf::bid;
      tape_.events.push_back({trade.time, TapeKind::trade, resting, real(trade.price), real(trade.quantity), {}});
    });
  }
  TradesText(const TradesText&) = delete;
  TradesText& operator=(const TradesText&) = delete;

  archive::Parsed<void> feed(std::string_view chunk) {
    if (auto read = parser_.feed(chunk); !read) return err(of_trades(std::move(read).error()));
    if (!too_many_) return {};
    return err(archive::make_error(ImportFault::not_readable, {}, 0, {}, "the file holds more than " + std::to_string(kMaxTapeEvents) + " trades", "cut it"));
  }
  std::uint64_t size() const { return tape_.events.size(); }
  archive::Parsed<Tape> finish() {
    // The bars that they fold into are not asked for: there is none where the trades fill no whole one.
    const auto bars = parser_.finish();
    if (!bars && (bars.error().fault != ImportFault::no_rows || tape_.events.empty())) return err(of_trades(bars.error()));
    if (tape_.events.empty()) {
      return err(archive::make_error(ImportFault::unknown_format, {}, 0, {}, "these are bars, not trades", "Binance's aggTrades files are read"));
    }
    PROM_CHECK_OK(archive::check_first_time(tape_));
    return std::move(tape_);
  }

 private:
  /// Where the columns are of no known file, the parser speaks of bars.
  static ImportError of_trades(ImportError error) {
    if (error.hint != archive::kExpectedColumns && error.hint != archive::kExpectedRows) return error;
    error.message = "these are no columns of trades";
    error.hint = "expected Binance's aggTrades or trades, or a header with time,price,quantity,is_buyer_maker";
    return error;
  }
  Tape tape_;
  archive::BarsText parser_;
  bool too_many_ = false;
};

std::expected<Tape, ImportError> trades_of(const std::string& path, const Instrument& instrument, const OnImportProgress& on_progress) {
  TradesText text(instrument);
  PROM_TRY(const auto source, archive::ByteSource::open(path));
  for (;;) {
    PROM_TRY(const std::string_view chunk, source->next());
    if (chunk.empty()) break;
    PROM_CHECK_OK(text.feed(chunk));
    if (on_progress && on_progress({source->packed_read(), source->packed_size(), text.size()}) == ImportFlow::stop) return err(archive::stopped());
  }
  return text.finish();
}

}  // namespace

std::expected<Tape, ImportError> read_book_recording(const std::string& path, const Instrument& instrument, const OnImportProgress& on_progress) {
  return with_path(recording_of(path, instrument, on_progress), path, "recorded feed");
}

std::expected<Tape, ImportError> parse_book_recording(std::string_view text, const Instrument& instrument) {
  archive::TapeFrames frames(instrument);
  Lines lines(frames);
  PROM_CHECK_OK(lines.feed(text));
  PROM_CHECK_OK(lines.finish());
  return frames.finish();
}

std::expected<Tape, ImportError> read_trades(const std::string& path, const Instrument& instrument, const OnImportProgress& on_progress) {
  return with_path(trades_of(path, instrument, on_progress), path, "trades");
}

std::expected<Tape, ImportError> parse_trades(std::string_view text, const Instrument& instrument) {
  TradesText trades(instrument);
  PROM_CHECK_OK(trades.feed(text));
  return trades.finish();
}

Tape join_tapes(const Tape& book, const Tape& trades) {
  Tape rest{.instrument = book.instrument, .source = book.source, .tells_trades = false, .tells_book = book.tells_book, .events = {}};
  std::ranges::copy_if(book.events, std::back_inserter(rest.events), [](const TapeEvent& e) { return e.kind != TapeKind::trade; });
  const std::array parts{std::move(rest), trades};
  return merge_tapes(parts);
}

}  // namespace prom
