// Integer columns that share one power-of-ten scale: fixed by the instrument, or derived from the data as it arrives. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include "adapters/feeds/archive/number_text.h"

namespace prom::archive {

enum class Scale : std::uint8_t {
  fixed,    ///< digits are the instrument's
  derived,  ///< the most fraction digits seen, at most 12, fewer where large values need the room
};

class ScaledColumns {
 public:
  /// The columns must outlive this object; values already in them are rescaled as the scale moves.
  ScaledColumns(Scale scale, int digits, Cut cut, std::initializer_list<std::vector<std::int64_t>*> columns);

  /// Derived scale: moves it so that these numbers fit, rescaling what is stored. Call before `place` of the same numbers.
  void make_room(std::span<const Number> numbers);
  /// The number at the present scale. nullopt when it cannot be held there. Counts what had to be cut.
  std::optional<Scaled> place(const Number& number);
  /// A stored value became this large other than by `place` (a sum): the scale never moves beyond what it leaves room for.
  void note_stored(std::int64_t units) { largest_ = std::max(largest_, units); }
  int digits() const { return digits_; }
  /// Values that lost digits.
  std::uint64_t cut_values() const { return cut_values_; }

 private:
  void grow(int digits);
  void shrink();
  Scale scale_;
  int digits_;
  int cap_ = 12;
  Cut cut_;
  std::int64_t largest_ = 0;
  std::uint64_t cut_values_ = 0;
  std::vector<std::vector<std::int64_t>*> columns_;
};

}  // namespace prom::archive
