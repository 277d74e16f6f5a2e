// LZ4 frames, as HTTP's Content-Encoding lz4 means them. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace prom::clickhouse {

/// Replaces `out` by one frame that holds `bytes`, compressed for speed. False where the library refuses, which it has no reason to.
bool lz4_frame(std::string_view bytes, std::string& out);

}  // namespace prom::clickhouse
