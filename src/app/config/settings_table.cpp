// The table itself. Names in capitals are PRODUCT's; the rest lives in promtrade.toml.
#include <array>

#include "app/config/settings.h"

namespace prom {
namespace {

using enum SettingType;
constexpr std::int64_t kMaxPort = 65'535;

constexpr SettingSpec secret(std::string_view env, std::string_view meaning, SettingType type = text) {
  return {.toml = {}, .env = env, .type = type, .standard = {}, .meaning = meaning, .secrecy = Secrecy::secret};
}

// clang-format off: one setting a row reads as the table it is
constexpr auto kSettings = std::to_array<SettingSpec>({
  // [run]
  {.toml = "run.speed", .env = {}, .type = speed, .standard = "14400", .meaning = "Speed of a replay in times real time, or max; 14400 plays 30 days in three minutes."},
  {.toml = "run.desk_interval", .env = {}, .type = duration, .standard = "1h", .meaning = "How often the fourteen agents decide; protection acts on every bar."},
  {.toml = "run.cash", .env = {}, .type = decimal, .standard = "10000", .meaning = "Opening paper balance in the quote asset.", .minimum = 1, .maximum = 1'000'000'000},
  {.toml = "run.instruments", .env = {}, .type = instrument_list, .standard = {}, .meaning = "Instruments to trade; not set: all of the bundled replay."},
  {.toml = "run.risk_profile", .env = {}, .type = choice, .standard = "moderate", .meaning = "Which set of limits holds.", .choices = "conservative|moderate|aggressive"},
  {.toml = "run.leverage", .env = {}, .type = decimal, .standard = "1", .meaning = "Leverage of each pair; spot is always 1.", .minimum = 1, .maximum = 125},
  {.toml = "run.durability", .env = {}, .type = choice, .standard = "process", .meaning = "What an acknowledged event survives: a killed process, or a power cut (fdatasync on each group commit).", .choices = "process|power"},
  {.toml = "run.report", .env = {}, .type = text, .standard = {}, .meaning = "Path of the report that a run writes; not set: beside the record of the run."},
  {.toml = "run.ledger_patience", .env = {}, .type = duration, .standard = "1m", .meaning = "How long a run that was played out waits for a ledger that is away or behind before it ends with 4; starting it again finishes it."},
  {.toml = "run.shutdown_timeout", .env = {}, .type = duration, .standard = "10s", .meaning = "How long a graceful shutdown may take before the component that hangs is named and the process ends with 7."},
  // [risk]: each replaces one limit of the profile
  {.toml = "risk.risk_per_trade", .env = {}, .type = decimal, .standard = {}, .meaning = "Loss at the stop as a fraction of equity; not set: the profile's.", .minimum = 0, .maximum = 1},
  {.toml = "risk.max_daily_drawdown", .env = {}, .type = decimal, .standard = {}, .meaning = "Fraction of the day's opening equity; not set: the profile's.", .minimum = 0, .maximum = 1},
  {.toml = "risk.max_drawdown", .env = {}, .type = decimal, .standard = {}, .meaning = "Fraction of the highest equity; not set: the profile's.", .minimum = 0, .maximum = 1},
  {.toml = "risk.max_leverage", .env = {}, .type = decimal, .standard = {}, .meaning = "Most leverage that a proposal may use; not set: the profile's.", .minimum = 1, .maximum = 125},
  {.toml = "risk.max_positions", .env = {}, .type = integer, .standard = {}, .meaning = "Open positions at most; not set: the profile's.", .minimum = 1, .maximum = 1'000},
  {.toml = "risk.max_consecutive_losses", .env = {}, .type = integer, .standard = {}, .meaning = "Losses in a row that trip the breaker; not set: the profile's.", .minimum = 1, .maximum = 100},
  {.toml = "risk.max_orders_per_minute", .env = {}, .type = integer, .standard = {}, .meaning = "Order rate; not set: the profile's.", .minimum = 1, .maximum = 10'000},
  // [executor]: how opening orders are sent; what reduces risk never waits
  {.toml = "executor.batch_size", .env = {}, .type = integer, .standard = "1", .meaning = "Opening orders of an account that go in one request of the venue; 1: each goes by itself.", .minimum = 1, .maximum = 100},
  {.toml = "executor.interval_ms", .env = {}, .type = integer, .standard = "0", .meaning = "Milliseconds of the market's time that an opening order waits for others at most, within the 5 s that an approval lives; 0: it goes at once.", .maximum = 4'000},
  {.toml = "executor.max_queue", .env = {}, .type = integer, .standard = "1000", .meaning = "Opening orders of an account that may wait; one more is refused.", .minimum = 1, .maximum = 100'000},
  // [http]
  {.toml = "http.enabled", .env = {}, .type = flag, .standard = "true", .meaning = "Serve /health, /ready and /metrics while running."},
  {.toml = "http.bind", .env = {}, .type = address, .standard = "127.0.0.1", .meaning = "Address to listen on; anything but loopback shows the figures to the network."},
  {.toml = "http.port", .env = {}, .type = integer, .standard = "8081", .meaning = "Port to listen on; 0 takes a free one and prints it.", .minimum = 0, .maximum = kMaxPort},
  // [log]
  {.toml = "log.level", .env = "LOG_LEVEL", .type = choice, .standard = "info", .meaning = "Lowest level that is written.", .choices = "debug|info|warning|error|warn"},
  {.toml = "log.file", .env = {}, .type = text, .standard = {}, .meaning = "File that JSON log lines are appended to; not set: stderr."},
  // [runs]
  {.toml = "runs.keep", .env = {}, .type = integer, .standard = "0", .meaning = "Kept runs that stay, the newest; older ones go after a run or with `promtrade runs prune`, where keep_days lets them; 0: all stay.", .maximum = 1'000'000},
  {.toml = "runs.keep_days", .env = {}, .type = integer, .standard = "0", .meaning = "Days for which kept runs stay at least; older ones go in the same way, where keep lets them; 0: for ever.", .maximum = 36'500},
  // [metrics], [agents], [display]
  {.toml = "metrics.per_user", .env = {}, .type = flag, .standard = "false", .meaning = "Also export series for each user, bounded."},
  {.toml = "agents.profiles", .env = {}, .type = text, .standard = {}, .meaning = "Folder whose <role>/system.md and agent.toml override the shipped ones."},
  {.toml = "display.time_zone", .env = {}, .type = text, .standard = "UTC", .meaning = "IANA zone of times shown to people; JSON and exports are always UTC."},
  // environment
  {.toml = {}, .env = "APP_ENV", .type = text, .standard = "production", .meaning = "Name of this installation in logs and error reports."},
  {.toml = {}, .env = "POSTGRES_HOST", .type = text, .standard = {}, .meaning = "PostgreSQL for the ledger and memories; not set: SQLite in the state directory, memories in process."},
  {.toml = {}, .env = "POSTGRES_PORT", .type = integer, .standard = "5432", .meaning = "Its port.", .minimum = 1, .maximum = kMaxPort},
  {.toml = {}, .env = "POSTGRES_USER", .type = text, .standard = "prometheus", .meaning = "Its user."},
  secret("POSTGRES_PASSWORD", "Its password."),
  {.toml = {}, .env = "POSTGRES_DB", .type = text, .standard = "prometheus", .meaning = "Its database."},
  {.toml = {}, .env = "POSTGRES_SSL_MODE", .type = choice, .standard = "prefer", .meaning = "How TLS is used, as libpq's sslmode; only verify-full protects against somebody in between.", .choices = "disable|allow|prefer|require|verify-ca|verify-full"},
  {.toml = {}, .env = "POSTGRES_SSL_ROOT_CERT", .type = text, .standard = {}, .meaning = "File of the authorities that verify-ca and verify-full trust; not set: ~/.postgresql/root.crt."},
  {.toml = {}, .env = "POSTGRES_MAX_CONNS", .type = integer, .standard = "10", .meaning = "Connections at most: two write, the others answer reads.", .minimum = 4, .maximum = 1'000},
  {.toml = {}, .env = "POSTGRES_VECTOR_DIMENSIONS", .type = integer, .standard = "128", .meaning = "Of the vectors of memories; a column of another size is made anew.", .minimum = 128, .maximum = 2'000},
  {.toml = {}, .env = "POSTGRES_MEMORY_HELD_MB", .type = integer, .standard = "4096", .meaning = "Of memories at most by which searches are ranked here, 4 for 10,000 memories of a user, in files of the state directory that the system keeps in memory as it can; 0: the server ranks.", .minimum = 0, .maximum = 1'000'000},
  {.toml = {}, .env = "CLICKHOUSE_HOST", .type = text, .standard = {}, .meaning = "ClickHouse for market data; not set: SQLite in the state directory."},
  {.toml = {}, .env = "CLICKHOUSE_PORT", .type = integer, .standard = "8123", .meaning = "Its HTTP port.", .minimum = 1, .maximum = kMaxPort},
  {.toml = {}, .env = "CLICKHOUSE_USER", .type = text, .standard = "default", .meaning = "Its user."},
  secret("CLICKHOUSE_PASSWORD", "Its password."),
  {.toml = {}, .env = "CLICKHOUSE_DB", .type = text, .standard = "prometheus", .meaning = "Its database."},
  {.toml = {}, .env = "REDIS_HOST", .type = text, .standard = {}, .meaning = "Redis for the lease of a run and what feeds answered any instance; not set: none is needed."},
  {.toml = {}, .env = "REDIS_PORT", .type = integer, .standard = "6379", .meaning = "Its port.", .minimum = 1, .maximum = kMaxPort},
  secret("REDIS_PASSWORD", "Its password."),
  {.toml = {}, .env = "REDIS_DB", .type = integer, .standard = "0", .meaning = "Its database number.", .minimum = 0, .maximum = 65'535},
  {.toml = {}, .env = "KAFKA_BROKERS", .type = host_port_list, .standard = {}, .meaning = "Kafka for the event streams; not set: in process."},
  {.toml = {}, .env = "KAFKA_SECURITY_PROTOCOL", .type = choice, .standard = "plaintext", .meaning = "Whether Kafka is spoken to over TLS; with ssl the brokers' certificate and name are checked.", .choices = "plaintext|ssl"},
  {.toml = {}, .env = "KAFKA_SSL_CA", .type = text, .standard = {}, .meaning = "File (PEM) of the authority that signed the brokers' certificates; not set: those that the system trusts."},
  {.toml = {}, .env = "KAFKA_GROUP_ID", .type = text, .standard = "prometheus", .meaning = "Consumer group."},
  secret("TELEGRAM_BOT_TOKEN", "The bot's token from @BotFather."),
  {.toml = {}, .env = "TELEGRAM_WEBHOOK_URL", .type = url, .standard = {}, .meaning = "Public address of the webhook; not set: long polling."},
  {.toml = {}, .env = "TELEGRAM_ADMIN_IDS", .type = integer_list, .standard = {}, .meaning = "Telegram user ids of the administrators."},
  secret("CLAUDE_API_KEY", "Key of the Claude API."),
  secret("OPENAI_API_KEY", "Key of the OpenAI API."),
  secret("DEEPSEEK_API_KEY", "Key of the DeepSeek API."),
  secret("GEMINI_API_KEY", "Key of the Gemini API."),
  secret("FRED_API_KEY", "Key of FRED: Fed rate, consumer prices, S&P 500, dollar index."),
  secret("COINGLASS_API_KEY", "Key of Coinglass: liquidations."),
  secret("GLASSNODE_API_KEY", "Key of Glassnode: on-chain figures."),
  secret("SANTIMENT_API_KEY", "Key of Santiment: on-chain and social figures."),
  secret("LUNARCRUSH_API_KEY", "Key of LunarCrush: social mood."),
  secret("TRADING_ECONOMICS_API_KEY", "Key of Trading Economics: economic calendar."),
  {.toml = {}, .env = "DEFAULT_AI_PROVIDER", .type = choice, .standard = "rules", .meaning = "What the agents think with.", .choices = "rules|claude|openai|deepseek|gemini"},
  secret("ENCRYPTION_KEY", "32 bytes in base64 that seal venue keys at rest: `promtrade keys generate`.", key32),
  secret("BINANCE_MARKET_DATA_API_KEY", "Binance key for market data."),
  secret("BINANCE_MARKET_DATA_SECRET", "Its secret."),
  secret("BYBIT_MARKET_DATA_API_KEY", "Bybit key for market data."),
  secret("BYBIT_MARKET_DATA_SECRET", "Its secret."),
  secret("OKX_MARKET_DATA_API_KEY", "OKX key for market data."),
  secret("OKX_MARKET_DATA_SECRET", "Its secret."),
  secret("OKX_MARKET_DATA_PASSPHRASE", "Its passphrase."),
  {.toml = {}, .env = "ERROR_TRACKING_ENABLED", .type = flag, .standard = "false", .meaning = "Send errors to a tracker."},
  {.toml = {}, .env = "ERROR_TRACKING_PROVIDER", .type = choice, .standard = "sentry", .meaning = "Which protocol it speaks.", .choices = "sentry"},
  secret("SENTRY_DSN", "Address of the tracker, with its key.", url),
  {.toml = {}, .env = "SENTRY_ENVIRONMENT", .type = text, .standard = {}, .meaning = "Environment named in error reports; not set: APP_ENV."},
  {.toml = {}, .env = "PROMTRADE_STATE", .type = text, .standard = {}, .meaning = "State directory; --state has precedence; not set: $XDG_DATA_HOME/promtrade."},
});
// clang-format on

}  // namespace

std::span<const SettingSpec> all_settings() { return kSettings; }

}  // namespace prom
