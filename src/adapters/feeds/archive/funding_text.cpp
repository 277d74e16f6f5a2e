// Rates are few (three a day), so the code is plain.
#include "adapters/feeds/archive/funding_text.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "adapters/feeds/archive/columns_of.h"
#include "adapters/feeds/archive/row_reader.h"

namespace prom::archive {
namespace {

constexpr std::array<std::string_view, 7> kTimes{"fundingtime", "fundingratetimestamp", "calctime", "opentime", "timestamp", "time", "date"};
constexpr std::array<std::string_view, 4> kRates{"realizedrate", "lastfundingrate", "fundingrate", "rate"};
// No venue has charged more than 4 % in a settlement; 100 % is a column mistaken for a rate.
constexpr Decimal kLargestRate = kDecimalOne;

int find_name(const std::vector<std::string>& names, std::span<const std::string_view> wanted) {
  for (const std::string_view name : wanted) {
    const auto found = std::ranges::find(names, name);
    if (found != names.end()) return static_cast<int>(found - names.begin());
  }
  return -1;
}

// Settlements are on full minutes; recordings carry some milliseconds of the server's own.
TimeNs settle_time(TimeNs time) {
  const TimeNs nearest = floor_to(time + kMinute / 2, kMinute);
  return std::llabs((nearest - time).ns) <= kSecond.ns ? nearest : time;
}

constexpr std::size_t kMaxJson = std::size_t{64} << 20;
constexpr std::string_view kRateExpected = "expected a fraction of notional such as 0.0001, between -1 and 1";

/// Numbers and texts alike as they stand.
std::string scalar_text(const nlohmann::json& value) { return value.is_string() ? value.get<std::string>() : value.is_number() ? value.dump() : std::string(); }

/// The array of rows: the document itself (Binance), its member `data` (OKX) or `result.list` (Bybit).
const nlohmann::json* rows_of(const nlohmann::json& document) {
  if (document.is_array()) return &document;
  if (!document.is_object()) return nullptr;
  for (const char* name : {"data", "result", "list"}) {
    const auto member = document.find(name);
    if (member == document.end()) continue;
    if (const nlohmann::json* rows = rows_of(*member)) return rows;
  }
  return nullptr;
}

}  // namespace

FundingText::FundingText() : lines_([this](std::string_view line, std::uint64_t number) { return on_line(line, number); }) {}

Parsed<void> FundingText::find_columns(const Place& place) {
  std::vector<std::string> names;
  for (const std::string_view field : fields_) names.push_back(plain_name(field));
  time_ = find_name(names, kTimes);
  rate_ = find_name(names, kRates);
  if (time_ >= 0 && rate_ >= 0) {
    for (const int taken : {time_, rate_}) {
      const std::string& name = names[static_cast<std::size_t>(taken)];
      if (std::ranges::count(names, name) > 1)
        return err(make_error(ImportFault::unknown_format, place, 0, place.text, "the column " + name + " is given twice", "keep one of the two"));
    }
    return {};
  }
  constexpr std::string_view kExpected = "expected a header with a time (open_time, fundingTime, calc_time) and a rate (funding_rate, fundingRate)";
  if (time_ < 0 && rate_ < 0 && fields_.size() == 2 && parse_row_time(fields_[0]) && parse_number(fields_[1])) {
    time_ = 0;
    rate_ = 1;
    return {};
  }
  return err(make_error(ImportFault::unknown_format, place, 0, place.text, "no column of funding times and rates", std::string(kExpected)));
}

Parsed<void> FundingText::on_line(std::string_view line, std::uint64_t number) {
  if (line.find_first_not_of(" \t,;") == std::string_view::npos) return {};
  const Place place{number, line};
  const bool first = time_ < 0;
  if (first) separator_ = separator_of(line);
  split_fields(line, separator_, fields_);
  if (first) {
    PROM_CHECK_OK(find_columns(place));
    if (!parse_row_time(fields_[static_cast<std::size_t>(time_)])) return {};
  }
  const auto least = static_cast<std::size_t>(std::max(time_, rate_)) + 1;
  if (fields_.size() < least) {
    return err(make_error(ImportFault::too_few_columns, place, 0, line,
                          std::to_string(fields_.size()) + " columns where at least " + std::to_string(least) + " are needed", "the line may be cut off"));
  }
  return add(fields_[static_cast<std::size_t>(time_)], fields_[static_cast<std::size_t>(rate_)], place);
}

Parsed<void> FundingText::add(std::string_view time_text, std::string_view rate_text, const Place& place) {
  const auto column = [](int index) { return index < 0 ? 0U : static_cast<std::uint32_t>(index) + 1; };
  const auto time = parse_row_time(time_text);
  if (!time) {
    return err(make_error(ImportFault::bad_time, place, column(time_), time_text, "not a time", "expected an epoch in s, ms, us or ns, or RFC 3339"));
  }
  const auto number_read = parse_number(rate_text);
  const auto units = number_read ? to_scale(*number_read, Decimal::kDigits, Cut::nearest) : std::nullopt;
  const Decimal rate = units ? Decimal::from_units(units->units, Decimal::kDigits) : Decimal{};
  if (!units || rate.abs() > kLargestRate) {
    return err(make_error(ImportFault::bad_number, place, column(rate_), rate_text, "not a funding rate", std::string(kRateExpected)));
  }
  rows_.push_back({{settle_time(*time), rate}, place.line});
  return {};
}

Parsed<void> FundingText::feed(std::string_view chunk) {
  if (kind_ == Kind::unknown) {
    const std::size_t first = chunk.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos) kind_ = chunk[first] == '[' || chunk[first] == '{' ? Kind::json : Kind::csv;
  }
  if (kind_ != Kind::json) return lines_.feed(chunk);
  if (json_.size() + chunk.size() > kMaxJson)
    return err(make_error(ImportFault::not_readable, {}, 0, "", "more than 64 MB of JSON", "split the file, or use CSV, which is read line by line"));
  json_.append(chunk);
  return {};
}

/// `line` of what is wrong is the place of the entry, from 1: a document may be one line.
Parsed<void> FundingText::read_json() {
  // What is nested deeper than any venue's answer is left out, so that nobody's text can exhaust the stack.
  constexpr int kMaxDepth = 8;
  std::array<std::set<std::string>, kMaxDepth + 2> names_at;
  std::string twice;
  const auto within = [&](int depth, nlohmann::json::parse_event_t event, const nlohmann::json& name) {
    if (depth > kMaxDepth) return false;
    if (event == nlohmann::json::parse_event_t::object_start) names_at[static_cast<std::size_t>(depth) + 1].clear();
    if (event == nlohmann::json::parse_event_t::key && !names_at[static_cast<std::size_t>(depth)].insert(name.get<std::string>()).second)
      twice = name.get<std::string>();
    return true;
  };
  const nlohmann::json document = nlohmann::json::parse(json_, within, false);
  if (document.is_discarded()) return err(make_error(ImportFault::unknown_format, {}, 0, "", "the JSON text is damaged", "is the file complete?"));
  if (!twice.empty())  // which of the two was meant, nobody knows
    return err(make_error(ImportFault::unknown_format, {}, 0, twice, "a name is given twice in one object of this JSON", "keep one of the two"));
  const nlohmann::json* rows = rows_of(document);
  if (rows == nullptr)
    return err(make_error(ImportFault::unknown_format, {}, 0, json_, "no list of funding rates in this JSON",
                          "expected what the venue's interface answers: a list, or one under data (OKX) or result.list (Bybit)"));
  std::uint64_t number = 0;
  std::vector<std::string> names;
  for (const nlohmann::json& row : *rows) {
    const std::string text = row.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const Place place{++number, text};
    std::string_view time, rate;
    std::string time_text, rate_text;
    if (row.is_object()) {
      names.clear();
      for (const auto& [name, value] : row.items()) names.push_back(plain_name(name));
      const auto at = [&](int index) { return scalar_text(std::next(row.begin(), index).value()); };
      if (const int found = find_name(names, kTimes); found >= 0) time = time_text = at(found);
      if (const int found = find_name(names, kRates); found >= 0) rate = rate_text = at(found);
    }
    if (time.empty() || rate.empty())
      return err(make_error(ImportFault::unknown_format, place, 0, text, "an entry without a funding time and a rate", "expected fundingTime and fundingRate"));
    PROM_CHECK_OK(add(time, rate, place));
  }
  return {};
}

Parsed<ImportedFunding> FundingText::finish() {
  if (kind_ == Kind::json) {
    PROM_CHECK_OK(read_json());
  } else {
    PROM_CHECK_OK(lines_.finish());
  }
  if (rows_.empty()) return err(make_error(ImportFault::no_rows, {}, 0, "", "no funding rates in the file", "expected at least one line of data"));
  ImportedFunding out;
  for (std::size_t i = 1; i < rows_.size(); ++i) {
    if (rows_[i].first.time < rows_[i - 1].first.time) ++out.reordered;
  }
  std::ranges::sort(rows_, {}, [](const auto& row) { return std::pair(row.first.time, row.second); });
  std::uint64_t last_line = 0;
  for (const auto& [entry, line] : rows_) {
    if (!out.rows.empty() && out.rows.back().time == entry.time) {
      if (out.rows.back().rate != entry.rate) {
        return err(make_error(ImportFault::conflict, {line, {}}, 0, format_rfc3339(entry.time),
                              "a different rate for the same time stands in line " + std::to_string(last_line), "keep one of the two"));
      }
      ++out.duplicates;
      continue;
    }
    out.rows.push_back(entry);
    last_line = line;
  }
  return out;
}

}  // namespace prom::archive
