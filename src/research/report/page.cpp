// Static parts of the report. Pure; any thread.
#include "research/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "research/verdict/money_text.h"
#include "research/verdict/verdict.h"

namespace prom::report {
namespace {

constexpr std::size_t kMaxConfigurationBytes = 100'000;

/// Meaning never by colour alone: a gain or loss also carries its sign and an arrow.
std::string_view tone_of(Decimal amount) { return amount.is_positive() ? "gain" : amount.is_negative() ? "loss" : "even"; }

std::string signed_html(Decimal amount, std::string_view currency) {
  return fmt::format(R"(<span class="{}">{}</span>)", tone_of(amount), html_escape(amount_text(amount, currency, SignShown::always)));
}

std::string_view label_of(VerdictTopic topic) {
  switch (topic) {
    case VerdictTopic::headline: return "Result";
    case VerdictTopic::caution: return "Caution";
    case VerdictTopic::holding: return "Buy and hold";
    case VerdictTopic::strategies: return "Strategies";
    case VerdictTopic::other: return "Others";
    case VerdictTopic::chance: return "Chance";
    case VerdictTopic::costs: return "Costs";
    case VerdictTopic::sample: return "Sample";
    case VerdictTopic::open: return "Open";
    case VerdictTopic::assumptions: return "Assumed";
    case VerdictTopic::mode: return "Mode";
  }
  PROM_UNREACHABLE();
}

/// Escaped, with a number and its unit kept on one line.
std::string sentence_html(std::string_view text) {
  const std::string escaped = html_escape(text);
  const auto digit = [&](std::size_t i) { return escaped[i] >= '0' && escaped[i] <= '9'; };
  std::string out;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const bool joins = escaped[i] == ' ' && i > 0 && digit(i - 1) && i + 1 < escaped.size() && !digit(i + 1) && escaped[i + 1] != '(';
    out += joins ? "\u00a0" : std::string(1, escaped[i]);
  }
  return out;
}

std::string figure(std::string_view label, std::string_view value, std::string_view note) {
  return fmt::format(R"(<div class="figure"><dt>{}</dt><dd>{}<small>{}</small></dd></div>)", html_escape(label), value, html_escape(note));
}

std::string ratio_text(const std::optional<double>& value) { return value && std::isfinite(*value) ? fmt::format("{:.2f}", *value) : "n/a"; }

/// A bar from the middle: right for a gain, left for a loss; `scale` is the largest amount in the table.
std::string bar_html(Decimal amount, double scale) {
  const double width = scale > 0 ? std::abs(amount.to_double()) / scale * 50 : 0;
  const double left = amount.is_negative() ? 50 - width : 50;
  return fmt::format(R"(<span class="bar" aria-hidden="true"><i class="{}" style="left:{:.2f}%;width:{:.2f}%"></i></span>)", tone_of(amount), left, width);
}

std::string comparison_row(std::string_view name, Decimal net, std::string_view difference, double drawdown, std::uint64_t trades, std::string_view quote,
                           double scale, std::string_view row_class) {
  return fmt::format(
      R"(<tr{}><th scope="row">{}</th><td class="num">{}</td><td class="bars lo">{}</td><td class="num">{}</td><td class="num lo">{}</td><td class="num lo">{}</td></tr>)",
      row_class, html_escape(name), signed_html(net, quote), bar_html(net, scale), difference, html_escape(percent_text(drawdown)), trades);
}

/// Where the run lies among random entries, as a line from the 5th to the 95th percentile.
std::string chance_html(const RunResult& r) {
  if (!r.random_entries) return {};
  const RandomEntries& x = *r.random_entries;
  const double low = std::min(x.p05.to_double(), r.summary.net.to_double()), high = std::max(x.p95.to_double(), r.summary.net.to_double());
  const double span = high > low ? high - low : 1;
  const auto at = [&](Decimal amount) { return 4 + 92 * (amount.to_double() - low) / span; };
  const std::string said = fmt::format("{} (seed {}): 5 % below {}, median {}, 5 % above {}; this run: {}, above {:.1f} % of them.",
                                       count_text(x.runs, "random-entry run", "random-entry runs"), x.seed, money_text(x.p05, r.quote, SignShown::always),
                                       money_text(x.median, r.quote, SignShown::always), money_text(x.p95, r.quote, SignShown::always),
                                       money_text(r.summary.net, r.quote, SignShown::always), x.beaten * 100);
  std::string out = R"(<figure class="chance"><figcaption>Net result beside random entries</figcaption><div class="strip" aria-hidden="true">)";
  out += fmt::format(R"(<i class="range" style="left:{:.2f}%;width:{:.2f}%"></i>)", at(x.p05), at(x.p95) - at(x.p05));
  out += fmt::format(R"(<i class="median" style="left:{:.2f}%"></i><i class="mine" style="left:{:.2f}%"></i>)", at(x.median), at(r.summary.net));
  return out + "</div><p>" + sentence_html(said) +
         R"( <span class="keys"><b class="k-range"></b> middle nine in ten <b class="k-median"></b> median <b class="k-mine"></b> this run</span></p></figure>)";
}

std::string definition(std::string_view name, std::string_view value, std::string_view value_class = "") {
  return fmt::format(R"(<div><dt>{}</dt><dd class="{}">{}</dd></div>)", html_escape(name), value_class, html_escape(value));
}

std::string list_html(const std::vector<std::string>& items) {
  std::string out = "<ul>";
  for (const std::string& item : items) out += "<li>" + html_escape(item) + "</li>";
  return out + "</ul>";
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string title_of(const RunResult& r) {
  return html_escape(fmt::format("{} Prometheus {} {}: {}", r.mode, r.kind, r.run_id, money_text(r.summary.net, r.quote, SignShown::always)));
}

std::string header_html(const RunResult& r) {
  std::vector<std::string> names;
  for (const Instrument& i : r.instruments) names.push_back(i.symbol);
  std::string markets = names.size() <= 6 ? join(names, ", ") : fmt::format("{} instruments", names.size());
  return fmt::format(R"(<p class="run"><b class="mode">{}</b><span>{} {}</span></p><p class="span">{} to {} &middot; {} &middot; decided by {}</p>)",
                     html_escape(r.mode), html_escape(r.kind), html_escape(r.run_id), html_escape(minute_text(r.from)), html_escape(minute_text(r.to)),
                     html_escape(markets), html_escape(r.decider == "desk" ? "the desk of fourteen agents" : r.decider));
}

std::string verdict_html(const RunResult& r) {
  std::string out, rest;
  for (const VerdictSentence& s : verdict_of(r)) {
    if (s.topic == VerdictTopic::headline) {
      const std::size_t colon = s.text.find(": ");
      // The sentence's first half is the headline, its second half stands below it.
      out +=
          fmt::format(R"(<h1 id="verdict">{}</h1><p class="became">{}</p>)", sentence_html(s.text.substr(0, colon) + (colon == std::string::npos ? "" : ".")),
                      colon == std::string::npos ? "" : sentence_html(s.text.substr(colon + 2)));
    } else if (s.topic == VerdictTopic::caution) {
      out += fmt::format(R"(<p class="caution"><b>Caution</b> {}</p>)", sentence_html(s.text));
    } else {
      rest += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", label_of(s.topic), sentence_html(s.text));
    }
  }
  return out + R"(<dl class="sentences">)" + rest + "</dl>";
}

std::string figures_html(const RunResult& r) {
  const RunSummary& s = r.summary;
  const std::string& q = r.quote;
  const double cash = s.opening_cash.to_double();
  std::string out = R"(<dl class="figures">)";
  out += figure("Net result", signed_html(s.net, q),
                fmt::format("{}, {} of the opening cash", q, percent_text(cash > 0 ? s.net.to_double() / cash : 0, SignShown::always)));
  out += figure("Gross result", signed_html(s.gross, q), q + ", before all costs");
  out += figure("Fees", html_escape(amount_text(s.fees, q)), q + " paid");
  out += figure("Slippage", html_escape(amount_text(s.slippage, q)), q + " paid");
  out += figure("Funding", signed_html(s.funding, q), q + (s.funding.is_negative() ? ", paid" : ", received"));
  out += figure("Largest drawdown", html_escape(percent_text(s.max_drawdown)), "from the highest equity before");
  out += figure("Trades", fmt::format("{}", s.trades), fmt::format("closed, in {:.1f} days; {} fills", s.days, s.fills));
  out += figure("Won", s.win_rate ? html_escape(percent_text(*s.win_rate)) : "n/a", fmt::format("{} of {}", s.wins, s.trades));
  out += figure("Profit factor", ratio_text(s.profit_factor), "gains divided by losses");
  out += figure("A trade brings", s.expectancy ? html_escape(estimate_text(*s.expectancy, SignShown::always)) : "n/a", q + " on average");
  out += figure("Sharpe ratio", ratio_text(s.sharpe), "a year, from daily equity");
  out += figure("Denied", fmt::format("{}", s.denials), fmt::format("proposals, of {} decisions", s.decisions));
  return out + "</dl>";
}

std::string comparison_html(const RunResult& r) {
  if (r.benchmarks.empty() && !r.random_entries) return {};
  double scale = std::abs(r.summary.net.to_double());
  for (const Benchmark& b : r.benchmarks) scale = std::max(scale, std::abs(b.net.to_double()));
  std::string out = fmt::format(
      R"(<section id="comparison"><h2>Beside what else the same cash could have done</h2><div class="scroll"><table class="compare"><thead><tr>)"
      R"(<th scope="col">What</th><th scope="col" class="num">Net, {0}</th><th scope="col" class="lo"><span class="vh">Size</span></th>)"
      R"(<th scope="col" class="num">Difference, {0}</th><th scope="col" class="num lo">Drawdown</th><th scope="col" class="num lo">Trades</th></tr></thead><tbody>)",
      html_escape(r.quote));
  out += comparison_row("This run", r.summary.net, "", r.summary.max_drawdown, r.summary.trades, r.quote, scale, R"( class="mine")");
  std::vector<const Benchmark*> sorted;
  for (const Benchmark& b : r.benchmarks) sorted.push_back(&b);
  // Best first; libstdc++ 12's stable_sort uses what clang calls deprecated, so names settle ties.
  std::ranges::sort(sorted, [](const Benchmark* a, const Benchmark* b) { return a->net != b->net ? a->net > b->net : a->name < b->name; });
  for (const Benchmark* b : sorted)
    out += comparison_row(b->name, b->net, signed_html(r.summary.net - b->net, r.quote), b->max_drawdown, b->trades, r.quote, scale, "");
  return out + "</tbody></table></div>" + chance_html(r) + "</section>";
}

std::string held_out_html(const ReportOptions& options) {
  if (options.held_out == nullptr) return {};
  const RunResult& r = *options.held_out;
  std::string out =
      R"(<section id="held-out"><h2>The same on data held out</h2><p class="lead">No choice was made on these data; the setting above was run on them once.</p>)";
  out += fmt::format("<p>{} to {}, {} bars.</p>", html_escape(minute_text(r.from)), html_escape(minute_text(r.to)), r.bars);
  out += R"(<dl class="sentences">)";
  for (const VerdictSentence& s : verdict_of(r)) out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", label_of(s.topic), sentence_html(s.text));
  return out + "</dl></section>";
}

std::string about_html(const RunResult& r, const ReportOptions& options, const std::vector<std::string>& left_out) {
  std::string out = R"(<section id="about"><h2>How to get the same again</h2>)";
  if (!options.command.empty()) {
    out += fmt::format(R"(<p>The same command gives the same digest on every machine.</p><pre class="command"><code>{}</code></pre>)",
                       html_escape(options.command));
  }
  out += R"(<dl class="identity">)";
  out += definition("Run", r.run_id, "mono") + definition("Mode", r.mode) + definition("Digest of the fills", r.digest, "mono") +
         definition("Data", r.data_sha256, "mono");
  for (const auto& [name, hex] : options.digests) out += definition("Digest of the " + name, hex, "mono");
  out += definition("Bars", count_text(r.bars, "bar", "bars"));
  if (!options.version.empty()) out += definition("Program", "promtrade " + options.version);
  if (options.created_at.ns != 0) out += definition("Report made", minute_text(options.created_at));
  out += "</dl>";
  if (!r.configuration.empty()) {
    const std::string shown = r.configuration.substr(0, kMaxConfigurationBytes);
    out += "<details><summary>Configuration</summary><pre><code>" + html_escape(shown) + "</code></pre></details>";
  }
  if (!left_out.empty()) out += "<h3>Left out of this page</h3>" + list_html(left_out);
  return out + "</section>";
}

}  // namespace prom::report
