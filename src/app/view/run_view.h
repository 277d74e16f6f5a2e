// What a person sees while a run is under way: the model (plain values), the terminal view and the plain log that show it.
// One thread drives a view, usually the main one; models are copies, so whoever fills them needs no lock here.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "base/time.h"

namespace prom::view {

enum class Exposure : std::uint8_t { long_position, short_position };

struct PositionRow {
  std::string instrument;  ///< as shown, e.g. "BTCUSDT"
  Exposure side = Exposure::long_position;
  Decimal quantity;  ///< > 0, in the instrument's base asset or contracts
  Decimal entry;     ///< average price, quote asset
  Decimal mark;      ///< latest price, quote asset
  Decimal unrealised;
  std::optional<Decimal> stop;  ///< trigger price of the protective stop; none is shown as a warning
};

/// What the desk or a strategy concluded. `acts` ones are printed by the plain log, the others only counted there.
struct DecisionRow {
  enum class Kind : std::uint8_t { acts, holds };
  std::uint64_t number = 0;  ///< grows by one with each decision of the run, from 1; tells a view which ones are new
  TimeNs time;               ///< virtual
  std::string instrument;
  std::string action;   ///< one word or two: "buy", "close", "hold", "denied"
  std::string summary;  ///< the reason in words, one line
  Kind kind = Kind::holds;
};

/// A fill, and what the round trip that it closed brought.
struct TradeRow {
  std::uint64_t number = 0;  ///< grows by one with each fill of the run, from 1
  TimeNs time;               ///< virtual
  std::string instrument;
  std::string side;  ///< "buy" or "sell"
  Decimal quantity;
  Decimal price;
  std::optional<Decimal> realised;  ///< quote asset; none where it closed no round trip
};

struct AgentRow {
  enum class State : std::uint8_t { has_data, abstains };
  std::string name;
  State state = State::abstains;
  std::string reason;  ///< why it abstains, in a few words; empty otherwise
};

struct AlertRow {
  TimeNs time;
  std::string text;
};

enum class TradingState : std::uint8_t {
  active,
  breaker_open,  ///< circuit breaker: no new risk
  killed,        ///< kill switch
};

struct RunViewModel {
  std::string mode = "PAPER";  ///< the badge that is visible on every picture
  std::string title;           ///< "replay of bundled data"
  TimeNs data_from;            ///< range of the data, half-open
  TimeNs data_to;
  std::string zone = "UTC";  ///< of every time shown; times are shown as they are in UTC
  TimeNs now;                ///< virtual
  std::uint64_t bars_done = 0;
  std::uint64_t bars_total = 0;  ///< 0 = not known
  double speed = 0;              ///< virtual seconds per second, as measured; 0 = not known
  std::optional<double> eta_seconds;

  std::string asset = "USDT";  ///< of all the money below
  Decimal cash;
  Decimal equity;
  Decimal net;                         ///< since the start
  std::optional<Decimal> net_ratio;    ///< net / starting equity, fraction
  Decimal day_pnl;                     ///< since the virtual day began
  Decimal drawdown;                    ///< now, fraction of the peak, >= 0
  Decimal max_drawdown;                ///< so far
  std::vector<double> equity_history;  ///< oldest first, evenly spaced; any length, drawn scaled to the width

  std::vector<PositionRow> positions;
  std::vector<DecisionRow> decisions;  ///< newest last; about 8
  std::vector<TradeRow> trades;        ///< newest last; about 8
  std::vector<AgentRow> agents;        ///< the fourteen
  std::vector<AlertRow> alerts;        ///< newest last
  std::uint64_t decisions_total = 0;
  std::uint64_t trades_total = 0;  ///< round trips that are closed
  std::uint64_t fills_total = 0;
  std::uint64_t denials_total = 0;
  TradingState trading = TradingState::active;
  std::string trading_reason;  ///< why it is not active
  std::string notice;          ///< what the shutdown does, e.g. "Stopping: settling orders"; empty while the run goes on
  std::string ops_address;     ///< "127.0.0.1:8081"; empty = none
};

class RunView {
 public:
  RunView() = default;
  RunView(const RunView&) = delete;
  RunView& operator=(const RunView&) = delete;
  virtual ~RunView() = default;

  /// Cheap: whether an update now would be looked at (at most 10 a second). `if (view.due()) view.update(build_model());`
  virtual bool due() const = 0;
  /// Shows `model`; may return at once where it is too early (not due), except that a changed `notice` is always shown.
  virtual void update(const RunViewModel& model) = 0;
  /// Ends the view (a terminal is as it was before) and prints the summary lines in order. Call once; updates after it are ignored.
  virtual void finish(const std::vector<std::string>& summary_lines) = 0;
};

enum class Colours : std::uint8_t { off, on };
/// `off` where NO_COLOR is set and not empty (https://no-color.org) or TERM is "dumb"; reads the environment: main thread.
Colours colours_wanted();
/// Whether the terminal view can be had: stdin and stdout are terminals and TERM names one that can move the cursor.
enum class Screen : std::uint8_t { terminal, plain };
Screen screen_of_stdout();

/// Full-screen view on stdout (ncursesw). Code "terminal_unusable" where the terminal cannot be had: use the plain view then. Only one at a time.
/// SIGINT and SIGTERM stay with whoever handles them. Crash signals, signals that nobody handles and exit() restore the terminal first. Nothing else may
/// write to the terminal while it lives: send the log to a file.
Result<std::unique_ptr<RunView>, Error> make_terminal_view(Colours colours);
/// Lines on `out`, which must outlive the view: progress at most every 5 s and then only after 2 %, or every 10 %; each fill; each decision that acts;
/// each alert; changes of the trading state; the summary.
std::unique_ptr<RunView> make_plain_view(std::ostream& out);

/// Puts the terminal back as it was before the terminal view began; nothing where there is none. Async-signal-safe, for forced exits.
void restore_terminal_now() noexcept;

}  // namespace prom::view
