// Funding histories: Binance (open_time,funding_rate or calc_time,...,last_funding_rate), Bybit, OKX (any column order, realizedRate preferred); CSV or JSON.
// One thread; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/feeds/archive/bar_builder.h"
#include "adapters/feeds/archive/csv_lines.h"

namespace prom::archive {

class FundingText {
 public:
  FundingText();
  FundingText(const FundingText&) = delete;
  FundingText& operator=(const FundingText&) = delete;
  /// CSV, or the JSON of the venues' own interface (found from the first character).
  Parsed<void> feed(std::string_view chunk);
  Parsed<ImportedFunding> finish();

 private:
  enum class Kind : std::uint8_t { unknown, csv, json };
  Parsed<void> read_json();
  Parsed<void> add(std::string_view time, std::string_view rate, const Place& place);
  Parsed<void> on_line(std::string_view line, std::uint64_t number);
  Parsed<void> find_columns(const Place& place);
  Kind kind_ = Kind::unknown;
  std::string json_;  ///< parsed whole; bounded
  LineSplitter lines_;
  std::vector<std::string_view> fields_;
  int time_ = -1, rate_ = -1;
  char separator_ = ',';
  std::vector<std::pair<FundingEntry, std::uint64_t>> rows_;
};

}  // namespace prom::archive
