// Curves, candles and tables for the report. Pure; any thread.
#include "research/report/page_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "research/exports/run_lookup.h"
#include "research/report/json_text.h"
#include "research/verdict/money_text.h"

namespace prom::report {
namespace {

constexpr std::size_t kMaxCurvePoints = 2'000;
constexpr std::size_t kMaxChartedInstruments = 16;
constexpr std::size_t kMaxTrades = 5'000;
constexpr std::size_t kMaxDenials = 2'000;
constexpr std::size_t kMaxAlerts = 500;

std::int64_t seconds(TimeNs time) { return time.ns / kSecond.ns; }
/// Digits after the point that the page shows of an amount.
int digits_of(std::string_view currency) { return currency == "BTC" || currency == "ETH" ? 8 : 4; }

/// Few enough points for a chart, with every stretch's lowest and highest kept, so that no drawdown is lost.
std::vector<EquityPoint> thinned(std::span<const EquityPoint> curve) {
  if (curve.size() <= kMaxCurvePoints) return {curve.begin(), curve.end()};
  std::vector<EquityPoint> out{curve.front()};
  const std::size_t stretches = kMaxCurvePoints / 2;
  for (std::size_t k = 0; k < stretches; ++k) {
    const auto part = curve.subspan(k * curve.size() / stretches, (k + 1) * curve.size() / stretches - k * curve.size() / stretches);
    auto [low, high] = std::ranges::minmax_element(part, {}, &EquityPoint::equity);
    if (high < low) std::swap(low, high);
    for (const auto& at : {low, high})
      if (out.back().time < at->time) out.push_back(*at);
  }
  if (out.back().time < curve.back().time) out.push_back(curve.back());
  return out;
}

void put_curve(JsonText& out, std::string_view name, std::span<const EquityPoint> curve, int digits) {
  const std::vector<EquityPoint> points = thinned(curve);
  out.open('{').key("name").text(name).key("t").open('[');
  for (const EquityPoint& p : points) out.number(seconds(p.time));
  out.close(']').key("v").open('[');
  for (const EquityPoint& p : points) out.amount(p.equity, std::min(digits, 8));
  out.close(']').close('}');
}

void put_curves(JsonText& out, const RunResult& r) {
  const int digits = digits_of(r.quote) == 8 ? 8 : 2;
  out.key("curves").open('[');
  put_curve(out, "This run", r.equity, digits);
  for (const Benchmark& b : r.benchmarks)
    if (!b.equity.empty()) put_curve(out, b.name, b.equity, digits);
  out.close(']');
}

void put_column(JsonText& out, std::string_view name, const std::vector<std::int64_t>& prices) {
  out.key(name).open('[');
  for (const std::int64_t price : prices) out.number(price);
  out.close(']');
}

void put_candles(JsonText& out, const ReportOptions& options, std::vector<std::string>& left_out) {
  out.key("candles").open('[');
  std::size_t drawn = 0;
  for (const CandleSeries& c : options.candles) {
    if (c.open_time_ns.empty() || drawn == kMaxChartedInstruments) continue;
    ++drawn;
    out.open('{').key("n").number(std::uint64_t{c.instrument.v}).key("step").number(c.interval.ns / kSecond.ns).key("label").text(format_interval(c.interval));
    out.key("digits").number(std::uint64_t{c.price_digits}).key("t").open('[');
    for (const std::int64_t t : c.open_time_ns) out.number(t / kSecond.ns);
    out.close(']');
    put_column(out, "o", c.open), put_column(out, "h", c.high), put_column(out, "l", c.low), put_column(out, "c", c.close);
    out.close('}');
  }
  out.close(']');
  if (drawn < options.candles.size()) left_out.push_back(fmt::format("Charts of {} more instruments are left out.", options.candles.size() - drawn));
}

void put_instruments(JsonText& out, const RunResult& r) {
  out.key("instruments").open('[');
  for (const Instrument& i : r.instruments) {
    out.open('{').key("symbol").text(i.symbol).key("code").text(instrument_code(i)).key("base").text(asset_of(r, i.base));
    out.key("quote").text(asset_of(r, i.quote)).key("settle").text(asset_of(r, i.settle)).key("digits").number(std::uint64_t{i.price_digits});
    out.key("unit").text(i.quantity_kind == QuantityKind::contracts ? "contracts" : asset_of(r, i.base)).close('}');
  }
  out.close(']');
}

/// [number, instrument, side, opened, closed, quantity, entry, exit, gross, fees, funding, slippage, net, reason, decision, regime, lesson, risked, best, worst,
/// decider]
void put_trade(JsonText& out, const RunResult& r, const JournalEntry& t) {
  const int digits = digits_of(settle_of(r, t.instrument));
  out.open('[').number(t.trade.v).number(std::uint64_t{t.instrument.v}).number(t.side == Side::buy ? std::int64_t{1} : std::int64_t{-1});
  out.number(seconds(t.opened_at)).number(seconds(t.closed_at)).text(units_text(r, t.instrument, t.quantity)).amount(t.entry_price, 8).amount(t.exit_price, 8);
  for (const Decimal x : {gross_before_costs(t), t.fees, t.funding, t.slippage, t.net}) out.amount(x, digits);
  out.text(t.exit_reason);
  t.decision ? out.number(t.decision->v) : out.raw("null");
  out.text(t.regime).text(t.lesson);
  for (const Decimal x : {t.risked, t.best_excursion, t.worst_excursion}) out.amount(x, digits);
  out.text(t.decider).close(']');
}

void put_trades(JsonText& out, const RunResult& r, std::vector<std::string>& left_out) {
  const std::size_t skipped = r.trades.size() > kMaxTrades ? r.trades.size() - kMaxTrades : 0;
  if (skipped > 0) left_out.push_back(fmt::format("The table holds the last {} trades; {} earlier ones are in the export (--export).", kMaxTrades, skipped));
  out.key("trades").open('[');
  for (const JournalEntry& t : std::span(r.trades).subspan(skipped)) put_trade(out, r, t);
  out.close(']');
}

/// [time, instrument, side, quantity, code, explanation, decision, decider, reason]
void put_denials(JsonText& out, const RunResult& r, std::vector<std::string>& left_out) {
  const std::size_t skipped = r.denials.size() > kMaxDenials ? r.denials.size() - kMaxDenials : 0;
  if (skipped > 0) left_out.push_back(fmt::format("The table holds the last {} denials; {} earlier ones are in the export (--export).", kMaxDenials, skipped));
  out.key("denials").open('[');
  for (const DeniedProposal& d : std::span(r.denials).subspan(skipped)) {
    const TradeProposal& p = d.proposal;
    out.open('[').number(seconds(d.time)).number(std::uint64_t{p.instrument.v}).number(p.side == Side::buy ? std::int64_t{1} : std::int64_t{-1});
    out.text(units_text(r, p.instrument, p.quantity)).text(name_of(d.denial.code)).text(explain(d.denial));
    p.decision.v != 0 ? out.number(p.decision.v) : out.raw("null");
    out.text(p.decider).text(p.reason).close(']');
  }
  out.close(']');
}

std::string_view name_of_severity(Severity severity) {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::critical: return "critical";
  }
  PROM_UNREACHABLE();
}

void put_alerts(JsonText& out, const RunResult& r, std::vector<std::string>& left_out) {
  const std::size_t shown = std::min(r.alerts.size(), kMaxAlerts);
  if (shown < r.alerts.size()) left_out.push_back(fmt::format("{} more alerts are left out.", r.alerts.size() - shown));
  out.key("alerts").open('[');
  for (const Alert& a : std::span(r.alerts).first(shown)) out.open('[').text(name_of_severity(a.severity)).text(a.code).text(a.text).close(']');
  out.close(']');
}

}  // namespace

PageData make_page_data(const RunResult& result, const ReportOptions& options) {
  PageData page;
  JsonText out;
  out.open('{').key("quote").text(result.quote).key("digits").number(std::int64_t{digits_of(result.quote) == 8 ? 8 : 2});
  out.key("opening").amount(result.summary.opening_cash, 8);
  put_instruments(out, result);
  put_curves(out, result);
  put_candles(out, options, page.left_out);
  put_trades(out, result, page.left_out);
  put_denials(out, result, page.left_out);
  put_alerts(out, result, page.left_out);
  page.json = out.take();
  return page;
}

}  // namespace prom::report
