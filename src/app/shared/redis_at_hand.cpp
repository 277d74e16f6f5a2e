// See the header.
#include "app/shared/redis_at_hand.h"

#include <utility>

namespace prom {

std::string redis_place(const Config& config) { return config.text("REDIS_HOST") + ":" + std::to_string(config.integer("REDIS_PORT")); }

std::expected<std::unique_ptr<RedisShared>, CommandError> open_redis(AppContext& context) {
  PROM_TRY(const Config* config, context.config());
  RedisOptions options;
  options.host = config->text("REDIS_HOST");
  if (options.host.empty()) return nullptr;
  options.port = static_cast<std::uint16_t>(config->integer("REDIS_PORT"));
  options.password = config->secret("REDIS_PASSWORD").clone();
  options.db = static_cast<int>(config->integer("REDIS_DB"));
  auto redis = open_redis_shared(std::move(options));
  if (!redis) return std::unexpected(CommandError{ExitCode::outside_away, "redis", redis.error().detail, redis.error().hint, {}});
  return *std::move(redis);
}

}  // namespace prom
