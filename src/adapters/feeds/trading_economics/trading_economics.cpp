// [{"CalendarId": "326431", "Date": "2024-02-02T13:30:00", "Country": "United States", "Event": "...", "Actual": "227K", "Importance": 3, ...}], times in UTC.
#include "adapters/feeds/trading_economics/trading_economics.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapters/feeds/json_reply/json_reply_internal.h"
#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr JsonReplies kReplies("Trading Economics");

/// "227K", "-0.3%", "$1.2B", "1,234": a number with a unit that is kept by its scale alone. Nothing where there is no number.
std::optional<double> figure_of(std::string text) {
  std::erase_if(text, [](char c) { return c == ',' || c == ' '; });
  bool negative = false;
  while (!text.empty() && (text.front() == '-' || text.front() == '$')) {
    negative |= text.front() == '-';
    text.erase(0, 1);
  }
  double scale = 1;
  while (!text.empty()) {
    const char last = text.back();
    if (last == 'K')
      scale *= 1e3;
    else if (last == 'M')
      scale *= 1e6;
    else if (last == 'B')
      scale *= 1e9;
    else if (last == 'T')
      scale *= 1e12;
    else if (last != '%')
      break;
    text.pop_back();
  }
  const auto number = parse_f64(text);
  if (!number || !std::isfinite(*number * scale)) return std::nullopt;
  return negative ? -*number * scale : *number * scale;
}

struct Figure {
  std::string_view series;
  const char* member;
};
constexpr Figure kFigures[] = {{series::kReleaseActual, "Actual"}, {series::kReleaseForecast, "Forecast"}, {series::kReleasePrevious, "Previous"}};

}  // namespace

FeedResult parse_trading_economics_calendar(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, kReplies.any(body));
  if (document.is_object()) return kReplies.refused("");
  PROM_TRY(const Json* list, kReplies.list(document));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const Json* number = member_of(item, "CalendarId");
    const std::string id = number != nullptr && number->is_number_integer() ? number->dump() : text_of(item, "CalendarId");
    const std::string date = text_of(item, "Date"), country = text_of(item, "Country"), event = text_of(item, "Event", kMaxObservationText);
    const auto time = parse_rfc3339(date.ends_with('Z') ? date : date + "Z");
    const auto importance = number_of(item, "Importance");
    if (id.empty() || !time || country.empty() || event.empty() || !importance || *importance < 1 || *importance > 3)
      return kReplies.malformed("a release without CalendarId, Date, Country, Event and Importance");
    const auto add = [&](std::string_view series, double value) {
      out.push_back({std::string(series), country, std::string(kReplies.provider()), id, *time, fetched_at, TrustTier::aggregator, value, event});
    };
    add(series::kReleaseImportance, *importance);
    for (const Figure& figure : kFigures) {
      const Json* given = member_of(item, figure.member);
      if (given == nullptr) continue;
      const auto value = given->is_number() ? number_of(*given) : figure_of(text_of(item, figure.member));
      if (value) add(figure.series, *value);
    }
  }
  return out;
}

}  // namespace prom
