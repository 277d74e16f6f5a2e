// What each type of setting accepts, and look-up by name.
#include "app/config/settings.h"

#include <arpa/inet.h>

#include <algorithm>

#include "app/keys/base64.h"
#include "base/decimal.h"
#include "base/text.h"
#include "base/time.h"
#include "domain/instrument.h"

namespace prom {
namespace {

constexpr std::int64_t kMaxSpeed = 10'000'000;

bool is_address(const std::string& text) {
  in6_addr bytes{};
  return inet_pton(AF_INET, text.c_str(), &bytes) == 1 || inet_pton(AF_INET6, text.c_str(), &bytes) == 1;
}

bool is_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = parse_u64(text.substr(colon + 1));
  return port && *port >= 1 && *port <= 65'535 && text.find_first_of(" \t/") == std::string_view::npos;
}

template <class Accept>
bool every(std::string_view text, Accept accept) {
  if (trim(text).empty()) return true;
  const auto parts = split(text, ',');
  return std::ranges::all_of(parts, [&](std::string_view part) { return accept(trim(part)); });
}

std::string range_of(const SettingSpec& spec) { return " from " + std::to_string(spec.minimum) + " to " + std::to_string(spec.maximum); }

std::optional<bool> flag_of(std::string_view text) {
  const std::string lower = to_lower(text);
  if (lower == "true" || lower == "yes" || lower == "on" || lower == "1") return true;
  if (lower == "false" || lower == "no" || lower == "off" || lower == "0") return false;
  return std::nullopt;
}

std::string_view if_not(bool sound, std::string_view message) { return sound ? std::string_view() : message; }

std::string check_number(const SettingSpec& spec, std::string_view text) {
  if (spec.type == SettingType::integer) {
    const auto number = parse_i64(text);
    return number && *number >= spec.minimum && *number <= spec.maximum ? "" : "must be a whole number" + range_of(spec);
  }
  const auto number = Decimal::parse(text);
  const bool inside = number && *number >= Decimal::from_units(spec.minimum, 0) && *number <= Decimal::from_units(spec.maximum, 0);
  // A limit of nothing would refuse everything; a fraction of zero is a mistake, not a wish.
  const bool positive = number && *number > Decimal{};
  return inside && positive ? "" : "must be a number" + range_of(spec) + (spec.minimum == 0 ? ", above 0" : "");
}

}  // namespace

const SettingSpec* find_toml_setting(std::string_view key) {
  const auto settings = all_settings();
  const auto found = std::ranges::find_if(settings, [&](const SettingSpec& s) { return !s.toml.empty() && s.toml == key; });
  return found == settings.end() ? nullptr : &*found;
}
const SettingSpec* find_env_setting(std::string_view name) {
  const auto settings = all_settings();
  const auto found = std::ranges::find_if(settings, [&](const SettingSpec& s) { return !s.env.empty() && s.env == name; });
  return found == settings.end() ? nullptr : &*found;
}
const SettingSpec* find_setting(std::string_view key) {
  const SettingSpec* found = find_toml_setting(key);
  return found != nullptr ? found : find_env_setting(key);
}

std::vector<std::string_view> toml_names() {
  std::vector<std::string_view> out;
  for (const SettingSpec& spec : all_settings()) {
    if (!spec.toml.empty()) out.push_back(spec.toml);
  }
  return out;
}
std::vector<std::string_view> env_names() {
  std::vector<std::string_view> out;
  for (const SettingSpec& spec : all_settings()) {
    if (!spec.env.empty()) out.push_back(spec.env);
  }
  return out;
}

std::string check_value(const SettingSpec& spec, std::string_view text) {
  if (text.empty() && spec.standard.empty()) return {};  // written but empty: as if not set
  switch (spec.type) {
    case SettingType::text: return std::string(if_not(text.find('\n') == std::string_view::npos, "must be a single line"));
    case SettingType::choice: {
      const auto choices = split(spec.choices, '|');
      return std::ranges::find(choices, to_lower(text)) != choices.end() ? "" : "must be one of " + join(choices, ", ");
    }
    case SettingType::integer:
    case SettingType::decimal: return check_number(spec, text);
    case SettingType::flag: return std::string(if_not(flag_of(text).has_value(), "must be true or false"));
    case SettingType::duration: return std::string(if_not(parse_interval(text).has_value(), "must be a length of time such as 30s, 5m or 1h"));
    case SettingType::speed: {
      const auto number = parse_i64(text);
      return text == "max" || (number && *number >= 1 && *number <= kMaxSpeed) ? "" : "must be max or a whole number from 1 to " + std::to_string(kMaxSpeed);
    }
    case SettingType::address: return std::string(if_not(is_address(std::string(text)), "must be an IP address such as 127.0.0.1 or ::1"));
    case SettingType::url: return std::string(if_not(text.starts_with("https://") || text.starts_with("http://"), "must begin with https:// or http://"));
    case SettingType::text_list: return {};
    case SettingType::integer_list:
      return std::string(if_not(every(text, [](auto part) { return parse_i64(part).has_value(); }), "must be whole numbers separated by commas"));
    case SettingType::host_port_list: return std::string(if_not(every(text, is_host_port), "must be host:port, several separated by commas"));
    case SettingType::instrument_list:
      return std::string(if_not(every(text, [](auto part) { return parse_instrument_code(part).has_value(); }),
                                "must be instruments as VENUE:MARKET:SYMBOL, such as binance:spot:BTCUSDT"));
    case SettingType::key32: {
      const auto bytes = base64_decode(text);
      return std::string(if_not(bytes && bytes->size() == 32, "must be 32 bytes in base64 (44 characters)"));
    }
  }
  __builtin_unreachable();
}

std::string canonical_value(const SettingSpec& spec, std::string_view text) {
  if (text.empty()) return {};
  if (spec.type == SettingType::flag) return flag_of(text).value_or(false) ? "true" : "false";
  if (spec.type == SettingType::choice) {
    std::string lower = to_lower(text);
    return lower == "warn" ? "warning" : lower;
  }
  return std::string(text);
}

}  // namespace prom
