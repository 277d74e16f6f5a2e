// Which batch loops this process uses, and the smoother that runs on them. Pure but for one look at the CPU and the environment; any thread.
#include "analysis/indicators/bulk.h"

#include <cstdlib>
#include <string_view>

#include "analysis/indicators/smoother.h"

namespace prom::indicators {

const BulkKernels& bulk_kernels() {
  static const BulkKernels& kChosen = [] -> const BulkKernels& {
    const char* cpu = std::getenv("PROM_CPU");  // det-ok: both choices give the same bits
    const bool baseline = cpu != nullptr && std::string_view(cpu) == "baseline";
    const BulkKernels* avx2 = bulk_kernels_avx2();
    return baseline || avx2 == nullptr ? bulk_kernels_baseline() : *avx2;
  }();
  return kChosen;
}

void Smoother::run(const double* in, double* out, std::size_t n) {
  std::size_t i = 0;
  for (; i < n && place_ != 0; ++i) {
    push(in[i]);
    out[i] = value_;
  }
  if (const std::size_t whole = (n - i) / 4 * 4; whole > 0) {
    begin(bulk_kernels().smooth(weights_, base_, in + i, out + i, whole));
    i += whole;
  }
  for (; i < n; ++i) {
    push(in[i]);
    out[i] = value_;
  }
}

}  // namespace prom::indicators
