// What parsers of outside feeds share: their error, their bounds, and the cleaning of foreign text. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/observations.h"

namespace prom {

enum class FeedFault : std::uint8_t {
  too_large,  ///< more than kMaxFeedBytes, or more items than kMaxFeedItems
  malformed,  ///< not the format that the provider documents
  refused     ///< well-formed, and the provider says that it will not answer
};
struct FeedError {
  FeedFault fault = FeedFault::malformed;
  std::string detail;  ///< one sentence; never holds the payload
};
using FeedResult = std::expected<std::vector<Observation>, FeedError>;

inline constexpr std::size_t kMaxFeedBytes = 8U << 20U;
inline constexpr std::size_t kMaxFeedItems = 20'000;
inline constexpr std::size_t kMaxFeedName = 256;  ///< bytes of a name or id out of a payload

/// Foreign text fit to be kept and shown: control characters become blanks, runs of blanks one; characters that show nothing (zero widths, directions, tags) are
/// left out, so that what a model reads is what a person sees; cut at a whole character within `most` bytes.
/// Takes UTF-8; what the text says is not looked at.
std::string clean_text(std::string_view text, std::size_t most = kMaxObservationText);

/// Seconds since 1970 as an instant; nothing outside 2009..2200, in which no feed of ours can speak.
std::optional<TimeNs> time_of_seconds(double seconds);
/// "2024-07-01", as midnight UTC of an existing day in 1900..2200.
std::optional<TimeNs> time_of_date(std::string_view date);

}  // namespace prom
