// What a derivatives round costs: one implied volatility, and everything about a board of 1,000 options. One thread.
#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "analysis/options/black.h"
#include "analysis/options/positioning.h"
#include "analysis/options/surface.h"
#include "base/prng.h"

namespace prom::options {
namespace {

// Ten expiries of a week to two years, fifty strikes each from a third to three times the forward, call and put: a Deribit board's shape.
struct Board {
  std::vector<std::vector<Quote>> quotes;
  std::vector<Expiry> expiries;
  std::vector<OpenOption> open;
  Board() {
    Xoshiro256pp rng(1);
    const auto unit = [&] { return static_cast<double>(rng.below(1u << 20)) / (1u << 20); };
    for (int e = 0; e < 10; ++e) {
      const double years = 0.02 * std::pow(1.65, e), forward = 60'000 * (1 + 0.05 * years);
      quotes.emplace_back();
      for (int i = 0; i < 50; ++i) {
        const double strike = forward * std::exp((i - 24.5) * 0.045), k = std::log(strike / forward), volatility = 0.55 + 0.1 * k * k - 0.05 * k;
        for (const auto kind : {OptionKind::call, OptionKind::put}) {
          const Contract contract{kind, strike, years};
          quotes.back().push_back({kind, strike, price(contract, Black76{forward, 0.04, volatility}).value_or(0)});
          open.push_back({contract, volatility, 1 + 500 * unit(), 100 * unit()});
        }
      }
    }
    for (std::size_t e = 0; e < quotes.size(); ++e) {
      const double years = open[e * 100].contract.years;
      expiries.push_back({years, 60'000 * (1 + 0.05 * years), 0.04, quotes[e]});
    }
  }
};

const Board& board() {
  static const Board made;
  return made;
}

void implied_volatility_out_of_the_money(benchmark::State& state) {
  std::size_t i = 0;
  const auto& expiry = board().expiries[4];
  for (auto _ : state) {
    const Quote& q = expiry.quotes[i++ % expiry.quotes.size()];
    benchmark::DoNotOptimize(implied_volatility({q.kind, q.strike, expiry.years}, Black76{expiry.forward, expiry.rate, 0}, q.price));
  }
}

void black_greeks(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(greeks({OptionKind::put, 55'000, 0.1}, Black76{60'000, 0.04, 0.6}));
}

void surface_of_1000_options(benchmark::State& state) {
  for (auto _ : state) {
    const auto surface = build_surface(board().expiries);
    benchmark::DoNotOptimize(find_arbitrage(*surface));
  }
}

void gamma_exposure_of_1000_options(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(gamma_exposure(board().open, {60'000, 0.04}));
}

void max_pain_of_1000_options(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(max_pain(board().open));
}

BENCHMARK(implied_volatility_out_of_the_money);
BENCHMARK(black_greeks);
BENCHMARK(surface_of_1000_options)->Unit(benchmark::kMicrosecond);
BENCHMARK(gamma_exposure_of_1000_options)->Unit(benchmark::kMicrosecond);
BENCHMARK(max_pain_of_1000_options)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace prom::options
