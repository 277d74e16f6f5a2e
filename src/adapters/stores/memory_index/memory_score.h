// What a memory is worth to a question, and who sees it: one source for every store of memories, so that all of them rank alike, to the last bit. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "adapters/stores/memory_index/text_vector.h"
#include "domain/memory.h"
#include "ports/views.h"

namespace prom {

/// score = (text * cos(text) + situation * cos(situation) + recency * 2^(-age / half_life) + importance * importance) / sum of the weights that apply.
/// A weight applies when its part is there to compare: text and situation only when the query has them (a memory without a situation, or with one of another
/// length, scores 0 there). Cosines below 0 count as 0. So a score lies in [0, 1].
struct MemoryWeights {
  double text = 0.50;
  double situation = 0.25;
  double recency = 0.15;
  double importance = 0.10;
  DurationNs half_life{14 * kDay.ns};
};

/// Unit length; nothing for zeros, infinities and NaN.
std::optional<std::vector<float>> unit_vector(std::span<const float> values);

/// Who sees what: a collective memory everyone; an agent's memory that agent (a query without an agent sees it too); a user's memory that user alone. A memory
/// that names a user is never shown to another one unless it is collective, and one with an agent of its own not to another agent unless it is collective.
/// Expired ones (expires_at <= now) and those created after `now` are not shown.
bool visible(const Memory& memory, const MemoryQuery& query);

class MemoryScorer {
 public:
  MemoryScorer(const MemoryQuery& query, const MemoryWeights& weights);
  /// `text` is text_vector() of the memory's text, `situation` unit_vector() of its situation or empty.
  double score(const Memory& memory, std::span<const float> text, std::span<const float> situation) const;
  double score(const Memory& memory) const;

  // For a store that looks for candidates by itself.
  const TextVector& text() const { return text_; }  ///< all zeros where the query has none
  const std::optional<std::vector<float>>& situation() const { return situation_; }
  double text_weight() const { return text_weight_; }
  double situation_weight() const { return situation_weight_; }
  double total() const { return total_; }

 private:
  MemoryWeights weights_;
  TimeNs now_{};
  TextVector text_{};
  std::optional<std::vector<float>> situation_;
  double text_weight_ = 0, situation_weight_ = 0, total_ = 0;
};

/// Best first, ties by id, lower first; at most `limit`.
void keep_best(std::vector<MemoryHit>& hits, std::size_t limit);

}  // namespace prom
