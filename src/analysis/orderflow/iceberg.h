// Icebergs: an order that shows a tip and refills it as it is eaten. Operator with plain copyable state; belongs to one thread at a time.
#pragma once
#include <array>
#include <cstddef>
#include <limits>
#include <optional>

#include "analysis/orderflow/stream.h"

namespace prom::orderflow {

struct Iceberg {
  std::int64_t time_ns = 0;  // when it could be known
  BookSideKind side = BookSideKind::bid;
  double price = 0;
  double tip = 0;       // what it shows at a time
  int refills = 0;      // seen so far
  double executed = 0;  // all trades at this price while it was the best, base units
};

// At the best price of each side the quantity that should be left after the trades is compared with what is shown: the difference was
// added. An addition within `refill_ns` of a trade there, and not larger than what was traded since the last addition of its size, is a
// refill; the same size `min_refills` times over at one price is an iceberg. (D. Zotikov and A. Antonov, "CME iceberg order detection and
// prediction", arXiv 1909.09495, 2019, for icebergs of the venue and of its users; they have order ids, here levels must do.) Small tips are
// everybody's round lots: sizes below `min_tip` times the mean trade are not counted. Reported once a size and visit of the price. Causal;
// O(1) an event; state of fixed size: the last 16 sizes of each side are remembered, the one with the fewest refills gives way.
class IcebergDetector {
 public:
  struct Params {
    int min_refills = 4;                  // 2..1000
    std::int64_t refill_ns = 50'000'000;  // 0..60 s
    double min_tip = 2;                   // times the mean size of the trades before, 0..1e6
    int mean_trades = 1000;               // the mean forgets with this time constant, 1..10,000; nothing is reported until that many trades
  };
  static ParamResult<IcebergDetector> make(const Params& params);

  ParamResult<std::optional<Iceberg>> update(const BestPrice& best);
  std::optional<ParamError> update(const TradePrint& trade);

 private:
  struct Tip {
    double size = 0, executed_before = 0;
    int refills = 0;
  };
  struct Side {
    double price = 0, shown = 0, executed = 0, traded_since = 0;  // since the last best price event
    std::optional<std::int64_t> last_trade_ns;
    std::array<Tip, 16> tips{};
    std::size_t next = 0;
  };
  explicit IcebergDetector(const Params& params) : params_(params) {}
  Tip& tip_of(Side& side, double size);

  Params params_;
  std::array<Side, 2> sides_{};
  double mean_trade_ = 0;
  int trades_ = 0;
  std::int64_t newest_ns_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace prom::orderflow
