// Which strategies there are, what their parameters mean, and how to make one from names and texts. Pure; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "strategies/strategy.h"

namespace prom {

/// integer and real are plain numbers; a timeframe is written "15m", "4h", "1d" and counted in seconds here.
enum class ParameterKind : std::uint8_t { integer, real, timeframe };

struct ParameterSpec {
  std::string_view name;
  ParameterKind kind;
  double default_value;
  double minimum;
  double maximum;
  std::string_view description;
  std::string_view source;  ///< where the default comes from
};

struct StrategySpec {
  std::string_view name;
  std::string_view summary;
  std::string_view source;
  std::span<const ParameterSpec> parameters;
};

/// All strategies in order of name; static data.
std::span<const StrategySpec> all_strategies();
/// Null pointer where there is none of that name.
const StrategySpec* find_strategy(std::string_view name);

/// A parameter as a person wrote it.
struct StrategyParameter {
  std::string name;
  std::string value;
};

enum class StrategyErrorCode : std::uint8_t {
  unknown_strategy,
  unknown_parameter,
  repeated_parameter,
  malformed_value,
  out_of_range,
  inconsistent,  ///< fast must be below slow; exit at most entry; window at least 4 swings
};

struct StrategyError {
  StrategyErrorCode code = StrategyErrorCode::unknown_strategy;
  std::string strategy;
  std::string parameter;                 ///< empty for unknown_strategy
  std::string value;                     ///< as it was given
  std::string expected;                  ///< the range or relation that holds, e.g. "1 to 1000"
  std::vector<std::string> suggestions;  ///< nearest names for unknown ones
};
/// One sentence with the numbers and suggestions.
std::string describe(const StrategyError& error);

/// Values for every parameter of the strategy in the order of its spec: given ones checked, others at their defaults.
Result<std::vector<double>, StrategyError> resolve_parameters(std::string_view strategy, std::span<const StrategyParameter> given);
/// The text that resolve_parameters() reads back as the same value.
std::string parameter_text(const ParameterSpec& spec, double value);

Result<std::unique_ptr<Strategy>, StrategyError> make_strategy(std::string_view name, std::span<const StrategyParameter> parameters);

}  // namespace prom
