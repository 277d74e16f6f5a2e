// Reading of recorded instrument lists. One thread.
#include "recorded_rules.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

namespace prom::test {
namespace {

using Json = nlohmann::json;

// What a list says of one instrument, as text.
struct Row {
  std::string symbol, tick, step, min, max, contract_value, min_notional;
  Payoff payoff = Payoff::spot;
};

std::string text_of(const Json& row, const char* key) { return row.contains(key) && row[key].is_string() ? row[key].get<std::string>() : std::string(); }

Row binance(const Json& row) {
  Row out;
  out.symbol = text_of(row, "symbol");
  out.payoff = row.contains("contractType") ? Payoff::linear : Payoff::spot;
  for (const Json& filter : row.value("filters", Json::array())) {
    const std::string type = text_of(filter, "filterType");
    if (type == "PRICE_FILTER") out.tick = text_of(filter, "tickSize");
    if (type == "LOT_SIZE") {
      out.step = text_of(filter, "stepSize");
      out.min = text_of(filter, "minQty");
      out.max = text_of(filter, "maxQty");
    }
    if (type == "MIN_NOTIONAL" || type == "NOTIONAL") out.min_notional = text_of(filter, filter.contains("notional") ? "notional" : "minNotional");
  }
  return out;
}

Row bybit(const Json& row) {
  Row out;
  out.symbol = text_of(row, "symbol");
  const Json price = row.value("priceFilter", Json::object());
  const Json lot = row.value("lotSizeFilter", Json::object());
  out.tick = text_of(price, "tickSize");
  out.step = text_of(lot, lot.contains("qtyStep") ? "qtyStep" : "basePrecision");
  out.min = text_of(lot, "minOrderQty");
  out.max = text_of(lot, "maxOrderQty");
  const std::string type = text_of(row, "contractType");
  out.payoff = type.starts_with("Inverse") ? Payoff::inverse : lot.contains("basePrecision") ? Payoff::spot : Payoff::linear;
  if (out.payoff == Payoff::inverse) out.contract_value = "1";  // one contract is 1 USD
  return out;
}

Row okx(const Json& row) {
  Row out;
  out.symbol = text_of(row, "instId");
  out.tick = text_of(row, "tickSz");
  out.step = text_of(row, "lotSz");
  out.min = text_of(row, "minSz");
  out.max = text_of(row, "maxLmtSz");
  out.contract_value = text_of(row, "ctVal");
  const std::string type = text_of(row, "ctType");
  out.payoff = type == "inverse" ? Payoff::inverse : type == "linear" || !out.contract_value.empty() ? Payoff::linear : Payoff::spot;
  return out;
}

// Digits after the point that a multiple of `value` can have.
int digits_of(std::string text) {
  const std::size_t point = text.find('.');
  if (point == std::string::npos) return 0;
  while (text.back() == '0') text.pop_back();
  return static_cast<int>(text.size() - point - 1);
}

std::optional<std::int64_t> units(const std::string& text, int digits, Round round) {
  const auto value = Decimal::parse(text);
  if (!value) return std::nullopt;
  const auto found = value->to_units(digits, round);
  return found ? std::optional(*found) : std::nullopt;
}

std::optional<std::string> fill(const Row& row, Instrument& out) {
  if (row.tick.empty() || row.step.empty()) return "it has no price or lot filter";
  const int price_digits = digits_of(row.tick), quantity_digits = digits_of(row.step);
  if (price_digits > Decimal::kDigits || quantity_digits > Decimal::kDigits) return "its grid is finer than 1e-12";
  const auto tick = units(row.tick, price_digits, Round::down), step = units(row.step, quantity_digits, Round::down);
  if (!tick || !step || *tick <= 0 || *step <= 0) return "its grid is no positive number";
  out.symbol = out.venue_symbol = row.symbol;
  out.payoff = row.payoff;
  out.price_digits = static_cast<std::uint8_t>(price_digits);
  out.quantity_digits = static_cast<std::uint8_t>(quantity_digits);
  out.tick = {*tick};
  out.step = {*step};
  const auto on_step = [&](std::int64_t value, std::int64_t up) { return (value + up) / *step * *step; };
  out.min_quantity = {std::max(on_step(units(row.min, quantity_digits, Round::up).value_or(*step), *step - 1), *step)};
  out.max_quantity = {on_step(units(row.max, quantity_digits, Round::down).value_or(0), 0)};
  if (out.max_quantity < out.min_quantity) out.max_quantity = {};
  out.contract_value = kDecimalOne;
  if (!row.contract_value.empty()) {
    out.quantity_kind = QuantityKind::contracts;
    if (const auto value = Decimal::parse(row.contract_value)) out.contract_value = *value;
  }
  if (const auto least = Decimal::parse(row.min_notional)) out.min_notional = *least;
  return std::nullopt;
}

using Reader = Row (*)(const Json&);

// Every array in the document whose members `key` names: lists stand at different depths in replies and in recordings of them.
void collect(const Json& node, const char* key, std::vector<const Json*>& out) {
  if (node.is_array()) {
    for (const Json& member : node) {
      if (member.is_object() && member.contains(key) && member[key].is_string()) {
        out.push_back(&member);
      } else {
        collect(member, key, out);
      }
    }
  } else if (node.is_object()) {
    for (const Json& member : node) collect(member, key, out);
  }
}

void read_file(const std::filesystem::path& path, const char* key, Reader reader, RecordedRules& out) {
  std::ifstream in(path);
  if (!in) return;
  const Json document = Json::parse(in, nullptr, false);
  std::vector<const Json*> rows;
  collect(document, key, rows);
  for (const Json* json : rows) {
    const Row row = reader(*json);
    RecordedRule rule{path.filename().string(), row.symbol, row.tick, row.step, {}};
    if (const auto why = fill(row, rule.instrument)) {
      out.left_out.push_back(rule.origin + " " + row.symbol + ": " + *why);
    } else {
      out.rules.push_back(std::move(rule));
    }
  }
}

}  // namespace

RecordedRules read_recorded_rules(const std::filesystem::path& folder) {
  RecordedRules out;
  const auto nautilus = folder / "nautilus_trader/crates/adapters";
  const auto replies = folder / "nautilus_trader/tests/integration_tests/adapters/binance/resources/http_responses";
  for (const auto& path : {replies / "http_futures_market_exchange_info.json", replies / "http_spot_market_exchange_info.json",
                           nautilus / "binance/test_data/spot/http_json/exchange_info_response.json"}) {
    read_file(path, "symbol", binance, out);
  }
  const auto market = folder / "hirokisan-bybit/integrationtest/v5/market/testdata";
  for (const char* kind : {"inverse", "option", "spot"})
    read_file(market / (std::string("v5-market-get-instruments-info-") + kind + ".json"), "symbol", bybit, out);
  for (const char* kind : {"inverse", "linear", "spot", "option"})
    read_file(nautilus / ("bybit/test_data/http_get_instruments_" + std::string(kind) + ".json"), "symbol", bybit, out);
  for (const char* kind : {"swap", "futures", "spot", "margin", "option"})
    read_file(nautilus / ("okx/test_data/http_get_instruments_" + std::string(kind) + ".json"), "instId", okx, out);
  return out;
}

}  // namespace prom::test
