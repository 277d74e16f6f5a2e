// Spoof-like orders: large, away from the touch, withdrawn soon and hardly traded. Operator with plain copyable state; belongs to one thread
// at a time.
#pragma once
#include <array>
#include <cstddef>
#include <limits>
#include <map>
#include <vector>

#include "analysis/orderflow/stream.h"

namespace prom::orderflow {

// A pattern, not a verdict: intent cannot be read from a book.
struct SpoofLike {
  std::int64_t placed_ns = 0, withdrawn_ns = 0;
  std::int64_t time_ns = 0;  // when it could be known
  BookSideKind side = BookSideKind::bid;
  double price = 0, quantity = 0;
  double multiple = 0;      // of the mean addition before it
  double distance_bps = 0;  // from the side's best price when it was placed
  double executed = 0;      // trades at its price while it stood
};

// An addition to one level in one change that is at least `size_multiple` times the mean of the additions before it, behind the best price and
// within `max_distance_bps`, is watched. When one change takes at least `withdrawn_share` of it away again between `min_life_ns` and `max_life_ns` later and at most
// `executed_share` of it traded at that price, it was withdrawn; when an addition of the same size appears on the same side within `move_ns`
// before or after, it was only moved, as market makers do all day. Reported at the first event later than withdrawal + move_ns. Causal.
// Bounds: kMaxLevels levels a side (the farthest from the best price gives way), kMaxWatched orders watched (the oldest gives way). O(log
// levels + watched) an event.
class SpoofDetector {
 public:
  static constexpr std::size_t kMaxLevels = 2048, kMaxWatched = 64, kRecent = 64;
  struct Params {
    double size_multiple = 15;                 // 1..1e6
    double max_distance_bps = 20;              // 0.01..10,000
    double withdrawn_share = 0.8;              // 0.1..1
    double executed_share = 0.1;               // 0..1
    std::int64_t min_life_ns = 100'000'000;    // 0..max_life_ns: quotes that flicker from one update of the feed to the next are no spoofs
    std::int64_t max_life_ns = 5'000'000'000;  // 1 ms..1 hour
    std::int64_t move_ns = 200'000'000;        // 0..60 s
    int mean_additions = 2000;                 // the mean forgets with this time constant, 1..10,000; nothing is watched until that many
  };
  static ParamResult<SpoofDetector> make(const Params& params);

  // A level of a snapshot, before the first change; not an addition.
  std::optional<ParamError> seed(const LevelChange& level);
  // What has become known by this event, oldest withdrawal first.
  ParamResult<std::vector<SpoofLike>> update(const LevelChange& change);
  ParamResult<std::vector<SpoofLike>> update(const BestPrice& best);
  ParamResult<std::vector<SpoofLike>> update(const TradePrint& trade);

  [[nodiscard]] std::size_t levels_held() const { return levels_[0].size() + levels_[1].size(); }
  [[nodiscard]] std::size_t orders_watched() const { return watched_.size(); }

 private:
  struct Watched {
    SpoofLike order;
    bool is_withdrawn = false;
  };
  struct Addition {
    std::int64_t time_ns = 0;
    BookSideKind side = BookSideKind::bid;
    double price = 0, quantity = 0;
  };
  explicit SpoofDetector(const Params& params) : params_(params) {}
  std::vector<SpoofLike> advance(std::int64_t time_ns);
  void set_level(const LevelChange& change);
  void see_addition(const LevelChange& change, double added);
  void see_removal(const LevelChange& change, double removed);
  [[nodiscard]] bool was_moved(const SpoofLike& order) const;

  Params params_;
  std::array<std::map<double, double>, 2> levels_;
  std::array<double, 2> best_{};  // 0 until known
  std::vector<Watched> watched_;  // oldest first
  std::array<Addition, kRecent> recent_{};
  std::size_t next_recent_ = 0;
  double mean_addition_ = 0;
  int additions_ = 0;
  std::int64_t newest_ns_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace prom::orderflow
