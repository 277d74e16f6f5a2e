// Macro: what FRED and an economic calendar say. Pure functions; any thread.
#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/feed.h"
#include "tools/market_access.h"
#include "tools/observation_access.h"
#include "tools/spec.h"

namespace prom {

namespace {

constexpr std::span<const ArgSpec> kNoArgs{};
constexpr std::string_view kNoCalendar = "no economic calendar in this installation; Trading Economics serves it, with a key";

constexpr ResultField kFedRateResults[] = {{"upper", ResultType::number, "upper end of the target range, percent a year"},
                                           {"lower", ResultType::number, "lower end, percent a year", ResultPresence::may_be_null},
                                           {"time", ResultType::time, "day that it speaks of"}};

ToolResult run_get_fed_rate(const ToolContext& context, const ToolArguments&) {
  const auto known = known_observations(context, {.series = series::kMacro,
                                                  .subject = "DFEDTARU",
                                                  .stale_after = kDay * 7,
                                                  .missing = "no macro feed in this installation; FRED (series DFEDTARU) serves it, with a key"});
  if (!known) return std::unexpected(known.error());
  const Observation& upper = *known->front();
  const auto lower = known_observations(context, {.series = series::kMacro, .subject = "DFEDTARL", .stale_after = kDay * 7, .missing = "no lower end"});
  const bool same_day = lower && lower->front()->event_time == upper.event_time;
  ToolOutput out;
  out.result =
      Value(ValueObject{{"upper", upper.value.value_or(0)}, {"lower", same_day ? number_or_null(lower->front()->value) : Value()}, {"time", upper.event_time}});
  out.sources.push_back(source_of(upper));
  if (same_day) out.sources.push_back(source_of(*lower->front()));
  return out;
}

constexpr ResultField kCpiResults[] = {{"percent_year", ResultType::number, "change of the index over twelve months, percent"},
                                       {"index", ResultType::number, "CPIAUCSL, 1982-1984 = 100, seasonally adjusted"},
                                       {"month", ResultType::time, "first day of the month that it speaks of"}};

/// A month's figure comes out some two weeks after the month and stands until the next: at most about 75 days after the month's first day, more after a shutdown.
constexpr DurationNs kMonthlyStale = kDay * 100;

ToolResult run_get_cpi(const ToolContext& context, const ToolArguments&) {
  const auto known = known_observations(context, {.series = series::kMacro,
                                                  .subject = "CPIAUCSL",
                                                  .stale_after = kMonthlyStale,
                                                  .missing = "no macro feed in this installation; FRED (series CPIAUCSL) serves it, with a key",
                                                  .limit = 24});
  if (!known) return std::unexpected(known.error());
  const Observation& now = *known->front();
  CivilDate year_before = civil_from_days(now.event_time.ns / kDay.ns);
  --year_before.year;
  const TimeNs wanted{days_from_civil(year_before) * kDay.ns};
  const auto before = std::ranges::find_if(*known, [&](const Observation* o) { return o->event_time == wanted && o->source == now.source; });
  if (before == known->end() || !((*before)->value.value_or(0) > 0)) {
    return std::unexpected(ToolError{ToolErrorCode::not_enough_data, "the index of the same month a year before is not known", "fetch at least 13 months"});
  }
  const double index = now.value.value_or(0);
  ToolOutput out;
  out.result = Value(ValueObject{{"percent_year", percent_from(index, *(*before)->value)}, {"index", index}, {"month", now.event_time}});
  out.sources.push_back(source_of(now));
  return out;
}

/// A release with what is known of its figures.
struct Release {
  const Observation* importance = nullptr;
  std::optional<double> actual, forecast, previous;
};

std::optional<double> figure_of(const ToolContext& context, std::string_view series, const Observation& release) {
  const TimeNs at = release.event_time;
  const auto known =
      context.observations->known({.series = series, .subject = release.subject, .as_of = context.as_of.time, .from = at, .until = at, .limit = 200});
  const auto same = std::ranges::find_if(known, [&](const Observation* o) { return o->id == release.id && o->source == release.source; });
  return same == known.end() ? std::nullopt : (*same)->value;
}

/// Drops the dates from which a release was moved away: its time is part of an observation's identity, so the old date stays known beside the new one.
/// Of each id of a source the newest word counts. Several dates that one reading gave the same id stay: there the id is not that of a single release.
void drop_moved(std::vector<const Observation*>& rows) {
  std::map<std::pair<std::string_view, std::string_view>, TimeNs> said;
  for (const Observation* o : rows) {
    TimeNs& newest = said.try_emplace({o->source, o->id}, o->available_at).first->second;
    newest = std::max(newest, o->available_at);
  }
  std::erase_if(rows, [&](const Observation* o) { return !o->id.empty() && o->available_at < said.at({o->source, o->id}); });
}

/// Releases between two instants by what was known at the call's, earliest first; unavailable where no calendar was read in the week before.
std::expected<std::vector<Release>, ToolError> releases(const ToolContext& context, TimeNs from, TimeNs until) {
  if (context.observations == nullptr) return std::unexpected(tool_unavailable(std::string(kNoCalendar)));
  const TimeNs now = context.as_of.time;
  // What a calendar says of the days around the call is only as good as its newest reading. No end: a release may have been moved however far ahead.
  auto around = context.observations->known({.series = series::kReleaseImportance, .as_of = now, .from = now - kDay * 40, .limit = kMaxFeedItems});
  if (around.empty()) return std::unexpected(tool_unavailable(std::string(kNoCalendar)));
  const auto newest = std::ranges::max(around, {}, [](const Observation* o) { return o->available_at; })->available_at;
  if (now - newest > kDay * 7)
    return std::unexpected(tool_unavailable("stale: the calendar was last read at " + format_rfc3339(newest), "fetch the calendar again"));
  drop_moved(around);
  std::vector<Release> out;
  for (auto at = around.rbegin(); at != around.rend(); ++at) {
    const Observation& o = **at;
    if (o.event_time < from || o.event_time > until) continue;
    out.push_back(
        {&o, figure_of(context, series::kReleaseActual, o), figure_of(context, series::kReleaseForecast, o), figure_of(context, series::kReleasePrevious, o)});
  }
  return out;
}

constexpr ResultField kCalendarResults[] = {
    {"releases", ResultType::list,
     "{time, country, name, importance (1..3), forecast, previous, trust} of the next 7 days, earliest first, at most 20; names are data"},
    {"count", ResultType::integer, "releases of the next 7 days, shown or not"}};

ToolResult run_get_economic_calendar(const ToolContext& context, const ToolArguments&) {
  constexpr std::size_t kShown = 20;
  const TimeNs now = context.as_of.time;
  const auto next = releases(context, now + kNanosecond, now + kDay * 7);
  if (!next) return std::unexpected(next.error());
  ValueList list;
  for (const Release& r : *next) {
    if (list.size() == kShown) break;
    list.emplace_back(ValueObject{{"time", r.importance->event_time},
                                  {"country", clean_text(r.importance->subject, 64)},
                                  {"name", clean_text(r.importance->text, 120)},
                                  {"importance", static_cast<std::int64_t>(r.importance->value.value_or(1))},
                                  {"forecast", number_or_null(r.forecast)},
                                  {"previous", number_or_null(r.previous)},
                                  {"trust", name_of(r.importance->trust)}});
  }
  ToolOutput out;
  out.result = Value(ValueObject{{"releases", std::move(list)}, {"count", static_cast<std::int64_t>(next->size())}});
  for (const Release& r : *next)
    if (out.sources.empty() || out.sources.back().time < r.importance->available_at) out.sources.assign(1, source_of(*r.importance));
  return out;
}

constexpr ResultField kImpactResults[] = {
    {"impact", ResultType::text, "high: a release of importance 3 within 2 hours; medium: within 24 hours; else low"},
    {"hours_until", ResultType::number, "to the next release of importance 3 in the next 7 days", ResultPresence::may_be_null},
    {"next", ResultType::text, "its name and country; empty where there is none"},
    {"surprise_percent", ResultType::number, "newest release of importance 3 of the last 24 hours: actual against forecast", ResultPresence::may_be_null}};

ToolResult run_get_macro_impact(const ToolContext& context, const ToolArguments&) {
  const TimeNs now = context.as_of.time;
  const auto around = releases(context, now - kDay, now + kDay * 7);
  if (!around) return std::unexpected(around.error());
  const Release* next = nullptr;
  const Release* last = nullptr;
  for (const Release& r : *around) {
    if (r.importance->value.value_or(0) < 3) continue;
    if (r.importance->event_time <= now) {
      if (r.actual && r.forecast) last = &r;
    } else if (next == nullptr) {
      next = &r;
    }
  }
  const double hours = next != nullptr ? static_cast<double>((next->importance->event_time - now).ns) / static_cast<double>(kHour.ns) : 0;
  ToolOutput out;
  out.result = Value(ValueObject{{"impact", next == nullptr || hours > 24 ? "low"
                                            : hours > 2                   ? "medium"
                                                                          : "high"},
                                 {"hours_until", next != nullptr ? Value(hours) : Value()},
                                 {"next", next != nullptr ? clean_text(next->importance->text, 120) + ", " + next->importance->subject : std::string()},
                                 {"surprise_percent", last != nullptr ? percent_from(*last->actual, *last->forecast) : Value()}});
  for (const Release* r : {next, last})
    if (r != nullptr) out.sources.push_back(source_of(*r->importance));
  return out;
}

constexpr ResultField kPmiResults[] = {{"value", ResultType::number, "index; above 50 = expansion"},
                                       {"name", ResultType::text, "of the release"},
                                       {"forecast", ResultType::number, "what was expected", ResultPresence::may_be_null},
                                       {"previous", ResultType::number, "the period before", ResultPresence::may_be_null},
                                       {"time", ResultType::time, "of the release"}};

ToolResult run_get_pmi(const ToolContext& context, const ToolArguments&) {
  const TimeNs now = context.as_of.time;
  const auto past = releases(context, now - kDay * 40, now);
  if (!past) return std::unexpected(past.error());
  // The newest of the United States; manufacturing before services where both came out together.
  const Release* found = nullptr;
  for (const Release& r : *past) {
    const std::string& name = r.importance->text;
    if (r.importance->subject != "United States" || name.find("PMI") == std::string::npos || !r.actual) continue;
    const bool together = found != nullptr && found->importance->event_time == r.importance->event_time;
    if (!together || name.find("Manufacturing") != std::string::npos) found = &r;
  }
  if (found == nullptr) return std::unexpected(tool_unavailable("no purchasing managers' index of the United States came out in the last 40 days"));
  ToolOutput out;
  out.result = Value(ValueObject{{"value", *found->actual},
                                 {"name", clean_text(found->importance->text, 120)},
                                 {"forecast", number_or_null(found->forecast)},
                                 {"previous", number_or_null(found->previous)},
                                 {"time", found->importance->event_time}});
  out.sources.push_back(source_of(*found->importance));
  return out;
}

constexpr ToolCategory kMacro = ToolCategory::macro;
constexpr ToolSpec kMacroTools[] = {
    {.name = "get_economic_calendar",
     .category = kMacro,
     .description = "Scheduled economic releases of the next 7 days.",
     .arguments = kNoArgs,
     .results = kCalendarResults,
     .feed = {series::kReleaseImportance, "", "Trading Economics"},
     .run = run_get_economic_calendar},
    {.name = "get_fed_rate",
     .category = kMacro,
     .description = "Federal funds rate, percent a year.",
     .arguments = kNoArgs,
     .results = kFedRateResults,
     .feed = {series::kMacro, "DFEDTARU", "FRED"},
     .run = run_get_fed_rate},
    {.name = "get_fed_watch",
     .category = kMacro,
     .description = "Odds of the next rate decision.",
     .arguments = kNoArgs,
     .unavailable = "needs prices of 30-day Fed funds futures, which no free source gives to this installation; CME FedWatch publishes the odds"},
    {.name = "get_cpi",
     .category = kMacro,
     .description = "US consumer prices, percent a year.",
     .arguments = kNoArgs,
     .results = kCpiResults,
     .feed = {series::kMacro, "CPIAUCSL", "FRED"},
     .run = run_get_cpi},
    {.name = "get_pmi",
     .category = kMacro,
     .description = "Newest purchasing managers' index of the United States.",
     .arguments = kNoArgs,
     .results = kPmiResults,
     .feed = {series::kReleaseImportance, "", "Trading Economics"},
     .run = run_get_pmi},
    {.name = "get_macro_impact",
     .category = kMacro,
     .description = "Expected impact of the next releases.",
     .arguments = kNoArgs,
     .results = kImpactResults,
     .feed = {series::kReleaseImportance, "", "Trading Economics"},
     .run = run_get_macro_impact},
};

}  // namespace

std::span<const ToolSpec> macro_tools() { return kMacroTools; }

}  // namespace prom
