// A decision in words for a person: who said what with which numbers, and why the desk did what it did. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "domain/verdict.h"

namespace prom {

enum class ExplainDetail : std::uint8_t {
  summary,  ///< one line an agent
  full      ///< every step and every evidence too
};
/// Several lines, plain text, no colours, 7-bit but for texts that came in.
std::string explain(const DecisionRecord& record, ExplainDetail detail = ExplainDetail::full);

}  // namespace prom
