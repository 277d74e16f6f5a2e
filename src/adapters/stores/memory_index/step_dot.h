// Products of a question's vector with vectors that are kept in steps (memory_block.h): whole numbers only, so that every CPU gives the same bits. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace prom {

/// Largest component of a vector in steps: so many that bounds of scores are tight, so few that a sum over 512 components fits.
inline constexpr int kMostSteps = 2047;

/// Sum of a[i] * b[i], each within kMostSteps. Fits for up to 512 components.
using StepDot = std::int32_t (*)(const std::int16_t* a, const std::int16_t* b, std::size_t size);
/// The fastest that this CPU has; the plain one where PROM_CPU=baseline is in the environment.
StepDot step_dot();

/// All that can be chosen here, the plain one first. For tests.
struct StepDots {
  StepDot plain = nullptr, avx2 = nullptr, avx512 = nullptr;  ///< null: this CPU does not have it
};
StepDots step_dots();

}  // namespace prom
