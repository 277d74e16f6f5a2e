// Memory search at 10,000 memories of one user (PRODUCT.md: < 10 ms p99), the cost of adding one, and of building the index; and the same question to PostgreSQL with pgvector, among the
// memories of many users, where POSTGRES_HOST and the like are set (dev/servers.py env).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
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

Memory memory_of(std::uint64_t id, Xoshiro256pp& random) {
  Memory memory;
  memory.id = id;
  memory.scope = MemoryScope::user;
  memory.user = UserIx{1};
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

/// Asks `view`, of a user among `users` from 1, and reports the distribution: a mean hides the slow ones.
void ask(benchmark::State& state, const MemoryView& view, std::uint32_t users) {
  Xoshiro256pp random(2);
  std::vector<double> micros;
  for (auto _ : state) {
    state.PauseTiming();
    const MemoryQuery query = question(random, 1 + static_cast<std::uint32_t>(random.below(users)));
    state.ResumeTiming();
    const auto begin = std::chrono::steady_clock::now();
    auto answer = view.search(query);
    micros.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    if (!answer || answer->size() != query.limit) state.SkipWithError(answer ? "too few hits" : answer.error().c_str());
    benchmark::DoNotOptimize(answer);
  }
  if (micros.empty()) return;  // it was skipped
  std::sort(micros.begin(), micros.end());
  state.counters["p50_us"] = micros[micros.size() / 2];
  state.counters["p99_us"] = micros[static_cast<std::size_t>(0.99 * static_cast<double>(micros.size() - 1))];
}

void memory_search(benchmark::State& state) {
  const auto index = index_of(state.range(0));
  ask(state, *index, 1);
}
BENCHMARK(memory_search)->Arg(1000)->Arg(10'000)->MinTime(2);

void memory_add(benchmark::State& state) {
  auto index = index_of(10'000);
  Xoshiro256pp random(3);
  std::uint64_t id = 1'000'000;
  for (auto _ : state) index = index->with_added(memory_of(id++, random));
}
BENCHMARK(memory_add)->Iterations(300);

std::string setting(const char* name) {
  const char* found = std::getenv(name);
  return found != nullptr ? found : "";
}

/// A copy's body: the same bytes but for the identity and the user, whose lowest bytes are where two packed memories differ.
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
  return "set_byte(" + out + ", " + differ[1] + ", " + std::to_string(user) + ")";
}

/// 10,000 memories of the first user by the store itself; the other users have copies, which the server makes: as many rows, pages and entries of the index.
void postgres_memory_search(benchmark::State& state) {
  if (setting("POSTGRES_HOST").empty()) {
    state.SkipWithError("POSTGRES_HOST is not set: eval \"$(dev/servers.py env)\"");
    return;
  }
  constexpr std::int64_t kEach = 10'000;
  const std::int64_t users = state.range(0);
  const bool held = state.range(1) != 0;
  PostgresMemoryOptions options;
  options.server.host = setting("POSTGRES_HOST");
  options.server.port = static_cast<std::uint16_t>(std::stoi(setting("POSTGRES_PORT")));
  options.server.user = setting("POSTGRES_USER");
  options.server.password = SecretString(setting("POSTGRES_PASSWORD"));
  options.server.db = setting("POSTGRES_DB");
  options.server.schema = "memory_bench";
  options.server.timeout = std::chrono::minutes(10);
  options.mirrored = 0;
  options.held_bytes = held ? std::size_t{1} << 30U : 0;
  const auto connection = postgres::PgConnection::open(options.server);
  if (!connection) return state.SkipWithError(connection.error().detail.c_str());
  const auto run = [&](const std::string& sql) {
    const auto done = (*connection)->script(sql);
    if (!done) state.SkipWithError(done.error().detail.c_str());
  };
  run("DROP SCHEMA IF EXISTS memory_bench CASCADE");
  const auto opened = open_postgres_memory(std::move(options));
  if (!opened) return state.SkipWithError(opened.error().detail.c_str());
  Xoshiro256pp random(1);
  for (std::int64_t i = 1; i <= kEach; ++i) (*opened)->add(memory_of(static_cast<std::uint64_t>(i), random));
  (*opened)->settle(std::chrono::minutes(5));
  for (std::int64_t user = 2; user <= users; ++user) {
    const std::string rest =
        ", scope, kind, seen_by, importance, created_ns, expires_ns, situation_size, text_vector, situation, embedding, situation_embedding";
    const std::string id = "id + " + std::to_string((user - 1) * kEach);
    std::string copy = "INSERT INTO kept_memories (id, owner, body";
    copy.append(rest).append(") SELECT ").append(id).append(", ").append(std::to_string(user)).append(", ");
    copy.append(body_of_copy(id, user)).append(rest).append(" FROM kept_memories WHERE owner = 1");
    run(copy);
  }
  run("VACUUM ANALYZE kept_memories");
  const auto size = (*connection)->ask("SELECT pg_total_relation_size('kept_memories') / 1000000, pg_relation_size('kept_memories_of_user') / 1000000");
  if (size) {
    state.counters["table_MB"] = std::stod(size->front()[0].value_or("0"));
    state.counters["index_MB"] = std::stod(size->front()[1].value_or("0"));
  }
  if (held) {
    // Each user's memories are read by the first question of each; the figure is that of the questions after it.
    for (std::int64_t user = 1; user <= users; ++user) {
      const auto begin = std::chrono::steady_clock::now();
      const auto first = (*opened)->view().search(question(random, static_cast<std::uint32_t>(user)));
      (*opened)->settle(std::chrono::minutes(1));
      if (!first) return state.SkipWithError(first.error().c_str());
      const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
      state.counters["first_ms"] = std::max<double>(state.counters["first_ms"], ms);
    }
  }
  ask(state, (*opened)->view(), static_cast<std::uint32_t>(users));
  state.counters["held_MB"] = static_cast<double>((*opened)->status().held_bytes) / 1e6;
  state.counters["ranked_here"] = static_cast<double>((*opened)->status().ranked_here);
  run("DROP SCHEMA memory_bench CASCADE");
}
BENCHMARK(postgres_memory_search)->ArgNames({"users", "held"})->Args({1, 0})->Args({1, 1})->Args({100, 0})->Args({100, 1})->Iterations(600);

}  // namespace
}  // namespace prom
