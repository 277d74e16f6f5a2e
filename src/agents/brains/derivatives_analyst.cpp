// Derivatives analyst: funding as a sign of crowding; an assumed rate weighs little and says so. Rules only; pure.
#include <fmt/format.h>

#include <cmath>

#include "agents/brains/brains.h"
#include "agents/opinion.h"

namespace prom {

Verdict derivatives_analyst(Toolbox box, Told told) {
  const Answer options = box.ask("get_max_pain");
  const std::string no_options = options ? std::string() : told == Told::already ? std::string("still no options feed") : options.error->message;
  const Answer funding = box.ask("get_funding_rate");
  if (!funding) {
    if (told == Told::already) return box.abstain("Still no funding rate and no options feed.");
    return box.abstain(fmt::format("Nothing to judge: {}; {}.", funding.error->message, no_options));
  }
  const double hours = funding.number("interval_hours").value_or(8);
  const double rate = box.cite(funding, "rate", "funding rate, fraction per interval; positive = longs pay").value_or(0);
  const double per_8h = rate * 8 / hours;
  const bool assumed = funding.text("provenance") == "assumed";
  const Answer sentiment = box.ask("get_funding_sentiment");
  box.cite(sentiment, "annualised_percent", fmt::format("funding over a year, percent: {}", sentiment.text("sentiment")));
  const double weight = box.profile().weight;
  if (assumed) {
    box.think(fmt::format("The rate of {} per {} h is assumed, not recorded by a venue: it is a cost in our books, not a fact of the market.", in_words(rate),
                          hours));
    return box.conclude(Stance::neutral, 0, weight * box.setting("assumed_share"),
                        fmt::format("Neutral: the funding rate is only assumed ({} per {} h), so it says nothing; {}.", in_words(rate), hours, no_options));
  }
  // Near the base rate funding is silent; towards `crowded` it leans against the side that pays (contrarian).
  constexpr double kBaseRate = 0.0001;
  const double crowded = box.setting("crowded_rate_8h");
  const double excess = rate > 0 ? std::max(0.0, per_8h - kBaseRate) : per_8h;
  const double score = clamp_vote(-excess / crowded);
  const Stance stance = stance_of(score, box.setting("neutral_band"));
  box.think(fmt::format("Funding of {} in 8 h against a base rate of {}: {}.", in_words(per_8h), in_words(kBaseRate),
                        stance == Stance::neutral   ? "nobody is crowded"
                        : stance == Stance::bearish ? "longs are crowded"
                                                    : "shorts are crowded"));
  return box.conclude(
      stance, std::abs(score), weight,
      fmt::format("{} with {:.2f}: funding {} in 8 h ({}); {}.", name_of(stance), std::abs(score), in_words(per_8h), sentiment.text("sentiment"), no_options));
}

}  // namespace prom
