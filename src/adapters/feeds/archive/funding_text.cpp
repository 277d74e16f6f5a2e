// Rates are few (three a day), so the code is plain.
#include "adapters/feeds/archive/funding_text.h"

#include <algorithm>
#include <array>
#include <cstdlib>

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

}  // namespace

FundingText::FundingText() : lines_([this](std::string_view line, std::uint64_t number) { return on_line(line, number); }) {}

Parsed<void> FundingText::find_columns(const Place& place) {
  std::vector<std::string> names;
  for (const std::string_view field : fields_) names.push_back(plain_name(field));
  time_ = find_name(names, kTimes);
  rate_ = find_name(names, kRates);
  if (time_ >= 0 && rate_ >= 0) return {};
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
  const std::string_view time_text = fields_[static_cast<std::size_t>(time_)];
  const std::string_view rate_text = fields_[static_cast<std::size_t>(rate_)];
  const auto time = parse_row_time(time_text);
  if (!time) {
    return err(make_error(ImportFault::bad_time, place, static_cast<std::uint32_t>(time_) + 1, time_text, "not a time",
                          "expected an epoch in s, ms, us or ns, or RFC 3339"));
  }
  const auto number_read = parse_number(rate_text);
  const auto units = number_read ? to_scale(*number_read, Decimal::kDigits, Cut::nearest) : std::nullopt;
  const Decimal rate = units ? Decimal::from_units(units->units, Decimal::kDigits) : Decimal{};
  if (!units || rate.abs() > kLargestRate) {
    return err(make_error(ImportFault::bad_number, place, static_cast<std::uint32_t>(rate_) + 1, rate_text, "not a funding rate",
                          "expected a fraction of notional such as 0.0001, between -1 and 1"));
  }
  rows_.push_back({{settle_time(*time), rate}, number});
  return {};
}

Parsed<ImportedFunding> FundingText::finish() {
  PROM_CHECK_OK(lines_.finish());
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
