// The parts of an http or https address. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace prom::http {

struct Url {
  bool tls = true;   ///< https
  std::string host;  ///< name or IPv4 address, lower case
  std::uint16_t port = 443;
  std::string target = "/";  ///< path and query, as written
  /// "https://host:port" without what may hold a key; the port where it is not the scheme's own.
  std::string origin() const;
};
/// Nothing where the text is no address that a client may ask: another scheme, user or password in it, blanks or control characters, a host that is no name.
std::optional<Url> parse_url(std::string_view text);
/// What a Location header names, seen from `base`; nothing where it leads nowhere or from https to http.
std::optional<Url> follow(const Url& base, std::string_view location);
/// For a value in a query: everything but letters, digits and -._~ as %XX.
std::string encoded(std::string_view text);

}  // namespace prom::http
