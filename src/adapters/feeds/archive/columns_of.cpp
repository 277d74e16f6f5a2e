// The tables of names and layouts. Sources: Binance public data archive README (klines, aggTrades), Bybit v5 and OKX v5 candle documentation.
#include "adapters/feeds/archive/columns_of.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "adapters/feeds/archive/number_text.h"
#include "base/text.h"
#include "base/time.h"

namespace prom::archive {
namespace {

struct Alias {
  int ColumnMap::* target;
  std::string_view name;
};

// First match wins: an exact opening time is better than a vague "date".
constexpr std::array kAliases = {
    Alias{&ColumnMap::time, "opentime"},
    Alias{&ColumnMap::time, "starttime"},
    Alias{&ColumnMap::time, "startat"},
    Alias{&ColumnMap::time, "transacttime"},
    Alias{&ColumnMap::time, "timestamp"},
    Alias{&ColumnMap::time, "time"},
    Alias{&ColumnMap::time, "datetime"},
    Alias{&ColumnMap::time, "date"},
    Alias{&ColumnMap::time, "unix"},
    Alias{&ColumnMap::time, "unixtimestamp"},
    Alias{&ColumnMap::time, "ts"},
    Alias{&ColumnMap::time, "t"},
    Alias{&ColumnMap::open, "open"},
    Alias{&ColumnMap::open, "openprice"},
    Alias{&ColumnMap::open, "o"},
    Alias{&ColumnMap::high, "high"},
    Alias{&ColumnMap::high, "highprice"},
    Alias{&ColumnMap::high, "h"},
    Alias{&ColumnMap::low, "low"},
    Alias{&ColumnMap::low, "lowprice"},
    Alias{&ColumnMap::low, "l"},
    Alias{&ColumnMap::close, "close"},
    Alias{&ColumnMap::close, "closeprice"},
    Alias{&ColumnMap::close, "c"},
    Alias{&ColumnMap::volume, "volume"},
    Alias{&ColumnMap::volume, "vol"},
    Alias{&ColumnMap::volume, "v"},
    Alias{&ColumnMap::volume, "basevolume"},
    Alias{&ColumnMap::taker_buy, "takerbuybase"},
    Alias{&ColumnMap::taker_buy, "takerbuyvolume"},
    Alias{&ColumnMap::taker_buy, "takerbuybasevolume"},
    Alias{&ColumnMap::taker_buy, "takerbuybaseassetvolume"},
    Alias{&ColumnMap::confirm, "confirm"},
    Alias{&ColumnMap::confirm, "confirmed"},
    Alias{&ColumnMap::confirm, "isclosed"},
    Alias{&ColumnMap::price, "price"},
    Alias{&ColumnMap::price, "p"},
    Alias{&ColumnMap::quantity, "quantity"},
    Alias{&ColumnMap::quantity, "qty"},
    Alias{&ColumnMap::quantity, "q"},
    Alias{&ColumnMap::buyer_maker, "isbuyermaker"},
};

/// For a message: of a header as long as a file (a file without line ends) only the beginning.
std::string joined(std::span<const std::string_view> names) {
  constexpr std::size_t kShown = 200;
  std::string out = join(names, ",");
  if (out.size() > kShown) out = out.substr(0, kShown) + "...";
  return out;
}

int needed(const ColumnMap& map) {
  return 1 + std::max({map.time, map.open, map.high, map.low, map.close, map.volume, map.taker_buy, map.confirm, map.price, map.quantity, map.buyer_maker});
}

ColumnMap ohlcv_in_order(ArchiveDialect dialect) {
  ColumnMap map;
  map.dialect = dialect;
  map.time = 0, map.open = 1, map.high = 2, map.low = 3, map.close = 4, map.volume = 5;
  return map;
}

ColumnMap trades_in_order(int time, int flag) {
  ColumnMap map;
  map.dialect = ArchiveDialect::trades;
  map.price = 1, map.quantity = 2, map.time = time, map.buyer_maker = flag;
  return map;
}

// Columns of bars by who writes them so. `time_name` is the plain name of the column of times; the venue decides only together with its own word for it.
ArchiveDialect bars_dialect(const ColumnMap& map, std::string_view time_name, std::optional<Venue> venue) {
  if (map.confirm != ColumnMap::kNone) return ArchiveDialect::okx_candles;
  if (map.taker_buy != ColumnMap::kNone) return ArchiveDialect::binance_klines;
  if (venue == Venue::binance && time_name == "opentime") return ArchiveDialect::binance_klines;
  if (venue == Venue::bybit && (time_name == "starttime" || time_name == "startat")) return ArchiveDialect::bybit_candles;
  return ArchiveDialect::generic_csv;
}

}  // namespace

std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return out;
}

bool looks_like_header(std::span<const std::string_view> fields) {
  if (fields.empty()) return false;
  // A word that no format knows, in a file of bars, is a damaged line and not a header: require a known time or price name.
  return std::ranges::any_of(fields, [](std::string_view field) {
    const std::string name = plain_name(field);
    return name.size() > 1 && !parse_number(trim(field)) && std::ranges::any_of(kAliases, [&](const Alias& alias) { return alias.name == name; });
  });
}

std::expected<ColumnMap, std::string> columns_from_names(std::span<const std::string_view> names, std::optional<Venue> venue) {
  std::vector<std::string> plain;
  for (const std::string_view name : names) plain.push_back(plain_name(name));
  ColumnMap map;
  map.has_header = true;
  for (const Alias& alias : kAliases) {
    if (map.*alias.target != ColumnMap::kNone) continue;
    const auto found = std::ranges::find(plain, alias.name);
    if (found == plain.end()) continue;
    const auto at = found - plain.begin();
    map.*alias.target = static_cast<int>(at);
    // Which of the two was meant, nobody knows. Names of one letter differ by their case: t opens a bar, T closes it.
    if (std::ranges::count_if(names, [&](std::string_view name) { return trim(name) == trim(names[static_cast<std::size_t>(at)]); }) > 1)
      return std::unexpected("the column " + std::string(trim(names[static_cast<std::size_t>(at)])) + " is given twice among \"" + joined(names) + "\"");
  }
  const bool trades = map.price != ColumnMap::kNone && map.quantity != ColumnMap::kNone && map.buyer_maker != ColumnMap::kNone;
  if (map.time == ColumnMap::kNone) return std::unexpected("no column of times among \"" + joined(names) + "\"");
  if (trades) {
    map.dialect = ArchiveDialect::trades;
  } else {
    std::string missing;
    const auto need = [&](int column, std::string_view name) {
      if (column != ColumnMap::kNone) return;
      if (!missing.empty()) missing += ", ";
      missing += name;
    };
    need(map.open, "open");
    need(map.high, "high");
    need(map.low, "low");
    need(map.close, "close");
    need(map.volume, "volume");
    if (!missing.empty()) return std::unexpected("no column " + missing + " among \"" + joined(names) + "\"");
    map.dialect = bars_dialect(map, plain[static_cast<std::size_t>(map.time)], venue);
  }
  map.fields = needed(map);
  return map;
}

std::expected<ColumnMap, std::string> columns_from_count(std::span<const std::string_view> fields, std::optional<Venue> venue) {
  const std::size_t count = fields.size();
  const auto flag_at = [&](std::size_t i) { return i < count && parse_flag(fields[i]) && !parse_number(fields[i]); };
  ColumnMap map;
  if (flag_at(6) && (count == 7 || count == 8)) {
    map = trades_in_order(5, 6);  // aggTrades: id, price, quantity, first id, last id, time, buyer is maker [, best match]
  } else if (flag_at(5) && (count == 6 || count == 7)) {
    map = trades_in_order(4, 5);  // trades: id, price, quantity, quote quantity, time, buyer is maker [, best match]
  } else if (count == 12) {
    map = ohlcv_in_order(ArchiveDialect::binance_klines);
    map.taker_buy = 9;
  } else if (count == 9) {
    map = ohlcv_in_order(ArchiveDialect::okx_candles);
    map.confirm = 8;
  } else if (count == 7 && venue == Venue::bybit) {
    map = ohlcv_in_order(ArchiveDialect::bybit_candles);
  } else if (count == 6 || count == 7) {
    map = ohlcv_in_order(ArchiveDialect::generic_csv);
  } else {
    return std::unexpected("a line without header has " + std::to_string(count) + " columns");
  }
  map.fields = needed(map);
  return map;
}

std::expected<ColumnMap, std::string> columns_of(std::span<const std::string_view> first_line, std::optional<Venue> venue) {
  return looks_like_header(first_line) ? columns_from_names(first_line, venue) : columns_from_count(first_line, venue);
}

std::optional<bool> parse_flag(std::string_view text) {
  if (text == "1" || text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "0" || text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

}  // namespace prom::archive
