// See the header.
#include "ports/single_flight.h"

#include <chrono>

namespace prom {

std::optional<StoreResult<std::string>> SingleFlight::run(const std::string& name, Others others, const Work& work) {
  std::shared_ptr<Flight> flight;
  {
    std::unique_lock lock(mutex_);
    const auto [found, mine] = flights_.try_emplace(name);
    if (!mine) {
      if (others == Others::pass) return std::nullopt;
      flight = found->second;
      flight->landed.wait_for(lock, std::chrono::nanoseconds(patience_.ns), [&] { return flight->outcome.has_value(); });
      return flight->outcome;
    }
    flight = found->second = std::make_shared<Flight>();
  }
  const auto land = [&](StoreResult<std::string> outcome) {
    const std::lock_guard lock(mutex_);
    flight->outcome = std::move(outcome);
    flights_.erase(name);
    flight->landed.notify_all();
  };
  try {
    StoreResult<std::string> outcome = work();
    land(outcome);
    return outcome;
  } catch (...) {
    land(std::unexpected(StoreError{StoreErrorKind::io, Retry::after, "the caller that loaded " + name + " gave up", ""}));
    throw;
  }
}

}  // namespace prom
