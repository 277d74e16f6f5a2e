// check-config, keys, migrate, health: what an operator asks of an installation.
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <ostream>
#include <system_error>

#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/commands/http_get.h"
#include "app/commands/migrations.h"
#include "app/config/settings.h"
#include "app/keys/credential_file.h"
#include "app/market/market_at_hand.h"
#include "app/market/tapes_at_hand.h"
#include "app/run/ledger_move.h"
#include "app/shared/redis_at_hand.h"
#include "base/text.h"
#include "tools/tool.h"

namespace prom {
namespace {

CommandResult check_config(AppContext& context) {
  auto loaded = load_config_files({context.options.config, context.options.env_file});
  if (!loaded) {
    for (const ConfigProblem& problem : loaded.error()) {
      if (context.json()) continue;
      context.out << printable(problem.sentence()) << '\n';
      if (!problem.hint.empty()) context.out << "  " << printable(problem.hint) << '\n';
    }
    const auto& first = loaded.error().front();
    const std::string count = std::to_string(loaded.error().size());
    return std::unexpected(CommandError{ExitCode::usage,
                                        "bad_configuration",
                                        context.json() ? first.sentence() : "the configuration has problems: " + count,
                                        context.json() ? first.hint : "",
                                        {{"problems", problem_list(loaded.error())}}});
  }
  ValueList files;
  for (const std::string& file : loaded->files()) files.emplace_back(file);
  if (context.json()) {
    context.print(ValueObject{{"ok", true}, {"files", std::move(files)}, {"state", context.named_state().root}, {"settings", loaded->describe()}});
    return ExitCode::done;
  }
  TextTable table({{"setting"}, {"value"}, {"from"}});
  for (const Value& row : loaded->describe()) {
    if (row.text("origin") == "default") continue;
    table.add({std::string(*row.text("name")), std::string(*row.text("value")), std::string(*row.text("place"))});
  }
  context.out << "The configuration is sound. Files read: " << (files.empty() ? "none" : join(loaded->files(), ", "))
              << ". State: " << context.named_state().root << "\n";
  context.out << "Set beside the defaults:\n";
  table.print(context.out);
  return ExitCode::done;
}

CommandError seal_error(SealFault fault) {
  return {ExitCode::usage, "bad_encryption_key", "ENCRYPTION_KEY: " + std::string(describe(fault)), "promtrade keys generate makes one", {}};
}

CommandResult generate_key(AppContext& context) {
  const auto key = SealKey::generate();
  if (!key) return std::unexpected(CommandError{ExitCode::outside_away, "no_randomness", std::string(describe(key.error())), "", {}});
  const SecretString text = key->to_base64();
  if (context.json()) {
    context.print(ValueObject{{"key", Value(text.expose())}});
  } else {
    context.out << text.expose() << '\n';
  }
  return ExitCode::done;
}

/// The new key is written down before anything is sealed with it: no crash may leave credentials whose key nobody has.
std::expected<std::string, CommandError> keep_new_key(const StatePaths& state, const SealKey& key) {
  std::string path = state.root + "/encryption_key.new";
  const SecretString text = key.to_base64();
  std::ofstream out(path, std::ios::trunc);
  std::error_code ignored;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ignored);
  out << text.expose() << '\n';
  out.close();
  if (!out) return std::unexpected(CommandError{ExitCode::outside_away, "state_not_writable", path + ": cannot be written", "nothing was changed", {}});
  return path;
}

CommandResult rotate_key(AppContext& context) {
  PROM_TRY(const Config* config, context.config());
  const SecretString& current = config->secret("ENCRYPTION_KEY");
  if (current.empty()) {
    return std::unexpected(CommandError{
        ExitCode::usage, "no_encryption_key", "ENCRYPTION_KEY is not set, so there is nothing to rotate", "promtrade keys generate makes the first one", {}});
  }
  const auto before = SealKey::from_base64(current.expose());
  if (!before) return std::unexpected(seal_error(before.error()));
  const auto after = SealKey::generate();
  if (!after) return std::unexpected(seal_error(after.error()));
  PROM_TRY(const StatePaths state, context.make_state());
  PROM_TRY(const std::string kept, keep_new_key(state, *after));
  const auto resealed = reseal_credentials(state.credentials(), *before, *after);
  if (!resealed) return std::unexpected(command_error(ExitCode::input_data, resealed.error()));
  const SecretString text = after->to_base64();
  if (context.json()) {
    context.print(ValueObject{
        {"key", Value(text.expose())}, {"key_file", kept}, {"resealed", static_cast<std::int64_t>(*resealed)}, {"credentials", state.credentials()}});
  } else {
    context.note("sealed " + std::to_string(*resealed) + " credentials anew; set ENCRYPTION_KEY to the key below, then delete " + kept);
    context.out << text.expose() << '\n';
  }
  return ExitCode::done;
}

struct Move {
  std::string from, to;
};

CommandResult migrate(AppContext& context);

CommandResult migrate_or_move(AppContext& context, const Move& move) {
  if (move.from.empty() && move.to.empty()) return migrate(context);
  if (move.from != "embedded" || move.to != "servers")
    return std::unexpected(CommandError{
        ExitCode::usage, "bad_move", "data can be carried from embedded stores to servers, and no other way", "write --from embedded --to servers", {}});
  PROM_TRY(const Config* config, context.config());
  const bool ledger = !config->text("POSTGRES_HOST").empty(), market = !config->text("CLICKHOUSE_HOST").empty();
  if (!ledger && !market)
    return std::unexpected(CommandError{ExitCode::usage,
                                        "no_server",
                                        "no server is named to migrate to",
                                        "set POSTGRES_HOST or CLICKHOUSE_HOST and what they need; promtrade check-config shows it",
                                        {}});
  ValueObject document;
  if (market) {
    PROM_TRY(ValueList series, move_market_to_server(context));
    PROM_TRY(ValueList recordings, move_recordings_to_server(context));
    document.emplace_back("market", ValueObject{{"series", std::move(series)}, {"recordings", std::move(recordings)}});
  }
  if (ledger) {
    PROM_TRY(Value moved, move_ledger_to_server(context));
    document.emplace_back("ledger", std::move(moved));
  }
  if (context.json()) {
    context.print(document);
    return ExitCode::done;
  }
  TextTable table({{"what"}, {"rows", Align::right}, {"SHA-256"}});
  for (const auto& [name, moved] : document) {
    const bool of_market = name == "market";
    for (const Value& list : std::get<ValueList>(moved.find(of_market ? "series" : "lists")->storage()))
      table.add({of_market ? std::string(*list.text("instrument")) + " " + std::string(*list.text("interval")) : std::string(*list.text("name")),
                 to_json(*list.find(of_market ? "bars" : "rows")), std::string(list.text("sha256")->substr(0, 16))});
    if (!of_market) continue;
    for (const Value& one : std::get<ValueList>(moved.find("recordings")->storage()))
      table.add({std::string(*one.text("instrument")) + " recording", to_json(*one.find("events")), std::string(one.text("sha256")->substr(0, 16))});
  }
  table.print(context.out);
  context.out << "All of it is on the servers and says what the embedded stores say. The next start with the same settings uses it; what feeds said, runs and "
                 "memories stay embedded.\n";
  return ExitCode::done;
}

CommandResult migrate(AppContext& context) {
  PROM_TRY(const StatePaths state, context.make_state());
  ValueList stores;
  TextTable table({{"store"}, {"before", Align::right}, {"now", Align::right}, {"file"}});
  for (const EmbeddedStore& store : embedded_stores(state.ledger(), state.market())) {
    const auto done = migrate_store(store);
    if (!done) {
      const bool away = done.error().retry != Retry::never;
      return std::unexpected(
          CommandError{ExitCode::outside_away, away ? "store_away" : "migration_failed", store.path + ": " + done.error().detail, done.error().hint, {}});
    }
    stores.emplace_back(ValueObject{{"store", Value(store.name)}, {"path", store.path}, {"before", done->before}, {"version", done->after}});
    table.add({std::string(store.name), std::to_string(done->before), std::to_string(done->after), store.path});
  }
  if (context.json()) {
    context.print(ValueObject{{"stores", std::move(stores)}});
  } else {
    table.print(context.out);
  }
  return ExitCode::done;
}

struct HealthOptions {
  int port = 0;  ///< 0 = as the running instance says, else the configuration
  std::string address;
};

/// What the running instance wrote, if there is one.
std::optional<int> port_of_instance(const std::string& file) {
  std::ifstream in(file);
  std::string text;
  std::getline(in, text);
  const auto port = parse_u64(trim(text));
  return port && *port >= 1 && *port <= 65'535 ? std::optional(static_cast<int>(*port)) : std::nullopt;
}

struct RedisHealth {
  std::string place, version;
};
/// Nothing where none is named; what is wrong with one that is, in its own sentence.
std::expected<std::optional<RedisHealth>, CommandError> redis_health(AppContext& context) {
  PROM_TRY(const auto redis, open_redis(context));
  if (!redis) return std::nullopt;
  const auto version = redis->version();
  if (!version) return std::unexpected(CommandError{ExitCode::outside_away, "redis", version.error().detail, version.error().hint, {}});
  PROM_TRY(const Config* config, context.config());
  return RedisHealth{redis_place(*config), *version};
}

CommandResult health(AppContext& context, const HealthOptions& options) {
  PROM_TRY(const Config* config, context.config());
  HttpRequest request;
  request.path = "/health";
  const std::string bind = options.address.empty() ? config->text("http.bind") : options.address;
  request.address = bind == "0.0.0.0" ? "127.0.0.1" : bind == "::" ? "::1" : bind;
  const int configured = static_cast<int>(config->integer("http.port"));
  request.port = options.port;
  if (request.port == 0) {
    PROM_TRY(const StatePaths state, context.state());
    request.port = port_of_instance(state.port_file()).value_or(configured);
  }
  const std::string place = request.address + ":" + std::to_string(request.port);
  const auto reply = http_get(request);
  if (!reply) {
    return std::unexpected(CommandError{ExitCode::outside_away,
                                        "not_running",
                                        "no instance answers at " + place + ": " + reply.error(),
                                        "start one with promtrade run, or name its port with --port or its state with --state",
                                        {}});
  }
  const bool healthy = reply->status == 200;
  const auto body = parse_json_value(reply->body);
  if (healthy && (!body || !body->text("mode")))
    return std::unexpected(CommandError{
        ExitCode::outside_away, "not_running", "no instance answers at " + place + ": another program listens there", "name the port with --port", {}});
  PROM_TRY(const auto redis, redis_health(context));
  if (context.json()) {
    ValueObject document{
        {"status", healthy ? "healthy" : "unhealthy"}, {"address", place}, {"http_status", reply->status}, {"instance", body ? *body : Value(reply->body)}};
    if (redis) document.emplace_back("redis", ValueObject{{"address", redis->place}, {"version", redis->version}});
    context.print(document);
  } else {
    context.out << (healthy ? "healthy" : "UNHEALTHY") << " (" << place << ", HTTP " << reply->status << ")\n" << trim(reply->body) << '\n';
    if (redis) context.out << "Redis " << redis->version << " at " << redis->place << " answers\n";
  }
  return healthy ? ExitCode::done : ExitCode::check_failed;
}

}  // namespace

void add_check_config(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.add_subcommand("check-config", "Load the configuration, say what is wrong with it, or what is set.");
  auto settings = std::make_shared<bool>(false);
  command.add_flag("--settings", *settings, "List every setting there is instead");
  command.footer("  promtrade check-config\n  promtrade --config /etc/promtrade/promtrade.toml check-config --json");
  command.callback([&sink, settings] {
    sink.chosen = [settings](AppContext& context) -> CommandResult {
      if (!*settings) return check_config(context);
      context.out << settings_markdown();
      return ExitCode::done;
    };
  });
}

void add_keys(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder group = app.add_subcommand("keys", "The key that seals venue credentials at rest.");
  CommandBuilder generate = group.add_subcommand("generate", "Print a fresh ENCRYPTION_KEY: 32 random bytes in base64.");
  generate.footer("  echo \"ENCRYPTION_KEY=$(promtrade keys generate)\" >> .env");
  generate.callback([&sink] { sink.chosen = generate_key; });
  CommandBuilder rotate = group.add_subcommand("rotate", "Make a new key, seal the stored credentials with it, and print it.");
  rotate.footer("  promtrade keys rotate\n  promtrade keys rotate --json");
  rotate.callback([&sink] { sink.chosen = rotate_key; });
}

void add_migrate(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.add_subcommand(
      "migrate", "Bring the embedded stores to this version's schema; or carry embedded data to the servers and check them. Running it twice changes nothing.");
  auto move = std::make_shared<Move>();
  command.add_option("--from", move->from, "Where the data are: embedded").type_name("PLACE");
  command.add_option("--to", move->to, "Where they go: servers, as POSTGRES_HOST and CLICKHOUSE_HOST say").type_name("PLACE");
  command.footer("  promtrade migrate\n  promtrade migrate --from embedded --to servers --json");
  command.callback([&sink, move] { sink.chosen = [move](AppContext& context) { return migrate_or_move(context, *move); }; });
}

void add_health(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command =
      app.add_subcommand("health", "Ask the running instance how it is: exit 0 healthy, 1 unhealthy, 4 not running or Redis cannot be used.");
  auto options = std::make_shared<HealthOptions>();
  command.add_option("--port", options->port, "Its port (else what it wrote into the state directory, else [http] port)")
      .type_name("N")
      .check_range({1, 65'535});
  command.add_option("--address", options->address, "Its address (else [http] bind)").type_name("IP");
  command.footer("  promtrade health\n  promtrade health --port 8081 --json");
  command.callback([&sink, options] { sink.chosen = [options](AppContext& context) { return health(context, *options); }; });
}

}  // namespace prom
