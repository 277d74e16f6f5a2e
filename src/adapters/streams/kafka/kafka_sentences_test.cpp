// What an operator reads when Kafka cannot be used, against peers that answer as other programs do, and against librdkafka's own cluster in process.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "adapters/streams/kafka/kafka_mock_test_support.h"

namespace prom {
namespace {

using namespace std::chrono_literals;

/// Listens on loopback; says `answer` to whatever comes, or closes at once, or says nothing.
class Peer {
 public:
  enum class Manner : std::uint8_t { answers, closes, silent };
  explicit Peer(Manner manner, std::string answer = "") : manner_(manner), answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    // tidy-ok(tsan_targets): librdkafka starts its threads by thrd_create, which ThreadSanitizer does not survive
    thread_ = std::thread([this] { serve(); });
  }
  ~Peer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  std::string place() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void serve() {
    for (int client = ::accept(listener_, nullptr, nullptr); client >= 0; client = ::accept(listener_, nullptr, nullptr)) {
      char buffer[4096];
      while (manner_ != Manner::closes && ::recv(client, buffer, sizeof buffer, 0) > 0) {
        if (manner_ == Manner::answers) ::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
      }
      ::close(client);
    }
  }
  Manner manner_;
  std::string answer_;
  int listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port_ = 0;
  // tidy-ok(tsan_targets): librdkafka starts its threads by thrd_create, which ThreadSanitizer does not survive
  std::thread thread_;
};

KafkaOptions options(std::string brokers) {
  KafkaOptions out;
  out.brokers = std::move(brokers);
  out.timeout = 700ms;
  return out;
}
StoreError refused(const KafkaOptions& given) {
  const auto producer = open_kafka_producer(given, {Topic::orders_filled}, {});
  EXPECT_FALSE(producer);
  const auto consumer = open_kafka_consumer(given, {"g", {Topic::orders_filled}, 3, {}});
  EXPECT_FALSE(consumer);
  if (producer || consumer) return {};
  EXPECT_EQ(consumer.error().kind, producer.error().kind);
  return producer.error();
}

TEST(KafkaSentences, NobodyListens) {
  const StoreError error = refused(options("127.0.0.1:1"));
  EXPECT_EQ(error.kind, StoreErrorKind::away);
  EXPECT_EQ(error.retry, Retry::after);
  EXPECT_EQ(error.detail, "Kafka at 127.0.0.1:1 cannot be reached: Connection refused");
  EXPECT_EQ(error.hint, "check KAFKA_BROKERS");
}

TEST(KafkaSentences, TheHostHasNoAddress) {
  const StoreError error = refused(options("no-such-host.invalid:9092"));
  EXPECT_EQ(error.kind, StoreErrorKind::away);
  EXPECT_TRUE(error.detail.starts_with("Kafka at no-such-host.invalid:9092 cannot be reached: Failed to resolve")) << error.detail;
}

TEST(KafkaSentences, AnotherProgramAnswers) {
  for (const char* answer : {"-ERR unknown command\r\n", "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"}) {
    const Peer peer(Peer::Manner::answers, answer);
    const StoreError error = refused(options(peer.place()));
    EXPECT_EQ(error.kind, StoreErrorKind::away);
    EXPECT_EQ(error.detail, "what answers at " + peer.place() + " does not speak Kafka's protocol") << answer;
    EXPECT_EQ(error.hint, "check KAFKA_BROKERS, and KAFKA_SECURITY_PROTOCOL where it speaks TLS");
  }
}

TEST(KafkaSentences, AnotherProgramHangsUp) {
  const Peer peer(Peer::Manner::closes);
  EXPECT_EQ(refused(options(peer.place())).detail, "what answers at " + peer.place() + " does not speak Kafka's protocol");
}

TEST(KafkaSentences, NobodyAnswers) {
  const Peer peer(Peer::Manner::silent);
  const StoreError error = refused(options(peer.place()));
  EXPECT_EQ(error.kind, StoreErrorKind::away);
  EXPECT_EQ(error.detail, "Kafka at " + peer.place() + " cannot be reached: no answer within 700 ms");
}

TEST(KafkaSentences, OptionsThatCannotBe) {
  EXPECT_EQ(refused(options(" ")).detail, "no Kafka broker is named");
  KafkaOptions given = options("127.0.0.1:1");
  given.prefix = "a b";
  EXPECT_EQ(refused(given).detail, "\"a b\" cannot begin the name of a Kafka topic");
  EXPECT_EQ(refused(given).kind, StoreErrorKind::bad_argument);
}

TEST(KafkaSentences, MissingTopicsAreNamedWhereTheyMayNotBeMade) {
  kafka_test::MockCluster cluster({Topic::dead_letters});
  const auto missing = open_kafka_producer(cluster.options(), {Topic::orders_filled, Topic::dead_letters, Topic::risk_alerts}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, StoreErrorKind::not_found);
  EXPECT_EQ(missing.error().retry, Retry::never);
  EXPECT_EQ(missing.error().detail, "Kafka at " + cluster.options().brokers + " has no topics orders.filled, risk.alerts");
  EXPECT_EQ(missing.error().hint, "create it, or let Prometheus create its topics");
  const auto reader = open_kafka_consumer(cluster.options(), {"g", {Topic::orders_filled}, 3, {}});
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().detail, "Kafka at " + cluster.options().brokers + " has no topic orders.filled");
}

TEST(KafkaSentences, NoRightToPublishIsSaidAndNothingIsTaken) {
  kafka_test::MockCluster cluster;
  cluster.push_errors(kafka_test::MockCluster::kInitProducerId, {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED});
  auto producer = open_kafka_producer(cluster.options(), {Topic::orders_filled}, {});
  ASSERT_TRUE(producer) << producer.error().detail;
  kafka_test::wait_for([&] { return (*producer)->health().has_value(); });
  const StoreError error = (*producer)->health().value_or(StoreError{});
  EXPECT_EQ(error.retry, Retry::never);
  EXPECT_TRUE(error.detail.starts_with("the producer on Kafka at " + cluster.options().brokers + " has stopped for good: ")) << error.detail;
  EXPECT_NE(error.detail.find("authorization failed"), std::string::npos) << error.detail;
  EXPECT_EQ((*producer)->publish(kafka_test::event_of("a", 1)), PublishResult::closed);
}

}  // namespace
}  // namespace prom
