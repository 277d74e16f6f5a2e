// Bundle, market store or file to data set. Main thread.
#include "app/run/scenario_data.h"

#include <algorithm>
#include <filesystem>
#include <initializer_list>

#include "adapters/feeds/archive/bundle.h"
#include "adapters/feeds/archive/fit_instrument.h"
#include "adapters/feeds/archive/import.h"
#include "app/market/market_at_hand.h"
#include "base/sha256.h"
#include "base/text.h"

namespace prom {
namespace {

/// Order sizes of an instrument of which nothing is known: a hundred-thousandth of a coin, as on the venues' spot markets.
constexpr int kUnknownQuantityDigits = 5;
/// Volumes are rounded to these: a file written from floating point has more, and order sizes that fine would leave no room for large ones.
constexpr int kMaxVolumeDigits = 8;

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

void round_volumes(BarColumns& bars, int digits) {
  std::int64_t factor = 1;
  for (; bars.quantity_digits > digits; --bars.quantity_digits) factor *= 10;
  if (factor == 1) return;
  for (auto* column : {&bars.volume, &bars.taker_buy_volume})
    for (std::int64_t& value : *column) value = value / factor + (value % factor >= factor / 2 ? 1 : 0);
}

/// Whole coins in the data's volumes are no reason to trade whole coins only; fewer digits where volumes of billions of coins would not fit.
int unknown_quantity_digits(const BarColumns& bars) {
  std::int64_t most = 0;
  for (const auto* column : {&bars.volume, &bars.taker_buy_volume})
    for (const std::int64_t value : *column) most = std::max(most, value);
  int digits = bars.quantity_digits;
  for (; digits < kUnknownQuantityDigits && most <= INT64_MAX / 10; ++digits) most *= 10;
  return digits;
}

/// An instrument that the catalogue does not have; its assets are added to the list.
std::expected<Instrument, CommandError> unknown_instrument(const std::string& code, int price_digits, int quantity_digits, std::vector<std::string>& assets) {
  auto unknown = instrument_from_data(code, price_digits, quantity_digits);
  if (!unknown) return std::unexpected(command_error(ExitCode::usage, unknown.error()));
  Instrument instrument = std::move(unknown->instrument);
  const auto index_of = [&](const std::string& name) {
    const auto at = std::find(assets.begin(), assets.end(), name);
    if (at != assets.end()) return AssetIx{static_cast<std::uint16_t>(at - assets.begin())};
    assets.push_back(name);
    return AssetIx{static_cast<std::uint16_t>(assets.size() - 1)};
  };
  instrument.base = index_of(unknown->base);
  instrument.quote = index_of(unknown->quote);
  instrument.settle = instrument.payoff == Payoff::inverse ? instrument.base : instrument.quote;
  return instrument;
}

std::expected<LoadedData, CommandError> from_csv(const InstrumentCatalogue& catalogue, const ScenarioOptions& options) {
  const std::string code = options.instruments.empty() ? "binance:spot:BTCUSDT" : options.instruments.front();
  if (options.instruments.size() > 1)
    return std::unexpected(CommandError{ExitCode::usage, "one_instrument", "--csv is one instrument's file; more than one --instrument was given", {}, {}});
  ImportRequest request;
  request.path = options.csv;
  if (const auto parsed = parse_instrument_code(code)) request.options.venue = parsed->venue;
  auto loose = read_bars(request, {});
  if (!loose) return std::unexpected(input_error("bad_data", describe(loose.error()), loose.error().hint));
  std::vector<std::string> assets = catalogue.assets;
  InstrumentData series;
  round_volumes(loose->bars, kMaxVolumeDigits);
  if (const Instrument* known = catalogue.find(code)) {
    series.instrument = fit_scales(*known, loose->bars);
  } else {
    auto unknown = unknown_instrument(code, loose->bars.price_digits, unknown_quantity_digits(loose->bars), assets);
    if (!unknown) return std::unexpected(unknown.error());
    series.instrument = std::move(*unknown);
  }
  series.instrument = with_fees(series.instrument, options);
  if (!to_scales_of(series.instrument, loose->bars))
    return std::unexpected(input_error("bad_data", options.csv + ": a price or volume is too large for the scale of " + code, "is this the right instrument?"));
  series.bars = std::move(loose->bars);
  series.sha256 = std::move(loose->sha256);
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
  std::string title = about != nullptr ? about->title : set;
  std::string chosen;
  for (const InstrumentData& series : window.series) chosen += (chosen.empty() ? "" : ", ") + series.instrument.symbol;
  if (window.series.size() < bundle->bars.size()) title += " (" + chosen + " alone)";
  return LoadedData{std::move(window), std::move(title)};
}

/// SHA-256 over the bars themselves: an import is known by what it holds, not by what its files were called.
std::string digest_of(const BarColumns& bars, const std::vector<FundingRow>& funding) {
  Sha256 sha;
  std::string line;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    line.clear();
    for (const std::int64_t value : {bars.open_time_ns[i], bars.open[i], bars.high[i], bars.low[i], bars.close[i], bars.volume[i]})
      line += std::to_string(value) + ",";
    if (!bars.taker_buy_volume.empty()) line += std::to_string(bars.taker_buy_volume[i]);
    sha.update(line + "\n");
  }
  for (const FundingRow& row : funding) sha.update("funding " + std::to_string(row.time.ns) + "," + row.rate.to_string() + "\n");
  return sha.hex();
}

CommandError store_error(const StoreError& error) { return {ExitCode::outside_away, "market_store", error.detail, error.hint, {}}; }

const SeriesInfo* series_of(const std::vector<SeriesInfo>& known, const SeriesKey& key) {
  const auto at = std::find_if(known.begin(), known.end(), [&](const SeriesInfo& info) { return info.key == key; });
  return at == known.end() ? nullptr : &*at;
}

/// The intervals that every code was imported at, those of which the strategy's timeframe can be made where there are such.
std::vector<DurationNs> shared_intervals(const std::vector<SeriesInfo>& known, const ScenarioOptions& options) {
  std::vector<DurationNs> shared;
  for (const SeriesInfo& info : known) {
    const bool everywhere =
        std::ranges::all_of(options.instruments, [&](const std::string& code) { return series_of(known, {code, info.key.interval}) != nullptr; });
    if (everywhere && std::ranges::find(shared, info.key.interval) == shared.end()) shared.push_back(info.key.interval);
  }
  std::ranges::sort(shared);
  const auto strategy = make_strategy(options.strategy, options.parameters);
  if (!strategy) return shared;  // the desk, or a fault that is named later
  const auto unfit = [&](DurationNs interval) { return (*strategy)->timeframe().ns % interval.ns != 0; };
  if (!std::ranges::all_of(shared, unfit)) std::erase_if(shared, unfit);
  return shared;
}

/// The finest interval at which the codes cover the range asked for; where none covers it, the one that covers most of it. Without --from or --to that end is
/// as far as the imported bars reach; less than one bar of the coarsest makes no difference. Nothing where the codes share no interval.
std::optional<DurationNs> interval_for(const std::vector<SeriesInfo>& known, const ScenarioOptions& options) {
  struct Candidate {
    DurationNs interval;
    TimeNs from{INT64_MIN}, to = kNever;
  };
  std::vector<Candidate> candidates;
  for (const DurationNs interval : shared_intervals(known, options)) {
    Candidate& c = candidates.emplace_back(Candidate{interval});
    for (const std::string& code : options.instruments) {
      const SeriesInfo& info = *series_of(known, {code, interval});
      c.from = std::max(c.from, info.first);
      c.to = std::min(c.to, info.last + interval);
    }
  }
  if (candidates.empty()) return std::nullopt;
  const DurationNs coarsest = candidates.back().interval;
  const TimeNs earliest = std::ranges::min(candidates, {}, &Candidate::from).from, latest = std::ranges::max(candidates, {}, &Candidate::to).to;
  TimeNs from = options.from.value_or(earliest), to = options.to.value_or(latest);
  for (const Candidate& c : candidates) {
    if (!options.from && c.from - earliest < coarsest) from = std::max(from, c.from);
    if (!options.to && latest - c.to < coarsest) to = std::min(to, c.to);
  }
  const auto covered = [&](const Candidate& c) { return std::max(DurationNs{0}, std::min(to, c.to) - std::max(from, c.from)); };
  return std::ranges::max(candidates, {}, covered).interval;  // the first of equals: the finest
}

/// The imported series of every code at the interval that suits the range; nothing where one of them was not imported.
std::expected<std::optional<LoadedData>, CommandError> from_store(AppContext& context, const InstrumentCatalogue& catalogue, const ScenarioOptions& options) {
  if (options.instruments.empty()) return std::nullopt;
  PROM_TRY(const auto store, stored_market(context));
  if (store == nullptr) return std::nullopt;
  const auto known = store->series();
  if (!known) return std::unexpected(store_error(known.error()));
  std::vector<std::string> assets = catalogue.assets;
  std::vector<InstrumentData> all;
  const std::optional<DurationNs> interval = interval_for(*known, options);
  for (const std::string& code : options.instruments) {
    const SeriesInfo* chosen = nullptr;
    for (const SeriesInfo& info : *known) {
      if (info.key.instrument != code) continue;
      // Where the codes share no interval the finest of each is taken, and refused together.
      if (interval ? info.key.interval == *interval : chosen == nullptr || info.key.interval < chosen->key.interval) chosen = &info;
    }
    if (chosen == nullptr) return std::nullopt;
    auto bars = store->bars(chosen->key, TimeNs{INT64_MIN}, kNever, UINT64_MAX);
    if (!bars) return std::unexpected(store_error(bars.error()));
    InstrumentData series;
    if (const Instrument* instrument = catalogue.find(code)) {
      series.instrument = fit_scales(*instrument, *bars);
    } else {
      auto unknown = unknown_instrument(code, bars->price_digits, unknown_quantity_digits(*bars), assets);
      if (!unknown) return std::unexpected(unknown.error());
      series.instrument = std::move(*unknown);
    }
    series.instrument = with_fees(series.instrument, options);
    auto funding = store->funding(code, TimeNs{INT64_MIN}, kNever);
    if (!funding) return std::unexpected(store_error(funding.error()));
    series.funding = std::move(*funding);
    series.sha256 = digest_of(*bars, series.funding);
    if (!to_scales_of(series.instrument, *bars))
      return std::unexpected(input_error("bad_data", "a stored price or volume of " + code + " is too large for its scale", "is this the right instrument?"));
    series.bars = std::move(*bars);
    series.origin = chosen->origin;
    all.push_back(std::move(series));
  }
  auto data = make_dataset(std::move(assets), std::move(all));
  if (!data) return std::unexpected(input_error("bad_data", data.error(), {}));
  return LoadedData{std::move(*data), "imported data"};
}

/// Neither imported nor, all of them in one set, bundled: names the nearest known code where the first one is misspelt.
CommandError no_data(const InstrumentCatalogue& catalogue, const BundleManifest& manifest, const std::vector<std::string>& codes) {
  const std::vector<std::string> known = catalogue.codes();
  for (const std::string& code : codes) {
    if (catalogue.find(code) != nullptr) continue;
    const auto nearest = closest(code, std::vector<std::string_view>(known.begin(), known.end()));
    std::string advice = nearest ? "did you mean '" + std::string(*nearest) + "'? Else import it: " : "import it: ";
    advice.append("promtrade data import FILE --instrument ").append(code);
    return {ExitCode::usage, "unknown_instrument", "no instrument is called '" + code + "'", advice, {}};
  }
  std::string where;
  for (const std::string& code : codes)
    if (const auto set = set_with(manifest, {code})) where += (where.empty() ? "" : ", ") + code + " in " + *set;
  if (!where.empty())
    return input_error("no_data", "no one set of data has " + join(codes, " and ") + ": bundled are " + where,
                       "run them one at a time, or import all of them: promtrade data import FILE --instrument " + codes.front() + " --interval 1m");
  return input_error("no_data", "there is no data for " + join(codes, " and ") + ": it is neither bundled nor imported",
                     "import it: promtrade data import FILE --instrument " + codes.front() + " --interval 1m");
}

}  // namespace

std::expected<LoadedData, CommandError> load_scenario_data(AppContext& context, const ScenarioOptions& options) {
  auto catalogue = load_instruments(context.asset("instruments.toml"));
  if (!catalogue) return std::unexpected(command_error(ExitCode::usage, catalogue.error()));
  if (!options.csv.empty()) return from_csv(*catalogue, options);
  ScenarioOptions named = options;
  for (std::string& code : named.instruments) {
    const auto parsed = parse_instrument_code(code);
    if (!parsed) return std::unexpected(CommandError{ExitCode::usage, "bad_instrument", "'" + code + "' is no instrument: " + parsed.error(), {}, {}});
    code = std::string(venue_name(parsed->venue)) + ":" + std::string(market_name(parsed->payoff)) + ":" + parsed->symbol;
  }
  // What was imported comes before what is bundled; without --instrument the bundled default is the same on every machine.
  if (options.bundle_set.empty()) {
    auto stored = from_store(context, *catalogue, named);
    if (!stored) return std::unexpected(stored.error());
    if (*stored) return std::move(**stored);
  }
  auto manifest = load_manifest(context.asset("data/MANIFEST.toml"));
  if (!manifest) return std::unexpected(command_error(ExitCode::input_data, manifest.error()));
  std::string set = options.bundle_set;
  if (set.empty() && named.instruments.empty()) {
    for (const BundleSet& candidate : manifest->sets)
      if (candidate.role == "replay") set = candidate.name;
  } else if (set.empty()) {
    const auto found = set_with(*manifest, named.instruments);
    if (!found) return std::unexpected(no_data(*catalogue, *manifest, named.instruments));
    set = *found;
  }
  return from_bundle(context, *catalogue, *manifest, set, named.instruments, options);
}

}  // namespace prom
