// Memories in columns of one buffer: all that a score needs, a fifth of what the memories themselves take, and their bodies beside them where a store wants that. Vectors are kept as whole
// numbers of steps with how far that is off, so that a score computed from them has proven bounds. Immutable once made; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "adapters/stores/memory_index/block_buffer.h"
#include "adapters/stores/memory_index/text_vector.h"
#include "domain/memory.h"

namespace prom {

inline constexpr std::int64_t kEveryonesOwner = -1, kNobodysOwner = -2;
/// The one user who may see it, else one of the two above.
std::int64_t owner_of(const Memory& memory);

inline constexpr std::uint8_t kEveryAgent = 255;
inline constexpr std::int64_t kNeverExpires = std::numeric_limits<std::int64_t>::max();

struct MemoryRow {
  std::uint64_t id = 0;
  std::int64_t created = 0, expires = kNeverExpires;  ///< ns since 1970
  double importance = 0;                              ///< [0, 1]
  std::uint8_t kind = 0, seen_by = kEveryAgent;       ///< MemoryKind; AgentRole
  TextVector text{};
  std::vector<float> situation;  ///< unit length or empty
  std::vector<std::byte> body;   ///< whatever the store makes of the whole memory; may be empty
};
MemoryRow row_of(const Memory& memory);

class MemoryBlock {
 public:
  /// Situations longer than this are not held: they may be as alike as can be.
  static constexpr std::size_t kLongestSituation = 256;
  /// Up to so many memories with bodies have their text vectors whole beside them too: making one anew takes longer than ranking a hundred.
  static constexpr std::size_t kMostWhole = 1024;

  /// One of every id; in any order.
  static std::shared_ptr<const MemoryBlock> of(std::vector<MemoryRow> rows, const std::filesystem::path& dir);
  struct Place {
    const MemoryBlock* block = nullptr;
    std::size_t at = 0;
  };
  /// The memories at these places, ascending by id, one of every id.
  static std::shared_ptr<const MemoryBlock> merged(std::span<const Place> places, const std::filesystem::path& dir);

  std::size_t size() const { return count_; }
  std::size_t bytes() const { return buffer_->size() + sizeof(MemoryBlock); }
  bool mapped() const { return buffer_->mapped(); }

  // Columns, size() each; ids ascend.
  std::span<const std::uint64_t> ids() const { return column<std::uint64_t>(at_.ids); }
  std::span<const std::int64_t> created() const { return column<std::int64_t>(at_.created); }
  std::span<const std::int64_t> expires() const { return column<std::int64_t>(at_.expires); }
  std::span<const float> importance() const { return column<float>(at_.importance); }
  std::span<const std::uint8_t> kinds() const { return column<std::uint8_t>(at_.kinds); }
  std::span<const std::uint8_t> seen_by() const { return column<std::uint8_t>(at_.seen_by); }

  /// A vector is `step` times `steps`, wrong by a vector no longer than `wrong`.
  struct Vector {
    std::span<const std::int16_t> steps;
    float step = 0, wrong = 0;
  };
  Vector text(std::size_t at) const;
  /// Nothing where one is there and is too long to be held; then `size` is its length.
  std::optional<Vector> situation(std::size_t at, std::size_t& size) const;
  std::span<const std::byte> body(std::size_t at) const;
  /// Empty where it is not held.
  std::span<const float> whole_text(std::size_t at) const;
  std::optional<std::size_t> find(std::uint64_t id) const;

 private:
  /// Where each column begins in the buffer.
  struct Layout {
    std::size_t ids, created, expires, bodies_from, importance, text_step, text_wrong, situation_step, situation_wrong, situations_from, kinds, seen_by, texts,
        whole_texts, situations, bodies, end;
  };
  class Writer;
  struct Sizes {
    std::size_t count = 0, situations = 0, bodies = 0;
    bool whole_texts = false;
  };
  MemoryBlock(const Sizes& sizes, const std::filesystem::path& dir);
  template <class T>
  std::span<const T> column(std::size_t from) const {
    return {reinterpret_cast<const T*>(buffer_->data() + from), count_};
  }
  const std::int16_t* steps(std::size_t from) const { return reinterpret_cast<const std::int16_t*>(buffer_->data() + from); }
  template <class T>
  T* cells(std::size_t from) {
    return reinterpret_cast<T*>(buffer_->data() + from);
  }
  /// Offsets of situations and bodies: of the next one's beginning too.
  template <class T>
  std::span<const T> bounds(std::size_t from) const {
    return {reinterpret_cast<const T*>(buffer_->data() + from), count_ + 1};
  }

  std::size_t count_;
  Layout at_;
  std::unique_ptr<BlockBuffer> buffer_;
};

}  // namespace prom
