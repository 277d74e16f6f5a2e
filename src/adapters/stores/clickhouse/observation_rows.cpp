// See the header.
#include "adapters/stores/clickhouse/observation_rows.h"

#include "adapters/stores/clickhouse/row_binary.h"

namespace prom::clickhouse {

void append_observation(std::string& out, const Observation& o) {
  RowWriter row(out);
  row.text(o.series).text(o.subject).text(o.source).text(o.id).i64(o.event_time.ns).i64(o.available_at.ns);
  row.u8(static_cast<std::uint8_t>(o.trust)).maybe_f64(o.value).text(o.text);
}

}  // namespace prom::clickhouse
