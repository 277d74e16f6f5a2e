// Any bytes as an address and as a Location: what is taken has a sound host and no blanks, and leads nowhere less safe.
#include "io/http/url.h"

#include <cstddef>
#include <cstdint>

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prom::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto sound = [](const Url& url) {
    PROM_ASSERT(!url.host.empty() && url.port > 0 && url.target.starts_with('/'), "an address has its parts");
    PROM_ASSERT(url.target.find_first_of(" \r\n\t") == std::string::npos, "nothing that could become another header");
    PROM_ASSERT(parse_url(url.origin() + url.target).has_value(), "what was parsed parses again");
  };
  if (const auto url = parse_url(text)) sound(*url);
  const Url base{true, "example.org", 443, "/a/b?c"};
  if (const auto url = follow(base, text)) {
    sound(*url);
    PROM_ASSERT(url->tls, "never from https to http");
  }
  PROM_ASSERT(encoded(text).find_first_of(" &=#?/\r\n") == std::string::npos, "an encoded value stays a value");
  return 0;
}
