// Replies are {"result": ...} or {"error": {"code": ..., "message": ...}}; volatilities come in percent, sizes in coins, times in milliseconds.
#include "adapters/feeds/deribit/deribit.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapters/feeds/json_reply/json_reply_internal.h"
#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr JsonReplies kReplies("Deribit");

std::expected<const Json*, FeedError> result_of(const Json& document) {
  const Json* error = member_of(document, "error");
  if (error != nullptr) return kReplies.refused("with code " + format_f64(number_of(*error, "code").value_or(0)));
  const Json* result = member_of(document, "result");
  if (result == nullptr) return kReplies.malformed("the reply has no `result`");
  return result;
}

/// BTC-27DEC24-100000-C and the like: four parts, the last C or P.
bool is_option(std::string_view name) {
  const auto last = name.rfind('-');
  return last != std::string_view::npos && (name.substr(last + 1) == "C" || name.substr(last + 1) == "P") && std::ranges::count(name, '-') == 3;
}

struct Figure {
  std::string_view series;
  const char* member;
  double scale;
};
constexpr Figure kFigures[] = {{series::kOptionOpenInterest, "open_interest", 1},
                               {series::kOptionVolume, "volume", 1},
                               {series::kOptionVolatility, "mark_iv", 0.01},
                               {series::kOptionForward, "underlying_price", 1}};

std::optional<FeedError> add_trade(const Json& trade, TimeNs fetched_at, std::vector<Observation>& out) {
  const std::string name = text_of(trade, "instrument_name"), id = text_of(trade, "trade_id"), direction = text_of(trade, "direction");
  const auto amount = number_of(trade, "amount");
  const auto time = milliseconds_of(trade, "timestamp");
  if (name.empty() || id.empty() || !amount || *amount <= 0 || !time || (direction != "buy" && direction != "sell")) {
    return kReplies.malformed("a trade without instrument_name, trade_id, amount, direction and timestamp").error();
  }
  if (!is_option(name)) return std::nullopt;
  out.push_back({std::string(series::kOptionTrade), name, std::string(kReplies.provider()), id, *time, fetched_at, TrustTier::official,
                 direction == "buy" ? *amount : -*amount, ""});
  return std::nullopt;
}

}  // namespace

FeedResult parse_deribit_option_summary(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, kReplies.object(body));
  PROM_TRY(const Json* result, result_of(document));
  PROM_TRY(const Json* list, kReplies.list(*result));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const std::string name = text_of(item, "instrument_name");
    const auto time = milliseconds_of(item, "creation_timestamp");
    if (name.empty() || !time) return kReplies.malformed("a summary without instrument_name and creation_timestamp");
    if (!is_option(name)) continue;
    for (const Figure& figure : kFigures) {
      const auto value = number_of(item, figure.member);
      if (!value) continue;
      if (*value < 0) return kReplies.malformed("a summary with a negative " + std::string(figure.member));
      out.push_back(
          {std::string(figure.series), name, std::string(kReplies.provider()), "", *time, fetched_at, TrustTier::official, *value * figure.scale, ""});
    }
  }
  return out;
}

FeedResult parse_deribit_option_trades(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, kReplies.object(body));
  PROM_TRY(const Json* result, result_of(document));
  PROM_TRY(const Json* list, kReplies.list(*result, "trades"));
  std::vector<Observation> out;
  for (const Json& trade : *list) {
    const Json* legs = member_of(trade, "legs");
    if (legs == nullptr) {
      if (auto fault = add_trade(trade, fetched_at, out)) return std::unexpected(std::move(*fault));
      continue;
    }
    PROM_TRY(const Json* parts, kReplies.list(*legs));
    for (const Json& leg : *parts)
      if (auto fault = add_trade(leg, fetched_at, out)) return std::unexpected(std::move(*fault));
    if (out.size() > kMaxFeedItems) return err(FeedError{FeedFault::too_large, "Deribit: more trades than 20000 are not read at once"});
  }
  return out;
}

std::optional<TimeNs> deribit_older_trades_until(std::string_view body) {
  const auto document = kReplies.object(body);
  const Json* result = document ? member_of(*document, "result") : nullptr;
  const Json* more = result != nullptr ? member_of(*result, "has_more") : nullptr;
  const Json* trades = result != nullptr ? member_of(*result, "trades") : nullptr;
  if (more == nullptr || !more->is_boolean() || !more->get<bool>() || trades == nullptr || !trades->is_array()) return std::nullopt;
  std::optional<TimeNs> oldest;
  for (const Json& trade : *trades)
    if (const auto time = milliseconds_of(trade, "timestamp")) oldest = std::min(oldest.value_or(*time), *time);
  return oldest;
}

}  // namespace prom
