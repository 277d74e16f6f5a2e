// Debian's liblz4, its frame interface: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md.
#include "adapters/stores/clickhouse/lz4_frame.h"

#include <lz4frame.h>

namespace prom::clickhouse {

bool lz4_frame(std::string_view bytes, std::string& out) {
  LZ4F_preferences_t wanted = LZ4F_INIT_PREFERENCES;
  wanted.frameInfo.blockSizeID = LZ4F_max256KB;  // a block and its table stay in a core's cache
  wanted.frameInfo.blockMode = LZ4F_blockIndependent;
  wanted.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;  // what arrives spoilt is refused as a whole
  wanted.frameInfo.contentSize = bytes.size();
  std::size_t made = 0;
  out.resize_and_overwrite(LZ4F_compressFrameBound(bytes.size(), &wanted), [&](char* to, std::size_t room) {
    made = LZ4F_compressFrame(to, room, bytes.data(), bytes.size(), &wanted);
    return LZ4F_isError(made) != 0 ? 0 : made;
  });
  return LZ4F_isError(made) == 0;
}

}  // namespace prom::clickhouse
