// Words and figures for the views: cleaning, cutting, padding, money, percentages, times. Pure; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/time.h"

namespace prom::view::text {

/// One line, safe for a terminal, every code point one column wide: control characters become blanks (runs of blanks one), bytes that are not UTF-8
/// and code points that may be wide, combining or invisible become '?'.
std::string clean(std::string_view text);
/// Columns of a cleaned text: its code points.
std::size_t width(std::string_view cleaned);
/// At most `columns`; what is cut ends in an ellipsis.
std::string cut(std::string_view cleaned, std::size_t columns);
std::string pad_right(std::string text, std::size_t columns);
std::string pad_left(std::string text, std::size_t columns);

/// "1,234.50": rounded half to even at `decimals`, thousands parted; never "-0.00".
std::string money(Decimal value, int decimals = 2);
/// As money with "+" or "-" unless it rounds to zero.
std::string signed_money(Decimal value, int decimals = 2);
/// "101,235": a figure for looking at; "" beyond 1e15.
std::string rounded(double value);
/// Decimals that suit a price of this size: 2 from 100, 4 from 1, else 8.
int price_decimals(Decimal price);
/// Up to 6 decimals, no trailing zeros; more where it would become zero.
std::string quantity(Decimal value);
/// A fraction in percent: 0.0123 -> "1.23 %".
std::string percent(Decimal fraction);
std::string signed_percent(Decimal fraction);
/// "42 s", "1 min 42 s", "2 h 05 min", "3 d 4 h"; "" for what is no length of time.
std::string duration(double seconds);
/// Virtual seconds a second: "850x", "12,345x"; "" for 0.
std::string speed(double factor);
std::string count(std::uint64_t value);

std::string date(TimeNs time);        // "2025-05-17"
std::string date_time(TimeNs time);   // "2025-05-17 14:00"
std::string short_time(TimeNs time);  // "05-17 14:00"

/// Bars of eight heights, one a column, the last value in the last column; fewer values than columns give fewer bars. Values that are not finite are
/// left out; equal values give a line at half height. The scale
/// reaches from the least to the greatest of all values, also those that are not shown.
std::string sparkline(std::span<const double> values, std::size_t columns);
/// `columns` wide, full blocks then light ones; `fraction` is clamped to [0, 1].
std::string progress_bar(double fraction, std::size_t columns);

}  // namespace prom::view::text
