// See the header.
#include "engine/protection/exit_orders.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/orders/order_manager.h"

namespace prom::protection {
PairIx pair_of(const Step& step, const Holding& holding) {
  if (holding.plan) return holding.plan->pair;
  for (const PairRecord& pair : step.state.pairs)
    if (pair.pair.account == holding.position.account && pair.pair.instrument == holding.position.instrument) return pair.pair.ix;
  return PairIx{0};
}

void place_stop(Step& step, const Holding& holding, std::uint32_t failures) {
  CoverageSet coverage = holding.coverage;
  const Position position = holding.position;
  if (exit_size(step, position).v == 0) return;
  OrderSpec spec = orders::new_order(step, position.account, pair_of(step, holding), position.instrument, position.leg);
  spec.side = exit_side(position);
  spec.type = OrderType::stop_market;
  spec.purpose = OrderPurpose::stop_loss;
  spec.quantity = exit_size(step, position);
  spec.trigger = coverage.stop;
  if (shares_lock(step, position)) {
    spec.oco_group = step.state.next_oco;
    for (const OrderId id : holding.working) {  // targets that rest already: the stop joins their group
      const Order* order = step.state.find_order(id);
      if (order != nullptr && order->spec.purpose == OrderPurpose::take_profit && order->spec.oco_group) spec.oco_group = order->spec.oco_group;
    }
  }
  coverage.stop_order = orders::place_reducing(step, spec);
  coverage.state = CoverageState::placing;
  coverage.failures = failures;
  coverage.deadline = step.state.now + step.options.coverage_deadline;
  step.emit(coverage);
}

void place_targets(Step& step, const Holding& holding) {
  const Position position = holding.position;
  const std::vector<TargetLevel> targets = holding.coverage.targets;
  const Instrument& instrument = step.state.instrument(position.instrument);
  std::optional<std::uint64_t> group;
  if (const Order* stop = live_stop(step, holding)) group = stop->spec.oco_group;
  QuantityUnits left = size_of(position);
  const PairIx pair = pair_of(step, holding);
  for (const TargetLevel& target : targets) {
    const QuantityUnits part = std::min(left, quantity_to_step(instrument, mul(to_decimal(instrument, size_of(position)), target.fraction, Round::down)));
    if (part.v < instrument.min_quantity.v || part.v <= 0) continue;
    OrderSpec spec = orders::new_order(step, position.account, pair, position.instrument, position.leg);
    spec.side = exit_side(position);
    spec.type = OrderType::limit;
    spec.purpose = OrderPurpose::take_profit;
    spec.quantity = part;
    spec.limit = target.price;
    if (shares_lock(step, position)) spec.oco_group = group ? *group : step.state.next_oco;
    group = spec.oco_group;
    orders::place_reducing(step, spec);
    left = left - part;
  }
}

void amend_stop(Step& step, const Holding& holding, const Order& stop, PriceUnits trigger, QuantityUnits quantity) {
  if (!next_state(stop.state, OrderEventKind::amend_requested)) return;
  CoverageSet coverage = holding.coverage;
  const AmendSpec amend{stop.spec.id, stop.spec.client_id, stop.spec.instrument, quantity, std::nullopt, trigger};
  coverage.state = CoverageState::replacing;
  coverage.stop = trigger;
  coverage.deadline = step.state.now + step.options.coverage_deadline;
  step.emit(OrderMoved{amend.order, OrderEventKind::amend_requested, {}});
  step.command(RiskEngine::approve_amend(step.state, amend));
  step.emit(coverage);
}

void resize_targets(Step& step, const Holding& holding) {
  const Position position = holding.position;
  const Instrument& instrument = step.state.instrument(position.instrument);
  const std::vector<OrderId> working = holding.working;
  const std::vector<TargetLevel> targets = holding.coverage.targets;
  for (const OrderId id : working) {
    const Order* order = step.state.find_order(id);
    if (order == nullptr || order->spec.purpose != OrderPurpose::take_profit || !next_state(order->state, OrderEventKind::amend_requested)) continue;
    for (const TargetLevel& target : targets) {
      if (order->spec.limit != target.price) continue;
      const QuantityUnits wanted = quantity_to_step(instrument, mul(to_decimal(instrument, size_of(position)), target.fraction, Round::down));
      if (wanted <= order->spec.quantity) break;
      const AmendSpec amend{id, order->spec.client_id, position.instrument, wanted, target.price, std::nullopt};
      step.emit(OrderMoved{id, OrderEventKind::amend_requested, {}});
      step.command(RiskEngine::approve_amend(step.state, amend));
      break;
    }
  }
}

}  // namespace prom::protection
