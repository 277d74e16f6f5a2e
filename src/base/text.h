// Small text functions that every floor needs. ASCII where case matters; views refer to the caller's text. Any thread; pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace prom {

// The parts between separators, empty ones included: split("a,,b", ',') = {"a", "", "b"}; split("", ',') = {""}.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string join(std::span<const std::string_view> parts, std::string_view separator);

// Without blanks, tabs, carriage returns and newlines at both ends.
std::string_view trim(std::string_view text);

// The whole text as a decimal integer; a leading '-' for parse_i64, no '+', no blanks. nullopt when malformed or out of range.
std::optional<std::int64_t> parse_i64(std::string_view text);
std::optional<std::uint64_t> parse_u64(std::string_view text);
// The whole text as a finite double ("1e5" allowed; "nan", "inf" and hex refused); nullopt otherwise.
std::optional<double> parse_f64(std::string_view text);
// Shortest text that reads back as the same double; "nan", "inf", "-inf" for those.
std::string format_f64(double value);

std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
constexpr bool starts_with(std::string_view text, std::string_view prefix) { return text.starts_with(prefix); }
constexpr bool ends_with(std::string_view text, std::string_view suffix) { return text.ends_with(suffix); }

// Appends `text` as the inside of a JSON string; bytes that are not UTF-8 become U+FFFD, so that the result is always valid JSON.
void json_escape(std::string& out, std::string_view text);
// The same within quotation marks.
void append_json_string(std::string& out, std::string_view text);

// Edits between two texts in bytes: insertions, deletions, substitutions, and neighbours that changed places (optimal string alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b);
// The candidate nearest to `text` for "did you mean", at most `max_distance` edits away; the first of equals; nullopt if none.
std::optional<std::string_view> closest(std::string_view text, std::span<const std::string_view> candidates, std::size_t max_distance = 3);

}  // namespace prom
