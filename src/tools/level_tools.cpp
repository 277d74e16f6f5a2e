// fibonacci, pivot_points: price levels as tools. Pure; any thread.
#include "analysis/indicators/levels.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "tools/indicator_tool.h"

namespace prom {

namespace {

using namespace indicators;

constexpr ResultField kClose{"close", ResultType::number, "close of the newest bar, quote per base"};

constexpr ArgSpec kFibonacciArgs[] = {kInstrumentArg, kTimeframeArg, integer_arg("bars", "stretch in bars; ignored for a series", 12, 10'000, 300),
                                      integer_arg("left", "bars before a swing, none of which goes beyond it", 1, 200, 5),
                                      integer_arg("right", "bars after a swing that confirm it: none goes beyond it", 1, 200, 5)};
constexpr ResultField kFibonacciResults[] = {
    {"r0", ResultType::number, "end of the leg, quote per base"},
    {"r236", ResultType::number, "23.6 % of the way back"},
    {"r382", ResultType::number, "38.2 % of the way back"},
    {"r500", ResultType::number, "half of the way back"},
    {"r618", ResultType::number, "61.8 % of the way back"},
    {"r786", ResultType::number, "78.6 % of the way back"},
    {"r1000", ResultType::number, "beginning of the leg"},
    {"direction", ResultType::text, "up when the leg ends above its beginning, else down"},
    {"from_time", ResultType::time, "opening time of the bar where the leg begins"},
    {"to_time", ResultType::time, "opening time of the bar where the leg ends"},
    kClose,
    {"retraced", ResultType::number, "how far the close is on the way back: 0 at r0, 1 at r1000", ResultPresence::may_be_null}};
ToolResult run_fibonacci(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kFibonacciArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const Fibonacci::Params params{args.small_integer("left"), args.small_integer("right")};
  const std::size_t needed = args.count("left") + args.count("right") + 2;  // the two swings of a leg, each confirmed
  auto run = run_indicator<Fibonacci>(context, args, arguments.series, params, {needed, Depends::stretch, args.count("bars")});
  if (!run && run.error().code == ToolErrorCode::not_enough_data && closed_bars(context, *pick, needed, needed)) {
    return std::unexpected(ToolError{ToolErrorCode::not_enough_data,
                                     "the stretch holds no confirmed swing leg: a high and a low that `right` bars after each confirm",
                                     "ask for more bars, or for a smaller `left` and `right`"});
  }
  if (!run) return std::unexpected(run.error());
  const FibonacciValue& now = run->now;
  const auto opened = [&](const std::optional<Swing>& swing) { return swing ? Value(TimeNs{run->bars.open_time_ns[swing->index]}) : Value(); };
  const double leg = now.r1000 - now.r0;
  ValueObject result{{"r0", now.r0},
                     {"r236", now.r236},
                     {"r382", now.r382},
                     {"r500", now.r500},
                     {"r618", now.r618},
                     {"r786", now.r786},
                     {"r1000", now.r1000},
                     {"direction", now.r0 >= now.r1000 ? "up" : "down"},
                     {"from_time", opened(now.from)},
                     {"to_time", opened(now.to)},
                     {"close", run->close()},
                     {"retraced", number_or_null((run->close() - now.r0) / leg)}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr std::string_view kMethods[] = {"classic", "fibonacci", "camarilla"};
constexpr std::string_view kSessions[] = {"day", "week", "month"};
constexpr ArgSpec kPivotArgs[] = {kInstrumentArg, kTimeframeArg, choice_arg("method", "which formula", kMethods, "classic"),
                                  choice_arg("session", "UTC session whose high, low and close are used", kSessions, "day")};
constexpr ResultField kPivotResults[] = {{"pp", ResultType::number, "pivot, quote per base"},
                                         {"r1", ResultType::number, "first resistance"},
                                         {"r2", ResultType::number, "second resistance"},
                                         {"r3", ResultType::number, "third resistance"},
                                         {"r4", ResultType::number, "fourth resistance, camarilla only", ResultPresence::may_be_null},
                                         {"s1", ResultType::number, "first support"},
                                         {"s2", ResultType::number, "second support"},
                                         {"s3", ResultType::number, "third support"},
                                         {"s4", ResultType::number, "fourth support, camarilla only", ResultPresence::may_be_null},
                                         kClose};

PivotMethod method_of(std::string_view name) {
  return name == "camarilla" ? PivotMethod::camarilla : name == "fibonacci" ? PivotMethod::fibonacci : PivotMethod::classic;
}
Session session_of(std::string_view name) { return name == "month" ? Session::utc_month : name == "week" ? Session::utc_week : Session::utc_day; }
/// Two sessions of the longest kind: the running one and the complete one before it.
DurationNs two_sessions(Session session) {
  switch (session) {
    case Session::utc_day: return kDay * 2;
    case Session::utc_week: return kWeek * 2;
    case Session::utc_month: return kDay * 62;
  }
  PROM_UNREACHABLE();
}

ToolResult run_pivot_points(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kPivotArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const PivotPoints::Params params{method_of(args.text("method")), session_of(args.text("session")), pick->timeframe.ns};
  const auto bars = static_cast<std::size_t>(two_sessions(params.session).ns / pick->timeframe.ns) + 1;
  auto run = run_indicator<PivotPoints>(context, args, arguments.series, params, {2, Depends::stretch, bars}, Complete::first_column);
  if (!run && run.error().code == ToolErrorCode::not_enough_data && closed_bars(context, *pick, 2, 2)) {
    return std::unexpected(
        ToolError{ToolErrorCode::not_enough_data,
                  fmt::format("no complete UTC {} before that of the newest bar is there: its bars would begin with it and end with it", args.text("session")),
                  "ask for a shorter session, or wait for more bars"});
  }
  if (!run) return std::unexpected(run.error());
  const PivotValue& now = run->now;
  ValueObject result{{"pp", now.pp},
                     {"r1", now.r1},
                     {"r2", now.r2},
                     {"r3", now.r3},
                     {"r4", number_or_null(now.r4)},
                     {"s1", now.s1},
                     {"s2", now.s2},
                     {"s3", now.s3},
                     {"s4", number_or_null(now.s4)},
                     {"close", run->close()}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ToolSpec kTools[] = {
    {.name = "fibonacci",
     .category = ToolCategory::levels,
     .description = "Fibonacci retracements of the last confirmed swing leg, quote per base.",
     .arguments = kFibonacciArgs,
     .results = kFibonacciResults,
     .run = run_fibonacci},
    {.name = "pivot_points",
     .category = ToolCategory::levels,
     .description = "Pivot levels of the UTC session before that of the newest bar, which must be there from its first bar to its last, quote per base.",
     .arguments = kPivotArgs,
     .results = kPivotResults,
     .run = run_pivot_points},
};

}  // namespace

std::span<const ToolSpec> level_tools() { return kTools; }

}  // namespace prom
