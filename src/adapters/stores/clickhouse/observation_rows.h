// Observations of feeds as rows of the table of that name. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "ports/observations.h"

namespace prom::clickhouse {

inline constexpr std::string_view kObservationTable = "observations";
inline constexpr std::string_view kObservationColumns = "series, subject, source, id, event_ns, available_ns, trust, value, text";

void append_observation(std::string& out, const Observation& observation);

}  // namespace prom::clickhouse
