// Precedence, sentences and the table itself. Expected texts are written by hand from docs/configuration.md.
#include "app/config/config.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "app/config/settings.h"
#include "app/config/toml_values.h"

namespace prom {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

ConfigSources sources(std::string toml, std::string env = {}, Variables variables = {}) {
  ConfigSources out;
  out.toml = ConfigSources::File{"promtrade.toml", std::move(toml)};
  out.env = ConfigSources::File{".env", std::move(env)};
  out.environment = [variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return out;
}

/// "place: message [hint]" of the first problem; "loaded" when there is none.
std::string problem(ConfigSources given) {
  const auto config = load_config(std::move(given));
  if (config) return "loaded";
  const ConfigProblem& first = config.error().front();
  return first.sentence() + (first.hint.empty() ? "" : " [" + first.hint + "]");
}

TEST(Config, DefaultsAreSound) {
  const auto config = load_config({});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->integer("http.port"), 8081);
  EXPECT_EQ(config->text("http.bind"), "127.0.0.1");
  EXPECT_EQ(config->duration("run.desk_interval"), kHour);
  EXPECT_EQ(config->text("KAFKA_GROUP_ID"), "prometheus");
  EXPECT_FALSE(config->optional_decimal("risk.max_drawdown").has_value());
  EXPECT_TRUE(config->secret("ENCRYPTION_KEY").empty());
  for (const SettingSpec& spec : all_settings()) EXPECT_EQ(check_value(spec, spec.standard), "") << spec.key();
}

TEST(Config, EnvironmentBeatsEnvFileBeatsTomlBeatsDefault) {
  const std::string toml = "[log]\nlevel = \"debug\"\n", env = "LOG_LEVEL=error\n";
  EXPECT_EQ(load_config(sources(""))->text("log.level"), "info");
  EXPECT_EQ(load_config(sources(toml))->text("log.level"), "debug");
  EXPECT_EQ(load_config(sources(toml, env))->text("log.level"), "error");
  const auto all = load_config(sources(toml, env, {{"LOG_LEVEL", "WARN"}}));
  EXPECT_EQ(all->text("log.level"), "warning");
  EXPECT_EQ(all->origin("log.level"), SettingOrigin::environment);
}

TEST(Config, TomlValuesOfEveryKind) {
  const auto config = load_config(sources("run.speed = \"max\"\nrun.cash = 2500.5\n[run]\n# after a dotted key\n"));
  EXPECT_FALSE(config.has_value());  // TOML itself forbids to reopen a table: one sentence, not a crash
  const auto sound =
      load_config(sources("[run]\nspeed = 60\ncash = 2500.5\ninstruments = [\"binance:spot:BTCUSDT\", \"okx:linear:BTCUSDT\"]\n[http]\nenabled = false\n"));
  ASSERT_TRUE(sound.has_value()) << sound.error().front().sentence();
  EXPECT_EQ(sound->text("run.speed"), "60");
  EXPECT_EQ(sound->decimal("run.cash"), *Decimal::parse("2500.5"));
  EXPECT_EQ(sound->list("run.instruments"), (std::vector<std::string>{"binance:spot:BTCUSDT", "okx:linear:BTCUSDT"}));
  EXPECT_FALSE(sound->flag("http.enabled"));
}

TEST(Config, ProblemsAreOneSentenceWithPlaceAndSuggestion) {
  EXPECT_EQ(problem(sources("[http]\nprot = 1\n")), "promtrade.toml:2: unknown key 'http.prot' [did you mean 'http.port'?]");
  EXPECT_EQ(problem(sources("\n[http]\nport = 70000\n")), "promtrade.toml:3: http.port = 70000 must be a whole number from 0 to 65535");
  EXPECT_EQ(problem(sources("[http]\nbind = \"localhost\"\n")), "promtrade.toml:2: http.bind = localhost must be an IP address such as 127.0.0.1 or ::1");
  EXPECT_EQ(problem(sources("[run]\nrisk_profile = \"bold\"\n")),
            "promtrade.toml:2: run.risk_profile = bold must be one of conservative, moderate, aggressive");
  EXPECT_EQ(problem(sources("", "\nREDIS_PROT=1\n")), ".env:2: unknown key 'REDIS_PROT' [did you mean 'REDIS_PORT'?]");
  EXPECT_EQ(problem(sources("", "", {{"POSTGRES_PORT", "abc"}})), "environment: POSTGRES_PORT = abc must be a whole number from 1 to 65535");
  EXPECT_EQ(problem(sources("POSTGRES_HOST = \"x\"\n")), "promtrade.toml:1: POSTGRES_HOST is not read from this file [set it in the environment or in .env]");
  EXPECT_EQ(problem(sources("[risk]\nmax_drawdown = 0\n")), "promtrade.toml:2: risk.max_drawdown = 0 must be a number from 0 to 1, above 0");
  EXPECT_EQ(problem(sources("[run]\ncash = nan\n")), "promtrade.toml:2: run.cash = nan must be a number from 1 to 1000000000");
  for (const char* header : {"\n[;x]\n", "\n[[!]]\n", "\n[ \xC3\xA9]\n"}) {  // toml++ would assert
    EXPECT_EQ(problem(sources(header)), "promtrade.toml:2: a table is written [name], of letters, digits, - and _");
  }
  EXPECT_EQ(problem(sources("# \xC3\xA9\n\xCC\x9A = 1\n")), "promtrade.toml:2: a character beyond ASCII stands outside quotes");
  EXPECT_EQ(problem(sources("[log] # \xC3\xA9 \"\nfile = \"/tmp/\xC3\xA9#\\\" \"\n")), "loaded");
  EXPECT_TRUE(problem(sources("[http\n")).starts_with("promtrade.toml:1: ")) << problem(sources("[http\n"));
}

TEST(Config, AllProblemsAreReportedAtOnce) {
  const auto config = load_config(sources("[http]\nport = -1\nbnid = 1\n", "LOG_LEVEL=loud\n"));
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().size(), 3U);
}

TEST(Config, SecretsAreNeverRepeated) {
  const std::string sentence = problem(sources("", "ENCRYPTION_KEY=c2VjcmV0\n"));
  EXPECT_EQ(sentence, ".env:1: ENCRYPTION_KEY must be 32 bytes in base64 (44 characters)");
  const auto config = load_config(sources("", "CLAUDE_API_KEY=very-secret\nENCRYPTION_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"));
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->secret("CLAUDE_API_KEY").expose(), "very-secret");
  EXPECT_EQ(to_json(Value(config->describe())).find("very-secret"), std::string::npos);
}

TEST(Config, WhatMustFitTogether) {
  EXPECT_EQ(problem(sources("", "OKX_MARKET_DATA_API_KEY=a\nOKX_MARKET_DATA_SECRET=b\n")),
            ".env:1: OKX_MARKET_DATA_API_KEY is set but OKX_MARKET_DATA_PASSPHRASE is not [OKX keys have a passphrase]");
  EXPECT_EQ(problem(sources("", "DEFAULT_AI_PROVIDER=claude\n")),
            ".env:1: DEFAULT_AI_PROVIDER is set but CLAUDE_API_KEY is not [set the key, or DEFAULT_AI_PROVIDER=rules]");
  EXPECT_EQ(problem(sources("", "ERROR_TRACKING_ENABLED=true\n")),
            ".env:1: ERROR_TRACKING_ENABLED is set but SENTRY_DSN is not [set SENTRY_DSN, or switch error tracking off]");
}

// The names that PRODUCT gives; a name that is lost here breaks an installation.
TEST(Settings, KnowsEveryEnvironmentNameOfTheProduct) {
  for (const char* name : {"APP_ENV",
                           "LOG_LEVEL",
                           "POSTGRES_HOST",
                           "POSTGRES_PORT",
                           "POSTGRES_USER",
                           "POSTGRES_PASSWORD",
                           "POSTGRES_DB",
                           "POSTGRES_SSL_MODE",
                           "POSTGRES_SSL_ROOT_CERT",
                           "POSTGRES_VECTOR_DIMENSIONS",
                           "POSTGRES_MAX_CONNS",
                           "CLICKHOUSE_HOST",
                           "CLICKHOUSE_PORT",
                           "CLICKHOUSE_USER",
                           "CLICKHOUSE_PASSWORD",
                           "CLICKHOUSE_DB",
                           "REDIS_HOST",
                           "REDIS_PORT",
                           "REDIS_PASSWORD",
                           "REDIS_DB",
                           "KAFKA_BROKERS",
                           "KAFKA_GROUP_ID",
                           "TELEGRAM_BOT_TOKEN",
                           "TELEGRAM_WEBHOOK_URL",
                           "TELEGRAM_ADMIN_IDS",
                           "CLAUDE_API_KEY",
                           "OPENAI_API_KEY",
                           "DEEPSEEK_API_KEY",
                           "GEMINI_API_KEY",
                           "DEFAULT_AI_PROVIDER",
                           "ENCRYPTION_KEY",
                           "BINANCE_MARKET_DATA_API_KEY",
                           "BINANCE_MARKET_DATA_SECRET",
                           "BYBIT_MARKET_DATA_API_KEY",
                           "BYBIT_MARKET_DATA_SECRET",
                           "OKX_MARKET_DATA_API_KEY",
                           "OKX_MARKET_DATA_SECRET",
                           "OKX_MARKET_DATA_PASSPHRASE",
                           "ERROR_TRACKING_ENABLED",
                           "ERROR_TRACKING_PROVIDER",
                           "SENTRY_DSN",
                           "SENTRY_ENVIRONMENT"}) {
    EXPECT_NE(find_env_setting(name), nullptr) << name;
  }
}

TEST(Settings, NamesAreUniqueAndSecretsHaveNoTomlName) {
  std::set<std::string_view> seen;
  for (const SettingSpec& spec : all_settings()) {
    EXPECT_TRUE(seen.insert(spec.key()).second) << spec.key();
    EXPECT_FALSE(spec.meaning.empty());
    if (spec.secrecy == Secrecy::secret) EXPECT_TRUE(spec.toml.empty()) << spec.key();
  }
}

TEST(Settings, TheExampleFilesLoadToTheDefaults) {
  const auto config = load_config(sources(toml_example(), env_example()));
  ASSERT_TRUE(config.has_value()) << config.error().front().sentence();
  const auto plain = load_config({});
  for (const SettingSpec& spec : all_settings()) {
    if (spec.secrecy == Secrecy::open) EXPECT_EQ(config->text(spec.key()), plain->text(spec.key())) << spec.key();
  }
}

}  // namespace
}  // namespace prom
