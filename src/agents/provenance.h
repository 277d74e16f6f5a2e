// Where the numbers of a decision come from (pain P22): each evidence is looked up in the recorded tool output, the desk's arithmetic is done again, and each
// number that sizes or prices the order must be the evidenced result of that arithmetic. One mismatch voids the decision. Pure; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "domain/instrument.h"
#include "domain/verdict.h"

namespace prom {

enum class ProvenanceFault : std::uint8_t {
  unreadable_result,   ///< a recorded output is not JSON, or one id stands for two different results
  unknown_result,      ///< evidence or a reference names an id that this decision does not have
  path_missing,        ///< no number at the path
  value_differs,       ///< the number there is another one, or the claimed one is not finite
  wrong_source,        ///< arithmetic over a number that is not the price, range, swing or size that it must be
  arithmetic_differs,  ///< computed again, the desk's arithmetic gives something else
  not_evidenced        ///< a number of the order is not backed by evidence
};
std::string_view describe(ProvenanceFault fault);

struct ProvenanceError {
  ProvenanceFault fault = ProvenanceFault::unknown_result;
  AgentRole role = AgentRole::orchestrator;  ///< whose verdict; orchestrator for the order itself
  std::uint32_t tool_result = 0;
  std::string path;  ///< of the evidence, or the member of the order
  double claimed = 0;
  std::optional<double> found;
};
/// One sentence.
std::string describe(const ProvenanceError& error);

/// Tolerance of all comparisons: 1e-9, relative above 1.
inline constexpr double kProvenanceTolerance = 1e-9;
/// `instrument` is the record's: order units are compared on its grid.
std::expected<void, ProvenanceError> check_provenance(const DecisionRecord& record, const Instrument& instrument);

}  // namespace prom
