// Scores of memories. The order of every addition is fixed, so that they are the same bits everywhere. Pure; any thread.
#include "adapters/stores/memory_index/memory_score.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "base/detmath.h"

namespace prom {
namespace {

// Eight running sums keep the order of additions fixed whatever the compiler makes of them.
constexpr std::size_t kLanes = 8;

double dot(const float* a, const float* b, std::size_t size) {
  float lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
  }
  double sum = 0;
  for (const float lane : lanes) sum += static_cast<double>(lane);
  for (; i < size; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

bool better(const MemoryHit& a, const MemoryHit& b) { return a.score != b.score ? a.score > b.score : a.memory->id < b.memory->id; }

}  // namespace

std::optional<std::vector<float>> unit_vector(std::span<const float> values) {
  double square = 0;
  for (const float v : values) square += static_cast<double>(v) * static_cast<double>(v);
  if (!(square > 0) || !std::isfinite(square)) return std::nullopt;
  const double scale = 1.0 / std::sqrt(square);
  std::vector<float> out;
  for (const float v : values) out.push_back(static_cast<float>(static_cast<double>(v) * scale));
  return out;
}

bool visible(const Memory& memory, const MemoryQuery& query) {
  if (query.kind && memory.kind != *query.kind) return false;
  if (memory.created_at > query.now || (memory.expires_at && *memory.expires_at <= query.now)) return false;
  switch (memory.scope) {
    case MemoryScope::collective: return true;
    case MemoryScope::agent:
      if (memory.user && memory.user != query.user) return false;
      return !query.agent || !memory.agent || memory.agent == query.agent;
    case MemoryScope::user:
      if (!memory.user || memory.user != query.user) return false;
      return !query.agent || !memory.agent || memory.agent == query.agent;
  }
  PROM_UNREACHABLE();
}

MemoryScorer::MemoryScorer(const MemoryQuery& query, const MemoryWeights& weights)
    : weights_(weights), now_(query.now), text_(text_vector(query.text)), situation_(unit_vector(query.situation)) {
  const bool has_text = std::any_of(text_.begin(), text_.end(), [](float v) { return v != 0; });
  text_weight_ = has_text ? weights_.text : 0;
  situation_weight_ = situation_ ? weights_.situation : 0;
  total_ = text_weight_ + situation_weight_ + weights_.recency + weights_.importance;
}

double MemoryScorer::score(const Memory& memory, std::span<const float> text, std::span<const float> situation) const {
  double score = weights_.importance * std::clamp(memory.importance, 0.0, 1.0);
  const double age = static_cast<double>((now_ - memory.created_at).ns);
  score += weights_.recency * detmath::exp(-0.693147180559945309 * age / static_cast<double>(std::max<std::int64_t>(weights_.half_life.ns, 1)));
  if (text_weight_ != 0) score += text_weight_ * std::clamp(dot(text_.data(), text.data(), kTextDimensions), 0.0, 1.0);
  if (situation_ && situation.size() == situation_->size()) {
    score += situation_weight_ * std::clamp(dot(situation_->data(), situation.data(), situation.size()), 0.0, 1.0);
  }
  return total_ > 0 ? score / total_ : 0;
}

double MemoryScorer::score(const Memory& memory) const {
  const TextVector text = text_vector(memory.text);
  const auto situation = unit_vector(memory.situation);
  return score(memory, text, situation ? std::span<const float>(*situation) : std::span<const float>());
}

void keep_best(std::vector<MemoryHit>& hits, std::size_t limit) {
  const std::size_t wanted = std::min(limit, hits.size());
  std::partial_sort(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(wanted), hits.end(), better);
  hits.resize(wanted);
}

}  // namespace prom
