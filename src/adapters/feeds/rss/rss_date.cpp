// RFC 822, section 5, with the four-digit years that RSS asks for.
#include <algorithm>
#include <array>

#include "adapters/feeds/rss/rss.h"
#include "base/text.h"

namespace prom {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<std::uint64_t> number_up_to(std::string_view text, std::uint64_t most) {
  const auto value = text.size() <= 4 ? parse_u64(text) : std::nullopt;
  return value && *value <= most ? value : std::nullopt;
}

/// Minutes east of Greenwich.
std::optional<int> zone_of(std::string_view text) {
  struct Named {
    std::string_view name;
    int hours;
  };
  constexpr Named kNamed[] = {{"GMT", 0},  {"UT", 0},   {"UTC", 0},  {"Z", 0},    {"EST", -5}, {"EDT", -4},
                              {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
  for (const Named& named : kNamed) {
    if (named.name == text) return named.hours * 60;
  }
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = number_up_to(text.substr(1, 2), 14), minutes = number_up_to(text.substr(3, 2), 59);
  if (!hours || !minutes) return std::nullopt;
  const int east = static_cast<int>(*hours * 60 + *minutes);
  return text[0] == '-' ? -east : east;
}

}  // namespace

std::optional<TimeNs> time_of_rss_date(std::string_view text) {
  if (text.size() > 64) return std::nullopt;
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(trim(text), ' ')) {
    if (!part.empty()) parts.push_back(part);
  }
  if (!parts.empty() && parts[0].ends_with(',')) parts.erase(parts.begin());
  if (parts.size() != 5) return std::nullopt;
  const auto day = number_up_to(parts[0], 31), year = number_up_to(parts[2], 2199);
  const auto* month = std::ranges::find(kMonths, parts[1]);
  const auto clock = split(parts[3], ':');
  const auto zone = zone_of(parts[4]);
  if (!day || *day < 1 || !year || *year < 1990 || month == kMonths.end() || clock.size() < 2 || clock.size() > 3 || !zone) return std::nullopt;
  const auto hour = number_up_to(clock[0], 23), minute = number_up_to(clock[1], 59);
  const auto second = clock.size() == 3 ? number_up_to(clock[2], 59) : std::optional<std::uint64_t>(0);
  if (!hour || !minute || !second) return std::nullopt;
  const CivilDate date{static_cast<std::int32_t>(*year), static_cast<std::int32_t>(month - kMonths.begin() + 1), static_cast<std::int32_t>(*day)};
  const std::int64_t days = days_from_civil(date);
  if (civil_from_days(days) != date) return std::nullopt;
  const std::int64_t seconds = days * 86'400 + static_cast<std::int64_t>(*hour * 3600 + *minute * 60 + *second) - std::int64_t{*zone} * 60;
  return TimeNs{seconds * kSecond.ns};
}

}  // namespace prom
