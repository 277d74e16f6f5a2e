// Products of a question's vector with vectors that are kept in steps (memory_block.h): whole numbers only, so that every CPU gives the same bits. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prom {

/// Sum of a[i] * b[i]. Fits for up to 512 components.
using StepDot = std::int32_t (*)(const std::int16_t* a, const std::int8_t* b, std::size_t size);
/// The fastest that this CPU has; the plain one where PROM_CPU=baseline is in the environment.
StepDot step_dot();

/// All that can be chosen here, the plain one first. For tests.
struct StepDots {
  StepDot plain = nullptr, avx2 = nullptr, avx512 = nullptr;  ///< null: this CPU does not have it
};
StepDots step_dots();

}  // namespace prom
