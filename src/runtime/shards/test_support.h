// What tests of hosts and divisions share.
#pragma once

#include <chrono>
#include <thread>

namespace prom {

/// Waits for something that comes in its own time; false after a minute.
template <class Condition>
bool comes(Condition condition) {
  for (int i = 0; i < 60'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace prom
