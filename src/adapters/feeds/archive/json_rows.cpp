// JSON rows through a SAX parser, so that numbers keep their text and the document is never built in memory.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "adapters/feeds/archive/bars_text.h"
#include "adapters/feeds/archive/columns_of.h"
#include "adapters/feeds/archive/row_reader.h"

namespace prom::archive {
namespace {

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxFields = 256;
constexpr std::size_t kShownName = 40;

// Counts lines as the parser reads, since its callbacks do not say where they are.
struct Cursor {
  const char* at;
  std::uint64_t line = 1;
};
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  CountingIterator(const char* at, Cursor* cursor) : at_(at), cursor_(cursor) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_ == '\n') ++cursor_->line;
    cursor_->at = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  Cursor* cursor_;
};

// A container being read: scalars of an array in order, or members of an object with their names.
struct Frame {
  bool is_object = false;
  bool nested = false;  // holds a container, so it is no row itself
  std::vector<std::string> names;
  std::vector<std::string> values;
};

class RowSax : public nlohmann::json_sax<nlohmann::json> {
 public:
  RowSax(const BarsOptions& options, BarBuilder& builder, RowFaults& faults, const Cursor& cursor)
      : options_(options), builder_(builder), faults_(faults), cursor_(cursor) {}

  bool null() override { return scalar("null"); }
  bool boolean(bool value) override { return scalar(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return scalar(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return scalar(text); }
  bool string(string_t& text) override { return scalar(text); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& text) override {
    if (stack_.back().names.size() >= kMaxFields) return fail("an object has too many members");
    // Which of the two was meant, nobody knows.
    if (std::ranges::find(stack_.back().names, text) != stack_.back().names.end())
      return fail("\"" + text.substr(0, kShownName) + "\" is given twice in one object");
    stack_.back().names.push_back(text);
    return true;
  }
  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string& token, const nlohmann::detail::exception& exception) override {
    (void)exception;
    error_ = make_error(ImportFault::unknown_format, {cursor_.line, {}}, 0, token, "the JSON text is damaged here", "is the file complete?");
    return false;
  }

  ImportError take_error() { return std::move(error_); }

 private:
  bool fail(std::string message) {
    error_ = make_error(ImportFault::unknown_format, {cursor_.line, {}}, 0, "", std::move(message), std::string(kExpectedRows));
    return false;
  }
  bool scalar(std::string text) {
    if (stack_.empty()) return fail("a single value instead of an array of bars");
    if (stack_.back().values.size() >= kMaxFields) return fail("a row has too many values");
    stack_.back().values.push_back(std::move(text));
    return true;
  }
  bool open(bool is_object) {
    if (stack_.size() >= kMaxDepth) return fail("nested too deeply");
    if (!stack_.empty()) {
      stack_.back().nested = true;
      // The name of a nested member has no value in this frame.
      if (stack_.back().is_object && !stack_.back().names.empty()) stack_.back().names.pop_back();
    }
    stack_.push_back({is_object, false, {}, {}});
    return true;
  }
  bool close() {
    const Frame frame = std::move(stack_.back());
    stack_.pop_back();
    const bool in_array = !stack_.empty() && !stack_.back().is_object;
    if (in_array && frame.is_object && !frame.nested && !frame.values.empty()) return row(frame);
    constexpr std::size_t kFewest = 6;
    if (frame.nested || frame.values.size() < kFewest) {
      const bool row_expected = in_array && !frame.nested && !frame.values.empty();
      return row_expected ? fail("a row of " + std::to_string(frame.values.size()) + " values; a bar needs time, open, high, low, close, volume") : true;
    }
    return row(frame);
  }
  bool row(const Frame& frame) {
    names_.assign(frame.names.begin(), frame.names.end());
    values_.assign(frame.values.begin(), frame.values.end());
    std::string text;
    for (const std::string& value : frame.values) text += (text.empty() ? "" : ",") + value;
    const Place place{cursor_.line, text};
    if (!columns_ || frame.names != last_names_ || columns_->fields > static_cast<int>(values_.size())) {
      auto columns = frame.is_object ? columns_from_names(names_, options_.venue) : columns_from_count(values_, options_.venue);
      if (!columns) {
        error_ = make_error(ImportFault::unknown_format, place, 0, text, columns.error(), std::string(kExpectedColumns));
        return false;
      }
      columns_ = *columns;
      last_names_ = frame.names;
    }
    RowReader reader(*columns_, builder_);
    auto read = faults_.keep(reader.read(values_, place));
    if (read) return true;
    error_ = std::move(read).error();
    return false;
  }

  const BarsOptions& options_;
  BarBuilder& builder_;
  RowFaults& faults_;
  const Cursor& cursor_;
  std::vector<Frame> stack_;
  std::optional<ColumnMap> columns_;
  std::vector<std::string> last_names_;
  std::vector<std::string_view> names_, values_;
  ImportError error_;
};

}  // namespace

Parsed<void> parse_json_rows(std::string_view text, const BarsOptions& options, BarBuilder& builder, RowFaults& faults) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Cursor cursor{text.data()};
  RowSax sax(options, builder, faults, cursor);
  const CountingIterator begin(text.data(), &cursor);
  const CountingIterator end(text.data() + text.size(), &cursor);
  if (!nlohmann::json::sax_parse(begin, end, &sax)) return err(sax.take_error());
  return {};
}

}  // namespace prom::archive
