// Weighs readings into one score: groups of votes, each group one mean, the groups by their weights. Pure; one thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agents/toolbox.h"

namespace prom {

/// Votes lie in [-1, 1]: -1 = all for falling, +1 = all for rising.
class Opinion {
 public:
  /// A group with its share; votes go to the group opened last. A group without votes takes no part.
  void group(std::string_view name, double share);
  void vote(double direction, double importance = 1);

  bool empty() const;
  /// Weighted mean over the groups that have votes; 0 when none has.
  double score() const;
  /// "trend +0.67, momentum -0.20" of the groups that have votes.
  std::string words() const;

 private:
  struct Group {
    std::string_view name;
    double share = 0, sum = 0, importance = 0;
    double mean() const { return sum / importance; }
  };
  std::vector<Group> groups_;
};

/// Stance by the role's neutral_band, confidence = |score|.
Stance stance_of(double score, double neutral_band);
/// The verdict's score again: + for bullish, - for bearish, 0 else.
double signed_score(const Verdict& verdict);
/// -1, 0 or 1.
double direction_of(double x);
double clamp_vote(double x);

}  // namespace prom
