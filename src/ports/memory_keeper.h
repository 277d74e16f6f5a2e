// Where a desk's memories are kept while it runs: what was noted becomes searchable. One thread.
#pragma once

#include "domain/memory.h"
#include "ports/views.h"

namespace prom {

class MemoryKeeper {
 public:
  virtual ~MemoryKeeper() = default;
  virtual void add(const Memory& memory) = 0;
  /// Valid until the next add().
  virtual const MemoryView& view() const = 0;
};

}  // namespace prom
