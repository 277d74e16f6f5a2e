// The views' clock, so that tests can turn it. Inside this folder only.
#pragma once

#include <iosfwd>
#include <memory>

#include "app/view/run_view.h"
#include "base/time.h"

namespace prom::view {

/// Monotonic; counts from anywhere.
using ViewClock = DurationNs (*)();
DurationNs monotonic_now();

inline constexpr DurationNs kRedrawEvery = 100 * kMillisecond;

std::unique_ptr<RunView> make_plain_view_with(std::ostream& out, ViewClock clock);

}  // namespace prom::view
