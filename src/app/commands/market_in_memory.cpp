// From inputs to one view with dense indexes.
#include "app/commands/market_in_memory.h"

#include <memory>

namespace prom {

std::expected<MarketInMemory, CommandError> market_in_memory(std::vector<MarketInput> inputs) {
  const bool bare = inputs.front().bars.open_time_ns.empty();
  const TimeNs last{bare ? 0 : inputs.front().bars.open_time_ns.back()};
  const DurationNs base = inputs.front().bars.interval;
  std::vector<ColumnMarketSource> sources;
  std::vector<std::string> assets = inputs.front().assets;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    MarketInput& input = inputs[i];
    input.instrument.ix = InstrumentIx{static_cast<std::uint16_t>(i)};
    std::vector<FundingObservation> funding;
    for (const FundingRow& row : input.funding) funding.push_back({row.time, row.time, row.rate.to_double(), Provenance::venue});
    sources.push_back({input.instrument, std::make_shared<const BarColumns>(std::move(input.bars)), std::move(funding), input.source});
  }
  Instrument first = inputs.front().instrument;
  std::string note = inputs.front().note;
  auto view = ColumnMarketView::make(std::move(sources));
  if (!view) {
    return std::unexpected(CommandError{ExitCode::input_data,
                                        "bad_data",
                                        "bar " + std::to_string(view.error().index) + " cannot be used: not ascending, or a value that is no positive number",
                                        "",
                                        {}});
  }
  return MarketInMemory{std::move(*view), std::move(first), std::move(assets), base, last + base, std::move(note)};
}

std::expected<TimeNs, CommandError> instant_of(const std::string& text, const MarketInMemory& market) {
  if (text.empty()) return market.last_close;
  const auto time = parse_time_any(text);
  if (time) return *time;
  return std::unexpected(
      CommandError{ExitCode::usage, "bad_time", "'" + text + "' is no time: " + std::string(describe(time.error())), "write 2025-05-04T15:36:00Z", {}});
}

}  // namespace prom
