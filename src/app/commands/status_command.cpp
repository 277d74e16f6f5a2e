// status: options and what people see.
#include <memory>
#include <ostream>

#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/commands/run_status.h"

namespace prom {
namespace {

std::string shown(const Value& row, std::string_view name) { return std::string(row.text(name).value_or("-")); }

void print_balance(AppContext& context, const Value& balance) {
  if (balance.is_null()) {
    context.out << "No account is in its ledger yet.\n";
    return;
  }
  TextTable table({{"asset"}, {"amount", Align::right}});
  for (const Value& row : std::get<ValueList>(balance.find("balances")->storage())) {
    const Value* amount = row.find("amount");
    table.add({shown(row, "asset"), amount->text() ? std::string(*amount->text()) : std::get<Decimal>(amount->storage()).to_string()});
  }
  table.print(context.out);
  const bool live = balance.text("source") == "run";
  context.out << "equity " << (live ? shown(balance, "equity") : "unknown") << ' ' << shown(balance, "asset") << ", open positions "
              << to_json(*balance.find("open_positions"))
              << (live ? "; the running instance said so at " + shown(balance, "at") + " of its market" : "; the ledger says so") << ".\n";
}

CommandResult show_status(AppContext& context, const std::string& user) {
  PROM_TRY(const Value document, run_status(context, user));
  if (context.json()) {
    context.print(document);
    return ExitCode::done;
  }
  if (document.find("run")->is_null()) {
    context.out << "No run is held in " << context.named_state().root << " yet.\n";
    return ExitCode::done;
  }
  context.out << "PAPER " << shown(document, "run") << ", " << shown(document, "status") << ", of " << shown(document, "user") << '\n';
  TextTable table({{"instrument"}, {"price", Align::right}, {"regime"}, {"at"}});
  for (const Value& row : std::get<ValueList>(document.find("markets")->storage()))
    table.add({shown(row, "instrument"), shown(row, "price"), shown(row, "regime"), shown(row, "at")});
  table.print(context.out);
  print_balance(context, *document.find("balance"));
  return ExitCode::done;
}

}  // namespace

void add_status(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command =
      app.add_subcommand("status", "How the run or host of this state stands: prices, regimes, money. Asks Redis where it is named, else the ledger.");
  auto user = std::make_shared<std::string>();
  command.add_option("--user", *user, "Of a host: whose money (else user-0001)").type_name("NAME");
  command.footer("  promtrade status\n  promtrade status --user user-0042 --json");
  command.callback([&sink, user] { sink.chosen = [user](AppContext& context) { return show_status(context, *user); }; });
}

}  // namespace prom
