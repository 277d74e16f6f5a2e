// Fuzz target: what a server answers is read as bars without reading beyond its end, and bars that are read have aligned columns.
#include <cstdint>
#include <string_view>

#include "adapters/stores/clickhouse/bar_rows.h"
#include "adapters/stores/clickhouse/row_binary.h"
#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prom;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto bars = clickhouse::read_bars(bytes, kMinute, 0, 0)) {
    PROM_ASSERT(bars->open.size() == bars->size() && bars->volume.size() == bars->size() && bars->close_f.size() == bars->size());
    PROM_ASSERT(bars->taker_buy_volume.empty() || bars->taker_buy_volume.size() == bars->size());
  }
  clickhouse::RowReader reader(bytes);
  while (!reader.at_end()) {
    const std::size_t length = reader.text().size();
    PROM_ASSERT(length <= size);
  }
  return 0;
}
