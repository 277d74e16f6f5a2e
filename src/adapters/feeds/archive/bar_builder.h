// Collects bars (or trades, folded into bars) from any format into columns: order, duplicates, scales and plausibility are judged here, once.
// One thread; pure.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/feeds/archive/import_types.h"
#include "adapters/feeds/archive/number_text.h"
#include "adapters/feeds/archive/scaled_columns.h"

namespace prom::archive {

/// Where a row stands, for errors.
struct Place {
  std::uint64_t line = 0;
  std::string_view text;
};

struct RawBar {
  TimeNs open_time;
  Number open, high, low, close, volume;
  std::optional<Number> taker_buy;
};

struct RawTrade {
  TimeNs time;
  Number price, quantity;
  Side taker = Side::buy;
};

template <class T>
using Parsed = std::expected<T, ImportError>;

ImportError make_error(ImportFault fault, const Place& place, std::uint32_t column, std::string_view text, std::string message, std::string hint);
/// What a file gives that is given up on request (ImportFlow::stop).
ImportError stopped();

class BarBuilder {
 public:
  explicit BarBuilder(const BarsOptions& options);
  BarBuilder(const BarBuilder&) = delete;
  BarBuilder& operator=(const BarBuilder&) = delete;

  Parsed<void> add_bar(const RawBar& bar, const Place& place);
  /// Trades must come in time order; minutes without a trade make no bar.
  Parsed<void> add_trade(const RawTrade& trade, const Place& place);
  /// Called with each trade that was added.
  void tell_trades(std::function<void(const RawTrade&)> to) { on_trade_ = std::move(to); }
  /// A row that says itself that its bar is still open.
  void skip_unfinished() { ++out_.unfinished, ++out_.rows; }
  std::uint64_t rows() const { return out_.rows; }

  /// Sorts, removes duplicates, finds the interval, drops what is unfinished, checks the grid, lists gaps. The builder is spent afterwards.
  Parsed<ImportedBars> finish();

 private:
  Parsed<void> check_values(const RawBar& bar, const Place& place) const;
  Parsed<std::int64_t> place_value(ScaledColumns& scale, const Number& number, const Place& place, std::string_view what);
  Parsed<void> sort_rows();
  Parsed<void> remove_duplicates();
  Parsed<DurationNs> find_interval() const;
  void drop_unfinished(DurationNs interval);
  Parsed<void> check_grid(DurationNs interval) const;
  Parsed<void> check_still_positive() const;
  void count_off_tick();
  bool same_row(std::size_t a, std::size_t b) const;
  void resize(std::size_t size);
  template <class Visit>
  void each_column(Visit visit);

  BarsOptions options_;
  ImportedBars out_;
  ScaledColumns prices_;
  ScaledColumns quantities_;
  std::vector<std::uint32_t> lines_;
  bool sorted_ = true;
  bool any_taker_ = false, any_without_taker_ = false;
  bool from_trades_ = false;
  TimeNs last_trade_{};
  std::function<void(const RawTrade&)> on_trade_;
};

}  // namespace prom::archive
