// The run as lines, for logs, pipes and CI: progress now and then, each fill, each decision that acts, alerts, the summary.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "app/view/text.h"
#include "app/view/view_clock.h"
#include "base/assert.h"

namespace prom::view {
namespace vt = text;
namespace {

constexpr DurationNs kProgressEvery = 5 * kSecond;
constexpr std::uint64_t kSmallStep = 2;  // percent that must lie between two lines 5 s apart
constexpr std::uint64_t kBigStep = 10;   // percent after which a line comes however soon

class PlainView final : public RunView {
 public:
  PlainView(std::ostream& out, ViewClock clock) : out_(out), clock_(clock) {}

  bool due() const override { return !ended_ && (!began_ || clock_() - last_update_ >= kRedrawEvery); }

  void update(const RunViewModel& model) override {
    if (ended_) return;
    const DurationNs now = clock_();
    last_update_ = now;
    if (!began_) begin(model);
    say_agents(model);
    say_decisions(model);
    say_trades(model);
    say_alerts(model);
    print_news();
    say_state(model);
    say_progress(model, now);
    began_ = true;
    out_.flush();
  }

  void finish(const std::vector<std::string>& summary_lines) override {
    if (ended_) return;
    ended_ = true;
    for (const std::string& line : summary_lines) out_ << line << '\n';
    out_.flush();
  }

 private:
  struct Line {
    TimeNs time;
    std::string text;
  };
  /// Lines come in the order in which things happened; of one instant decisions stand before fills, and fills before alerts.
  void add(const RunViewModel& model, TimeNs time, std::string text) {
    const auto behind = std::ranges::upper_bound(news_, time, {}, &Line::time);
    news_.insert(behind, Line{time, head(model, time) + std::move(text)});
  }
  void print_news() {
    for (const Line& line : news_) out_ << line.text << '\n';
    news_.clear();
  }
  static std::string head(const RunViewModel& model, TimeNs time) { return vt::clean(model.mode) + " " + vt::date_time(time) + "  "; }

  void begin(const RunViewModel& model) {
    out_ << vt::clean(model.mode) << ' ' << vt::clean(model.title) << ", " << vt::date(model.data_from) << " to " << vt::date(model.data_to) << ", times in "
         << vt::clean(model.zone);
    if (const std::string found = agents_found(model); !found.empty()) out_ << "; " << found;
    if (!model.ops_address.empty()) out_ << "; http://" << vt::clean(model.ops_address) << "/health";
    out_ << '\n';
  }

  /// Empty until the desk has decided: before that nobody knows who has data.
  std::string agents_found(const RunViewModel& model) {
    const auto with_data = std::count_if(model.agents.begin(), model.agents.end(), [](const AgentRow& row) { return row.state == AgentRow::State::has_data; });
    if (with_data == 0) return {};
    agents_said_ = true;
    return fmt::format("{} of {} agents have data", with_data, model.agents.size());
  }

  void say_agents(const RunViewModel& model) {
    if (agents_said_) return;
    if (const std::string found = agents_found(model); !found.empty()) add(model, model.now, found);
  }

  void say_decisions(const RunViewModel& model) {
    // A view that is not asked for every decision sees the latest only; holds among the missed ones are no news, so no count is given.
    for (const DecisionRow& row : model.decisions) {
      if (row.number <= last_decision_) continue;
      last_decision_ = row.number;
      if (row.kind == DecisionRow::Kind::holds) continue;
      add(model, row.time, "decision " + vt::clean(row.instrument) + ' ' + vt::clean(row.action) + ": " + vt::clean(row.summary));
    }
  }

  void say_trades(const RunViewModel& model) {
    for (const TradeRow& row : model.trades) {
      if (row.number <= last_trade_) continue;
      if (row.number > last_trade_ + 1) add(model, row.time, std::to_string(row.number - last_trade_ - 1) + " earlier fills not shown");
      last_trade_ = row.number;
      std::string line = fmt::format("fill {}: {} {} {} at {}", row.number, vt::clean(row.side), vt::quantity(row.quantity), vt::clean(row.instrument),
                                     vt::money(row.price, vt::price_decimals(row.price)));
      if (row.realised) line += ", realised " + vt::signed_money(*row.realised) + ' ' + vt::clean(model.asset);
      add(model, row.time, std::move(line));
    }
  }

  void say_alerts(const RunViewModel& model) {
    for (const AlertRow& alert : model.alerts) {
      if (began_ && alert.time < last_alert_) continue;
      if (alert.time != last_alert_) said_then_.clear();
      last_alert_ = alert.time;
      if (std::ranges::find(said_then_, alert.text) != said_then_.end()) continue;
      said_then_.push_back(alert.text);
      add(model, alert.time, "ALERT " + vt::clean(alert.text));
    }
  }

  void say_state(const RunViewModel& model) {
    if (model.trading != trading_) {
      trading_ = model.trading;
      const std::string why = model.trading_reason.empty() ? "" : ": " + vt::clean(model.trading_reason);
      out_ << head(model, model.now);
      switch (model.trading) {
        case TradingState::active: out_ << "trading is active again"; break;
        case TradingState::breaker_open: out_ << "CIRCUIT BREAKER OPEN, no new risk" << why; break;
        case TradingState::killed: out_ << "KILL SWITCH" << why; break;
      }
      out_ << '\n';
    }
    if (model.notice != notice_) {
      notice_ = model.notice;
      if (!notice_.empty()) out_ << head(model, model.now) << vt::clean(notice_) << '\n';
    }
  }

  void say_progress(const RunViewModel& model, DurationNs now) {
    const std::uint64_t percent = model.bars_total == 0 ? 0 : std::min<std::uint64_t>(100, model.bars_done * 100 / model.bars_total);
    const bool late = now - last_progress_ >= kProgressEvery;
    const bool far = percent >= last_percent_ + kBigStep || (percent == 100 && last_percent_ < 100);
    const bool moved = model.bars_total == 0 ? model.bars_done != last_bars_ : percent >= last_percent_ + kSmallStep;
    if (began_ && !far && !(late && moved)) return;
    last_progress_ = now;
    last_percent_ = percent;
    last_bars_ = model.bars_done;
    out_ << head(model, model.now);
    out_ << (model.bars_total == 0 ? vt::count(model.bars_done) + " bars" : fmt::format("{:>3} %", percent));
    out_ << "  equity " << vt::money(model.equity) << ' ' << vt::clean(model.asset);
    if (model.net_ratio) out_ << " (" << vt::signed_percent(*model.net_ratio) << ')';
    out_ << "  drawdown " << vt::percent(model.drawdown) << "  open " << model.positions.size() << "  trades " << vt::count(model.trades_total) << "  denied "
         << vt::count(model.denials_total);
    const std::string eta = model.eta_seconds && percent < 100 ? vt::duration(*model.eta_seconds) : "";
    if (!eta.empty()) out_ << "  " << eta << " left";
    out_ << '\n';
  }

  std::ostream& out_;
  ViewClock clock_;
  bool began_ = false;
  bool ended_ = false;
  bool agents_said_ = false;
  DurationNs last_update_;
  DurationNs last_progress_;
  std::uint64_t last_percent_ = 0;
  std::uint64_t last_bars_ = 0;
  std::uint64_t last_decision_ = 0;
  std::uint64_t last_trade_ = 0;
  TimeNs last_alert_;
  std::vector<std::string> said_then_;  ///< alerts of that instant
  std::vector<Line> news_;              ///< of this update, ascending
  TradingState trading_ = TradingState::active;
  std::string notice_;
};

}  // namespace

DurationNs monotonic_now() { return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count()}; }

std::unique_ptr<RunView> make_plain_view_with(std::ostream& out, ViewClock clock) { return std::make_unique<PlainView>(out, clock); }
std::unique_ptr<RunView> make_plain_view(std::ostream& out) { return make_plain_view_with(out, &monotonic_now); }

}  // namespace prom::view
