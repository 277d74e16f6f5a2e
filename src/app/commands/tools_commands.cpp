// tools list, call, docs: options and what people see.
#include <memory>
#include <ostream>

#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/commands/tool_call.h"
#include "tools/spec.h"

namespace prom {
namespace {

CommandResult list_command(AppContext& context) {
  PROM_TRY(const Value document, list_tools(context));
  if (context.json()) {
    context.print(document);
    return ExitCode::done;
  }
  TextTable table({{"tool"}, {"category"}, {"works"}, {"what it says, or why it does not work"}});
  for (const Value& row : std::get<ValueList>(document.find("tools")->storage())) {
    const bool works = std::get<bool>(row.find("available")->storage());
    table.add(
        {std::string(*row.text("name")), std::string(*row.text("category")), works ? "yes" : "no", std::string(*row.text(works ? "description" : "reason"))});
  }
  table.print(context.out);
  return ExitCode::done;
}

/// Objects and lists as indented lines; numbers as JSON writes them.
void print_value(AppContext& context, const std::string& name, const Value& value, std::size_t depth) {
  const std::string indent(depth * 2, ' ');
  const auto nested = [&](const auto& members, const auto& name_of_member) {
    context.out << indent << name << ":\n";
    std::size_t i = 0;
    for (const auto& member : members) {
      if constexpr (requires { member.second; }) {
        print_value(context, member.first, member.second, depth + 1);
      } else {
        print_value(context, name_of_member(i++), member, depth + 1);
      }
    }
  };
  const auto number = [](std::size_t i) { return std::to_string(i); };
  if (const auto* object = std::get_if<ValueObject>(&value.storage())) {
    nested(*object, number);
  } else if (const auto* list = std::get_if<ValueList>(&value.storage()); list != nullptr && !list->empty()) {
    nested(*list, number);
  } else if (const auto* time = std::get_if<TimeNs>(&value.storage())) {
    context.out << indent << name << ": " << context.time(*time) << '\n';
  } else if (const auto text = value.text()) {
    context.out << indent << name << ": " << *text << '\n';
  } else {
    context.out << indent << name << ": " << to_json(value) << '\n';
  }
}

CommandResult call_command(AppContext& context, const ToolCallOptions& options) {
  PROM_TRY(const Value document, call_from_command_line(context, options));
  if (context.json()) {
    context.print(document);
    return ExitCode::done;
  }
  for (const auto& [name, value] : std::get<ValueObject>(document.storage())) {
    if (name == "series") {
      context.out << name << ": " << to_json(value) << '\n';
    } else {
      print_value(context, name, value, 0);
    }
  }
  return ExitCode::done;
}

void add_call(CommandBuilder& group, CommandSink& sink) {
  CommandBuilder command = group.add_subcommand("call", "Ask one tool, as an agent would, and show its answer with sources.");
  auto options = std::make_shared<ToolCallOptions>();
  command.add_option("name", options->tool, "Which tool: promtrade tools list").required().type_name("NAME");
  command.add_option("--args", options->arguments, "Its arguments as a JSON object").type_name("JSON");
  command.add_option("--instrument", options->instrument, "VENUE:MARKET:SYMBOL (else binance:linear:BTCUSDT; with --csv binance:spot:BTCUSDT)")
      .type_name("NAME");
  command.add_option("--timeframe", options->timeframe, "Bars to look at: 1m 5m 15m 1h 4h 1d (else 1h; with --csv the file's own)").type_name("TIME");
  command.add_option("--as-of", options->as_of, "Nothing later is seen (else the end of the recording or the close of the last bar)").type_name("TIME");
  command.add_option("--csv", options->csv, "Evaluate on this OHLCV file: a header with time, open, high, low, close, volume in any order").type_name("FILE");
  command.add_option("--book", options->book, "A recording of the venue's feed with its order book: frames of Binance, Bybit or OKX, one a line")
      .type_name("FILE");
  command.add_option("--trades", options->trades, "A file of trades (Binance's aggTrades); with --book they stand for the recorded ones").type_name("FILE");
  command.add_option("--cash", options->cash, "Balance of the paper account that account and risk tools look at; it has not traded").type_name("N");
  command.add_flag("--series", options->series, "Also one value a bar, null during warm-up");
  command.footer(
      "  promtrade tools call rsi --args '{\"period\": 14}' --json\n"
      "  promtrade tools call macd --csv bars.csv --series --json\n"
      "  promtrade tools call get_orderbook --book feed.gz --instrument binance:linear:BTCUSDT\n"
      "  promtrade tools call get_balance --cash 25000\n"
      "  promtrade tools call indicator --args '{}'        what there is beside them\n"
      "  promtrade tools call indicator --args '{\"name\": \"adx\"}'");
  command.callback([&sink, options] { sink.chosen = [options](AppContext& context) { return call_command(context, *options); }; });
}

}  // namespace

void add_tools(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder group = app.add_subcommand("tools", "The 108 tools that agents may call.");
  CommandBuilder list = group.add_subcommand("list", "Every tool: category, agents that may call it, whether it works here and if not why, schema.");
  list.footer("  promtrade tools list\n  promtrade tools list --json");
  list.callback([&sink] { sink.chosen = list_command; });
  add_call(group, sink);
  CommandBuilder docs = group.add_subcommand("docs", "The reference page docs/tools.md, written to stdout.");
  docs.footer("  promtrade tools docs > docs/tools.md");
  docs.callback([&sink] {
    sink.chosen = [](AppContext& context) -> CommandResult {
      context.out << tools_markdown();
      return ExitCode::done;
    };
  });
}

}  // namespace prom
