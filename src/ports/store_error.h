// Why a store did not do what it was asked: the one error type of all stores. Any thread; values only.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "base/result.h"

namespace prom {

enum class StoreErrorKind : std::uint8_t { away, io, full, corrupt, version, conflict, not_found, bad_argument };
struct StoreError {
  StoreErrorKind kind = StoreErrorKind::io;
  Retry retry = Retry::never;
  std::string detail;
  std::string hint;
};
template <class T>
using StoreResult = std::expected<T, StoreError>;

}  // namespace prom
