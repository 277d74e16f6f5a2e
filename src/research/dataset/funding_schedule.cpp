// Funding settlements in order. Any thread.
#include "research/dataset/funding_schedule.h"

namespace prom {

Settlement next_settlement(const InstrumentData& series, TimeNs after, std::size_t& row) {
  const Instrument& instrument = series.instrument;
  if (instrument.payoff == Payoff::spot || instrument.funding_interval.ns <= 0) return {};
  while (row < series.funding.size() && series.funding[row].time <= after) ++row;
  // Beyond the records the assumed rate is charged on the instrument's own schedule: unknown is never zero.
  const TimeNs assumed = floor_to(after, instrument.funding_interval) + instrument.funding_interval;
  if (row == series.funding.size()) return {assumed, std::nullopt};
  const FundingRow& next = series.funding[row];
  const bool before_records = row == 0 && assumed + instrument.funding_interval <= next.time;
  if (before_records) return {assumed, std::nullopt};
  return {next.time, next.rate};
}

std::vector<FundingCharge> funding_charges(const InstrumentData& series, std::optional<Decimal> given) {
  std::vector<FundingCharge> out;
  if (series.bars.empty()) return out;
  std::size_t row = 0;
  Settlement next = next_settlement(series, TimeNs{series.bars.open_time_ns.front()}, row);
  for (std::size_t i = 1; i < series.bars.size(); ++i) {
    for (; next.time <= TimeNs{series.bars.open_time_ns[i]}; next = next_settlement(series, next.time, row)) {
      const bool recorded = next.recorded.has_value() && !given;
      out.push_back({i, given ? *given : next.recorded.value_or(series.instrument.assumed_funding_rate), recorded});
    }
  }
  return out;
}

}  // namespace prom
