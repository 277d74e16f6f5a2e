// File to parser, and the words for errors.
#include "adapters/feeds/archive/import.h"

#include <algorithm>
#include <numeric>

#include "adapters/feeds/archive/bars_text.h"
#include "adapters/feeds/archive/byte_source.h"
#include "adapters/feeds/archive/funding_text.h"

namespace prom {
namespace {

template <class Parser>
std::expected<std::string, ImportError> pump(const std::string& path, Parser& parser, const std::function<ImportFlow(const archive::ByteSource&)>& on_chunk) {
  PROM_TRY(const auto source, archive::ByteSource::open(path));
  for (;;) {
    PROM_TRY(const std::string_view chunk, source->next());
    if (chunk.empty()) return source->sha256();
    PROM_CHECK_OK(parser.feed(chunk));
    if (on_chunk && on_chunk(*source) == ImportFlow::stop) return err(archive::stopped());
  }
}

template <class T>
std::expected<T, ImportError> with_path(std::expected<T, ImportError> result, const std::string& path) {
  if (!result) {
    result.error().path = path;
    for (ImportError& other : result.error().more) other.path = path;
  }
  return result;
}

std::expected<ImportedBars, ImportError> read_bars_of(const ImportRequest& request, const OnImportProgress& on_progress) {
  archive::BarsText parser(request.options);
  const auto report = [&](const archive::ByteSource& source) {
    return on_progress ? on_progress({source.packed_read(), source.packed_size(), parser.rows()}) : ImportFlow::go_on;
  };
  PROM_TRY(std::string digest, pump(request.path, parser, report));
  PROM_TRY(ImportedBars bars, parser.finish());
  bars.sha256 = std::move(digest);
  return bars;
}

std::expected<ImportedFunding, ImportError> read_funding_of(const std::string& path) {
  archive::FundingText parser;
  PROM_TRY(std::string digest, pump(path, parser, {}));
  PROM_TRY(ImportedFunding funding, parser.finish());
  funding.sha256 = std::move(digest);
  return funding;
}

}  // namespace

std::string_view dialect_name(ArchiveDialect dialect) {
  switch (dialect) {
    case ArchiveDialect::binance_klines: return "binance_klines";
    case ArchiveDialect::trades: return "trades";
    case ArchiveDialect::okx_candles: return "okx_candles";
    case ArchiveDialect::bybit_candles: return "bybit_candles";
    case ArchiveDialect::generic_csv: return "generic_csv";
    case ArchiveDialect::json: return "json";
  }
  __builtin_unreachable();
}

std::string describe(const ImportError& error) {
  std::string out = error.path;
  if (error.line != 0) out += (out.empty() ? "line " : ":") + std::to_string(error.line);
  if (error.column != 0) out += ", column " + std::to_string(error.column);
  if (!out.empty()) out += ": ";
  out += error.message;
  if (!error.text.empty()) out += ": \"" + error.text + "\"";
  return out;
}

std::expected<ImportedBars, ImportError> read_bars(const ImportRequest& request, const OnImportProgress& on_progress) {
  return with_path(read_bars_of(request, on_progress), request.path);
}

std::expected<ImportedBars, ImportError> parse_bars(std::string_view text, const BarsOptions& options) {
  archive::BarsText parser(options);
  PROM_CHECK_OK(parser.feed(text));
  return parser.finish();
}

std::expected<ImportedFunding, ImportError> read_funding(const std::string& path) { return with_path(read_funding_of(path), path); }

std::expected<ImportedFunding, ImportError> parse_funding(std::string_view text) {
  archive::FundingText parser;
  PROM_CHECK_OK(parser.feed(text));
  return parser.finish();
}

}  // namespace prom
