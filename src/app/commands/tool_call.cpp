// From options to a ToolContext over columns in memory, and from a ToolOutput to JSON.
#include "app/commands/tool_call.h"

#include <algorithm>

#include "adapters/feeds/archive/tape_file.h"
#include "app/commands/fresh_account.h"
#include "app/commands/market_in_memory.h"
#include "app/commands/profiles.h"
#include "app/commands/tool_schema.h"
#include "app/feeds/feeds_at_hand.h"
#include "app/market/tapes_at_hand.h"
#include "base/text.h"
#include "tools/indicator_call.h"
#include "tools/market_access.h"
#include "tools/spec.h"
#include "tools/tape_tools.h"
#include "tools/tool.h"

namespace prom {
namespace {

CommandError usage(std::string code, std::string message, std::string hint) {
  return {ExitCode::usage, std::move(code), std::move(message), std::move(hint), {}};
}

CommandError tool_error(const ToolError& error) {
  ExitCode exit = ExitCode::usage;
  switch (error.code) {
    case ToolErrorCode::unknown_tool:
    case ToolErrorCode::not_allowed:
    case ToolErrorCode::bad_argument:
    case ToolErrorCode::limit_reached: break;
    case ToolErrorCode::not_enough_data: exit = ExitCode::input_data; break;
    case ToolErrorCode::unavailable: exit = ExitCode::outside_away; break;
  }
  return {exit, std::string(name_of(error.code)), error.message, error.hint, {}};
}

std::expected<DurationNs, CommandError> timeframe_named(const std::string& text, DurationNs base) {
  const auto wanted = parse_interval(text);
  if (wanted && can_be_made(*wanted, base)) return *wanted;
  return std::unexpected(usage("bad_timeframe", "'" + text + "' is no timeframe of bars of " + format_interval(base),
                               "use " + format_interval(base) + " or a multiple of it among 1m 5m 15m 1h 4h 1d"));
}

/// The default of the `timeframe` argument. An argument outranks the option and is held to the same bars, unless it is of another instrument.
std::expected<DurationNs, CommandError> timeframe_of(const ToolCallOptions& options, const Value& arguments, DurationNs base) {
  if (const auto argument = arguments.text("timeframe"); argument && !arguments.text("instrument")) return timeframe_named(std::string(*argument), base);
  if (!options.timeframe.empty()) return timeframe_named(options.timeframe, base);
  return options.csv.empty() && kHour.ns % base.ns == 0 ? kHour : base;
}

bool has_tape(const ToolCallOptions& options) { return !options.book.empty() || !options.trades.empty(); }

std::expected<Tape, CommandError> tape_for(const ToolCallOptions& options, const Instrument& instrument) {
  const auto read = [&](const std::string& path, auto reader) -> std::expected<Tape, CommandError> {
    auto tape = reader(path, instrument, OnImportProgress{});
    if (!tape) return std::unexpected(CommandError{ExitCode::input_data, "bad_data", describe(tape.error()), tape.error().hint, {}});
    return std::move(*tape);
  };
  if (options.book.empty()) return read(options.trades, read_trades);
  PROM_TRY(Tape book, read(options.book, read_book_recording));
  if (options.trades.empty()) return book;
  PROM_TRY(const Tape trades, read(options.trades, read_trades));
  return join_tapes(book, trades);
}

/// What order book and trades are taken from: files named at the call, else, for a tool that needs them, the recordings of the market store.
enum class TapeFrom : std::uint8_t { nowhere, files, store };

TapeFrom tape_from(const ToolCallOptions& options) {
  if (has_tape(options)) return TapeFrom::files;
  const ToolSpec* spec = find_tool_spec(options.tool);
  return spec != nullptr && options.csv.empty() && spec->feed.series.starts_with("tape.") ? TapeFrom::store : TapeFrom::nowhere;
}

std::expected<bool, CommandError> is_recorded(AppContext& context, const std::string& code) {
  PROM_TRY(const std::vector<RecordingInfo> kept, recordings_kept(context));
  return std::ranges::any_of(kept, [&](const RecordingInfo& info) { return info.instrument == code; });
}

/// The timeframe that was asked for, by argument or option, must be had of the stored bars; the default of an hour gives way. Words that are no timeframe are told
/// once the bars are known.
SeriesWish wish_of(const ToolCallOptions& options, const Value& arguments) {
  const auto argument = arguments.text("timeframe");
  const std::string text = argument && !arguments.text("instrument") ? std::string(*argument) : options.timeframe;
  if (text.empty()) return {kHour, SeriesWish::Otherwise::finest};
  const auto wanted = parse_interval(text);
  return {wanted ? std::optional(*wanted) : std::nullopt, SeriesWish::Otherwise::refuse};
}

/// The markets at hand; with a recording an instrument without bars will do.
std::expected<std::vector<MarketInput>, CommandError> inputs_for(AppContext& context, const ToolCallOptions& options, const SeriesWish& wish,
                                                                 const std::string& code, const InstrumentCatalogue& catalogue) {
  auto inputs = market_at_hand(context, code, wish);
  if (inputs || inputs.error().code != "no_data") return inputs;
  bool recorded = tape_from(options) == TapeFrom::files;
  if (tape_from(options) == TapeFrom::store) {
    PROM_TRY(recorded, is_recorded(context, code));
  }
  if (!recorded) return inputs;
  PROM_TRY(MarketInput bare, bare_market(code, catalogue));
  std::vector<MarketInput> out;
  out.push_back(std::move(bare));
  return out;
}

std::expected<MarketInMemory, CommandError> market_for(AppContext& context, const ToolCallOptions& options, const Value& arguments) {
  PROM_TRY(const InstrumentCatalogue catalogue, load_catalogue(context));
  const std::string wanted = !options.instrument.empty() ? options.instrument : options.csv.empty() ? "binance:linear:BTCUSDT" : "binance:spot:BTCUSDT";
  PROM_TRY(const std::string code, instrument_code_of({.venue = "", .market = "", .name = wanted}, catalogue));
  if (options.csv.empty()) {
    PROM_TRY(std::vector<MarketInput> inputs, inputs_for(context, options, wish_of(options, arguments), code, catalogue));
    return market_in_memory(std::move(inputs));
  }
  std::optional<DurationNs> interval;
  if (const auto given = parse_interval(options.timeframe)) interval = *given;
  PROM_TRY(MarketInput input, market_from_file({options.csv, code, interval}, catalogue));
  std::vector<MarketInput> inputs;
  inputs.push_back(std::move(input));
  return market_in_memory(std::move(inputs));
}

/// Without bars a market has no instant of its own.
bool is_bare(const MarketInMemory& market) { return market.last_close == TimeNs{0} + market.base; }

/// One tape, or, of the store, one an instrument of the market.
std::expected<std::vector<Tape>, CommandError> tapes_for(AppContext& context, const ToolCallOptions& options, const MarketInMemory& market, TimeNs as_of) {
  std::vector<Tape> out;
  if (tape_from(options) == TapeFrom::files) {
    PROM_TRY(Tape tape, tape_for(options, market.instrument));
    out.push_back(std::move(tape));
  } else if (tape_from(options) == TapeFrom::store) {
    std::vector<std::string> codes;
    for (const Instrument& instrument : market.view.instruments()) codes.push_back(instrument_code(instrument));
    const bool whole = options.as_of.empty() && is_bare(market);
    PROM_TRY(Tapes stored, tapes_over(context, codes, whole ? TimeNs{INT64_MIN} : as_of - kDay, whole ? TimeNs{INT64_MAX} : as_of));
    out = std::move(stored.tapes);
    if (!out.empty()) return out;
    // Nothing of that time: what there is of another is better known than hidden.
    PROM_TRY(const std::vector<RecordingInfo> kept, recordings_kept(context));
    const auto other = std::ranges::find(kept.rbegin(), kept.rend(), instrument_code(market.instrument), &RecordingInfo::instrument);
    if (other != kept.rend()) {
      return std::unexpected(CommandError{ExitCode::outside_away,
                                          "unavailable",
                                          "the call stands at " + format_rfc3339(as_of) + ", and the newest recording of " + other->instrument + " tells of " +
                                              format_rfc3339(other->first) + " to " + format_rfc3339(other->last),
                                          "add --as-of with an instant within it",
                                          {}});
    }
  }
  return out;
}

constexpr std::string_view kOnlyInARun = "it proposes, and only in a run is there an engine that takes proposals: agents call it there";

Value series_value(const std::vector<ToolSeries>& series) {
  ValueObject out;
  for (const ToolSeries& one : series) {
    ValueList values;
    values.reserve(one.values.size());
    for (const double value : one.values) values.emplace_back(value);  // NaN is written as null
    out.emplace_back(one.output, std::move(values));
  }
  return out;
}

/// Why a tool cannot answer here: it has no source, or nothing of its feed is kept. Empty where it can. `kept` is the document of feeds_status(); `markets` are the
/// codes of those at hand, `recordings` those of the market store.
std::string why_not(const ToolInfo& tool, const Value& kept, const std::vector<std::string>& markets, const std::vector<RecordingInfo>& recordings) {
  if (!tool.unavailable.empty()) return std::string(tool.unavailable);
  if (tool.access == ToolAccess::proposing) return std::string(kOnlyInARun);
  if (tool.feed.series.empty()) return {};
  if (tool.feed.series.starts_with("run.")) return "needs " + std::string(tool.feed.served_by);
  if (tool.feed.series.starts_with("tape.")) {
    const bool book = tool.feed.series == kBookNeed.series;
    const bool recorded = std::ranges::any_of(recordings, [&](const RecordingInfo& info) { return book ? info.tells_book : info.tells_trades; });
    return recorded ? std::string() : "needs " + std::string(tool.feed.served_by);
  }
  if (tool.feed.series == kGoldNeed.series) {
    const bool gold = std::ranges::any_of(markets, [](const std::string& code) { return is_gold_token(code.substr(code.rfind(':') + 1)); });
    return gold ? std::string() : "no market of a gold token is at hand; served by " + std::string(tool.feed.served_by);
  }
  for (const Value& row : std::get<ValueList>(kept.find("feeds")->storage()))
    if (*row.text("series") == tool.feed.series && (tool.feed.subject.empty() || *row.text("subject") == tool.feed.subject)) return {};
  return "nothing of its feed is kept here; served by " + std::string(tool.feed.served_by) + " (promtrade feeds fetch)";
}

/// What came in as JSON against the tool's schema: our own check first, whose sentences name the nearest word and the default, then the library.
std::optional<CommandError> argument_fault(const ToolSpec& spec, const Value& arguments) {
  if (const auto fault = check_arguments(spec.name, spec.arguments, arguments)) return tool_error(*fault);
  const auto fault = schema_fault(argument_schema(spec.arguments), arguments.is_null() ? std::string("{}") : to_json(arguments));
  if (!fault) return std::nullopt;
  return usage("bad_argument", "the arguments of " + std::string(spec.name) + " do not keep to its schema: " + *fault,
               "`promtrade tools list --json` shows the schema");
}

/// Says them to a person too.
ValueList told(AppContext& context, const std::vector<std::string>& notes) {
  ValueList out;
  for (const std::string& note : notes) {
    context.note(note);
    out.emplace_back(note);
  }
  return out;
}

}  // namespace

std::expected<Value, CommandError> call_from_command_line(AppContext& context, const ToolCallOptions& options) {
  // Names and JSON before data: a misspelt name should not wait for a file.
  const bool indicator = options.tool == kIndicatorCall;
  if (!indicator && find_tool(options.tool) == nullptr) return std::unexpected(tool_error(call_tool(options.tool, {}, {}).error()));
  const auto arguments = parse_json_value(options.arguments);
  constexpr std::string_view kObject = "write a JSON object such as '{\"period\": 14}'";
  if (!arguments) return std::unexpected(usage("bad_argument", "--args: " + arguments.error().message, std::string(kObject)));
  if (arguments->is_null()) return std::unexpected(usage("bad_argument", "--args must be an object, got null", std::string(kObject)));
  if (indicator) {
    const auto* object = std::get_if<ValueObject>(&arguments->storage());
    if (object != nullptr && object->empty()) return Value(ValueObject{{"tool", Value(kIndicatorCall)}, {"indicators", indicator_list()}});
    if (const auto fault = check_indicator_call(*arguments)) return std::unexpected(tool_error(*fault));
  } else if (auto fault = argument_fault(*find_tool_spec(options.tool), *arguments)) {
    return std::unexpected(std::move(*fault));
  } else if (const ToolInfo& info = find_tool(options.tool)->info; info.access == ToolAccess::proposing && info.unavailable.empty()) {
    return std::unexpected(tool_error(tool_unavailable(options.tool + ": " + std::string(kOnlyInARun), "promtrade backtest --desk has one")));
  }
  PROM_TRY(const MarketInMemory market, market_for(context, options, *arguments));
  PROM_TRY(const DurationNs timeframe, timeframe_of(options, *arguments, market.base));
  PROM_TRY(TimeNs as_of, instant_of(options.as_of, market));
  PROM_TRY(const std::vector<Tape> tapes, tapes_for(context, options, market, as_of));
  if (options.as_of.empty() && !tapes.empty() && (has_tape(options) || is_bare(market))) as_of = known_at(tapes.front().events.back());
  std::vector<std::string> notes;
  if (!market.note.empty()) notes.push_back(market.note);
  // A file has no present: asked for later, it is looked at as its last bar left it.
  PROM_TRY(const TimeNs end, instant_of({}, market));
  if (!options.csv.empty() && tapes.empty() && as_of > end) {
    notes.push_back("the file ends at " + format_rfc3339(end) + ": evaluated there");
    as_of = end;
  }
  PROM_TRY(const ObservationTable observations, observations_at_hand(context, as_of));
  PROM_TRY(const AccountView account, fresh_account(market, as_of, options.cash));
  ToolContext tools;
  tools.account = &account;
  tools.as_of.time = as_of;
  tools.instrument = market.instrument.ix;
  tools.timeframe = timeframe;
  tools.market = &market.view;
  tools.observations = &observations;
  tools.tapes = tapes;
  tools.asset_names = market.assets;
  const ToolArguments call{*arguments, options.series ? SeriesWanted::yes : SeriesWanted::no};
  const auto answer = indicator ? call_indicator(tools, call) : call_tool(options.tool, tools, call);
  if (!answer) return std::unexpected(tool_error(answer.error()));
  if (!indicator) {
    if (const auto fault = schema_fault(result_schema(find_tool_spec(options.tool)->results), to_json(answer->result)))
      return std::unexpected(CommandError{ExitCode::broken_invariant,
                                          "result_breaks_schema",
                                          "the answer of " + options.tool + " does not keep to its own schema and is not shown: " + *fault,
                                          "this is a defect of promtrade: report it with the call and the instant",
                                          {}});
  }
  // Arguments outrank options: the document says what was looked at.
  const auto given_instrument = arguments->text("instrument");
  const auto given_timeframe = arguments->text("timeframe");
  std::expected<const Instrument*, ToolError> instrument = &market.instrument;
  if (given_instrument) instrument = find_instrument(tools, *given_instrument);
  ValueList sources;
  for (const ToolSource& source : answer->sources) sources.emplace_back(ValueObject{{"name", source.name}, {"time", source.time}});
  ValueObject document{{"tool", options.tool},
                       {"instrument", instrument_code(instrument ? **instrument : market.instrument)},
                       {"timeframe", given_timeframe ? std::string(*given_timeframe) : format_interval(timeframe)},
                       {"as_of", as_of},
                       {"result", answer->result},
                       {"sources", std::move(sources)}};
  if (!notes.empty()) document.emplace_back("notes", told(context, notes));
  if (options.series) document.emplace_back("series", series_value(answer->series));
  return Value(std::move(document));
}

std::expected<Value, CommandError> list_tools(AppContext& context) {
  PROM_TRY(const AgentProfiles profiles, load_profiles(context));
  PROM_TRY(const Value kept, feeds_status(context));
  PROM_TRY(const std::vector<std::string> markets, markets_kept(context));
  PROM_TRY(const std::vector<RecordingInfo> recordings, recordings_kept(context));
  ValueList out;
  for (const Tool& tool : all_tools()) {
    ValueList agents;
    for (const AgentRole role : all_agent_roles()) {
      if (profiles.of(role).allows(tool.info.name)) agents.emplace_back(Value(name_of(role)));
    }
    const ToolSpec& spec = *find_tool_spec(tool.info.name);
    const auto schema = parse_json_value(tool.info.schema), result = parse_json_value(result_schema(spec.results)),
               example = parse_json_value(example_of(spec));
    const std::string reason = why_not(tool.info, kept, markets, recordings);
    out.emplace_back(ValueObject{{"name", Value(tool.info.name)},
                                 {"category", Value(name_of(tool.info.category))},
                                 {"proposing", tool.info.access == ToolAccess::proposing},
                                 {"agents", std::move(agents)},
                                 {"available", reason.empty()},
                                 {"reason", Value(reason)},
                                 {"description", Value(tool.info.description)},
                                 {"schema", schema ? *schema : Value()},
                                 {"example", example ? *example : Value()},
                                 {"result_schema", result ? *result : Value()}});
  }
  return Value(ValueObject{{"tools", std::move(out)}});
}

}  // namespace prom
