// Field texts to values, with an error that names line, column and text.
#include "adapters/feeds/archive/row_reader.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace prom::archive {
namespace {

constexpr std::int64_t kEndOfTimes = 7'258'118'400'000'000'000;  // 2200-01-01
constexpr std::size_t kEpochMs = 13;
constexpr std::size_t kEpochUs = 16;

std::string_view field_at(std::span<const std::string_view> fields, int column) { return fields[static_cast<std::size_t>(column)]; }

}  // namespace

std::optional<TimeNs> parse_row_time(std::string_view text) {
  std::int64_t ns = 0;
  if (const auto epoch = parse_i64(text)) {
    // The two common lengths first; the rest by magnitude as base has it.
    std::int64_t scale = 0;
    if (text.size() == kEpochMs && *epoch > 0) scale = kMillisecond.ns;
    if (text.size() == kEpochUs && *epoch > 0) scale = kMicrosecond.ns;
    if (scale != 0) {
      if (__builtin_mul_overflow(*epoch, scale, &ns)) return std::nullopt;
    } else {
      const auto time = parse_time_any(text);
      if (!time) return std::nullopt;
      ns = time->ns;
    }
  } else {
    // Epochs written as floating point ("1700000000.0", "1.7e12") are common in exports of data frames.
    const auto number = parse_number(text);
    const auto whole = number ? to_scale(*number, 0, Cut::down) : std::nullopt;
    if (number && (!whole || !whole->exact)) return std::nullopt;
    const auto time = whole ? parse_time_any(std::to_string(whole->units)) : parse_time_any(text);
    if (!time) return std::nullopt;
    ns = time->ns;
  }
  if (ns < 0 || ns >= kEndOfTimes) return std::nullopt;
  return TimeNs{ns};
}

Parsed<Number> RowReader::number(std::span<const std::string_view> fields, int column, const Place& place) const {
  const std::string_view text = field_at(fields, column);
  const auto value = parse_number(text);
  if (!value) {
    return err(make_error(ImportFault::bad_number, place, static_cast<std::uint32_t>(column) + 1, text, "not a number",
                          "expected a plain decimal such as 42283.58; NaN and infinity are refused"));
  }
  return *value;
}

Parsed<void> RowReader::read(std::span<const std::string_view> fields, const Place& place) {
  if (static_cast<int>(fields.size()) < columns_.fields) {
    return err(make_error(ImportFault::too_few_columns, place, 0, place.text,
                          std::to_string(fields.size()) + " columns where at least " + std::to_string(columns_.fields) + " are needed",
                          "the line may be cut off"));
  }
  const std::string_view time_text = field_at(fields, columns_.time);
  const auto time = parse_row_time(time_text);
  if (!time) {
    return err(make_error(ImportFault::bad_time, place, static_cast<std::uint32_t>(columns_.time) + 1, time_text, "not a time",
                          "expected an epoch in s, ms, us or ns, or RFC 3339 such as 2025-05-04T15:33:00Z"));
  }
  if (columns_.dialect == ArchiveDialect::trades) {
    const std::string_view flag_text = field_at(fields, columns_.buyer_maker);
    const auto buyer_is_maker = parse_flag(flag_text);
    if (!buyer_is_maker) {
      return err(make_error(ImportFault::bad_flag, place, static_cast<std::uint32_t>(columns_.buyer_maker) + 1, flag_text, "not true or false",
                            "expected whether the buyer was the maker"));
    }
    PROM_TRY(const Number price, number(fields, columns_.price, place));
    PROM_TRY(const Number quantity, number(fields, columns_.quantity, place));
    return builder_.add_trade({*time, price, quantity, *buyer_is_maker ? Side::sell : Side::buy}, place);
  }
  if (columns_.confirm != ColumnMap::kNone) {
    const std::string_view flag_text = field_at(fields, columns_.confirm);
    const auto closed = parse_flag(flag_text);
    if (!closed) {
      return err(make_error(ImportFault::bad_flag, place, static_cast<std::uint32_t>(columns_.confirm) + 1, flag_text, "not 0 or 1",
                            "expected whether the bar is closed"));
    }
    if (!*closed) {
      builder_.skip_unfinished();
      return {};
    }
  }
  RawBar bar{.open_time = *time, .open = {}, .high = {}, .low = {}, .close = {}, .volume = {}, .taker_buy = std::nullopt};
  PROM_TRY(bar.open, number(fields, columns_.open, place));
  PROM_TRY(bar.high, number(fields, columns_.high, place));
  PROM_TRY(bar.low, number(fields, columns_.low, place));
  PROM_TRY(bar.close, number(fields, columns_.close, place));
  PROM_TRY(bar.volume, number(fields, columns_.volume, place));
  if (columns_.taker_buy != ColumnMap::kNone) {
    PROM_TRY(bar.taker_buy, number(fields, columns_.taker_buy, place));
  }
  return builder_.add_bar(bar, place);
}

}  // namespace prom::archive
