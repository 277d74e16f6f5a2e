// See the header. By Cauchy and Schwarz a product of two vectors is off by at most the one's length times how far the other is off; both are known.
#include "adapters/stores/memory_index/memory_rank.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/detmath.h"

namespace prom {
namespace {

constexpr double kSteps = kMostSteps;
constexpr double kRounding = 1e-5;  // of sums of floats, far above what 256 of them make

}  // namespace

MemoryRanker::Side MemoryRanker::side_of(std::span<const float> values) {
  Side out;
  double largest = 0, length = 0, wrong = 0;
  for (const float value : values) largest = std::max(largest, std::abs(static_cast<double>(value)));
  out.step = largest / kSteps;
  for (const float value : values) {
    const double steps = out.step > 0 ? std::clamp(std::nearbyint(static_cast<double>(value) / out.step), -kSteps, kSteps) : 0.0;
    const double off = static_cast<double>(value) - steps * out.step;
    length += static_cast<double>(value) * static_cast<double>(value);
    wrong += off * off;
    out.steps.push_back(static_cast<std::int16_t>(steps));
  }
  out.length = std::sqrt(length);
  out.wrong = std::sqrt(wrong);
  return out;
}

MemoryRanker::MemoryRanker(const MemoryQuery& query, const MemoryScorer& scorer, const MemoryWeights& weights, std::span<const std::uint64_t> hidden,
                           std::optional<std::uint64_t> newest)
    : query_(query), scorer_(scorer), weights_(weights), hidden_(hidden), newest_(newest), text_(side_of(scorer.text())) {
  if (scorer.situation()) situation_ = side_of(*scorer.situation());
}

void MemoryRanker::add(const Side& side, const MemoryBlock::Vector& vector, double weight, ScoreRange& range) const {
  const double cosine = static_cast<double>(dot_(side.steps.data(), vector.steps.data(), vector.steps.size())) * side.step * static_cast<double>(vector.step);
  const double off = static_cast<double>(vector.wrong);
  const double wrong = side.length * off + side.wrong * (1.0 + 2 * off);
  range.low += weight * std::clamp(cosine - wrong, 0.0, 1.0);
  range.high += weight * std::clamp(cosine + wrong, 0.0, 1.0);
}

bool MemoryRanker::concerned(const MemoryBlock& block, std::size_t at) const {
  if (block.created()[at] > query_.now.ns || block.expires()[at] <= query_.now.ns) return false;
  if (query_.kind && block.kinds()[at] != static_cast<std::uint8_t>(*query_.kind)) return false;
  if (query_.agent && block.seen_by()[at] != kEveryAgent && block.seen_by()[at] != static_cast<std::uint8_t>(*query_.agent)) return false;
  const std::uint64_t id = block.ids()[at];
  if (newest_ && id > *newest_) return false;
  return hidden_.empty() || !std::ranges::binary_search(hidden_, id);
}

void MemoryRanker::rank(const MemoryBlock& block, std::span<const std::uint64_t> dead, std::vector<ScoreRange>& out) const {
  const double decay = -0.693147180559945309 / static_cast<double>(std::max<std::int64_t>(weights_.half_life.ns, 1));
  const bool with_text = scorer_.text_weight() != 0;
  auto next_dead = dead.begin();
  out.reserve(out.size() + block.size());
  for (std::size_t i = 0; i < block.size(); ++i) {
    const std::uint64_t id = block.ids()[i];
    while (next_dead != dead.end() && *next_dead < id) ++next_dead;
    if ((next_dead != dead.end() && *next_dead == id) || !concerned(block, i)) continue;
    const double age = static_cast<double>(query_.now.ns - block.created()[i]);
    const double score = weights_.importance * static_cast<double>(block.importance()[i]) + weights_.recency * detmath::exp(decay * age);
    ScoreRange range{id, score - kRounding, score + kRounding};
    if (scorer_.situation()) {
      std::size_t size = 0;
      const auto situation = block.situation(i, size);
      if (size == scorer_.situation()->size() && situation) add(situation_, *situation, scorer_.situation_weight(), range);
      if (size == scorer_.situation()->size() && !situation) range.high += scorer_.situation_weight();
    }
    if (with_text) add(text_, block.text(i), scorer_.text_weight(), range);
    out.push_back(range);
  }
}

std::vector<ScoreRange> best_ranges(std::vector<ScoreRange> ranges, std::size_t limit) {
  limit = std::min(limit, ranges.size());
  if (limit == 0) return {};
  // So many are at least this good: what cannot be as good is none of the best.
  const auto last = ranges.begin() + static_cast<std::ptrdiff_t>(limit - 1);
  std::ranges::nth_element(ranges, last, std::greater<>(), &ScoreRange::low);
  const double least = last->low;
  std::erase_if(ranges, [least](const ScoreRange& range) { return range.high < least; });
  return ranges;
}

}  // namespace prom
