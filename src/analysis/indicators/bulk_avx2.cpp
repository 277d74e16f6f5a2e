// The batch loops compiled for AVX2 (without FMA, which would round otherwise). Pure, any thread.
#include "analysis/indicators/bulk_loops.h"

namespace prom::indicators {

const BulkKernels* bulk_kernels_avx2() {
#if defined(__AVX2__)
  return __builtin_cpu_supports("avx2") ? &kLoops : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace prom::indicators
