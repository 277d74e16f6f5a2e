// See the header. Each memory is copied about once for every doubling of the pile.
#include "adapters/stores/memory_index/memory_pile.h"

#include <algorithm>
#include <map>
#include <utility>

namespace prom {
namespace {

// Smaller blocks are merged whatever they are: a search begins anew with each.
constexpr std::size_t kSmall = 64;

}  // namespace

std::optional<MemoryPile::Found> MemoryPile::place_of(std::uint64_t id) const {
  for (std::size_t part = parts_.size(); part-- > 0;) {
    const auto at = parts_[part].block->find(id);
    if (at && !std::ranges::binary_search(parts_[part].dead, id)) return Found{part, *at};
  }
  return std::nullopt;
}

void MemoryPile::bury(std::uint64_t id) {
  const auto found = place_of(id);
  if (!found) return;
  auto& dead = parts_[found->part].dead;
  dead.insert(std::ranges::lower_bound(dead, id), id);
}

MemoryPile MemoryPile::with(std::vector<MemoryRow> rows, const std::filesystem::path& dir) const {
  MemoryPile out = *this;
  if (rows.empty()) return out;
  std::map<std::uint64_t, MemoryRow> newest;
  for (MemoryRow& row : rows) newest.insert_or_assign(row.id, std::move(row));
  std::vector<MemoryRow> last;
  for (auto& [id, row] : newest) last.push_back(std::move(row));
  for (const MemoryRow& row : last) out.bury(row.id);
  out.parts_.push_back({MemoryBlock::of(std::move(last), dir), {}});
  out.settle(dir);
  return out;
}

MemoryPile MemoryPile::without(std::uint64_t id) const {
  MemoryPile out = *this;
  out.bury(id);
  std::erase_if(out.parts_, [](const Part& part) { return part.alive() == 0; });
  return out;
}

void MemoryPile::settle(const std::filesystem::path& dir) {
  std::erase_if(parts_, [](const Part& part) { return part.alive() == 0; });
  for (std::size_t part = parts_.size(); part-- > 0;) {
    const bool last = part + 1 == parts_.size();
    const std::size_t above = last ? 0 : parts_[part + 1].alive();
    const bool small = !last && (parts_[part].alive() < kSmall || parts_[part].alive() < 2 * above);
    if (small || parts_[part].dead.size() > kSmall + parts_[part].block->size() / 8) merge(part, dir);
  }
}

void MemoryPile::merge(std::size_t from, const std::filesystem::path& dir) {
  std::vector<MemoryBlock::Place> places;
  for (std::size_t part = from; part < parts_.size(); ++part) {
    const MemoryBlock& block = *parts_[part].block;
    for (std::size_t at = 0; at < block.size(); ++at) {
      if (!std::ranges::binary_search(parts_[part].dead, block.ids()[at])) places.push_back({&block, at});
    }
  }
  std::ranges::sort(places, {}, [](const MemoryBlock::Place& place) { return place.block->ids()[place.at]; });
  auto merged = MemoryBlock::merged(places, dir);
  parts_.resize(from);
  parts_.push_back({std::move(merged), {}});
}

std::optional<MemoryPile::Kept> MemoryPile::find(std::uint64_t id) const {
  const auto found = place_of(id);
  if (!found) return std::nullopt;
  const MemoryBlock& block = *parts_[found->part].block;
  return Kept{block.body(found->at), block.whole_text(found->at)};
}

void MemoryPile::rank(const MemoryRanker& ranker, std::vector<ScoreRange>& out) const {
  for (const Part& part : parts_) ranker.rank(*part.block, part.dead, out);
}

std::size_t MemoryPile::size() const {
  std::size_t out = 0;
  for (const Part& part : parts_) out += part.alive();
  return out;
}

std::size_t MemoryPile::bytes() const {
  std::size_t out = 0;
  for (const Part& part : parts_) out += part.block->bytes() + part.dead.size() * sizeof(std::uint64_t);
  return out;
}

std::size_t MemoryPile::mapped_bytes() const {
  std::size_t out = 0;
  for (const Part& part : parts_) out += part.block->mapped() ? part.block->bytes() : 0;
  return out;
}

}  // namespace prom
