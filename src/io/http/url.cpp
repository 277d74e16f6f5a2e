// Only what feeds and databases need: no user information, no IPv6 literals.
#include "io/http/url.h"

#include <algorithm>

#include "base/text.h"

namespace prom::http {

namespace {

bool is_host(std::string_view host) {
  const auto part = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'; };
  return !host.empty() && host.size() <= 253 && host.front() != '.' && host.front() != '-' && std::ranges::all_of(host, part);
}

}  // namespace

std::string Url::origin() const {
  const bool usual = port == (tls ? 443 : 80);
  return std::string(tls ? "https://" : "http://") + host + (usual ? "" : ":" + std::to_string(port));
}

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  if (text.size() > 8'192 || std::ranges::any_of(text, [](char c) { return c <= ' ' || c == 0x7f; })) return std::nullopt;
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
    url.tls = false;
    url.port = 80;
  } else {
    return std::nullopt;
  }
  const auto end = std::min({text.find('/'), text.find('?'), text.find('#'), text.size()});
  std::string_view authority = text.substr(0, end);
  std::string_view rest = text.substr(end);
  rest = rest.substr(0, rest.find('#'));
  if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
    const auto port = parse_i64(authority.substr(colon + 1));
    if (!port || *port < 1 || *port > 65'535) return std::nullopt;
    url.port = static_cast<std::uint16_t>(*port);
    authority = authority.substr(0, colon);
  }
  url.host = to_lower(authority);
  if (!is_host(url.host)) return std::nullopt;
  url.target = rest.empty() ? "/" : rest.front() == '?' ? "/" + std::string(rest) : std::string(rest);
  return url;
}

std::optional<Url> follow(const Url& base, std::string_view location) {
  if (location.find("://") != std::string_view::npos) {
    auto url = parse_url(location);
    if (url && base.tls && !url->tls) return std::nullopt;
    return url;
  }
  if (location.starts_with("//")) return parse_url((base.tls ? "https:" : "http:") + std::string(location));
  if (location.starts_with("/")) return parse_url(base.origin() + std::string(location));
  // Beside the present path.
  const std::string path = base.target.substr(0, base.target.find('?'));
  return parse_url(base.origin() + path.substr(0, path.rfind('/') + 1) + std::string(location));
}

std::string encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4U];
    out += kHex[byte & 15U];
  }
  return out;
}

}  // namespace prom::http
