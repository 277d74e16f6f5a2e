// Max pain and ratios by hand and by brute force; gamma exposure and its flip against SciPy.
#include "analysis/options/positioning.h"

#include <gtest/gtest.h>

#include "analysis/test_support.h"
#include "base/proof_test_support.h"

namespace prom::options {
namespace {

constexpr auto kCall = OptionKind::call, kPut = OptionKind::put;

OpenOption open_option(OptionKind kind, double strike, double interest, double volume = 0) { return {{kind, strike, 0.1}, 0.5, interest, volume}; }

TEST(MaxPain, by_hand) {
  // At 90: puts of 100 and 110 pay 10 * 20 + 20 * 30 = 800. At 100: 20 * 10 + calls 5 * 10 = 250. At 110: 5 * 20 + 8 * 10 = 180. At 120: 5 * 30 + 8 * 20 + 1 * 10 = 320.
  const std::vector<OpenOption> options{open_option(kCall, 110, 1), open_option(kCall, 90, 5),  open_option(kCall, 100, 8), open_option(kPut, 100, 20),
                                        open_option(kPut, 110, 30), open_option(kPut, 90, 100), open_option(kPut, 120, 0)};
  const auto pain = *max_pain(options);
  ASSERT_EQ(pain.curve.size(), 4u);
  EXPECT_DOUBLE_EQ(pain.curve[0].payout, 800);
  EXPECT_DOUBLE_EQ(pain.curve[1].payout, 350);
  EXPECT_DOUBLE_EQ(pain.curve[2].payout, 180);
  EXPECT_DOUBLE_EQ(pain.curve[3].payout, 320);
  EXPECT_EQ(pain.strike, 110);
  EXPECT_DOUBLE_EQ(pain.payout, 180);
}

TEST(MaxPain, agrees_with_adding_everything_up) {
  Xoshiro256pp rng(4);
  for (int round = 0; round < 200; ++round) {
    std::vector<OpenOption> options;
    const std::size_t n = 1 + rng.below(40);
    for (std::size_t i = 0; i < n; ++i) {
      options.push_back(open_option(rng.below(2) ? kCall : kPut, 1000 + 50 * static_cast<double>(rng.below(20)), static_cast<double>(1 + rng.below(100))));
    }
    const auto pain = *max_pain(options);
    double least = INFINITY;
    for (const auto& at : pain.curve) {
      double payout = 0;
      for (const auto& o : options)
        payout += o.open_interest * std::max(0.0, o.contract.kind == kCall ? at.strike - o.contract.strike : o.contract.strike - at.strike);
      EXPECT_DOUBLE_EQ(at.payout, payout);
      least = std::min(least, payout);
    }
    EXPECT_DOUBLE_EQ(pain.payout, least);
  }
}

TEST(PutCall, ratios_and_their_absence) {
  const auto r = *put_call_ratio(std::vector<OpenOption>{open_option(kCall, 90, 10, 4), open_option(kPut, 80, 5, 6), open_option(kPut, 70, 2.5, 0)});
  EXPECT_DOUBLE_EQ(*r.by_open_interest, 0.75);
  EXPECT_DOUBLE_EQ(*r.by_volume, 1.5);
  const auto none = *put_call_ratio(std::vector<OpenOption>{open_option(kPut, 80, 5, 6)});
  EXPECT_FALSE(none.by_volume);
  EXPECT_FALSE(none.by_open_interest);
  EXPECT_DOUBLE_EQ(none.put_volume, 6);
}

const std::vector<OpenOption> kBook{{{kCall, 90, .1}, .7, 50, 0},   {{kCall, 100, .1}, .6, 120, 0}, {{kCall, 110, .25}, .55, 300, 0},
                                    {{kCall, 120, .25}, .6, 80, 0}, {{kPut, 80, .1}, .8, 200, 0},   {{kPut, 90, .1}, .7, 260, 0},
                                    {{kPut, 100, .25}, .6, 90, 0},  {{kPut, 95, .25}, .62, 150, 0}};

// Expected values: SciPy 1.17, norm.pdf in the textbook gamma, brentq for the flip.
TEST(GammaExposure, by_strike_and_flip_against_scipy) {
  const auto e = *gamma_exposure(kBook, {100, 0.02, 0, 0.1, 0.3});
  const double expected[][2] = {{80, -18.814830522336493}, {90, -31.694115470175717}, {95, -18.240562210839304},
                                {100, 13.288348360385607}, {110, 42.7351386042725},   {120, 9.652371357897952}};
  ASSERT_EQ(e.by_strike.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(e.by_strike[i].strike, expected[i][0]);
    EXPECT_NEAR(e.by_strike[i].net(), expected[i][1], 1e-12);
    EXPECT_LE(e.by_strike[i].put, 0);
  }
  EXPECT_NEAR(e.net, -3.0736498807954593, 1e-12);
  ASSERT_TRUE(e.flip);
  EXPECT_NEAR(*e.flip, 101.4574426708231, 1e-9);
  test::WorstError errors;
  for (std::size_t i = 0; i < 6; ++i) errors.add(e.by_strike[i].net(), expected[i][1]);
  errors.add(e.net, -3.0736498807954593);
  errors.add(*e.flip, 101.4574426708231);
  test::record_proof({"get_gamma_exposure", test::ProofKind::outside, "SciPy 1.17 (norm.pdf, brentq)", "net, by strike, flip", errors.values(), errors.worst(),
                      "who holds what is an assumption, SqueezeMetrics' one: dealers bought the calls and sold the puts"});
}

TEST(GammaExposure, calls_alone_never_flip_and_bad_input_is_named) {
  const std::vector<OpenOption> calls{open_option(kCall, 100, 5)};
  const auto e = *gamma_exposure(calls, {100});
  EXPECT_GT(e.net, 0);
  EXPECT_FALSE(e.flip);
  EXPECT_FALSE(gamma_exposure(std::vector<OpenOption>{open_option(kCall, 100, 0)}, {100})->flip);
  EXPECT_EQ(gamma_exposure({}, {100}).error().code, ParamErrorCode::empty_input);
  EXPECT_EQ(gamma_exposure(calls, {0}).error().parameter, "spot");
  EXPECT_EQ(gamma_exposure(calls, {100, 0, 0, 0}).error().parameter, "contract_size");
  EXPECT_EQ(max_pain(std::vector<OpenOption>{open_option(kCall, 100, 0)}).error().parameter, "open_interest");
  EXPECT_EQ(max_pain(std::vector<OpenOption>{open_option(kCall, 100, -1)}).error().code, ParamErrorCode::below_minimum);
  EXPECT_EQ(max_pain(std::vector<OpenOption>{open_option(kCall, NAN, 1)}).error().code, ParamErrorCode::not_finite);
  EXPECT_EQ(put_call_ratio({}).error().code, ParamErrorCode::empty_input);
}

}  // namespace
}  // namespace prom::options
