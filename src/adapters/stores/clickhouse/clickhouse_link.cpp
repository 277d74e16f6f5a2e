// See the header. Settings and parameters go into the address; the password goes into a header and nowhere else.
#include "adapters/stores/clickhouse/clickhouse_link.h"

#include <charconv>

#include "adapters/stores/clickhouse/lz4_frame.h"
#include "base/assert.h"

namespace prom::clickhouse {
namespace {

constexpr int kOldestMajor = 24;
constexpr int kOldestMinor = 1;
constexpr std::size_t kMostOfText = 300;                          // of the server's own words in a sentence of ours
constexpr std::size_t kWorthCompressing = std::size_t{16} << 10;  // bytes; fewer go in a few packets either way
constexpr std::size_t kMostAnswer = std::size_t{512} << 20;

std::string escaped(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

/// A parameter's value is read as TabSeparated does: what would end it is escaped.
std::string as_field(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '\t' || c == '\n') out.push_back('\\');
    out.push_back(c == '\t' ? 't' : c == '\n' ? 'n' : c);
  }
  return out;
}

std::string shortened(const std::string& text) {
  std::string out = text.substr(0, text.find('\n'));
  return out.size() > kMostOfText ? out.substr(0, kMostOfText) + "…" : out;
}

/// From the header, or where an old server sends none from "Code: N" in the text; 0 where neither is there.
int code_of(const http::Response& response) {
  int code = 0;
  if (const auto header = response.header("X-ClickHouse-Exception-Code")) {
    std::from_chars(header->data(), header->data() + header->size(), code);
  } else if (response.body.starts_with("Code: ")) {
    std::from_chars(response.body.data() + 6, response.body.data() + response.body.size(), code);
  }
  return code;
}

http::Endpoint endpoint_of(const ClickHouseOptions& options) {
  return {options.host, options.port, options.transport == ClickHouseTransport::https ? http::Scheme::tls : http::Scheme::plain, options.ca_file};
}

StoreError error_of(const ClickHouseOptions& options, const http::HttpError& error) {
  constexpr const char* kCheck = "check CLICKHOUSE_HOST and CLICKHOUSE_PORT (the HTTP interface, usually 8123), and that the server is up";
  switch (error.kind) {
    case http::ErrorKind::bad_request:
      return {StoreErrorKind::bad_argument, Retry::never, error.detail, "check CLICKHOUSE_USER, CLICKHOUSE_PASSWORD and CLICKHOUSE_DB"};
    case http::ErrorKind::resolve:
    case http::ErrorKind::connect: return {StoreErrorKind::away, Retry::after, place_of(options) + " cannot be reached: " + error.detail, kCheck};
    case http::ErrorKind::tls: return {StoreErrorKind::away, error.retry, place_of(options) + ": " + error.detail, kCheck};
    case http::ErrorKind::malformed:
      return {StoreErrorKind::away, error.retry, "what answers at " + place_of(options) + " is not ClickHouse: " + error.detail, kCheck};
    case http::ErrorKind::timeout:
    case http::ErrorKind::broken: return {StoreErrorKind::away, error.retry, place_of(options) + ": " + error.detail, ""};
    case http::ErrorKind::too_large: return {StoreErrorKind::io, error.retry, place_of(options) + ": " + error.detail, "ask for a shorter range"};
  }
  PROM_UNREACHABLE();
}

StoreResult<void> check_version(const ClickHouseOptions& options, const std::string& answer) {
  const std::string version = answer.substr(0, answer.find_first_of("\r\n"));
  int major = 0;
  int minor = 0;
  const char* end = version.data() + version.size();
  const auto first = std::from_chars(version.data(), end, major);
  if (first.ec == std::errc() && first.ptr != end) std::from_chars(first.ptr + 1, end, minor);
  if (first.ec != std::errc())
    return err(StoreError{StoreErrorKind::away, Retry::never, "what answers at " + place_of(options) + " is not ClickHouse",
                          "check CLICKHOUSE_HOST and CLICKHOUSE_PORT"});
  if (major > kOldestMajor || (major == kOldestMajor && minor >= kOldestMinor)) return {};
  return err(StoreError{
      StoreErrorKind::version, Retry::never,
      place_of(options) + " is version " + version + "; " + std::to_string(kOldestMajor) + "." + std::to_string(kOldestMinor) + " or newer is needed",
      "name a newer server in CLICKHOUSE_HOST and CLICKHOUSE_PORT"});
}

}  // namespace

std::string place_of(const ClickHouseOptions& options) { return "ClickHouse at " + options.host + ":" + std::to_string(options.port); }

StoreError error_of(const ClickHouseOptions& options, int code, const std::string& text) {
  const std::string place = place_of(options);
  const std::string said = shortened(text);
  // The disk that fills up in the middle of a statement has no code of its own.
  if (text.contains("No space left on device")) return {StoreErrorKind::full, Retry::after, place + " has no space left on its disk", "free some"};
  switch (code) {
    case 192:
    case 193:
    case 194:
    case 516:
      return {StoreErrorKind::bad_argument, Retry::never, place + " refuses user " + options.user + " or the password",
              "check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD"};
    case 164:
    case 497:
      return {StoreErrorKind::bad_argument, Retry::never, place + " does not let user " + options.user + " do this: " + said,
              "GRANT SELECT, INSERT, CREATE TABLE, CREATE VIEW ON " + options.db + ".* TO " + options.user};
    case 81:
      return {StoreErrorKind::bad_argument, Retry::never, place + " has no database " + options.db,
              "CREATE DATABASE " + options.db + ", or check CLICKHOUSE_DB"};
    case 241:
      return {StoreErrorKind::full, Retry::after, place + " has no memory left for the statement: " + said, "raise max_memory_usage, or send less at once"};
    case 243: return {StoreErrorKind::full, Retry::after, place + " has no space left on its disk", "free some"};
    case 202:
    case 242:
    case 252:
    case 319:
    case 999: return {StoreErrorKind::away, Retry::after, place + " cannot serve now: " + said, ""};
    case 159:
    case 209:
    case 210: return {StoreErrorKind::away, Retry::in_doubt, place + " gave up: " + said, ""};
    case 6:
    case 26:
    case 27:
    case 32:
    case 33:
    case 41:
    case 53:
    case 69:
    case 70:
    case 117:
    case 131:
    case 321: return {StoreErrorKind::conflict, Retry::never, place + " refuses the rows: " + said, ""};
    default: return {StoreErrorKind::io, Retry::never, place + " refuses the statement: " + said, ""};
  }
}

Link::Link(ClickHouseOptions options)
    : options_(std::move(options)), client_(endpoint_of(options_), {.connect = options_.connect, .exchange = options_.statement, .response = kMostAnswer}) {}

StoreResult<Link> Link::open(ClickHouseOptions options) {
  Link link(std::move(options));
  // Without a database and settings: an old server is to say its version, not to stumble over what it does not know.
  auto version = link.post("/?query=" + escaped("SELECT version()"), "");
  if (!version) {
    if (version.error().retry == Retry::in_doubt) version.error().retry = Retry::after;  // nothing was asked that changes anything
    return err(std::move(version).error());
  }
  PROM_CHECK_OK(check_version(link.options_, *version));
  PROM_CHECK_OK(link.run("SELECT 1"));
  return link;
}

StoreResult<std::string> Link::post(const std::string& target, std::string_view body, std::string_view encoding) {
  http::Request request{"POST", target, {{"X-ClickHouse-Key", std::string(options_.password.expose())}, {"X-ClickHouse-User", options_.user}}, body};
  if (!encoding.empty()) request.headers.push_back({"Content-Encoding", std::string(encoding)});
  auto response = client_.exchange(request);
  wipe(request.headers.front().value);
  if (!response) return err(error_of(options_, response.error()));
  if (response->status == 200) return std::move(response->body);
  const int code = code_of(*response);
  if (code == 0)
    return err(StoreError{StoreErrorKind::away, Retry::in_doubt,
                          "what answers at " + place_of(options_) + " is not ClickHouse, or stands before it: status " + std::to_string(response->status),
                          "check CLICKHOUSE_HOST and CLICKHOUSE_PORT (the HTTP interface, usually 8123)"});
  return err(error_of(options_, code, response->body));
}

std::string Link::target_of(std::string_view query, const Named& parameters, const Named& settings) const {
  // wait_end_of_query: a failure in the middle of the answer becomes a status instead of a broken body.
  std::string out = "/?wait_end_of_query=1&database=" + escaped(options_.db);
  if (!query.empty()) out += "&query=" + escaped(query);
  for (const auto& [name, value] : parameters) out += "&param_" + name + "=" + escaped(as_field(value));
  for (const auto& [name, value] : settings) out += "&" + name + "=" + escaped(value);
  return out;
}

StoreResult<std::string> Link::run(std::string_view sql, const Named& parameters, const Named& settings) {
  return post(target_of("", parameters, settings), sql);
}

StoreResult<void> Link::insert(std::string_view table, std::string_view columns, std::string_view rows, std::string_view token, const Named& settings) {
  Named all = settings;
  if (!token.empty()) {
    all.emplace_back("insert_deduplicate", "1");
    all.emplace_back("insert_deduplication_token", token);
  }
  std::string query = "INSERT INTO ";
  query.append(table).append(" (").append(columns).append(") FORMAT RowBinary");
  const bool compressed = options_.compression == ClickHouseCompression::lz4 && rows.size() >= kWorthCompressing && lz4_frame(rows, compressed_);
  PROM_CHECK_OK(post(target_of(query, {}, all), compressed ? std::string_view(compressed_) : rows, compressed ? "lz4" : ""));
  return {};
}

}  // namespace prom::clickhouse
