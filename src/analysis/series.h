// Batch evaluation of an incremental operator: the batch IS the operator fed bar by bar, so both give the same bits.
// Pure functions, any thread.
#pragma once
#include <concepts>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "analysis/columns.h"
#include "analysis/params.h"

namespace prom {

// A value that is not there (warm-up) in a batch output.
inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// What every operator offers. Params: a struct of validated settings. Value: double, or a struct whose fields default to
// kMissing, with `kNames` and `columns()` for generic printing. Input: span of doubles, or OhlcvView. State is plain and
// copyable: a copy continues with exactly the same results.
template <class Op>
concept Operator = std::copyable<Op> && requires(const Op& op, const typename Op::Params& params) {
  typename Op::Value;
  typename Op::Input;
  { Op::make(params) } -> std::same_as<ParamResult<Op>>;
  { op.value() } -> std::same_as<std::optional<typename Op::Value>>;
};

// The `Value` with which a warm-up row is filled.
template <class Value>
constexpr Value missing_value() {
  if constexpr (std::is_same_v<Value, double>) {
    return kMissing;
  } else {
    return Value{};
  }
}

// Feeds all of `input` to `op` and returns one row a bar; rows without a value hold missing_value(). O(n) calls of update.
template <Operator Op>
std::vector<typename Op::Value> feed(Op& op, const typename Op::Input& input) {
  std::vector<typename Op::Value> rows(input.size());
  for (std::size_t i = 0; i < input.size(); ++i) {
    if constexpr (std::is_same_v<typename Op::Input, OhlcvView>) {
      op.update(bar_at(input, i));
    } else {
      op.update(input[i]);
    }
    rows[i] = op.value().value_or(missing_value<typename Op::Value>());
  }
  return rows;
}

// Batch form: evaluate<Rsi>({.period = 14}, closes).
template <Operator Op>
ParamResult<std::vector<typename Op::Value>> evaluate(const typename Op::Params& params, const typename Op::Input& input) {
  auto op = Op::make(params);
  if (!op) return std::unexpected(op.error());
  return feed(*op, input);
}

}  // namespace prom
