// Why an analysis function refused its parameters or columns: a closed code with the numbers, so that a tool or the command line can say
// it.
// Plain values, any thread.
#pragma once
#include <cmath>
#include <expected>
#include <optional>
#include <string_view>
#include <utility>

namespace prom {

enum class ParamErrorCode {
  below_minimum,    // value < limit
  above_maximum,    // value > limit
  not_finite,       // NaN or infinity
  not_below_other,  // must be strictly below another parameter, whose value is `limit`
  empty_input,      // nothing to work on
  length_mismatch,  // columns of different lengths: value against limit
  missing_column,   // a column that the source does not have (taker volume)
};

// `parameter` names a field of the Params struct or a column and points at static text.
struct ParamError {
  ParamErrorCode code;
  std::string_view parameter;
  double value = 0;
  double limit = 0;
};

template <class T>
using ParamResult = std::expected<T, ParamError>;

// Bound on every look-back: it caps the memory of an operator.
inline constexpr int kMaxPeriod = 10'000;

// Empty when minimum <= value <= maximum, else what is wrong.
inline std::optional<ParamError> out_of_range(std::string_view parameter, double value, std::pair<double, double> range) {
  if (!std::isfinite(value)) return ParamError{ParamErrorCode::not_finite, parameter, value, range.first};
  if (value < range.first) return ParamError{ParamErrorCode::below_minimum, parameter, value, range.first};
  if (value > range.second) return ParamError{ParamErrorCode::above_maximum, parameter, value, range.second};
  return std::nullopt;
}

inline std::optional<ParamError> bad_period(std::string_view parameter, int value, int minimum = 1) {
  return out_of_range(parameter, value, {minimum, kMaxPeriod});
}

inline std::optional<ParamError> not_below(std::string_view parameter, double value, double other) {
  if (value < other) return std::nullopt;
  return ParamError{ParamErrorCode::not_below_other, parameter, value, other};
}

}  // namespace prom

// Leaves the function with the error when the check found one.
#define PROM_CHECK_PARAM(check) \
  if (const auto prom_param_error_ = (check)) return std::unexpected(*prom_param_error_)
