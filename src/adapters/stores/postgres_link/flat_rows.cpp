// The text forms of values. Any thread.
#include "adapters/stores/postgres_link/flat_rows.h"

#include <cstdio>

namespace prom::postgres::flat_rows {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string double_text(double value) {
  char text[40];
  const int length = std::snprintf(text, sizeof text, "%.17g", value);
  return {text, static_cast<std::size_t>(length)};
}

std::string bytea_text(std::span<const std::byte> bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\\x";
  for (const std::byte byte : bytes) out += {kHex[std::to_integer<unsigned>(byte >> 4)], kHex[std::to_integer<unsigned>(byte & std::byte{15})]};
  return out;
}

std::optional<std::vector<std::byte>> bytea_bytes(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::nullopt;
  std::vector<std::byte> out;
  out.reserve(text.size() / 2);
  for (std::size_t at = 2; at < text.size(); at += 2) {
    const int high = digit(text[at]);
    const int low = digit(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::byte>(high * 16 + low));
  }
  return out;
}

}  // namespace prom::postgres::flat_rows
