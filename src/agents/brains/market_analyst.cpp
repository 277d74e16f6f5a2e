// Market analyst: trend, larger frame, momentum and volume, with volatility as a brake. Rules only; pure.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "agents/brains/brains.h"
#include "agents/opinion.h"

namespace prom {

namespace {

/// Ordering of price and three averages: +1 when close > 20 > 50 > 200, -1 when reversed, between for the pairs that hold.
void vote_on_averages(Toolbox& box, Opinion& opinion) {
  double above = 0, pairs = 0;
  std::optional<double> faster;
  for (const int period : {20, 50, 200}) {
    const Answer ema = box.ask("ema", {{"period", period}});
    const auto value = ema.number("value");
    if (!value) continue;
    if (!faster) faster = ema.number("close");
    above += direction_of(*faster - *value);
    pairs += 1;
    box.cite(ema, "value",
             fmt::format("EMA {} at {}, {} by {}", period, in_words(*value), *faster >= *value ? "below the faster line" : "above the faster line",
                         in_words(std::abs(*faster - *value))));
    faster = value;
  }
  if (pairs > 0) opinion.vote(above / pairs, 3);
}

void vote_on_trend(Toolbox& box, Opinion& opinion) {
  vote_on_averages(box, opinion);
  const Answer macd = box.ask("macd");
  if (const auto histogram = box.cite(macd, "histogram", "MACD histogram: above zero momentum of the trend is up")) {
    const double previous = macd.number("previous_histogram").value_or(*histogram);
    const bool growing = std::abs(*histogram) >= std::abs(previous);
    opinion.vote(direction_of(*histogram) * (growing ? 1.0 : 0.5), 2);
  }
  const Answer line = box.ask("supertrend");
  if (box.cite(line, "value", fmt::format("SuperTrend line, trend {}", line.text("trend")))) opinion.vote(line.text("trend") == "up" ? 1 : -1, 2);
  const Answer cloud = box.ask("ichimoku");
  if (box.cite(cloud, "senkou_a", fmt::format("edge of the cloud; the close is {} it", cloud.text("position")))) {
    opinion.vote(cloud.text("position") == "above" ? 1 : cloud.text("position") == "below" ? -1 : 0, 2);
  }
}

void vote_on_context(Toolbox& box, Opinion& opinion) {
  const Answer ema = box.ask("ema", {{"period", 50}, {"timeframe", "4h"}});
  if (const auto distance = box.cite(ema, "distance_percent", "distance of the 4h close from its EMA 50, percent")) opinion.vote(direction_of(*distance), 2);
  const Answer line = box.ask("supertrend", {{"timeframe", "4h"}});
  if (box.cite(line, "value", fmt::format("4h SuperTrend, trend {}", line.text("trend")))) opinion.vote(line.text("trend") == "up" ? 1 : -1, 2);
  const Answer day = box.ask("ema", {{"period", 20}, {"timeframe", "1d"}});
  if (const auto distance = box.cite(day, "distance_percent", "distance of the daily close from its EMA 20, percent")) opinion.vote(direction_of(*distance), 1);
}

void vote_on_momentum(Toolbox& box, Opinion& opinion, std::string& stretched) {
  const Answer rsi = box.ask("rsi");
  if (const auto value = box.cite(rsi, "value", "RSI 14: above 50 gains outweigh losses")) {
    opinion.vote((*value - 50) / 20, 2);
    if (*value >= box.setting("rsi_overbought")) stretched = fmt::format("RSI {} is overbought", in_words(*value));
    if (*value <= box.setting("rsi_oversold")) stretched = fmt::format("RSI {} is oversold", in_words(*value));
  }
  const Answer stochastic = box.ask("stochastic");
  if (const auto k = box.cite(stochastic, "k", "stochastic k against its d")) opinion.vote((*k - stochastic.number("d").value_or(*k)) / 20, 0.5);
  const Answer cci = box.ask("cci");
  if (const auto value = box.cite(cci, "value", "CCI 20: beyond 100 a move is under way")) opinion.vote(*value / 100, 1);
  const Answer roc = box.ask("roc");
  const Answer range = box.ask("atr");
  if (const auto change = box.cite(roc, "value", "change over 10 bars, percent")) {
    const auto atr = box.cite(range, "percent", "average true range, percent of the close");
    if (atr && *atr > 0) opinion.vote(*change / (3 * *atr), 1);
  }
}

void vote_on_volume(Toolbox& box, Opinion& opinion) {
  const Answer obv = box.ask("obv", {{"bars", 100}});
  if (const auto share = box.cite(obv, "share", "net on-balance volume over 100 bars, share of all volume")) opinion.vote(*share * 5, 1);
  const Answer vwap = box.ask("vwap");
  if (const auto distance = box.cite(vwap, "distance_percent", "distance from the day's VWAP, percent")) opinion.vote(direction_of(*distance), 0.5);
  const Answer profile = box.ask("volume_profile");
  if (box.cite(profile, "point_of_control", fmt::format("most traded price; the close is {} the value area", profile.text("position")))) {
    opinion.vote(profile.text("position") == "above" ? 0.5 : profile.text("position") == "below" ? -0.5 : 0, 1);
  }
}

/// Bollinger bands inside the Keltner channel (Carter's squeeze): the direction is not decided yet.
bool squeezed(Toolbox& box) {
  const Answer bands = box.ask("bollinger");
  const Answer channel = box.ask("keltner");
  const auto upper = bands.number("upper"), lower = bands.number("lower"), top = channel.number("upper"), bottom = channel.number("lower");
  if (!upper || !lower || !top || !bottom) return false;
  box.cite(bands, "width", "width of the Bollinger bands, share of the middle");
  return *upper < *top && *lower > *bottom;
}

}  // namespace

Verdict market_analyst(Toolbox box) {
  Opinion opinion;
  std::string stretched;
  const Answer regime = box.ask("get_market_regime");
  if (regime) box.cite(regime, "adx", fmt::format("ADX; the regime is {}", regime.text("regime")));
  opinion.group("trend", box.setting("trend_weight"));
  vote_on_trend(box, opinion);
  opinion.group("context", box.setting("context_weight"));
  vote_on_context(box, opinion);
  opinion.group("momentum", box.setting("momentum_weight"));
  vote_on_momentum(box, opinion, stretched);
  opinion.group("volume", box.setting("volume_weight"));
  vote_on_volume(box, opinion);
  if (opinion.empty()) return box.abstain("There are not enough closed bars for any reading.");

  double score = opinion.score();
  box.think(fmt::format("Groups from -1 (falling) to +1 (rising): {}.", opinion.words()));
  if (!stretched.empty()) {
    score *= 0.9;
    box.think(fmt::format("{}; that lowers confidence and does not turn the view.", stretched));
  }
  if (squeezed(box)) {
    score *= 0.8;
    box.think("The Bollinger bands lie inside the Keltner channel: a move is stored, its direction is open.");
  }
  const std::string_view name = regime ? regime.text("regime") : std::string_view("unknown");
  if (name == "range") {
    score *= 0.75;
    box.think("The regime is a range, where trend readings fail more often.");
  }
  const Stance stance = stance_of(score, box.setting("neutral_band"));
  const double weight = box.profile().weight;
  return box.conclude(stance, std::abs(score), weight, fmt::format("{} with {:.2f}: {}; regime {}.", name_of(stance), std::abs(score), opinion.words(), name));
}

}  // namespace prom
