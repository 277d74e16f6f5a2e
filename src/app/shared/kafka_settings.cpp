// See the header.
#include "app/shared/kafka_settings.h"

namespace prom {

KafkaOptions kafka_options(const Config& config) {
  KafkaOptions out;
  out.brokers = config.text("KAFKA_BROKERS");
  if (config.text("KAFKA_SECURITY_PROTOCOL") == "ssl") out.security = KafkaOptions::Security::tls;
  out.ssl_ca = config.text("KAFKA_SSL_CA");
  return out;
}

}  // namespace prom
