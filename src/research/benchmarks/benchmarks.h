// Yardsticks for a run: holding each instrument, holding all of them in equal parts, and entering at random. Seeded; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "research/dataset/dataset.h"
#include "research/results/run_result.h"

namespace prom {

struct BenchmarkCosts {
  Decimal slippage;                     ///< fraction per taker fill
  std::optional<FeeSchedule> fees;      ///< none = each instrument's own
  std::optional<Decimal> funding_rate;  ///< per settlement, where the run was charged one instead of recorded and assumed rates
};

/// All cash into one instrument at the first open (taker fee and slippage paid at both ends; longs of perpetuals pay the funding that was given, recorded
/// or, where none was, assumed), out at the last close. Then the same split equally over all: the last element.
std::vector<Benchmark> buy_and_hold(const Dataset& data, Decimal cash, const BenchmarkCosts& costs);

/// 1,000 runs in which every trade of `result` enters at a random time instead (same instrument, side, size in quote and holding time; same costs; funding at
/// the rate given, else the assumed one), uniformly over the times at which its exit still lies inside the data.
std::optional<RandomEntries> random_entries(const Dataset& data, const RunResult& result, const BenchmarkCosts& costs, std::uint32_t runs, std::uint64_t seed);

}  // namespace prom
