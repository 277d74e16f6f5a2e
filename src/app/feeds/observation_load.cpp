// Each series is loaded by itself: its limit is its own, and so is its reach.
#include "app/feeds/observation_load.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace prom {
namespace {

struct Reach {
  std::string_view begins;
  DurationNs back;
};
/// The first that fits. Deribit's options alone say 576,000 rows a day: some 1,500 of them, four figures each, every 15 minutes; tools look at two hours of figures
/// and a day of trades (tools/options_tools.cpp). Posts come again with every new score. What venues, CoinGecko and LunarCrush state hour by hour is looked at
/// for three days at most.
constexpr Reach kReaches[] = {{series::kOptionTrade, kDay * 2}, {"options.", kHour * 4}, {series::kPost, kDay * 2}, {series::kTrending, kDay * 2},
                              {series::kNews, kDay * 40},       {"market.", kDay * 8},   {"venue.", kDay * 40},     {"social.", kDay * 40}};

}  // namespace

std::optional<DurationNs> short_look_back(std::string_view series) {
  const auto* at = std::ranges::find_if(kReaches, [&](const Reach& reach) { return series.starts_with(reach.begins); });
  return at == std::end(kReaches) ? std::nullopt : std::optional(at->back);
}

StoreResult<LoadedObservations> load_observations(ObservationStore& store, const ObservationSpan& span, std::size_t most) {
  PROM_TRY(const auto kept, store.kept_series());
  LoadedObservations out;
  for (const std::string& name : kept) {
    // One more than is wanted tells whether there are more.
    PROM_TRY(auto rows, store.load({.series = name, .from = span.from - short_look_back(name).value_or(span.back), .as_of = span.until, .limit = most + 1}));
    if (rows.size() > most) {
      rows.erase(rows.begin());
      out.cut.push_back(name);
    }
    if (rows.empty()) {
      PROM_TRY(rows, store.load({.series = name, .from = span.from - span.back, .as_of = span.until, .limit = 1}));
    }
    std::ranges::move(rows, std::back_inserter(out.rows));
  }
  std::ranges::sort(out.rows, {}, [](const Observation& o) { return std::tie(o.available_at, o.series, o.subject, o.source, o.event_time, o.id); });
  return out;
}

}  // namespace prom
