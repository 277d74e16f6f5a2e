// Kafka as the settings name it. Main thread.
#pragma once

#include "adapters/streams/kafka/kafka_streams.h"
#include "app/config/config.h"

namespace prom {

/// `brokers` is empty where none is named.
KafkaOptions kafka_options(const Config& config);

}  // namespace prom
