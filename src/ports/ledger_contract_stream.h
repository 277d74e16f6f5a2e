// Random frame streams for the ledger's contract tests, and what a ledger must answer after them, kept by plain containers. Tests only; one thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "domain/command.h"
#include "domain/order.h"
#include "ports/ledger.h"

namespace prom::ledger_contract {

/// What must be in the ledger.
struct Expected {
  std::vector<std::string> assets;
  std::vector<Instrument> instruments;
  std::vector<User> users;
  std::vector<Account> accounts;
  std::vector<TradingPair> pairs;
  std::map<std::uint64_t, OrderRow> orders;
  std::vector<Fill> fills;
  std::vector<Posting> postings;
  std::map<std::pair<std::uint32_t, std::uint16_t>, Decimal::Mantissa> balances;  ///< summed as integers at 1e-12
  std::map<std::pair<std::uint32_t, std::uint16_t>, Position> positions;          ///< by account and instrument; net leg only
  std::vector<JournalEntry> trades;
  std::vector<DenialRow> denials;
  std::vector<DecisionRecord> decisions;
  std::map<std::uint64_t, Memory> memories;
  std::map<UserIx, RiskStateRow> risk;
  std::map<std::tuple<TimeNs, std::string, std::string>, ToolStat> tools;  ///< by day, name of the agent, tool
};

/// Makes frames 1, 2, 3 ... as an engine could; `expected` follows.
class Stream {
 public:
  explicit Stream(std::uint64_t seed) : random_(seed) {}

  RecordedFrame next() {
    RecordedFrame frame;
    frame.seq = ++seq_;
    now_.ns += static_cast<std::int64_t>(1 + random_.below(60'000'000'000));
    frame.input.available_at = now_;
    frame.input.source_seq = seq_;
    frame.input.body = TimePassed{};
    if (seq_ <= kSetupFrames) {
      set_up(frame);
    } else {
      act(frame);
    }
    return frame;
  }
  std::vector<RecordedFrame> take(std::size_t count) {
    std::vector<RecordedFrame> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(next());
    return out;
  }
  const Expected& expected() const { return expected_; }
  static constexpr std::uint64_t kSetupFrames = 3 + 2 + 2 + 3 + 4;

 private:
  static constexpr int kPriceDigits = 2;
  static constexpr int kQuantityDigits = 3;

  Decimal amount() {
    // From the last digit up to millions, both signs.
    const std::int64_t size = random_.chance(1, 4) ? 1000 : 4'000'000'000'000'000'000;
    return Decimal::from_mantissa(Decimal::Mantissa{random_.range(-size, size)} * (random_.chance(1, 3) ? 1000 : 1));
  }
  std::uint32_t account() { return static_cast<std::uint32_t>(random_.below(3)); }
  std::uint16_t instrument() { return static_cast<std::uint16_t>(random_.below(2)); }
  static std::string word(std::uint64_t n) { return "w" + std::to_string(n) + " \"quoted\" \xc3\xa9, 100%;"; }

  void set_up(RecordedFrame& frame) {
    std::uint64_t n = seq_ - 1;
    if (n < 3) {
      expected_.assets.push_back(n == 0 ? "USDT" : "A" + std::to_string(n));
      frame.input.body = AssetRegistered{AssetIx{static_cast<std::uint16_t>(n)}, expected_.assets.back()};
    } else if (n < 5) {
      n -= 3;
      Instrument made;
      made.ix = InstrumentIx{static_cast<std::uint16_t>(n)};
      made.payoff = n == 0 ? Payoff::spot : Payoff::linear;
      made.symbol = "A" + std::to_string(n + 1) + "USDT";
      made.base = AssetIx{static_cast<std::uint16_t>(n + 1)};
      made.price_digits = kPriceDigits;
      made.quantity_digits = kQuantityDigits;
      made.contract_value = Decimal::from_int(1);
      if (n == 1) made.tiers = {{Decimal::from_int(50'000), Decimal::from_int(125), Decimal::from_mantissa(4'000'000'000)}};
      expected_.instruments.push_back(made);
      frame.input.body = InstrumentRegistered{made};
    } else if (n < 7) {
      n -= 5;
      User made;
      made.ix = UserIx{static_cast<std::uint32_t>(n)};
      made.name = word(n);
      made.limits = limits_for(RiskLevel::moderate);
      expected_.users.push_back(made);
      frame.input.body = UserRegistered{made};
    } else if (n < 10) {
      n -= 7;
      Account made;
      made.ix = AccountIx{static_cast<std::uint32_t>(n)};
      made.user = UserIx{static_cast<std::uint32_t>(n / 2)};
      made.label = word(n);
      expected_.accounts.push_back(made);
      frame.input.body = AccountRegistered{made};
    } else {
      n -= 10;
      TradingPair made;
      made.ix = PairIx{static_cast<std::uint32_t>(n)};
      made.account = AccountIx{static_cast<std::uint32_t>(n % 3)};
      made.instrument = InstrumentIx{static_cast<std::uint16_t>(n % 2)};
      made.decider = n % 2 == 0 ? "agents" : "breakout";
      made.leverage = Decimal::from_int(1);
      expected_.pairs.push_back(made);
      frame.input.body = PairRegistered{made};
    }
    frame.events.emplace_back(InputTaken{});
  }

  void act(RecordedFrame& frame) {
    switch (random_.below(12)) {
      case 0: return create_order(frame);
      case 1: return move_order(frame);
      case 2: return move_order(frame);
      case 3: return fill_order(frame);
      case 4: return fill_order(frame);
      case 5: return transfer(frame);
      case 6: return configure(frame);
      case 7: return decide(frame);
      case 8: return propose(frame);
      case 9: return close_trade(frame);
      case 10: return remember(frame);
      default: return watch(frame);
    }
  }

  void create_order(RecordedFrame& frame) {
    OrderRow row;
    row.spec.id = OrderId{next_order_++};
    row.spec.account = AccountIx{account()};
    row.spec.client_id = {row.spec.account, 7, row.spec.id};
    row.spec.instrument = InstrumentIx{instrument()};
    row.spec.side = random_.chance(1, 2) ? Side::buy : Side::sell;
    row.spec.type = random_.chance(1, 2) ? OrderType::limit : OrderType::stop_market;
    row.spec.quantity = {random_.range(1, 5000)};
    if (row.spec.type == OrderType::limit) row.spec.limit = PriceUnits{random_.range(1, 10'000'000)};
    if (row.spec.type == OrderType::stop_market) row.spec.trigger = PriceUnits{random_.range(1, 10'000'000)};
    if (random_.chance(1, 2)) row.spec.oco_group = random_.next();  // also beyond 2^63
    row.created_at = row.updated_at = now_;
    frame.events.emplace_back(OrderCreated{row.spec});
    expected_.orders.emplace(row.spec.id.v, row);
  }
  OrderRow* some_order() {
    if (expected_.orders.empty()) return nullptr;
    auto at = expected_.orders.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_.below(expected_.orders.size())));
    return &at->second;
  }
  void move_order(RecordedFrame& frame) {
    OrderRow* row = some_order();
    if (row == nullptr) return watch(frame);
    const auto kind = static_cast<OrderEventKind>(random_.below(kOrderEventKindCount));
    const auto to = next_state(row->state, kind);
    if (!to || kind == OrderEventKind::filled || kind == OrderEventKind::partially_filled) return amend_order(frame, *row);
    OrderMoved moved{row->spec.id, kind, random_.chance(1, 2) ? word(seq_) : std::string()};
    row->state = *to;
    if (!moved.text.empty()) row->last_text = moved.text;
    row->updated_at = now_;
    frame.events.emplace_back(std::move(moved));
  }
  void amend_order(RecordedFrame& frame, OrderRow& row) {
    row.spec.quantity = {row.filled.v + random_.range(1, 5000)};
    row.spec.limit = random_.chance(1, 2) ? std::optional(PriceUnits{random_.range(1, 1000)}) : std::nullopt;
    row.updated_at = now_;
    frame.events.emplace_back(OrderAmended{row.spec.id, row.spec.quantity, row.spec.limit, row.spec.trigger});
  }
  void post(RecordedFrame& frame, std::uint32_t account, std::uint16_t asset, PostingKind kind, Decimal amount) {
    Posting posting{now_, AccountIx{account}, AssetIx{asset}, kind, amount, InstrumentIx{instrument()}, random_.next()};
    expected_.balances[{account, asset}] += amount.mantissa();
    expected_.postings.push_back(posting);
    frame.events.emplace_back(Posted{posting});
  }
  void fill_order(RecordedFrame& frame) {
    OrderRow* row = some_order();
    if (row == nullptr) return watch(frame);
    const std::int64_t open = row->spec.quantity.v - row->filled.v;
    Fill fill;
    fill.trade = VenueTradeId{random_.next()};
    fill.order = row->spec.id;
    fill.account = row->spec.account;
    fill.instrument = row->spec.instrument;
    fill.side = row->spec.side;
    fill.price = {random_.range(1, 10'000'000)};
    fill.quantity = {open > 1 && random_.chance(1, 2) ? random_.range(1, open - 1) : std::max<std::int64_t>(open, 1)};
    fill.fee = {AssetIx{0}, amount()};
    fill.slippage = amount();
    fill.time = now_;
    row->filled.v += fill.quantity.v;
    // price * quantity at 1e-5 as an integer at 1e-12.
    row->filled_value += Decimal::from_mantissa(Decimal::Mantissa{fill.price.v} * fill.quantity.v * 10'000'000);
    const bool done = row->filled.v >= row->spec.quantity.v;
    row->state = next_state(row->state, done ? OrderEventKind::filled : OrderEventKind::partially_filled).value_or(row->state);
    row->updated_at = now_;
    expected_.fills.push_back(fill);
    frame.events.emplace_back(FillApplied{fill});
    post(frame, fill.account.v, 0, PostingKind::fill, amount());
    post(frame, fill.account.v, 0, PostingKind::fee, amount());
    Position& position = expected_.positions[{fill.account.v, fill.instrument.v}];
    position.account = fill.account;
    position.instrument = fill.instrument;
    position.quantity.v += sign_of(fill.side) * fill.quantity.v;
    position.cost = amount();
    position.version += 1;
    frame.events.emplace_back(PositionSet{position, {}});
  }
  void transfer(RecordedFrame& frame) {
    const std::uint32_t to = account();
    const auto asset = static_cast<std::uint16_t>(random_.below(3));
    const Decimal moved = amount();
    frame.input.body = TransferBooked{AccountIx{to}, {AssetIx{asset}, moved}};
    frame.events.emplace_back(InputTaken{});
    post(frame, to, asset, PostingKind::transfer, moved);
  }
  void configure(RecordedFrame& frame) {
    if (random_.chance(1, 2)) {
      auto& pair = expected_.pairs[random_.below(expected_.pairs.size())];
      pair.state = pair.state == PairState::active ? PairState::paused : PairState::active;
      pair.paused_reason = word(seq_);
      frame.input.body = PairStateSet{pair.ix, pair.state, pair.paused_reason};
    } else {
      auto& user = expected_.users[random_.below(expected_.users.size())];
      user.limits.max_positions = static_cast<std::uint32_t>(random_.below(1000));
      user.limits.max_leverage = amount();
      user.limits.mandatory_stop = random_.chance(1, 2) ? Switch::on : Switch::off;
      frame.input.body = LimitsSet{user.ix, user.limits};
    }
    frame.events.emplace_back(InputTaken{});
  }
  void decide(RecordedFrame& frame) {
    DecisionRecord record;
    record.id = DecisionId{expected_.decisions.size() + 1};
    record.as_of = {seq_ - 1, now_};
    record.pair = PairIx{static_cast<std::uint32_t>(random_.below(4))};
    record.score = static_cast<double>(random_.range(-1000, 1000)) / 1000.0;
    record.summary = word(seq_);
    // Now and then another pair of the same instrument at the same instant: its analysts' verdicts are the shared ones.
    const bool again = !expected_.decisions.empty() && random_.chance(1, 3);
    if (again) record.as_of.time = expected_.decisions.back().as_of.time;
    for (const AgentRole role : {AgentRole::market_analyst, AgentRole::smc_analyst, AgentRole::strategy_planner}) {
      Verdict verdict;
      verdict.role = role;
      verdict.confidence = 0.25 * static_cast<int>(record.verdicts.size());
      verdict.summary = word(random_.below(100));
      verdict.evidence.push_back({1, "value", 0.1, "says"});
      call_tools(verdict, record.as_of.time, again && role != AgentRole::strategy_planner ? SharedCalls::known : SharedCalls::counted);
      record.verdicts.push_back(verdict);
    }
    expected_.decisions.push_back(record);
    frame.input.body = DecisionRecorded{record};
    frame.events.emplace_back(InputTaken{});
  }
  /// Result 1 is the first analyst's, and the second names it again; the planner asks for itself, and once too often.
  void call_tools(Verdict& verdict, TimeNs at, SharedCalls shared) {
    const bool planner = verdict.role == AgentRole::strategy_planner, cached = verdict.role == AgentRole::smc_analyst;
    const std::int64_t took = random_.range(0, 1'000'000);
    static const std::array<std::string, 4> kAnswers{R"({"value":1})", R"({"error":{"code":"unavailable","message":"m","hint":"h"}})",
                                                     R"({"error":{"code":"not_enough_data","message":"m","hint":"h"}})",
                                                     R"({"error":{"code":"bad_argument","message":"m","hint":"h"}})"};
    const std::size_t answer = random_.below(kAnswers.size());
    verdict.steps.push_back({StepKind::thought, "a thought", "", "", "", 0, 0});
    verdict.steps.push_back({StepKind::tool_call, "text", "tool", "{}", kAnswers.at(answer), planner ? 1001U : 1U, took});
    if (planner) verdict.steps.push_back({StepKind::tool_call, "refused", "other", "", "", 0, 0});
    if (shared == SharedCalls::known) return;
    const TimeNs day{at.ns / kDay.ns * kDay.ns};
    const auto stat = [&](const std::string& tool) -> ToolStat& {
      ToolStat& found = expected_.tools[{day, std::string(name_of(verdict.role)), tool}];
      found.day = day;
      found.agent = verdict.role;
      found.tool = tool;
      found.calls += 1;
      return found;
    };
    if (planner) stat("other").refused += 1;
    ToolStat& one = stat("tool");
    one.unavailable += answer == 1 ? 1 : 0;
    one.not_enough_data += answer == 2 ? 1 : 0;
    one.bad_argument += answer == 3 ? 1 : 0;
    one.cached += cached ? 1 : 0;
    if (cached) return;
    one.took_total.ns += took;
    one.took_longest.ns = std::max(one.took_longest.ns, took);
  }
  void propose(RecordedFrame& frame) {
    TradeProposal proposal;
    proposal.id = ProposalId{next_proposal_++};
    proposal.account = AccountIx{account()};
    proposal.quantity = {random_.range(1, 1000)};
    proposal.targets = {{PriceUnits{5}, Decimal::from_int(1)}};
    proposal.decider = "agents";
    proposal.reason = word(seq_);
    frame.events.emplace_back(ProposalReceived{proposal});
    if (random_.chance(1, 3)) {
      frame.events.emplace_back(ProposalApproved{proposal.id, proposal.quantity, amount()});
      return;
    }
    const Denial denial{static_cast<DenialCode>(random_.below(kDenialCodeCount)), amount(), amount()};
    frame.events.emplace_back(ProposalDenied{proposal.id, denial});
    expected_.denials.push_back({now_, proposal, denial});
  }
  void close_trade(RecordedFrame& frame) {
    JournalEntry entry;
    entry.trade = RoundTripId{expected_.trades.size() + 1};
    const auto& pair = expected_.pairs[random_.below(expected_.pairs.size())];
    entry.pair = pair.ix;
    entry.account = pair.account;
    entry.instrument = pair.instrument;
    entry.decider = pair.decider;
    if (random_.chance(1, 2)) entry.decision = DecisionId{3};
    entry.closed_at = now_;
    entry.net = amount();
    entry.exit_reason = "stop_loss";
    entry.lesson = word(seq_);
    expected_.trades.push_back(entry);
    frame.events.emplace_back(RoundTripClosed{entry});
  }
  void remember(RecordedFrame& frame) {
    Memory memory;
    memory.id = 1 + random_.below(20);  // noted again = replaced
    memory.kind = MemoryKind::lesson;
    if (random_.chance(1, 2)) memory.user = UserIx{1};
    memory.text = word(seq_);
    memory.situation = {0.5F, -1.25F};
    memory.importance = 0.5;
    memory.created_at = now_;
    expected_.memories[memory.id] = memory;
    frame.input.body = MemoryNoted{memory};
    frame.events.emplace_back(InputTaken{});
  }
  /// What the risk gate says, and frames that change nothing a query of the port shows.
  void watch(RecordedFrame& frame) {
    const UserIx user{static_cast<std::uint32_t>(random_.below(2))};
    const std::uint64_t what = random_.below(9);
    if (what >= 2 && what <= 5) risk(frame, user, what);
    switch (what) {
      case 0: frame.events.emplace_back(BreakerTripped{user, BreakerKind::errors, amount(), amount(), now_}); return;
      case 1: frame.events.emplace_back(BreakerResumed{user, BreakerKind::errors}); return;
      case 6: frame.events.emplace_back(EquitySampled{user, now_, amount()}); return;
      case 7: frame.events.emplace_back(OddityNoted{word(seq_)}); return;
      default: return;
    }
  }
  void risk(RecordedFrame& frame, UserIx user, std::uint64_t what) {
    RiskStateRow& row = expected_.risk[user];
    row.user = user;
    if (what == 2) {
      row.kill_phase = static_cast<KillPhase>(random_.below(4));
      frame.events.emplace_back(KillSwitchMoved{user, *row.kill_phase, word(seq_)});
    } else if (what == 3) {
      row.day_start = now_;
      row.day_equity = amount();
      frame.events.emplace_back(DayRolled{user, now_, *row.day_equity});
    } else if (what == 4) {
      row.peak_equity = amount();
      frame.events.emplace_back(PeakRaised{user, *row.peak_equity});
    } else {
      row.trading_state = static_cast<TradingState>(random_.below(3));
      frame.input.body = TradingStateSet{user, *row.trading_state, word(seq_)};
      frame.events.emplace_back(InputTaken{});
    }
  }

  Xoshiro256pp random_;
  std::uint64_t seq_ = 0;
  TimeNs now_{1'746'316'800'000'000'000};
  std::uint64_t next_order_ = 1;
  std::uint64_t next_proposal_ = 1;
  Expected expected_;
};

}  // namespace prom::ledger_contract
