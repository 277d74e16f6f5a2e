// The verdict in words. Pure; any thread.
#include "research/verdict/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "research/verdict/money_text.h"

namespace prom {
namespace {

constexpr std::string_view kHold = "buy and hold";
constexpr std::string_view kStrategy = "strategy";

std::string listed(const std::vector<std::string>& items) {
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i != 0) out += i + 1 == items.size() ? " and " : ", ";
    out += items[i];
  }
  return out;
}

double share_of_cash(const RunSummary& s) {
  const double cash = s.opening_cash.to_double();
  return cash > 0 ? s.net.to_double() / cash : 0;
}

std::string days_text(double days) { return fmt::format("{:.1f} days", days); }

std::string headline(const RunResult& r) {
  const RunSummary& s = r.summary;
  const std::string span = fmt::format("{} became {} in {}.", money_text(s.opening_cash, r.quote), money_text(s.closing_equity, r.quote), days_text(s.days));
  if (s.trades == 0 && s.fills == 0) return fmt::format("No trade was made, so nothing was gained or lost: {}", span);
  if (s.net.is_zero()) return fmt::format("This run neither gained nor lost: {}", span);
  return fmt::format("This run {} {} ({}): {}", s.net.is_negative() ? "lost" : "gained", money_text(s.net.abs(), r.quote),
                     percent_text(share_of_cash(s), SignShown::always), span);
}

std::string caution(const RunResult& r) {
  const RunSummary& s = r.summary;
  std::vector<std::string> lacks;
  if (s.trades < kEnoughTrades) lacks.push_back(fmt::format("{} (fewer than {})", count_text(s.trades, "trade", "trades"), kEnoughTrades));
  if (s.days < kEnoughDays) lacks.push_back(fmt::format("{} (fewer than {:.0f})", days_text(s.days), kEnoughDays));
  if (lacks.empty()) return {};
  return fmt::format("This is too little to conclude anything: {}. Chance alone can give a result like this one.", listed(lacks));
}

/// "BTCUSDT" from "buy and hold BTCUSDT"; the basket reads "all in equal parts".
std::string short_name(std::string_view name, std::string_view prefix) {
  name.remove_prefix(prefix.size());
  while (!name.empty() && (name.front() == ' ' || name.front() == ',' || name.front() == ':')) name.remove_prefix(1);
  if (name == "equal parts") return "the equal-weight basket";
  return name.empty() ? std::string(prefix) : std::string(name);
}

/// Which yardsticks did better than the run and which did not, each with its own net result.
std::string beside(const RunResult& r, std::string_view what, std::string_view prefix, const std::vector<const Benchmark*>& group) {
  if (group.empty()) return {};
  std::vector<std::string> better, same, worse;
  for (const Benchmark* b : group) {
    auto& list = b->net > r.summary.net ? better : b->net == r.summary.net ? same : worse;
    list.push_back(fmt::format("{} ({})", short_name(b->name, prefix), money_text(b->net, r.quote, SignShown::always)));
  }
  std::vector<std::string> parts;
  if (!better.empty()) parts.push_back("worse than " + listed(better));
  if (!worse.empty()) parts.push_back("better than " + listed(worse));
  if (!same.empty()) parts.push_back("the same as " + listed(same));
  std::string said;
  for (const std::string& part : parts) said += (said.empty() ? "" : "; ") + part;
  return fmt::format("{}, this run did {}.", what, said);
}

std::vector<const Benchmark*> named(const RunResult& r, std::string_view prefix) {
  std::vector<const Benchmark*> group;
  for (const Benchmark& b : r.benchmarks)
    if (b.name.starts_with(prefix)) group.push_back(&b);
  return group;
}

std::vector<const Benchmark*> unnamed(const RunResult& r) {
  std::vector<const Benchmark*> group;
  for (const Benchmark& b : r.benchmarks)
    if (!b.name.starts_with(kHold) && !b.name.starts_with(kStrategy)) group.push_back(&b);
  return group;
}

std::string chance(const RunResult& r) {
  if (!r.random_entries || r.random_entries->runs == 0) return {};
  const RandomEntries& x = *r.random_entries;
  const char* reading = x.beaten >= 0.95   ? "timing added something that chance seldom gives"
                        : x.beaten <= 0.05 ? "its timing was worse than nearly any by chance"
                                           : "its timing cannot be told from chance";
  return fmt::format(
      "Beside {} with the same number of trades, sides and holding times, it beat {:.1f} % of them: {}. Their median is {}; nine in ten "
      "lie between {} and {}.",
      count_text(x.runs, "random-entry run", "random-entry runs"), x.beaten * 100, reading, money_text(x.median, r.quote, SignShown::always),
      money_text(x.p05, r.quote, SignShown::always), money_text(x.p95, r.quote, SignShown::always));
}

std::string costs(const RunResult& r) {
  const RunSummary& s = r.summary;
  if (s.fills == 0) return {};
  return fmt::format("Before costs it {} {}. Fees took {}, slippage {}; funding {} {}.", s.gross.is_negative() ? "lost" : "made",
                     money_text(s.gross.abs(), r.quote), money_text(s.fees, r.quote), money_text(s.slippage, r.quote),
                     s.funding.is_negative() ? "took" : "brought", money_text(s.funding.abs(), r.quote));
}

std::string sample(const RunResult& r) {
  const RunSummary& s = r.summary;
  std::string text = fmt::format("It rests on {} in {}", count_text(s.trades, "closed trade", "closed trades"), days_text(s.days));
  if (!s.net_interval) return text + "; that is too short for a bootstrap interval.";
  const auto [low, high] = *s.net_interval;
  const char* reading = low > 0 ? "all of it above zero" : high < 0 ? "all of it below zero" : "which includes zero";
  return text + fmt::format("; by a block bootstrap of its daily results, the 95 % interval of the net result is {} to {} {}, {}.",
                            estimate_text(low, SignShown::always), estimate_text(high, SignShown::always), r.quote, reading);
}

std::string still_open(const RunResult& r) {
  if (r.summary.open_unrealised.is_zero()) return {};
  return fmt::format("{} of the net result is not closed yet: it is the value of open positions at the last price.",
                     money_text(r.summary.open_unrealised, r.quote, SignShown::always));
}

std::string assumptions(const RunResult& r) {
  std::string text = r.summary.funding_note;
  if (!text.empty() && !text.ends_with('.')) text += '.';
  std::vector<std::string> assumed;
  for (const Instrument& instrument : r.instruments)
    if (instrument.provenance == Provenance::assumed) assumed.push_back(instrument.symbol);
  if (!assumed.empty()) {
    text += fmt::format("{}Fees, leverage tiers and order filters of {} are assumed, not asked of the venue.", text.empty() ? "" : " ", listed(assumed));
  }
  return text;
}

std::string mode(const RunResult& r) {
  std::string text = r.mode == "PAPER" ? "PAPER: the venue was simulated and no real money was traded." : fmt::format("Mode: {}.", r.mode);
  if (r.quote == "USDT" || r.quote == "USDC") text += fmt::format(" All amounts are in {}, which is not US dollars.", r.quote);
  return text;
}

}  // namespace

std::vector<VerdictSentence> verdict_of(const RunResult& result) {
  std::vector<VerdictSentence> out;
  const auto say = [&](VerdictTopic topic, std::string text) {
    if (!text.empty()) out.push_back({topic, std::move(text)});
  };
  say(VerdictTopic::headline, headline(result));
  say(VerdictTopic::caution, caution(result));
  say(VerdictTopic::holding, beside(result, "Beside buying and holding", kHold, named(result, kHold)));
  say(VerdictTopic::strategies, beside(result, "Beside each strategy alone", kStrategy, named(result, kStrategy)));
  say(VerdictTopic::other, beside(result, "Beside other yardsticks", "", unnamed(result)));
  say(VerdictTopic::chance, chance(result));
  say(VerdictTopic::costs, costs(result));
  say(VerdictTopic::sample, sample(result));
  say(VerdictTopic::open, still_open(result));
  say(VerdictTopic::assumptions, assumptions(result));
  say(VerdictTopic::mode, mode(result));
  return out;
}

}  // namespace prom
