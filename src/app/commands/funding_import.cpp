// Files by the archive's reader, the store by its port.
#include "app/commands/funding_import.h"

#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "adapters/feeds/archive/import.h"
#include "app/commands/import_stop.h"
#include "app/market/market_at_hand.h"

namespace prom {
namespace {

Value count(std::uint64_t n) { return {static_cast<std::int64_t>(n)}; }

CommandError failed(const ImportError& error) {
  const std::string hint = (error.hint.empty() ? "" : error.hint + "; ") + std::string("nothing was imported");
  return {ExitCode::input_data, "import_failed", describe(error), hint, {{"rows", 0}, {"errors", ValueList{place_of(error)}}}};
}

CommandError refused(std::string code, std::string why, std::string hint) { return {ExitCode::usage, std::move(code), std::move(why), std::move(hint), {}}; }

/// All files by time.
class Rates {
 public:
  std::expected<void, ImportError> add(const std::string& path, const ImportedFunding& file) {
    for (const FundingEntry& entry : file.rows) {
      const auto [at, fresh] = by_time_.try_emplace(entry.time, entry.rate, path);
      if (fresh) continue;
      ++repeated_;
      if (at->second.first == entry.rate) continue;
      ImportError error;
      error.fault = ImportFault::conflict;
      error.path = path;
      error.text = format_rfc3339(entry.time);
      error.message = at->second.second + " has another rate for the same time";
      error.hint = "keep one of the two";
      return std::unexpected(error);
    }
    return {};
  }
  std::vector<FundingRow> rows() const {
    std::vector<FundingRow> out;
    for (const auto& [time, rate] : by_time_) out.push_back({time, rate.first});
    return out;
  }
  std::uint64_t repeated() const { return repeated_; }

 private:
  std::map<TimeNs, std::pair<Decimal, std::string>> by_time_;  ///< rate, and the file that it came from
  std::uint64_t repeated_ = 0;
};

}  // namespace

std::expected<Value, CommandError> import_funding(AppContext& context, const ImportJob& job) {
  if (!job.interval.empty()) return std::unexpected(refused("bad_option", "--interval is a length of bars; funding rates have their times", "leave it out"));
  if (job.replace) return std::unexpected(refused("bad_option", "--replace is for recordings; rates that are sent again always replace", "leave it out"));
  PROM_TRY(const InstrumentCatalogue catalogue, load_catalogue(context));
  PROM_TRY(const std::string code, instrument_code_of(job.instrument, catalogue));
  if (parse_instrument_code(code)->payoff == Payoff::spot)
    return std::unexpected(refused("no_funding", code + " is a spot market: no funding is paid there", "name the perpetual contract: --market linear"));
  PROM_TRY(const ImportStop stop, ImportStop::watch());
  Rates rates;
  std::uint64_t rows = 0, duplicates = 0, reordered = 0;
  ValueList files;
  for (const std::string& path : job.files) {
    if (stop.requested()) {
      CommandError error = stop.error(path);
      error.hint = "nothing was imported; start it again";
      error.details = {{"rows", 0}, {"errors", ValueList{}}};
      return std::unexpected(error);
    }
    const auto read = read_funding(path);
    if (!read) return std::unexpected(failed(read.error()));
    if (const auto added = rates.add(path, *read); !added) return std::unexpected(failed(added.error()));
    rows += read->rows.size() + read->duplicates;
    duplicates += read->duplicates;
    reordered += read->reordered;
    files.emplace_back(ValueObject{{"path", path}, {"rows", count(read->rows.size() + read->duplicates)}, {"sha256", read->sha256}});
  }
  const std::vector<FundingRow> all = rates.rows();
  PROM_TRY(const auto store, market_to_write(context));
  if (const auto put = store->put_funding(code, all); !put) return std::unexpected(store_failed(put.error()));
  return Value(ValueObject{{"instrument", code},
                           {"rows", count(rows)},
                           {"rates", count(all.size())},
                           {"from", all.front().time},
                           {"to", all.back().time},
                           {"errors", ValueList{}},
                           {"duplicates", count(duplicates + rates.repeated())},
                           {"reordered", count(reordered)},
                           {"files", std::move(files)}});
}

std::expected<ValueList, CommandError> list_funding(AppContext& context) {
  ValueList out;
  PROM_TRY(const auto store, stored_market(context));
  if (store == nullptr) return out;
  const auto held = store->funding_held();
  if (!held) return std::unexpected(store_failed(held.error()));
  for (const FundingInfo& info : *held)
    out.emplace_back(ValueObject{{"instrument", info.instrument}, {"rates", count(info.rates)}, {"from", info.first}, {"to", info.last}});
  return out;
}

}  // namespace prom
