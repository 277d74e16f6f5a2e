// The inner loops of the batch indicators, over chunks of columns: once as the build's baseline compiles them and once with AVX2, which the program takes where the
// CPU has it (PROM_CPU=baseline in the environment forbids it). Every loop adds in one fixed order for each bar, lanes are bars, and nothing is contracted, so
// both give the same bits, and those of the operators. Pure functions, any thread.
#pragma once
#include <cstddef>

namespace prom::indicators {

struct SmootherWeights;

// Bars a batch works on at once, so that what passes between two loops stays in the first-level cache.
inline constexpr std::size_t kChunk = 512;

struct BulkKernels {
  // Smoother over n bars, n a multiple of four: the average after each; returns the last one. `base` is the average before the first.
  double (*smooth)(const SmootherWeights& weights, double base, const double* in, double* out, std::size_t n);
};

// What this process uses.
const BulkKernels& bulk_kernels();
// The two forms, for tests; avx2 is null where the CPU or the build has none.
const BulkKernels& bulk_kernels_baseline();
const BulkKernels* bulk_kernels_avx2();

}  // namespace prom::indicators
