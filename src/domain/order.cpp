// Client order ids as text, and names of order enums. Pure; any thread.
#include "domain/order.h"

#include <limits>

#include "domain/enum_text.h"

namespace prom {

namespace {

// Upper case, so that the lower-case letters between the parts cannot be digits.
constexpr std::string_view kDigits36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

void append_base36(std::string& out, std::uint64_t value) {
  char buffer[13];  // 36^13 > 2^64
  std::size_t at = sizeof buffer;
  do {
    buffer[--at] = kDigits36[value % 36];
    value /= 36;
  } while (value != 0);
  out.append(buffer + at, sizeof buffer - at);
}

/// Takes `marker` and a base-36 number from the front of `text`. Leading zeros are refused, so that an id has one text only.
std::optional<std::uint64_t> take_part(std::string_view& text, char marker, std::uint64_t max) {
  if (text.empty() || text.front() != marker) return std::nullopt;
  text.remove_prefix(1);
  std::uint64_t value = 0;
  std::size_t n = 0;
  for (; n < text.size(); ++n) {
    const std::size_t digit = kDigits36.find(text[n]);
    if (digit == std::string_view::npos) break;
    if (n == 1 && text[0] == '0') return std::nullopt;
    if (__builtin_mul_overflow(value, std::uint64_t{36}, &value) || __builtin_add_overflow(value, std::uint64_t{digit}, &value)) return std::nullopt;
  }
  if (n == 0 || value > max) return std::nullopt;
  text.remove_prefix(n);
  return value;
}

}  // namespace

std::string to_text(const ClientOrderId& id) {
  std::string out;
  out.reserve(32);
  out += 'p';
  append_base36(out, id.account.v);
  out += 'e';
  append_base36(out, id.epoch);
  out += 's';
  append_base36(out, id.sequence.v);
  return out;
}

std::optional<ClientOrderId> parse_client_order_id(std::string_view text) {
  constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
  const auto account = take_part(text, 'p', kMax32);
  if (!account) return std::nullopt;
  const auto epoch = take_part(text, 'e', kMax32);
  if (!epoch) return std::nullopt;
  const auto sequence = take_part(text, 's', std::numeric_limits<std::uint64_t>::max());
  if (!sequence || !text.empty()) return std::nullopt;
  return ClientOrderId{AccountIx(static_cast<std::uint32_t>(*account)), static_cast<std::uint32_t>(*epoch), OrderId(*sequence)};
}

std::string_view name_of(OrderState state) { return enum_text(state); }
std::string_view name_of(OrderType type) { return enum_text(type); }
std::string_view name_of(OrderPurpose purpose) { return enum_text(purpose); }
std::string_view name_of(Side side) { return enum_text(side); }

}  // namespace prom
