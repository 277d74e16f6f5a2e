// What open options say about those who hold them: max pain, put/call ratios, dealers' gamma by strike and where it changes sign. Pure
// functions, any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "analysis/options/black.h"
#include "analysis/params.h"

namespace prom::options {

inline constexpr std::size_t kMaxOpenOptions = 100'000;

// Open interest and volume in contracts, at least 0.
struct OpenOption {
  Contract contract;
  double volatility = 0;  // used by gamma_exposure only
  double open_interest = 0, volume = 0;
};

// Put over call; nothing where no call counts.
struct PutCallRatio {
  double call_volume = 0, put_volume = 0, call_open_interest = 0, put_open_interest = 0;
  std::optional<double> by_volume, by_open_interest;
};
ParamResult<PutCallRatio> put_call_ratio(std::span<const OpenOption> options);

// The listed strike at which holders of all options together are paid least at expiry (the lowest of equals), as brokers define it. Options
// of one expiry belong in one call; years and volatility are not read. Payouts in units of (strike * contract).
struct PayoutAt {
  double strike = 0, payout = 0;
};
struct MaxPain {
  double strike = 0, payout = 0;
  std::vector<PayoutAt> curve;  // every listed strike, rising
};
// Refuses no options (empty_input "options") and no open interest (below_minimum "open_interest"). O(n log n).
ParamResult<MaxPain> max_pain(std::span<const OpenOption> options);

struct GammaParams {
  double spot = 0, rate = 0, carry_yield = 0;
  double contract_size = 1;   // units of the underlying a contract, above 0
  double search_range = 0.3;  // the flip is looked for within this part of spot on both sides, 0.01..0.9
};
struct GammaAt {
  double strike = 0, call = 0, put = 0;  // put is 0 or negative
  [[nodiscard]] double net() const { return call + put; }
};
// In quote currency of underlying to be traded when spot moves by 1 %: gamma * open interest * contract size * spot^2 / 100. The assumption
// about who holds what is the usual one and no more than that: dealers bought the calls and sold the puts (SqueezeMetrics, white paper "Gamma
// exposure (GEX)"), so calls count positive, puts negative. `flip` is the spot nearest to today's at which the sum changes sign with every
// volatility held; nothing when it does not within search_range.
struct GammaExposure {
  double net = 0;
  std::vector<GammaAt> by_strike;  // rising
  std::optional<double> flip;
};
// Refuses what black.h refuses. O(n log n), and 121 to a few hundred times n for the flip.
ParamResult<GammaExposure> gamma_exposure(std::span<const OpenOption> options, const GammaParams& params);

}  // namespace prom::options
