// See the header.
#include "adapters/stores/clickhouse/fill_rows.h"

#include "adapters/stores/clickhouse/row_binary.h"

namespace prom::clickhouse {
namespace {
constexpr std::int64_t kMsNs = 1'000'000;
}  // namespace

void append_run_fill(std::string& out, const FillPlace& place, const Instrument& instrument, const Fill& fill, std::string_view fee_asset) {
  RowWriter row(out);
  row.text(place.run).text(instrument_code(instrument)).i64(fill.time.ns / kMsNs).u64(place.frame).u64(fill.trade.v).u64(fill.order.v);
  row.u8(fill.side == Side::buy ? 1 : 2).u8(fill.liquidity == Liquidity::maker ? 1 : 2);
  row.decimal(Decimal::from_units(fill.price.v, instrument.price_digits)).decimal(Decimal::from_units(fill.quantity.v, instrument.quantity_digits));
  row.decimal(fill.fee.amount).text(fee_asset).decimal(fill.slippage);
}

}  // namespace prom::clickhouse
