// Streaming parsers of files of bars: bytes in any chunks, bars out at the end. CSV and JSON are told apart by the first byte. One thread; pure.
#pragma once

#include <memory>
#include <string_view>

#include "adapters/feeds/archive/bar_builder.h"
#include "adapters/feeds/archive/row_faults.h"

namespace prom::archive {

class BarsText {
 public:
  explicit BarsText(const BarsOptions& options);
  ~BarsText();
  BarsText(const BarsText&) = delete;
  BarsText& operator=(const BarsText&) = delete;
  Parsed<void> feed(std::string_view chunk);
  /// Rows so far, for progress.
  std::uint64_t rows() const;
  Parsed<ImportedBars> finish();
  /// BarBuilder::tell_trades. Nothing is told behind a wrong row.
  void tell_trades(std::function<void(const RawTrade&)> to) {
    faults_.keep_none();
    builder_.tell_trades(std::move(to));
  }

 private:
  enum class Kind : std::uint8_t { unknown, csv, json };
  struct Csv;
  Parsed<void> read(std::string_view chunk);
  Parsed<void> read_rest();
  Kind kind_ = Kind::unknown;
  BarsOptions options_;
  BarBuilder builder_;
  RowFaults faults_;
  std::unique_ptr<Csv> csv_;
  std::string json_;  ///< JSON is parsed whole; bounded
};

/// All rows of a JSON text: an array of arrays, an array of objects, or such an array inside the replies of Bybit (result.list) and OKX (data).
Parsed<void> parse_json_rows(std::string_view text, const BarsOptions& options, BarBuilder& builder, RowFaults& faults);

inline constexpr std::size_t kMaxJson = 256 * 1024 * 1024;

}  // namespace prom::archive
