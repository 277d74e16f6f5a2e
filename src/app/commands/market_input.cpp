// Files by the archive reader, the store by its port, the bundle by its manifest.
#include "app/commands/market_input.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>

#include "adapters/feeds/archive/bundle.h"
#include "adapters/feeds/archive/fit_instrument.h"
#include "adapters/feeds/archive/import.h"
#include "app/market/market_at_hand.h"
#include "base/text.h"
#include "ports/column_market_view.h"
#include "tools/market_access.h"

namespace prom {
namespace {

CommandError no_data(const std::string& code, const std::vector<std::string>& known) {
  return {ExitCode::input_data,
          "no_data",
          "there are no bars of " + code + " in the market store or the bundled data",
          "there are: " + join(known, ", ") + "; more by promtrade data import",
          {}};
}

CommandError store_error(const StoreError& error) {
  const bool away = error.retry != Retry::never || error.kind == StoreErrorKind::away;
  return {away ? ExitCode::outside_away : ExitCode::input_data, "market_store", error.detail, error.hint, {}};
}

/// A venue's own name without a catalogue's help: OKX's swaps, and symbols with separators.
std::string plain_symbol(std::string_view name) {
  std::string out;
  for (const char c : to_upper(name)) {
    if (c != '-' && c != '_' && c != '/') out += c;
  }
  return out;
}

/// Null where no series of the instrument is stored.
std::expected<const SeriesInfo*, CommandError> chosen(const std::vector<SeriesInfo>& all, const std::string& code, const SeriesWish& wish) {
  std::vector<const SeriesInfo*> own;
  for (const SeriesInfo& info : all)
    if (info.key.instrument == code) own.push_back(&info);
  if (own.empty()) return nullptr;
  std::ranges::sort(own, {}, [](const SeriesInfo* info) { return info->key.interval; });
  if (!wish.timeframe) return own.front();
  const auto fit = std::ranges::find_if(own, [&](const SeriesInfo* info) { return can_be_made(*wish.timeframe, info->key.interval); });
  if (fit != own.end()) return *fit;
  if (wish.otherwise == SeriesWish::Otherwise::finest) return own.front();
  std::vector<std::string> intervals;
  for (const SeriesInfo* info : own) intervals.push_back(format_interval(info->key.interval));
  return std::unexpected(
      CommandError{ExitCode::usage,
                   "bad_timeframe",
                   "bars of " + format_interval(*wish.timeframe) + " cannot be made of what the market store has of " + code + ": " + join(intervals, ", "),
                   "ask for one of these or a multiple of it among 1m 5m 15m 1h 4h 1d, or import finer bars",
                   {}});
}

/// Bars of an instrument with the filters that the catalogue has for it. Without a row, or where its scales cannot hold the values, it has the data's scales, no
/// filters and two assets of its own: base and quote.
std::expected<MarketInput, CommandError> input_of(const std::string& code, const Instrument* known, BarColumns bars) {
  MarketInput out;
  if (known != nullptr) {
    out.instrument = fit_scales(*known, bars);
    out.bars = bars;
    if (to_scales_of(out.instrument, out.bars)) return out;
  }
  auto made = instrument_from_data(code, bars.price_digits, bars.quantity_digits);
  if (!made) return std::unexpected(command_error(ExitCode::usage, made.error()));
  out.instrument = made->instrument;
  out.assets = {made->base, made->quote};
  out.bars = std::move(bars);
  out.bars.make_floats();
  return out;
}

std::expected<MarketInput, CommandError> from_store(AppContext& context, const std::string& code, const Instrument* known, const SeriesWish& wish,
                                                    std::vector<std::string>& codes) {
  PROM_TRY(const auto store, stored_market(context));
  if (store == nullptr) return std::unexpected(no_data(code, {}));
  const auto series = store->series();
  if (!series) return std::unexpected(store_error(series.error()));
  for (const SeriesInfo& info : *series) codes.push_back(info.key.instrument);
  PROM_TRY(const SeriesInfo* taken, chosen(*series, code, wish));
  if (taken == nullptr) return std::unexpected(no_data(code, {}));
  auto bars = store->bars(taken->key, TimeNs{std::numeric_limits<std::int64_t>::min()}, TimeNs{std::numeric_limits<std::int64_t>::max()},
                          std::numeric_limits<std::int64_t>::max());
  if (!bars) return std::unexpected(store_error(bars.error()));
  PROM_TRY(MarketInput out, input_of(code, known, std::move(*bars)));
  out.source = "market store " + code + " " + format_interval(taken->key.interval);
  auto funding = store->funding(code, TimeNs{std::numeric_limits<std::int64_t>::min()}, TimeNs{std::numeric_limits<std::int64_t>::max()});
  if (!funding) return std::unexpected(store_error(funding.error()));
  out.funding = std::move(*funding);
  return out;
}

}  // namespace

bool can_be_made(DurationNs timeframe, DurationNs base) {
  const auto served = view_intervals();
  return timeframe == base || (std::ranges::find(served, timeframe) != served.end() && timeframe.ns % base.ns == 0);
}

std::expected<InstrumentCatalogue, CommandError> load_catalogue(const AppContext& context) {
  auto catalogue = load_instruments(context.asset("instruments.toml"));
  if (!catalogue) return std::unexpected(command_error(ExitCode::usage, catalogue.error()));
  return std::move(*catalogue);
}

std::expected<std::string, CommandError> instrument_code_of(const InstrumentChoice& choice, const InstrumentCatalogue& catalogue) {
  const auto bad = [&](const std::string& text, const std::string& why) {
    return std::unexpected(CommandError{
        ExitCode::usage, "bad_instrument", "'" + text + "' is no instrument: " + why, "write VENUE:MARKET:SYMBOL, such as binance:spot:BTCUSDT", {}});
  };
  std::string code = choice.name;
  if (choice.name.find(':') == std::string::npos) {
    const std::string venue = choice.venue.empty() ? "binance" : to_lower(choice.venue);
    std::string market = to_lower(choice.market);
    std::string symbol = plain_symbol(choice.name);
    if (symbol.ends_with("SWAP")) {
      symbol.resize(symbol.size() - 4);
      if (market.empty()) market = "linear";
    }
    if (market.empty()) {
      // What the catalogue has of this venue and name; spot where there are several.
      for (const Instrument& row : catalogue.instruments) {
        const bool named = row.symbol == symbol || row.venue_symbol == choice.name;
        if (named && venue_name(row.venue) == venue && (market.empty() || row.payoff == Payoff::spot)) market = std::string(market_name(row.payoff));
      }
    }
    code = venue + ":" + (market.empty() ? "spot" : market) + ":" + symbol;
  }
  const auto parsed = parse_instrument_code(code);
  if (!parsed) return bad(code, parsed.error());
  if (!choice.venue.empty() && venue_name(parsed->venue) != to_lower(choice.venue)) return bad(code, "it is not of --venue " + choice.venue);
  return std::string(venue_name(parsed->venue)) + ":" + std::string(market_name(parsed->payoff)) + ":" + parsed->symbol;
}

namespace {

/// Prices keep at most twelve decimals. The last digits of a number that was written from floating point are no loss; most digits of a tiny price are.
std::string note_of(std::uint64_t cut_prices, const BarColumns& bars) {
  constexpr std::int64_t kEnough = 1'000'000'000;
  if (cut_prices == 0 || bars.empty()) return {};
  const std::int64_t smallest = std::ranges::min(bars.low);
  if (smallest >= kEnough) return {};
  return std::to_string(cut_prices) + " prices of the file were rounded to " + std::to_string(bars.price_digits) + " decimals, which leaves the smallest " +
         std::to_string(std::to_string(smallest).size()) + " digits";
}

}  // namespace

std::expected<MarketInput, CommandError> market_from_file(const FileInput& file, const InstrumentCatalogue& catalogue) {
  ImportRequest request{file.path, {}};
  auto read = read_bars(request, {});
  if (!read && read.error().fault == ImportFault::bad_interval && file.interval) {
    request.options.interval = file.interval;  // a single bar does not tell how long it is
    read = read_bars(request, {});
  }
  if (!read) return std::unexpected(CommandError{ExitCode::input_data, "bad_data", describe(read.error()), read.error().hint, {}});
  const std::string note = note_of(read->cut_prices, read->bars);
  PROM_TRY(MarketInput out, input_of(file.instrument_code, catalogue.find(file.instrument_code), std::move(read->bars)));
  if (out.assets.empty()) out.assets = catalogue.assets;
  out.source = std::filesystem::path(file.path).filename().string() + " " + format_interval(out.bars.interval);
  out.note = note;
  return out;
}

namespace {

/// Only bars that open in [from, to).
void keep_window(BarColumns& bars, TimeNs from, TimeNs to) {
  const std::size_t first = bars.lower_bound(from), end = std::max(first, bars.lower_bound(to));
  for (auto* column : {&bars.open_time_ns, &bars.open, &bars.high, &bars.low, &bars.close, &bars.volume, &bars.taker_buy_volume}) {
    if (column->empty()) continue;
    column->resize(end);
    column->erase(column->begin(), column->begin() + static_cast<std::ptrdiff_t>(first));
  }
  bars.make_floats();
}

/// The stored series, or the bundled set, that holds `code`.
std::expected<std::vector<MarketInput>, CommandError> with_its_set(AppContext& context, const std::string& code, const InstrumentCatalogue& catalogue,
                                                                   const SeriesWish& wish, std::vector<std::string>& codes) {
  const Instrument* known = catalogue.find(code);
  auto stored = from_store(context, code, known, wish, codes);
  if (stored) {
    if (stored->assets.empty()) stored->assets = catalogue.assets;
    std::vector<MarketInput> out;
    out.push_back(std::move(*stored));
    return out;
  }
  if (stored.error().code != "no_data") return std::unexpected(stored.error());
  const std::string manifest_path = context.asset("data/MANIFEST.toml");
  auto manifest = load_manifest(manifest_path);
  if (!manifest) return std::unexpected(command_error(ExitCode::input_data, manifest.error()));
  std::vector<std::string> all = codes;
  for (const BundleFile& file : manifest->files) {
    if (file.kind != BundleKind::bars) continue;
    all.push_back(file.instrument);
    if (file.instrument != code || known == nullptr) continue;
    auto bundle = load_bundle(manifest_path, catalogue, file.set);
    if (!bundle) return std::unexpected(command_error(ExitCode::input_data, bundle.error()));
    const BundleSet* set = manifest->find_set(file.set);
    std::vector<MarketInput> out;
    for (BundleBars& bars : bundle->bars) {
      const Instrument* row = catalogue.find(bars.instrument);
      if (row == nullptr) continue;
      if (set != nullptr && set->from < set->to) keep_window(bars.bars, set->from, set->to);
      MarketInput input{*row, catalogue.assets, std::move(bars.bars), {}};
      input.source = "bundled " + bars.instrument + " " + format_interval(input.bars.interval);
      for (const BundleFunding& funding : bundle->funding) {
        if (funding.instrument != bars.instrument) continue;
        for (const FundingEntry& entry : funding.rows) input.funding.push_back({entry.time, entry.rate});
      }
      out.insert(bars.instrument == code ? out.begin() : out.end(), std::move(input));
    }
    return out;
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return std::unexpected(no_data(code, all));
}

bool is_gold(std::string_view code) { return is_gold_token(code.substr(code.rfind(':') + 1)); }

}  // namespace

std::expected<MarketInput, CommandError> bare_market(const std::string& code, const InstrumentCatalogue& catalogue) {
  MarketInput bare;
  bare.assets = catalogue.assets;
  bare.bars.interval = kMinute;
  bare.source = "no bars of " + code;
  if (const Instrument* known = catalogue.find(code)) {
    bare.instrument = *known;
    return bare;
  }
  auto made = instrument_from_data(code, 8, 8);
  if (!made) return std::unexpected(command_error(ExitCode::usage, made.error()));
  bare.instrument = made->instrument;
  bare.assets = {made->base, made->quote};
  return bare;
}

std::expected<std::vector<MarketInput>, CommandError> market_at_hand(AppContext& context, const std::string& code, const SeriesWish& wish) {
  PROM_TRY(const InstrumentCatalogue catalogue, load_catalogue(context));
  std::vector<std::string> stored, ignored;
  PROM_TRY(std::vector<MarketInput> out, with_its_set(context, code, catalogue, wish, stored));
  std::ranges::sort(stored);
  stored.erase(std::unique(stored.begin(), stored.end()), stored.end());
  for (const std::string& other : stored) {
    const auto has = [&](const MarketInput& input) { return instrument_code(input.instrument) == other; };
    if (!is_gold(other) || std::ranges::any_of(out, has)) continue;
    PROM_TRY(MarketInput gold, from_store(context, other, catalogue.find(other), {}, ignored));
    out.push_back(std::move(gold));
  }
  return out;
}

std::expected<std::vector<std::string>, CommandError> markets_kept(AppContext& context) {
  std::vector<std::string> codes;
  PROM_TRY(const auto store, stored_market(context));
  if (store != nullptr) {
    const auto series = store->series();
    if (!series) return std::unexpected(store_error(series.error()));
    for (const SeriesInfo& info : *series) codes.push_back(info.key.instrument);
  }
  auto manifest = load_manifest(context.asset("data/MANIFEST.toml"));
  if (!manifest) return std::unexpected(command_error(ExitCode::input_data, manifest.error()));
  for (const BundleFile& file : manifest->files)
    if (file.kind == BundleKind::bars) codes.push_back(file.instrument);
  std::ranges::sort(codes);
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

}  // namespace prom
