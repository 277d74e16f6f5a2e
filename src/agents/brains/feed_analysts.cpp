// Sentiment, macro and on-chain analysts: they live on outside feeds, and abstain with the words of their first source while none answers. Rules only; pure.
#include <fmt/format.h>

#include <cmath>

#include "agents/brains/brains.h"
#include "agents/opinion.h"

namespace prom {

namespace {

Verdict without_source(Toolbox& box, const Answer& first, std::string_view kind, Told told) {
  if (told == Told::already) return box.abstain(fmt::format("Still no {} source.", kind));
  return box.abstain(fmt::format("No {} source: {}.", kind, first.error ? first.error->message : std::string("it gave no number")));
}

/// Contrarian at both ends: a full vote for rising at 0, for falling at 100, none between the extremes.
double fear_vote(double index, double fear, double greed) {
  if (index < fear) return clamp_vote((fear - index) / fear);
  if (index > greed) return -clamp_vote((index - greed) / (100 - greed));
  return 0;
}

/// The mood of enough texts about the asset, as a vote of this group.
bool vote_mood(Toolbox& box, Opinion& opinion, const Answer& answer, std::string_view kind, const char* count) {
  const auto texts = box.cite(answer, count, fmt::format("{} of the last 24 hours that name the asset", kind));
  if (!texts) return false;
  const auto mood = box.cite(answer, "sentiment", fmt::format("mean mood of the {}, -1 to 1", kind));
  if (mood && *texts >= box.setting("min_texts")) opinion.vote(clamp_vote(*mood / box.setting("full_mood")));
  return true;
}

Verdict conclude(Toolbox& box, const Opinion& opinion, std::string_view what) {
  const double score = opinion.empty() ? 0 : opinion.score();
  const Stance stance = stance_of(score, box.setting("neutral_band"));
  return box.conclude(stance, std::abs(score), box.profile().weight,
                      fmt::format("{} with {:.2f}: {}{}.", name_of(stance), std::abs(score), what, opinion.empty() ? "" : "; " + opinion.words()));
}

}  // namespace

Verdict sentiment_analyst(Toolbox box, Told told) {
  const Answer fear = box.ask("get_fear_greed");
  const Answer news = box.ask("get_news");
  const Answer social = box.ask("get_social_sentiment");
  if (!fear && !news && !social) return without_source(box, fear, "sentiment", told);
  Opinion opinion;
  std::string words;
  if (const auto index = box.cite(fear, "value", "fear and greed, 0 to 100; extremes are contrarian")) {
    opinion.group("fear and greed", box.setting("fear_weight"));
    opinion.vote(fear_vote(*index, box.setting("fear_below"), box.setting("greed_above")));
    words = fmt::format("fear and greed {:.0f}", *index);
  }
  opinion.group("news", box.setting("news_weight"));
  if (vote_mood(box, opinion, news, "headlines", "count")) words += words.empty() ? "news read" : ", news read";
  opinion.group("posts", box.setting("social_weight"));
  if (vote_mood(box, opinion, social, "posts", "posts")) words += words.empty() ? "posts read" : ", posts read";
  return conclude(box, opinion, words);
}

Verdict macro_analyst(Toolbox box, Told told) {
  const Answer impact = box.ask("get_macro_impact");
  const Answer rate = box.ask("get_fed_rate");
  const Answer prices = box.ask("get_cpi");
  if (!impact && !rate && !prices) return without_source(box, impact, "macro", told);
  std::string words;
  const auto add = [&](const std::string& text) { words += (words.empty() ? "" : "; ") + text; };
  if (const auto upper = box.cite(rate, "upper", "upper end of the Fed's target range, percent a year")) add(fmt::format("Fed rate {:.2f} %", *upper));
  if (const auto year = box.cite(prices, "percent_year", "US consumer prices over a year, percent")) add(fmt::format("prices {:+.1f} % a year", *year));
  // A release says when nobody knows, not which way: it takes weight from those who are sure.
  double share = 0;
  if (impact) {
    const std::string_view size = impact.text("impact");
    share = size == "high" ? 1 : size == "medium" ? box.setting("medium_share") : 0;
    if (const auto hours = box.cite(impact, "hours_until", "hours to the next release of high importance"))
      add(fmt::format("{} in {:.1f} h: impact {}", impact.text("next"), *hours, size));
  }
  box.think("Macro figures are the same for everybody and priced in; a coming release widens what may happen and has no direction.");
  return box.conclude(Stance::neutral, 0, box.profile().weight * share, fmt::format("Neutral: {}.", words.empty() ? "nothing ahead" : words));
}

Verdict onchain_analyst(Toolbox box, Told told) {
  const Answer flows = box.ask("get_exchange_flows");
  const Answer value = box.ask("get_mvrv");
  const Answer profit = box.ask("get_sopr");
  const Answer stable = box.ask("get_stablecoin_flows");
  if (!flows && !value && !profit && !stable) return without_source(box, flows, "on-chain", told);
  Opinion opinion;
  std::string words;
  const auto add = [&](const std::string& text) { words += (words.empty() ? "" : ", ") + text; };
  opinion.group("flows", box.setting("flow_weight"));
  const auto in = box.cite(flows, "inflow", "coins into exchanges"), out = box.cite(flows, "outflow", "coins out of exchanges");
  if (in && out && *in + *out > 0) {
    opinion.vote(clamp_vote((*out - *in) / (*in + *out) / box.setting("full_flow_share")));
    add(fmt::format("net flow into exchanges {:.0f} coins", *in - *out));
  }
  if (const auto net = box.cite(stable, "net", "USD of stablecoins into exchanges less out of them")) {
    opinion.vote(clamp_vote(*net / box.setting("full_stablecoin_usd")), 0.5);
    add(fmt::format("stablecoins {:+.0f} M USD", *net / 1e6));
  }
  opinion.group("valuation", box.setting("valuation_weight"));
  if (const auto mvrv = box.cite(value, "value", "market value over realised value")) {
    const double cheap = box.setting("mvrv_cheap"), dear = box.setting("mvrv_dear");
    opinion.vote(*mvrv < cheap ? clamp_vote((cheap - *mvrv) / (cheap / 4)) : *mvrv > dear ? -clamp_vote((*mvrv - dear) / dear) : 0);
    add(fmt::format("MVRV {:.2f}", *mvrv));
  }
  if (const auto sopr = box.cite(profit, "value", "price sold over price paid; below 1 holders sell at a loss")) {
    opinion.vote(clamp_vote((1 - *sopr) / box.setting("full_sopr")), 0.5);
    add(fmt::format("SOPR {:.3f}", *sopr));
  }
  return conclude(box, opinion, words);
}

}  // namespace prom
