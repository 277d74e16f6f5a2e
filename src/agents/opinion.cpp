// Means of votes. Pure.
#include "agents/opinion.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace prom {

void Opinion::group(std::string_view name, double share) { groups_.push_back({name, share, 0, 0}); }

void Opinion::vote(double direction, double importance) {
  PROM_ASSERT(!groups_.empty(), "a vote belongs to a group");
  groups_.back().sum += clamp_vote(direction) * importance;
  groups_.back().importance += importance;
}

bool Opinion::empty() const {
  return std::ranges::none_of(groups_, [](const Group& group) { return group.importance > 0; });
}

double Opinion::score() const {
  double sum = 0, shares = 0;
  for (const Group& group : groups_) {
    if (group.importance <= 0) continue;
    sum += group.share * group.mean();
    shares += group.share;
  }
  return shares > 0 ? clamp_vote(sum / shares) : 0;
}

std::string Opinion::words() const {
  std::string out;
  for (const Group& group : groups_) {
    if (group.importance <= 0) continue;
    if (!out.empty()) out += ", ";
    out += fmt::format("{} {:+.2f}", group.name, group.mean());
  }
  return out;
}

Stance stance_of(double score, double neutral_band) {
  return score > neutral_band ? Stance::bullish : score < -neutral_band ? Stance::bearish : Stance::neutral;
}

double signed_score(const Verdict& verdict) {
  switch (verdict.stance) {
    case Stance::bullish: return verdict.confidence;
    case Stance::bearish: return -verdict.confidence;
    case Stance::neutral:
    case Stance::abstain: return 0;
  }
  PROM_UNREACHABLE();
}

double direction_of(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
double clamp_vote(double x) { return std::clamp(x, -1.0, 1.0); }

}  // namespace prom
