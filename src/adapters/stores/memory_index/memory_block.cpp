// See the header. A vector of length 1 whose components are kept to the nearest of 2,047 steps is off by half a thousandth; how far exactly is computed and kept.
#include "adapters/stores/memory_index/memory_block.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "adapters/stores/memory_index/memory_score.h"
#include "adapters/stores/memory_index/step_dot.h"
#include "base/assert.h"

namespace prom {
namespace {

constexpr double kSteps = kMostSteps;
constexpr float kNotHeld = std::numeric_limits<float>::infinity();

struct Stepped {
  float step = 0, wrong = 0;
};

/// Writes the nearest whole numbers of steps.
Stepped put_steps(std::span<const float> values, std::int16_t* out) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  const auto step = static_cast<float>(static_cast<double>(largest) / kSteps);
  double square = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = static_cast<double>(values[i]);
    const double steps = step > 0 ? std::clamp(std::nearbyint(value / static_cast<double>(step)), -kSteps, kSteps) : 0.0;
    out[i] = static_cast<std::int16_t>(steps);
    const double off = value - steps * static_cast<double>(step);
    square += off * off;
  }
  return {step, static_cast<float>(std::sqrt(square) * 1.000001)};
}

std::size_t held_size(std::span<const float> situation) { return situation.size() > MemoryBlock::kLongestSituation ? 0 : situation.size(); }

std::size_t aligned(std::size_t at) { return (at + 63) / 64 * 64; }

}  // namespace

std::int64_t owner_of(const Memory& memory) {
  if (memory.scope == MemoryScope::collective) return kEveryonesOwner;
  if (memory.user) return static_cast<std::int64_t>(memory.user->v);
  return memory.scope == MemoryScope::agent ? kEveryonesOwner : kNobodysOwner;
}

MemoryRow row_of(const Memory& memory) {
  MemoryRow row;
  row.id = memory.id;
  row.created = memory.created_at.ns;
  if (memory.expires_at) row.expires = memory.expires_at->ns;
  row.importance = memory.importance > 0 ? std::min(memory.importance, 1.0) : 0.0;  // NaN is worth nothing
  row.kind = static_cast<std::uint8_t>(memory.kind);
  if (memory.scope != MemoryScope::collective && memory.agent) row.seen_by = static_cast<std::uint8_t>(*memory.agent);
  row.text = text_vector(memory.text);
  row.situation = unit_vector(memory.situation).value_or(std::vector<float>());
  return row;
}

MemoryBlock::MemoryBlock(const Sizes& sizes, const std::filesystem::path& dir) : count_(sizes.count), at_{} {
  PROM_ASSERT(sizes.situations <= std::numeric_limits<std::uint32_t>::max(), "too many situations in one block of memories");
  std::size_t next = 0;
  const auto take = [&next](std::size_t items, std::size_t size) {
    const std::size_t from = next;
    next = aligned(next + items * size);
    return from;
  };
  const std::size_t count = sizes.count;
  at_.ids = take(count, 8);
  at_.created = take(count, 8);
  at_.expires = take(count, 8);
  at_.bodies_from = sizes.bodies > 0 ? take(count + 1, 8) : 0;
  for (std::size_t* const column : {&at_.importance, &at_.text_step, &at_.text_wrong, &at_.situation_step, &at_.situation_wrong}) *column = take(count, 4);
  at_.situations_from = take(count + 1, 4);
  at_.kinds = take(count, 1);
  at_.seen_by = take(count, 1);
  at_.texts = take(count, kTextDimensions * sizeof(std::int16_t));
  at_.whole_texts = take(sizes.whole_texts ? count : 0, kTextDimensions * sizeof(float));
  at_.situations = take(sizes.situations, sizeof(std::int16_t));
  at_.bodies = take(sizes.bodies, 1);
  at_.end = next;
  buffer_ = BlockBuffer::make(std::max<std::size_t>(next, 64), dir);
}

/// Fills a block, memory after memory.
class MemoryBlock::Writer {
 public:
  explicit Writer(MemoryBlock& into) : into_(into), at_(into.at_), with_bodies_(at_.end > at_.bodies) {}

  void put(const MemoryRow& row) {
    common(row.id, row.created, row.expires, static_cast<float>(row.importance), row.kind, row.seen_by);
    const Stepped text = put_steps(row.text, into_.cells<std::int16_t>(at_.texts) + next_ * kTextDimensions);
    Stepped situation;
    const std::size_t size = held_size(row.situation);
    if (size < row.situation.size()) {
      situation = {static_cast<float>(row.situation.size()), kNotHeld};
    } else {
      situation = put_steps(row.situation, into_.cells<std::int16_t>(at_.situations) + situations_);
    }
    end(text, situation, size, row.body, row.text);
  }
  void put(const Place& place) {
    const MemoryBlock& from = *place.block;
    const std::size_t at = place.at;
    common(from.ids()[at], from.created()[at], from.expires()[at], from.importance()[at], from.kinds()[at], from.seen_by()[at]);
    const Vector text = from.text(at);
    std::memcpy(into_.cells<std::int16_t>(at_.texts) + next_ * kTextDimensions, text.steps.data(), text.steps.size_bytes());
    const auto bounds = from.bounds<std::uint32_t>(from.at_.situations_from);
    const std::size_t size = bounds[at + 1] - bounds[at];
    if (size > 0)
      std::memcpy(into_.cells<std::int16_t>(at_.situations) + situations_, from.steps(from.at_.situations) + bounds[at], size * sizeof(std::int16_t));
    end({text.step, text.wrong}, {from.column<float>(from.at_.situation_step)[at], from.column<float>(from.at_.situation_wrong)[at]}, size, from.body(at),
        from.whole_text(at));
  }

 private:
  void common(std::uint64_t id, std::int64_t created, std::int64_t expires, float importance, std::uint8_t kind, std::uint8_t seen_by) {
    PROM_ASSERT(next_ < into_.count_ && (next_ == 0 || into_.ids()[next_ - 1] < id), "memories of a block ascend by id");
    into_.cells<std::uint64_t>(at_.ids)[next_] = id;
    into_.cells<std::int64_t>(at_.created)[next_] = created;
    into_.cells<std::int64_t>(at_.expires)[next_] = expires;
    into_.cells<float>(at_.importance)[next_] = importance;
    into_.cells<std::uint8_t>(at_.kinds)[next_] = kind;
    into_.cells<std::uint8_t>(at_.seen_by)[next_] = seen_by;
  }
  void end(Stepped text, Stepped situation, std::size_t situation_size, std::span<const std::byte> body, std::span<const float> whole) {
    if (at_.situations > at_.whole_texts) std::memcpy(into_.cells<float>(at_.whole_texts) + next_ * kTextDimensions, whole.data(), whole.size_bytes());
    into_.cells<float>(at_.text_step)[next_] = text.step;
    into_.cells<float>(at_.text_wrong)[next_] = text.wrong;
    into_.cells<float>(at_.situation_step)[next_] = situation.step;
    into_.cells<float>(at_.situation_wrong)[next_] = situation.wrong;
    situations_ += situation_size;
    if (!body.empty()) std::memcpy(into_.buffer_->data() + at_.bodies + bodies_, body.data(), body.size());
    bodies_ += body.size();
    ++next_;
    into_.cells<std::uint32_t>(at_.situations_from)[next_] = static_cast<std::uint32_t>(situations_);
    if (with_bodies_) into_.cells<std::uint64_t>(at_.bodies_from)[next_] = bodies_;
  }

  MemoryBlock& into_;
  const Layout& at_;
  bool with_bodies_;
  std::size_t next_ = 0, situations_ = 0, bodies_ = 0;
};

std::shared_ptr<const MemoryBlock> MemoryBlock::of(std::vector<MemoryRow> rows, const std::filesystem::path& dir) {
  std::ranges::sort(rows, {}, &MemoryRow::id);
  Sizes sizes{.count = rows.size()};
  for (const MemoryRow& row : rows) {
    sizes.situations += held_size(row.situation);
    sizes.bodies += row.body.size();
  }
  sizes.whole_texts = sizes.bodies > 0 && sizes.count <= kMostWhole;
  const std::shared_ptr<MemoryBlock> block(new MemoryBlock(sizes, dir));
  Writer writer(*block);
  for (const MemoryRow& row : rows) writer.put(row);
  return block;
}

std::shared_ptr<const MemoryBlock> MemoryBlock::merged(std::span<const Place> places, const std::filesystem::path& dir) {
  Sizes sizes{.count = places.size(), .whole_texts = places.size() <= kMostWhole};
  for (const Place& place : places) {
    const auto bounds = place.block->bounds<std::uint32_t>(place.block->at_.situations_from);
    sizes.situations += bounds[place.at + 1] - bounds[place.at];
    sizes.bodies += place.block->body(place.at).size();
    sizes.whole_texts = sizes.whole_texts && !place.block->whole_text(place.at).empty();
  }
  const std::shared_ptr<MemoryBlock> block(new MemoryBlock(sizes, dir));
  Writer writer(*block);
  for (const Place& place : places) writer.put(place);
  return block;
}

MemoryBlock::Vector MemoryBlock::text(std::size_t at) const {
  return {{steps(at_.texts) + at * kTextDimensions, kTextDimensions}, column<float>(at_.text_step)[at], column<float>(at_.text_wrong)[at]};
}

std::optional<MemoryBlock::Vector> MemoryBlock::situation(std::size_t at, std::size_t& size) const {
  const float step = column<float>(at_.situation_step)[at], wrong = column<float>(at_.situation_wrong)[at];
  if (wrong == kNotHeld) {
    size = static_cast<std::size_t>(step);
    return std::nullopt;
  }
  const auto from = bounds<std::uint32_t>(at_.situations_from);
  size = from[at + 1] - from[at];
  return Vector{{steps(at_.situations) + from[at], size}, step, wrong};
}

std::span<const std::byte> MemoryBlock::body(std::size_t at) const {
  if (at_.end == at_.bodies) return {};
  const auto from = bounds<std::uint64_t>(at_.bodies_from);
  return {buffer_->data() + at_.bodies + from[at], from[at + 1] - from[at]};
}

std::span<const float> MemoryBlock::whole_text(std::size_t at) const {
  if (at_.situations == at_.whole_texts) return {};
  return {reinterpret_cast<const float*>(buffer_->data() + at_.whole_texts) + at * kTextDimensions, kTextDimensions};
}

std::optional<std::size_t> MemoryBlock::find(std::uint64_t id) const {
  const auto all = ids();
  const auto at = std::ranges::lower_bound(all, id);
  if (at == all.end() || *at != id) return std::nullopt;
  return static_cast<std::size_t>(at - all.begin());
}

}  // namespace prom
