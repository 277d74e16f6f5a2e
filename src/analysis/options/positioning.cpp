// Max pain, put/call ratios, gamma exposure. Pure, any thread.
#include "analysis/options/positioning.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/detmath.h"

namespace prom::options {
namespace {

constexpr int kFlipSteps = 60;  // each side of spot

std::optional<ParamError> bad_options(std::span<const OpenOption> options) {
  if (options.empty()) return ParamError{ParamErrorCode::empty_input, "options"};
  if (auto bad = out_of_range("options", static_cast<double>(options.size()), {1, static_cast<double>(kMaxOpenOptions)})) return bad;
  for (const OpenOption& option : options) {
    if (auto bad = out_of_range("strike", option.contract.strike, {1e-12, 1e15})) return bad;
    if (auto bad = out_of_range("open_interest", option.open_interest, {0, 1e15})) return bad;
    if (auto bad = out_of_range("volume", option.volume, {0, 1e15})) return bad;
  }
  return std::nullopt;
}

std::vector<const OpenOption*> by_strike(std::span<const OpenOption> options) {
  std::vector<const OpenOption*> sorted;
  for (const OpenOption& option : options) sorted.push_back(&option);
  // Equal strikes stay in the caller's order: sums of doubles depend on it.
  std::sort(sorted.begin(), sorted.end(),
            [](const OpenOption* a, const OpenOption* b) { return std::pair(a->contract.strike, a) < std::pair(b->contract.strike, b); });
  return sorted;
}

std::optional<double> ratio(double top, double bottom) { return bottom > 0 ? std::optional(top / bottom) : std::nullopt; }

// gamma(spot) * spot^2 is weight * n(d1) with a weight linear in spot; what does not depend on spot is worked out once.
struct GammaTerm {
  double drift = 0, root_variance = 0, weight = 0;  // d1 = (ln spot + drift) / root_variance
};
std::vector<GammaTerm> gamma_terms(std::span<const OpenOption> options, const GammaParams& params) {
  std::vector<GammaTerm> terms;
  for (const OpenOption& option : options) {
    if (option.open_interest == 0) continue;
    const Contract& c = option.contract;
    const double s = option.volatility * std::sqrt(c.years), sign = c.kind == OptionKind::call ? 1.0 : -1.0;
    const double drift = (params.rate - params.carry_yield) * c.years - detmath::log(c.strike) + 0.5 * s * s;
    terms.push_back({drift, s, sign * option.open_interest * detmath::exp(-params.carry_yield * c.years) / s});
  }
  return terms;
}

// The net exposure at a spot, but for a positive factor.
double net_at(std::span<const GammaTerm> terms, double spot) {
  const double log_spot = detmath::log(spot);
  double sum = 0;
  for (const GammaTerm& term : terms) sum += term.weight * detmath::normal_pdf((log_spot + term.drift) / term.root_variance);
  return sum;
}

double bisect(std::span<const GammaTerm> terms, double low, double high) {
  const bool rising = net_at(terms, high) > 0;
  for (int i = 0; i < 60 && high - low > 1e-12 * high; ++i) {
    const double middle = low + 0.5 * (high - low);
    ((net_at(terms, middle) > 0) == rising ? high : low) = middle;
  }
  return low + 0.5 * (high - low);
}

std::optional<double> find_flip(std::span<const GammaTerm> terms, const GammaParams& params) {
  const double here = net_at(terms, params.spot), step = params.search_range * params.spot / kFlipSteps;
  if (here == 0) return std::nullopt;
  double up = params.spot, down = params.spot;
  for (int i = 1; i <= kFlipSteps; ++i) {
    const double higher = params.spot + step * i, lower = params.spot - step * i;
    const bool flips_up = net_at(terms, higher) * here < 0, flips_down = net_at(terms, lower) * here < 0;
    const auto above = flips_up ? std::optional(bisect(terms, up, higher)) : std::nullopt;
    const auto below = flips_down ? std::optional(bisect(terms, lower, down)) : std::nullopt;
    if (above && below) return *above - params.spot < params.spot - *below ? above : below;
    if (above || below) return above ? above : below;
    up = higher, down = lower;
  }
  return std::nullopt;
}

}  // namespace

ParamResult<PutCallRatio> put_call_ratio(std::span<const OpenOption> options) {
  PROM_CHECK_PARAM(bad_options(options));
  PutCallRatio sum;
  for (const OpenOption& option : options) {
    const bool call = option.contract.kind == OptionKind::call;
    (call ? sum.call_volume : sum.put_volume) += option.volume;
    (call ? sum.call_open_interest : sum.put_open_interest) += option.open_interest;
  }
  sum.by_volume = ratio(sum.put_volume, sum.call_volume);
  sum.by_open_interest = ratio(sum.put_open_interest, sum.call_open_interest);
  return sum;
}

ParamResult<MaxPain> max_pain(std::span<const OpenOption> options) {
  PROM_CHECK_PARAM(bad_options(options));
  const auto sorted = by_strike(options);
  double puts = 0, calls = 0, total = 0;  // put contracts above the strike reached, call contracts at or below it
  for (const OpenOption* option : sorted) {
    total += option->open_interest;
    if (option->contract.kind == OptionKind::put) puts += option->open_interest;
  }
  if (!(total > 0)) return std::unexpected(ParamError{ParamErrorCode::below_minimum, "open_interest", total, 0});
  // At the lowest strike only puts are paid; from there the payout changes by (calls below - puts above) a unit.
  const double lowest = sorted.front()->contract.strike;
  double payout = 0, reached = lowest;
  for (const OpenOption* option : sorted) {
    if (option->contract.kind == OptionKind::put) payout += option->open_interest * (option->contract.strike - lowest);
  }
  MaxPain pain;
  for (const OpenOption* option : sorted) {
    const double strike = option->contract.strike;
    if (strike > reached || pain.curve.empty()) {
      payout += (calls - puts) * (strike - reached);
      reached = strike;
      pain.curve.push_back({strike, std::max(0.0, payout)});
    }
    if (option->contract.kind == OptionKind::call) {
      calls += option->open_interest;
    } else {
      puts -= option->open_interest;
    }
  }
  const auto least = std::min_element(pain.curve.begin(), pain.curve.end(), [](const PayoutAt& a, const PayoutAt& b) { return a.payout < b.payout; });
  pain.strike = least->strike;
  pain.payout = least->payout;
  return pain;
}

ParamResult<GammaExposure> gamma_exposure(std::span<const OpenOption> options, const GammaParams& params) {
  PROM_CHECK_PARAM(bad_options(options));
  PROM_CHECK_PARAM(out_of_range("contract_size", params.contract_size, {1e-12, 1e12}));
  PROM_CHECK_PARAM(out_of_range("search_range", params.search_range, {0.01, 0.9}));
  const double factor = params.contract_size * params.spot * params.spot / 100.0;
  GammaExposure exposure;
  for (const OpenOption* option : by_strike(options)) {
    const auto g = greeks(option->contract, BlackScholes{params.spot, params.rate, params.carry_yield, option->volatility});
    if (!g) return std::unexpected(g.error());
    if (exposure.by_strike.empty() || exposure.by_strike.back().strike != option->contract.strike)
      exposure.by_strike.push_back({option->contract.strike, 0, 0});
    const double size = g->gamma * option->open_interest * factor;
    if (option->contract.kind == OptionKind::call) {
      exposure.by_strike.back().call += size;
    } else {
      exposure.by_strike.back().put -= size;
    }
  }
  for (const GammaAt& at : exposure.by_strike) exposure.net += at.net();
  exposure.flip = find_flip(gamma_terms(options, params), params);
  return exposure;
}

}  // namespace prom::options
