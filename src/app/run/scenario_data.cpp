// Bundle, market store or file to data set. Main thread.
#include "app/run/scenario_data.h"

#include <algorithm>
#include <filesystem>

#include "adapters/feeds/archive/bundle.h"
#include "adapters/feeds/archive/import.h"
#include "adapters/stores/sqlite_market/market_store.h"
#include "base/text.h"

namespace prom {
namespace {

CommandError input_error(std::string code, std::string message, std::string hint) {
  return {ExitCode::input_data, std::move(code), std::move(message), std::move(hint), {}};
}

Instrument with_fees(Instrument instrument, const ScenarioOptions& options) {
  if (options.fee_maker) instrument.fees.maker = *options.fee_maker;
  if (options.fee_taker) instrument.fees.taker = *options.fee_taker;
  return instrument;
}

std::vector<FundingRow> rows_of(const std::vector<FundingEntry>& entries) {
  std::vector<FundingRow> rows;
  for (const FundingEntry& entry : entries) rows.push_back({entry.time, entry.rate});
  return rows;
}

/// Whether the data fits the instrument's scales; where it does not, the instrument takes finer ones and the tick of the data.
Instrument fit_scales(Instrument instrument, const BarColumns& bars) {
  if (bars.price_digits > instrument.price_digits) {
    instrument.price_digits = static_cast<std::uint8_t>(bars.price_digits);
    instrument.tick = {1};
  }
  while (instrument.quantity_digits < bars.quantity_digits) {
    ++instrument.quantity_digits;
    instrument.step.v *= 10;
    instrument.min_quantity.v *= 10;
    instrument.max_quantity.v = instrument.max_quantity.v > INT64_MAX / 10 ? INT64_MAX : instrument.max_quantity.v * 10;
  }
  return instrument;
}

std::expected<LoadedData, CommandError> from_csv(const InstrumentCatalogue& catalogue, const ScenarioOptions& options) {
  const std::string code = options.instruments.empty() ? "binance:spot:BTCUSDT" : options.instruments.front();
  if (options.instruments.size() > 1)
    return std::unexpected(CommandError{ExitCode::usage, "one_instrument", "--csv is one instrument's file; more than one --instrument was given", {}, {}});
  ImportRequest request;
  request.path = options.csv;
  auto loose = read_bars(request, {});
  if (!loose) return std::unexpected(input_error("bad_data", describe(loose.error()), loose.error().hint));
  std::vector<std::string> assets = catalogue.assets;
  InstrumentData series;
  if (const Instrument* known = catalogue.find(code)) {
    series.instrument = fit_scales(*known, loose->bars);
  } else {
    auto unknown = instrument_from_data(code, loose->bars.price_digits, loose->bars.quantity_digits);
    if (!unknown) return std::unexpected(command_error(ExitCode::usage, unknown.error()));
    series.instrument = unknown->instrument;
    const auto index_of = [&](const std::string& name) {
      const auto at = std::find(assets.begin(), assets.end(), name);
      if (at != assets.end()) return AssetIx{static_cast<std::uint16_t>(at - assets.begin())};
      assets.push_back(name);
      return AssetIx{static_cast<std::uint16_t>(assets.size() - 1)};
    };
    series.instrument.base = index_of(unknown->base);
    series.instrument.quote = index_of(unknown->quote);
    series.instrument.settle = series.instrument.payoff == Payoff::inverse ? series.instrument.base : series.instrument.quote;
  }
  series.instrument = with_fees(series.instrument, options);
  request.options.instrument = series.instrument;
  auto exact = read_bars(request, {});
  if (!exact) return std::unexpected(input_error("bad_data", describe(exact.error()), exact.error().hint));
  series.bars = std::move(exact->bars);
  series.sha256 = exact->sha256;
  series.origin = options.csv;
  std::vector<InstrumentData> all;
  all.push_back(std::move(series));
  auto data = make_dataset(std::move(assets), std::move(all));
  if (!data) return std::unexpected(input_error("bad_data", data.error(), {}));
  return LoadedData{std::move(*data), std::filesystem::path(options.csv).filename().string()};
}

/// The set that has every one of the codes; nothing when none does.
std::optional<std::string> set_with(const BundleManifest& manifest, const std::vector<std::string>& codes) {
  for (const BundleSet& set : manifest.sets) {
    const bool all = std::all_of(codes.begin(), codes.end(), [&](const std::string& code) {
      return std::any_of(manifest.files.begin(), manifest.files.end(),
                         [&](const BundleFile& file) { return file.set == set.name && file.kind == BundleKind::bars && file.instrument == code; });
    });
    if (all) return set.name;
  }
  return std::nullopt;
}

std::expected<LoadedData, CommandError> from_bundle(AppContext& context, const InstrumentCatalogue& catalogue, const BundleManifest& manifest,
                                                    const std::string& set, const std::vector<std::string>& codes, const ScenarioOptions& options) {
  auto bundle = load_bundle(context.asset("data/MANIFEST.toml"), catalogue, set);
  if (!bundle) return std::unexpected(command_error(ExitCode::input_data, bundle.error()));
  std::vector<InstrumentData> all;
  for (BundleBars& bars : bundle->bars) {
    if (!codes.empty() && std::find(codes.begin(), codes.end(), bars.instrument) == codes.end()) continue;
    InstrumentData series;
    series.instrument = with_fees(*catalogue.find(bars.instrument), options);
    series.bars = std::move(bars.bars);
    for (const std::string& hash : bars.sha256) series.sha256 += (series.sha256.empty() ? "" : "+") + hash;
    series.origin = "bundle " + bars.set;
    for (const BundleFunding& funding : bundle->funding)
      if (funding.instrument == bars.instrument) series.funding = rows_of(funding.rows);
    all.push_back(std::move(series));
  }
  auto data = make_dataset(catalogue.assets, std::move(all));
  if (!data) return std::unexpected(input_error("bad_data", data.error(), {}));
  const BundleSet* about = manifest.find_set(set);
  Dataset window = about != nullptr && about->from < about->to ? data->slice(about->from, about->to) : std::move(*data);
  return LoadedData{std::move(window), about != nullptr ? about->title : set};
}

std::expected<LoadedData, CommandError> from_store(AppContext& context, const InstrumentCatalogue& catalogue, const ScenarioOptions& options) {
  const std::string path = context.state().market();
  const auto missing = [&](const std::string& code) {
    return std::unexpected(input_error("no_data", "there is no data for " + code + ": it is neither bundled nor imported",
                                       "import it: promtrade data import FILE --instrument " + code + " --interval 1m"));
  };
  if (!std::filesystem::exists(path)) return missing(options.instruments.front());
  auto store = open_sqlite_market_store(path);
  if (!store) return std::unexpected(CommandError{ExitCode::outside_away, "market_store", store.error().detail, store.error().hint, {}});
  const auto known = (*store)->series();
  if (!known) return std::unexpected(CommandError{ExitCode::outside_away, "market_store", known.error().detail, known.error().hint, {}});
  std::vector<InstrumentData> all;
  for (const std::string& code : options.instruments) {
    const SeriesInfo* finest = nullptr;
    for (const SeriesInfo& info : *known)
      if (info.key.instrument == code && (finest == nullptr || info.key.interval < finest->key.interval)) finest = &info;
    const Instrument* instrument = catalogue.find(code);
    if (finest == nullptr || instrument == nullptr) return missing(code);
    auto bars = (*store)->bars(finest->key, TimeNs{INT64_MIN}, kNever, UINT64_MAX);
    if (!bars) return std::unexpected(CommandError{ExitCode::outside_away, "market_store", bars.error().detail, bars.error().hint, {}});
    InstrumentData series;
    series.instrument = with_fees(fit_scales(*instrument, *bars), options);
    series.bars = std::move(*bars);
    series.sha256 = sha256_hex(finest->origin);
    series.origin = finest->origin;
    if (auto funding = (*store)->funding(code, TimeNs{INT64_MIN}, kNever)) series.funding = std::move(*funding);
    all.push_back(std::move(series));
  }
  auto data = make_dataset(catalogue.assets, std::move(all));
  if (!data) return std::unexpected(input_error("bad_data", data.error(), {}));
  return LoadedData{std::move(*data), "imported data"};
}

}  // namespace

std::expected<LoadedData, CommandError> load_scenario_data(AppContext& context, const ScenarioOptions& options) {
  auto catalogue = load_instruments(context.asset("instruments.toml"));
  if (!catalogue) return std::unexpected(command_error(ExitCode::usage, catalogue.error()));
  if (!options.csv.empty()) return from_csv(*catalogue, options);
  ScenarioOptions named = options;
  for (std::string& code : named.instruments) {
    const Instrument* instrument = catalogue->find(code);
    if (instrument == nullptr) {
      const std::vector<std::string> codes = catalogue->codes();
      return std::unexpected(CommandError{ExitCode::usage,
                                          "unknown_instrument",
                                          "no instrument is called '" + code + "'",
                                          "known ones: " + codes.front() + ", ... (assets/instruments.toml lists all " + std::to_string(codes.size()) + ")",
                                          {}});
    }
    code = instrument_code(*instrument);
  }
  auto manifest = load_manifest(context.asset("data/MANIFEST.toml"));
  if (!manifest) return std::unexpected(command_error(ExitCode::input_data, manifest.error()));
  std::string set = options.bundle_set;
  if (set.empty() && named.instruments.empty()) {
    for (const BundleSet& candidate : manifest->sets)
      if (candidate.role == "replay") set = candidate.name;
  } else if (set.empty()) {
    const auto found = set_with(*manifest, named.instruments);
    if (!found) return from_store(context, *catalogue, named);
    set = *found;
  }
  return from_bundle(context, *catalogue, *manifest, set, named.instruments, options);
}

}  // namespace prom
