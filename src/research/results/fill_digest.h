// The digest of a run: SHA-256 over its fills, one line each, so that anyone can recompute it from the export. One thread.
#pragma once

#include <string>
#include <vector>

#include "base/sha256.h"
#include "domain/fill.h"
#include "domain/instrument.h"

namespace prom {

/// "time_ns,venue,instrument,side,price,quantity,fee_asset,fee" without the newline.
std::string fill_line(const Fill& fill, const Instrument& instrument, const std::string& fee_asset);

class FillDigest {
 public:
  void add(const Fill& fill, const Instrument& instrument, const std::string& fee_asset);
  /// Lower-case hex over all lines so far, each ending in a newline. Call once, at the end.
  std::string hex();

 private:
  Sha256 sha_;
  std::string waiting_;  ///< lines not hashed yet: a hash function likes blocks
};

}  // namespace prom
