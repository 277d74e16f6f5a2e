// `promtrade host`: its options. Main thread.
#include <filesystem>
#include <memory>
#include <string>

#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/host/host_runner.h"
#include "app/run/data_options.h"
#include "base/text.h"

namespace prom {
namespace {

constexpr std::uint64_t kMostUsers = 100'000;

CommandResult host(AppContext& context, const DataTexts& texts, const std::string& users) {
  HostOptions options;
  DataTexts data = texts;
  if (!texts.replay_path.empty()) data.csv = std::filesystem::absolute(texts.replay_path).string();
  PROM_TRY(options.scenario, scenario_options(context, data));
  // Users trade the strategies in turn, also where the data is a file.
  if (texts.strategy.empty()) options.scenario.strategy.clear();
  options.named = names_a_scenario(texts) || !users.empty() || !texts.speed.empty();
  if (!users.empty()) {
    const auto number = parse_u64(users);
    if (!number || *number < 1 || *number > kMostUsers) return std::unexpected(bad_option("--users", users, "a whole number from 1 to 100000"));
    options.users = static_cast<std::uint32_t>(*number);
  }
  PROM_TRY(const auto speed, speed_of(context, texts));
  if (!speed)
    return std::unexpected(CommandError{
        ExitCode::usage,
        "bad_value",
        std::string(texts.speed.empty() ? "run.speed = max of the configuration" : "--speed max") + " is not for a host, whose market goes on by the clock",
        "give market seconds in a second, such as --speed 600",
        {}});
  options.speed = *speed;
  options.fresh = texts.fresh;
  PROM_TRY(options.http_port, http_port_of(texts));
  return run_host(context, options);
}

}  // namespace

void add_host(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.add_subcommand("host", "Paper accounts of many users in shards that several instances share, on the recorded market");
  const auto texts = std::make_shared<DataTexts>();
  const auto users = std::make_shared<std::string>();
  command.add_option("--users", *users, "Paper users, each with an account and a pair (default 100)").type_name("N");
  command.add_option("--speed", texts->speed, "Market seconds in a second (default 14400)").type_name("N");
  command.add_option("--file", texts->replay_path, "OHLCV file instead of the bundled data").type_name("PATH");
  add_data_options(command, *texts);
  command.add_flag("--fresh", texts->fresh, "Begin anew; what was hosted before is set aside, not deleted");
  command.add_option("--http-port", texts->http_port, "Port of /health, /ready and /metrics; 0 takes a free one and prints it").type_name("N");
  command.footer(
      "  promtrade host --users 1000 --speed 600\n  promtrade host                       (a second instance joins the first: same --state, and REDIS_HOST set "
      "for both)\n"
      "  promtrade host --fresh --users 50 --strategy trend_following --set timeframe=5m");
  command.callback([&sink, texts, users] { sink.chosen = [texts, users](AppContext& context) { return host(context, *texts, *users); }; });
}

}  // namespace prom
