// Candle patterns. Pure, any thread.
#include "analysis/indicators/candle_patterns.h"

namespace prom::indicators {

namespace {

double sign_if(bool there, double value) { return there ? value : 0.0; }

}  // namespace

ParamResult<CandlePatterns> CandlePatterns::make(const Params&) { return CandlePatterns(); }

void CandlePatterns::update(const OhlcvBar& bar) {
  last_[3] = last_[2];
  last_[2] = last_[1];
  last_[1] = last_[0];
  Candle& now = last_[0];
  now = {.open = bar.open, .high = bar.high, .low = bar.low, .close = bar.close};
  if (bodies_.full()) {
    now.mean_body = bodies_.mean();
    now.mean_range = ranges_.mean();
    now.mean_range_of_5 = ranges_of_5_.mean();
  }
  bodies_.push(now.body());
  ranges_.push(bar.high - bar.low);
  ranges_of_5_.push(bar.high - bar.low);
}

std::optional<CandleValue> CandlePatterns::value() const {
  for (const Candle& candle : last_) {
    if (!candle.known()) return std::nullopt;
  }
  CandleValue row;
  one_bar(row);
  two_bars(row);
  three_bars(row);
  return row;
}

// Shapes of the newest bar, some with its place beside the one before.
void CandlePatterns::one_bar(Value& row) const {
  const Candle &now = last_[0], &prior = last_[1];
  row.doji = sign_if(now.body() <= now.very_short(), 100);
  const bool hanging = now.short_body() && now.lower() > now.body() && now.upper() < now.very_short();
  const bool standing = now.short_body() && now.upper() > now.body() && now.lower() < now.very_short();
  row.hammer = sign_if(hanging && now.bottom() <= prior.low + prior.near(), 100);
  row.hanging_man = sign_if(hanging && now.bottom() >= prior.high - prior.near(), -100);
  row.inverted_hammer = sign_if(standing && now.top() < prior.bottom(), 100);
  row.shooting_star = sign_if(standing && now.bottom() > prior.top(), -100);
  const bool bare = now.long_body() && now.upper() < now.very_short() && now.lower() < now.very_short();
  row.marubozu = sign_if(bare, now.white() ? 100 : -100);
}

void CandlePatterns::two_bars(Value& row) const {
  const Candle &now = last_[0], &prior = last_[1];
  const double top = prior.top(), bottom = prior.bottom();
  const bool wraps = (now.top() >= top && now.bottom() < bottom) || (now.top() > top && now.bottom() <= bottom);
  const double engulfs = now.top() != top && now.bottom() != bottom ? 100 : 80;
  row.engulfing = sign_if(now.white() != prior.white() && wraps, now.white() ? engulfs : -engulfs);

  const bool sizes = prior.long_body() && now.body() <= now.mean_body;
  const bool inside = now.top() <= top && now.bottom() >= bottom;
  const double held = now.top() < top && now.bottom() > bottom ? 100 : 80;
  row.harami = sign_if(sizes && inside, prior.white() ? -held : held);

  const bool pierces = !prior.white() && prior.long_body() && now.white() && now.long_body() && now.open < prior.low && now.close < prior.open &&
                       now.close > prior.close + prior.body() * 0.5;
  row.piercing = sign_if(pierces, 100);
  const bool clouds =
      prior.white() && prior.long_body() && !now.white() && now.open > prior.high && now.close > prior.open && now.close < prior.close - prior.body() * 0.5;
  row.dark_cloud = sign_if(clouds, -100);
}

void CandlePatterns::three_bars(Value& row) const {
  const Candle &now = last_[0], &star = last_[1], &first = last_[2];
  const bool sizes = first.long_body() && star.body() <= star.mean_body && now.body() > now.mean_body;
  row.morning_star = sign_if(sizes && !first.white() && star.top() < first.bottom() && now.white() && now.close > first.close + first.body() * 0.3, 100);
  row.evening_star = sign_if(sizes && first.white() && star.bottom() > first.top() && !now.white() && now.close < first.close - first.body() * 0.3, -100);
  row.three_white_soldiers = sign_if(white_soldiers(), 100);
  row.three_black_crows = sign_if(black_crows(), -100);
}

// Three white bars with hardly an upper shadow, each opening in or near the body before and closing higher, none much smaller than the one before.
bool CandlePatterns::white_soldiers() const {
  for (std::size_t i = 0; i < 3; ++i) {
    if (!last_[i].white() || !(last_[i].upper() < last_[i].very_short())) return false;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const Candle &now = last_[i], &prior = last_[i + 1];
    if (!(now.close > prior.close && now.open > prior.open && now.open <= prior.close + prior.near())) return false;
    if (!(now.body() > prior.body() - prior.far())) return false;
  }
  return last_[0].long_body();
}

// A white bar, then three black ones with hardly a lower shadow, each opening inside the body before and closing lower.
bool CandlePatterns::black_crows() const {
  for (std::size_t i = 0; i < 3; ++i) {
    if (last_[i].white() || !(last_[i].lower() < last_[i].very_short())) return false;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const Candle &now = last_[i], &prior = last_[i + 1];
    if (!(now.open < prior.open && now.open > prior.close && now.close < prior.close)) return false;
  }
  return last_[3].white() && last_[3].high > last_[2].close;
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::CandlePatterns);
}  // namespace prom
