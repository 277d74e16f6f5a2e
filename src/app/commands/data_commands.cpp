// data import, list, verify, download: options and tables.
#include <memory>
#include <ostream>
#include <string>

#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/commands/data_import.h"

namespace prom {
namespace {

/// A member of a document as a terminal may show it.
std::string cell(AppContext& context, const Value& row, std::string_view name) {
  const Value* value = row.find(name);
  if (value == nullptr || value->is_null()) return "";
  if (const auto* time = std::get_if<TimeNs>(&value->storage())) return context.time(*time);
  if (const auto* text = std::get_if<std::string>(&value->storage())) return printable(text->substr(0, text->find('\n')));
  return to_json(*value);
}

const ValueList& list_of(const Value& document, std::string_view name) { return std::get<ValueList>(document.find(name)->storage()); }

void print_gaps(AppContext& context, const Value& document) {
  const ValueList& gaps = list_of(document, "gaps");
  if (gaps.empty()) {
    context.out << "No gaps.\n";
    return;
  }
  TextTable table({{"missing from"}, {"to"}, {"bars", Align::right}});
  constexpr std::size_t kShown = 20;
  for (std::size_t i = 0; i < gaps.size() && i < kShown; ++i)
    table.add({cell(context, gaps[i], "from"), cell(context, gaps[i], "to"), cell(context, gaps[i], "missing")});
  table.print(context.out);
  if (gaps.size() > kShown) context.out << "and " << gaps.size() - kShown << " more: --json\n";
}

CommandResult import_command(AppContext& context, const ImportJob& job) {
  PROM_TRY(const Value document, import_files(context, job));
  if (context.json()) {
    context.print(document);
    return ExitCode::done;
  }
  if (job.kind == ImportKind::funding) {
    context.out << cell(context, document, "instrument") << ": " << cell(context, document, "rates") << " funding rates from "
                << cell(context, document, "from") << " to " << cell(context, document, "to") << " (" << cell(context, document, "rows") << " rows read, "
                << cell(context, document, "duplicates") << " repeated)\n";
    return ExitCode::done;
  }
  if (job.kind != ImportKind::bars) {
    for (const Value& row : list_of(document, "recordings"))
      context.out << cell(context, row, "instrument") << ": " << cell(context, row, "events") << " events, " << cell(context, row, "trades")
                  << " of them trades, from " << cell(context, row, "from") << " to " << cell(context, row, "to") << " (" << cell(context, row, "origin")
                  << ")\n";
    return ExitCode::done;
  }
  context.out << cell(context, document, "instrument") << " " << cell(context, document, "interval") << ": " << cell(context, document, "bars") << " bars from "
              << cell(context, document, "from") << " to " << cell(context, document, "to") << " (" << cell(context, document, "rows") << " rows read, "
              << cell(context, document, "duplicates") << " repeated, " << cell(context, document, "unfinished") << " unfinished)\n";
  print_gaps(context, document);
  return ExitCode::done;
}

CommandResult list_command(AppContext& context) {
  PROM_TRY(const Value document, list_series(context));
  if (context.json()) {
    context.print(document);
    return ExitCode::done;
  }
  TextTable table({{"instrument"}, {"interval"}, {"bars", Align::right}, {"from"}, {"to"}, {"where"}});
  for (const Value& row : list_of(document, "series")) {
    table.add({cell(context, row, "instrument"), cell(context, row, "interval"), cell(context, row, "bars"), cell(context, row, "from"),
               cell(context, row, "to"), cell(context, row, "where")});
  }
  table.print(context.out);
  if (const ValueList& rates = list_of(document, "funding"); !rates.empty()) {
    TextTable funding({{"funding of"}, {"rates", Align::right}, {"from"}, {"to"}});
    for (const Value& row : rates)
      funding.add({cell(context, row, "instrument"), cell(context, row, "rates"), cell(context, row, "from"), cell(context, row, "to")});
    context.out << '\n';
    funding.print(context.out);
  }
  const ValueList& recordings = list_of(document, "recordings");
  if (recordings.empty()) return ExitCode::done;
  TextTable recorded({{"recording of"}, {"events", Align::right}, {"trades", Align::right}, {"from"}, {"to"}, {"file"}});
  for (const Value& row : recordings) {
    recorded.add({cell(context, row, "instrument"), cell(context, row, "events"), cell(context, row, "trades"), cell(context, row, "from"),
                  cell(context, row, "to"), cell(context, row, "origin")});
  }
  context.out << '\n';
  recorded.print(context.out);
  return ExitCode::done;
}

CommandResult verify_command(AppContext& context, const InstrumentChoice& choice) {
  std::string code;
  if (!choice.name.empty()) {
    PROM_TRY(const InstrumentCatalogue catalogue, load_catalogue(context));
    PROM_TRY(code, instrument_code_of(choice, catalogue));
  }
  PROM_TRY(const Value document, verify_data(context, code));
  const bool sound = std::get<bool>(document.find("ok")->storage());
  const ExitCode exit = sound ? ExitCode::done : ExitCode::check_failed;
  if (context.json()) {
    context.print(document);
    return exit;
  }
  for (const Value& row : list_of(document, "series")) {
    context.out << cell(context, row, "instrument") << " " << cell(context, row, "interval") << ": " << cell(context, row, "bars") << " bars, "
                << cell(context, row, "unsound") << " unsound\n";
    print_gaps(context, row);
  }
  for (const Value& fault : list_of(document, "faults")) context.out << "FAULT " << printable(*fault.text()) << '\n';
  context.out << (sound ? "Sound: stored bars and recordings, and the checksums of the bundled data.\n" : "Not sound.\n");
  return exit;
}

void add_instrument_options(CommandBuilder& command, InstrumentChoice& choice) {
  command.add_option("--venue", choice.venue, "Venue, where --instrument is a bare name")
      .type_name("binance|bybit|okx")
      .check_one_of({"binance", "bybit", "okx"}, LetterCase::ignored);
  command.add_option("--market", choice.market, "Market, where --instrument is a bare name (else what the catalogue knows, spot first)")
      .type_name("spot|linear|inverse")
      .check_one_of({"spot", "linear", "inverse"});
}

void add_import(CommandBuilder& group, CommandSink& sink) {
  CommandBuilder command = group.add_subcommand(
      "import",
      "Files of bars or funding rates, or recordings of order book and trades, into the market store: all of a file, or nothing after an error or a kill.");
  auto job = std::make_shared<ImportJob>();
  auto kind = std::make_shared<std::string>("bars");
  command
      .add_option("files", job->files,
                  "CSV or JSON, plain, .zip, .xz or .gz: Binance klines or aggTrades, OKX and Bybit candles, OHLCV; --kind funding: funding histories of "
                  "the three; --kind book: frames of theirs, one a line")
      .required()
      .type_name("FILE");
  add_instrument_options(command, job->instrument);
  command.add_option("--instrument", job->instrument.name, "VENUE:MARKET:SYMBOL, or the venue's name of it").required().type_name("NAME");
  command
      .add_option(
          "--kind", *kind,
          "bars (default; trades are folded into them), funding (what backtests charge), book (the venue's feed as recorded: depth and trades) or trades "
          "(kept one by one)")
      .type_name("bars|funding|book|trades")
      .check_one_of({"bars", "funding", "book", "trades"});
  command.add_flag("--replace", job->replace, "A recording takes the place of those that it overlaps; without it they are refused");
  command.add_option("--interval", job->interval, "Length of a bar, where the files cannot tell (1m, 5m, 1h, 4h, 1d); of trades: 1m").type_name("TIME");
  command.footer(
      "  promtrade data import BTCUSDT-1m-2024-01.zip --venue binance --instrument BTCUSDT --interval 1m\n"
      "  promtrade data import candles.csv --instrument okx:linear:BTCUSDT --json\n"
      "  promtrade data import BTCUSDT-fundingRate-2024-01.zip --kind funding --instrument binance:linear:BTCUSDT\n"
      "  promtrade data import feed.gz --kind book --instrument binance:linear:BTCUSDT");
  command.callback([&sink, job, kind] {
    job->kind = *kind == "book" ? ImportKind::book : *kind == "trades" ? ImportKind::trades : *kind == "funding" ? ImportKind::funding : ImportKind::bars;
    sink.chosen = [job](AppContext& context) { return import_command(context, *job); };
  });
}

}  // namespace

void add_data(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder group = app.add_subcommand("data", "Market data: what is stored, and bringing more in.");
  add_import(group, sink);
  CommandBuilder list =
      group.add_subcommand("list", "Series in the market store and in the bundled data, funding rates, and recordings of order book and trades.");
  list.footer("  promtrade data list --json");
  list.callback([&sink] { sink.chosen = list_command; });

  CommandBuilder verify = group.add_subcommand(
      "verify", "Check every stored bar and recording and the bundled files' checksums; gaps are listed. Exit 1 where something is unsound.");
  auto choice = std::make_shared<InstrumentChoice>();
  add_instrument_options(verify, *choice);
  verify.add_option("--instrument", choice->name, "Only this one").type_name("NAME");
  verify.footer("  promtrade data verify\n  promtrade data verify --instrument binance:spot:BTCUSDT --json");
  verify.callback([&sink, choice] { sink.chosen = [choice](AppContext& context) { return verify_command(context, *choice); }; });

  CommandBuilder download = group.add_subcommand("download", "Not available yet: downloads come with the venue adapters.");
  download.allow_extras();
  download.footer("  promtrade data import FILE --instrument binance:spot:BTCUSDT     what there is instead");
  download.callback([&sink] {
    sink.chosen = [](AppContext&) -> CommandResult {
      return std::unexpected(CommandError{ExitCode::usage,
                                          "not_available",
                                          "downloads come with the venue adapters, which this version does not have yet",
                                          "fetch the venue's public archive yourself and use promtrade data import FILE",
                                          {}});
    };
  });
}

}  // namespace prom
