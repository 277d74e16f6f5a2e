// Which column of a file holds what: told by the header's names, or by the number and kind of the first line's fields. Pure; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/feeds/archive/import_types.h"

namespace prom::archive {

/// Indices into a line's fields; kNone where the file has no such column. A file of trades has price, quantity, buyer_maker; of bars open..volume.
struct ColumnMap {
  static constexpr int kNone = -1;
  ArchiveDialect dialect = ArchiveDialect::generic_csv;
  int time = kNone;
  int open = kNone, high = kNone, low = kNone, close = kNone, volume = kNone;
  int taker_buy = kNone, confirm = kNone;
  int price = kNone, quantity = kNone, buyer_maker = kNone;
  int fields = 0;  ///< a line must have at least this many
  bool has_header = false;
};

/// A header's name without case, blanks, quotes, underscores and the like: "Open Time" = "opentime".
std::string plain_name(std::string_view name);

/// Whether the first line names columns (its first field or all fields are no numbers and no times).
bool looks_like_header(std::span<const std::string_view> fields);

/// From the first line of a file. The error's text says what is missing and which columns were seen.
std::expected<ColumnMap, std::string> columns_of(std::span<const std::string_view> first_line, std::optional<Venue> venue);
/// From names alone (JSON objects).
std::expected<ColumnMap, std::string> columns_from_names(std::span<const std::string_view> names, std::optional<Venue> venue);
/// From the number of fields alone (JSON arrays, files without header).
std::expected<ColumnMap, std::string> columns_from_count(std::span<const std::string_view> fields, std::optional<Venue> venue);

std::optional<bool> parse_flag(std::string_view text);  ///< true True TRUE 1, false False FALSE 0

}  // namespace prom::archive
