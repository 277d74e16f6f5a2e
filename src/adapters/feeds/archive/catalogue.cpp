// instruments.toml to instruments, with every figure checked against the scales that the engine will use.
#include "adapters/feeds/archive/catalogue.h"

#include "adapters/feeds/archive/toml_reader_internal.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "base/time.h"

namespace prom {
namespace {

using archive::TomlReader;

constexpr std::string_view kCode = "bad_instruments";
constexpr std::array<std::string_view, 8> kQuotes{"USDT", "USDC", "FDUSD", "BUSD", "USD", "EUR", "BTC", "ETH"};

AssetIx asset_of(InstrumentCatalogue& catalogue, const std::string& name) {
  const auto found = std::ranges::find(catalogue.assets, name);
  const auto index = static_cast<std::uint16_t>(found - catalogue.assets.begin());
  if (found == catalogue.assets.end()) catalogue.assets.push_back(name);
  return AssetIx{index};
}

// A decimal of the file as a whole number of units at `digits`; anything finer is a mistake of the file.
std::int64_t units(TomlReader& reader, const char* key, int digits) {
  const Decimal value = reader.decimal(key);
  if (reader.error()) return 0;
  const auto out = value.to_units(digits, Round::down);
  if (!out || *out <= 0 || Decimal::from_units(*out, digits) != value) {
    reader.fail(*reader.table().get(key), std::string(key) + " = " + value.to_string() + " must be positive and a multiple of 1e-" + std::to_string(digits));
    return 0;
  }
  return *out;
}

Decimal in_range(TomlReader& reader, const char* key, Decimal least, Decimal most) {
  const Decimal value = reader.decimal(key);
  if (!reader.error() && (value < least || value > most)) {
    reader.fail(*reader.table().get(key), std::string(key) + " = " + value.to_string() + " must lie between " + least.to_string() + " and " + most.to_string());
  }
  return value;
}

std::optional<Error> read_tiers(TomlReader& reader, std::string_view origin, Instrument& out) {
  const toml::array* list = reader.array("tiers");
  if (list == nullptr) return reader.error();
  for (const toml::node& node : *list) {
    if (node.as_table() == nullptr) {
      reader.fail(node, "a tier must be {cap, leverage, maintenance}");
      return reader.error();
    }
    TomlReader tier(*node.as_table(), std::string(origin), "tier", std::string(kCode));
    LeverageTier row;
    row.notional_cap = in_range(tier, "cap", Decimal::from_int(1), Decimal::from_int(1'000'000'000'000));
    row.max_leverage = in_range(tier, "leverage", kDecimalOne, Decimal::from_int(200));
    row.maintenance_rate = in_range(tier, "maintenance", kDecimalEpsilon, kDecimalOne);
    tier.refuse_unknown();
    if (!tier.error() && !out.tiers.empty() && row.notional_cap <= out.tiers.back().notional_cap) tier.fail(node, "caps must ascend");
    if (tier.error()) return tier.error();
    out.tiers.push_back(row);
  }
  if (out.tiers.empty()) reader.fail(*list, "tiers must not be empty");
  return reader.error();
}

void read_contract(TomlReader& reader, Instrument& out) {
  const std::string kind = reader.text_or("quantity_kind", "base");
  if (kind != "base" && kind != "contracts") reader.fail(*reader.table().get("quantity_kind"), "quantity_kind must be base or contracts");
  out.quantity_kind = kind == "contracts" ? QuantityKind::contracts : QuantityKind::base;
  out.contract_value = kDecimalOne;
  if (out.quantity_kind == QuantityKind::contracts) {
    out.contract_value = in_range(reader, "contract_value", kDecimalEpsilon, Decimal::from_int(1'000'000));
  }
}

std::expected<Instrument, Error> read_instrument(const toml::table& table, std::string_view origin, InstrumentCatalogue& catalogue) {
  const auto name = table["code"].value<std::string>();
  TomlReader reader(table, std::string(origin), name ? "instrument " + *name : "instrument", std::string(kCode));
  Instrument out;
  const std::string code = reader.text("code");
  const auto parsed = parse_instrument_code(code);
  if (!reader.error() && !parsed) reader.fail(*table.get("code"), parsed.error());
  if (reader.error()) return err(*reader.error());
  out.ix = InstrumentIx{static_cast<std::uint16_t>(catalogue.instruments.size())};
  out.venue = parsed->venue;
  out.payoff = parsed->payoff;
  out.symbol = parsed->symbol;
  out.venue_symbol = reader.text_or("venue_symbol", out.symbol);
  out.price_digits = static_cast<std::uint8_t>(reader.integer("price_digits", 0, Decimal::kDigits));
  out.quantity_digits = static_cast<std::uint8_t>(reader.integer("quantity_digits", 0, Decimal::kDigits));
  out.tick.v = units(reader, "tick", out.price_digits);
  out.step.v = units(reader, "step", out.quantity_digits);
  out.min_quantity.v = units(reader, "min_quantity", out.quantity_digits);
  out.max_quantity.v = units(reader, "max_quantity", out.quantity_digits);
  out.min_notional = in_range(reader, "min_notional", kDecimalZero, Decimal::from_int(1'000'000));
  read_contract(reader, out);
  const Decimal fee_limit = Decimal::from_units(5, 2);
  out.fees.maker = in_range(reader, "fee_maker", -fee_limit, fee_limit);
  out.fees.taker = in_range(reader, "fee_taker", -fee_limit, fee_limit);
  const std::string provenance = reader.text("provenance");
  if (!reader.error() && provenance != "assumed" && provenance != "venue") reader.fail(*table.get("provenance"), "provenance must be assumed or venue");
  out.provenance = provenance == "venue" ? Provenance::venue : Provenance::assumed;
  out.group = static_cast<std::uint16_t>(reader.integer_or("group", 0, 65'535, 0));
  const std::string base = reader.text("base");
  const std::string quote = reader.text("quote");
  const std::string settle = out.payoff == Payoff::spot ? quote : reader.text("settle");
  (void)reader.text_or("note", "");
  if (out.payoff != Payoff::spot) {
    const auto interval = parse_interval(reader.text("funding_interval"));
    if (!reader.error() && !interval) reader.fail(*table.get("funding_interval"), "funding_interval must be a time such as 8h");
    out.funding_interval = interval ? *interval : DurationNs{};
    out.assumed_funding_rate = in_range(reader, "assumed_funding_rate", Decimal::from_units(-5, 2), Decimal::from_units(5, 2));
    if (auto error = read_tiers(reader, origin, out)) return err(std::move(*error));
  }
  if (!reader.error() && out.min_quantity > out.max_quantity) reader.fail(table, "min_quantity is above max_quantity");
  reader.refuse_unknown();
  if (reader.error()) return err(*reader.error());
  out.base = asset_of(catalogue, base);
  out.quote = asset_of(catalogue, quote);
  out.settle = asset_of(catalogue, settle);
  return out;
}

/// What nobody stated is assumed at the dearest of the catalogue's rows, never at zero: a run must not look better because its market is unknown.
void charge_assumed_costs(Instrument& row) {
  using namespace literals;
  if (row.payoff == Payoff::spot) {
    row.fees = {"0.001"_dec, "0.001"_dec};
    return;
  }
  row.fees = {"0.0002"_dec, "0.00055"_dec};
  row.funding_interval = kHour * 8;
  row.assumed_funding_rate = "0.0001"_dec;
  row.tiers = {{Decimal::from_int(1'000'000), Decimal::from_int(20), "0.025"_dec}, {Decimal::from_int(1'000'000'000), Decimal::from_int(2), "0.25"_dec}};
}

/// "SOL-USDT-SWAP", "BTCUSDT_240628", "BTC-USDT-240628", "BTCUSDT-PERP": the pair without what says which contract on it this is.
std::string without_contract_suffix(std::string_view symbol) {
  const std::size_t at = symbol.find_last_of("-_");
  if (at == std::string_view::npos || at == 0) return std::string(symbol);
  const std::string_view last = symbol.substr(at + 1);
  const bool dated = last.size() == 6 && std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
  return std::string(dated || last == "SWAP" || last == "PERP" ? symbol.substr(0, at) : symbol);
}

}  // namespace

const Instrument* InstrumentCatalogue::find(std::string_view code) const {
  const auto parsed = parse_instrument_code(code);
  if (!parsed) return nullptr;
  const auto found = std::ranges::find_if(
      instruments, [&](const Instrument& row) { return row.venue == parsed->venue && row.payoff == parsed->payoff && row.symbol == parsed->symbol; });
  return found == instruments.end() ? nullptr : &*found;
}

std::vector<std::string> InstrumentCatalogue::codes() const {
  std::vector<std::string> out;
  for (const Instrument& row : instruments) out.push_back(instrument_code(row));
  return out;
}

std::expected<InstrumentCatalogue, Error> parse_instruments(std::string_view text, std::string_view origin) {
  const std::string file(origin);
  PROM_TRY(const toml::table table, archive::parse_toml(text, file, kCode));
  InstrumentCatalogue out;
  TomlReader top(table, file, "catalogue", std::string(kCode));
  const toml::array* list = top.array("instrument");
  top.refuse_unknown();
  if (top.error()) return err(*top.error());
  for (const toml::node& node : *list) {
    if (node.as_table() == nullptr) {
      top.fail(node, "an instrument must be a table [[instrument]]");
      return err(*top.error());
    }
    PROM_TRY(Instrument row, read_instrument(*node.as_table(), origin, out));
    if (out.find(instrument_code(row)) != nullptr) {
      top.fail(node, "instrument " + instrument_code(row) + " is listed twice");
      return err(*top.error());
    }
    out.instruments.push_back(std::move(row));
  }
  return out;
}

std::expected<InstrumentCatalogue, Error> load_instruments(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return err(Error{"file_open", "cannot open the instrument catalogue " + path, "it belongs to the program's assets"});
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return parse_instruments(text, path);
}

std::expected<UnknownInstrument, Error> instrument_from_data(std::string_view code, int price_digits, int quantity_digits) {
  const auto parsed = parse_instrument_code(code);
  if (!parsed) return err(Error{"bad_instrument_code", parsed.error(), ""});
  UnknownInstrument out;
  Instrument& row = out.instrument;
  row.venue = parsed->venue;
  row.payoff = parsed->payoff;
  row.symbol = parsed->symbol;
  row.venue_symbol = parsed->symbol;
  row.price_digits = static_cast<std::uint8_t>(price_digits);
  row.quantity_digits = static_cast<std::uint8_t>(quantity_digits);
  row.max_quantity.v = 1'000'000'000'000'000'000;
  row.contract_value = kDecimalOne;
  charge_assumed_costs(row);
  const std::string pair = without_contract_suffix(row.symbol);
  out.base = pair;
  for (const std::string_view quote : kQuotes) {
    if (pair.size() > quote.size() && pair.ends_with(quote)) {
      out.quote = std::string(quote);
      out.base = pair.substr(0, pair.size() - quote.size());
      while (out.base.ends_with('-') || out.base.ends_with('_')) out.base.pop_back();
      break;
    }
  }
  if (out.quote.empty()) out.quote = "USD";
  row.base = AssetIx{0};
  row.quote = AssetIx{1};
  row.settle = row.payoff == Payoff::inverse ? row.base : row.quote;
  return out;
}

}  // namespace prom
