// See the header.
#include "adapters/feeds/archive/okx_checksum.h"

#include <bit>
#include <boost/crc.hpp>
#include <cstddef>

namespace prom::archive {

void OkxChecksum::clear() {
  for (auto& half : book_) half.clear();
}

void OkxChecksum::set(BookHalf side, double price, std::string price_text, std::string size_text) {
  auto& half = book_[static_cast<std::size_t>(side)];
  if (size_text.find_first_not_of("0.") == std::string::npos) {
    half.erase(price);
  } else {
    half.insert_or_assign(price, std::pair(std::move(price_text), std::move(size_text)));
  }
}

std::int32_t OkxChecksum::value() const {
  constexpr int kLevels = 25;
  std::string text;
  const auto add = [&](const std::pair<std::string, std::string>& level) {
    if (!text.empty()) text += ':';
    text.append(level.first).append(":").append(level.second);
  };
  auto bid = book_[0].rbegin();
  auto ask = book_[1].begin();
  for (int level = 0; level < kLevels; ++level) {
    if (bid != book_[0].rend()) add((bid++)->second);
    if (ask != book_[1].end()) add((ask++)->second);
  }
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  return std::bit_cast<std::int32_t>(crc.checksum());
}

}  // namespace prom::archive
