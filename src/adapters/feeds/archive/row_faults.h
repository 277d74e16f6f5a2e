// The wrong rows of a file. A person who mends one wants to know of the others, so that reading goes on behind a wrong row, for a while. Plain; one thread.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/feeds/archive/bar_builder.h"

namespace prom::archive {

class RowFaults {
 public:
  /// Keeps what is wrong with a row and lets the reading go on; hands it back where enough are kept.
  Parsed<void> keep(Parsed<void> row) {
    if (row || kept_.size() + 1 >= most_) return row;
    kept_.push_back(std::move(row).error());
    return {};
  }
  /// From now on the first wrong row ends the reading.
  void keep_none() { most_ = 0; }
  bool none() const { return kept_.empty(); }
  /// The first of those kept with the others, and with what ended the reading behind them. Something was kept, or `last` is given.
  ImportError told(std::optional<ImportError> last) {
    if (last) kept_.push_back(*std::move(last));
    ImportError first = std::move(kept_.front());
    first.more.assign(std::move_iterator(kept_.begin() + 1), std::move_iterator(kept_.end()));
    return first;
  }

 private:
  std::vector<ImportError> kept_;
  std::size_t most_ = kMostWrongRows;
};

}  // namespace prom::archive
