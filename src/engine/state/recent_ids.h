// Which venue trades were applied, per instrument: exact for the newest 65,536 ids, and everything at or below the watermark counts as applied. Engine thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/fields.h"

namespace prom {

/// A sorted window over ids that mostly rise. Venues number trades upwards, so inserting is a push_back and asking is a binary search.
class RecentIds {
 public:
  static constexpr std::size_t kKept = 65'536;

  bool contains(std::uint64_t id) const {
    if (id <= watermark_) return true;
    if (ids_.empty() || id > ids_.back()) return false;
    return std::binary_search(ids_.begin(), ids_.end(), id);
  }
  void insert(std::uint64_t id) {
    if (ids_.empty() || id > ids_.back()) {
      ids_.push_back(id);
    } else {
      const auto at = std::lower_bound(ids_.begin(), ids_.end(), id);
      if (at != ids_.end() && *at == id) return;
      ids_.insert(at, id);
    }
    if (ids_.size() >= 2 * kKept) {  // pruned in blocks so that the cost per insert stays constant
      watermark_ = ids_[kKept - 1];
      ids_.erase(ids_.begin(), ids_.begin() + kKept);
    }
  }

  template <class Self, class Visitor>
  static constexpr void visit_fields(Self& self, Visitor&& visitor) {
    visitor("watermark", self.watermark_);
    visitor("ids", self.ids_);
  }

 private:
  std::uint64_t watermark_ = 0;
  std::vector<std::uint64_t> ids_;
};

}  // namespace prom
