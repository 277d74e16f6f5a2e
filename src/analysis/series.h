// Batch evaluation of an incremental operator: the batch IS the operator fed bar by bar, so both give the same bits.
// Pure functions, any thread.
#pragma once
#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
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

// One bar.
template <Operator Op>
void feed_bar(Op& op, const typename Op::Input& input, std::size_t i) {
  if constexpr (std::is_same_v<typename Op::Input, OhlcvView>) {
    op.update(bar_at(input, i));
  } else {
    op.update(input[i]);
  }
}

// Feeds the last `count` bars, but none before `from`: the state of an operator over a window after bulk().
template <Operator Op>
void feed_last(Op& op, const typename Op::Input& input, std::size_t from, std::size_t count) {
  for (std::size_t i = input.size() - std::min(count, input.size() - from); i < input.size(); ++i) feed_bar(op, input, i);
}

// How many columns a row of `Op` has, and the columns of one row.
template <Operator Op>
constexpr std::size_t column_count() {
  if constexpr (std::is_same_v<typename Op::Value, double>) {
    return 1;
  } else {
    return Op::Value::kNames.size();
  }
}

// An operator with a form of its own for many bars. bulk() writes the rows [from, end) of `columns` with the bits that update() and value() would give, and leaves
// the operator as after the last bar; where Op::may_skip(columns) says so, some columns may be empty. It may be called once steady() (no row is missing for want of bars any more) and lookback() bars of this very input have
// been fed: an operator over a window reads them there.
template <class Op>
concept BulkOperator = requires(Op& op, const typename Op::Input& input, const std::array<std::span<double>, column_count<Op>()>& columns) {
  { op.steady() } -> std::same_as<bool>;
  { op.lookback() } -> std::same_as<std::size_t>;
  op.bulk(input, std::size_t{0}, columns);
};

// Batch form into the caller's columns, in the order of kNames, each as long as the input or empty where it is not wanted: the same bits as feed(). Nothing is allocated beyond what the operator's
// bulk() may need for a chunk.
template <Operator Op>
void feed_into(Op& op, const typename Op::Input& input, const std::array<std::span<double>, column_count<Op>()>& columns) {
  Op local = std::move(op);  // nothing else can point into it, so its state may stay in registers
  [[maybe_unused]] bool whole = std::ranges::none_of(columns, [](const auto& column) { return column.empty(); });
  if constexpr (requires { Op::may_skip(columns); }) whole = whole || Op::may_skip(columns);
  for (std::size_t i = 0; i < input.size(); ++i) {
    if constexpr (BulkOperator<Op>) {
      if (whole && local.steady() && i >= local.lookback()) {
        local.bulk(input, i, columns);
        break;
      }
    }
    feed_bar(local, input, i);
    const auto row = local.value();
    if constexpr (std::is_same_v<typename Op::Value, double>) {
      columns[0][i] = row.value_or(kMissing);
    } else {
      const auto cells = row.value_or(typename Op::Value{}).columns();
      for (std::size_t c = 0; c < columns.size(); ++c)
        if (!columns[c].empty()) columns[c][i] = cells[c];
    }
  }
  op = std::move(local);
}

// Feeds all of `input` to `op` and returns one row a bar; rows without a value hold missing_value(). O(n) calls of update.
template <Operator Op>
std::vector<typename Op::Value> feed(Op& op, const typename Op::Input& input) {
  std::vector<typename Op::Value> rows(input.size());
  if constexpr (BulkOperator<Op> && std::is_same_v<typename Op::Value, double>) {
    feed_into(op, input, {std::span<double>(rows)});
  } else {
    Op local = std::move(op);
    for (std::size_t i = 0; i < input.size(); ++i) {
      feed_bar(local, input, i);
      rows[i] = local.value().value_or(missing_value<typename Op::Value>());
    }
    op = std::move(local);
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

// The batch forms of an operator are compiled once, in the file that defines its update and so can inline it. Both in namespace prom.
// NOLINTBEGIN(bugprone-macro-parentheses): the argument is a type.
#define PROM_BATCH_ELSEWHERE(Op)                                          \
  extern template std::vector<Op::Value> feed<Op>(Op&, const Op::Input&); \
  extern template void feed_into<Op>(Op&, const Op::Input&, const std::array<std::span<double>, column_count<Op>()>&)
#define PROM_BATCH_HERE(Op)                                        \
  template std::vector<Op::Value> feed<Op>(Op&, const Op::Input&); \
  template void feed_into<Op>(Op&, const Op::Input&, const std::array<std::span<double>, column_count<Op>()>&)
// NOLINTEND(bugprone-macro-parentheses)
