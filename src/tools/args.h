// Arguments of a tool, declared once: the JSON Schema shown to callers, the check on the hot path and the defaults that a tool reads all come from
// the same table. Any thread; constant data and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/time.h"
#include "domain/value.h"
#include "tools/tool.h"

namespace prom {

enum class ArgType : std::uint8_t {
  text,          ///< 1..maximum characters (code points)
  choice,        ///< one of `choices`
  integer,       ///< minimum..maximum
  number,        ///< minimum..maximum, finite
  amount,        ///< positive price, quantity or money: a number, or exact decimal text
  time,          ///< RFC 3339 text
  integer_list,  ///< 1..max_items integers, each minimum..maximum
  amount_list,   ///< 1..max_items amounts
  object_list    ///< 1..max_items objects of `fields`
};
enum class ArgNeed : std::uint8_t { optional, required };

struct ArgSpec {
  std::string_view name;
  ArgType type = ArgType::text;
  std::string_view description;  ///< units named
  ArgNeed need = ArgNeed::optional;
  double minimum = 0, maximum = 0;  ///< of integers and numbers; text: the longest length
  std::optional<double> default_number = std::nullopt;
  std::string_view default_text = {};
  std::span<const std::string_view> choices = {};
  std::size_t max_items = 0;
  std::span<const ArgSpec> fields = {};
};

/// Shorthands for the tables of tools.
constexpr ArgSpec integer_arg(std::string_view name, std::string_view description, double minimum, double maximum, double fallback) {
  return {.name = name, .type = ArgType::integer, .description = description, .minimum = minimum, .maximum = maximum, .default_number = fallback};
}
constexpr ArgSpec number_arg(std::string_view name, std::string_view description, double minimum, double maximum,
                             std::optional<double> fallback = std::nullopt) {
  return {.name = name, .type = ArgType::number, .description = description, .minimum = minimum, .maximum = maximum, .default_number = fallback};
}
constexpr ArgSpec choice_arg(std::string_view name, std::string_view description, std::span<const std::string_view> choices, std::string_view fallback = {}) {
  return {.name = name, .type = ArgType::choice, .description = description, .default_text = fallback, .choices = choices};
}
constexpr ArgSpec text_arg(std::string_view name, std::string_view description, double longest) {
  return {.name = name, .type = ArgType::text, .description = description, .maximum = longest};
}
constexpr ArgSpec amount_arg(std::string_view name, std::string_view description) {
  return {.name = name, .type = ArgType::amount, .description = description};
}
constexpr ArgSpec required(ArgSpec spec) {
  spec.need = ArgNeed::required;
  return spec;
}

inline constexpr std::string_view kTimeframeNames[] = {"1m", "5m", "15m", "1h", "4h", "1d"};
/// The `instrument` argument: a symbol or venue:market:symbol; default: the context's.
inline constexpr ArgSpec kInstrumentArg = text_arg("instrument", "symbol, or venue:market:symbol; default: the instrument of the decision", 64);
/// The `timeframe` argument; default: the context's.
inline constexpr ArgSpec kTimeframeArg = choice_arg("timeframe", "length of a bar; default: the timeframe of the decision", kTimeframeNames);

/// Nothing when `object` (null counts as {}) keeps to the specs; else what is wrong, naming the argument, what is allowed and the nearest name.
std::optional<ToolError> check_arguments(std::string_view tool, std::span<const ArgSpec> specs, const Value& object);

/// Reads arguments that were checked; gives the declared default where one is absent. Asking for an undeclared name is a broken invariant.
class ToolArgs {
 public:
  ToolArgs(std::span<const ArgSpec> specs, const Value& object);
  /// Null when absent.
  const Value* given(std::string_view name) const;
  bool has(std::string_view name) const { return given(name) != nullptr; }
  std::int64_t integer(std::string_view name) const;
  int small_integer(std::string_view name) const { return static_cast<int>(integer(name)); }
  std::size_t count(std::string_view name) const { return static_cast<std::size_t>(integer(name)); }
  double number(std::string_view name) const;
  std::string_view text(std::string_view name) const;
  std::optional<TimeNs> time(std::string_view name) const;
  const ValueList& list(std::string_view name) const;

 private:
  const ArgSpec& spec(std::string_view name) const;
  std::span<const ArgSpec> specs_;
  const ValueObject* object_ = nullptr;
};

/// The member of an object by key, without a path; null pointer when absent.
const Value* member(const ValueObject& object, std::string_view key);

/// The nearest name for "did you mean"; nothing for texts longer than any name, so that a hostile text costs nothing.
std::optional<std::string_view> nearest_name(std::string_view text, std::span<const std::string_view> names, std::size_t max_distance = 3);

ToolError bad_argument(std::string message, std::string hint = {});
ToolError tool_unavailable(std::string reason, std::string hint = {});
/// "needs N bars ..., M are there".
ToolError not_enough_bars(std::size_t needed, std::size_t present);

}  // namespace prom
