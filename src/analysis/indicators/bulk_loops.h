// The loops behind bulk.h, compiled by bulk_baseline.cpp and bulk_avx2.cpp. Everything has internal linkage and takes bare pointers: a function shared with other
// files could otherwise be linked in its AVX2 form and run on a CPU without. Pure functions, any thread.
#pragma once
#include <cstddef>

#include "analysis/indicators/bulk.h"
#include "analysis/indicators/smoother.h"

namespace prom::indicators {
namespace {

using Four = double __attribute__((ext_vector_type(4)));
// Four doubles at any address.
struct __attribute__((packed, may_alias)) FourAt {
  Four lanes;
};
#define PROM_FOUR(at) (reinterpret_cast<const FourAt*>(at)->lanes)

double smooth(const SmootherWeights& weights, double base, const double* in, double* out, std::size_t n) {
  const Four weight = weights.weight, keep = weights.keep, keep_2 = weights.powers[1], zero = 0.0;
  const Four powers = PROM_FOUR(weights.powers);
  Four before = base;
  for (std::size_t i = 0; i < n; i += 4) {
    const Four scaled = weight * PROM_FOUR(in + i);
    const Four pair = scaled + keep * __builtin_shufflevector(scaled, zero, 4, 0, 1, 2);
    const Four sum = (pair + keep_2 * __builtin_shufflevector(pair, zero, 4, 5, 0, 1)) + powers * before;
    reinterpret_cast<FourAt*>(out + i)->lanes = sum;
    before = __builtin_shufflevector(sum, sum, 3, 3, 3, 3);
  }
  return before[0];
}

constexpr BulkKernels kLoops{.smooth = smooth};

}  // namespace
}  // namespace prom::indicators
