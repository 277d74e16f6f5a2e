// The hint of an error about a name that nobody knows. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace prom {

/// "did you mean 'nearest'? otherwise", or `otherwise` alone where no known name is near.
std::string suggestion_of(std::string_view word, std::span<const std::string_view> known, std::string_view otherwise);

}  // namespace prom
