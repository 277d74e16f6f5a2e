// The type that a venue accepts. Only the risk engine can make one (law 1); it is valid until it expires or the halt epoch moves. Engine thread.
#pragma once

#include <cstdint>
#include <utility>

#include "base/time.h"

namespace prom {

class RiskEngine;

template <class T>
class Approved {
 public:
  const T& value() const { return value_; }
  TimeNs expires_at() const { return expires_at_; }
  std::uint32_t halt_epoch() const { return halt_epoch_; }

 private:
  friend class RiskEngine;
  Approved(T value, TimeNs expires_at, std::uint32_t halt_epoch) : value_(std::move(value)), expires_at_(expires_at), halt_epoch_(halt_epoch) {}
  T value_;
  TimeNs expires_at_;
  std::uint32_t halt_epoch_;
};

}  // namespace prom
