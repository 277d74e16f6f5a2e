// The report as a document: size, no address of anything outside, nothing that a text says becomes markup, every list bounded and what is missing named.
#include "research/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "research/report/reasoning.h"
#include "research/report/sample_run.h"

namespace prom {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ReportOptions options_for(const sample::Sample& s) {
  ReportOptions options;
  options.candles = make_candles(s.data);
  options.command = "promtrade backtest --desk --json";
  options.version = "0.1.0";
  return options;
}

nlohmann::json data_in(const std::string& html) {
  static constexpr std::string_view kOpen = R"(<script type="application/json" id="data">)";
  const std::size_t from = html.find(kOpen) + kOpen.size();
  return nlohmann::json::parse(html.substr(from, html.find("</script>", from) - from));
}

TEST(Report, begins_with_the_verdict_and_says_paper) {
  const sample::Sample s = sample::run(5);
  const std::string html = report_html(s.result, options_for(s));
  EXPECT_THAT(html, HasSubstr("PAPER"));
  EXPECT_THAT(html, HasSubstr("too little to conclude"));
  EXPECT_THAT(html, HasSubstr("which is not US dollars"));
  EXPECT_THAT(html, HasSubstr("promtrade backtest --desk --json"));
  EXPECT_LT(html.find("id=\"verdict\""), html.find("id=\"figures\""));
  EXPECT_LT(html.find("id=\"figures\""), html.find("id=\"curves\""));
  EXPECT_LT(html.size(), kMaxReportBytes);
  EXPECT_THAT(html, Not(HasSubstr("{{")));
}

TEST(Report, needs_nothing_from_outside) {
  const sample::Sample s = sample::run(2);
  const std::string html = report_html(s.result, options_for(s));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  const std::regex outside(R"((src|href|action|poster|data)\s*=\s*["']?(https?:|//|file:|ftp:)|url\(\s*["']?(?!data:)|@import|<link|<iframe|<img)",
                           std::regex::icase);
  std::smatch found;
  EXPECT_FALSE(std::regex_search(html, found, outside)) << found.str();
  for (const char* call : {"fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "import("}) EXPECT_THAT(html, Not(HasSubstr(call)));
}

TEST(Report, texts_never_become_markup) {
  sample::Sample s = sample::run(2);
  const std::string evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>'\"&{{data}}";
  RunResult& r = s.result;
  for (DecisionRecord& d : r.decisions) {
    d.summary = d.regime = evil;
    for (Verdict& v : d.verdicts) {
      v.summary = v.model = evil;
      for (Evidence& e : v.evidence) e.says = e.path = evil;
      for (ReasoningStep& step : v.steps) step.text = step.tool = step.input = step.output = evil;
    }
  }
  for (JournalEntry& t : r.trades) t.lesson = t.exit_reason = t.decider = evil;
  for (DeniedProposal& d : r.denials) d.proposal.reason = evil;
  for (Benchmark& b : r.benchmarks) b.name = evil;
  for (Alert& a : r.alerts) a.text = a.code = evil;
  for (Instrument& i : r.instruments) i.symbol = evil;
  r.configuration = r.run_id = r.decider = r.quote = r.summary.funding_note = evil;
  ReportOptions options = options_for(s);
  options.command = evil;
  options.digests = {{evil, evil}};
  const std::string html = report_html(r, options);
  const auto count = [&](std::string_view what) {
    std::size_t n = 0;
    for (std::size_t at = html.find(what); at != std::string::npos; at = html.find(what, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(count("<script"), 3U);
  EXPECT_EQ(count("</script"), 3U);
  EXPECT_EQ(count("<img"), 0U);
  EXPECT_EQ(data_in(html).at("decisions").at(0).at("x"), evil);
}

TEST(Report, carries_every_trade_and_denial_with_its_reasoning) {
  const sample::Sample s = sample::run(30);
  const std::string html = report_html(s.result, options_for(s));
  const auto data = data_in(html);
  EXPECT_LT(html.size(), kMaxReportBytes);
  EXPECT_EQ(data.at("trades").size(), s.result.trades.size());
  EXPECT_EQ(data.at("denials").size(), s.result.denials.size());
  std::set<std::uint64_t> shown;
  std::size_t holds = 0;
  for (const auto& d : data.at("decisions")) {
    shown.insert(d.at("i").get<std::uint64_t>());
    holds += d.at("a") == "hold" ? 1U : 0U;
    EXPECT_EQ(d.at("v").size(), 14U);
  }
  for (const JournalEntry& t : s.result.trades) EXPECT_TRUE(shown.contains(t.decision->v));
  for (const DeniedProposal& d : s.result.denials) EXPECT_TRUE(shown.contains(d.proposal.decision.v));
  EXPECT_EQ(holds, 48U);
  EXPECT_THAT(html, HasSubstr("agents explain ID"));
}

TEST(Report, stays_under_its_limit_whatever_the_agents_wrote) {
  sample::Sample s = sample::run(2);
  const std::string long_text(5'000, 'x');
  for (DecisionRecord& d : s.result.decisions) {
    d.action = DecisionAction::open_long;
    for (Verdict& v : d.verdicts)
      for (ReasoningStep& step : v.steps) step.output = long_text;
  }
  const std::string html = report_html(s.result, options_for(s));
  EXPECT_LT(html.size(), kMaxReportBytes);
  EXPECT_GT(html.size(), kMaxReportBytes / 4);
  EXPECT_THAT(html, HasSubstr("Outputs of tools are"));
}

TEST(Report, very_long_runs_are_bounded_and_say_so) {
  sample::Sample s = sample::run(2);
  RunResult& r = s.result;
  const JournalEntry trade = r.trades.front();
  while (r.trades.size() < 60'000) r.trades.push_back(trade);
  const DeniedProposal denial = {r.to, TradeProposal{}, Denial{}};
  while (r.denials.size() < 9'000) r.denials.push_back(denial);
  r.equity.clear();
  for (int i = 0; i < 200'000; ++i) r.equity.push_back({sample::kStart + DurationNs{i * kMinute.ns}, Decimal::from_int(i == 77'777 ? 1 : 10'000 + i % 50)});
  const std::string html = report_html(r, options_for(s));
  EXPECT_LT(html.size(), kMaxReportBytes);
  EXPECT_THAT(html, HasSubstr("the last 5000 trades"));
  EXPECT_THAT(html, HasSubstr("the last 2000 denials"));
  const auto curve = data_in(html).at("curves").at(0).at("v").get<std::vector<double>>();
  EXPECT_LE(curve.size(), 2'002U);
  EXPECT_EQ(*std::ranges::min_element(curve), 1) << "the deepest point is never thinned away";
}

TEST(Report, an_empty_run_still_has_a_page) {
  const std::string html = report_html(RunResult{}, {});
  EXPECT_THAT(html, HasSubstr("No trade was made"));
  EXPECT_EQ(data_in(html).at("trades").size(), 0U);
}

TEST(Report, held_out_data_stand_beside) {
  const sample::Sample s = sample::run(2);
  ReportOptions options = options_for(s);
  EXPECT_THAT(report_html(s.result, options), Not(HasSubstr("id=\"held-out\"")));
  RunResult other;
  other.quote = "USDT";
  other.summary.opening_cash = Decimal::from_int(1'000);
  other.summary.net = Decimal::from_int(-37);
  other.summary.fills = 2;
  options.held_out = &other;
  EXPECT_THAT(report_html(s.result, options), HasSubstr("This run lost 37.00\u00a0USDT"));
}

TEST(Reasoning, budget_shortens_outputs_first_then_drops_holds_then_late_decisions) {
  const RunResult r = sample::run(4).result;
  const auto wide = report::choose_reasoning(r, 50'000'000);
  EXPECT_EQ(wide.acted_shown, wide.acted);
  EXPECT_EQ(wide.output_limit, 4'000U);
  EXPECT_EQ(wide.acted + wide.holds, r.decisions.size());
  for (const std::size_t budget : {0U, 20'000U, 100'000U, 400'000U, 1'000'000U}) {
    const auto some = report::choose_reasoning(r, budget);
    EXPECT_LE(some.json.size(), budget + 2);
    if (some.acted_shown < some.acted) {
      EXPECT_EQ(some.output_limit, 0U);
    }
  }
}

}  // namespace
}  // namespace prom
