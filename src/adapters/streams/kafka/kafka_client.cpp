// Handles, settings, callbacks and sentences. Any thread.
#include <algorithm>
#include <fstream>

#include "adapters/streams/kafka/kafka_internal.h"
#include "base/log.h"
#include "base/text.h"

namespace prom::kafka {
namespace {

void log_line(const rd_kafka_t*, int level, const char* facility, const char* text) {
  // syslog's numbers: 3 error, 4 warning, 5 notice, 6 info, 7 debug. No setting of ours is a secret and librdkafka does not print settings.
  const LogLevel ours = level <= 3 ? LogLevel::error : level == 4 ? LogLevel::warning : level <= 6 ? LogLevel::info : LogLevel::debug;
  log_event(ours, "kafka_client", {{"facility", facility}, {"text", text}});
}

void note_error(rd_kafka_t* client, int code, const char* reason, void* opaque) {
  Trouble& trouble = static_cast<ClientOwner*>(opaque)->trouble;
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  if (error != RD_KAFKA_RESP_ERR__FATAL) return trouble.note(error, reason);
  char text[512] = "";
  rd_kafka_fatal_error(client, text, sizeof text);
  trouble.note_fatal(text);
}

bool has(const std::string& text, std::initializer_list<const char*> words) {
  return std::ranges::any_of(words, [&](const char* word) { return text.find(word) != std::string::npos; });
}

/// "127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)" -> "Connection refused".
std::string gist(const std::string& reason) {
  std::string text = reason.substr(0, reason.find(" (after "));
  if (const std::size_t failed = text.rfind("failed: "); failed != std::string::npos) return text.substr(failed + 8);
  if (const std::size_t place = text.find(": "); place != std::string::npos) return text.substr(place + 2);
  return text;
}

}  // namespace

void Trouble::note(rd_kafka_resp_err_t code, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    down_ = true;
  } else {
    reason_ = reason;
  }
}
void Trouble::note_fatal(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (fatal_.empty()) fatal_ = reason;
}
void Trouble::over() {
  const std::lock_guard lock(mutex_);
  down_ = false;
}
std::optional<std::string> Trouble::down() const {
  const std::lock_guard lock(mutex_);
  return down_ ? std::optional(reason_) : std::nullopt;
}
std::optional<std::string> Trouble::fatal() const {
  const std::lock_guard lock(mutex_);
  return fatal_.empty() ? std::nullopt : std::optional(fatal_);
}
std::string Trouble::last_reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

StoreResult<Owned<rd_kafka_conf_t>> configure(const KafkaOptions& options, ClientOwner& owner, std::span<const Setting> settings) {
  Owned<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  const auto set = [&](const char* name, const std::string& value) -> StoreResult<void> {
    char why[256] = "";
    if (rd_kafka_conf_set(conf.get(), name, value.c_str(), why, sizeof why) == RD_KAFKA_CONF_OK) return {};
    return std::unexpected(StoreError{StoreErrorKind::bad_argument, Retry::never, "the Kafka client does not take " + std::string(name) + ": " + why, ""});
  };
  // A connection over which nothing comes back is given up after `socket.timeout.ms`; tries to connect come every 0.1 to 2 s.
  for (const auto& [name, value] :
       {Setting{"bootstrap.servers", options.brokers}, Setting{"client.id", options.client_id}, Setting{"socket.timeout.ms", "10000"},
        Setting{"socket.connection.setup.timeout.ms", "5000"}, Setting{"reconnect.backoff.ms", "100"}, Setting{"reconnect.backoff.max.ms", "2000"},
        Setting{"socket.keepalive.enable", "true"}, Setting{"allow.auto.create.topics", "false"}})
    PROM_CHECK_OK(set(name, value));
  if (options.security == KafkaOptions::Security::tls) {
    if (!options.ssl_ca.empty() && !std::ifstream(options.ssl_ca))
      return std::unexpected(StoreError{StoreErrorKind::bad_argument, Retry::never,
                                        "the certificate of Kafka's authority cannot be read from " + options.ssl_ca,
                                        "name a file in PEM form in KAFKA_SSL_CA"});
    PROM_CHECK_OK(set("security.protocol", "ssl"));
    PROM_CHECK_OK(set("ssl.endpoint.identification.algorithm", "https"));
    if (!options.ssl_ca.empty()) PROM_CHECK_OK(set("ssl.ca.location", options.ssl_ca));
  }
  for (const auto& [name, value] : settings) PROM_CHECK_OK(set(name, value));
  rd_kafka_conf_set_opaque(conf.get(), &owner);
  rd_kafka_conf_set_log_cb(conf.get(), &log_line);
  rd_kafka_conf_set_error_cb(conf.get(), &note_error);
  return conf;
}

namespace {
/// Where a client that cannot start says that the authority's file is no certificate.
StoreError cannot_start(const std::string& why) {
  if (has(why, {"ssl.ca.location"}))
    return {StoreErrorKind::bad_argument, Retry::never, "what KAFKA_SSL_CA names holds no certificate in PEM form",
            "name the file of the authority that signed the brokers'"};
  return {StoreErrorKind::bad_argument, Retry::never, "the Kafka client cannot start: " + why, "check KAFKA_BROKERS"};
}
}  // namespace

StoreResult<Owned<rd_kafka_t>> make_client(rd_kafka_type_t type, Owned<rd_kafka_conf_t> conf) {
  char why[512] = "";
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), why, sizeof why);
  if (client == nullptr) return std::unexpected(cannot_start(why));
  [[maybe_unused]] const auto* theirs = conf.release();  // it is the client's now
  return Owned<rd_kafka_t>(client);
}

std::string place_of(const KafkaOptions& options) { return "Kafka at " + options.brokers; }

std::string topic_name(const KafkaOptions& options, Topic topic) { return options.prefix + std::string(spec_of(topic).name); }

std::optional<Topic> topic_of(const KafkaOptions& options, std::string_view name) {
  if (!name.starts_with(options.prefix)) return std::nullopt;
  return parse_topic(name.substr(options.prefix.size()));
}

StoreError error_of(const KafkaOptions& options, rd_kafka_resp_err_t code, const std::string& subject) {
  const std::string place = place_of(options);
  const auto is = [&](std::initializer_list<rd_kafka_resp_err_t> codes) { return std::ranges::find(codes, code) != codes.end(); };
  if (is({RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION}))
    return {StoreErrorKind::not_found, Retry::never, place + " has no " + subject, "create it, or let Prometheus create its topics"};
  if (is({RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED}))
    return {StoreErrorKind::bad_argument, Retry::never, place + " does not give us the right to " + subject, "give it by kafka-acls"};
  if (is({RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE}))
    return {StoreErrorKind::full, Retry::never, place + " takes no event of this size in " + subject, "raise the topic's max.message.bytes to 1048588"};
  if (is({RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID}))
    return {StoreErrorKind::away, Retry::after, "the group's partitions are being shared out anew: " + subject, "poll, then commit what is still ours"};
  if (is({RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__RESOLVE,
          RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
          RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
          RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
          RD_KAFKA_RESP_ERR__MSG_TIMED_OUT}))
    return {StoreErrorKind::away, Retry::after, place + " did not answer in time: " + subject + " (" + rd_kafka_err2str(code) + ")", ""};
  return {StoreErrorKind::io, Retry::never, place + " refuses " + subject + ": " + rd_kafka_err2str(code), ""};
}

StoreError unreachable(const KafkaOptions& options, const std::string& reason) {
  const std::string place = place_of(options);
  if (has(reason, {"certificate verify failed", "hostname mismatch"}))
    return {StoreErrorKind::away, Retry::after,
            "the certificate of " + place + " is not signed by an authority of " + (options.ssl_ca.empty() ? "the system" : options.ssl_ca) +
                ", or is for another name",
            "check KAFKA_SSL_CA, and that KAFKA_BROKERS uses the name in the certificate"};
  // A broker without TLS takes our greeting for a request of absurd size and closes.
  if (options.security == KafkaOptions::Security::tls && has(reason, {"unexpected eof", "wrong version number", "PLAINTEXT"}))
    return {StoreErrorKind::away, Retry::after, place + " does not speak TLS, and KAFKA_SECURITY_PROTOCOL=ssl asks for it",
            "set KAFKA_SECURITY_PROTOCOL=plaintext, or name its port for TLS in KAFKA_BROKERS"};
  const std::string why = reason.empty() ? "no answer within " + std::to_string(options.timeout.count()) + " ms" : gist(reason);
  return {StoreErrorKind::away, Retry::after, place + " cannot be reached: " + why, "check KAFKA_BROKERS"};
}

StoreError no_first_contact(const KafkaOptions& options, const std::string& reason) {
  // What another program answers reads as a length; what one that does not answer does, as a broker from before 2014.
  if (has(reason, {"Invalid response size", "receive.message.max.bytes", "ApiVersion", "ApiVersionRequest", "Bad message", "protocol", "unknown CorrId"}))
    return {StoreErrorKind::away, Retry::never, "what answers at " + options.brokers + " does not speak Kafka's protocol",
            "check KAFKA_BROKERS, and KAFKA_SECURITY_PROTOCOL where it speaks TLS"};
  return unreachable(options, reason);
}

StoreResult<void> check_options(const KafkaOptions& options) {
  const auto wrong = [](std::string what, std::string hint) {
    return std::unexpected(StoreError{StoreErrorKind::bad_argument, Retry::never, std::move(what), std::move(hint)});
  };
  if (trim(options.brokers).empty()) return wrong("no Kafka broker is named", "set KAFKA_BROKERS to host:port,host:port");
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
  if (options.prefix.size() > 200 || !std::ranges::all_of(options.prefix, allowed))
    return wrong("\"" + options.prefix + "\" cannot begin the name of a Kafka topic", "use up to 200 letters, digits, '.', '_' and '-'");
  if (options.queue_events == 0 || options.queue_kib == 0) return wrong("a producer's queue needs room", "");
  return {};
}

}  // namespace prom::kafka
