// What parsers of JSON replies share: reading within bounds, members that may be absent, numbers that may be written as text. Pure; any thread.
#pragma once

#include <cstddef>
#include <expected>
#include <nlohmann/json_fwd.hpp>  // tidy-ok(heavy_headers): names alone, for parsers that include the rest
#include <optional>
#include <string>
#include <string_view>

#include "ports/feed.h"

namespace prom {

/// A member of an object; null where there is none or `object` is no object.
const nlohmann::json* member_of(const nlohmann::json& object, const char* key);
/// A finite number, written as a number or as text.
std::optional<double> number_of(const nlohmann::json& value);
std::optional<double> number_of(const nlohmann::json& object, const char* key);
/// A text member, cleaned; empty where there is none.
std::string text_of(const nlohmann::json& object, const char* key, std::size_t most = kMaxFeedName);
/// Seconds or milliseconds since 1970 in a member.
std::optional<TimeNs> seconds_of(const nlohmann::json& object, const char* key);
std::optional<TimeNs> milliseconds_of(const nlohmann::json& object, const char* key);

/// Reads the replies of one provider, whose name begins every error.
class JsonReplies {
 public:
  constexpr explicit JsonReplies(std::string_view provider) : provider_(provider) {}

  constexpr std::string_view provider() const { return provider_; }
  std::unexpected<FeedError> malformed(std::string_view detail) const;
  std::unexpected<FeedError> refused(std::string_view detail) const;
  /// The document, whatever it is; at most kMaxFeedBytes.
  std::expected<nlohmann::json, FeedError> any(std::string_view body) const;
  std::expected<nlohmann::json, FeedError> object(std::string_view body) const;
  /// A list of at most kMaxFeedItems: the value itself, or a member.
  std::expected<const nlohmann::json*, FeedError> list(const nlohmann::json& value) const;
  std::expected<const nlohmann::json*, FeedError> list(const nlohmann::json& object, const char* key) const;

 private:
  std::string_view provider_;
};

}  // namespace prom
