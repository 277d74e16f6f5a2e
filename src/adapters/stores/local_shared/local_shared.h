// Shared state inside one process, the embedded default. Meets ports/shared_state_contract.h. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "ports/shared_state.h"

namespace prom {

/// Entries of each kind (cache, leases, rates, sessions), expired ones included until room is needed.
inline constexpr std::size_t kMaxLocalEntries = 65'536;

class LocalShared {
 public:
  using Clock = std::function<std::int64_t()>;  ///< monotonic nanoseconds
  static std::shared_ptr<LocalShared> create(Clock clock, std::size_t max_entries = kMaxLocalEntries);
  virtual ~LocalShared() = default;
  /// One more instance on this ground, which lives as long as any instance does.
  virtual std::unique_ptr<SharedState> join() = 0;
};

}  // namespace prom
