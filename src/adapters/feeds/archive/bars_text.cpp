// Chooses between CSV and JSON and drives the line parser.
#include "adapters/feeds/archive/bars_text.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/feeds/archive/columns_of.h"
#include "adapters/feeds/archive/csv_lines.h"
#include "adapters/feeds/archive/row_reader.h"
#include "base/text.h"

namespace prom::archive {

struct BarsText::Csv {
  Csv(const BarsOptions& options, BarBuilder& builder, RowFaults& faults)
      : options_(options), builder_(builder), faults_(faults), lines_([this](std::string_view line, std::uint64_t number) { return on_line(line, number); }) {}

  Parsed<void> on_line(std::string_view line, std::uint64_t number) {
    if (line.empty() || line.find_first_not_of(" \t,;") == std::string_view::npos) return {};
    const Place place{number, line};
    if (reader_) [[likely]] {
      split_fields(line, separator_, fields_);
      return faults_.keep(read_row(place));
    }
    separator_ = separator_of(line);
    split_fields(line, separator_, fields_);
    const auto columns = columns_of(fields_, options_.venue);
    if (!columns) {
      return err(make_error(ImportFault::unknown_format, place, 0, line, columns.error(), std::string(kExpectedColumns)));
    }
    reader_.emplace(*columns, builder_);
    if (columns->has_header) names_ = fields_.size();
    return columns->has_header ? Parsed<void>() : faults_.keep(reader_->read(fields_, place));
  }

  Parsed<void> read_row(const Place& place) {
    if (fields_.size() > names_) [[unlikely]]
      PROM_CHECK_OK(check_surplus(place));
    return reader_->read(fields_, place);
  }

  /// A value beyond the header's names means that a separator stood inside one, as in "1,234.5": every field behind it would be taken for another.
  Parsed<void> check_surplus(const Place& place) const {
    const auto value =
        std::find_if(fields_.begin() + static_cast<std::ptrdiff_t>(names_), fields_.end(), [](std::string_view field) { return !field.empty(); });
    if (value == fields_.end()) return {};
    return err(make_error(ImportFault::too_many_columns, place, 0, place.text,
                          std::to_string(fields_.size()) + " columns where the header names " + std::to_string(names_),
                          "a number must not hold the separator: write 1234.5 and not 1,234.5"));
  }

  const BarsOptions& options_;
  BarBuilder& builder_;
  RowFaults& faults_;
  LineSplitter lines_;
  std::vector<std::string_view> fields_;
  std::optional<RowReader> reader_;
  std::size_t names_ = SIZE_MAX;  // of the header; without one there is nothing to compare with
  char separator_ = ',';
};

BarsText::BarsText(const BarsOptions& options) : options_(options), builder_(options_), csv_(std::make_unique<Csv>(options_, builder_, faults_)) {}
BarsText::~BarsText() = default;

std::uint64_t BarsText::rows() const { return builder_.rows(); }

Parsed<void> BarsText::feed(std::string_view chunk) {
  auto fed = read(chunk);
  if (!fed) return err(faults_.told(std::move(fed).error()));
  return {};
}

Parsed<void> BarsText::read(std::string_view chunk) {
  if (kind_ == Kind::unknown) {
    const std::size_t first = chunk.find_first_not_of(" \t\r\n\xef\xbb\xbf");
    if (first != std::string_view::npos) kind_ = chunk[first] == '[' || chunk[first] == '{' ? Kind::json : Kind::csv;
  }
  if (kind_ != Kind::json) return csv_->lines_.feed(chunk);
  if (json_.size() + chunk.size() > kMaxJson) {
    return err(make_error(ImportFault::not_readable, {}, 0, "", "a JSON file above 256 MiB", "convert it to CSV, which is read in a stream"));
  }
  json_.append(chunk);
  return {};
}

Parsed<void> BarsText::read_rest() { return kind_ == Kind::json ? parse_json_rows(json_, options_, builder_, faults_) : csv_->lines_.finish(); }

Parsed<ImportedBars> BarsText::finish() {
  auto rest = read_rest();
  if (!rest) return err(faults_.told(std::move(rest).error()));
  if (!faults_.none()) return err(faults_.told(std::nullopt));
  PROM_TRY(ImportedBars bars, builder_.finish());
  bars.dialect = kind_ == Kind::json ? ArchiveDialect::json : csv_->reader_ ? csv_->reader_->columns().dialect : ArchiveDialect::generic_csv;
  return bars;
}

}  // namespace prom::archive
