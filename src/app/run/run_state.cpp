// Run settings on disk: nlohmann JSON, written whole or not at all. Main thread.
#include "app/run/run_state.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace prom {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string file_of(const StatePaths& paths) { return paths.root + "/run.json"; }

CommandError away(std::string message) { return {ExitCode::outside_away, "state", std::move(message), "check the disk and rights of the state directory", {}}; }

Json to_json(const RunState& state) {
  const ScenarioOptions& o = state.options;
  Json parameters = Json::array();
  for (const StrategyParameter& p : o.parameters) parameters.push_back({p.name, p.value});
  const auto decimal = [](const std::optional<Decimal>& d) { return d ? Json(d->to_string()) : Json(); };
  const auto time = [](const std::optional<TimeNs>& t) { return t ? Json(t->ns) : Json(); };
  Json out{{"status", state.status == RunStatus::finished ? "finished" : "unfinished"},
           {"configuration", state.configuration},
           {"data_sha256", state.data_sha256},
           {"ledger", state.ledger},
           {"instruments", o.instruments},
           {"bundle_set", o.bundle_set},
           {"csv", o.csv},
           {"from", time(o.from)},
           {"to", time(o.to)},
           {"strategy", o.strategy},
           {"parameters", parameters},
           {"cash", o.cash.to_string()},
           {"fee_maker", decimal(o.fee_maker)},
           {"fee_taker", decimal(o.fee_taker)},
           {"slippage_bps", o.slippage_bps.to_string()},
           {"funding_rate", decimal(o.funding_rate)},
           {"leverage", o.leverage.to_string()},
           {"gaps", o.gaps == GapPolicy::allow ? "allow" : "refuse"}};
  if (state.users > 0) {
    out.update(Json{{"users", state.users}, {"speed", state.speed}});
  } else {
    out.update(Json{{"report", state.report}, {"benchmarks", state.yardsticks == Yardsticks::all}});
  }
  return out;
}

RunState from_json(const Json& j) {
  RunState state;
  state.status = j.at("status") == "finished" ? RunStatus::finished : RunStatus::unfinished;
  state.configuration = j.at("configuration");
  state.data_sha256 = j.at("data_sha256");
  state.ledger = j.value("ledger", "run");
  state.users = j.value("users", 0U);
  state.speed = j.value("speed", 0.0);
  state.report = j.value("report", "");
  state.yardsticks = j.value("benchmarks", true) ? Yardsticks::all : Yardsticks::none;
  ScenarioOptions& o = state.options;
  o.instruments = j.at("instruments").get<std::vector<std::string>>();
  o.bundle_set = j.at("bundle_set");
  o.csv = j.at("csv");
  o.strategy = j.at("strategy");
  for (const Json& p : j.at("parameters")) o.parameters.push_back({p.at(0), p.at(1)});
  const auto decimal = [&](const char* key) -> std::optional<Decimal> {
    if (j.at(key).is_null()) return std::nullopt;
    const auto value = Decimal::parse(j.at(key).get<std::string>());
    return value ? std::optional(*value) : std::nullopt;
  };
  const auto time = [&](const char* key) { return j.at(key).is_null() ? std::nullopt : std::optional(TimeNs{j.at(key).get<std::int64_t>()}); };
  o.from = time("from");
  o.to = time("to");
  o.cash = decimal("cash").value_or(o.cash);
  o.fee_maker = decimal("fee_maker");
  o.fee_taker = decimal("fee_taker");
  o.slippage_bps = decimal("slippage_bps").value_or(o.slippage_bps);
  o.funding_rate = decimal("funding_rate");
  if (j.contains("leverage")) o.leverage = decimal("leverage").value_or(o.leverage);
  o.gaps = j.at("gaps") == "allow" ? GapPolicy::allow : GapPolicy::refuse;
  return state;
}

}  // namespace

std::expected<std::optional<RunState>, CommandError> load_run_state(const StatePaths& paths) {
  std::error_code unknown;
  if (fs::status(file_of(paths), unknown).type() == fs::file_type::not_found) return std::optional<RunState>{};
  std::ifstream in(file_of(paths));
  if (!in) return std::unexpected(away(file_of(paths) + " cannot be read"));
  try {
    return from_json(Json::parse(in));
  } catch (const Json::exception&) {
    return std::unexpected(CommandError{ExitCode::input_data,
                                        "run_state",
                                        file_of(paths) + " is not what a run writes there",
                                        "promtrade run --replay --fresh sets it aside and begins anew",
                                        {}});
  }
}

std::expected<void, CommandError> save_run_state(const StatePaths& paths, const RunState& state) {
  const std::string temporary = file_of(paths) + ".new";
  {
    std::ofstream out(temporary, std::ios::trunc);
    out << to_json(state).dump(1) << "\n";
    out.flush();
    if (!out) return std::unexpected(away(temporary + " cannot be written"));
  }
  std::error_code failed;
  fs::rename(temporary, file_of(paths), failed);
  if (failed) return std::unexpected(away(file_of(paths) + " cannot be replaced: " + failed.message()));
  return {};
}

std::expected<std::string, CommandError> set_aside(const StatePaths& paths) {
  std::string folder;
  for (int n = 1;; ++n) {
    folder = paths.root + "/previous-" + std::to_string(n);
    if (!fs::exists(folder)) break;
  }
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return std::unexpected(away(folder + " cannot be made: " + failed.message()));
  for (const std::string& path : {file_of(paths), paths.journal(), paths.venue(), paths.ledger(), paths.ledger() + "-wal", paths.ledger() + "-shm",
                                  paths.shards(), paths.market_clock()}) {
    if (!fs::exists(path)) continue;
    fs::rename(path, folder + "/" + fs::path(path).filename().string(), failed);
    if (failed) return std::unexpected(away(path + " cannot be moved: " + failed.message()));
  }
  return folder;
}

}  // namespace prom
