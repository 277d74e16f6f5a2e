// The judge of rows. A row is refused where its line is known; what needs the whole file (order, interval, grid) is judged at the end.
#include "adapters/feeds/archive/bar_builder.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "base/time.h"

namespace prom::archive {
namespace {

constexpr DurationNs kTradeInterval = kMinute;
constexpr std::size_t kClip = 80;

std::string_view fault_text(BarFault fault) {
  switch (fault) {
    case BarFault::none: return "the bar is sound";
    case BarFault::price_not_positive: return "a price is zero or negative";
    case BarFault::high_below_low: return "the high is below the low";
    case BarFault::open_outside: return "the open lies outside low..high";
    case BarFault::close_outside: return "the close lies outside low..high";
    case BarFault::volume_negative: return "the volume is negative";
    case BarFault::time_off_grid: return "the time is not a multiple of the interval";
  }
  __builtin_unreachable();
}

Scale scale_of(const BarsOptions& options) { return options.instrument ? Scale::fixed : Scale::derived; }

}  // namespace

ImportError make_error(ImportFault fault, const Place& place, std::uint32_t column, std::string_view text, std::string message, std::string hint) {
  ImportError error;
  error.fault = fault;
  error.line = place.line;
  error.column = column;
  error.text = std::string(text.substr(0, kClip));
  error.message = std::move(message);
  error.hint = std::move(hint);
  return error;
}

ImportError stopped() { return make_error(ImportFault::stopped, {}, 0, {}, "the reading was stopped", "start it again"); }

BarBuilder::BarBuilder(const BarsOptions& options)
    : options_(options),
      prices_(scale_of(options), options.instrument ? options.instrument->price_digits : 0, Cut::nearest,
              {&out_.bars.open, &out_.bars.high, &out_.bars.low, &out_.bars.close}),
      quantities_(scale_of(options), options.instrument ? options.instrument->quantity_digits : 0, Cut::down,
                  {&out_.bars.volume, &out_.bars.taker_buy_volume}) {}

template <class Visit>
void BarBuilder::each_column(Visit visit) {
  BarColumns& c = out_.bars;
  for (auto* column : {&c.open_time_ns, &c.open, &c.high, &c.low, &c.close, &c.volume, &c.taker_buy_volume}) visit(*column);
}

Parsed<void> BarBuilder::check_values(const RawBar& bar, const Place& place) const {
  for (const Number* price : {&bar.open, &bar.high, &bar.low, &bar.close}) {
    if (price->negative || price->is_zero()) {
      return err(make_error(ImportFault::bad_bar, place, 0, place.text, std::string(fault_text(BarFault::price_not_positive)), "prices are above zero"));
    }
  }
  const bool taker_negative = bar.taker_buy && bar.taker_buy->negative && !bar.taker_buy->is_zero();
  if (taker_negative || (bar.volume.negative && !bar.volume.is_zero())) {
    return err(make_error(ImportFault::bad_bar, place, 0, place.text, std::string(fault_text(BarFault::volume_negative)), "volumes are zero or above"));
  }
  return {};
}

Parsed<std::int64_t> BarBuilder::place_value(ScaledColumns& scale, const Number& number, const Place& place, std::string_view what) {
  const auto placed = scale.place(number);
  const bool price = &scale == &prices_;
  if (!placed || (price && placed->units == 0)) {
    return err(make_error(ImportFault::off_scale, place, 0, place.text,
                          std::string(what) + " does not fit a scale of " + std::to_string(scale.digits()) + " decimals",
                          options_.instrument ? "check price_digits and quantity_digits of the instrument" : ""));
  }
  if (price && options_.instrument && !placed->exact) {
    return err(make_error(ImportFault::off_scale, place, 0, place.text,
                          std::string(what) + " has more decimals than the instrument's price_digits = " + std::to_string(scale.digits()),
                          "is this the right instrument? Otherwise raise price_digits in instruments.toml"));
  }
  return placed->units;
}

Parsed<void> BarBuilder::add_bar(const RawBar& raw, const Place& place) {
  PROM_CHECK_OK(check_values(raw, place));
  const std::array<Number, 4> prices{raw.open, raw.high, raw.low, raw.close};
  prices_.make_room(prices);
  const std::array<Number, 2> amounts{raw.volume, raw.taker_buy.value_or(Number{})};
  quantities_.make_room(amounts);
  Bar bar{.open_time = raw.open_time, .open = {}, .high = {}, .low = {}, .close = {}, .volume = {}};
  PROM_TRY(bar.open.v, place_value(prices_, raw.open, place, "the open"));
  PROM_TRY(bar.high.v, place_value(prices_, raw.high, place, "the high"));
  PROM_TRY(bar.low.v, place_value(prices_, raw.low, place, "the low"));
  PROM_TRY(bar.close.v, place_value(prices_, raw.close, place, "the close"));
  PROM_TRY(bar.volume.v, place_value(quantities_, raw.volume, place, "the volume"));
  PROM_TRY(const std::int64_t taker, place_value(quantities_, raw.taker_buy.value_or(Number{}), place, "the taker volume"));
  const BarFault fault = check_bar(bar, options_.interval.value_or(kNanosecond));
  if (fault != BarFault::none) {
    std::string hint;
    if (fault == BarFault::time_off_grid) {
      hint = "the interval asked for is " + format_interval(*options_.interval) + "; the bar opens at " + format_rfc3339(bar.open_time);
    }
    return err(make_error(ImportFault::bad_bar, place, 0, place.text, std::string(fault_text(fault)), std::move(hint)));
  }
  if (taker > bar.volume.v) {
    return err(make_error(ImportFault::bad_bar, place, 0, place.text, "the taker buy volume is above the volume", "check the order of the columns"));
  }
  BarColumns& c = out_.bars;
  if (!c.empty() && raw.open_time.ns < c.open_time_ns.back()) {
    if (options_.out_of_order == OutOfOrder::refuse) {
      return err(make_error(ImportFault::out_of_order, place, 0, place.text, "the row is older than the row before it", "sort the file by time"));
    }
    sorted_ = false;
    ++out_.reordered;
  }
  c.open_time_ns.push_back(raw.open_time.ns);
  c.open.push_back(bar.open.v);
  c.high.push_back(bar.high.v);
  c.low.push_back(bar.low.v);
  c.close.push_back(bar.close.v);
  c.volume.push_back(bar.volume.v);
  c.taker_buy_volume.push_back(taker);
  (raw.taker_buy ? any_taker_ : any_without_taker_) = true;
  lines_.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(place.line, std::numeric_limits<std::uint32_t>::max())));
  ++out_.rows;
  return {};
}

Parsed<void> BarBuilder::add_trade(const RawTrade& trade, const Place& place) {
  const DurationNs interval = options_.interval.value_or(kTradeInterval);
  const Number& p = trade.price;
  PROM_CHECK_OK(check_values({trade.time, p, p, p, p, trade.quantity, std::nullopt}, place));
  if (from_trades_ && trade.time < last_trade_) {
    return err(make_error(ImportFault::out_of_order, place, 0, place.text, "the trade is older than the trade before it",
                          "trades are folded in the file's order; sort the file by trade id"));
  }
  from_trades_ = true;
  last_trade_ = trade.time;
  if (on_trade_) on_trade_(trade);
  prices_.make_room({&p, 1});
  quantities_.make_room({&trade.quantity, 1});
  PROM_TRY(const std::int64_t price, place_value(prices_, p, place, "the price"));
  PROM_TRY(const std::int64_t quantity, place_value(quantities_, trade.quantity, place, "the quantity"));
  const std::int64_t taker = trade.taker == Side::buy ? quantity : 0;
  const TimeNs opens = bar_open(trade.time, interval);
  BarColumns& c = out_.bars;
  ++out_.rows;
  any_taker_ = true;
  if (c.empty() || c.open_time_ns.back() != opens.ns) {
    const std::int64_t values[] = {opens.ns, price, price, price, price, quantity, taker};
    std::size_t i = 0;
    each_column([&](auto& column) { column.push_back(values[i++]); });
    lines_.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(place.line, std::numeric_limits<std::uint32_t>::max())));
    return {};
  }
  c.high.back() = std::max(c.high.back(), price);
  c.low.back() = std::min(c.low.back(), price);
  c.close.back() = price;
  if (c.volume.back() > kUnitLimit - quantity) {
    return err(make_error(ImportFault::off_scale, place, 0, place.text, "the volume of the bar does not fit 64 bits", ""));
  }
  c.volume.back() += quantity;
  quantities_.note_stored(c.volume.back());
  c.taker_buy_volume.back() += taker;
  return {};
}

bool BarBuilder::same_row(std::size_t a, std::size_t b) const {
  const BarColumns& c = out_.bars;
  return c.open[a] == c.open[b] && c.high[a] == c.high[b] && c.low[a] == c.low[b] && c.close[a] == c.close[b] && c.volume[a] == c.volume[b] &&
         c.taker_buy_volume[a] == c.taker_buy_volume[b];
}

void BarBuilder::resize(std::size_t size) {
  each_column([size](auto& column) { column.resize(size); });
  lines_.resize(size);
}

Parsed<void> BarBuilder::sort_rows() {
  if (sorted_) return {};
  const auto& times = out_.bars.open_time_ns;
  std::vector<std::uint32_t> order(times.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return std::pair(times[a], a) < std::pair(times[b], b); });
  const auto permute = [&](auto& column) {
    std::remove_reference_t<decltype(column)> moved(column.size());
    for (std::size_t i = 0; i < order.size(); ++i) moved[i] = column[order[i]];
    column = std::move(moved);
  };
  each_column(permute);
  permute(lines_);
  return {};
}

Parsed<void> BarBuilder::remove_duplicates() {
  BarColumns& c = out_.bars;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (kept > 0 && c.open_time_ns[i] == c.open_time_ns[kept - 1]) {
      if (!same_row(i, kept - 1)) {
        return err(make_error(ImportFault::conflict, {lines_[i], {}}, 0, format_rfc3339(TimeNs{c.open_time_ns[i]}),
                              "a different bar for the same time stands in line " + std::to_string(lines_[kept - 1]),
                              "keep one of the two; identical repetitions are ignored"));
      }
      ++out_.duplicates;
      continue;
    }
    if (kept != i) {
      each_column([&](auto& column) { column[kept] = column[i]; });
      lines_[kept] = lines_[i];
    }
    ++kept;
  }
  resize(kept);
  return {};
}

/// Different distances of bars that are counted.
constexpr std::size_t kDistances = 64;

Parsed<DurationNs> BarBuilder::find_interval() const {
  const auto& times = out_.bars.open_time_ns;
  if (from_trades_) return options_.interval.value_or(kTradeInterval);
  std::int64_t smallest = std::numeric_limits<std::int64_t>::max();
  std::map<std::int64_t, std::size_t> distances;
  for (std::size_t i = 1; i < times.size(); ++i) {
    std::int64_t distance = 0;
    if (__builtin_sub_overflow(times[i], times[i - 1], &distance)) continue;
    smallest = std::min(smallest, distance);
    if (distances.size() < kDistances || distances.contains(distance)) ++distances[distance];
  }
  constexpr std::int64_t kLongest = 366 * kDay.ns;
  if (!options_.interval) {
    if (times.size() >= 2 && smallest > kLongest) {
      return err(make_error(ImportFault::bad_interval, {lines_.front(), {}}, 0, "", "the bars are more than a year apart",
                            "name the interval where the command takes one"));
    }
    if (times.size() < 2) {
      return err(make_error(ImportFault::bad_interval, {lines_.front(), {}}, 0, "", "the interval cannot be told from a single bar",
                            "name the interval where the command takes one, or give two bars"));
    }
    // The usual distance, of equals the smallest: one bar out of step makes two odd distances and must not give the length of all.
    const auto usual = std::ranges::max_element(distances, [](const auto& a, const auto& b) { return a.second < b.second; });
    return DurationNs{usual->second * 2 > times.size() ? usual->first : smallest};
  }
  constexpr std::size_t kEnoughToTell = 10;
  if (times.size() >= kEnoughToTell && smallest > options_.interval->ns) {
    return err(make_error(ImportFault::bad_interval, {lines_.front(), {}}, 0, "",
                          "the bars of the file are at least " + format_interval(DurationNs{smallest}) + " apart, not " + format_interval(*options_.interval),
                          "import it with --interval " + format_interval(DurationNs{smallest})));
  }
  return *options_.interval;
}

void BarBuilder::drop_unfinished(DurationNs interval) {
  const auto& times = out_.bars.open_time_ns;
  std::size_t kept = times.size();
  if (options_.as_of) {
    while (kept > 0 && times[kept - 1] > options_.as_of->ns - interval.ns) --kept;
  }
  bool last_open = options_.last_bar == LastBar::drop;
  if (from_trades_ && kept > 0) {
    // A file of trades ends somewhere inside its last bar, except where that bar ends a UTC day, as the daily archives do.
    last_open = last_open || (times[kept - 1] + interval.ns) % kDay.ns != 0;
  }
  if (last_open && kept == times.size() && kept > 0) --kept;
  out_.unfinished += times.size() - kept;
  resize(kept);
}

Parsed<void> BarBuilder::check_grid(DurationNs interval) const {
  const auto& times = out_.bars.open_time_ns;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (bar_open(TimeNs{times[i]}, interval).ns != times[i]) {
      return err(make_error(
          ImportFault::bad_bar, {lines_[i], {}}, 0, format_rfc3339(TimeNs{times[i]}), "the time is not a multiple of the interval " + format_interval(interval),
          interval.ns >= 28 * kDay.ns ? "months have no fixed length and cannot be imported"
                                      : "bars open at multiples of their length, counted from midnight UTC; name the interval where the command takes one"));
    }
  }
  return {};
}

// A large price takes digits from those before it (ScaledColumns::make_room), and a small one of those may have become nothing.
Parsed<void> BarBuilder::check_still_positive() const {
  const auto& lows = out_.bars.low;
  const auto lost = std::find_if(lows.begin(), lows.end(), [](std::int64_t low) { return low <= 0; });
  if (lost == lows.end()) return {};
  const Place place{lines_[static_cast<std::size_t>(lost - lows.begin())], {}};
  return err(make_error(ImportFault::off_scale, place, 0, "",
                        "the price is too small beside the largest of the file: both do not fit a scale of " + std::to_string(prices_.digits()) + " decimals",
                        "is one of the two a mistake, or are two instruments in one file?"));
}

void BarBuilder::count_off_tick() {
  if (!options_.instrument || options_.instrument->tick.v <= 0) return;
  const std::int64_t tick = options_.instrument->tick.v;
  const BarColumns& c = out_.bars;
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (c.open[i] % tick != 0 || c.high[i] % tick != 0 || c.low[i] % tick != 0 || c.close[i] % tick != 0) ++out_.off_tick;
  }
}

Parsed<ImportedBars> BarBuilder::finish() {
  if (out_.rows == 0) {
    return err(make_error(ImportFault::no_rows, {}, 0, "", "no bars or trades in the file", "expected at least one line of data"));
  }
  BarColumns& c = out_.bars;
  if (!c.empty()) {
    PROM_CHECK_OK(check_still_positive());
    PROM_CHECK_OK(sort_rows());
    PROM_CHECK_OK(remove_duplicates());
    PROM_TRY(c.interval, find_interval());
    PROM_CHECK_OK(check_grid(c.interval));
    drop_unfinished(c.interval);
  }
  if (c.empty()) {
    return err(make_error(ImportFault::no_rows, {}, 0, "", "every bar of the file was still open when it was recorded", "only closed bars enter"));
  }
  if (!any_taker_ || any_without_taker_) c.taker_buy_volume.clear();
  c.price_digits = prices_.digits();
  c.quantity_digits = quantities_.digits();
  out_.cut_prices = prices_.cut_values();
  out_.cut_volumes = quantities_.cut_values();
  count_off_tick();
  c.make_floats();
  out_.gaps = gaps(c);
  return std::move(out_);
}

}  // namespace prom::archive
