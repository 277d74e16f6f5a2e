// Which of the memories in columns (memory_block.h) may be among the best for a question: within proven bounds of their scores, so that no hit is missed. Pure; one thread an object.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "adapters/stores/memory_index/memory_block.h"
#include "adapters/stores/memory_index/memory_score.h"
#include "adapters/stores/memory_index/step_dot.h"
#include "ports/views.h"

namespace prom {

/// Where a memory's score lies, not divided by the sum of weights.
struct ScoreRange {
  std::uint64_t id = 0;
  double low = 0, high = 0;
};

class MemoryRanker {
 public:
  /// Leaves out ids above `newest` and those of `hidden`, which ascends. All that is given must outlive this.
  MemoryRanker(const MemoryQuery& query, const MemoryScorer& scorer, const MemoryWeights& weights, std::span<const std::uint64_t> hidden = {},
               std::optional<std::uint64_t> newest = std::nullopt);

  /// Appends a range for each memory of the block that the question concerns. Whose they are is not looked at: a block is its owner's. `dead` ascends.
  void rank(const MemoryBlock& block, std::span<const std::uint64_t> dead, std::vector<ScoreRange>& out) const;

 private:
  /// The question's vector in steps of its own, and what that costs.
  struct Side {
    std::vector<std::int16_t> steps;
    double step = 0, length = 0, wrong = 0;
  };
  static Side side_of(std::span<const float> values);
  /// Adds `weight` times where the cosine lies.
  void add(const Side& side, const MemoryBlock::Vector& vector, double weight, ScoreRange& range) const;
  bool concerned(const MemoryBlock& block, std::size_t at) const;

  const MemoryQuery& query_;
  const MemoryScorer& scorer_;
  const MemoryWeights& weights_;
  std::span<const std::uint64_t> hidden_;
  std::optional<std::uint64_t> newest_;
  Side text_, situation_;
  StepDot dot_ = step_dot();
};

/// Among which the best `limit` are, with every memory that may tie with them. Usually a few more.
std::vector<ScoreRange> best_ranges(std::vector<ScoreRange> ranges, std::size_t limit);

}  // namespace prom
