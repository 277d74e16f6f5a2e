// The contract on the real Apache Kafka.
#include "adapters/streams/kafka/kafka_server_test_support.h"
#include "ports/event_stream_contract.h"

namespace prom {
namespace {

class KafkaHarness final : public event_stream_contract::Harness {
 public:
  std::string why_not() const override { return kafka_test::there() ? "" : kafka_test::servers().why_not("kafka"); }
  std::unique_ptr<StreamProducer> producer(OnDelivery told) override { return ground_.producer(std::move(told)); }
  StoreResult<std::unique_ptr<StreamConsumer>> consumer(ConsumerOptions options) override { return open_kafka_consumer(ground_.given, std::move(options)); }

 private:
  kafka_test::Ground ground_;
};

using event_stream_contract::EventStreamContract;
INSTANTIATE_TEST_SUITE_P(Kafka, EventStreamContract, testing::Values([] { return std::make_unique<KafkaHarness>(); }));

}  // namespace
}  // namespace prom
