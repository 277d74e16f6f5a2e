// What a run came to, in sentences: the beginning of the report and the end of a run on the terminal. A loss is told as plainly as a gain. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "research/results/run_result.h"

namespace prom {

/// What a sentence is about, in the order in which they come.
enum class VerdictTopic : std::uint8_t {
  headline,     ///< net result, cash, days; always first, always there
  caution,      ///< too little to conclude; directly after the headline, so that nobody misses it
  holding,      ///< beside buy and hold of each instrument and of the basket
  strategies,   ///< beside each strategy alone
  other,        ///< beside any other yardstick
  chance,       ///< beside random entries
  costs,        ///< gross, fees, slippage, funding
  sample,       ///< trades, days, bootstrap interval
  open,         ///< what is not closed yet
  assumptions,  ///< assumed funding, fees and rules
  mode          ///< PAPER, and that the quote asset is not dollars
};

struct VerdictSentence {
  VerdictTopic topic = VerdictTopic::headline;
  std::string text;  ///< ASCII but for instrument names; amounts name their currency
};

/// Fewer trades or days than these are too little to conclude from.
inline constexpr std::uint64_t kEnoughTrades = 100;
inline constexpr double kEnoughDays = 90;

/// Benchmarks are told apart by how their names begin: "buy and hold", "strategy"; all others are `other`.
std::vector<VerdictSentence> verdict_of(const RunResult& result);

}  // namespace prom
