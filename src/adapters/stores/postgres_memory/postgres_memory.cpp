// Three places of a memory: the table, what is on its way there, and the mirror that answers while the server is away.
#include "adapters/stores/postgres_memory/postgres_memory.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "adapters/stores/ledger_rows/packed_records.h"
#include "adapters/stores/memory_index/memory_index.h"
#include "adapters/stores/postgres_link/pg_migrate.h"
#include "adapters/stores/postgres_link/pg_pool.h"
#include "adapters/stores/postgres_memory/memory_search.h"
#include "adapters/stores/postgres_memory/memory_writer.h"
#include "adapters/stores/postgres_memory/owner_cache.h"
#include "base/hash.h"

namespace prom::postgres {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kFirstPause{250}, kLongestPause{30'000};
// Vectors that are made anew, with their index, take minutes where there are very many; whoever ends the store waits for a batch that is being written.
constexpr std::chrono::milliseconds kPatience{600'000}, kWriting{3000}, kReading{3000};
constexpr std::size_t kLoadedAtOnce = 5'000;
// With more on their way the mirror is asked instead: each would be scored alone for every question.
constexpr std::size_t kMostOverlaid = 512;
// So many may tie with the last hit, by what is held of them, before the server is asked to tell them apart.
constexpr std::size_t kMostFetched = 512;

std::uint64_t fingerprint(const Memory& memory) { return hash_bytes(ledger_rows::pack(MemoryNoted{memory})); }

std::shared_ptr<const PostgresOptions> with_timeout(const PostgresOptions& from, std::chrono::milliseconds timeout) {
  auto out = std::make_shared<PostgresOptions>(from.clone());
  // As many neighbours as a search takes for candidates. JIT and parallel workers take longer to begin than a question takes.
  out->settings = " -c hnsw.ef_search=400 -c jit=off -c max_parallel_workers_per_gather=0";
  out->timeout = timeout;
  return out;
}

class Store final : public PostgresMemory, public MemoryView {
 public:
  explicit Store(PostgresMemoryOptions options)
      : options_(std::move(options)), readers_(with_timeout(options_.server, options_.search_timeout), options_.server.readers) {}

  StoreResult<void> open() {
    const auto patient = with_timeout(options_.server, std::max(options_.server.timeout, kPatience));
    PROM_TRY(const auto connection, PgConnection::open(*patient));
    PROM_CHECK_OK(ensure_schema(*connection, patient->schema));
    PROM_TRY(layout_, prepare_memories(*connection, options_.dimensions, options_.use_extension ? Extension::use : Extension::leave));
    PROM_CHECK_OK(load(*connection));
    cache_ = std::make_unique<OwnerCache>(with_timeout(options_.server, kReading), options_.held_bytes, options_.held_dir);
    writer_ = std::make_unique<MemoryWriter>(with_timeout(options_.server, std::min(options_.server.timeout, kWriting)), layout_);
    return {};
  }

  void add(const Memory& memory) override {
    auto kept = std::make_shared<Memory>(memory);
    if (kept->id == 0) kept->id = last_id_ + 1;
    last_id_ = std::max<std::uint64_t>(last_id_, kept->id);
    if (kept->scope == MemoryScope::collective) ++collective_;
    {
      const std::lock_guard lock(mutex_);
      shown_.clear();
      shown_indexes_.clear();
      if (mirror_ && mirror_->size() >= options_.mirrored) mirror_.reset();
      if (mirror_) mirror_ = mirror_->with_added(*kept);
    }
    if (const auto known = loaded_.find(kept->id); known != loaded_.end()) {
      const bool same = known->second == fingerprint(*kept);
      loaded_.erase(known);
      if (same) return;
    }
    writer_->add(std::move(kept));
  }
  const MemoryView& view() const override { return *this; }

  MemoryAnswer search(const MemoryQuery& query) const override {
    std::string why = writer_->why_away();
    if (why.empty() && left_alone()) why = "PostgreSQL let the last searches wait too long";
    if (why.empty()) {
      auto answered = ask(query);
      if (answered) return *std::move(answered);
      why = answered.error().detail;
      if (answered.error().kind == StoreErrorKind::away) {
        cache_->forget_all();
        leave_alone();
        writer_->found_away(answered.error());
      }
    }
    const std::lock_guard lock(mutex_);
    if (!mirror_) return std::unexpected("memories cannot be searched now: " + why);
    ++answered_here_;
    if (shown_indexes_.empty() || shown_indexes_.back() != mirror_) shown_indexes_.push_back(mirror_);
    return mirror_->find(query);
  }

  std::string note() const override { return layout_.note; }
  Status status() const override {
    Status out;
    out.why = writer_->why_away();
    out.reachable = out.why.empty();
    out.pending = writer_->pending_count();
    out.held_bytes = cache_->bytes();
    const std::lock_guard lock(mutex_);
    out.mirror = mirror_ != nullptr;
    out.mirrored = mirror_ ? mirror_->size() : 0;
    out.asked = asked_;
    out.ranked_here = ranked_here_;
    out.answered_here = answered_here_;
    return out;
  }
  bool settle(std::chrono::milliseconds limit) override { return writer_->settle(limit) && cache_->settle(limit); }

 private:
  /// Of a history in the table the memories; of one in a journal only what the table has, so as not to write it again.
  StoreResult<void> load(PgConnection& connection) {
    PROM_TRY(const MemoryCounts counts, count_memories(connection));
    const bool from_table = options_.history == MemoryHistory::store;
    const bool mirrored = from_table && counts.all <= options_.mirrored;
    if (from_table) last_id_ = counts.last_id;
    if (from_table) collective_ = counts.collective;
    std::vector<Memory> all;
    std::optional<std::uint64_t> after;
    while (mirrored || !from_table) {
      PROM_TRY(auto some, read_memories(connection, after, kLoadedAtOnce));
      if (some.empty()) break;
      after = some.back().id;
      for (Memory& memory : some) {
        if (!from_table) loaded_.emplace(memory.id, fingerprint(memory));
        if (mirrored) all.push_back(std::move(memory));
      }
    }
    if (mirrored || !from_table) mirror_ = MemoryIndex::build(std::move(all), options_.weights);
    return {};
  }

  bool left_alone() const {
    const std::lock_guard lock(mutex_);
    return Clock::now() < not_before_;
  }
  /// A server that is up but slow would otherwise cost every search its whole patience.
  void leave_alone() const {
    const std::lock_guard lock(mutex_);
    not_before_ = Clock::now() + pause_;
    pause_ = std::min(pause_ * 2, kLongestPause);
    readers_.forget_idle();
  }

  /// By columns held here where all owners whom the question concerns are held, else by the server.
  StoreResult<std::vector<RankedMemory>> ranked(PgConnection& connection, const TableQuery& asked) const {
    std::vector<std::int64_t> owners = {kEveryonesOwner};
    if (asked.query->user) owners.push_back(static_cast<std::int64_t>(asked.query->user->v));
    std::vector<KnownOwner> known;
    for (const std::int64_t owner : owners) {
      if (auto found = cache_->find(owner)) known.push_back({owner, std::move(found)});
    }
    if (known.size() < owners.size()) return search_memories(connection, layout_, asked);
    PROM_TRY(const OwnersMemories held, refresh(connection, known, options_.held_dir));
    for (std::size_t i = 0; i < held.size(); ++i) {
      if (!held[i]) {
        cache_->forget(owners[i]);
        return search_memories(connection, layout_, asked);
      }
      if (held[i] != known[i].memories) cache_->keep(held[i]);
    }
    const auto candidates = best_candidates(held, asked);
    if (candidates.size() > kMostFetched + asked.query->limit) return search_memories(connection, layout_, asked);
    PROM_TRY(auto scored, score_memories(connection, asked, candidates));
    if (!scored) {  // rows were deleted, or given to another owner: of that no transaction's number tells
      for (const std::int64_t owner : owners) cache_->forget(owner);
      return search_memories(connection, layout_, asked);
    }
    const std::lock_guard lock(mutex_);
    ++ranked_here_;
    return *std::move(scored);
  }

  StoreResult<std::vector<MemoryHit>> ask(const MemoryQuery& query) const {
    const MemoryScorer scorer(query, options_.weights);
    TableQuery asked;
    asked.query = &query;
    asked.scorer = &scorer;
    asked.weights = options_.weights;
    asked.collective_by_index = layout_.vectors() && scorer.text_weight() != 0 && collective_ > options_.exact_collective;
    if (options_.history == MemoryHistory::journal) asked.newest = last_id_.load();
    // Before the table is asked: what leaves the writer from here on is in the table already.
    const auto waiting = writer_->pending();
    if (waiting.size() > kMostOverlaid)
      return std::unexpected(
          StoreError{StoreErrorKind::full, Retry::after, std::to_string(waiting.size()) + " memories are still on their way to PostgreSQL", ""});
    std::vector<RankedMemory> found;
    for (const auto& memory : waiting) {
      asked.hidden.push_back(memory->id);
      if (visible(*memory, query)) found.push_back({memory, scorer.score(*memory)});
    }
    PROM_TRY(auto lease, readers_.take(options_.search_timeout));
    auto stored = ranked(lease.connection(), asked);
    if (!stored && stored.error().kind == StoreErrorKind::away && lease.used()) {
      lease.drop();
      readers_.forget_idle();
      PROM_TRY(auto anew, readers_.take(options_.search_timeout));
      stored = ranked(anew.connection(), asked);
      if (!stored && stored.error().kind == StoreErrorKind::away) anew.drop();
    } else if (!stored && stored.error().kind == StoreErrorKind::away) {
      lease.drop();
    }
    if (!stored) return std::unexpected(stored.error());
    found.insert(found.end(), std::make_move_iterator(stored->begin()), std::make_move_iterator(stored->end()));
    std::vector<MemoryHit> hits;
    const std::lock_guard lock(mutex_);
    ++asked_;
    pause_ = kFirstPause;
    for (RankedMemory& ranked : found) {
      // One copy of each: what a search without additions can hold is bounded by what there is.
      const auto& shown = shown_.try_emplace(ranked.memory->id, ranked.memory).first->second;
      hits.push_back({shown.get(), ranked.score});
    }
    keep_best(hits, query.limit);
    return hits;
  }

  const PostgresMemoryOptions options_;
  MemoryLayout layout_;
  mutable PgPool readers_;
  std::unique_ptr<MemoryWriter> writer_;
  std::unique_ptr<OwnerCache> cache_;
  std::unordered_map<std::uint64_t, std::uint64_t> loaded_;  ///< id -> fingerprint of what the table has and was not added yet
  std::atomic<std::uint64_t> last_id_ = 0, collective_ = 0;
  mutable std::mutex mutex_;
  std::shared_ptr<const MemoryIndex> mirror_;
  // What hits point to, until the next add().
  mutable std::unordered_map<std::uint64_t, std::shared_ptr<const Memory>> shown_;
  mutable std::vector<std::shared_ptr<const MemoryIndex>> shown_indexes_;
  mutable std::uint64_t asked_ = 0, ranked_here_ = 0, answered_here_ = 0;
  mutable Clock::time_point not_before_{};  ///< a server that let a search wait is left alone until then
  mutable std::chrono::milliseconds pause_ = kFirstPause;
};

}  // namespace
}  // namespace prom::postgres

namespace prom {

StoreResult<std::unique_ptr<PostgresMemory>> open_postgres_memory(PostgresMemoryOptions options) {
  auto store = std::make_unique<postgres::Store>(std::move(options));
  PROM_CHECK_OK(store->open());
  return store;
}

}  // namespace prom
