// agents list, show, run: the fourteen roles of this installation, and one decision of the desk.
#include <memory>
#include <ostream>

#include "agents/desk.h"
#include "agents/explain.h"
#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/commands/decision_document.h"
#include "app/commands/fresh_account.h"
#include "app/commands/market_in_memory.h"
#include "app/commands/profiles.h"
#include "app/feeds/feeds_at_hand.h"
#include "app/market/tapes_at_hand.h"

namespace prom {
namespace {

Value agent_document(const AgentProfile& profile) {
  ValueList tools, thresholds;
  for (const std::string& tool : profile.tools) tools.emplace_back(tool);
  const auto specs = threshold_specs(profile.role);
  for (const ThresholdSpec& spec : specs) {
    thresholds.emplace_back(ValueObject{
        {"key", Value(spec.key)}, {"value", profile.at(spec.key)}, {"minimum", spec.minimum}, {"maximum", spec.maximum}, {"meaning", Value(spec.meaning)}});
  }
  return ValueObject{{"name", Value(name_of(profile.role))},
                     {"kind", is_analyst(profile.role) ? "analyst" : "desk"},
                     {"brain", "rules"},
                     {"weight", profile.weight},
                     {"tools", std::move(tools)},
                     {"limits", ValueObject{{"tool_calls", static_cast<std::int64_t>(profile.limits.tool_calls)},
                                            {"tool_timeout", format_interval(profile.limits.tool_timeout)},
                                            {"run_timeout", format_interval(profile.limits.run_timeout)},
                                            {"thinking_tokens", static_cast<std::int64_t>(profile.limits.thinking_tokens)},
                                            {"dollars", profile.limits.dollars}}},
                     {"thresholds", std::move(thresholds)},
                     {"hash", profile.hash}};
}

CommandResult list_command(AppContext& context) {
  PROM_TRY(const AgentProfiles profiles, load_profiles(context));
  if (context.json()) {
    ValueList list;
    for (const AgentRole role : all_agent_roles()) list.push_back(agent_document(profiles.of(role)));
    context.print(ValueObject{{"agents", std::move(list)}, {"hash", profiles.hash()}});
    return ExitCode::done;
  }
  TextTable table({{"agent"}, {"brain"}, {"weight", Align::right}, {"tools", Align::right}, {"calls", Align::right}});
  for (const AgentRole role : all_agent_roles()) {
    const AgentProfile& profile = profiles.of(role);
    table.add(
        {std::string(name_of(role)), "rules", to_json(Value(profile.weight)), std::to_string(profile.tools.size()), std::to_string(profile.limits.tool_calls)});
  }
  table.print(context.out);
  return ExitCode::done;
}

CommandResult show_command(AppContext& context, const std::string& name) {
  PROM_TRY(const AgentRole role, agent_named(name));
  PROM_TRY(const AgentProfiles profiles, load_profiles(context));
  const AgentProfile& profile = profiles.of(role);
  if (context.json()) {
    ValueObject document = std::get<ValueObject>(agent_document(profile).storage());
    document.emplace_back("prompt", profile.prompt);
    context.print(Value(std::move(document)));
    return ExitCode::done;
  }
  context.out << name_of(role) << " (rules, weight " << to_json(Value(profile.weight)) << ", hash " << profile.hash.substr(0, 12) << ")\n\nTools: ";
  std::string tools;
  for (const std::string& tool : profile.tools) tools += (tools.empty() ? "" : " ") + tool;
  context.out << wrap(tools, kTextWidth, 7) << "\n\n";
  TextTable table({{"threshold"}, {"value", Align::right}, {"what"}});
  for (const ThresholdSpec& spec : threshold_specs(role)) table.add({std::string(spec.key), to_json(Value(profile.at(spec.key))), std::string(spec.meaning)});
  table.print(context.out);
  context.out << "\nPrompt:\n" << profile.prompt << '\n';
  return ExitCode::done;
}

struct RunOptions {
  std::string instrument = "binance:linear:BTCUSDT";
  std::string as_of;
  std::string cash = "10000";
};

CommandResult run_command(AppContext& context, const RunOptions& options) {
  PROM_TRY(const InstrumentCatalogue catalogue, load_catalogue(context));
  PROM_TRY(const std::string code, instrument_code_of({.venue = "", .market = "", .name = options.instrument}, catalogue));
  PROM_TRY(AgentProfiles profiles, load_profiles(context));
  PROM_TRY(std::vector<MarketInput> inputs, market_at_hand(context, code));
  PROM_TRY(const MarketInMemory market, market_in_memory(std::move(inputs)));
  PROM_TRY(const TimeNs as_of, instant_of(options.as_of, market));
  PROM_TRY(const ObservationTable observations, observations_at_hand(context, as_of));
  PROM_TRY(const Tapes recordings, tapes_over(context, {code}, as_of - kDay, as_of));
  PROM_TRY(const AccountView account, fresh_account(market, as_of, options.cash));
  TradingPair pair;
  pair.instrument = market.instrument.ix;
  pair.decider = "agents";
  pair.leverage = kDecimalOne;
  RuleDesk desk(std::move(profiles), {market.assets, nullptr});
  DecisionRequest request;
  request.id = DecisionId{1};
  request.as_of.time = as_of;
  request.trading_pair = &pair;
  request.market = &market.view;
  request.observations = &observations;
  request.tapes = recordings.tapes;
  request.account = &account;
  request.history = std::make_shared<const std::vector<JournalEntry>>();
  const DecisionOutcome outcome = desk.decide(request);
  for (const InputBody& input : outcome.inputs) {
    const auto* recorded = std::get_if<DecisionRecorded>(&input);
    if (recorded == nullptr) continue;
    if (context.json()) {
      context.print(decision_document(recorded->record, code));
    } else {
      context.out << code << " at " << context.time(as_of) << ", a paper account with " << account.available.to_string()
                  << " that has not traded (nothing is placed)\n"
                  << explain(recorded->record);
    }
    return ExitCode::done;
  }
  return std::unexpected(CommandError{ExitCode::broken_invariant, "no_decision", "the desk left no record of its decision", "", {}});
}

}  // namespace

void add_agents(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder group = app.add_subcommand("agents", "The fourteen agents and what they decided.");
  CommandBuilder list = group.add_subcommand("list", "The fourteen roles with brain, weight, tools and limits.");
  list.footer("  promtrade agents list --json");
  list.callback([&sink] { sink.chosen = list_command; });

  CommandBuilder show = group.add_subcommand("show", "One role: prompt, tools, limits and thresholds as they hold here.");
  auto name = std::make_shared<std::string>();
  show.add_option("agent", *name, "Which role").required().type_name("NAME");
  show.footer("  promtrade agents show smc_analyst");
  show.callback([&sink, name] { sink.chosen = [name](AppContext& context) { return show_command(context, *name); }; });

  CommandBuilder run = group.add_subcommand("run", "Let the desk decide once at an instant of stored or bundled data; nothing is placed.");
  auto options = std::make_shared<RunOptions>();
  run.add_option("--instrument", options->instrument, "VENUE:MARKET:SYMBOL").type_name("NAME");
  run.add_option("--as-of", options->as_of, "Nothing later is seen (else the close of the last bar)").type_name("TIME");
  run.add_option("--cash", options->cash, "Balance of the account that it decides for").type_name("N");
  run.footer("  promtrade agents run --as-of 2025-05-20T12:00:00Z\n  promtrade agents run --instrument binance:linear:ETHUSDT --json");
  run.callback([&sink, options] { sink.chosen = [options](AppContext& context) { return run_command(context, *options); }; });
}

}  // namespace prom
