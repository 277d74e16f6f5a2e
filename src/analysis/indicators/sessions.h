// Numbers UTC days, weeks and months, so that an operator can see when a session ends. Pure arithmetic, any thread.
#pragma once
#include <cstdint>

#include "base/time.h"

namespace prom::indicators {

enum class Session { utc_day, utc_week, utc_month };  // a week begins on Monday

// Days since 1970-01-01, rounding down.
constexpr std::int64_t utc_day_of(std::int64_t time_ns) { return floor_to(TimeNs{time_ns}, kDay).ns / kDay.ns; }

// A number that is equal for two instants exactly when they lie in the same session, and grows with time.
constexpr std::int64_t session_number(Session session, std::int64_t time_ns) {
  switch (session) {
    case Session::utc_day: return utc_day_of(time_ns);
    case Session::utc_week: return bar_open(TimeNs{time_ns}, kWeek).ns / kDay.ns;
    case Session::utc_month: {
      const CivilDate date = civil_from_days(utc_day_of(time_ns));
      return std::int64_t{date.year} * 12 + date.month;
    }
  }
  return 0;
}

}  // namespace prom::indicators
