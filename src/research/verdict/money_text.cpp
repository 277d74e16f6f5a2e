// Amounts for people. Any thread.
#include "research/verdict/money_text.h"

#include <fmt/format.h>

#include <cmath>

namespace prom {
namespace {

/// "-1234567.89" -> "-1,234,567.89".
std::string grouped(std::string text) {
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  std::size_t at = text.find('.');
  if (at == std::string::npos) at = text.size();
  while (at > first + 3) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string with_sign(std::string text, SignShown sign) {
  const bool zero = text.find_first_of("123456789") == std::string::npos;
  if (zero && text.starts_with('-')) text.erase(0, 1);  // a rounded "-0.00" is no loss
  if (sign == SignShown::always && !zero && !text.starts_with('-')) text.insert(0, "+");
  return text;
}

}  // namespace

std::string amount_text(Decimal amount, std::string_view currency, SignShown sign) {
  const int digits = currency == "BTC" || currency == "ETH" ? 8 : 2;
  const auto units = amount.to_units(digits, Round::half_even);
  if (!units) return with_sign(grouped(amount.to_string()), sign);
  std::string text = Decimal::from_units(*units, digits).to_string();
  std::size_t point = text.find('.');
  if (point == std::string::npos) {
    point = text.size();
    text += '.';
  }
  text.append(static_cast<std::size_t>(digits) - (text.size() - point - 1), '0');
  return with_sign(grouped(std::move(text)), sign);
}

std::string money_text(Decimal amount, std::string_view currency, SignShown sign) { return amount_text(amount, currency, sign) + " " + std::string(currency); }

std::string estimate_text(double amount, SignShown sign) {
  if (!std::isfinite(amount)) return "unknown";
  return with_sign(grouped(std::abs(amount) < 100 ? fmt::format("{:.2f}", amount) : fmt::format("{:.0f}", amount)), sign);
}

std::string percent_text(double fraction, SignShown sign) {
  if (!std::isfinite(fraction)) return "unknown";
  return with_sign(grouped(fmt::format("{:.2f}", fraction * 100)), sign) + " %";
}

std::string minute_text(TimeNs time) {
  const CivilTime c = to_civil(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", c.date.year, c.date.month, c.date.day, c.hour, c.minute);
}

std::string count_text(std::uint64_t count, std::string_view singular, std::string_view plural) {
  return grouped(fmt::format("{}", count)) + " " + std::string(count == 1 ? singular : plural);
}

}  // namespace prom
