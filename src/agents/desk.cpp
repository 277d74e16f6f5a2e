// One decision from request to inputs. One thread at a time.
#include "agents/desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "agents/opinion.h"
#include "agents/provenance.h"
#include "base/assert.h"

namespace prom {

namespace {

constexpr std::size_t kMostSituations = 256;
constexpr std::size_t kShadowBars = 64;  // a shadow trade is played at every decision; more than two days between them are not expected
constexpr DurationNs kProposalLife = kMinute * 5;
constexpr std::string_view kRegimes[] = {"trend_up", "trend_down", "range", "breakout", "volatile", "accumulation", "distribution"};

const PositionView* held_by(const DecisionRequest& request) {
  if (request.account == nullptr) return nullptr;
  for (const PositionView& view : request.account->positions) {
    const Position& position = view.position;
    if (position.instrument == request.trading_pair->instrument && position.leg == request.trading_pair->leg && !position.is_flat()) return &view;
  }
  return nullptr;
}

std::uint64_t version_of(const AccountView& account, const TradingPair& pair) {
  for (const PositionVersion& entry : account.versions) {
    if (entry.instrument == pair.instrument && entry.leg == pair.leg) return entry.version;
  }
  return 0;
}

EvaluationRules rules_of(const AgentProfile& evaluator) {
  return {.probation_trades = static_cast<std::size_t>(evaluator.at("probation_trades")),
          .disable_trades = static_cast<std::size_t>(evaluator.at("disable_trades")),
          .shadow_trades = static_cast<std::size_t>(evaluator.at("shadow_trades")),
          .min_win_rate = evaluator.at("min_win_rate"),
          .min_profit_factor = evaluator.at("min_profit_factor"),
          .confidence = evaluator.at("confidence")};
}

}  // namespace

struct RuleDesk::Run {
  const DecisionRequest& request;
  const Instrument& instrument;
  const Analysis& analysis;
  PairState& state;
  ToolContext context;
  ToolRecord tools;
  const PositionView* held = nullptr;
  std::vector<const JournalEntry*> trades;  ///< closed by the desk on this pair, oldest first
  std::vector<const JournalEntry*> fresh;   ///< of those, since the last decision
  std::optional<DeciderStatusSet> status_change;
  Plan plan;
  Sizing sizing;
  Execution execution;
  CareOrder care;
  Outcome outcome;
  DecisionRecord record;
  std::optional<ProtectionRequested> protection;
  std::optional<CancelRequested> cancel;
  enum class Post : std::uint8_t { nothing, proposal } post = Post::nothing;

  Run(const DecisionRequest& q, const Instrument& i, const Analysis& a, PairState& s, ToolClock clock)
      : request(q), instrument(i), analysis(a), state(s), tools(clock) {}
};

RuleDesk::RuleDesk(AgentProfiles profiles, DeskOptions options)
    : profiles_(std::move(profiles)),
      options_(std::move(options)),
      frame_(kMinute * static_cast<std::int64_t>(profiles_.of(AgentRole::orchestrator).at("timeframe_minutes"))) {}

std::vector<double> RuleDesk::shadow_nets(PairIx pair) const {
  const auto found = pairs_.find(pair);
  return found == pairs_.end() ? std::vector<double>{} : found->second.shadow.nets();
}

DeciderStatus RuleDesk::status(PairIx pair) const {
  const auto found = pairs_.find(pair);
  return found == pairs_.end() ? DeciderStatus::active : found->second.status;
}

const RuleDesk::Analysis& RuleDesk::analyse(const DecisionRequest& request, const Instrument& instrument) {
  Analysis& analysis = analyses_[instrument.ix];
  if (!analysis.verdicts.empty() && analysis.time == request.as_of.time && analysis.market == request.market) return analysis;
  // No account, history or memory: what is shared may not know whom it is for.
  ToolContext context;
  context.as_of = request.as_of;
  context.instrument = instrument.ix;
  context.timeframe = frame_;
  context.market = request.market;
  context.observations = request.observations;
  context.tapes = request.tapes;
  context.asset_names = options_.asset_names;
  ToolRecord tools(options_.clock);
  const Told told = told_.insert(instrument.ix).second ? Told::not_yet : Told::already;
  const auto box = [&](AgentRole role) { return Toolbox(tools, context, profiles_.of(role), 0); };
  analysis = {};
  analysis.time = request.as_of.time;
  analysis.market = request.market;
  analysis.verdicts.reserve(8);
  analysis.verdicts.push_back(market_analyst(box(AgentRole::market_analyst)));
  analysis.verdicts.push_back(smc_analyst(box(AgentRole::smc_analyst)));
  analysis.verdicts.push_back(sentiment_analyst(box(AgentRole::sentiment_analyst), told));
  analysis.verdicts.push_back(macro_analyst(box(AgentRole::macro_analyst), told));
  analysis.verdicts.push_back(orderflow_analyst(box(AgentRole::orderflow_analyst), told));
  analysis.verdicts.push_back(derivatives_analyst(box(AgentRole::derivatives_analyst), told));
  analysis.verdicts.push_back(correlation_analyst(box(AgentRole::correlation_analyst), told));
  analysis.verdicts.push_back(onchain_analyst(box(AgentRole::onchain_analyst), told));
  analysis.tally = tally(analysis.verdicts);
  const std::string_view regime = box(AgentRole::orchestrator).ask("get_market_regime").text("regime");
  analysis.regime = regime.empty() ? "unknown" : std::string(regime);
  analysis.situation.push_back(static_cast<float>(analysis.tally.score));
  for (const Verdict& verdict : analysis.verdicts) analysis.situation.push_back(static_cast<float>(signed_score(verdict)));
  for (const std::string_view name : kRegimes) analysis.situation.push_back(name == analysis.regime ? 1.0F : 0.0F);
  return analysis;
}

Toolbox RuleDesk::toolbox(Run& run, AgentRole role) const { return {run.tools, run.context, profiles_.of(role), kPairResults}; }

void RuleDesk::evaluate_trades(Run& run) {
  PairState& state = run.state;
  const DecisionRequest& request = run.request;
  const TimeNs now = request.as_of.time;
  if (request.history) {
    for (const JournalEntry& entry : *request.history) {
      if (entry.pair == request.pair && entry.decider == "agents" && entry.closed_at <= now) run.trades.push_back(&entry);
    }
  }
  const TimeNs since = state.last.ns != 0 ? state.last : now - frame_;
  for (const JournalEntry* trade : run.trades) {
    if (trade->closed_at > since) run.fresh.push_back(trade);
  }
  if (state.shadow.is_open()) {
    state.shadow.play(request.market->bars(run.instrument.ix, kHour, kShadowBars, now));
    const double against = profiles_.of(AgentRole::position_manager).at("close_score");
    const auto side = state.shadow.side();
    if (side && static_cast<double>(sign_of(*side)) * run.analysis.tally.score <= -against) state.shadow.close(now);
  }
  const DeciderStatus before = state.status;
  if (state.judged_trades != run.trades.size() || state.judged_shadow != state.shadow.trades().size()) {
    const EvaluationRules rules = rules_of(profiles_.of(AgentRole::self_evaluator));
    std::vector<double> nets;
    for (std::size_t i = std::min(state.from_trade, run.trades.size()); i < run.trades.size(); ++i) nets.push_back(run.trades[i]->net.to_double());
    state.closed = evaluate(nets, rules.confidence);
    state.judgement = judge(state.closed, state.status, evaluate(state.shadow.nets(), rules.confidence), rules);
    state.judged_trades = run.trades.size();
    if (state.judgement.status != state.status) {
      run.status_change = DeciderStatusSet{request.pair, state.judgement.status, state.judgement.reason};
      if (state.status == DeciderStatus::disabled) state.from_trade = run.trades.size();
      state.shadow.clear();
      state.status = state.judgement.status;
    }
    state.judged_shadow = state.shadow.trades().size();
  }
  run.record.verdicts.push_back(self_evaluator(
      toolbox(run, AgentRole::self_evaluator), run.instrument,
      {.closed = state.closed, .judgement = state.judgement, .before = before, .fresh = run.fresh, .shadow_trades = state.shadow.trades().size()}));
}

std::string RuleDesk::why_blocked(const Run& run) const {
  const DecisionRequest& request = run.request;
  if (request.account == nullptr) return "no account is attached";
  if (request.trading_pair->state == prom::PairState::paused) return "the pair is paused";
  if (run.held != nullptr) return "a position is open already";
  if (run.state.shadow.is_open()) return "a shadow trade is open already";
  for (const Order& order : request.account->open_orders) {
    if (order.spec.pair == request.pair && order.spec.effect == Effect::open_or_add) return "an entry order of this pair still works";
  }
  if (run.trades.empty()) return {};
  const JournalEntry& last = *run.trades.back();
  const TimeNs now = request.as_of.time;
  const auto cooldown = static_cast<std::int64_t>(profiles_.of(AgentRole::strategy_planner).at("cooldown_bars"));
  if (last.exit_reason == "stop_loss" && now - last.closed_at < frame_ * cooldown) {
    return fmt::format("cooling down for {} bars after the stop of {}", cooldown, format_rfc3339(last.closed_at));
  }
  const Side side = run.analysis.tally.score >= 0 ? Side::buy : Side::sell;
  if (now - last.closed_at < frame_ && last.side != side) return "the opposite position was closed within this bar";
  return {};
}

void RuleDesk::plan_entry(Run& run) {
  auto& verdicts = run.record.verdicts;
  PlannerFacts facts{&run.instrument, &run.analysis.verdicts, run.analysis.tally, why_blocked(run)};
  verdicts.push_back(strategy_planner(toolbox(run, AgentRole::strategy_planner), facts, run.plan));
  verdicts.push_back(risk_manager(toolbox(run, AgentRole::risk_manager), run.instrument, run.plan, run.sizing));
  verdicts.push_back(
      executor(toolbox(run, AgentRole::executor), run.instrument, run.analysis.tally.score, run.analysis.regime, run.plan, run.sizing, run.execution));
}

void RuleDesk::care(Run& run) {
  run.record.verdicts.push_back(position_manager(toolbox(run, AgentRole::position_manager), run.instrument, run.held, run.analysis.tally.score, run.care));
  // Working entries that a bar did not fill are withdrawn, never chased.
  if (run.request.account == nullptr) return;
  for (const Order& order : run.request.account->open_orders) {
    if (order.spec.pair != run.request.pair || order.spec.effect != Effect::open_or_add) continue;
    run.cancel = CancelRequested{run.request.trading_pair->account, run.instrument.ix};
  }
}

void RuleDesk::settle(Run& run) {
  const DecisionRequest& request = run.request;
  Outcome& outcome = run.outcome;
  outcome.why = run.plan.reason.empty() ? "Hold" : "Hold: " + run.plan.reason;
  if (run.held != nullptr) {
    outcome.why = run.care.words;
    if (run.care.close && run.care.close->leg == request.trading_pair->leg) {
      outcome.action = DecisionAction::close;
      run.record.proposal = run.care.close;
    } else if (run.care.protection && run.care.protection->leg == request.trading_pair->leg) {
      outcome.action = DecisionAction::move_stop;
      run.protection = run.care.protection;
    }
  } else if (run.cancel) {
    outcome.why = "Hold: the working entry was not filled within a bar and is withdrawn";
  } else if (run.plan.side && !run.sizing.quantity) {
    outcome.why = "Hold: the risk manager vetoes, " + run.sizing.veto;
  } else if (run.plan.side && !run.execution.proposal) {
    outcome.why = "Hold: the entry was refused, " + run.execution.refusal;
  } else if (run.execution.proposal) {
    outcome.action = *run.plan.side == Side::buy ? DecisionAction::open_long : DecisionAction::open_short;
    outcome.why = run.plan.reason;
    run.record.proposal = run.execution.proposal;
  }
  if (!run.record.proposal) return;
  TradeProposal& proposal = *run.record.proposal;
  proposal.decision = request.id;
  proposal.as_of = request.as_of;
  proposal.position_version = run.held != nullptr ? run.held->position.version : version_of(*request.account, *request.trading_pair);
  proposal.source = ProposalSource::agents;
  proposal.pair = request.pair;
  proposal.account = request.trading_pair->account;
  proposal.expires_at = std::min(proposal.expires_at, request.as_of.time + kProposalLife);
  proposal.decider = "agents";
  proposal.reason = outcome.why;
  run.post = Run::Post::proposal;
  const bool entering = proposal.intent == Intent::open;
  if (entering && run.state.status == DeciderStatus::disabled) {
    run.post = Run::Post::nothing;
    outcome.action = DecisionAction::hold;
    outcome.why = "In shadow, nothing is traded: " + outcome.why;
    const auto last = run.plan.levels.entry;
    const AgentProfile& keeper = profiles_.of(AgentRole::position_manager);
    const double stop_atr = profiles_.of(AgentRole::strategy_planner).at("stop_atr");
    run.state.shadow.open(run.instrument, proposal, last, ShadowTrail{keeper.at("break_even_r"), keeper.at("trail_atr") / stop_atr});
  } else if (request.trading_pair->mode != PairMode::auto_trade) {
    run.post = Run::Post::nothing;
    outcome.why = "Signal only, the pair is not on auto: " + outcome.why;
  }
}

void RuleDesk::note_lessons(Run& run, std::vector<InputBody>& inputs) {
  for (const JournalEntry* trade : run.fresh) {
    Memory memory;
    memory.kind = MemoryKind::lesson;
    memory.user = run.request.account != nullptr ? std::optional(run.request.account->account.user) : std::nullopt;
    memory.agent = AgentRole::self_evaluator;
    memory.instrument = run.instrument.ix;
    memory.trade = trade->trade;
    const double risked = trade->risked.to_double();
    const double r = risked > 0 ? trade->net.to_double() / risked : 0;
    memory.text = fmt::format("{} {}: in at {}, out at {} by {} after {}, net {}{}; regime at entry {}.", run.instrument.symbol,
                              trade->side == Side::buy ? "long" : "short", trade->entry_price.to_string(), trade->exit_price.to_string(), trade->exit_reason,
                              fmt::format("{:.1f} h", static_cast<double>((trade->closed_at - trade->opened_at).ns) / 3.6e12), trade->net.to_string(),
                              risked > 0 ? fmt::format(" ({:+.2f} R)", r) : std::string(), trade->regime.empty() ? "unknown" : trade->regime);
    memory.importance = std::min(1.0, 0.3 + 0.2 * std::abs(r));
    memory.created_at = run.request.as_of.time;
    if (trade->decision) {
      if (const auto known = run.state.situations.find(*trade->decision); known != run.state.situations.end()) {
        memory.situation = std::move(known->second);
        run.state.situations.erase(known);
      }
    }
    inputs.emplace_back(MemoryNoted{std::move(memory)});
  }
}

DecisionOutcome RuleDesk::outcome_of(Run& run) {
  DecisionRecord& record = run.record;
  record.action = run.outcome.action;
  record.verdicts.push_back(orchestrator(toolbox(run, AgentRole::orchestrator), run.analysis.tally, run.outcome, run.analysis.regime));
  std::ranges::sort(record.verdicts, {}, &Verdict::role);  // one of each
  record.summary = record.verdicts.back().summary;
  if (const auto sound = check_provenance(record, run.instrument); !sound) {
    record.action = DecisionAction::hold;
    record.summary = "Void, so hold: " + describe(sound.error());
    record.proposal.reset();
    run.protection.reset();
    run.post = Run::Post::nothing;
  }
  DecisionOutcome out;
  out.inputs.emplace_back(DecisionRecorded{record});
  if (run.post == Run::Post::proposal) {
    const bool opening = record.proposal->intent == Intent::open;
    if (opening && run.state.situations.size() < kMostSituations) run.state.situations.emplace(run.request.id, run.analysis.situation);
    out.inputs.emplace_back(ProposalPosted{*record.proposal});
  } else if (run.protection) {
    run.protection->decision = run.request.id;
    run.protection->reason = run.outcome.why;
    out.inputs.emplace_back(*run.protection);
  } else if (run.cancel) {
    out.inputs.emplace_back(*run.cancel);
  }
  note_lessons(run, out.inputs);
  if (run.status_change) out.inputs.emplace_back(*run.status_change);
  return out;
}

DecisionOutcome RuleDesk::refuse(const DecisionRequest& request, std::string why) const {
  DecisionRecord record;
  record.id = request.id;
  record.as_of = request.as_of;
  record.pair = request.pair;
  record.summary = "Hold: " + std::move(why);
  record.regime = "unknown";
  DecisionOutcome out;
  out.inputs.emplace_back(DecisionRecorded{std::move(record)});
  return out;
}

DecisionOutcome RuleDesk::decide(const DecisionRequest& request) {
  if (request.market == nullptr || request.trading_pair == nullptr) return refuse(request, "no market or no trading pair is attached.");
  const auto instruments = request.market->instruments();
  const auto instrument = std::ranges::find(instruments, request.trading_pair->instrument, &Instrument::ix);
  if (instrument == instruments.end()) return refuse(request, "the pair's instrument is not in the market view.");

  const Analysis& analysis = analyse(request, *instrument);
  Run run(request, *instrument, analysis, pairs_[request.pair], options_.clock);
  run.context = {.as_of = request.as_of,
                 .instrument = instrument->ix,
                 .timeframe = frame_,
                 .pair = request.pair,
                 .market = request.market,
                 .account = request.account,
                 .trading_pair = request.trading_pair,
                 .history = request.history,
                 .memory = request.memory,
                 .observations = request.observations,
                 .tapes = request.tapes,
                 .asset_names = options_.asset_names};
  run.held = held_by(request);
  run.record.id = request.id;
  run.record.as_of = request.as_of;
  run.record.account = request.trading_pair->account;
  run.record.pair = request.pair;
  run.record.instrument = instrument->ix;
  run.record.score = analysis.tally.score;
  run.record.regime = analysis.regime;
  run.record.verdicts.reserve(kAgentCount);
  run.record.verdicts = analysis.verdicts;
  evaluate_trades(run);
  plan_entry(run);
  care(run);
  settle(run);
  run.state.last = request.as_of.time;
  return outcome_of(run);
}

}  // namespace prom
