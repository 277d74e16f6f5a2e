// The virtual-time loop. One thread.
#include "research/simulation/simulation.h"

#include <algorithm>
#include <utility>

#include "engine/risk/equity.h"
#include "research/dataset/funding_schedule.h"
#include "runtime/views/account_view.h"

namespace prom {
std::expected<std::unique_ptr<Simulation>, std::string> Simulation::create(const Dataset& data, SimulationConfig config, SimulationParts parts) {
  if (config.cash <= Decimal{} || std::ranges::any_of(config.others, [](const SimulatedAccount& other) { return other.cash <= Decimal{}; }))
    return std::unexpected("the opening cash must be positive");
  for (const SimulatedPair& pair : config.pairs) {
    if (pair.series >= data.series.size()) return std::unexpected("a pair refers to a series that is not in the data set");
    if (pair.account > config.others.size()) return std::unexpected("a pair refers to an account that is not there");
    if (pair.decider == "agents" && pair.account > 0) return std::unexpected("agents decide for the first account alone");
    if (pair.decider == "agents" && (parts.desk == nullptr || parts.market == nullptr))
      return std::unexpected("a pair is decided by agents, and no desk was given");
  }
  std::vector<Instrument> instruments;
  for (const InstrumentData& series : data.series) instruments.push_back(series.instrument);
  auto venue = SimVenue::create(config.venue, instruments, data.assets);
  if (!venue) return std::unexpected(venue.error());
  return std::unique_ptr<Simulation>(new Simulation(data, std::move(config), std::move(parts), std::move(*venue)));
}

Simulation::Simulation(const Dataset& data, SimulationConfig config, SimulationParts parts, std::unique_ptr<SimVenue> venue)
    : data_(data),
      config_(std::move(config)),
      parts_(std::move(parts)),
      venue_(std::move(venue)),
      executor_(config_.executor, {.answer = [this](TimeNs at, InputBody body) { answers_.push_back(Input{at, 0, std::move(body)}); },
                                   .halt_epoch = [this] { return shard_.state().halt_epoch; },
                                   .may_send = parts_.may_send}),
      shard_(config_.engine, executor_, parts_.journal),
      collector_(config_.collect),
      cursors_(data.series.size()) {
  shard_.set_permit(parts_.may_send);
  for (std::size_t p = 0; p < config_.pairs.size(); ++p) {
    cursors_[config_.pairs[p].series].pairs.push_back(p);
    if (config_.pairs[p].decider == "agents") has_desk_ = true;
  }
  for (std::size_t s = 0; s < cursors_.size(); ++s)
    for (const std::size_t p : cursors_[s].pairs)
      if (BarDecider* decider = config_.pairs[p].strategy.get(); decider != nullptr && cursors_[s].pairs.size() == 1) decider->rely_on(data_.series[s].bars);
  for (std::size_t i = 0; i <= config_.others.size(); ++i) executor_.attach(AccountIx{static_cast<std::uint32_t>(i)}, *venue_);
  shard_.set_observer([this](const Frame& frame) {
    collector_.observe(shard_.state(), frame.input, frame.events);
    if (hooks_.on_frame) hooks_.on_frame(frame);
  });
  shard_.set_alert_sink([this](const Alert& alert, TimeNs) { collector_.observe_alert(alert); });
}

Simulation::Done Simulation::take(InputBody&& body, TimeNs at) { return shard_.take(Input{at, ++inputs_, std::move(body)}); }

Simulation::Done Simulation::register_account(AccountIx ix, User user, TimeNs start) {
  user.ix = UserIx{ix.v};
  if (auto done = take(UserRegistered{std::move(user)}, start); !done) return done;
  Account account;
  account.ix = ix;
  account.user = UserIx{ix.v};
  account.label = "paper";
  account.venue = data_.series.front().instrument.venue;
  account.reporting_asset = config_.reporting_asset;
  return take(AccountRegistered{account}, start);
}

/// A beginning that was cut off may have paid in on one side already: each side gets what it lacks.
Simulation::Done Simulation::pay_in(AccountIx ix, Decimal cash, TimeNs start) {
  Decimal at_venue;
  for (const Money& money : venue_->balances(ix))
    if (money.asset == config_.reporting_asset) at_venue = money.amount;
  if (at_venue < cash) venue_->transfer(ix, Money{config_.reporting_asset, cash - at_venue}, start);
  if (!balance_of(shard_.state().accounts[ix.v], config_.reporting_asset).is_zero()) return {};
  return take(TransferBooked{ix, Money{config_.reporting_asset, cash}}, start);
}

Simulation::Done Simulation::begin() {
  const TimeNs start = data_.first();
  for (std::size_t i = 0; i < data_.assets.size(); ++i) {
    if (auto done = take(AssetRegistered{AssetIx{static_cast<std::uint16_t>(i)}, data_.assets[i]}, start); !done) return done;
  }
  for (const InstrumentData& series : data_.series)
    if (auto done = take(InstrumentRegistered{series.instrument}, start); !done) return done;
  for (std::size_t i = 0; i <= config_.others.size(); ++i)
    if (auto done = register_account(AccountIx{static_cast<std::uint32_t>(i)}, i == 0 ? config_.user : config_.others[i - 1].user, start); !done) return done;
  for (std::size_t p = 0; p < config_.pairs.size(); ++p) {
    const SimulatedPair& from = config_.pairs[p];
    TradingPair pair;
    pair.ix = PairIx{static_cast<std::uint32_t>(p)};
    pair.account = AccountIx{from.account};
    pair.instrument = data_.series[from.series].instrument.ix;
    pair.decider = from.decider;
    pair.leverage = from.leverage;
    pair.budget = from.budget;
    if (auto done = take(PairRegistered{pair}, start); !done) return done;
  }
  for (std::size_t i = 0; i <= config_.others.size(); ++i)
    if (auto done = pay_in(AccountIx{static_cast<std::uint32_t>(i)}, i == 0 ? config_.cash : config_.others[i - 1].cash, start); !done) return done;
  if (auto done = take(EpochStarted{1}, start); !done) return done;
  collector_.expect_samples(static_cast<std::size_t>((data_.last_close() - start).ns / config_.equity_interval.ns) + 3);
  collector_.sample_equity(start, config_.cash);
  for (std::size_t s = 0; s < cursors_.size(); ++s) schedule_funding(s, start - DurationNs{1});
  next_equity_ = floor_to(start, config_.equity_interval) + config_.equity_interval;
  next_desk_ = floor_to(start, config_.desk_interval) + config_.desk_interval;
  return deliver(start);
}

void Simulation::recover(const RecordedFrame& frame) {
  sample_before(frame.input);
  shard_.engine().recover(frame);
  note_past(frame);
  collector_.observe(shard_.state(), frame.input, frame.events);
  if (const auto* noted = std::get_if<MemoryNoted>(&frame.input.body); noted != nullptr && parts_.memory != nullptr) parts_.memory->add(noted->memory);
  inputs_ = std::max(inputs_, frame.input.source_seq);
}

Simulation::Done Simulation::inject(InputBody body) {
  const TimeNs now = shard_.state().now;
  if (auto done = take(std::move(body), now); !done) return done;
  if (auto done = shard_.commit(); !done) return done;
  return deliver(now);
}

void Simulation::schedule_funding(std::size_t s, TimeNs after) {
  Cursor& cursor = cursors_[s];
  cursor.next_funding = next_settlement(data_.series[s], after, cursor.funding_row).time;
  next_funding_ = kNever;
  for (const Cursor& c : cursors_) next_funding_ = std::min(next_funding_, c.next_funding);
}

Simulation::Done Simulation::settle_funding(TimeNs now) {
  for (std::size_t s = 0; s < cursors_.size(); ++s) {
    while (cursors_[s].next_funding <= now) {
      Cursor& cursor = cursors_[s];
      const InstrumentData& series = data_.series[s];
      const TimeNs due = cursor.next_funding;
      const bool recorded = cursor.funding_row < series.funding.size() && series.funding[cursor.funding_row].time == due;
      const MarketState& market = shard_.state().market[s];
      if (market.known == Known::yes)
        venue_->on_funding(series.instrument.ix, due, recorded ? std::optional(series.funding[cursor.funding_row].rate) : std::nullopt, market.last);
      schedule_funding(s, due);
    }
  }
  return deliver(now);
}

TimeNs Simulation::next_delivery() const {
  if (!answers_.empty()) [[unlikely]]
    return answers_.front().available_at;
  return std::min(venue_->next_delivery(), executor_.next_due());
}

Simulation::Done Simulation::deliver(TimeNs until) {
  if (next_delivery() > until) [[likely]]
    return {};
  return deliver_due(until);
}

Simulation::Done Simulation::deliver_due(TimeNs until) {
  Input input;
  for (;;) {
    if (!answers_.empty()) [[unlikely]] {
      if (answers_.front().available_at > until) break;
      input = std::move(answers_.front());
      answers_.pop_front();
    } else {
      const TimeNs by_venue = venue_->next_delivery(), by_batch = executor_.next_due();
      if (std::min(by_venue, by_batch) > until) break;
      if (by_batch <= by_venue) {
        executor_.run_due(by_batch);
        continue;
      }
      if (!venue_->poll(until, input)) break;
      if (!venue_->failure().empty()) [[unlikely]]
        return std::unexpected(ShardError{ShardFault::venue, {}, venue_->failure()});
    }
    if (!owed_.empty()) [[unlikely]]
      if (const auto* filled = std::get_if<VenueFilled>(&input.body); filled != nullptr && filled->fill.time >= shard_.state().now) forgive_owed();
    if (auto done = shard_.take(std::move(input)); !done) return done;
  }
  return {};
}

/// The end of a run: orders that still wait for their batch are told that they were not sent.
Simulation::Done Simulation::settle() {
  if (executor_.next_due() != kNever) {
    executor_.close(shard_.state().now);
    if (auto done = deliver(shard_.state().now); !done) return done;
  }
  if (!venue_->failure().empty()) return std::unexpected(ShardError{ShardFault::venue, {}, venue_->failure()});
  return shard_.commit();
}

TimeNs Simulation::next_open() const {
  TimeNs next = kNever;
  for (std::size_t s = 0; s < cursors_.size(); ++s) {
    const BarColumns& bars = data_.series[s].bars;
    if (cursors_[s].next < bars.size()) next = std::min(next, TimeNs{bars.open_time_ns[cursors_[s].next]});
  }
  return next;
}

void Simulation::sample_equity(TimeNs now) {
  const TimeNs boundary = floor_to(now, config_.equity_interval);
  if (const auto equity = equity_of(shard_.state(), account())) collector_.sample_equity(boundary, *equity);
  next_equity_ = boundary + config_.equity_interval;
}

Simulation::Done Simulation::play(TimeNs open_time) {
  const DurationNs interval = data_.interval;
  const TimeNs close_time = open_time + interval;
  if (next_funding_ <= open_time) [[unlikely]]
    if (auto done = settle_funding(open_time); !done) return done;
  if (auto done = deliver(open_time); !done) return done;
  at_time_.clear();
  for (std::size_t s = 0; s < cursors_.size(); ++s) {
    const BarColumns& bars = data_.series[s].bars;
    if (cursors_[s].next < bars.size() && bars.open_time_ns[cursors_[s].next] == open_time.ns) at_time_.push_back(s);
  }
  bool busy = false;
  for (const std::size_t s : at_time_) {
    const InstrumentIx ix{static_cast<std::uint16_t>(s)};
    if (venue_->is_idle(ix)) continue;
    busy = true;
    venue_->on_bar_open(ix, data_.series[s].bars.at(cursors_[s].next), interval);
  }
  if (busy) {
    // What the open caused is answered within the bar: a stop placed on an entry's fill protects for the rest of it.
    if (auto done = deliver(close_time - DurationNs{2}); !done) return done;
    for (const std::size_t s : at_time_) {
      const InstrumentIx ix{static_cast<std::uint16_t>(s)};
      if (!venue_->is_idle(ix)) venue_->on_bar_range(ix, data_.series[s].bars.at(cursors_[s].next), interval);
    }
    if (auto done = deliver(close_time - DurationNs{1}); !done) return done;
    // An entry that waited filled somewhere on the way: its stop is here now, and the bar may have gone on to it.
    bool late = false;
    for (const std::size_t s : at_time_)
      late |= venue_->on_bar_rest(InstrumentIx{static_cast<std::uint16_t>(s)}, data_.series[s].bars.at(cursors_[s].next), interval);
    if (late)
      if (auto done = deliver(close_time - DurationNs{1}); !done) return done;
  }
  for (const std::size_t s : at_time_) {
    const Bar bar = data_.series[s].bars.at(cursors_[s].next);
    if (auto done = shard_.take_bar(InstrumentIx{static_cast<std::uint16_t>(s)}, bar, interval, close_time); !done) return done;
    ++cursors_[s].next;
    ++bars_done_;
  }
  if (auto done = deliver(close_time); !done) return done;
  if (!owed_.empty()) [[unlikely]]
    if (auto done = run_owed(close_time); !done) return done;
  for (const std::size_t s : at_time_) {
    const std::size_t i = cursors_[s].next - 1;
    if (cursors_[s].pairs.empty()) continue;
    if (auto done = run_strategies(s, i, close_time); !done) return done;
  }
  if (close_time >= next_equity_) [[unlikely]]
    sample_equity(close_time);
  if (close_time >= next_desk_ && has_desk_) [[unlikely]]
    return decide(close_time);
  return {};
}

Simulation::Done Simulation::run_strategies(std::size_t series, std::size_t bar, TimeNs now) {
  const BarColumns& bars = data_.series[series].bars;
  Cursor& cursor = cursors_[series];
  if (cursor.asked > bar) {  // the only pair's decider ran ahead
    if (cursor.asked != bar + 1 || std::exchange(cursor.cause, BarDecider::Cause::none) == BarDecider::Cause::none) return {};
    count_barred(now, series);
    return post(config_.pairs[cursor.pairs.front()].strategy->propose(shard_.state()), now);
  }
  cursor.asked = bar + 1;
  count_barred(now, series);
  for (const std::size_t p : cursor.pairs) {
    BarDecider* strategy = config_.pairs[p].strategy.get();
    if (strategy == nullptr) continue;
    if (strategy->begin(shard_.state())) [[likely]] {
      if (strategy->run(bars, bar, bar + 1).cause == BarDecider::Cause::none) [[likely]]
        continue;
      if (auto done = post(strategy->propose(shard_.state()), now); !done) return done;
    } else if (auto done = post(strategy->on_bar(shard_.state(), StrategyBar::of(bars, bar)), now); !done) {
      return done;
    }
  }
  return {};
}

Simulation::Done Simulation::post(std::optional<TradeProposal> proposal, TimeNs now) {
  if (!proposal) return {};
  proposal->decision = DecisionId{++decisions_};
  if (auto done = take(ProposalPosted{std::move(*proposal)}, now); !done) return done;
  return deliver(now);
}

Simulation::Done Simulation::decide(TimeNs now) {
  next_desk_ = floor_to(now, config_.desk_interval) + config_.desk_interval;
  for (std::size_t p = 0; p < config_.pairs.size(); ++p) {
    if (config_.pairs[p].decider != "agents") continue;
    const MarketState& market = shard_.state().market[config_.pairs[p].series];
    if (market.known == Known::no || market.updated_at != now) continue;  // no bar closed here: there is nothing new to decide on
    if (const auto decided = collector_.last_decision_at(PairIx{static_cast<std::uint32_t>(p)}); decided && *decided >= now) continue;
    if (auto done = run_desk(p, now); !done) return done;
  }
  return {};
}

Simulation::Done Simulation::run_desk(std::size_t pair, TimeNs now) {
  count_barred(now, cursors_.size());
  const AccountView view = make_account_view(shard_.state(), account());
  DecisionRequest request;
  request.id = DecisionId{++decisions_};
  request.as_of = view.as_of;
  request.pair = PairIx{static_cast<std::uint32_t>(pair)};
  request.trading_pair = &shard_.state().pairs[pair].pair;
  request.market = parts_.market;
  request.account = &view;
  request.history = collector_.history();
  request.observations = parts_.observations;
  request.tapes = parts_.tapes;
  request.memory = parts_.memory != nullptr ? &parts_.memory->view() : nullptr;
  DecisionOutcome outcome = parts_.desk->decide(request);
  for (InputBody& body : outcome.inputs) {
    if (const auto* recorded = std::get_if<DecisionRecorded>(&body); recorded != nullptr && hooks_.on_decision) hooks_.on_decision(recorded->record);
    if (const auto* noted = std::get_if<MemoryNoted>(&body); noted != nullptr && parts_.memory != nullptr) parts_.memory->add(noted->memory);
    if (auto done = take(std::move(body), now); !done) return done;
    if (auto done = deliver(now); !done) return done;
  }
  return {};
}

std::expected<Flow, ShardError> Simulation::run(const SimulationHooks& hooks) {
  hooks_ = hooks;
  const std::uint64_t total = data_.bar_count();
  // With a journal, a pacer or somebody who looks at frames every bar is an event of its own.
  const bool together = config_.stretches == Stretches::together && !hooks_.pace && !hooks_.on_frame && parts_.journal == nullptr;
  recorded_ = config_.collect == CollectLevel::full || hooks_.on_frame || parts_.journal != nullptr;
  std::uint64_t watched = 0;
  for (TimeNs open = next_open(); open != kNever; open = next_open()) {
    if (auto done = play(open); !done) return std::unexpected(done.error());
    if (together)
      if (auto done = play_calm(); !done) return std::unexpected(done.error());
    if (hooks_.watch && bars_done_ - watched >= 4'096) {
      watched = bars_done_;
      hooks_.watch(Progress{shard_.state().now, bars_done_, total});
    }
    if (hooks_.pace && hooks_.pace(Progress{open + data_.interval, bars_done_, total}) == Flow::stop) {
      if (auto done = settle(); !done) return std::unexpected(done.error());
      return Flow::stop;
    }
  }
  count_barred(kNever, cursors_.size());
  if (auto done = settle(); !done) return std::unexpected(done.error());
  return Flow::go_on;
}

RunResult Simulation::result() {
  RunResult result;
  result.bars = bars_done_;
  result.from = data_.first();
  result.to = shard_.state().now;
  result.data_sha256 = data_.digest();
  result.summary.opening_cash = config_.cash;
  collector_.finish(shard_.state(), account(), result);
  return result;
}

}  // namespace prom
