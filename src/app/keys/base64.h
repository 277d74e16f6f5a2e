// Base64 (RFC 4648, with padding), strict: no blanks, no other alphabet, no bits that are not used. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace prom {

std::string base64_encode(std::string_view bytes);
/// nullopt when the text is not exactly what base64_encode writes.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace prom
