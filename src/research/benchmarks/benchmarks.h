// Yardsticks for a run: holding each instrument, holding all of them in equal parts, and entering at random. Seeded; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "research/dataset/dataset.h"
#include "research/results/run_result.h"

namespace prom {

struct BenchmarkCosts {
  Decimal slippage;                               ///< fraction per taker fill
  std::optional<FeeSchedule> fees;                ///< none = each instrument's own
  std::optional<Decimal> funding_rate;            ///< per settlement, where the run was charged one instead of recorded and assumed rates
  DurationNs equity_interval{3'600'000'000'000};  ///< of the run: falls are seen at the same times
};

/// All cash into one instrument at the first open (taker fee and slippage paid at both ends; longs of perpetuals pay funding at the
/// settlements, rates and prices at which a run pays it), out at the last close. Then the same split equally over all: the last element.
std::vector<Benchmark> buy_and_hold(const Dataset& data, Decimal cash, const BenchmarkCosts& costs);

/// 1,000 runs in which every trade of `result` enters at a random time instead (same instrument, side, size in quote and holding time; same costs; funding as
/// a run pays it), uniformly over the times at which its exit still lies inside the data.
std::optional<RandomEntries> random_entries(const Dataset& data, const RunResult& result, const BenchmarkCosts& costs, std::uint32_t runs, std::uint64_t seed);

}  // namespace prom
