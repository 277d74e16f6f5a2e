// See the header. No lock is held while a connection opens, closes or works.
#include "adapters/stores/postgres_link/pg_pool.h"

#include <algorithm>

namespace prom::postgres {

PgPool::PgPool(std::shared_ptr<const PostgresOptions> options, std::size_t most) : options_(std::move(options)), most_(std::max<std::size_t>(most, 1)) {}

PgPool::Lease::~Lease() {
  if (pool_ != nullptr) pool_->give_back(std::move(connection_));
}

void PgPool::Lease::drop() {
  connection_.reset();
  if (pool_ != nullptr) std::exchange(pool_, nullptr)->give_back(nullptr);
}

void PgPool::give_back(std::unique_ptr<PgConnection> connection) {
  {
    const std::lock_guard lock(mutex_);
    if (connection) {
      idle_.push_back(std::move(connection));
    } else {
      --open_;
    }
  }
  changed_.notify_one();
}

StoreResult<PgPool::Lease> PgPool::take(std::chrono::milliseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  std::unique_lock lock(mutex_);
  while (true) {
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      lock.unlock();
      if (connection->quiet()) return Lease(*this, std::move(connection), Lease::Age::used);
      connection.reset();  // the server closed it while nobody looked
      lock.lock();
      --open_;
      continue;
    }
    if (open_ < most_) {
      ++open_;
      ++opened_;
      lock.unlock();
      auto opened = PgConnection::open(*options_);
      if (opened) return Lease(*this, *std::move(opened), Lease::Age::fresh);
      give_back(nullptr);
      return std::unexpected(opened.error());
    }
    if (changed_.wait_until(lock, until) == std::cv_status::timeout && idle_.empty() && open_ >= most_) {
      ++waited_out_;
      return std::unexpected(
          StoreError{StoreErrorKind::away, Retry::after,
                     "all " + std::to_string(most_) + " connections to " + place_of(*options_) + " were in use for " + std::to_string(wait.count()) + " ms",
                     "raise POSTGRES_MAX_CONNS"});
    }
  }
}

StoreResult<Rows> PgPool::read(const std::string& sql, const std::vector<Value>& values, std::chrono::milliseconds wait) {
  for (bool again = true;;) {
    PROM_TRY(Lease lease, take(wait));
    auto rows = lease.connection().run(sql, values);
    if (rows || rows.error().kind != StoreErrorKind::away) return rows;
    again = again && lease.used();
    lease.drop();
    if (!again) return rows;
    again = false;
    forget_idle();  // they have slept as long: the next one is new
  }
}

void PgPool::forget_idle() {
  std::vector<std::unique_ptr<PgConnection>> idle;
  {
    const std::lock_guard lock(mutex_);
    idle.swap(idle_);
    open_ -= idle.size();
  }
  changed_.notify_all();
}

PgPool::Counts PgPool::counts() const {
  const std::lock_guard lock(mutex_);
  return {open_, idle_.size(), opened_, waited_out_};
}

}  // namespace prom::postgres
