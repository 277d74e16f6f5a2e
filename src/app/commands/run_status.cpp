// The cache first, the ledger behind it. Main thread.
#include "app/commands/run_status.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

#include "app/host/host_state.h"
#include "app/host/hosted_shard.h"
#include "app/run/run_ledger.h"
#include "app/run/run_state.h"
#include "app/shared/live_values.h"
#include "app/shared/redis_at_hand.h"
#include "runtime/shards/shard_map.h"
#include "tools/tool.h"

namespace prom {
namespace {

/// Whose figures are asked for, and where their ledger is.
struct Whose {
  StatePaths paths;
  std::string ledger;
  std::string user;  ///< empty: the first of the ledger
};

std::expected<Whose, CommandError> whose(const StatePaths& paths, const RunState& state, const std::string& user) {
  if (state.users == 0) {
    if (user.empty()) return Whose{paths, state.ledger, ""};
    return std::unexpected(CommandError{ExitCode::usage, "no_host", "a run has one account: leave --user out", "", {}});
  }
  const std::string name = user.empty() ? host_user(1) : user;
  for (std::uint32_t number = 1; number <= state.users; ++number) {
    if (host_user(number) != name) continue;
    const std::uint32_t shard = shard_of(name);
    return Whose{shard_paths(paths, shard), state.ledger + "_s" + std::to_string(shard), name};
  }
  return std::unexpected(
      CommandError{ExitCode::usage, "unknown_user", "there is no user " + name + " here", "they are " + host_user(1) + " to " + host_user(state.users), {}});
}

CommandError failed(const StoreError& error) { return {ExitCode::outside_away, "ledger", error.detail, error.hint, {}}; }

/// Null where none is named or it cannot be used now: then the ledger answers.
std::unique_ptr<RedisShared> redis_if_there(AppContext& context) {
  auto redis = open_redis(context);
  if (redis) return *std::move(redis);
  context.note("the ledger answers alone: " + redis.error().message);
  return nullptr;
}

std::optional<Value> cached(SharedState* shared, const CacheKey& key) {
  if (shared == nullptr) return std::nullopt;
  const CacheRead read = shared->cache().get(key);
  const auto* hit = std::get_if<CacheHit>(&read);
  const auto* stale = std::get_if<CacheStale>(&read);
  if (hit == nullptr && stale == nullptr) return std::nullopt;
  auto value = parse_json_value(hit != nullptr ? hit->value : stale->value);
  return value ? std::optional(*std::move(value)) : std::nullopt;
}

Value member(const std::optional<Value>& of, std::string_view name) {
  const Value* found = of ? of->find(name) : nullptr;
  return found != nullptr ? *found : Value();
}

StoreResult<Value> market_of(Ledger& ledger, SharedState* shared, const std::string& run, const Instrument& instrument) {
  const auto ticker = cached(shared, live_ticker_key(run, instrument));
  Value regime = member(cached(shared, live_regime_key(run, instrument)), "regime");
  if (regime.is_null()) {
    PROM_TRY(const auto decisions, ledger.decisions(std::nullopt, 16));
    for (const DecisionRecord& decision : decisions)
      if (regime.is_null() && decision.instrument == instrument.ix && !decision.regime.empty()) regime = Value(decision.regime);
  }
  return Value(ValueObject{{"instrument", instrument_code(instrument)},
                           {"price", member(ticker, "price")},
                           {"regime", std::move(regime)},
                           {"at", member(ticker, "at")},
                           {"source", ticker ? Value("run") : Value()}});
}

StoreResult<Value> ledgers_balance(Ledger& ledger, const Account& account) {
  PROM_TRY(const auto assets, ledger.assets());
  PROM_TRY(const auto rows, ledger.balances(account.ix));
  PROM_TRY(const auto positions, ledger.positions(account.ix));
  const auto name = [&](AssetIx ix) { return ix.v < assets.size() ? assets[ix.v] : std::to_string(ix.v); };
  ValueList balances;
  for (const BalanceRow& row : rows) balances.emplace_back(ValueObject{{"asset", name(row.asset)}, {"amount", row.amount}});
  std::int64_t open = 0;
  for (const Position& position : positions) open += position.is_flat() ? 0 : 1;
  // What an account is worth needs prices, which a ledger does not have.
  return Value(ValueObject{{"equity", Value()},
                           {"asset", name(account.reporting_asset)},
                           {"balances", std::move(balances)},
                           {"open_positions", open},
                           {"at", Value()},
                           {"source", "ledger"}});
}

StoreResult<Value> balance_of(Ledger& ledger, SharedState* shared, const std::string& run, const User& user) {
  if (const auto live = cached(shared, live_balance_key(run, user.name))) {
    ValueObject out;
    for (const std::string_view name : {"equity", "asset", "balances", "open_positions", "at"}) out.emplace_back(std::string(name), member(live, name));
    out.emplace_back("source", "run");
    return Value(std::move(out));
  }
  PROM_TRY(const auto accounts, ledger.accounts());
  for (const Account& account : accounts)
    if (account.user == user.ix) return ledgers_balance(ledger, account);
  return Value();
}

StoreResult<Value> figures(Ledger& ledger, SharedState* shared, const RunState& state, const Whose& who) {
  PROM_TRY(const auto users, ledger.users());
  const User* user = nullptr;
  for (const User& one : users)
    if (user == nullptr && (who.user.empty() || one.name == who.user)) user = &one;
  PROM_TRY(const auto instruments, ledger.instruments());
  ValueList markets;
  for (const Instrument& instrument : instruments) {
    PROM_TRY(Value market, market_of(ledger, shared, state.ledger, instrument));
    markets.push_back(std::move(market));
  }
  Value balance;
  if (user != nullptr) {
    PROM_TRY(balance, balance_of(ledger, shared, state.ledger, *user));
  }
  return Value(ValueObject{{"mode", "PAPER"},
                           {"run", state.ledger},
                           {"status", state.status == RunStatus::finished ? "finished" : "unfinished"},
                           {"user", user != nullptr ? Value(user->name) : Value()},
                           {"markets", std::move(markets)},
                           {"balance", std::move(balance)}});
}

Value nothing() { return ValueObject{{"mode", "PAPER"}, {"run", Value()}}; }

}  // namespace

std::expected<Value, CommandError> run_status(AppContext& context, const std::string& user) {
  PROM_TRY(const StatePaths paths, context.state());
  PROM_TRY(const auto state, load_run_state(paths));
  if (!state) return nothing();
  PROM_TRY(const Whose who, whose(paths, *state, user));
  PROM_TRY(const Config* config, context.config());
  std::error_code missing;
  if (config->text("POSTGRES_HOST").empty() && !std::filesystem::exists(who.paths.ledger(), missing)) return nothing();
  PROM_TRY(const RunLedger opened, open_run_ledger(context, who.paths, who.ledger));
  const auto redis = redis_if_there(context);
  auto document = figures(*opened.ledger, redis.get(), *state, who);
  if (!document) return std::unexpected(failed(document.error()));
  return *std::move(document);
}

}  // namespace prom
