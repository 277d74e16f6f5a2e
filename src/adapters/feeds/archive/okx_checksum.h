// The checksum that OKX sends with its order books: CRC-32 over the 25 best levels of each side in the venue's own digits. One thread each object; pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "domain/tape.h"

namespace prom::archive {

/// A book that keeps prices and sizes as they were written. Source: OKX API v5 documentation, "WebSocket / Order book channel / Checksum": bid and ask levels taken by
/// turns, "price:size" each, the best first, joined by ':'; where a side has fewer than 25 levels the other goes on alone. The number is signed.
class OkxChecksum {
 public:
  void clear();
  /// Size "0" (or any spelling of 0) takes the level away.
  void set(BookHalf side, double price, std::string price_text, std::string size_text);
  std::int32_t value() const;

 private:
  std::array<std::map<double, std::pair<std::string, std::string>>, 2> book_;  ///< bids, asks
};

}  // namespace prom::archive
