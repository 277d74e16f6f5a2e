// See the header. One loop, compiled for three kinds of CPU.
#include "adapters/stores/memory_index/step_dot.h"

#include <cstdlib>
#include <string_view>

namespace prom {
namespace {

[[gnu::always_inline]] inline std::int32_t sum_of(const std::int16_t* a, const std::int16_t* b, std::size_t size) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += std::int32_t{a[i]} * std::int32_t{b[i]};
  return sum;
}

std::int32_t plain(const std::int16_t* a, const std::int16_t* b, std::size_t size) { return sum_of(a, b, size); }

#if defined(__x86_64__)
[[gnu::target("avx2")]] std::int32_t avx2(const std::int16_t* a, const std::int16_t* b, std::size_t size) { return sum_of(a, b, size); }
[[gnu::target("avx512f,avx512bw,avx512vl")]] std::int32_t avx512(const std::int16_t* a, const std::int16_t* b, std::size_t size) { return sum_of(a, b, size); }
#endif

}  // namespace

StepDots step_dots() {
  StepDots out{plain, nullptr, nullptr};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) out.avx2 = avx2;
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) out.avx512 = avx512;
#endif
  return out;
}

StepDot step_dot() {
  static const StepDot kChosen = [] {
    const StepDots all = step_dots();
    const char* const cpu = std::getenv("PROM_CPU");  // det-ok: all choices give the same bits
    if (cpu != nullptr && std::string_view(cpu) == "baseline") return all.plain;
    if (all.avx512 != nullptr) return all.avx512;
    return all.avx2 != nullptr ? all.avx2 : all.plain;
  }();
  return kChosen;
}

}  // namespace prom
