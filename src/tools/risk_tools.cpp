// What the limits say and how much may be risked: dry checks from the account as it is. The risk engine checks again and alone decides. Pure.
#include <algorithm>
#include <utility>

#include "domain/denial.h"
#include "tools/proposals.h"
#include "tools/trade_checks.h"

namespace prom {

namespace {

constexpr std::span<const ArgSpec> kNoArgs{};

/// a / b as a double, 0 where b is not positive.
double ratio(Decimal a, Decimal b) { return b.is_positive() ? a.to_double() / b.to_double() : 0; }

ToolOutput reading(const AccountView& account, ValueObject result) {
  ToolOutput out;
  out.result = Value(std::move(result));
  out.sources.push_back(source_of(account));
  return out;
}

constexpr ResultField kBreakerResults[] = {{"can_open", ResultType::flag, "whether new risk may be taken now"},
                                           {"kill_phase", ResultType::text, "released, cancelling, flattening or flat"},
                                           {"trading_state", ResultType::text, "active, reducing or halted"},
                                           {"breakers", ResultType::list, "{kind, until} of each tripped one"},
                                           {"consecutive_losses", ResultType::integer, "losing trades in a row"},
                                           {"max_consecutive_losses", ResultType::integer, "limit"},
                                           {"reasons", ResultType::list, "why not, in words"}};
ToolResult run_check_circuit_breaker(const ToolContext& context, const ToolArguments&) {
  const auto found = account_of(context);
  if (!found) return std::unexpected(found.error());
  const AccountView& account = **found;
  ValueList breakers, reasons;
  for (const BreakerView& breaker : account.breakers) {
    breakers.emplace_back(ValueObject{{"kind", name_of(breaker.kind)}, {"until", breaker.until}});
    reasons.emplace_back("circuit breaker: " + std::string(name_of(breaker.kind)));
  }
  if (account.kill_phase != KillPhase::released) reasons.emplace_back("kill switch: " + std::string(name_of(account.kill_phase)));
  if (account.trading_state != TradingState::active) reasons.emplace_back("trading state: " + std::string(name_of(account.trading_state)));
  if (!account.equity) reasons.emplace_back("equity is unknown");
  const bool can_open = reasons.empty();
  return reading(account, {{"can_open", can_open},
                           {"kill_phase", name_of(account.kill_phase)},
                           {"trading_state", name_of(account.trading_state)},
                           {"breakers", std::move(breakers)},
                           {"consecutive_losses", static_cast<std::int64_t>(account.consecutive_losses)},
                           {"max_consecutive_losses", static_cast<std::int64_t>(account.limits.max_consecutive_losses)},
                           {"reasons", std::move(reasons)}});
}

constexpr ResultField kDailyResults[] = {{"pnl", ResultType::amount, "equity less the day's start, net of transfers, reporting asset"},
                                         {"percent", ResultType::number, "of the day's start"},
                                         {"equity", ResultType::amount, "reporting asset"},
                                         {"day_start_equity", ResultType::amount, "reporting asset"},
                                         {"transfers", ResultType::amount, "net deposits since the day's start"},
                                         {"limit_percent", ResultType::number, "largest loss allowed in a day"},
                                         {"limit_used", ResultType::number, "share of that limit, 0 when not losing"}};
ToolResult run_get_daily_pnl(const ToolContext& context, const ToolArguments&) {
  const auto found = account_of(context);
  if (!found) return std::unexpected(found.error());
  const AccountView& account = **found;
  const auto equity = equity_of(account);
  if (!equity) return std::unexpected(equity.error());
  const Decimal pnl = *equity - account.day_start_equity - account.day_transfers;
  const double fraction = ratio(pnl, account.day_start_equity);
  const double limit = account.limits.max_daily_drawdown.to_double();
  return reading(account, {{"pnl", pnl},
                           {"percent", 100 * fraction},
                           {"equity", *equity},
                           {"day_start_equity", account.day_start_equity},
                           {"transfers", account.day_transfers},
                           {"limit_percent", 100 * limit},
                           {"limit_used", fraction < 0 && limit > 0 ? -fraction / limit : 0.0}});
}

constexpr ResultField kDrawdownResults[] = {{"drawdown", ResultType::number, "fall from the equity peak now, a fraction"},
                                            {"limit", ResultType::number, "largest allowed, a fraction"},
                                            {"limit_used", ResultType::number, "share of that limit"},
                                            {"equity", ResultType::amount, "reporting asset"},
                                            {"peak_equity", ResultType::amount, "reporting asset"},
                                            {"realised_max_drawdown", ResultType::amount, "largest fall of the closed trades' running net"},
                                            {"trades", ResultType::integer, "closed trades behind that"}};
ToolResult run_get_max_drawdown(const ToolContext& context, const ToolArguments&) {
  const auto found = account_of(context);
  if (!found) return std::unexpected(found.error());
  const AccountView& account = **found;
  const auto equity = equity_of(account);
  if (!equity) return std::unexpected(equity.error());
  Decimal running, peak, worst;
  std::int64_t trades = 0;
  if (context.history) {
    for (const JournalEntry& entry : *context.history) {
      if (entry.account != account.account.ix || entry.closed_at > context.as_of.time) continue;
      running += entry.net;
      peak = max(peak, running);
      worst = max(worst, peak - running);
      ++trades;
    }
  }
  const double fall = std::max(0.0, ratio(account.peak_equity - *equity, account.peak_equity));
  const double limit = account.limits.max_drawdown.to_double();
  return reading(account, {{"drawdown", fall},
                           {"limit", limit},
                           {"limit_used", limit > 0 ? fall / limit : 0.0},
                           {"equity", *equity},
                           {"peak_equity", account.peak_equity},
                           {"realised_max_drawdown", worst},
                           {"trades", trades}});
}

constexpr ResultField kExposureResults[] = {{"total", ResultType::amount, "sum of position values, quote"},
                                            {"total_fraction", ResultType::number, "of equity; null while equity is unknown", ResultPresence::may_be_null},
                                            {"limit_fraction", ResultType::number, "largest allowed in total"},
                                            {"net", ResultType::amount, "longs less shorts, quote"},
                                            {"positions", ResultType::integer, "open positions"},
                                            {"max_positions", ResultType::integer, "limit"},
                                            {"by_instrument", ResultType::list, "{instrument, value, side}"},
                                            {"max_instrument_fraction", ResultType::number, "largest allowed in one instrument"},
                                            {"max_group_fraction", ResultType::number, "largest allowed in one correlation group"}};
ToolResult run_get_exposure(const ToolContext& context, const ToolArguments&) {
  const auto found = account_of(context);
  if (!found) return std::unexpected(found.error());
  const AccountView& account = **found;
  Decimal total, net;
  ValueList list;
  std::int64_t open = 0;
  for (const PositionView& view : account.positions) {
    const Instrument* instrument = instrument_at(context, view.position.instrument);
    if (instrument == nullptr || view.position.is_flat()) continue;
    const Decimal value = notional_in_quote(*instrument, view.mark, size_of(view.position)).abs();
    const bool is_long = view.position.quantity.v > 0;
    total += value;
    net += is_long ? value : -value;
    ++open;
    list.emplace_back(ValueObject{{"instrument", instrument_code(*instrument)}, {"value", value}, {"side", is_long ? "long" : "short"}});
  }
  const RiskLimits& limits = account.limits;
  return reading(account, {{"total", total},
                           {"total_fraction", account.equity ? Value(ratio(total, *account.equity)) : Value()},
                           {"limit_fraction", limits.max_total_exposure.to_double()},
                           {"net", net},
                           {"positions", open},
                           {"max_positions", static_cast<std::int64_t>(limits.max_positions)},
                           {"by_instrument", std::move(list)},
                           {"max_instrument_fraction", limits.max_instrument_exposure.to_double()},
                           {"max_group_fraction", limits.max_group_exposure.to_double()}});
}

constexpr ArgSpec kSizeArgs[] = {kInstrumentArg,
                                 kSideArg,
                                 required(kStopArg),
                                 amount_arg("entry", "entry price, quote per base; default: the last price"),
                                 number_arg("risk_fraction", "share of equity lost at the stop, costs included; default: the account's limit", 0.0001, 0.1),
                                 number_arg("slippage_bps", "basis points of notional lost at the entry and at the stop", 0, 500, kAssumedSlippageBps)};
constexpr ResultField kSizeResults[] = {{"quantity", ResultType::amount, "on the step; 0 where the minimum cannot be reached"},
                                        {"notional", ResultType::amount, "at the entry, quote"},
                                        {"entry", ResultType::amount, "quote per base"},
                                        {"stop", ResultType::amount, "quote per base"},
                                        {"loss_at_stop", ResultType::amount, "with fees and slippage, settle asset"},
                                        {"risk_fraction", ResultType::number, "asked for"},
                                        {"stop_distance_percent", ResultType::number, "from entry to stop, of the entry"},
                                        {"leverage", ResultType::number, "notional over equity"},
                                        {"limited_by", ResultType::text, "risk, or the limit that holds it lower, or minimum"}};
ToolResult run_calculate_position_size(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kSizeArgs, arguments.object);
  const auto found = account_of(context);
  if (!found) return std::unexpected(found.error());
  const AccountView& account = **found;
  const auto picked = pick_instrument(context, args);
  if (!picked) return std::unexpected(picked.error());
  const Instrument& instrument = **picked;
  std::optional<PriceUnits> reference;
  if (args.has("entry")) {
    const auto entry = price_units(instrument, "entry", *args.given("entry"), Round::half_even);
    if (!entry) return std::unexpected(entry.error());
    reference = *entry;
  }
  const auto entry = read_entry(context, args, instrument, side_of(args.text("side")), reference);
  if (!entry) return std::unexpected(entry.error());
  const auto room = room_for(context, account, instrument, entry->reference);
  if (!room) return std::unexpected(room.error());
  SizingRequest request = sizing_of(*entry, *entry->stop);
  request.slippage = fraction_of(args.number("slippage_bps") / 10'000);
  request.equity = room->equity;
  request.risk_fraction = args.has("risk_fraction") ? fraction_of(args.number("risk_fraction")) : account.limits.risk_per_trade;
  request.max_notional = room->max_notional;
  const QuantityUnits quantity = size_by_risk(instrument, request);
  SizingRequest unlimited = request;
  unlimited.max_notional = Decimal::from_int(1'000'000'000'000);
  const QuantityUnits by_risk = size_by_risk(instrument, unlimited);
  const std::string_view limited_by = by_risk.v == 0 ? std::string_view("minimum") : quantity == by_risk ? std::string_view("risk") : room->limited_by;
  const Decimal value = notional(instrument, entry->reference, quantity).abs();
  const double price = to_decimal(instrument, entry->reference).to_double();
  const double stop = to_decimal(instrument, *entry->stop).to_double();
  const Decimal loss = quantity.v > 0 ? loss_at_stop(instrument, request, quantity) : Decimal{};
  return reading(account, {{"quantity", to_decimal(instrument, quantity)},
                           {"notional", notional_in_quote(instrument, entry->reference, quantity)},
                           {"entry", to_decimal(instrument, entry->reference)},
                           {"stop", to_decimal(instrument, *entry->stop)},
                           {"loss_at_stop", loss},
                           {"risk_fraction", request.risk_fraction.to_double()},
                           {"stop_distance_percent", 100 * std::abs(price - stop) / price},
                           {"leverage", ratio(value, room->equity)},
                           {"limited_by", limited_by}});
}

constexpr ArgSpec kValidateArgs[] = {kInstrumentArg, kSideArg, required(kQuantityArg), kLimitPriceArg, kStopArg};
constexpr ResultField kValidateResults[] = {
    {"would_pass", ResultType::flag, "whether every check here passes; the risk engine checks again and alone decides"},
    {"failed", ResultType::list, "codes of the checks that fail, in the risk engine's words"},
    {"checks", ResultType::list, "{check, passed, limit, actual}; limit and actual null where the check has no number"}};
ToolResult run_validate_trade(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kValidateArgs, arguments.object);
  const auto found = account_of(context);
  if (!found) return std::unexpected(found.error());
  const auto picked = pick_instrument(context, args);
  if (!picked) return std::unexpected(picked.error());
  const auto checks = check_trade(context, args, **found, **picked);
  if (!checks) return std::unexpected(checks.error());
  ValueList failed, list;
  for (const TradeCheck& check : *checks) {
    if (!check.passed) failed.emplace_back(name_of(check.code));
    list.emplace_back(ValueObject{{"check", name_of(check.code)},
                                  {"passed", check.passed},
                                  {"limit", check.limit ? Value(*check.limit) : Value()},
                                  {"actual", check.actual ? Value(*check.actual) : Value()}});
  }
  const bool would_pass = failed.empty();
  return reading(**found, {{"would_pass", would_pass}, {"failed", std::move(failed)}, {"checks", std::move(list)}});
}

constexpr ArgSpec kEmergencyArgs[] = {kReasonArg};
constexpr ResultField kEmergencyResults[] = {{"status", ResultType::text, "what happens next"},
                                             {"positions", ResultType::integer, "open positions that it would flatten"}};
ToolResult run_emergency_close_all(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kEmergencyArgs, arguments.object);
  const auto found = account_of(context);
  if (!found) return std::unexpected(found.error());
  const AccountView& account = **found;
  return proposing_output(account,
                          {{"status", "kill switch asked for: cancel, flatten, verify flat; only a person resets it"},
                           {"positions", static_cast<std::int64_t>(account.positions.size())}},
                          KillSwitchPulled{account.account.user, std::string(args.text("reason"))});
}

constexpr ToolCategory kRisk = ToolCategory::risk;
constexpr ToolSpec kTools[] = {
    {.name = "check_circuit_breaker",
     .category = kRisk,
     .description = "Whether new risk may be taken, and why not.",
     .arguments = kNoArgs,
     .results = kBreakerResults,
     .run = run_check_circuit_breaker},
    {.name = "get_daily_pnl",
     .category = kRisk,
     .description = "Profit or loss since the day's start, net of transfers, and the daily limit.",
     .arguments = kNoArgs,
     .results = kDailyResults,
     .run = run_get_daily_pnl},
    {.name = "get_max_drawdown",
     .category = kRisk,
     .description = "Fall from the equity peak (fraction), its limit, and the worst of closed trades.",
     .arguments = kNoArgs,
     .results = kDrawdownResults,
     .run = run_get_max_drawdown},
    {.name = "get_exposure",
     .category = kRisk,
     .description = "Value of open positions against the exposure limits, quote.",
     .arguments = kNoArgs,
     .results = kExposureResults,
     .run = run_get_exposure},
    {.name = "calculate_position_size",
     .category = kRisk,
     .description = "Quantity that loses a stated share of equity at the stop, within the limits.",
     .arguments = kSizeArgs,
     .results = kSizeResults,
     .run = run_calculate_position_size},
    {.name = "validate_trade",
     .category = kRisk,
     .description = "Dry run of the pre-trade checks for an entry.",
     .arguments = kValidateArgs,
     .results = kValidateResults,
     .run = run_validate_trade},
    {.name = "emergency_close_all",
     .category = kRisk,
     .access = ToolAccess::proposing,
     .description = "Asks for the kill switch: cancel everything, flatten, verify flat at the venue.",
     .arguments = kEmergencyArgs,
     .results = kEmergencyResults,
     .run = run_emergency_close_all},
};

}  // namespace

std::span<const ToolSpec> risk_tools() { return kTools; }

}  // namespace prom
