// Rows sorted so that revisions of one identity lie together, the last one last; a query walks a series' range from its newest end.
#include "ports/observation_table.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace prom {
namespace {

auto identity(const Observation& o) { return std::tie(o.event_time, o.subject, o.source, o.id); }
auto key(const Observation& o) { return std::tie(o.series, o.event_time, o.subject, o.source, o.id, o.available_at); }

}  // namespace

ObservationTable::ObservationTable(std::vector<Observation> rows) : rows_(std::move(rows)) {
  std::ranges::sort(rows_, [](const Observation& a, const Observation& b) { return key(a) < key(b); });
}

std::vector<const Observation*> ObservationTable::known(const ObservationQuery& query) const {
  std::vector<const Observation*> out;
  const auto begin = std::ranges::lower_bound(rows_, std::pair(query.series, query.from), {},
                                              [](const Observation& o) { return std::pair(std::string_view(o.series), o.event_time); });
  auto at = std::ranges::upper_bound(begin, rows_.end(), std::pair(query.series, query.until), {},
                                     [](const Observation& o) { return std::pair(std::string_view(o.series), o.event_time); });
  const Observation* taken = nullptr;
  while (at != begin && out.size() < query.limit) {
    const Observation& row = *--at;
    if (row.available_at > query.as_of || (query.subject && row.subject != *query.subject)) continue;
    // The first row met of an identity is its last revision known by then.
    if (taken != nullptr && identity(*taken) == identity(row)) continue;
    taken = &row;
    out.push_back(taken);
  }
  // Walking backwards gave ties in falling order.
  for (auto first = out.begin(); first != out.end();) {
    const auto last = std::find_if(first, out.end(), [&](const Observation* o) { return o->event_time != (*first)->event_time; });
    std::reverse(first, last);
    first = last;
  }
  return out;
}

}  // namespace prom
