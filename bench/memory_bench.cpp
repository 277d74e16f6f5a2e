// Memory search at 10,000 memories of a user (PRODUCT.md: < 10 ms p99 with 1,000 such users), the cost of adding one, and of building the index; and the same question to PostgreSQL with
// pgvector where POSTGRES_HOST and the like are set (dev/servers.py env). A thousand users: PROM_BENCH_LARGE=1. `skewed`: the n-th user asks as often as 1/n; else each as often as another.
// Large columns lie in files of PROM_BENCH_DIR, else of the temporary folder.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "adapters/stores/ledger_rows/packed_records.h"
#include "adapters/stores/memory_index/memory_index.h"
#include "adapters/stores/postgres_link/pg_connection.h"
#include "adapters/stores/postgres_memory/postgres_memory.h"
#include "base/prng.h"

namespace prom {
namespace {

constexpr TimeNs kNow{1'750'000'000'000'000'000};

std::string sentence(Xoshiro256pp& random) {
  std::string text;
  for (int i = 0; i < 24; ++i) text += "word" + std::to_string(random.below(3000)) + " ";
  return text;
}

Memory memory_of(std::uint64_t id, Xoshiro256pp& random, std::uint32_t user = 1) {
  Memory memory;
  memory.id = id;
  memory.scope = MemoryScope::user;
  memory.user = UserIx{user};
  memory.text = sentence(random);
  for (int i = 0; i < 32; ++i) memory.situation.push_back(static_cast<float>(random.below(1000)) / 500.0F - 1.0F);
  memory.importance = static_cast<double>(random.below(100)) / 100;
  memory.created_at = kNow - DurationNs{static_cast<std::int64_t>(random.below(100)) * kDay.ns};
  return memory;
}

std::shared_ptr<const MemoryIndex> index_of(std::int64_t count) {
  Xoshiro256pp random(1);
  std::vector<Memory> memories;
  for (std::int64_t i = 0; i < count; ++i) memories.push_back(memory_of(static_cast<std::uint64_t>(i), random));
  return MemoryIndex::build(std::move(memories));
}

MemoryQuery question(Xoshiro256pp& random, std::uint32_t user) {
  MemoryQuery query;
  query.text = sentence(random);
  query.situation = memory_of(0, random).situation;
  query.user = UserIx{user};
  query.now = kNow;
  return query;
}

/// Users from 1, the n-th in proportion to 1/n or all alike.
class Askers {
 public:
  Askers(std::uint32_t users, bool skewed) {
    double sum = 0;
    for (std::uint32_t n = 1; n <= users; ++n) sums_.push_back(sum += skewed ? 1.0 / n : 1.0);
  }
  std::uint32_t next(Xoshiro256pp& random) const {
    const double at = sums_.back() * static_cast<double>(random.below(1U << 30U)) / static_cast<double>(1U << 30U);
    return 1 + static_cast<std::uint32_t>(std::upper_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

void report(benchmark::State& state, const std::string& name, std::vector<double> micros) {
  if (micros.empty()) return;  // it was skipped
  std::sort(micros.begin(), micros.end());
  state.counters[name + "p50_us"] = micros[micros.size() / 2];
  state.counters[name + "p99_us"] = micros[static_cast<std::size_t>(0.99 * static_cast<double>(micros.size() - 1))];
  state.counters[name + "max_us"] = micros.back();
}

double micros_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

/// Asks `view` and reports the distribution: a mean hides the slow ones.
void ask(benchmark::State& state, const MemoryView& view, const Askers& askers) {
  Xoshiro256pp random(2);
  std::vector<double> micros;
  for (auto _ : state) {
    state.PauseTiming();
    const MemoryQuery query = question(random, askers.next(random));
    state.ResumeTiming();
    const auto begin = std::chrono::steady_clock::now();
    auto answer = view.search(query);
    micros.push_back(micros_since(begin));
    if (!answer || answer->size() != query.limit) state.SkipWithError(answer ? "too few hits" : answer.error().c_str());
    benchmark::DoNotOptimize(answer);
  }
  report(state, "", std::move(micros));
}

std::string setting(const char* name) {
  const char* found = std::getenv(name);
  return found != nullptr ? found : "";
}

std::filesystem::path bench_dir() {
  const std::string dir = setting("PROM_BENCH_DIR");
  return dir.empty() ? std::filesystem::temp_directory_path() : std::filesystem::path(dir);
}

/// Of this process, from /proc; in MB.
double resident(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what + ":")) return std::stod(line.substr(what.size() + 1)) / 1000;
  }
  return 0;
}

void memory_search(benchmark::State& state) {
  const auto index = index_of(state.range(0));
  ask(state, *index, Askers(1, false));
}
BENCHMARK(memory_search)->Arg(1000)->Arg(10'000)->MinTime(2);

void memory_add(benchmark::State& state) {
  auto index = index_of(10'000);
  Xoshiro256pp random(3);
  std::uint64_t id = 1'000'000;
  for (auto _ : state) index = index->with_added(memory_of(id++, random));
}
BENCHMARK(memory_add)->Iterations(300);

/// Every user has 10,000 memories of his own, no two alike.
void memory_search_users(benchmark::State& state) {
  constexpr std::uint64_t kEach = 10'000;
  const auto users = static_cast<std::uint32_t>(state.range(0));
  if (users > 100 && setting("PROM_BENCH_LARGE").empty()) return state.SkipWithError("minutes long: set PROM_BENCH_LARGE=1");
  static std::shared_ptr<const MemoryIndex> index;
  static std::uint32_t built = 0;
  if (built != users) {
    index = MemoryIndex::build({}, {}, bench_dir());
    for (std::uint32_t user = 1; user <= users; ++user) {
      Xoshiro256pp random(user);
      std::vector<Memory> memories;
      for (std::uint64_t i = 0; i < kEach; ++i) memories.push_back(memory_of((user - 1) * kEach + i + 1, random, user));
      index = index->with_added(memories);
    }
    built = users;
  }
  ask(state, *index, Askers(users, state.range(1) != 0));
  state.counters["memories"] = static_cast<double>(index->size());
  state.counters["files_MB"] = static_cast<double>(index->mapped_bytes()) / 1e6;
  state.counters["heap_MB"] = resident("RssAnon");
}
BENCHMARK(memory_search_users)->ArgNames({"users", "skewed"})->Args({100, 0})->Args({1000, 0})->Args({1000, 1})->Iterations(5000);

/// A copy's body: the same bytes but for the identity and the user (below 65,536), whose lowest bytes are where two packed memories differ.
std::string body_of_copy(const std::string& id, std::int64_t user) {
  Memory one, other;
  one.user = UserIx{0};
  other.user = UserIx{1};
  other.id = 1;
  const auto a = ledger_rows::pack(MemoryNoted{one}), b = ledger_rows::pack(MemoryNoted{other});
  std::vector<std::string> differ;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) differ.push_back(std::to_string(i));
  }
  if (differ.size() != 2) return "NULL";
  std::string out = "body";
  for (int byte = 0; byte < 4; ++byte)
    out.insert(0, "set_byte(")
        .append(", " + differ[0])
        .append(" + " + std::to_string(byte))
        .append(", (((" + id)
        .append(") >> " + std::to_string(8 * byte))
        .append(") & 255)::int)");
  for (int byte = 0; byte < 2; ++byte)
    out.insert(0, "set_byte(")
        .append(", " + differ[1])
        .append(" + " + std::to_string(byte))
        .append(", " + std::to_string(user >> (8 * byte) & 255))
        .append(")");
  return out;
}

constexpr std::int64_t kEach = 10'000;

/// Users from 1; the first one's memories are the store's own work, the others have copies which the server makes: as many rows, pages and entries of the index.
bool fill(benchmark::State& state, PostgresMemory& store, postgres::PgConnection& connection, std::int64_t users) {
  Xoshiro256pp random(1);
  for (std::int64_t i = 1; i <= kEach; ++i) store.add(memory_of(static_cast<std::uint64_t>(i), random));
  store.settle(std::chrono::minutes(5));
  for (std::int64_t user = 2; user <= users; ++user) {
    const std::string rest =
        ", scope, kind, seen_by, importance, created_ns, expires_ns, situation_size, text_vector, situation, embedding, situation_embedding";
    const std::string id = "id + " + std::to_string((user - 1) * kEach);
    std::string copy = "INSERT INTO kept_memories (id, owner, body";
    copy.append(rest).append(") SELECT ").append(id).append(", ").append(std::to_string(user)).append(", ");
    copy.append(body_of_copy(id, user)).append(rest).append(" FROM kept_memories WHERE owner = 1");
    if (const auto done = connection.script(copy); !done) {
      state.SkipWithError(done.error().detail.c_str());
      return false;
    }
  }
  return connection.script("VACUUM ANALYZE kept_memories").has_value();
}

PostgresOptions bench_server() {
  PostgresOptions out;
  out.host = setting("POSTGRES_HOST");
  out.port = static_cast<std::uint16_t>(std::stoi(setting("POSTGRES_PORT")));
  out.user = setting("POSTGRES_USER");
  out.password = SecretString(setting("POSTGRES_PASSWORD"));
  out.db = setting("POSTGRES_DB");
  out.schema = "memory_bench";
  out.timeout = std::chrono::minutes(10);
  return out;
}

StoreResult<std::unique_ptr<PostgresMemory>> bench_store(std::int64_t held_mb) {
  PostgresMemoryOptions options;
  options.server = bench_server();
  options.mirrored = 0;
  options.held_bytes = static_cast<std::size_t>(held_mb) << 20U;
  options.held_dir = bench_dir();
  return open_postgres_memory(std::move(options));
}

/// `held_MB`: 0 ranks on the server. The rows are made once for every number of users, and dropped by the last one (PROM_BENCH_KEEP=1: not).
void postgres_memory_search(benchmark::State& state) {
  if (setting("POSTGRES_HOST").empty()) return state.SkipWithError("POSTGRES_HOST is not set: eval \"$(dev/servers.py env)\"");
  const std::int64_t users = state.range(0);
  if (users > 100 && setting("PROM_BENCH_LARGE").empty()) return state.SkipWithError("minutes long, and 30 GB: set PROM_BENCH_LARGE=1");
  const auto connection = postgres::PgConnection::open(bench_server());
  if (!connection) return state.SkipWithError(connection.error().detail.c_str());
  const auto there = (*connection)->ask("SELECT max(owner) FROM kept_memories");
  const bool filled = there && there->front()[0] && *there->front()[0] == std::to_string(users);
  if (!filled) [[maybe_unused]]
    const auto dropped = (*connection)->script("DROP SCHEMA IF EXISTS memory_bench CASCADE");
  const auto opened = bench_store(state.range(1));
  if (!opened) return state.SkipWithError(opened.error().detail.c_str());
  if (!filled && !fill(state, **opened, **connection, users)) return;
  const auto size = (*connection)->ask("SELECT pg_total_relation_size('kept_memories') / 1000000, pg_relation_size('kept_memories_of_user') / 1000000");
  if (size) {
    state.counters["table_MB"] = std::stod(size->front()[0].value_or("0"));
    state.counters["index_MB"] = std::stod(size->front()[1].value_or("0"));
  }
  Xoshiro256pp random(1);
  std::vector<double> first;
  // Each user's memories are read after the first question of each; the figures without a name are those of the questions after it.
  for (std::uint32_t user = 1; state.range(1) != 0 && user <= static_cast<std::uint32_t>(users); ++user) {
    const MemoryQuery query = question(random, user);
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = (*opened)->view().search(query);
    first.push_back(micros_since(begin));
    (*opened)->settle(std::chrono::minutes(1));
    if (!answer) return state.SkipWithError(answer.error().c_str());
  }
  report(state, "first_", std::move(first));
  const std::uint64_t before = (*opened)->status().ranked_here;
  ask(state, (*opened)->view(), Askers(static_cast<std::uint32_t>(users), state.range(2) != 0));
  state.counters["held_MB"] = static_cast<double>((*opened)->status().held_bytes) / 1e6;
  state.counters["heap_MB"] = resident("RssAnon");
  state.counters["ranked_here"] = static_cast<double>((*opened)->status().ranked_here - before) / static_cast<double>(state.iterations());
}
BENCHMARK(postgres_memory_search)
    ->ArgNames({"users", "held_MB", "skewed"})
    ->Args({1, 0, 0})
    ->Args({1, 4096, 0})
    ->Args({100, 0, 0})
    ->Args({100, 4096, 0})
    ->Args({1000, 0, 0})
    ->Args({1000, 256, 1})
    ->Args({1000, 4096, 0})
    ->Args({1000, 4096, 1})
    ->Iterations(2000);

/// Last: what the others left.
void postgres_memory_drop(benchmark::State& state) {
  if (setting("POSTGRES_HOST").empty() || !setting("PROM_BENCH_KEEP").empty()) return state.SkipWithError("nothing to drop, or PROM_BENCH_KEEP is set");
  const auto connection = postgres::PgConnection::open(bench_server());
  if (!connection) return state.SkipWithError(connection.error().detail.c_str());
  for (auto _ : state) {
    if (const auto done = (*connection)->script("DROP SCHEMA IF EXISTS memory_bench CASCADE"); !done) state.SkipWithError(done.error().detail.c_str());
  }
}
BENCHMARK(postgres_memory_drop)->Iterations(1);

}  // namespace
}  // namespace prom
