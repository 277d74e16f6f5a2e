// A call of each tool to copy: for most made from the arguments' defaults, for those that need more written out. Tests keep every one valid. Pure; any thread.
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "base/text.h"
#include "tools/spec.h"

namespace prom {

namespace {

using Written = std::pair<std::string_view, std::string_view>;

constexpr std::array kWritten = {
    Written{"place_order",
            R"({"instrument":"BTCUSDT","side":"buy","risk_fraction":0.01,"limit":"60000","stop":"59000","reason":"retest of the broken range"})"},
    Written{
        "place_bracket_order",
        R"({"instrument":"BTCUSDT","side":"buy","quantity":"0.01","stop":"59000","targets":[{"price":"62000","fraction":0.5}],"reason":"trend with a target at the old high"})"},
    Written{"place_ladder_order",
            R"({"instrument":"BTCUSDT","side":"buy","quantity":"0.03","prices":["60000","59800","59600"],"stop":"59000","reason":"scaling in at support"})"},
    Written{"place_iceberg_order", R"({"instrument":"BTCUSDT","side":"buy","quantity":"1","reason":"large entry"})"},
    Written{"cancel_order", R"({"order_id":41})"},
    Written{"close_position", R"({"instrument":"BTCUSDT","fraction":0.5,"reason":"half of the move is made"})"},
    Written{"close_all_positions", R"({"reason":"a release in ten minutes"})"},
    Written{"move_sl_to_breakeven", R"({"instrument":"BTCUSDT","offset_percent":0.1,"reason":"one R of profit"})"},
    Written{"set_trailing_stop", R"({"instrument":"BTCUSDT","distance_percent":2,"reason":"let the trend run"})"},
    Written{"add_to_position", R"({"instrument":"BTCUSDT","quantity":"0.01","limit":"60500","reason":"second entry of the plan"})"},
    Written{"calculate_position_size", R"({"instrument":"BTCUSDT","side":"buy","entry":"60000","stop":"59000"})"},
    Written{"validate_trade", R"({"instrument":"BTCUSDT","side":"buy","quantity":"0.01","stop":"59000"})"},
    Written{"emergency_close_all", R"({"reason":"the market has broken away"})"},
    Written{"store_memory", R"({"kind":"lesson","text":"wait for the retest","expires_hours":24})"},
    Written{"search_memory", R"({"query":"failed breakouts"})"},
    Written{"store_market_regime", R"({"regime":"range"})"},
    Written{"log_trade_decision", R"({"action":"hold","reasoning":"no edge"})"},
    Written{"vwap", R"({"instrument":"BTCUSDT","timeframe":"5m","anchor_time":"2025-05-12T00:00:00Z"})"},
    Written{"ema_ribbon", R"({"instrument":"BTCUSDT","timeframe":"4h","periods":[8,13,21,34,55]})"},
};

std::string text_of(const ArgSpec& arg) {
  if (arg.name == kInstrumentArg.name) return "\"BTCUSDT\"";
  if (arg.name == kTimeframeArg.name) return "\"4h\"";
  if (arg.default_number) {
    const double x = *arg.default_number;
    return x == std::floor(x) && std::abs(x) < 1e15 ? std::to_string(static_cast<std::int64_t>(x)) : format_f64(x);
  }
  return arg.default_text.empty() ? "" : "\"" + std::string(arg.default_text) + "\"";
}

}  // namespace

std::string example_of(const ToolSpec& spec) {
  for (const auto& [tool, arguments] : kWritten) {
    if (tool == spec.name) return std::string(arguments);
  }
  std::string out;
  for (const ArgSpec& arg : spec.arguments) {
    const std::string text = text_of(arg);
    if (!text.empty()) out += (out.empty() ? "\"" : ",\"") + std::string(arg.name) + "\":" + text;
  }
  return "{" + out + "}";
}

}  // namespace prom
