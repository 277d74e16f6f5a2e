// See the header. An owner that was asked for lately is not put out for another: where all are busy and do not fit, reading them in turns would cost more than it saves.
#include "adapters/stores/postgres_memory/owner_cache.h"

#include <algorithm>
#include <utility>

namespace prom::postgres {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::minutes kBusy{10}, kRefused{1};

}  // namespace

OwnerCache::OwnerCache(std::shared_ptr<const PostgresOptions> options, std::size_t most, std::filesystem::path dir)
    : options_(std::move(options)), most_(most), dir_(std::move(dir)) {
  if (most_ > 0) thread_ = std::thread([this] { work(); });
}

OwnerCache::~OwnerCache() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const OwnerMemories> OwnerCache::find(std::int64_t owner) {
  if (most_ == 0) return nullptr;
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  if (const auto at = held_.find(owner); at != held_.end()) {
    at->second.used = now;
    return at->second.memories;
  }
  if (const auto refused = refused_.find(owner); refused != refused_.end()) {
    if (now < refused->second) return nullptr;
    refused_.erase(refused);
  }
  if (wanted_.insert(owner).second) changed_.notify_all();
  return nullptr;
}

bool OwnerCache::make_room(std::size_t needed) {
  const auto now = Clock::now();
  while (bytes_ + needed > most_) {
    const auto oldest = std::ranges::min_element(held_, {}, [](const auto& held) { return held.second.used; });
    if (oldest == held_.end() || now - oldest->second.used < kBusy) return false;
    bytes_ -= oldest->second.memories->bytes();
    held_.erase(oldest);
  }
  return true;
}

void OwnerCache::put(std::shared_ptr<const OwnerMemories> newer) {
  const std::int64_t owner = newer->owner;
  const std::size_t size = newer->bytes();
  const auto at = held_.find(owner);
  if (at != held_.end()) {
    bytes_ += size - at->second.memories->bytes();
    at->second.memories = std::move(newer);
  } else if (make_room(size)) {
    bytes_ += size;
    held_.emplace(owner, Held{std::move(newer), Clock::now()});
  } else {
    refused_[owner] = Clock::now() + kRefused;
  }
}

void OwnerCache::keep(std::shared_ptr<const OwnerMemories> newer) {
  const std::lock_guard lock(mutex_);
  if (held_.contains(newer->owner)) put(std::move(newer));
}

void OwnerCache::forget(std::int64_t owner) {
  const std::lock_guard lock(mutex_);
  const auto at = held_.find(owner);
  if (at == held_.end()) return;
  bytes_ -= at->second.memories->bytes();
  held_.erase(at);
}

void OwnerCache::forget_all() {
  const std::lock_guard lock(mutex_);
  held_.clear();
  wanted_.clear();
  bytes_ = 0;
  ++forgotten_;
}

std::size_t OwnerCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

bool OwnerCache::settle(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return wanted_.empty() && !reading_; });
}

void OwnerCache::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !wanted_.empty(); });
    if (stopping_) return;
    const std::int64_t owner = *wanted_.begin();
    const std::uint64_t began = forgotten_;
    reading_ = true;
    lock.unlock();
    StoreResult<std::shared_ptr<const OwnerMemories>> read = nullptr;
    if (connection_ && !connection_->quiet()) connection_.reset();
    if (!connection_) {
      auto opened = PgConnection::open(*options_);
      if (!opened) {
        read = std::unexpected(opened.error());
      } else {
        connection_ = *std::move(opened);
      }
    }
    if (connection_) {
      const KnownOwner anew{owner, nullptr};
      auto all = refresh(*connection_, std::span(&anew, 1), dir_);
      if (all) {
        read = all->front();
      } else {
        read = std::unexpected(all.error());
      }
    }
    // What is wrong with the server is found and told by whoever searches; here it only means: not now.
    if (!read) connection_.reset();
    lock.lock();
    wanted_.erase(owner);
    reading_ = false;
    if (!read || !*read) {
      refused_[owner] = Clock::now() + kRefused;
    } else if (began == forgotten_) {
      put(*std::move(read));
    }
    changed_.notify_all();
  }
}

}  // namespace prom::postgres
