// Redis as the settings name it. Main thread.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "adapters/stores/redis/redis_shared.h"
#include "app/cli/command.h"

namespace prom {

/// Null where REDIS_HOST is not set. Exit code 4 and one sentence where it cannot be used.
std::expected<std::unique_ptr<RedisShared>, CommandError> open_redis(AppContext& context);
/// "host:port".
std::string redis_place(const Config& config);

}  // namespace prom
