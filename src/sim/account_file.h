// The account file: append-only text, one line a fact, lines of one cause written by one write(2). README.md documents the format. One thread.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "domain/amounts.h"
#include "domain/order.h"

namespace prom::sim {

/// Builds one line's fields.
class LineBuilder {
 public:
  explicit LineBuilder(std::string_view type) : text_(type) {}
  LineBuilder& add(std::string_view text);
  LineBuilder& add(std::int64_t value);
  LineBuilder& add(std::uint64_t value);
  LineBuilder& add(std::uint32_t value) { return add(std::uint64_t{value}); }
  LineBuilder& add(std::uint16_t value) { return add(std::uint64_t{value}); }
  LineBuilder& add(Decimal value) { return add(std::string_view(value.to_string())); }
  LineBuilder& add(TimeNs value) { return add(value.ns); }
  LineBuilder& add(const ClientOrderId& id) { return add(std::string_view(to_text(id))); }
  LineBuilder& add(std::optional<PriceUnits> price) { return price ? add(price->v) : add("-"); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

class AccountFile {
 public:
  AccountFile() = default;
  AccountFile(const AccountFile&) = delete;
  AccountFile& operator=(const AccountFile&) = delete;
  ~AccountFile();

  /// Calls `apply` with the fields of every line of every complete group, in order; cuts an unfinished group off the end; then opens the file for appending
  /// (creating it). An error is one sentence with the line's number.
  using Apply = std::function<std::expected<void, std::string>(std::span<const std::string_view> fields)>;
  std::expected<void, std::string> open(const std::string& path, const Apply& apply);

  bool is_open() const { return fd_ >= 0; }
  /// Adds a line to the group under construction.
  void append(LineBuilder&& line) { group_.push_back(line.take()); }
  void append(LineBuilder& line) { group_.push_back(line.take()); }
  bool has_group() const { return !group_.empty(); }
  /// Writes the group with one write(2). Where that fails failure() says why, and nothing is written any more: a later group would stand on a torn one.
  void commit();
  /// Why the file could not be written; empty while it could.
  const std::string& failure() const { return failure_; }

 private:
  int fd_ = -1;
  std::uint64_t seq_ = 0;  // of the last line written
  std::vector<std::string> group_;
  std::string buffer_;
  std::string path_, failure_;
};

}  // namespace prom::sim
